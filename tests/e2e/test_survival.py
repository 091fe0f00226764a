"""The promise: reloads, scaling, dead replicas and a dead weir cost no request and no stream.

Traffic of 200 connections (GET and POST) and 50 event streams that outlast every delay flows all
the while. Short by default; `run.py --soak SECONDS` repeats the rounds for so long.
"""
import copy
import json
import os
import random
import signal
import time

from weir_test import client
from weir_test.case import SOAK, limit
from weir_test.load import Load
from weir_test.weir import replica
from test_fleet import FleetCase

RELOADS = 20
SCALINGS = 10
EVENTS, INTERVAL = 120, 100  # a stream of 12 s: longer than every drain, cooldown and restart here


class Survival(FleetCase):
    serial = True

    def setUp(self):
        super().setUp()
        seed = int(os.environ.get("WEIR_E2E_SEED", "2"))
        self.chance = random.Random(seed)
        print(f"seed {seed}")
        self.killed = []  # (before, after) of each SIGKILL of weir

    def reload_once(self, weir, n):
        config = copy.deepcopy(weir.config)
        config["target_groups"]["models"]["algorithm"] = self.chance.choice(
            ["round_robin", "least_request", "peak_ewma", "random"])
        config["target_groups"]["other"]["endpoints"] = [
            {"address": f"127.0.0.1:{n % 50 + 1000}"}]
        config["listeners"]["public"]["rules"][-1:] = [
            {"match": {"path": [f"/round{n}"]}, "respond": {"body": str(n)}}]
        weir.reload(config)
        got = client.get(weir.address(), f"/round{n}").body
        self.assertEqual(got, str(n).encode())

    def scale_once(self, weir, count):
        weir.scale("models", count)
        self.eventually(lambda: len(weir.in_service("models")) == count, within=30,
                        what=f"{count} in service")

    def kill_a_replica_without_streams(self, weir):
        """Streams go to a group of their own, so that every replica of `plain` has none."""
        found = weir.in_service("plain")
        victim = self.chance.choice(found)
        os.kill(victim["pid"], signal.SIGKILL)
        self.eventually(lambda: len(weir.in_service("plain")) >= 3 and victim["id"] not in [
            i["id"] for i in weir.in_service("plain")], within=30, what="replacement in service")

    def kill_weir(self, weir):
        # One that was about to be in service may be so afterwards too.
        before = {g: {(i["id"], i["pid"]) for i in weir.in_service(g)}
                  for g in ("models", "plain")}
        self.killed.append(weir.kill())
        weir.start()
        for group, instances in before.items():
            self.eventually(lambda: instances <= {(i["id"], i["pid"])
                                                  for i in weir.in_service(group)},
                            within=15, what=f"{group} adopted")

    def begin(self):
        """`plain` serves requests only; `models` serves the streams and requests too."""
        check = {"path": "/health", "interval": "1s", "timeout": "1s"}
        launch = {"command": replica(), "stop_grace": "2s"}
        weir = self.weir({
            "log": {"level": "info"},
            "listeners": {"public": {
                "rules": [{"match": {"path": ["/plain", "/plain/*"]}, "forward": "plain"},
                          {"match": {"path": ["/none"]}, "respond": {"body": ""}}],
                "default": {"forward": "models"}}},
            "target_groups": {
                "models": {"health_check": check}, "plain": {"health_check": check},
                "other": {"endpoints": [{"address": "127.0.0.1:999"}],
                          "health_check": {"enabled": False}}},
            "scaling_groups": {
                "models": {"target_groups": ["models"], "min": 2, "max": 6, "launch": launch},
                "plain": {"target_groups": ["plain"], "min": 3, "max": 4, "launch": launch}}},
            activate=["public"])
        self.serving(weir, 2)
        self.eventually(lambda: len(weir.in_service("plain")) == 3, within=30)
        return weir

    def judge(self, results):
        windows = [(before, after + 0.1) for before, after in self.killed]
        failed, cut, sent = [], [], 0
        for result in results:
            print(result.summary())
            sent += result.sent
            failed += result.outside(result.failures, windows)
            cut += result.outside(result.cut, windows)
        self.assertEqual(failed[:20], [], f"{len(failed)} of {sent} requests failed")
        self.assertEqual(cut[:20], [], f"{len(cut)} streams cut")

    @limit(max(240, SOAK + 240))
    def test_nothing_is_lost(self):
        weir = self.begin()
        everything = [
            Load(weir.address(), connections=100, streams=50, pause=0.25, events=EVENTS,
                 interval=INTERVAL),
            Load(weir.address(), connections=100, pause=0.25, get="/plain", post="/plain/upload")]
        for load in everything:
            load.start()
        self.eventually(lambda: everything[0].streaming == 50, within=20)
        ends = time.monotonic() + SOAK
        rounds = reloads = scalings = 0
        while True:
            plan = (["reload"] * RELOADS + ["scale"] * SCALINGS + ["replica"] * 3)
            self.chance.shuffle(plan)
            plan.insert(len(plan) // 3, "weir")
            plan.insert(2 * len(plan) // 3, "weir")
            for step in plan:
                if step == "reload":
                    reloads += 1
                    self.reload_once(weir, reloads)
                elif step == "scale":  # out and in
                    scalings += 1
                    self.scale_once(weir, 2 + self.chance.randint(1, 2))
                    self.scale_once(weir, 2)
                elif step == "replica":
                    self.kill_a_replica_without_streams(weir)
                else:
                    self.kill_weir(weir)
            rounds += 1
            if time.monotonic() > ends:
                break
        results = [load.stop() for load in everything]
        print(f"{rounds} rounds, {reloads} reloads, {scalings} scale-outs and scale-ins, "
              f"{len(self.killed)} kills of weir")
        self.judge(results)
        self.assertGreaterEqual(sum(r.streams_good for r in results), 50)
        (self.folder / "summary.json").write_text(json.dumps(
            {"rounds": rounds, "reloads": reloads, "scalings": scalings,
             "kills": len(self.killed), "sent": sum(r.sent for r in results),
             "streams": sum(r.streams_begun for r in results)}))
