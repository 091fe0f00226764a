"""Webhooks, commands and the stream of events, with receivers that fail and hang."""
import json
import os
import signal
import subprocess
import time

from weir_test import certificates, client
from weir_test.case import BIN, limit
from weir_test.receiver import Receiver
from test_fleet import FleetCase

SECRET = "a secret of the receiver"


def hook(receiver, **more):
    return {"webhook": {"url": receiver.url, "secret": SECRET, "timeout": "1s", **more}}


class Notifications(FleetCase):
    def stand(self, weir, name):
        return next(n for n in weir.status()["notifications"] if n["name"] == name)

    def test_a_webhook_is_told_signed_of_launch_and_end(self):
        receiver = Receiver(self, SECRET)
        weir = self.fleet({"min": 1, "max": 2}, notifications={"ops": hook(receiver)})
        one = self.serving(weir, 1)[0]
        self.eventually(lambda: receiver.kinds() == ["launch"])
        weir.cli("drain", one["id"])
        self.eventually(lambda: sorted(receiver.kinds()) == ["launch", "launch", "terminate"])
        for headers, body, _ in receiver.requests:
            self.assertTrue(receiver.good(headers, body), headers)
            self.assertFalse(receiver.good(headers, body + b" "))
            self.assertEqual(headers["Weir-Event-Id"], str(json.loads(body)["id"]))
        ended = next(e for e in receiver.events if e["kind"] == "terminate")
        self.assertEqual((ended["group"], ended["instance"]), ("models", one["id"]))
        self.assertIn("an operator drained it", ended["cause"])

    def test_a_death_is_told_as_such(self):
        receiver = Receiver(self, SECRET)
        weir = self.fleet({"min": 1}, notifications={
            "ops": {"events": ["terminate_error"], "scaling_groups": ["models"], **hook(receiver)}})
        one = self.serving(weir, 1)[0]
        os.kill(one["pid"], signal.SIGKILL)
        self.eventually(lambda: receiver.kinds() == ["terminate_error"])
        self.assertIn("signal 9", receiver.events[0]["description"])

    def test_what_cannot_start_is_told_as_such(self):
        receiver = Receiver(self, SECRET)
        weir = self.fleet({"min": 1}, launch={"command": ["sh", "-c", "exit 7", "${WEIR_PORT}"]},
                          notifications={"ops": {"events": ["launch_error"], **hook(receiver)}})
        self.eventually(receiver.kinds)
        self.assertIn("exit status 7", receiver.events[0]["description"])
        self.assertEqual(weir.scaling_group()["name"], "models")

    @limit(60)
    def test_a_receiver_that_fails_twice_is_told_the_third_time(self):
        receiver = Receiver(self, SECRET)
        receiver.answers = [500, 503]
        weir = self.fleet({"min": 1}, notifications={"ops": hook(receiver)})
        self.serving(weir, 1)
        self.eventually(lambda: receiver.kinds() == ["launch"], within=20)
        self.assertEqual([answer for _, _, answer in receiver.requests], [500, 503, 200])
        self.assertEqual(len({headers["Weir-Event-Id"] for headers, _, _ in receiver.requests}), 1)
        self.eventually(lambda: self.stand(weir, "ops")["delivered"] == 1)
        self.assertEqual(weir.metric("weir_notifications_total", notification="ops", result="delivered"), 1)

    @limit(60)
    def test_a_receiver_that_hangs_keeps_nobody_else_waiting(self):
        hangs, works = Receiver(self, SECRET), Receiver(self, SECRET)
        hangs.answers = ["hang"] * 100
        weir = self.fleet({"min": 1}, notifications={
            "hangs": hook(hangs, retries=1), "works": hook(works)})
        self.serving(weir, 1)
        self.eventually(lambda: works.kinds() == ["launch"])
        self.eventually(lambda: self.stand(weir, "hangs")["failed"] == 1, within=20)
        self.assertIn("timed out", self.stand(weir, "hangs")["last_error"])
        self.assertEqual(len(hangs.requests), 2)

    def test_one_that_hangs_does_not_hold_up_the_end(self):
        receiver = Receiver(self, SECRET)
        receiver.answers = ["hang"] * 10
        weir = self.fleet({"min": 1}, notifications={"ops": hook(receiver, timeout="5m")})
        self.serving(weir, 1)
        self.eventually(lambda: receiver.requests)
        began = time.monotonic()
        self.assertEqual(weir.terminate(), 0)
        self.assertLess(time.monotonic() - began, 15)

    def test_a_command_is_told(self):
        out = self.folder / "told"
        weir = self.fleet({"min": 1}, notifications={"ops": {
            "events": ["launch"],
            "command": ["sh", "-c", f"{{ echo $WEIR_EVENT $WEIR_GROUP $WEIR_INSTANCE; cat; }} > {out}"]}})
        one = self.serving(weir, 1)[0]
        self.eventually(lambda: self.stand(weir, "ops")["delivered"] == 1)
        first, _, rest = out.read_text().partition("\n")
        self.assertEqual(first, f"launch models {one['id']}")
        self.assertEqual(json.loads(rest)["instance"], one["id"])

    def test_a_command_that_hangs_is_killed_with_its_children(self):
        out = self.folder / "pids"
        weir = self.fleet({"min": 1}, notifications={"ops": {
            "command": ["sh", "-c", f"echo $$ > {out}; sleep 600 & echo $! >> {out}; wait"],
            "command_timeout": "500ms"}})
        self.serving(weir, 1)
        self.eventually(lambda: self.stand(weir, "ops")["failed"] == 1)
        self.assertIn("did not end within 500ms", self.stand(weir, "ops")["last_error"])
        for pid in out.read_text().split():
            self.eventually(lambda: not os.path.exists(f"/proc/{pid}")
                            or ") Z" in open(f"/proc/{pid}/stat").read())

    def test_a_reload_changes_who_is_told(self):
        before, after = Receiver(self, SECRET), Receiver(self, SECRET)
        weir = self.fleet({"min": 1, "max": 2}, notifications={"ops": hook(before)})
        self.serving(weir, 1)
        self.eventually(lambda: before.kinds() == ["launch"])
        weir.reload({**weir.config, "notifications": {"ops": hook(after)}})
        weir.scale("models", 2)
        self.eventually(lambda: after.kinds() == ["launch"])
        self.assertEqual(before.kinds(), ["launch"])

    def test_mistakes_are_told_all_at_once(self):
        config = {"listeners": {}, "notifications": {
            "a": {"webhook": {"url": "ftp://x", "secret_file": "/does/not/exist"}},
            "b": {"events": ["lunch"]}, "c": {"command": ["run this"]}}}
        path = self.folder / "bad.yaml"
        path.write_text(json.dumps(config))
        told = subprocess.run([BIN, "check", path], capture_output=True, text=True, timeout=20)
        self.assertNotEqual(told.returncode, 0)
        for words in ("begins with neither http:// nor https://", "/does/not/exist",
                      "did you mean 'launch'?", "tells nobody", "is one word with spaces"):
            self.assertIn(words, told.stdout + told.stderr)


