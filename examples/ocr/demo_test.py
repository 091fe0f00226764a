#!/usr/bin/python3
"""The parts of the demo that can be wrong without a running weir: arithmetic, history, picture, ends.

The demo itself is a test too: `demo.py --quick` runs the real weir with real servers and pages.
"""

import http.server
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import threading
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import demo  # noqa: E402
import load  # noqa: E402
from live import stage, view  # noqa: E402
from live.timeline import Timeline  # noqa: E402


def status(desired, instances, waiting=0, in_flight=0, activities=()):
    return {
        "target_groups": [{"name": "ocr", "waiting": waiting, "in_flight": in_flight}],
        "scaling_groups": [
            {
                "name": "ocr",
                "min": 0,
                "max": 3,
                "desired": desired,
                "activities": list(activities),
                "instances": [{"id": n, "state": s, "pid": p} for n, s, p in instances],
            }
        ],
    }


class ProfileTest(unittest.TestCase):
    def test_users_rise_and_fall_between_the_points_and_are_none_outside(self):
        profile = load.Profile("0:1,4:5,6:5,10:0")
        self.assertEqual(
            [profile.users(t) for t in (-1, 0, 2, 4, 5, 8, 10, 11)], [0, 1, 3, 5, 5, 2, 0, 0]
        )
        self.assertEqual((profile.end, profile.most), (10, 5))

    def test_the_profiles_of_the_demo_are_sound_and_end_low(self):
        for text, longest in ((demo.FULL, 45), (demo.QUICK, 15)):
            profile = load.Profile(text)
            self.assertLessEqual(profile.end, longest)
            self.assertGreater(profile.most, profile.users(profile.end - 0.1))

    def test_nonsense_is_refused(self):
        for text in ("", "5", "0:1,0:2", "3:1,1:1", "0:-1"):
            with self.subTest(text), self.assertRaises(ValueError):
                load.Profile(text)


class PercentileTest(unittest.TestCase):
    def test_is_the_nearest_rank(self):
        values = list(range(100, 0, -1))
        self.assertEqual([load.percentile(values, p) for p in (1, 50, 99, 100)], [1, 50, 99, 100])
        self.assertEqual(load.percentile([7], 50), 7)
        self.assertIsNone(load.percentile([], 50))


