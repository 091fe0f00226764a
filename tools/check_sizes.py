#!/usr/bin/env python3
"""Fails when a source file has grown beyond 600 lines: split it by ideas. Data and generated files are apart."""
import sys

import source

MOST = 600
FOLDERS = ["src", "tests", "bench", "examples", "tools", "packaging", "cmake"]
SUFFIXES = (".h", ".cc", ".def", ".py", ".sh", ".cmake", ".ts", ".tsx", "")
APART = ("tests/fuzz/corpus/", "tests/fixtures/")


def mistakes(name, text):
    lines = text.count("\n")
    return [f"{name}:{lines}: {lines} lines; split it (at most {MOST})"] if lines > MOST else []


def main():
    found = []
    paths = source.files((source.ROOT / folder for folder in FOLDERS), SUFFIXES)
    for path in paths:
        name = str(path.relative_to(source.ROOT))
        if not name.startswith(APART):
            found += mistakes(name, path.read_text(errors="replace"))
    print("\n".join(found) or f"sizes ok: {len(paths)} files")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
