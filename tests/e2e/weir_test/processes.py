"""What the kernel knows of processes: who runs, whose child it is, what it has open."""
import os
import signal
import time


def command_line(pid):
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            return file.read().split(b"\0")
    except OSError:
        return []


def environment(pid):
    try:
        with open(f"/proc/{pid}/environ", "rb") as file:
            pairs = [e.partition(b"=") for e in file.read().split(b"\0") if e]
    except OSError:
        return {}
    return {k.decode(): v.decode("latin1") for k, _, v in pairs}


def stat(pid):
    """(state, parent, process group, session), or None once it is gone."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            fields = file.read().rsplit(")", 1)[1].split()
    except OSError:
        return None
    return fields[0], int(fields[1]), int(fields[2]), int(fields[3])


def alive(pid):
    found = stat(pid)
    return found is not None and found[0] not in "ZX"


def everyone():
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def tagged(tag):
    """Living processes with this text as part of an argument; never the caller."""
    needle = tag.encode()
    return [pid for pid in everyone() if pid != os.getpid() and alive(pid) and any(
        needle in argument for argument in command_line(pid))]


def children(parent):
    return [pid for pid in everyone() if (found := stat(pid)) and found[1] == parent]


def descriptors(pid):
    """{number: what it points to}."""
    out = {}
    try:
        for name in os.listdir(f"/proc/{pid}/fd"):
            try:
                out[int(name)] = os.readlink(f"/proc/{pid}/fd/{name}")
            except OSError:
                pass
    except OSError:
        pass
    return out


def resident(pid):
    """Bytes of memory in use."""
    with open(f"/proc/{pid}/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def end(pids, patience=2.0):
    """SIGTERM, then SIGKILL, for processes that the caller started."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        for pid in pids:
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                pass
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline and any(alive(pid) for pid in pids):
            time.sleep(0.01)
        if not any(alive(pid) for pid in pids):
            return