class LostRequests(unittest.TestCase):
    """A load generator that cannot see a loss would make every demo look good."""

    def run_load(self, status, body):
        class Answer(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with tempfile.TemporaryDirectory() as pages:
            pathlib.Path(pages, "a.png").write_bytes(b"not looked at here")
            pathlib.Path(pages, "a.txt").write_text("call me ishmael some years ago")
            url = f"http://127.0.0.1:{server.server_port}/ocr"
            done = subprocess.run(
                [sys.executable, HERE / "load.py", url, pages, "--users", "0:1,0.3:1"],
                capture_output=True,
                text=True,
                timeout=30,
            )
        server.shutdown()
        server.server_close()
        return done.returncode, json.loads(done.stdout.splitlines()[-1])

    def test_an_answer_with_the_words_of_the_page_counts(self):
        body = json.dumps({"text": "call me ishmael some years ago", "instance": "i", "pid": 1})
        code, last = self.run_load(200, body.encode())
        self.assertEqual((code, last["lost"], last["done"]), (0, 0, True))
        self.assertEqual(last["answered"], last["sent"])
        self.assertGreater(last["answered"], 0)

    def test_anything_else_is_lost(self):
        wrong = json.dumps({"text": "the text of quite another page", "instance": "i", "pid": 1})
        for status, body in (
            (503, b"full"),
            (200, b"no json"),
            (200, b"{}"),
            (200, wrong.encode()),
        ):
            with self.subTest(status=status, body=body):
                code, last = self.run_load(status, body)
                self.assertEqual(code, 1)
                self.assertEqual((last["answered"], last["lost"]), (0, last["sent"]))
                self.assertGreater(last["lost"], 0)


class TimelineTest(unittest.TestCase):
    def test_tells_each_state_once_and_what_is_no_longer_listed_is_gone(self):
        timeline = Timeline()
        for at, state in ((1, "pending"), (2, "pending"), (3, "in_service"), (4, "terminating")):
            timeline.feed(at, status(1, [("i-1", state, 5)]))
        timeline.feed(5, status(0, []))
        timeline.feed(6, status(0, []))

        states = timeline.instances["i-1"].states
        self.assertEqual(
            states, [(1, "pending"), (3, "in_service"), (4, "terminating"), (5, "gone")]
        )
        self.assertEqual(timeline.most_in_service, 1)

    def test_counts_decisions_and_knows_zero_only_when_the_last_instance_has_gone(self):
        timeline = Timeline()
        self.assertFalse(timeline.at_zero)
        timeline.feed(0, status(0, []))
        timeline.feed(1, status(2, [("a", "pending", 1)]))
        timeline.feed(2, status(3, [("a", "in_service", 1)]))
        timeline.feed(3, status(0, [("a", "terminating", 1)]))
        self.assertEqual((timeline.scale_outs, timeline.scale_ins), (2, 1))
        self.assertFalse(timeline.at_zero)
        timeline.feed(4, status(0, [("a", "terminated", 1)]))
        self.assertTrue(timeline.at_zero)

    def test_takes_an_activity_once(self):
        timeline = Timeline()
        out = {
            "time": "2026-01-01T00:00:01Z",
            "description": "out",
            "cause": "c",
            "status": "in_progress",
        }
        back = {
            "time": "2026-01-01T00:00:02Z",
            "description": "in",
            "cause": "d",
            "status": "successful",
        }
        timeline.feed(1, status(1, [], activities=[out]))
        timeline.feed(2, status(1, [], activities=[back, out | {"status": "successful"}]))
        told = [(a.description, a.status) for a in timeline.activities]
        self.assertEqual(told, [("out", "successful"), ("in", "successful")])


class ViewTest(unittest.TestCase):
    def test_a_line_is_cut_by_what_is_seen_not_by_its_colours(self):
        line = view.Line("12345", ("67890", "bold"), "abc")
        self.assertEqual(line.render(7, colours=False), "1234567")
        self.assertEqual(line.render(7, colours=True), "12345\x1b[1m67\x1b[0m")

    def test_a_frame_has_one_height_while_instances_come_and_go(self):
        timeline = Timeline()
        timeline.feed(0, status(0, []))
        empty = view.frame(1, "p", {}, timeline, [(0, 0)])
        timeline.feed(
            1, status(2, [("a", "in_service", 1), ("b", "pending", 2)], waiting=4, in_flight=1)
        )
        full = view.frame(
            1, "p", {"sent": 9, "lost": 0, "p50_ms": 1234.5}, timeline, [(0, 0), (3, 1)]
        )

        self.assertEqual(len(empty), len(full))
        text = "\n".join(line.plain() for line in full)
        for part in (
            "sent 9",
            "p50 1.23 s",
            "4 waiting",
            "1 in_service, 1 pending",
            "desired 2 (0 to 3)",
        ):
            self.assertIn(part, text)

    def test_a_spark_is_full_at_the_highest_value(self):
        self.assertEqual(view.spark([0, 4, 8], 3), " ▄█")
        self.assertEqual(view.spark([1, 0, 0], 2), "  ")


class StageTest(unittest.TestCase):
    def test_every_value_that_the_demo_changes_is_in_the_example(self):
        with tempfile.TemporaryDirectory() as folder:
            root = HERE.parents[1]
            here = stage.Stage(root, root / "build/none", pathlib.Path(folder))
            here.write_config(quick=True)
            text = here.config.read_text()
        self.assertIn(f"bind: 127.0.0.1:{here.public}", text)
        self.assertIn(str(here.server), text)
        self.assertNotIn("build/demo", text.replace(folder, ""))
        with self.assertRaises(stage.Trouble):
            stage.replace_all("a: 1", {"b": "c"})

    def test_only_a_process_that_still_is_the_same_is_ended(self):
        child = subprocess.Popen(["sleep", "60"])
        born = stage.birth(child.pid)
        self.assertEqual(stage.Stage._end({child.pid: born + 1}), 0)
        self.assertIsNone(child.poll())
        self.assertEqual(stage.Stage._end({child.pid: born}), 1)
        child.wait(5)
        self.assertIsNone(stage.birth(child.pid))

    def test_a_folder_has_one_demo_at_a_time_and_is_emptied_of_the_last(self):
        with tempfile.TemporaryDirectory() as folder:
            left = subprocess.Popen(["sleep", "60"])
            note = pathlib.Path(folder, "processes.json")
            note.write_text(json.dumps({left.pid: stage.birth(left.pid), os.getpid(): 1}))
            pathlib.Path(folder, "state.db").write_text("old")
            first = stage.Stage(HERE, HERE, pathlib.Path(folder))

            first.prepare()

            self.assertEqual(os.listdir(folder), ["lock"])
            self.assertEqual(left.wait(5), -15)
            with self.assertRaises(stage.Trouble):
                stage.Stage(HERE, HERE, pathlib.Path(folder)).prepare()
            first.lock.close()


class VerdictTest(unittest.TestCase):
    def setUp(self):
        options = type("Options", (), {"quick": True})
        self.demo = demo.Demo(None, options)
        self.demo.load = {"done": True, "sent": 2, "answered": 2, "lost": 0}
        for at, desired in ((0, 0), (1, 1), (2, 0)):
            self.demo.timeline.feed(at, status(desired, []))

    def test_is_good_only_when_all_that_was_promised_holds(self):
        self.assertEqual(self.demo.verdict(), [])
        for key, value in (("done", False), ("answered", 0), ("lost", 1), ("sent", 3)):
            with self.subTest(key):
                kept = dict(self.demo.load)
                self.demo.load[key] = value
                self.assertTrue(self.demo.verdict())
                self.demo.load = kept
        self.demo.timeline.feed(3, status(1, [("a", "pending", 1)]))
        self.assertTrue(self.demo.verdict())


class SentenceTest(unittest.TestCase):
    def test_is_the_first_one_or_cut_at_a_word(self):
        self.assertEqual(
            demo.first_sentence("Call me\nIshmael. Some years ago"), "Call me Ishmael."
        )
        self.assertEqual(demo.first_sentence("one two three", most=9), "one two ...")


if __name__ == "__main__":
    unittest.main(verbosity=2)
