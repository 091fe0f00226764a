#!/usr/bin/env python3
"""How well the forecaster does on recorded traffic, and what it costs.

Reads the traces of ../shared/traces (beside the repository; a series whose file is missing is
skipped by name), feeds them to bench_forecast and prints, for each series and lead, the WAPE of
every method and of the selector, and how often the load stayed below the upper bands. Rows go to
build/bench/forecast.json. Exit status 1 if a bar is missed: the selector within 5 % of the best
single method, both bands within 1.5 points, an update below 1 ms.
"""

import argparse
import csv
import dataclasses
import datetime
import gzip
import json
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
TRACES = ROOT.parent / "shared" / "traces"
WITHIN, POINTS, MOST_US = 1.05, 0.015, 1000
MINUTE, HOUR, DAY = 60, 3600, 86_400
SINGLES = ("persistence", "seasonal_day", "seasonal_week", "profile", "holt_winters", "harmonic")
# Below so many forecasts a share of 1 or 5 % says nothing: 1.5 points are two standard deviations
# of 5 % at 850 independent ones.
LEAST_ORIGINS = 850


@dataclasses.dataclass(frozen=True)
class Series:
    name: str
    file: str
    step: int  # seconds
    read: callable  # rows of the file to values
    leads: tuple = (0, HOUR, DAY)  # seconds; 0: one step


def column(index, group=1):
    """The mean of each `group` values."""
    def read(rows):
        values = [float(row[index]) for row in rows]
        return [sum(values[i:i + group]) / group for i in range(0, len(values) - group + 1, group)]
    return read


def head(read, count):
    return lambda rows: read(rows)[:count]


