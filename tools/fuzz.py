#!/usr/bin/env python3
"""Builds the fuzzers of tests/fuzz with clang-19 and libFuzzer, and runs them: tools/fuzz.py [NAME...]

A fuzzer is tests/fuzz/<name>_fuzz.cc. Its head names what it needs, and nothing else is linked:
    // sources: src/http/head.cc src/base/units.cc
    // libraries: fmt yaml-cpp
A source line may be repeated, and a source be a pattern (src/model/desired*.cc); a library is a pkg-config name, or else a -l name. Seeds are in
tests/fuzz/corpus/<name>/; what a run adds stays in build/fuzz/<name>/corpus, and an input that fails
is left in build/fuzz/<name>/ as crash-*, timeout-* or oom-*: put it into the seeds with the fix."""
import argparse
import concurrent.futures
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
OUT = ROOT / "build" / "fuzz"
COMPILER = "clang++-19"
FLAGS = ["-std=c++20", "-g", "-O1", "-fsanitize=fuzzer,address,undefined", "-fno-sanitize-recover=all",
         "-fno-omit-frame-pointer", "-Wno-deprecated-declarations", "-Isrc"]
CATCHES = ["crash-*", "timeout-*", "oom-*", "leak-*", "slow-unit-*"]


def needs(fuzzer):
    """(sources, libraries) that the head of the fuzzer names."""
    named = {"sources": [], "libraries": []}
    for line in fuzzer.read_text().splitlines():
        match = re.match(r"// (sources|libraries):(.*)", line)
        if match:
            named[match[1]] += match[2].split()
    return [source for text in named["sources"] for source in matching(text)], named["libraries"]


def matching(pattern):
    """Tests aside; the pattern itself where nothing matches."""
    files = sorted(str(path.relative_to(ROOT)) for path in ROOT.glob(pattern))
    return [file for file in files if not file.endswith(("_test.cc", "_bench.cc"))] or [pattern]


def library_flags(libraries):
    flags = []
    for name in libraries:
        found = subprocess.run(["pkg-config", "--cflags", "--libs", name], capture_output=True, text=True)
        flags += found.stdout.split() if found.returncode == 0 else [f"-l{name}"]
    return flags


def launcher():
    return ["ccache"] if shutil.which("ccache") else []


def build(fuzzer):
    """The program, or None when it does not build."""
    name = fuzzer.stem.removesuffix("_fuzz")
    sources, libraries = needs(fuzzer)
    if missing := [s for s in sources if not (ROOT / s).is_file()]:
        print(f"{fuzzer.name}: no such source: {' '.join(missing)}")
        return None
    folder = OUT / name
    (folder / "objects").mkdir(parents=True, exist_ok=True)
    objects = []
    libs = library_flags(libraries)
    for source in [str(fuzzer.relative_to(ROOT)), *sources]:
        objects.append(str(folder / "objects" / (source.replace("/", "_") + ".o")))
        command = [*launcher(), COMPILER, *FLAGS, *(f for f in libs if not f.startswith("-l")), "-c", source, "-o", objects[-1]]
        if subprocess.run(command, cwd=ROOT).returncode != 0:
            return None
    program = folder / "fuzzer"
    linked = subprocess.run([COMPILER, *FLAGS, *objects, *libs, "-o", str(program)], cwd=ROOT)
    return program if linked.returncode == 0 else None


def run(name, program, seconds):
    """(True if nothing was found, one line about the run)"""
    folder = program.parent
    corpus = folder / "corpus"
    corpus.mkdir(exist_ok=True)
    for pattern in CATCHES:  # of an earlier run
        for old in folder.glob(pattern):
            old.unlink()
    seeds = ROOT / "tests" / "fuzz" / "corpus" / name
    seeds.mkdir(parents=True, exist_ok=True)
    command = [str(program), f"-max_total_time={seconds}", f"-artifact_prefix={folder}/", "-timeout=10",
               "-rss_limit_mb=2048", "-print_final_stats=1", str(corpus), str(seeds)]
    started = time.monotonic()
    with open(folder / "log", "w") as log:
        code = subprocess.run(command, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT).returncode
    text = (folder / "log").read_text(errors="replace")
    executed = re.search(r"stat::number_of_executed_units:\s*(\d+)", text)
    covered = re.findall(r"cov: (\d+)", text)
    caught = sorted(str(p.relative_to(ROOT)) for pattern in CATCHES for p in folder.glob(pattern))
    line = (f"{name}: {executed[1] if executed else '?'} inputs in {time.monotonic() - started:.0f} s, "
            f"{covered[-1] if covered else '?'} edges")
    good = code == 0 and not caught
    if not good:
        tail = "\n".join(text.splitlines()[-40:])
        line += f": FAILED, see {folder.relative_to(ROOT)}/log {' '.join(caught)}\n{tail}"
    return good, line


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="head for tests/fuzz/head_fuzz.cc; by default all")
    parser.add_argument("--seconds", type=int, default=600, help="for each fuzzer")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()

    fuzzers = {f.stem.removesuffix("_fuzz"): f for f in sorted((ROOT / "tests" / "fuzz").glob("*_fuzz.cc"))}
    if unknown := set(options.names) - set(fuzzers):
        parser.error(f"no such fuzzer: {' '.join(sorted(unknown))} (there are {' '.join(fuzzers)})")
    chosen = options.names or list(fuzzers)
    if not chosen:
        parser.error("tests/fuzz has no fuzzer")

    bad = []
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        programs = dict(zip(chosen, pool.map(lambda name: build(fuzzers[name]), chosen)))
        bad += [name for name, program in programs.items() if not program]
        runs = {pool.submit(run, name, program, options.seconds): name for name, program in programs.items() if program}
        for done in concurrent.futures.as_completed(runs):
            good, line = done.result()
            print(line, flush=True)
            if not good:
                bad.append(runs[done])
    print(f"fuzzers with findings or that do not build: {' '.join(bad)}" if bad else f"{len(chosen)} fuzzers, no finding")
    return bool(bad)


if __name__ == "__main__":
    sys.exit(main())
