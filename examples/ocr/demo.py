#!/usr/bin/python3
"""OCR model servers from zero, out, in and back to zero, in about a minute.

Starts weir with examples/ocr/weir.yaml, sends it a load that rises and falls, shows what happens, and
ends with a summary. Exit code 0: nothing was lost, the group scaled out and went back to zero.

  demo.py [--quick] [--keep] [--build build/release]

--keep (or KEEP=1 in the environment) leaves it running until Ctrl-C. Python's standard library only.
"""

import argparse
import http.client
import json
import os
import pathlib
import signal
import sys
import threading
import time

from live.stage import Stage, Trouble
from live.timeline import Timeline
from live.view import Screen, clock, milliseconds

ROOT = pathlib.Path(__file__).resolve().parents[2]
FULL = "0:1,5:1,14:8,24:8,35:1,40:1"  # seconds and users, as load.py takes them
QUICK = "0:1,2:1,4:6,8:6,11:1,12:1"
TO_ZERO = 40  # seconds after the load within which the last instance has to be gone


def first_sentence(text, most=160):
    text = " ".join(text.split())
    sentence = text[: text.find(". ") + 1] or text
    return sentence if len(sentence) <= most else sentence[:most].rpartition(" ")[0] + " ..."


class Demo:
    def __init__(self, stage, options):
        self.stage, self.options = stage, options
        self.lock = threading.Lock()  # of what the two reading threads write
        self.timeline = Timeline()
        self.load = {}
        self.history = []
        self.screen = Screen(sys.stdout)
        self.phase = "starting"
        self.trouble = ""  # what the reading threads met
        self.ended = threading.Event()
        self.start = time.monotonic()

    def at(self):
        return time.monotonic() - self.start

    def watch_weir(self):
        """Ten times a second: states that last shorter are not seen, as in any status page."""
        while not self.ended.wait(0.1):
            try:
                status = self.stage.status()
            except (OSError, http.client.HTTPException, ValueError) as problem:
                self.trouble = f"weir's status cannot be read: {problem}"
                continue
            with self.lock:
                self.timeline.feed(self.at(), status)
                for instance in self.timeline.living():
                    self.stage.note(instance.pid)

    def watch_load(self, process):
        for line in process.stdout:
            with self.lock:
                self.load = json.loads(line)

    def show(self):
        with self.lock:
            at = self.at()
            if at >= len(self.history):  # one bar of the view a second
                self.history.append((self.load.get("per_second", 0), len(self.timeline.living())))
            self.screen.show(at, self.phase, self.load, self.timeline, self.history)

    def show_until(self, condition, seconds=None):
        limit = None if seconds is None else time.monotonic() + seconds
        while not condition():
            if self.stage.serving.poll() is not None:
                raise Trouble(f"weir ended in the middle\n{self.stage.last_log()}")
            if limit and time.monotonic() > limit:
                return False
            self.show()
            time.sleep(0.25)
        self.show()
        return True

    def run(self):
        self.stage.start_weir()
        self.start = time.monotonic()
        watcher = threading.Thread(target=self.watch_weir, daemon=True)
        watcher.start()
        self.phase = "nothing runs yet: the first request will start a server"
        self.show_until(lambda: self.at() > 1)

        process = self.stage.start_load(QUICK if self.options.quick else FULL)
        reader = threading.Thread(target=self.watch_load, args=[process], daemon=True)
        reader.start()
        try:
            self.phase = "pages come in"
            self.show_until(lambda: process.poll() is not None)
            reader.join(5)
            self.phase = "no more pages: to zero after the idle time"
            if self.show_until(lambda: self.timeline.at_zero, TO_ZERO):
                self.phase = "at zero again"
                self.show()
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)  # it awaits what is in flight
                stop_waiting = time.monotonic() + 10
                while process.poll() is None and time.monotonic() < stop_waiting:
                    time.sleep(0.1)
                process.kill()
                process.wait()
            self.screen.close()

    def keep(self):
        page = self.stage.pages / "alice.png"
        print("\nweir goes on running; Ctrl-C ends it. In another terminal:\n")
        print(f"  curl --data-binary @{page} http://127.0.0.1:{self.stage.public}/ocr")
        print(f"  curl http://127.0.0.1:{self.stage.admin}/api/v1/status")
        print(f"\nconfig and logs: {self.stage.folder}\n", flush=True)
        told, state = len(self.timeline.activities), None
        while self.stage.serving.poll() is None:
            with self.lock:
                news = self.timeline.activities[told:]
            for activity in news:
                print(f"{clock(activity.at)} {activity.description}: {activity.cause}", flush=True)
            told += len(news)
            time.sleep(0.25)

    def verdict(self):
        """What went against the promise, in words; empty when all is well."""
        load, timeline = self.load, self.timeline
        wrong = []
        if not load.get("done"):
            wrong.append("the load did not end by itself")
        if not load.get("answered"):
            wrong.append("nothing was answered")
        if load.get("lost") or load.get("sent") != load.get("answered"):
            wrong.append(f"requests were lost: {load.get('problems')}")
        if timeline.scale_outs < 1:
            wrong.append("the group never scaled out")
        if not timeline.at_zero:
            wrong.append(
                "the group did not go back to zero" + (f" ({self.trouble})" if self.trouble else "")
            )
        return wrong

    def summary(self):
        load, timeline = self.load, self.timeline
        served = load.get("servers", {})
        print("\nsummary")
        print(
            f"  sent {load.get('sent', 0)}   answered {load.get('answered', 0)}   lost {load.get('lost', 0)}"
        )
        print(
            f"  first answer {milliseconds(load.get('first_ms'))} after the first request, from zero   "
            f"p50 {milliseconds(load.get('p50_ms'))}   p99 {milliseconds(load.get('p99_ms'))}"
        )
        print(
            f"  scale-outs {timeline.scale_outs}   scale-ins {timeline.scale_ins}   "
            f"most in service at once {timeline.most_in_service}   "
            f"at zero again: {'yes' if timeline.at_zero else 'no'}"
        )
        print(
            "  desired capacity: "
            + (", ".join(f"{at:.1f} s {a} to {b}" for at, a, b in timeline.decisions) or "-")
        )
        print("  instances, in seconds since the start:")
        for instance in timeline.instances.values():
            states = "   ".join(f"{at:.1f} {state}" for at, state in instance.states)
            print(f"    {instance.name}   {states}   answered {served.get(instance.name, 0)}")
        print(f'  one page said: "{first_sentence(load.get("text", ""))}"')
        for wrong in self.verdict():
            print(f"  NOT AS PROMISED: {wrong}")
        sys.stdout.flush()

    def record(self):
        """The same for programs: FOLDER/summary.json."""
        load, timeline = self.load, self.timeline
        instances = {
            i.name: {"pid": i.pid, "states": i.states} for i in timeline.instances.values()
        }
        result = {
            key: load.get(key)
            for key in ("sent", "answered", "lost", "first_ms", "p50_ms", "p99_ms")
        }
        result |= {"scale_outs": timeline.scale_outs, "scale_ins": timeline.scale_ins}
        result |= {"most_in_service": timeline.most_in_service, "at_zero": timeline.at_zero}
        result |= {"decisions": timeline.decisions, "instances": instances, "wrong": self.verdict()}
        (self.stage.folder / "summary.json").write_text(json.dumps(result, indent=1) + "\n")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="about 20 seconds, for tests")
    parser.add_argument(
        "--keep", action="store_true", default=os.environ.get("KEEP", "0") not in ("", "0")
    )
    parser.add_argument(
        "--build", type=pathlib.Path, default=ROOT / "build/release", help="where it was built"
    )
    parser.add_argument(
        "--folder", type=pathlib.Path, default=ROOT / "build/demo", help="for config, state, logs"
    )
    options = parser.parse_args()
    signal.signal(signal.SIGINT, signal.default_int_handler)  # also where it came in as ignored
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    signal.signal(signal.SIGHUP, lambda *_: sys.exit(129))

    stage = Stage(ROOT, options.build.resolve(), options.folder.resolve())
    demo = Demo(stage, options)
    code = 1
    try:
        stage.check()
        stage.prepare()
        stage.write_config(options.quick)
        demo.run()
        demo.summary()
        demo.record()
        code = 1 if demo.verdict() else 0
        if options.keep:
            demo.keep()
    except Trouble as trouble:
        print(f"\ndemo: {trouble}", file=sys.stderr)
    except KeyboardInterrupt:
        print("\nstopping", flush=True)
        code = code if options.keep else 130
    finally:
        demo.ended.set()
        demo.screen.close()
        forced = stage.stop()
        if forced:
            print(f"demo: {forced}", file=sys.stderr)
            code = code or 1
    return code


if __name__ == "__main__":
    sys.exit(main())
