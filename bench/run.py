#!/usr/bin/env python3
"""Compares weir with HAProxy, nginx and a bare relay on the same work: see docs/benchmarks.md.

Needs the release build (weir, bench_load, bench_relay), h2load and nghttpd. A proxy that is not there is left out, with
a word about it. Writes build/bench/: results.json (the rows), about.json (machine, versions),
runs.jsonl (every single run), and renders docs/benchmarks.md. With --quick or --only it writes to
build/bench/look/ and renders nothing.
"""

import argparse
import datetime
import json
import os
import pathlib
import platform
import resource
import subprocess
import sys
import time

import h2_endpoints
import h2_load
import load_client
import micro
import processes
import proxies
import render
import results
from workloads import WORKLOADS

ROOT = pathlib.Path(__file__).parent.parent
SETTLE_SECONDS = 0.5  # before memory is read
MAX_FOREIGN_PERCENT = 15  # of one core, that others may use during a run before it is repeated


def parse_options():
    names = [workload.name for workload in WORKLOADS]
    proxy_names = [proxy.name for proxy in proxies.all_proxies(pathlib.Path())]
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reps", type=int, help="repetitions, interleaved (default 5; quick 1)")
    parser.add_argument("--seconds", type=float, help="measured, each run (default 5; quick 1.5)")
    parser.add_argument("--retries", type=int, help="of a run that others disturbed: the one with "
                        "the least foreign CPU counts (default 2; quick 0)")
    parser.add_argument("--quick", action="store_true", help="a look, not a measurement")
    parser.add_argument("--only", metavar="NAME,...", default="",
                        help=f"workloads and proxies to run: {', '.join(names + proxy_names)}")
    parser.add_argument("--micro", action="store_true", help="run the micro-benchmarks instead")
    parser.add_argument("--cpus", metavar="LOAD,PROXY", help="CPUs to use (default: the first two)")
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build" / "release")
    parser.add_argument("--out", type=pathlib.Path, help="folder for the results")
    options = parser.parse_args()
    options.reps = options.reps or (1 if options.quick else 5)
    options.seconds = options.seconds or (1.5 if options.quick else 5)
    if options.retries is None:
        options.retries = 0 if options.quick else 2
    only = [name for name in options.only.split(",") if name]
    unknown = set(only) - set(names) - set(proxy_names)
    if unknown:
        parser.error(f"--only: unknown: {', '.join(sorted(unknown))}")
    options.workloads = [name for name in names if name in only] or names
    options.proxies = [name for name in proxy_names if name in only] or proxy_names
    options.complete = not only and not options.quick
    folder = ROOT / "build" / "bench"
    options.out = options.out or (folder if options.complete else folder / "look")
    return options


def choose_cpus(text):
    """One for load and backend, one for the proxy; None leaves it to the kernel."""
    if text:
        load, proxy = (int(cpu) for cpu in text.split(","))
        return load, proxy
    cpus = sorted(os.sched_getaffinity(0))
    if len(cpus) < 2:
        print("only one CPU: load and proxy share it, and the figures mean little", file=sys.stderr)
        return None, None
    return cpus[0], cpus[1]


def allow_descriptors():
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 20000 if hard == resource.RLIM_INFINITY else min(hard, 20000)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return wanted


def processor():
    with open("/proc/cpuinfo") as info:
        for line in info:
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.machine()


def commit():
    done = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=ROOT,
                          capture_output=True, text=True)
    return done.stdout.strip()


def describe(options, found):
    return {
        "date": datetime.date.today().isoformat(),
        "processor": processor(),
        "cpus": os.cpu_count(),
        "kernel": platform.release(),
        "commit": commit(),
        "versions": {proxy.name: proxy.version() for proxy in found},
        "settings": {"repetitions": options.reps, "seconds": options.seconds},
    }


