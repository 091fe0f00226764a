#!/usr/bin/python3
"""Runs the whole-binary tests: `run.py [-k TEXT] [--soak SECONDS] [--jobs N] [--list]`.

Each test class runs in a process of its own with a limit; logs stay in build/e2e. A few tests that
failed run once more, alone; one that passes then is called unsteady, and named at the end. Exit
status 0 only if every test passed so, or was skipped for a reason other than a missing binary.
"""
import argparse
import ast
import contextlib
import fnmatch
import json
import os
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

MOST_UNSTEADY = 3
HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
os.environ.setdefault("WEIR_E2E_RUN", f"r{os.getpid()}")


SOAKS = ["test_survival", "test_operations"]


def find(patterns):
    """[(module, class, serial, [(test, limit)])], read from the source without importing it."""
    out = []
    for file in sorted(HERE.glob("test_*.py")):
        for node in ast.parse(file.read_text()).body:
            if not isinstance(node, ast.ClassDef):
                continue
            tests, serial = [], False
            for item in node.body:
                if isinstance(item, ast.FunctionDef) and item.name.startswith("test_"):
                    limit = 30.0
                    for mark in item.decorator_list:
                        if isinstance(mark, ast.Call) and getattr(mark.func, "id", "") == "limit":
                            limit = eval(compile(ast.Expression(mark.args[0]), "", "eval"),
                                         {"SOAK": float(os.environ.get("WEIR_E2E_SOAK", "0")),
                                          "max": max})
                    full = f"{file.stem}.{node.name}.{item.name}"
                    if any(part in full or fnmatch.fnmatch(full, part) for part in patterns):
                        tests.append((item.name, limit))
                if isinstance(item, ast.Assign) and getattr(item.targets[0], "id", "") == "serial":
                    serial = ast.literal_eval(item.value)
            if tests:
                out.append((file.stem, node.name, serial, tests))
    return out


class Run:
    def __init__(self, out, patience, verbose):
        self.out, self.patience, self.verbose = out, patience, verbose
        self.rows = []
        self.lock = threading.Lock()

    def say(self, module, name, row):
        with self.lock:
            self.rows.append((f"{module}.{name}.{row['test']}", row))
            print(f"{row['outcome']:5} {row['seconds']:6.1f} s  {module}.{name}.{row['test']}"
                  + (f"  ({row['text']})" if row["outcome"] == "skip" else ""), flush=True)
            if row["outcome"] == "fail":
                text = row["text"] if self.verbose else row["text"][-3000:]
                print("    " + text.replace("\n", "\n    "), flush=True)

    def one(self, module, name, _, tests):
        seconds = (sum(limit for _, limit in tests) + 15 * len(tests) + 30) * self.patience
        log = self.out / f"{name}.runner.log"
        with open(log, "wb") as errors:
            process = subprocess.Popen(
                [sys.executable, "-m", "weir_test.one_class", module, name, *[t for t, _ in tests]],
                cwd=HERE, stdout=subprocess.PIPE, stderr=errors, text=True,
                start_new_session=True)
        timer = threading.Timer(seconds, process.kill)
        timer.start()
        current, done = None, set()
        for line in process.stdout:
            if not line.startswith('{"test"'):
                with self.lock:
                    print("    | " + line.rstrip(), flush=True)
                continue
            row = json.loads(line)
            if row["outcome"] == "start":
                current = row["test"]
            else:
                done.add(row["test"])
                self.say(module, name, row)
        process.wait()
        timer.cancel()
        for test, _ in tests:
            if test not in done:
                why = (f"its process ended with {process.returncode}" if test == current or not done
                       else "not run: the process of its class ended early")
                self.say(module, name, {"test": test, "outcome": "fail", "seconds": 0,
                                        "text": f"{why}; see {log}: {log.read_text()[-1500:]}"})


