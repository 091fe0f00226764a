#!/usr/bin/env python3
"""Writes docs/reference/metrics.md from the metrics.def files; --check fails where it differs."""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
ROW = re.compile(
    r'^(COUNTER|GAUGE|HISTOGRAM)\((\w+),\s*"((?:[^"\\]|\\.)*)"((?:,\s*"\w+")*)\)', re.M
)
HEAD = """# Metrics

At `/metrics` of the admin listener, in Prometheus' text format. Made from the `metrics.def` files by
`tools/metrics_doc.py`. A histogram `NAME` has the series `NAME_bucket{le}`, `NAME_sum` and
`NAME_count`; its bounds are powers of two from 256 microseconds to 18 minutes.

| metric | kind | labels | what it says |
|---|---|---|---|
"""


def rows():
    for path in sorted((ROOT / "src").rglob("metrics.def")):
        folder = path.parent.name
        # Neighbouring string literals are one; a row may take several lines.
        text = re.sub(r'"\s*\n?\s*"', "", re.sub(r"\n\s+", " ", path.read_text()))
        for kind, name, what, labels in ROW.findall(text):
            if folder != "app":
                name = f"weir_{folder}_{name}"
            yield name, kind.lower(), ", ".join(re.findall(r"\w+", labels)), what


def main():
    lines = [f"| `{n}` | {k} | {l} | {w} |" for n, k, l, w in sorted(rows())]
    text = HEAD + "\n".join(lines) + "\n"
    page = ROOT / "docs/reference/metrics.md"
    if "--check" in sys.argv[1:]:
        if not page.exists() or page.read_text() != text:
            print(f"{page.relative_to(ROOT)} is out of date: run tools/metrics_doc.py")
            return 1
        print(f"metrics reference ok: {len(lines)} metrics")
        return 0
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