class Bench:
    """Runs one workload on one proxy at a time; each time with a fresh process."""

    def __init__(self, options, load, h2load, endpoints, cpus, descriptors):
        self.options = options
        self.load = load
        self.h2load = h2load
        self.endpoints = endpoints
        self.cpus = cpus
        self.descriptors = descriptors

    def measure(self, workload, proxy, rate=None):
        """The run that others disturbed least, of as many as it takes to have a quiet one."""
        runs = []
        while len(runs) <= self.options.retries:
            runs.append(self._once(workload, proxy, rate))
            if runs[-1]["foreign_percent"] <= MAX_FOREIGN_PERCENT:
                break
        # Errors count, whichever run does.
        best = min(runs, key=lambda run: run["foreign_percent"])
        wrong = [run for run in runs if run["errors"]]
        best.update(tries=len(runs), errors=sum(run["errors"] for run in runs),
                    first_error=wrong[0]["first_error"] if wrong else "")
        return best

    def _once(self, workload, proxy, rate):
        spec = dict(workload.load)
        if rate:
            spec.update(mode="open", rate=round(rate))
        cpu = self.cpus[1]
        if workload.workers > 1 and cpu is not None:
            cpu = f"{self.cpus[0]},{self.cpus[1]}"
        with proxy.running(self.endpoints, cpu, self.descriptors, workload.workers) as running:
            spec.update(port=running.ports[workload.door], pids=running.pids)
            if workload.bytes_bar:
                return self._measure_memory(spec, running)
            client = self.h2load if workload.client == "h2load" else self.load
            return client.run(warm=1, seconds=self.options.seconds, **spec)

    def _measure_memory(self, spec, running):
        """What the connections add to a process that has already worked."""
        spec["connections"] = min(spec["connections"], self.descriptors // 2 - 1000)
        warming = dict(spec, mode="closed", connections=64, warm=0.2, seconds=0.5)
        self.load.run(**warming)
        time.sleep(SETTLE_SECONDS)
        before = processes.pss_bytes(running.pids)
        run = self.load.hold(**spec)
        time.sleep(SETTLE_SECONDS)
        after = processes.pss_bytes(running.pids)
        self.load.close()
        run["connections"] = spec["connections"]
        run["bytes_per_idle_connection"] = (after - before) / spec["connections"]
        return run


def say(run):
    text = (f"{run['repetition']}  {run['workload']:<14}{run['proxy']:<8} {run['rps']:>9,.0f}/s"
            f" {run['cpu_us_per_request']:>8.2f} us CPU"
            f"  p50 {run['p50_us']:>8.0f} us  p99 {run['p99_us']:>8.0f} us"
            f"  foreign {run['foreign_percent']:>3.0f} %")
    if "bytes_per_idle_connection" in run:
        text += f"  {run['bytes_per_idle_connection']:,.0f} bytes a connection"
    if run.get("rate"):
        text += f"  at {run['rate']:,.0f}/s"
    if run["errors"] or run["events_skipped"]:
        text += (f"  ERRORS {run['errors']} ({run['first_error']}),"
                 f" events skipped {run['events_skipped']}")
    print(text, flush=True)


def half_of_saturation(runs, repetition, workload):
    """Of the better peer; where there is none, of the best there is."""
    here = {run["proxy"]: run["rps"] for run in runs
            if run["repetition"] == repetition and run["workload"] == workload.name
            and not run.get("rate")}
    peers = [rps for name, rps in here.items() if name in proxies.PEERS]
    return max(peers or here.values()) / 2


def run_all(bench, chosen, found, record):
    """The proxies take turns within each workload, and the order turns with the repetition."""
    runs = []

    def once(repetition, workload, proxy, rate=None):
        run = {"repetition": repetition, "workload": workload.name, "proxy": proxy.name}
        run.update(bench.measure(workload, proxy, rate))
        if rate:
            run["rate"] = round(rate)
        runs.append(run)
        record.write(json.dumps(run) + "\n")
        record.flush()
        say(run)

    for repetition in range(bench.options.reps):
        for workload in chosen:
            turn = [proxy for proxy in found if proxy.name not in workload.left_out]
            if not turn:
                continue
            first = repetition % len(turn)
            turn = turn[first:] + turn[:first]
            for proxy in turn:
                once(repetition, workload, proxy)
            if workload.half_load:
                rate = half_of_saturation(runs, repetition, workload)
                for proxy in turn:
                    once(repetition, workload, proxy, rate)
    return runs


def compare(options, cpus):
    found = []
    for proxy in proxies.all_proxies(options.build):
        if proxy.name in options.proxies:
            if proxy.missing:
                print(f"{proxy.name} is not there ({proxy.program}): left out", file=sys.stderr)
                options.complete = False
            else:
                found.append(proxy)
    chosen = [workload for workload in WORKLOADS if workload.name in options.workloads]
    about = describe(options, found)
    descriptors = allow_descriptors()
    with load_client.Load(options.build / "bench" / "bench_load", cpus[0]) as load, \
            h2_endpoints.running(cpus[0]) as over_h2, \
            h2_load.H2Load(load, cpus[0], over_h2.pids) as h2load, \
            open(options.out / "runs.jsonl", "w") as record:
        endpoints = {"BACKEND_A": load.backends[0], "BACKEND_B": load.backends[1], **over_h2.ports}
        bench = Bench(options, load, h2load, endpoints, cpus, descriptors)
        runs = run_all(bench, chosen, found, record)
    rows = results.rows(chosen, [proxy.name for proxy in found], runs)
    (options.out / "results.json").write_text(json.dumps(rows, indent=1) + "\n")
    (options.out / "about.json").write_text(json.dumps(about, indent=1) + "\n")
    print("\n" + render.results_section(rows, about))
    return sum(row["errors"] for row in rows)


def run_micro(options, cpu):
    found = micro.run(options.build, cpu, 0.05 if options.quick else 0.5)
    if not found:
        print(f"no micro-benchmarks in {options.build}", file=sys.stderr)
        return
    section = {"about": describe(options, []), "benchmarks": found}
    (options.out / "micro.json").write_text(json.dumps(section, indent=1) + "\n")
    print(render.micro_section(section))


def main():
    options = parse_options()
    options.out.mkdir(parents=True, exist_ok=True)
    cpus = choose_cpus(options.cpus)
    if options.micro:
        errors = 0
        run_micro(options, cpus[1])
    else:
        errors = compare(options, cpus)
    if options.complete:
        document = render.render(render.DOCUMENT.read_text(), options.out)
        render.DOCUMENT.write_text(document)
    if errors:
        print(f"{errors} errors: these figures do not count", file=sys.stderr)
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
