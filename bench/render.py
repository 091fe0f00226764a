#!/usr/bin/env python3
"""Renders build/bench/results.json and micro.json into docs/benchmarks.md, between its markers."""

import argparse
import json
import pathlib
import re

import workloads

ROOT = pathlib.Path(__file__).parent.parent
DOCUMENT = ROOT / "docs" / "benchmarks.md"


def number(value, digits=0, unit=""):
    return "–" if value is None else f"{value:,.{digits}f}{unit}"


def table(header, lines):
    text = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    return "\n".join(text + ["| " + " | ".join(line) + " |" for line in lines])


def machine(about):
    versions = "; ".join(text for text in about["versions"].values() if text)
    settings = about["settings"]
    return (f"{about['date']}, {about['processor']}, {about['cpus']} CPUs, "
            f"kernel {about['kernel']}. {versions}. "
            f"Medians of {settings['repetitions']} interleaved repetitions of "
            f"{settings['seconds']:g} s.")


def work_table(workload, rows):
    lines = []
    for row in rows:
        lines.append([
            row["proxy"], number(row["rps"]), number(row["rps_per_core"]),
            number(row["cpu_us_per_request"], 2),
            f"{number(row['cpu_us_min'], 2)}..{number(row['cpu_us_max'], 2)}",
            number(100 * row["user_share"], 0, " %"), number(row["p50_us"]), number(row["p99_us"]),
            number(row["ratio_to_best_peer"], 2), number(row["p50_ratio_to_best_peer"], 2),
            number(row["p99_ratio_to_best_peer"], 2), number(row["errors"]),
            number(row["foreign_percent"], 0, " %"),
        ])
    at = rows[0]["latency_at"]
    if rows[0].get("half_load_rate"):
        at += f", {number(rows[0]['half_load_rate'])} a second"
    return (f"**{workload.name}**: {workload.what}; latency at {at}\n\n" + table(
        ["proxy", "a second", "per proxy core", "CPU µs each", "min..max", "user", "p50 µs",
         "p99 µs", "CPU ratio", "p50 ratio", "p99 ratio", "errors", "foreign CPU"], lines))


def idle_table(workload, rows):
    lines = [[row["proxy"], number(row["bytes_per_idle_connection"]),
              number(row["ratio_to_best_peer"], 2), number(row["cpu_us_per_request"], 1),
              number(row["connections"]), number(row["errors"])]
             for row in rows]
    return f"**{workload.name}**: {workload.what}\n\n" + table(
        ["proxy", "bytes in user space", "ratio", "CPU µs to connect and ask", "connections",
         "errors"], lines)


def verdict(value, bar):
    if value is None:
        return "not measured"
    return "met" if value <= bar else "**missed**"


def bars(found):
    lines = []
    for workload in workloads.WORKLOADS:
        mine = [row for row in found
                if row["workload"] == workload.name and row["proxy"] == "weir"]
        if not mine:
            continue
        row = mine[0]
        for what, key, bar, digits in (
                ("CPU ratio", "cpu_ratio_to_best_peer", workload.bar, 2),
                ("p50 ratio at half load", "p50_ratio_to_best_peer", workload.p50_bar, 2),
                ("bytes", "bytes_per_idle_connection", workload.bytes_bar, 0)):
            if bar:
                lines.append([workload.name, what, number(row[key], digits), number(bar, digits),
                              verdict(row[key], bar)])
    if not lines:
        return ""
    return "\n\n**What weir is held to**\n\n" + table(["work", "", "weir", "at most", ""], lines)


def results_section(found, about):
    sections = [machine(about)]
    for workload in workloads.WORKLOADS:
        rows = [row for row in found if row["workload"] == workload.name]
        if rows:
            sections.append((idle_table if workload.bytes_bar else work_table)(workload, rows))
    return "\n\n".join(sections) + bars(found)


def micro_section(found):
    lines = [[entry["folder"], f"`{entry['name']}`", number(entry["cpu_ns"], 1),
              number(entry["real_ns"], 1)]
             for entry in found["benchmarks"]]
    return (f"{found['about']['date']}, {found['about']['processor']}.\n\n"
            + table(["folder", "what", "CPU ns", "real ns"], lines))


def place(document, marker, section):
    """The document with the section between `marker`'s begin and end."""
    begin, end = f"<!-- {marker}:begin -->", f"<!-- {marker}:end -->"
    pattern = re.compile(re.escape(begin) + ".*?" + re.escape(end), re.DOTALL)
    if not pattern.search(document):
        raise SystemExit(f"the document has no {begin} ... {end}")
    return pattern.sub(lambda _: f"{begin}\n{section}\n{end}", document)


def render(document, folder):
    """The document with what bench/run.py left in the folder."""
    results, micro = folder / "results.json", folder / "micro.json"
    if results.exists():
        about = json.loads((folder / "about.json").read_text())
        section = results_section(json.loads(results.read_text()), about)
        document = place(document, "results", section)
    if micro.exists():
        document = place(document, "micro", micro_section(json.loads(micro.read_text())))
    return document


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--results", type=pathlib.Path, default=ROOT / "build" / "bench",
                        help="the folder that bench/run.py wrote")
    parser.add_argument("--document", type=pathlib.Path, default=DOCUMENT)
    options = parser.parse_args()
    options.document.write_text(render(options.document.read_text(), options.results))


if __name__ == "__main__":
    main()
