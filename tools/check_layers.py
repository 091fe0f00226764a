#!/usr/bin/env python3
"""Fails when a file includes a folder that its own may not see, or asks the system for time or chance.

layers.txt says who may include whom. Only base/clock.cc and base/random.cc may ask the system;
everything else takes a Clock or a Random as an argument. Benchmarks may measure time."""
import re
import sys

import source

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*"([^"\n]+)"', re.MULTILINE)
SYSTEM = re.compile(
    r"\b(?:steady_clock|system_clock|high_resolution_clock|file_clock)\s*::\s*now\b"
    r"|\b(?:clock_gettime|gettimeofday|timespec_get|random_device|drand48|lrand48|getrandom|getentropy)\b"
    r"|(?<![\w.>])(?:std\s*::\s*|::\s*)?(?:rand\s*\(\s*\)|srand\s*\(|time\s*\(\s*(?:0|NULL|nullptr|&\s*\w+)\s*\))"
    r"|(?<![\w:])::\s*(?:time|random)\s*\(")
MAY_ASK = {"base/clock.cc", "base/random.cc"}


def read_rules(text):
    rules = {}
    for line in text.splitlines():
        name, colon, allowed = line.split("#")[0].partition(":")
        if colon:
            rules[name.strip()] = set(allowed.split()) | {name.strip(), "base"}
    return rules


def mistakes_in_rules(rules):
    """Folders that are allowed but not declared, and circles."""
    found = [f"layers.txt: {name} names '{other}', which has no line of its own"
             for name, allowed in rules.items() for other in sorted(allowed - set(rules) - {"*"})]
    for name in rules:
        seen, open_ends = set(), [o for o in rules[name] if o != name]
        while open_ends:
            at = open_ends.pop()
            if at == name:
                found.append(f"layers.txt: {name} may include itself by way of others")
                break
            if at not in seen and at in rules:
                seen.add(at)
                open_ends += rules[at] - {at}
    return found


def mistakes_in_file(rules, name, text):
    """`name` is relative to src/."""
    folder = name.split("/")[0]
    if folder not in rules:
        return [f"src/{name}:1: folder '{folder}' has no line in layers.txt"]
    found = []
    cleaned = source.code(text)
    for match in INCLUDE.finditer(text):
        if cleaned[match.end() - 1] == " ":
            continue  # within a comment
        where = f"src/{name}:{source.line_of(text, match.end())}"
        target, slash, _ = match[1].partition("/")
        if not slash or target == "..":
            found.append(f"{where}: write the include relative to src/: \"{folder}/{match[1]}\"")
        elif target not in rules[folder] and "*" not in rules[folder]:
            found.append(f"{where}: {folder} may not include {target}")
    if name not in MAY_ASK and not name.endswith("_bench.cc"):
        for match in SYSTEM.finditer(cleaned):
            found.append(f"src/{name}:{source.line_of(text, match.start())}: "
                         f"{' '.join(match[0].split())}: take a Clock or a Random instead")
    return found


def main():
    rules = read_rules((source.ROOT / "layers.txt").read_text())
    found = mistakes_in_rules(rules)
    src = source.ROOT / "src"
    for path in source.files([src], (".h", ".cc", ".def")):
        found += mistakes_in_file(rules, str(path.relative_to(src)), path.read_text())
    print("\n".join(found) or f"layers ok: {len(rules)} folders")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
