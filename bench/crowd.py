#!/usr/bin/env python3
"""Crowds that hold on to weir: what each costs in memory, and what others feel of it meanwhile.

Each crowd in its own run, with a fresh weir and the clients in processes of their own; none may
have more than 20,000 descriptors. Rows go to build/bench/crowd.json, a table into
docs/benchmarks.md. Exit status 1 if a GET of the others failed or one of the crowd was lost.
"""

import argparse
import contextlib
import dataclasses
import datetime
import json
import os
import pathlib
import socket
import statistics
import subprocess
import sys
import tempfile
import time

import load_client
import processes
import render
import run
from proxies import HERE, free_port, make_certificate, wait_for

ROOT = HERE.parent
DESCRIPTORS = 20_000
INTERVAL = 0.01  # seconds between two GETs of the others
GET = b"GET / HTTP/1.1\r\nHost: others\r\nConnection: close\r\n\r\n"
IP_BIND_ADDRESS_NO_PORT = 24  # of <linux/in.h>; Python 3.11 does not name it
ANSWER_BYTES = 200  # of the body
OPENING_SECONDS = 120  # at most, until a crowd stands: TLS on a busy machine
SETTLE_SECONDS = 2  # before memory is read


@dataclasses.dataclass(frozen=True)
class Crowd:
    name: str
    what: str
    count: int
    load: dict = None  # bench_load's command; without it, slow_clients.py


CROWDS = [
    Crowd("idle_tls", "idle connections over TLS 1.3, one request behind each", 18_000,
          dict(mode="idle", path="/", tls=1)),
    Crowd("idle", "idle connections in the clear, one request behind each", 18_000,
          dict(mode="idle", path="/")),
    Crowd("streams", "streams of one event a second", 8_000, dict(mode="sse", path="/sse_seldom")),
    Crowd("slow_heads", "clients that send their head a byte a second; after 10 s weir ends them "
          "and they come again", 2_000),
]


@dataclasses.dataclass(frozen=True)
class Weir:
    pid: int
    port: int
    tls_port: int

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))


@contextlib.contextmanager
def running(program, backends):
    """weir as it comes: a worker for each CPU, the default limits."""
    with tempfile.TemporaryDirectory(prefix="weir-crowd-") as folder:
        certificate = pathlib.Path(folder, "bench.pem")
        make_certificate(certificate)
        port, tls_port = free_port(), free_port()
        to_models = {"default": {"forward": "models"}}
        config = pathlib.Path(folder, "weir.yaml")
        config.write_text(json.dumps({
            "admin": {"bind": f"127.0.0.1:{free_port()}"}, "state": {"path": f"{folder}/state.db"},
            "log": {"level": "warn"},
            "listeners": {
                "clear": {"bind": f"127.0.0.1:{port}", **to_models},
                "tls": {"bind": f"127.0.0.1:{tls_port}", "protocol": "https", **to_models,
                        "tls": {"certificates": [{"certificate": str(certificate)}]}}},
            "target_groups": {"models": {"endpoints": [f"127.0.0.1:{p}" for p in backends],
                                         "health_check": {"path": "/"}}}}))
        with open(pathlib.Path(folder, "output"), "w+") as output:
            process = subprocess.Popen([program, "serve", config], stdin=subprocess.DEVNULL,
                                       stdout=output, stderr=output)
            try:
                wait_for(process, port, output, "weir")
                yield Weir(process.pid, port, tls_port)
            finally:
                processes.stop(process)


@contextlib.contextmanager
def held(load, spec, weir, count, seen):
    """Connections of bench_load; `seen` says afterwards how many were lost while they stood."""
    port = weir.tls_port if spec.get("tls") else weir.port
    opening = load.hold(**spec, port=port, connections=count, within=OPENING_SECONDS)
    if opening["errors"]:
        raise RuntimeError(f"the crowd does not stand: {opening['first_error']}")
    seen.update(opening_seconds=opening["seconds"])
    yield
    since = load.close()
    seen.update(lost=since["errors"], first_error=since["first_error"],
                events_skipped=since["events_skipped"])
    if spec["mode"] == "sse":
        seen.update(events=since["answers"], event_p50_ms=since["p50_us"] / 1000,
                    event_p90_ms=since["p90_us"] / 1000)


