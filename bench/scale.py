#!/usr/bin/env python3
"""Scaling policies over recorded traffic: weir's `slo` beside those of others, in one simulated world.

Each trace of ../shared/traces (relative to the repository; or --traces) is scaled to a mean of 200 requests a second
and run with instances that take 60 and 300 s to start; on NASA weir's policy also from 0 to 600 s. The last
three days of a trace's history are run without a score before it; where it has none, its first 15 minutes. A
reference is swept over its targets and quoted at its best: the cheapest of those that keep violations
at or below 0.3 % (60 s) or 0.5 % (300 s), else the one with the fewest; and, as nobody knows that target ahead, at
the one that is best on all other traces. weir's policy has one setting: the same
limit as its percentile, alone and with a plain forecast (src/simulate/profile.h) as a floor.

Rows {trace, start_seconds, policy, reference, violations, cost_ratio, actions} go to
build/bench/scale.json; `target` is what a reference was quoted at, `excess` the most instances over
the need of the last ten minutes. The oracle knows what comes: it is a bound, not a reference.
"""

import argparse
import concurrent.futures
import csv
import datetime
import gzip
import json
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
FOLDER = [ROOT.parent / "shared" / "traces"]
OUT = ROOT / "build" / "bench"
DAY = 1440
BOUND = {60: 0.003, 300: 0.005}
OURS = ("slo", "slo_with_profile")
REFERENCES = ("ec2_predictive", "ec2_target_tracking", "hpa_concurrency", "hpa_utilisation", "keda", "kpa",
              "static_peak")
BOUNDS = ("oracle",)
SWEPT = (0, 15, 30, 60, 120, 180, 240, 300, 400, 500, 600)


def rows(name):
    with gzip.open(FOLDER[0] / name, "rt") as file:
        return list(csv.reader(file))[1:]


