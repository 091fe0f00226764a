#!/usr/bin/env python3
"""Writes docs/reference/aws-coverage.md from the models and the .def files; --check fails where it differs."""
import sys
import textwrap

import aws_sources
import source

PAGE = source.ROOT / "docs" / "reference" / "aws-coverage.md"
HEAD = """# AWS coverage

Made by `tools/aws_coverage.py` of `third_party/aws-models` and the `operations.def` and `refused.def` of
`src/api/aws`. An operation that is not built answers HTTP 400 with `InvalidAction` or
`UnknownOperationException` and its name. A member that is refused is a `ValidationError` (or the code of its
protocol) that names it; all other members of the operations that are built are honoured, and members that the
model does not know are ignored, as AWS does.

| service | version | built | of those in the model | operations of AWS |
|---|---|---|---|---|
"""


def wrapped(label, names):
    if not names:
        return ""
    return "\n".join(textwrap.wrap(f"{label}: {', '.join(names)}.", 118, break_long_words=False)) + "\n\n"


def page():
    table, sections = "", ""
    for folder, model in aws_sources.services():
        operations = sorted(model["operations"])
        built = aws_sources.built(folder)
        table += (f"| {folder} | {model['metadata']['apiVersion']} | {len(built)} | {len(operations)} "
                  f"| {len(model['names'])} |\n")
        sections += f"## {folder}\n\n"
        sections += wrapped("Built", [name for name in operations if name in built])
        sections += wrapped("In the model, not built", [name for name in operations if name not in built])
        sections += wrapped("Members that are refused",
                            [f"{shape}.{member}" for shape, member in sorted(aws_sources.refused(folder))])
    return HEAD + table + "\n" + sections.rstrip("\n") + "\n"


def main():
    text = page()
    if "--check" in sys.argv[1:]:
        if not PAGE.exists() or PAGE.read_text() != text:
            print(f"{PAGE.relative_to(source.ROOT)} is out of date: run tools/aws_coverage.py")
            return 1
        print("aws coverage ok")
        return 0
    PAGE.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