def nasa(month, group):
    """Requests a minute of one month; minutes that the log lacks are gaps."""
    def read(rows):
        found = {datetime.datetime.fromisoformat(row[0]): float(row[1]) for row in rows}
        begin = datetime.datetime(1995, month, 1)
        count = 27 * 1440 if month == 7 else 31 * 1440
        minutes = [found.get(begin + datetime.timedelta(minutes=i)) for i in range(count)]
        if month == 8:  # the server was shut down for a hurricane
            first, last = datetime.datetime(1995, 8, 1, 14, 53), datetime.datetime(1995, 8, 3, 4, 36)
            for i in range(int((first - begin).total_seconds() // 60),
                           int((last - begin).total_seconds() // 60)):
                minutes[i] = None
        whole = []
        for i in range(0, count - group + 1, group):
            part = minutes[i:i + group]
            whole.append(None if None in part else sum(part) / group)
        return whole
    return read


def arrivals(step):
    """Requests in each step, from a time stamp per request."""
    def read(rows):
        times = [datetime.datetime.fromisoformat(row[0][:26]).timestamp() for row in rows]
        counts = [0.0] * (int((times[-1] - times[0]) // step) + 1)
        for time in times:
            counts[int((time - times[0]) // step)] += 1
        return counts[:-1]
    return read


ALL = [
    Series("servegen_m-small", "servegen_m-small_total_rate.csv.gz", 600, column(1)),
    Series("servegen_deepseek-r1", "servegen_deepseek-r1_total_rate.csv.gz", 600, column(1)),
    Series("nasa", "nasa_http_1995_per_minute.csv.gz", 600, nasa(7, 10)),
    Series("wikipedia", "wikipedia_limbo_hourly.csv.gz", HOUR, column(1), (0, DAY)),
    Series("taxi", "nab_nyc_taxi_30min.csv.gz", 1800, head(column(1), 90 * 48)),
    Series("crane_09", "crane_container_metric_09.csv.gz", 600, column(1, 10)),
    Series("crane_14", "crane_container_metric_14.csv.gz", 600, column(1, 10)),
    # Beyond the bars' series: holidays, gaps, steps of a minute, an hour in all.
    Series("taxi_whole", "nab_nyc_taxi_30min.csv.gz", 1800, column(1)),
    Series("nasa_august", "nasa_http_1995_per_minute.csv.gz", 600, nasa(8, 10)),
    Series("nasa_minutes", "nasa_http_1995_per_minute.csv.gz", MINUTE, nasa(7, 1),
           (0, 300, HOUR, DAY)),
    Series("crane_09_minutes", "crane_container_metric_09.csv.gz", MINUTE, column(1),
           (0, 300, HOUR, DAY)),
    Series("azure_code", "azure_llm_2023_code.csv.gz", 10, arrivals(10), (0, 300)),
    Series("azure_conv", "azure_llm_2023_conv.csv.gz", 10, arrivals(10), (0, 300)),
]


def rows_of(path):
    with gzip.open(path, "rt") as file:
        return list(csv.reader(file))[1:]


def line_of(series, values):
    first = min(14 * DAY // series.step, len(values) // 2)
    leads = [max(lead // series.step, 1) for lead in series.leads]
    words = [series.name, series.step, first, ",".join(map(str, leads))]
    return " ".join(map(str, words)) + " " + " ".join(
        "-" if value is None else f"{value:g}" for value in values)


def measure(program, traces, chosen):
    found = []
    for series in chosen:
        path = traces / series.file
        if not path.exists():
            print(f"skipped {series.name}: no {series.file} in the traces")
            continue
        line = line_of(series, series.read(rows_of(path)))
        done = subprocess.run([program], input=line + "\n", text=True, stdout=subprocess.PIPE,
                              check=True)
        found.append(json.loads(done.stdout))
    return found


def lead_name(step, lead):
    time = step * lead
    if lead == 1:
        return "1 step"
    return f"{time // HOUR} h" if time >= HOUR else f"{time // MINUTE} min"


def judge(found):
    """Adds what the bars ask for to each row; the misses, in words."""
    misses = []
    for series in found:
        if series["update_us"] >= MOST_US:
            misses.append(f"{series['series']}: {series['update_us']:.0f} us an update")
        for row in series["leads"]:
            where = f"{series['series']}, {lead_name(series['step'], row['lead'])}"
            singles = {name: row["methods"][name]["wape"] for name in SINGLES
                       if name in row["methods"] and row["origins"]}
            row["best"] = min(singles, key=singles.get, default=None)
            if row["best"] is None:
                continue
            row["ratio_to_best"] = row["selector"] / singles[row["best"]]
            if row["ratio_to_best"] > WITHIN:
                misses.append(f"{where}: {row['ratio_to_best']:.3f} times the best, {row['best']}")
            if row["origins"] < LEAST_ORIGINS:
                continue
            for band, share in (("covered_99", 0.99), ("covered_95", 0.95)):
                if abs(row[band] - share) > POINTS:
                    misses.append(f"{where}: {100 * row[band]:.1f} % below the band of "
                                  f"{100 * share:.0f} %")
    return misses


def table(found):
    header = ["series", "lead", *SINGLES, "selector", "to best", "99 %", "95 %", "margins", "us"]
    lines = []
    for series in found:
        for row in series["leads"]:
            if row.get("best") is None:
                continue
            wapes = [f"{100 * row['methods'][name]['wape']:.1f}" if name in row["methods"] else "-"
                     for name in SINGLES]
            short = "" if row["origins"] >= LEAST_ORIGINS else "?"
            lines.append([series["series"], lead_name(series["step"], row["lead"]), *wapes,
                          f"{100 * row['selector']:.1f}", f"{row['ratio_to_best']:.3f}",
                          f"{100 * row['covered_99']:.1f}{short}",
                          f"{100 * row['covered_95']:.1f}{short}",
                          f"{row['margin_99']:.2f} {row['margin_95']:.2f}",
                          f"{series['update_us']:.1f}"])
    widths = [max(len(line[i]) for line in [header, *lines]) for i in range(len(header))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip()
                     for line in [header, *lines])


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build" / "release")
    parser.add_argument("--results", type=pathlib.Path, default=ROOT / "build" / "bench")
    parser.add_argument("--traces", type=pathlib.Path, default=TRACES)
    parser.add_argument("--only", help="names of series, separated by commas")
    options = parser.parse_args()
    only = options.only.split(",") if options.only else None
    chosen = [series for series in ALL if only is None or series.name in only]

    found = measure(options.build / "bench" / "bench_forecast", options.traces,
                    chosen)
    if not found:
        return 0
    misses = judge(found)
    print(table(found))
    print("\n".join(["missed:", *misses] if misses else ["every bar is met"]))
    options.results.mkdir(parents=True, exist_ok=True)
    (options.results / "forecast.json").write_text(
        json.dumps({"series": found, "missed": misses}, indent=1) + "\n")
    return bool(misses)


if __name__ == "__main__":
    sys.exit(main())
