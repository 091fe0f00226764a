"""The micro-benchmarks: every Google Benchmark binary that the build has made."""

import json
import os
import subprocess

import processes


def binaries(build):
    return sorted(path for path in build.rglob("*_bench")
                  if path.is_file() and os.access(path, os.X_OK))


def run(build, cpu, seconds):
    """All results, in nanoseconds an iteration."""
    to_ns = {"ns": 1, "us": 1e3, "ms": 1e6, "s": 1e9}
    found = []
    for binary in binaries(build):
        print(f"micro: {binary.name}", flush=True)
        command = [str(binary), "--benchmark_format=json", f"--benchmark_min_time={seconds:g}"]
        done = subprocess.run(processes.pinned(cpu, command), stdout=subprocess.PIPE, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"{binary.name} failed with {done.returncode}")
        for entry in json.loads(done.stdout)["benchmarks"]:
            if entry.get("error_occurred"):
                raise RuntimeError(f"{binary.name}: {entry['name']}: {entry['error_message']}")
            if "cpu_time" not in entry:
                continue  # a fitted complexity, not a measurement
            scale = to_ns[entry["time_unit"]]
            found.append({"folder": binary.name.removesuffix("_bench"), "name": entry["name"],
                          "cpu_ns": entry["cpu_time"] * scale,
                          "real_ns": entry["real_time"] * scale,
                          "iterations": entry["iterations"]})
    return found