class Https(FleetCase):
    def test_an_https_receiver_is_told_where_its_certificate_is_good(self):
        authority = certificates.Authority(self)
        receiver = Receiver(self, SECRET, authority.server(authority.issue("localhost")))
        weir = self.fleet({"min": 1}, notifications={
            "trusts": hook(receiver, ca=authority.ca),
            "doubts": hook(receiver, retries=0)})
        self.serving(weir, 1)
        self.eventually(lambda: receiver.kinds() == ["launch"])
        doubts = lambda: next(n for n in weir.status()["notifications"] if n["name"] == "doubts")
        self.eventually(lambda: doubts()["failed"] == 1)
        self.assertEqual(receiver.kinds(), ["launch"])


class Events(FleetCase):
    def stream(self, weir, headers=()):
        one = client.Client(("127.0.0.1", weir.admin_port), 20)
        self.addCleanup(one.close)
        one.request("GET", "/api/v1/events", headers, host="localhost")
        head = one.head()
        self.assertEqual((head.status, head.header("content-type")), (200, "text/event-stream"))
        return one

    def next(self, one):
        """The next event of the stream: (id, kind, data). A chunk is whole lines."""
        found = {}
        while "data" not in found:
            for line in one.take(int(one.line(), 16)).decode().splitlines():
                name, _, value = line.partition(": ")
                found.setdefault(name, value)
            self.assertEqual(one.line(), "")
        return found["id"], found["event"], json.loads(found["data"])

    def test_the_stream_tells_what_happens(self):
        weir = self.fleet({"min": 0, "max": 2})
        one = self.stream(weir)
        weir.scale("models", 1)
        number, kind, told = self.next(one)
        self.assertEqual((kind, told["group"], str(told["id"])), ("launch", "models", number))
        self.assertEqual(told["instance"], self.serving(weir, 1)[0]["id"])

    def test_who_comes_back_gets_what_it_missed(self):
        weir = self.fleet({"min": 1, "max": 3})
        first = self.serving(weir, 1)[0]
        kept = weir.admin("GET", "/api/v1/events?follow=false").json()["events"]
        weir.scale("models", 2)
        self.serving(weir, 2)
        told = self.next(self.stream(weir, [("Last-Event-ID", str(kept[-1]["id"]))]))[2]
        self.assertEqual(told["id"], kept[-1]["id"] + 1)
        self.assertNotEqual(told["instance"], first["id"])

    def test_a_list_holds_the_last_ones(self):
        weir = self.fleet({"min": 2, "max": 3})
        self.serving(weir, 2)
        listed = weir.admin("GET", "/api/v1/events?follow=false&limit=1").json()
        self.assertEqual(len(listed["events"]), 1)
        self.assertEqual(listed["events"][0]["id"], listed["last"])
        self.assertEqual(weir.admin("GET", "/api/v1/events?follow=false&after=x").status, 400)
        self.assertEqual(weir.admin("HEAD", "/api/v1/events").status, 200)

    def test_the_command_lists_and_follows(self):
        weir = self.fleet({"min": 1, "max": 2})
        one = self.serving(weir, 1)[0]
        told = weir.cli("events")
        self.assertEqual(told.returncode, 0, told.stderr)
        self.assertIn(f"launch           models  Instance {one['id']} is in service", told.stdout)
        following = subprocess.Popen([BIN, "events", "--follow", "--json", "-n", "0", "--socket", weir.socket_path],
                                     stdout=subprocess.PIPE, text=True)
        self.addCleanup(following.stdout.close)
        self.addCleanup(following.wait)
        self.addCleanup(following.kill)
        self.eventually(lambda: weir.cli("drain", one["id"]).returncode == 0)
        kinds = [json.loads(following.stdout.readline())["kind"] for _ in range(2)]
        self.assertEqual(sorted(kinds), ["launch", "terminate"])

    def test_a_stream_does_not_hold_up_the_end(self):
        weir = self.fleet({"min": 0, "max": 1})
        one = self.stream(weir)
        began = time.monotonic()
        self.assertEqual(weir.terminate(), 0)
        self.assertLess(time.monotonic() - began, 10)
        while one.sock.recv(65536):
            pass
