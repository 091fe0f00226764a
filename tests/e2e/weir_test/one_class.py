"""Runs the tests of one class in this process: `one_class MODULE CLASS TEST...`.

Prints one JSON line per test, so that the parent knows what ran even if this process is ended.
"""
import importlib
import json
import sys
import time
import traceback
import unittest


class Report(unittest.TestResult):
    def _say(self, test, outcome, text=""):
        name = getattr(test, "_testMethodName", str(test))
        seconds = time.monotonic() - getattr(self, "began", time.monotonic())
        print(json.dumps({"test": name, "outcome": outcome, "text": text, "seconds": seconds}),
              flush=True)

    def startTest(self, test):
        self.began = time.monotonic()
        self.bad = []
        self._say(test, "start")
        super().startTest(test)

    def stopTest(self, test):
        if not getattr(self, "said", False):
            self._say(test, "fail" if self.bad else "pass", "\n".join(self.bad))
        self.said = False
        super().stopTest(test)

    def addSkip(self, test, reason):
        self.said = True
        self._say(test, "skip", reason)

    def addError(self, test, error):
        if not hasattr(test, "_testMethodName"):  # setUpClass
            self._say(test, "fail", "".join(traceback.format_exception(*error)))
            return
        self.bad.append(self._exc_info_to_string(error, test))

    addFailure = addError

    def addSubTest(self, test, subtest, error):
        if error is not None:
            text = "".join(traceback.format_exception_only(error[0], error[1])).strip()
            self.bad.append(f"{subtest._subDescription()}: {text[:600]}")


def main(module, name, *tests):
    case = getattr(importlib.import_module(module), name)
    suite = unittest.TestSuite(case(test) for test in tests)
    suite.run(Report())


if __name__ == "__main__":
    main(*sys.argv[1:])
