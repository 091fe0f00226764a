"""Processes: where they run, what belongs to them, how much memory is theirs."""

import os
import signal
import subprocess

STOP_SECONDS = 5


def pinned(cpu, command):
    """The command, bound to a CPU, or to several ("0,1"); as it is where there is only one."""
    return command if cpu is None else ["taskset", "-c", str(cpu), *command]


def stop(process):
    """Asks the process to end; after a while, ends it."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def family(pid):
    """The process and all its descendants."""
    children = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                with open(f"/proc/{entry}/stat") as stat:
                    parent = int(stat.read().rsplit(")", 1)[1].split()[1])
            except (FileNotFoundError, ProcessLookupError):
                continue  # it has just ended
            children.setdefault(parent, []).append(int(entry))
    found, todo = [], [pid]
    while todo:
        member = todo.pop()
        found.append(member)
        todo.extend(children.get(member, []))
    return found


def pss_bytes(pids):
    """User-space memory: pages that are shared count by share."""
    total = 0
    for pid in pids:
        with open(f"/proc/{pid}/smaps_rollup") as rollup:
            for line in rollup:
                if line.startswith("Pss:"):
                    total += int(line.split()[1]) * 1024
    return total


def resident_bytes(pid):
    with open(f"/proc/{pid}/statm") as sizes:
        return int(sizes.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def cpu_seconds(pids):
    """Of all threads, in user space and in the kernel."""
    ticks = 0
    for pid in pids:
        with open(f"/proc/{pid}/stat") as stat:
            ticks += sum(int(field) for field in stat.read().rsplit(")", 1)[1].split()[11:13])
    return ticks / os.sysconf("SC_CLK_TCK")


def machine_cpu_seconds():
    """Of the whole machine, with what other guests of its host took."""
    with open("/proc/stat") as stat:
        user, nice, system, _, _, irq, softirq, steal = map(int, stat.readline().split()[1:9])
    return (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")
