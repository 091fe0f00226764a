"""HTTP/2 load as an object: h2load in a closed loop over clear text, its answers counted.

What it reports is what bench_load reports. A row of workloads.py gives it `path`, `connections`,
`streams` (at once on each connection), `answer_bytes` and `grpc` (post the call of grpc_call.py).
"""

import pathlib
import re
import resource
import subprocess
import tempfile
import time

import grpc_call
import processes

PROGRAM = "h2load"
START_SECONDS = 10


def children_seconds():
    """CPU time of our children that have ended; while it is measured, only h2load does."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def numbers(text, line):
    """The line's numbers by the words behind them: `9 total, 8 done` is {total: 9, done: 8}."""
    found = re.search(rf"^{line}: (.*)$", text, re.MULTILINE)
    if not found:
        raise RuntimeError(f"h2load said no {line}:\n{text}")
    return {word: int(number) for number, word in re.findall(r"(\d+)\)? (\w+)", found[1])}


def percentile(ordered, share):
    return float(ordered[min(len(ordered) - 1, int(share * len(ordered)))])


class H2Load:
    """`load` knows the CPU times; `endpoint_pids` work for the load, beside it."""

    def __init__(self, load, cpu, endpoint_pids):
        self._load = load
        self._cpu = cpu
        self._endpoint_pids = endpoint_pids
        self._folder = tempfile.TemporaryDirectory(prefix="weir-bench-")
        self._body = pathlib.Path(self._folder.name, "request")
        self._body.write_bytes(grpc_call.REQUEST)
        self._log = pathlib.Path(self._folder.name, "log")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._folder.cleanup()

    def run(self, port, pids, warm, seconds, connections, streams, **call):
        """The warming tells how many requests fill the measured time: their number is exact then."""
        self._wait_for_answer(port, call)
        sizes = ["-t1", f"-c{connections}", f"-m{streams}"]
        text = self._ask(port, call, [*sizes, "-D", f"{round(1000 * warm)}ms"], limit=warm)
        rate = numbers(text, "requests")["done"] / warm
        wanted = max(round(rate * seconds), connections * streams)
        before = self._read_cpu(pids)
        text = self._ask(port, call, [*sizes, "-n", str(wanted), f"--log-file={self._log}"], limit=seconds)
        after = self._read_cpu(pids)
        used = {key: after[key] - before[key] for key in after}
        return self._report(text, wanted, call["answer_bytes"], used)

    def _arguments(self, port, call):
        extra = []
        if call.get("grpc"):
            extra = ["-d", str(self._body)]
            for header in grpc_call.HEADERS:
                extra += ["-H", header]
        return [*extra, f"http://127.0.0.1:{port}{call['path']}"]

    def _ask(self, port, call, options, limit):
        command = [PROGRAM, *options, *self._arguments(port, call)]
        done = subprocess.run(processes.pinned(self._cpu, command), capture_output=True, text=True,
                              check=True, timeout=60 + 10 * limit)
        return done.stdout

    def _wait_for_answer(self, port, call):
        """Until one request gets 200 and all that belongs to the answer, the trailer at its end."""
        wanted = [":status: 200", f"recv DATA frame <length={call['answer_bytes']},"]
        if call.get("grpc"):
            wanted.insert(1, "content-type: application/grpc")
            wanted.append(grpc_call.TRAILER)
        in_order = re.compile(".*".join(map(re.escape, wanted)), re.DOTALL)
        command = ["nghttp", "-nv", *self._arguments(port, call)]
        deadline = time.monotonic() + START_SECONDS
        while True:
            said = subprocess.run(command, capture_output=True, text=True, timeout=START_SECONDS).stdout
            if in_order.search(said):
                return
            if time.monotonic() > deadline:
                raise RuntimeError(f"no good answer, but:\n{said[-2000:]}")
            time.sleep(0.05)

    def _read_cpu(self, pids):
        times = self._load.cpu(pids)
        times["own"] += self._load.cpu(self._endpoint_pids)["proxy"] + children_seconds()
        return times

    def _report(self, text, wanted, answer_bytes, used):
        requests = numbers(text, "requests")
        good = min(requests["succeeded"], numbers(text, "status codes")["2xx"])
        body_bytes = numbers(text, "traffic")["data"]
        errors, first_error = wanted - good, ""
        if errors:
            first_error = f"{good} of {wanted} requests succeeded with 2xx"
        elif body_bytes != wanted * answer_bytes:
            errors, first_error = 1, f"{wanted} answers had {body_bytes} bytes of body"
        latencies = sorted(int(line.split()[2]) for line in self._log.read_text().splitlines())
        self._log.unlink()
        time_taken = used["taken"]
        ticks = used["user"] + used["system"]
        foreign = used["machine"] - used["proxy"] - used["own"]
        return {
            "seconds": time_taken,
            "answers": good,
            "errors": errors,
            "first_error": first_error,
            "events_skipped": 0,
            "rps": good / time_taken,
            "body_bytes_per_second": body_bytes / time_taken,
            "cpu_us_per_request": 1e6 * used["proxy"] / max(good, 1),
            "user_share": used["user"] / ticks if ticks else 0,
            "p50_us": percentile(latencies, 0.5),
            "p90_us": percentile(latencies, 0.9),
            "p99_us": percentile(latencies, 0.99),
            "max_us": float(latencies[-1]),
            "proxy_percent": 100 * used["proxy"] / time_taken,
            "load_percent": 100 * used["own"] / time_taken,
            "foreign_percent": 100 * foreign / time_taken,
            "steal_percent": 100 * used["stolen"] / time_taken,
        }
