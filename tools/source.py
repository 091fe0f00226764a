"""C++ text for the checks: which files there are, and their code without comments and strings."""
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parent.parent
TOKEN = re.compile(
    r'//[^\n]*'
    r'|/\*.*?\*/'
    r'|R"(?P<delimiter>[^ ()\\\t\v\f\n]*)\(.*?\)(?P=delimiter)"'
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|(?<![0-9A-Za-z_])'(?:[^'\\\n]|\\.)+'",
    re.DOTALL)


def files(roots, suffixes=(".h", ".cc")):
    """The files under these roots with these suffixes, in order; a root may be a file."""
    found = []
    for root in map(pathlib.Path, roots):
        if root.is_file():
            found.append(root)
        else:
            found += (p for p in root.rglob("*") if p.suffix in suffixes and p.is_file())
    return sorted(found)


def code(text):
    """The text with comments and the insides of strings blanked out; every offset stays."""
    def blank(match):
        kept = re.sub(r"[^\n]", " ", match[0])
        if match[0][0] in "\"'":
            kept = match[0][0] + kept[1:-1] + match[0][-1]
        return kept
    return TOKEN.sub(blank, text)


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1
