"""The base class of all tests: time limits, a folder for logs, waiting for a condition."""
import os
import signal
import time
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
OUT = Path(os.environ.get("WEIR_E2E_OUT", ROOT / "build" / "e2e"))
BIN = Path(os.environ.get("WEIR_BIN", ROOT / "build" / "release" / "weir"))
# Sanitizer builds and loaded machines are slower: WEIR_E2E_PATIENCE=3 triples every limit.
PATIENCE = float(os.environ.get("WEIR_E2E_PATIENCE", "1"))
# Of tests whose figures mean nothing where a sanitizer keeps what was freed.
SANITIZED = "WEIR_SANITIZED" in os.environ
measures_memory = unittest.skipIf(SANITIZED, "a sanitizer's memory, not weir's")
SOAK = float(os.environ.get("WEIR_E2E_SOAK", "0"))
NEEDS_WEIR = not BIN.exists() and f"{BIN} does not exist"


class OverTime(Exception):
    """A test ran past its limit."""


def limit(seconds):
    """Decorator: the time limit of one test; 30 s without it."""
    def set_limit(function):
        function.time_limit = seconds
        return function
    return set_limit


class Case(unittest.TestCase):
    """One behaviour per test; the name of a test is a sentence."""

    serial = False  # True: measures time, so nothing else runs beside it

    def run(self, result=None):
        method = getattr(self, self._testMethodName)
        seconds = getattr(method, "time_limit", 30) * PATIENCE

        def over(*_):
            raise OverTime(f"ran longer than {seconds:g} s")

        before = signal.signal(signal.SIGALRM, over)
        signal.setitimer(signal.ITIMER_REAL, seconds, 2)
        try:
            return super().run(result)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)

    @property
    def folder(self):
        path = OUT / f"{type(self).__name__}.{self._testMethodName}"
        path.mkdir(parents=True, exist_ok=True)
        return path

    def backend(self, name="backend", **more):
        from weir_test.backend import Backend
        backend = Backend(name, **more)
        self.addCleanup(backend.stop)
        return backend

    def eventually(self, condition, within=10.0, every=0.02, what=""):
        """Waits until condition() is true and returns its value; fails after the time."""
        end = time.monotonic() + within * PATIENCE
        while True:
            value = condition()
            if value:
                return value
            if time.monotonic() > end:
                self.fail(f"not true within {within:g} s: {what or condition}; last: {value!r}")
            time.sleep(every)

    def always(self, condition, during, every=0.02, what=""):
        end = time.monotonic() + during
        while time.monotonic() < end:
            value = condition()
            self.assertTrue(value, f"{what or condition}: {value!r}")
            time.sleep(every)
