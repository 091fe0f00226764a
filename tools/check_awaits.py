#!/usr/bin/env python3
"""Fails where a coroutine is written in a form that g++ 12 gets wrong, or that our rules forbid.

- A lambda or a braced object built inside a co_await expression is destroyed twice: name it on the
  line above, then await.
- co_await stands as a whole statement, or as the right side of one declaration (or in CO_TRY).
- A coroutine is a named function: a lambda's frame would outlive what the lambda captured."""
import re
import sys

import source

AWAIT = re.compile(r"\bco_await\b")
COROUTINE_WORD = re.compile(r"\b(?:co_await|co_return|co_yield|CO_TRY|CO_TRY_VOID)\b")
# What may stand before co_await: the start of a statement, `=`, `co_return`, or a CO_TRY's comma.
STATEMENT = re.compile(r"(?:^|[;{}:]|\belse|\bdo|(?<![=!<>])=|\bco_return|\)\s*)\s*$")
IN_TRY = re.compile(r"\bCO_TRY\s*\([^;]*,\s*$|\bCO_TRY_VOID\s*\(\s*$")
CONTROL = re.compile(r"\b(?:if|while|for|switch)\s*(?:constexpr\s*)?\($")
CLOSE = {"(": ")", "[": "]", "{": "}"}


def end_of_expression(code, start):
    """The offset of the ; or of the bracket that closes around the expression from `start`."""
    depth = 0
    for i in range(start, len(code)):
        c = code[i]
        if c in "([{":
            depth += 1
        elif c in ")]}":
            if depth == 0:
                return i
            depth -= 1
        elif c == ";" and depth == 0:
            return i
    return len(code)


def closing(code, start):
    """The offset of the bracket that matches the one at `start`."""
    depth = 0
    for i in range(start, len(code)):
        depth += (code[i] in "([{") - (code[i] in ")]}")
        if depth == 0:
            return i
    return len(code)


def lambdas(code):
    """(introducer, body start, body end) of each lambda in the code."""
    for match in re.finditer(r"\[", code):
        before = code[:match.start()].rstrip()
        # After a name, a bracket or a string it is a subscript; [[ opens an attribute.
        if re.search(r"[\w\])\"']$", before) and not re.search(r"\b(?:return|co_return|co_await|co_yield|case)$", before):
            continue
        if code.startswith("[[", match.start()) or before.endswith("["):
            continue
        at = closing(code, match.start()) + 1
        rest = re.match(r"\s*(?:<[^{};]*?>\s*)?", code[at:])
        at += rest.end()
        if at < len(code) and code[at] == "(":
            at = closing(code, at) + 1
        tail = re.match(r"[\s\w:<>,*&()\[\].]*?(?:->[^;{}]*?)?\{", code[at:])
        if tail:
            body = at + tail.end() - 1
            yield match.start(), body, closing(code, body)


def mistakes(name, text):
    code = source.code(text)
    code = re.sub(r"^[ \t]*#[^\n]*(?:\\\n[^\n]*)*", lambda m: re.sub(r"[^\n]", " ", m[0]), code, flags=re.MULTILINE)
    inner = list(lambdas(code))
    found = []

    def say(offset, message):
        found.append((offset, f"{name}:{source.line_of(text, offset)}: {message}"))

    for match in AWAIT.finditer(code):
        start = match.end()
        expression = code[start:end_of_expression(code, start)]
        awaits_empty = re.fullmatch(r"\s*Yield\s*\{\s*\}\s*", expression)
        has_lambda = any(start <= at < start + len(expression) for at, _, _ in inner)
        if has_lambda or ("{" in expression and not awaits_empty):
            say(match.start(), "name the temporary on the line before co_await")
        before = code[max(0, match.start() - 400):match.start()]
        if not IN_TRY.search(before) and not starts_statement(before):
            say(match.start(), "co_await must be a whole statement or the right side of one declaration")
    for at, body, end in inner:
        word = COROUTINE_WORD.search(code, body, end)
        if word:
            say(at, "a coroutine is a named function or member, not a lambda")
    return [message for _, message in sorted(found)]


def starts_statement(before):
    if not STATEMENT.search(before):
        return False
    stripped = before.rstrip()
    if stripped.endswith(")"):  # `if (x) co_await y;` but not `f(x) co_await` nor a cast
        depth = 0
        for i in range(len(stripped) - 1, -1, -1):
            depth += (stripped[i] == ")") - (stripped[i] == "(")
            if depth == 0:
                return bool(CONTROL.search(stripped[:i + 1]))
        return False
    return True


def main(arguments):
    found = []
    for path in source.files(arguments or ["src", "tests", "bench", "examples"]):
        found += mistakes(str(path), path.read_text())
    print("\n".join(found) or "awaits ok")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