def work(run, classes, jobs):
    waiting = queue.Queue()
    for item in classes:
        waiting.put(item)

    def worker():
        while True:
            try:
                item = waiting.get_nowait()
            except queue.Empty:
                return
            run.one(*item)

    threads = [threading.Thread(target=worker) for _ in range(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def again(run, classes):
    """Runs those that failed once more, alone, and returns the names of those that pass then. More than a few are no
    accident."""
    failed = {name for name, row in run.rows if row["outcome"] == "fail"}
    if not 0 < len(failed) <= MOST_UNSTEADY:
        return []
    second = Run(run.out, run.patience, run.verbose)
    for module, name, serial, tests in classes:
        chosen = [(test, limit) for test, limit in tests if f"{module}.{name}.{test}" in failed]
        for test, _ in chosen:
            shutil.rmtree(run.out / f"{name}.{test}.first", ignore_errors=True)
            with contextlib.suppress(OSError):
                (run.out / f"{name}.{test}").rename(run.out / f"{name}.{test}.first")
        if chosen:
            print("once more: " + ", ".join(test for test, _ in chosen), flush=True)
            second.one(module, name, serial, chosen)
    passed = {name: row for name, row in second.rows if row["outcome"] == "pass"}
    run.rows = [(name, {**passed[name], "unsteady": row["text"]} if name in passed and row["outcome"] == "fail" else row)
                for name, row in run.rows]
    return sorted(passed)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-k", dest="pattern", default="", help="part of a name, or a pattern")
    parser.add_argument("--soak", type=float, default=0, help="only the survival test, for so many seconds, unless -k says more")
    parser.add_argument("--jobs", type=int, default=2, help="classes at once")
    parser.add_argument("--list", action="store_true", help="names only")
    parser.add_argument("--once", action="store_true", help="no second run of those that failed")
    parser.add_argument("-v", action="store_true", help="whole texts of failures")
    options = parser.parse_args()
    os.environ["WEIR_E2E_SOAK"] = str(options.soak)
    os.environ["PYTHONPATH"] = str(HERE)
    from weir_test import processes
    from weir_test.case import NEEDS_WEIR, OUT, PATIENCE
    classes = find([options.pattern] if options.pattern else SOAKS if options.soak else [""])
    if options.list:
        for module, name, _, tests in classes:
            print("\n".join(f"{module}.{name}.{test}" for test, _ in tests))
        return 0
    for _, name, _, tests in classes:
        for test, _ in tests:
            shutil.rmtree(OUT / f"{name}.{test}", ignore_errors=True)
    OUT.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    run = Run(OUT, PATIENCE, options.v)
    work(run, [c for c in classes if not c[2]], options.jobs)
    work(run, [c for c in classes if c[2]], 1)
    unsteady = [] if options.once else again(run, classes)
    stray = processes.tagged("weir-e2e-" + os.environ["WEIR_E2E_RUN"])
    for pid in stray:
        print(f"stray process {pid}: {b' '.join(processes.command_line(pid)).decode()}")
    processes.end(stray)
    for what in ("port", "range"):
        Path(tempfile.gettempdir(), f"weir-e2e-{os.environ['WEIR_E2E_RUN']}.{what}").unlink(missing_ok=True)
    count = {o: [n for n, r in run.rows if r["outcome"] == o] for o in ("pass", "fail", "skip")}
    reasons = {}
    for name, row in run.rows:
        if row["outcome"] == "skip":
            reasons.setdefault(row["text"], []).append(name)
    for reason, names in reasons.items():
        shown = ", ".join(names) if len(names) < 20 else f"{len(names)} tests, named above"
        print(f"skipped ({reason}): {shown}")
    for name in unsteady:
        print(f"unsteady (failed, then passed alone; its first logs end in .first): {name}")
    for name in count["fail"]:
        print(f"failed: {name}")
    print(f"{len(count['pass'])} passed, {len(count['fail'])} failed, {len(count['skip'])} skipped, "
          f"{len(stray)} stray processes, {time.monotonic() - began:.0f} s; logs in {OUT}")
    (OUT / "results.json").write_text(json.dumps(
        [{"name": n, **r} for n, r in run.rows], indent=1))
    return 1 if count["fail"] or stray or not run.rows or NEEDS_WEIR else 0


if __name__ == "__main__":
    sys.exit(main())