@contextlib.contextmanager
def slow_heads(weir, count, seen):
    """Clients of slow_clients.py; those that weir ends, as it should, are not lost."""
    command = [sys.executable, str(HERE / "slow_clients.py"), str(weir.port), str(count)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        if process.stdout.readline() != "standing\n":
            raise RuntimeError("the crowd does not stand")
        yield
        told = json.loads(process.communicate(timeout=30)[0])
        seen.update(lost=count - told["standing"], first_error="", ended=told["ended"])
    finally:
        processes.stop(process)


def one_get(port):
    with socket.socket() as sock:
        # Of its own address: the kernel searches the ports of the crowd's for milliseconds.
        sock.settimeout(10)
        sock.setsockopt(socket.IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1)
        sock.bind(("127.0.0.2", 0))
        sock.connect(("127.0.0.1", port))
        sock.sendall(GET)
        answer = b""
        while piece := sock.recv(65536):
            answer += piece
    head, _, body = answer.partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200 ") or len(body) != ANSWER_BYTES:
        raise ValueError(f"not the answer: {answer[:100]!r}")


def others(port, seconds):
    """What others have of weir: small GETs, each on a connection of its own, one after another."""
    times, failures = [], []
    begun, used, all_used = time.monotonic(), ours(), processes.machine_cpu_seconds()
    while time.monotonic() < begun + seconds:
        began = time.monotonic()
        try:
            one_get(port)
        except (OSError, ValueError) as error:
            failures.append(repr(error))
        times.append(time.monotonic() - began)
        time.sleep(max(0, began + INTERVAL - time.monotonic()))
    foreign = processes.machine_cpu_seconds() - all_used - (ours() - used)
    return {"gets": len(times), "failures": len(failures), "first_failure": (failures or [""])[0],
            "p50_ms": round(statistics.median(times) * 1000, 3),
            "p90_ms": round(statistics.quantiles(times, n=10)[-1] * 1000, 3),
            "max_ms": round(max(times) * 1000, 1),
            "foreign_percent": round(100 * foreign / (time.monotonic() - begun))}


def ours():
    return processes.cpu_seconds(processes.family(os.getpid()))


def measure(crowd, options):
    count, seen = round(crowd.count * options.scale), {}
    with load_client.Load(options.build / "bench" / "bench_load", None) as load, \
            running(options.weir, load.backends) as weir:
        tls = crowd.load.get("tls", 0) if crowd.load else 0
        load.run(mode="closed", path="/", connections=64, warm=0, seconds=1, tls=tls,
                 port=weir.tls_port if tls else weir.port)
        time.sleep(SETTLE_SECONDS)
        before = processes.resident_bytes(weir.pid)
        alone = others(weir.port, options.seconds)
        standing = (held(load, crowd.load, weir, count, seen) if crowd.load
                    else slow_heads(weir, count, seen))
        with standing:
            time.sleep(SETTLE_SECONDS)
            among = others(weir.port, options.seconds)
            after, descriptors = processes.resident_bytes(weir.pid), weir.descriptors()
    return {"crowd": crowd.name, "what": crowd.what, "count": count,
            "resident_before": before, "resident_with": after,
            "bytes_each": round((after - before) / count), "descriptors": descriptors,
            "alone": alone, "among": among, **seen}


def section(found):
    about, mib = found["about"], 1 << 20
    lines = [[f"**{row['crowd']}**", render.number(row["count"]),
              render.number(row["resident_before"] / mib, 1),
              render.number(row["resident_with"] / mib, 1), render.number(row["bytes_each"]),
              render.number(row["descriptors"]), render.number(row["lost"]),
              render.number(row["among"]["gets"]),
              render.number(row["alone"]["failures"] + row["among"]["failures"]),
              *(f"{render.number(row['alone'][key], 2)} → {render.number(row['among'][key], 2)}"
                for key in ("p50_ms", "p90_ms")),
              f"{row['alone']['foreign_percent']} → {row['among']['foreign_percent']} %"]
             for row in found["rows"]]
    words = [f"{about['date']}, {about['processor']}, {about['cpus']} CPUs, kernel "
             f"{about['kernel']}; {about['version']}.",
             render.table(["crowd", "how many", "MiB before", "MiB with", "bytes each",
                           "descriptors of weir", "lost", "GETs of others", "failed", "p50 ms",
                           "p90 ms", "foreign CPU"], lines)]
    for row in found["rows"]:
        more = ""
        if "events" in row:
            more = (f"; {row['events']:,} events came meanwhile, p50 {row['event_p50_ms']:.2f} ms "
                    f"and p90 {row['event_p90_ms']:.2f} ms after they were sent")
        if "ended" in row:
            more = f"; {row['ended']:,} times meanwhile"
        words.append(f"- **{row['crowd']}**: {row['what']}{more}.")
    return "\n\n".join(words[:2]) + "\n\n" + "\n".join(words[2:])


def parse_options():
    names = [crowd.name for crowd in CROWDS]
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--only", default="", help=f"with commas between: {', '.join(names)}")
    parser.add_argument("--scale", type=float, default=1, help="of the crowds: 0.1 is a quick look")
    parser.add_argument("--seconds", type=float, default=15, help="that others are watched")
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build" / "release")
    parser.add_argument("--weir", type=pathlib.Path, help="the program (default: of --build)")
    options = parser.parse_args()
    options.weir = options.weir or options.build / "weir"
    options.only = [name for name in options.only.split(",") if name] or names
    if unknown := set(options.only) - set(names):
        parser.error(f"--only: unknown: {', '.join(sorted(unknown))}")
    options.complete = options.scale == 1 and options.only == names
    return options


def main():
    options = parse_options()
    if run.allow_descriptors() < DESCRIPTORS:
        print(f"a process needs {DESCRIPTORS:,} descriptors here: ulimit -n", file=sys.stderr)
        return 2
    version = subprocess.run([options.weir, "version"], capture_output=True, text=True, check=True)
    found = {"about": {"date": datetime.date.today().isoformat(), "processor": run.processor(),
                       "cpus": os.cpu_count(), "kernel": os.uname().release,
                       "version": version.stdout.strip().split("\n")[0]}, "rows": []}
    for crowd in CROWDS:
        if crowd.name in options.only:
            found["rows"].append(measure(crowd, options))
            print(json.dumps(found["rows"][-1]), flush=True)
    out = ROOT / "build" / "bench" / ("crowd.json" if options.complete else "crowd-look.json")
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(found, indent=1) + "\n")
    print("\n" + section(found))
    if options.complete:
        page = render.DOCUMENT.read_text()
        render.DOCUMENT.write_text(render.place(page, "crowd", section(found)))
    wrong = sum(row["lost"] + row["alone"]["failures"] + row["among"]["failures"]
                for row in found["rows"])
    if wrong:
        print(f"{wrong} lost or failed", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
