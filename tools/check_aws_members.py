#!/usr/bin/env python3
"""Fails where an operation that is built might take a member of its input in silence.

Each member of each shape that the input of a built operation reaches is used by its name in the sources
of its service (src/api/aws/<service>, or what the services share in src/api/aws), or has a row
REFUSED(Shape, Member) in the service's refused.def. A member of the latter is not used."""
import re
import sys

import aws_sources
import source


def words(paths):
    return set(re.findall(r"\w+", "\n".join(source.code(path.read_text()) for path in paths)))


def mistakes(folder, model, operations, refusals, used):
    found = [f"src/api/aws/{folder}/operations.def: {name} is no operation of the model"
             for name in sorted(operations - set(model["operations"]))]
    for shape, member in sorted(refusals):
        if member not in model["shapes"].get(shape, {}).get("members", {}):
            found.append(f"src/api/aws/{folder}/refused.def: {shape}.{member} is not in the model")
    for shape in sorted(aws_sources.reached(model, operations & set(model["operations"]), refusals)):
        for member in model["shapes"][shape].get("members", {}):
            if member not in used and (shape, member) not in refusals:
                found.append(f"src/api/aws/{folder}: {shape}.{member} is not used: "
                             f"honour it, or add REFUSED({shape}, {member}) to refused.def")
    return found


def main():
    found, count = [], 0
    for folder, model in aws_sources.services():
        operations = aws_sources.built(folder)
        count += len(operations)
        paths = [path for path in (aws_sources.FOLDERS / folder).rglob("*.cc") if not path.name.endswith("_test.cc")]
        paths += list((aws_sources.FOLDERS / folder).rglob("*.h"))
        shared = [path for suffix in ("*.cc", "*.h") for path in aws_sources.FOLDERS.glob(suffix)
                  if not path.name.endswith("_test.cc")]
        used = words(paths + shared)
        found += mistakes(folder, model, operations, aws_sources.refused(folder), used)
    print("\n".join(found) or f"aws members ok: {count} operations")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