def minutes(values, step):
    """Values that are `step` seconds apart, with a straight line between them."""
    result = []
    for i in range((len(values) - 1) * step // 60):
        k, rest = divmod(i * 60 / step, 1)
        result.append(values[int(k)] * (1 - rest) + values[int(k) + 1] * rest)
    return result


def smooth(values, width):
    return [sum(values[max(0, i + 1 - width):i + 1]) / min(i + 1, width) for i in range(len(values))]


def servegen(model):
    return minutes([float(rate) for _, rate in rows(f"servegen_{model}_total_rate.csv.gz")], 600)


def nasa():
    return smooth([float(count) for _, count in rows("nasa_http_1995_per_minute.csv.gz")][:27 * DAY], 5)


def wikipedia():
    return minutes([float(count) for _, count in rows("wikipedia_limbo_hourly.csv.gz")], 3600)[:38 * DAY]


def taxi():
    return minutes([float(count) for _, count in rows("nab_nyc_taxi_30min.csv.gz")], 1800)[:38 * DAY]


def crane(which):
    values = [max(float(value), 0) for _, value in rows(f"crane_container_metric_{which}.csv.gz")]
    return values[:15 * DAY]


def azure(what):
    times = [datetime.datetime.fromisoformat(row[0][:26]) for row in rows(f"azure_llm_2023_{what}.csv.gz")]
    counts = [0] * (int((times[-1] - times[0]).total_seconds()) // 60 + 1)
    for time in times:
        counts[int((time - times[0]).total_seconds()) // 60] += 1
    return counts[:-1]


# Rates by the minute, and how many minutes are history: none where the trace is a day or an hour.
ALL = {
    "servegen m-small": (lambda: servegen("m-small"), 7 * DAY),
    "servegen deepseek-r1": (lambda: servegen("deepseek-r1"), 0),
    "nasa": (nasa, 14 * DAY),
    "wikipedia": (wikipedia, 28 * DAY),
    "taxi": (taxi, 28 * DAY),
    "crane 09": (lambda: crane("09"), 8 * DAY),
    "crane 14": (lambda: crane("14"), 8 * DAY),
    "azure code": (lambda: azure("code"), 0),
    "azure conv": (lambda: azure("conv"), 0),
}
LENGTH = {"nasa": 10 * DAY, "servegen m-small": int(6.9 * DAY)}


def load(name):
    """What bench_scale reads, and the minutes of history; None where the file is missing."""
    read, history = ALL[name]
    try:
        rates = read()
    except FileNotFoundError as missing:
        print(f"skipped {name}: no {missing.filename}")
        return None
    rates = rates[:history + LENGTH.get(name, len(rates))]
    return "".join(f"{rate:.6g}\n" for rate in rates), history


def run(binary, trace, text, history, start, policy, abandon):
    command = [binary, trace, str(history), f"{start:g}", policy] + ["--abandon"] * abandon
    result = subprocess.run(command, input=text, capture_output=True, text=True)
    if result.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}: {result.stderr.strip()}")
    return [json.loads(line) for line in result.stdout.splitlines()]


def bound(start):
    return BOUND[60] if start <= 60 else BOUND[300]


def best(tried, limit):
    """The cheapest that keeps the limit, else the one that misses it by least."""
    within = [row for row in tried if row["violations"] <= limit]
    if within:
        return min(within, key=lambda row: row["cost_ratio"])
    return min(tried, key=lambda row: row["violations"])


def cheapest_reference(found, trace, start):
    within = [row for row in found if row["trace"] == trace and row["start_seconds"] == start
              and row["reference"] and not row["clairvoyant"] and row["violations"] <= bound(start)]
    return min(within, key=lambda row: row["cost_ratio"], default=None)


def find(found, trace, start, policy):
    return next((row for row in found if (row["trace"], row["start_seconds"], row["policy"])
                 == (trace, start, policy)), None)


def cell(row, limit):
    if row is None:
        return "-"
    mark = "" if row["violations"] <= limit else "!"
    return f"{100 * row['violations']:.2f}/{row['cost_ratio']:.2f}/{row['actions']}{mark}"


def print_table(found, start):
    names = [name for name in (*BOUNDS, *REFERENCES, *OURS) if any(row["policy"] == name for row in found)]
    print(f"\nstart time {start} s: violations % / cost over the lower bound / actions; "
          f"! is above {100 * bound(start):.1f} %")
    print(f"{'trace':22}" + "".join(f"{name:>20}" for name in names))
    for trace in ALL:
        cells = [find(found, trace, start, name) for name in names]
        if any(cells):
            print(f"{trace:22}" + "".join(f"{cell(row, bound(start)):>20}" for row in cells))


def print_bars(found, start, policy):
    """B8 and B9: weir's policy against the cheapest reference that keeps the limit."""
    ours_sum = theirs_sum = 0
    print(f"{policy}, start time {start} s:")
    for trace in ALL:
        ours, theirs = find(found, trace, start, policy), cheapest_reference(found, trace, start)
        if ours is None:
            continue
        if theirs is None:
            print(f"  {trace:22} {cell(ours, bound(start))}: no reference keeps the limit")
            continue
        ours_sum += ours["cost_ratio"]
        theirs_sum += theirs["cost_ratio"]
        kpa = find(found, trace, start, "kpa")
        ratio = ours["cost_ratio"] / theirs["cost_ratio"]
        share = ours["actions"] / max(kpa["actions"], 1) if kpa else 0
        missed = [what for what, wrong in (
            ("violations", ours["violations"] > bound(start)),
            ("cost", ratio > (1.05 if start <= 60 else 1.03)),
            ("actions", start <= 60 and share > 0.2)) if wrong]
        print(f"  {trace:22} {100 * ours['violations']:.2f} % at {ratio:.3f} x {theirs['policy']}, "
              f"actions {share:.2f} of kpa's{'; MISSED ' + ', '.join(missed) if missed else ''}")
    if theirs_sum:
        print(f"  in sum {ours_sum / theirs_sum:.3f}")


def print_held_out(swept, found, start, policy):
    """What the best reference costs whose target was chosen on the other traces, as nobody knows his own ahead."""
    rows = {(row["policy"], row["target"], row["trace"]): row for row in swept
            if row["start_seconds"] == start and row["policy"] in REFERENCES}
    traces = [trace for trace in ALL if cheapest_reference(found, trace, start)]
    if len(traces) < 2:
        return
    print(f"{policy}, start time {start} s, against a reference chosen on all traces but that one:")
    for trace in traces:
        others = [other for other in traces if other != trace]
        able = [(sum(rows[*key, other]["cost_ratio"] for other in others), key)
                for key in {(row[0], row[1]) for row in rows}
                if all(rows[*key, other]["violations"] <= bound(start) for other in others)]
        ours = find(found, trace, start, policy)
        if not able or ours is None:
            continue
        theirs = rows[*min(able)[1], trace]
        print(f"  {trace:22} {100 * ours['violations']:.2f} % at {ours['cost_ratio']:.2f}, {theirs['policy']} "
              f"{theirs['target']:g} {100 * theirs['violations']:.2f} % at {theirs['cost_ratio']:.2f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--only", default="", help="traces, with commas between")
    parser.add_argument("--policies", default="", help="of all: with commas between")
    parser.add_argument("--traces", type=pathlib.Path, default=FOLDER[0])
    parser.add_argument("--abandon", action="store_true", help="clients leave after a minute in line")
    parser.add_argument("--binary", type=pathlib.Path, default=ROOT / "build" / "release" / "bench" / "bench_scale")
    parser.add_argument("--no-sweep", action="store_true", help="without start times from 0 to 600 s")
    options = parser.parse_args()
    FOLDER[0] = options.traces
    if not options.traces.is_dir():
        sys.exit(f"skipped: no traces in {options.traces}")

    traces = [name for name in ALL if not options.only or name in options.only.split(",")]
    policies = [name for name in (*BOUNDS, *REFERENCES, *OURS)
                if not options.policies or name in options.policies.split(",")]
    texts = {name: loaded for name in traces if (loaded := load(name))}
    jobs = [(trace, start, policy) for start in BOUND for trace in texts for policy in policies]
    if "nasa" in texts and not options.no_sweep:
        jobs += [("nasa", start, policy) for policy in OURS if policy in policies for start in SWEPT
                 if start not in BOUND]

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        tried = list(pool.map(lambda job: run(options.binary, job[0], *texts[job[0]], job[1], job[2],
                                              options.abandon), jobs))
    found = [best(rows_of_job, bound(job[1])) for job, rows_of_job in zip(jobs, tried)]
    OUT.mkdir(parents=True, exist_ok=True)
    (OUT / "scale.json").write_text(json.dumps(found, indent=1) + "\n")
    (OUT / "scale_sweep.json").write_text(json.dumps([row for rows in tried for row in rows], indent=1) + "\n")

    for start in BOUND:
        print_table(found, start)
        for policy in OURS:
            if policy in policies:
                print_bars(found, start, policy)
                print_held_out([row for rows in tried for row in rows], found, start, policy)
    swept = [row for row in found if row["trace"] == "nasa" and row["policy"] in OURS]
    for row in sorted(swept, key=lambda row: (row["policy"], row["start_seconds"])):
        print(f"nasa, {row['policy']}, start {row['start_seconds']:3.0f} s: {100 * row['violations']:.2f} % at "
              f"{row['cost_ratio']:.2f}, at most {row['excess']:.1f} times the need")
    print(f"\n{OUT / 'scale.json'}: {len(found)} rows")


if __name__ == "__main__":
    main()
