#!/usr/bin/python3
"""A load that rises and falls: users who send a page, wait for its text, and send the next.

  load.py http://127.0.0.1:8080/ocr build/release/examples/ocr/pages --users 0:1,10:8,30:8,40:0

--users is a line through points SECOND:USERS. Each user keeps one connection. A request is answered
when 200 came with JSON whose text holds most of the words of that very page; anything else is lost,
and nothing is tried again. Twice a second, and once at the end, a line of JSON goes to stdout.
SIGINT or SIGTERM ends it early: what is in flight is awaited.
"""

import argparse
import collections
import http.client
import json
import pathlib
import signal
import sys
import threading
import time
import urllib.parse

TICK = 0.5  # seconds between two lines
WINDOW = 5.0  # seconds that the rate and the percentiles of a line look back
WORDS_RIGHT = 0.8  # share of a page's words that its answer must hold


class Profile:
    """How many users there are at a second: straight lines through the given points."""

    def __init__(self, text):
        self.points = [tuple(float(n) for n in point.split(":")) for point in text.split(",")]
        if any(a[0] >= b[0] for a, b in zip(self.points, self.points[1:])):
            raise ValueError("the seconds must rise")
        if any(len(p) != 2 or p[1] < 0 for p in self.points):
            raise ValueError("write SECOND:USERS,SECOND:USERS,...")

    @property
    def end(self):
        return self.points[-1][0]

    @property
    def most(self):
        return round(max(users for _, users in self.points))

    def users(self, at):
        if at < self.points[0][0] or at >= self.end:
            return 0
        for (t0, u0), (t1, u1) in zip(self.points, self.points[1:]):
            if at < t1:
                return round(u0 + (u1 - u0) * (at - t0) / (t1 - t0))
        return 0


class Page:
    def __init__(self, path):
        self.name = path.stem
        self.image = path.read_bytes()
        self.words = collections.Counter(path.with_suffix(".txt").read_text().split())

    def share_right(self, text):
        found = collections.Counter(text.split())
        return (self.words & found).total() / self.words.total()


def percentile(values, p):
    """The smallest value that p percent of them do not exceed; None of no values."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * p // 100) - 1)] if ordered else None


class Tally:
    """What was sent and what became of it. Any thread."""

    def __init__(self, start):
        self.lock = threading.Lock()
        self.start = start
        self.sent = self.answered = self.lost = 0
        self.times = []  # (when it was answered, milliseconds)
        self.servers = collections.Counter()
        self.problems = collections.Counter()
        self.text = ""
        self.first_sent = self.first_ms = None

    def send(self):
        with self.lock:
            self.sent += 1
            self.first_sent = self.first_sent or time.monotonic()

    def answer(self, milliseconds, server, text):
        with self.lock:
            self.answered += 1
            if self.first_ms is None:
                self.first_ms = round((time.monotonic() - self.first_sent) * 1000, 1)
            self.times.append((time.monotonic() - self.start, milliseconds))
            self.servers[server] += 1
            self.text = self.text or text

    def lose(self, why):
        with self.lock:
            self.lost += 1
            self.problems[why] += 1

    def line(self, users, done=False):
        with self.lock:
            now = time.monotonic() - self.start
            recent = [ms for at, ms in self.times if done or at > now - WINDOW]
            span = now if done else min(now, WINDOW)
            line = {
                "at": round(now, 2),
                "users": users,
                "sent": self.sent,
                "answered": self.answered,
                "lost": self.lost,
                "in_flight": self.sent - self.answered - self.lost,
                "per_second": round(len(recent) / span, 2) if span > 0 else 0,
                "p50_ms": percentile(recent, 50),
                "p99_ms": percentile(recent, 99),
            }
            if done:
                line |= {"done": True, "servers": self.servers, "problems": self.problems}
                line |= {"first_ms": self.first_ms, "text": self.text}
            return json.dumps(line)


class User(threading.Thread):
    """Number n of the users: sends while the profile asks for more than n."""

    def __init__(self, number, options, profile, pages, tally, stop):
        super().__init__(daemon=True)
        self.number, self.options, self.profile = number, options, profile
        self.pages, self.tally, self.stop = pages, tally, stop
        self.url = urllib.parse.urlsplit(options.url)
        self.connection = None

    def run(self):
        turn = self.number  # so that the users do not all send the same page
        while not self.stop.is_set():
            at = time.monotonic() - self.tally.start
            if at >= self.profile.end:
                break
            if self.profile.users(at) > self.number:
                self.ask(self.pages[turn % len(self.pages)])
                turn += 1
            else:
                self.stop.wait(0.05)
        if self.connection:
            self.connection.close()

    def ask(self, page):
        self.tally.send()
        start = time.monotonic()
        try:
            if self.connection is None:
                self.connection = http.client.HTTPConnection(
                    self.url.hostname, self.url.port or 80, timeout=self.options.timeout
                )
            self.connection.request(
                "POST", self.url.path or "/", page.image, {"Content-Type": "image/png"}
            )
            response = self.connection.getresponse()
            body = response.read()
            took = round((time.monotonic() - start) * 1000, 1)
            if response.status != 200:
                raise ValueError(f"status {response.status}: {body[:80].decode(errors='replace')}")
            answer = json.loads(body)
            if page.share_right(answer["text"]) < WORDS_RIGHT:
                raise ValueError("not the text of this page")
            self.tally.answer(took, answer["instance"] or f"pid {answer['pid']}", answer["text"])
        except Exception as problem:  # whatever went wrong, a request is lost and is told so
            self.tally.lose(f"{type(problem).__name__}: {problem}")
            if self.connection:
                self.connection.close()
            self.connection = None
            self.stop.wait(0.2)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("url", help="where to POST the pages")
    parser.add_argument("pages", type=pathlib.Path, help="folder with name.png and name.txt")
    parser.add_argument("--users", default="0:1,4:1,14:8,24:8,36:1,40:1", metavar="POINTS")
    parser.add_argument("--timeout", type=float, default=120, help="seconds; then it is lost")
    options = parser.parse_args()
    try:
        profile = Profile(options.users)
    except ValueError as problem:
        parser.error(f"--users {options.users}: {problem}")
    pages = [Page(path) for path in sorted(options.pages.glob("*.png"))]
    if not pages:
        parser.error(f"no pages in {options.pages}: build the target ocr-pages")

    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    tally = Tally(time.monotonic())
    users = [User(n, options, profile, pages, tally, stop) for n in range(profile.most)]
    for user in users:
        user.start()
    while any(user.is_alive() for user in users):
        time.sleep(TICK)
        at = time.monotonic() - tally.start
        print(tally.line(0 if stop.is_set() else profile.users(at)), flush=True)
    print(tally.line(0, done=True), flush=True)
    return 1 if tally.lost or not tally.answered else 0


if __name__ == "__main__":
    sys.exit(main())
