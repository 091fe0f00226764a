"""Step, simple and scheduled policies on real instances."""
import datetime
import os
import sqlite3
import time

from weir_test import client
from weir_test.case import limit
from weir_test.load import Load
from test_fleet import FleetCase


def waiting(threshold, **more):
    return {"metric": "waiting", "threshold": threshold, "comparison": "greater_or_equal", "period": "1s", **more}


def in_seconds(n):
    then = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=n)
    return then.isoformat()


class Policies(FleetCase):
    serial = True

    def busy(self, weir, count):
        """Requests that take long."""
        clients = [client.Client(weir.address(), 60) for _ in range(count)]
        for one in clients:
            one.request("GET", "/delay?ms=20000")
            self.addCleanup(one.close)
        return clients

    def wants(self, weir, count, within=15):
        self.eventually(lambda: weir.scaling_group()["desired"] == count, within=within)

    @limit(60)
    def test_a_step_policy_goes_by_how_far_its_metric_is(self):
        steps = [{"from": 0, "to": 3, "adjustment": 1}, {"from": 3, "adjustment": 3}]
        weir = self.fleet({"min": 1, "max": 5, "warm_up": "2s", "policies": [
            {"step": {"alarm": waiting(1, evaluation_periods=2), "steps": steps}}]}, group={"max_in_flight": 1})
        self.serving(weir, 1)
        self.busy(weir, 2)  # one is served, one waits
        self.wants(weir, 2)
        self.serving(weir, 2)
        self.eventually(lambda: all(i["reason"] == "" for i in weir.instances("models")))
        self.busy(weir, 5)
        self.wants(weir, 5)
        text = str(weir.scaling_group()["activities"])
        self.assertIn("from 1 to 2", text)
        self.assertIn("from 2 to 5", text)
        self.assertIn("the alarm on waiting was in state alarm", text)

    @limit(60)
    def test_a_simple_policy_adds_once_and_waits_for_its_cooldown(self):
        weir = self.fleet({"min": 1, "max": 8, "policies": [
            {"simple": {"alarm": waiting(1), "adjustment": 2, "cooldown": "1h"}}]},
                          group={"max_in_flight": 1})
        self.serving(weir, 1)
        self.busy(weir, 6)
        self.wants(weir, 3)
        self.serving(weir, 3)
        self.eventually(lambda: "in cooldown" in str(weir.scaling_group()["notes"]))
        self.assertEqual(weir.scaling_group()["desired"], 3)

    @limit(60)
    def test_a_schedule_sets_bounds_and_capacity_once_also_over_a_restart(self):
        weir = self.fleet({"min": 0, "max": 1, "policies": [
            {"scheduled": {"at": in_seconds(3), "min": 1, "max": 4, "desired": 3}}]})
        self.assertEqual(weir.scaling_group()["max"], 1)
        self.assertNotEqual(weir.cli("scale", "models", "3").returncode, 0)
        self.serving(weir, 3)
        group = weir.scaling_group()
        self.assertEqual((group["min"], group["max"]), (1, 4))
        self.assertIn("the schedule", str(group["activities"]))
        weir.scale("models", 2)
        self.serving(weir, 2)
        weir.kill()
        weir.start()
        self.serving(weir, 2)
        self.assertEqual(weir.scaling_group()["desired"], 2)
        out = weir.cli("scale", "models", "0")
        self.assertIn("below the minimum 1", out.stderr)

    def test_a_policy_that_is_taken_away_leaves_what_the_file_says(self):
        weir = self.fleet({"min": 0, "max": 1, "policies": [
            {"scheduled": {"schedule": "* * * * *", "min": 2, "max": 2}}]})
        self.serving(weir, 2)
        weir.config["scaling_groups"]["models"]["policies"] = []
        self.assertEqual(weir.apply().returncode, 0)
        self.serving(weir, 1)

    def remembers_busy_days(self, weir):
        weir.terminate()
        # Six days on which, from a minute after now on, ten were in flight for an hour.
        now = int(time.time()) // 60
        rows = []
        for minute in range(now - 6 * 1440, now):
            busy = 1 <= (minute - now) % 1440 < 61
            rows += [("scaling_group/models", "load", minute, 10_000 if busy else 0),
                     ("scaling_group/models", "requests", minute, 5_000 if busy else 0)]
        with sqlite3.connect(os.path.join(weir.dir, "state.db")) as database:
            database.executemany("INSERT INTO minutes VALUES (?, ?, ?, ?)", rows)
        database.close()
        weir.start()

    @limit(60)
    def test_the_history_of_days_tells_what_comes_in_a_minute(self):
        ahead = [{"predictive": {"target": 2, "start_time": "5s", "buffer": "60s"}}]
        weir = self.fleet({"min": 0, "max": 6, "desired": 0, "policies": ahead})
        self.remembers_busy_days(weir)
        self.wants(weir, 5)
        self.assertIn("were forecast for", str(weir.scaling_group()["activities"]))
        self.serving(weir, 5)

    @limit(60)
    def test_a_forecast_raises_the_maximum_where_it_may_also_over_a_kill(self):
        ahead = [{"predictive": {"target": 2, "start_time": "5s", "buffer": "60s",
                                 "max_capacity_behaviour": "increase", "max_capacity_buffer": 20}}]
        weir = self.fleet({"min": 0, "max": 3, "desired": 0, "policies": ahead})
        self.remembers_busy_days(weir)
        self.serving(weir, 5)
        self.assertEqual(weir.scaling_group()["max"], 6)
        weir.kill()
        weir.start()
        self.serving(weir, 5)
        weir.config["scaling_groups"]["models"]["policies"][0]["predictive"] = {"target": 2}
        self.assertEqual(weir.apply().returncode, 0)
        self.serving(weir, 3)
        self.assertEqual(weir.scaling_group()["max"], 3)

    @limit(120)
    def test_what_an_instance_can_serve_is_known_after_a_kill(self):
        slo = [{"slo": {"bound": "1s", "percentile": 95, "start_time": "2s"}}]
        weir = self.fleet({"min": 1, "max": 4, "policies": slo}, group={"max_in_flight": 2})
        self.serving(weir, 1)
        load = Load(weir.address(), connections=1, pause=0.1, get="/delay?ms=200",
                    post="/upload?ms=200").start()
        knows = lambda: "served by each" in str(weir.scaling_group()["notes"])
        self.eventually(knows, within=60)
        self.always(knows, during=21)  # it is kept each 20 s
        weir.kill()
        weir.start()
        self.eventually(knows, within=10)
        load.stop()

    @limit(90)
    def test_an_slo_is_kept_by_as_many_instances_as_it_takes(self):
        slo = [{"slo": {"bound": "1s", "percentile": 95, "start_time": "2s"}}]
        weir = self.fleet({"min": 1, "max": 8, "policies": slo}, group={"max_in_flight": 2})
        self.serving(weir, 1)
        # 30 clients of 200 ms each: 150 a second at most, of which one instance serves 10.
        load = Load(weir.address(), connections=30, pause=0.5, get="/delay?ms=200",
                    post="/upload?ms=200").start()
        self.eventually(lambda: len(weir.in_service("models")) >= 3, within=40)
        result = load.stop()
        self.assertEqual(result.failures, [], result.summary())
        text = str(weir.scaling_group()["activities"])
        self.assertIn("Increasing the desired capacity", text)
