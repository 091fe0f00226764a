"""Alarms, custom metrics and metric math on a running weir."""
import json
import os

from weir_test import client
from weir_test.case import limit
from weir_test.receiver import Receiver
from test_fleet import FleetCase

SECRET = "a secret of the receiver"
JSON = [("Content-Type", "application/json")]


def in_flight(threshold=2, **more):
    return {"metric": "in_flight{target_group=models}", "threshold": threshold, "comparison": "greater_or_equal",
            "period": "1s", **more}


class AlarmCase(FleetCase):
    serial = True

    def alarm(self, weir, name="busy"):
        return weir.admin("GET", f"/api/v1/alarms/{name}").json()

    def is_in(self, weir, state, name="busy", within=15):
        self.eventually(lambda: self.alarm(weir, name)["state"] == state, within=within,
                        what=f"{name} in {state}: {self.alarm(weir, name)}")

    def busy(self, weir, count, seconds=20):
        clients = [client.Client(weir.address(), 60) for _ in range(count)]
        for one in clients:
            one.request("GET", f"/delay?ms={1000 * seconds}")
            self.addCleanup(one.close)
        return clients

    def push(self, weir, value, name="backlog", **more):
        body = json.dumps({"name": name, "value": value, **more}).encode()
        return weir.owner("POST", "/api/v1/metrics", JSON, body)


class Alarms(AlarmCase):
    @limit(60)
    def test_an_alarm_comes_goes_and_is_told(self):
        receiver = Receiver(self, SECRET)
        weir = self.fleet({"min": 1}, alarms={"busy": in_flight(on_alarm=[{"notification": "ops"}])},
                          notifications={"ops": {"events": "none", "webhook": {
                              "url": receiver.url, "secret": SECRET}}})
        self.serving(weir, 1)
        self.is_in(weir, "OK")
        clients = self.busy(weir, 3)
        self.is_in(weir, "ALARM")
        self.eventually(lambda: receiver.kinds() == ["alarm"])
        told = receiver.events[0]
        self.assertEqual(told["details"]["state"], "ALARM")
        self.assertEqual(told["details"]["alarm"], "busy")
        for one in clients:
            one.close()
        self.is_in(weir, "OK")
        self.assertEqual(receiver.kinds(), ["alarm"])
        history = self.alarm(weir)["history"]
        self.assertEqual([h["to"] for h in history], ["OK", "ALARM", "OK"])
        self.assertIn("threshold", history[1]["reason"])
        self.assertIn("Alarm busy is in state ALARM", weir.cli("events").stdout)

    @limit(60)
    def test_another_files_alarm_is_its_own(self):
        weir = self.fleet({"min": 1})
        other = os.path.join(weir.dir, "other.yaml")
        with open(other, "w") as file:
            json.dump({"alarms": {"late": {"metric": "custom.backlog", "threshold": 2, "period": "1s"}}}, file)
        applied = weir.cli("apply", other)
        self.assertEqual(applied.returncode, 0, applied.stderr)
        weir.reload()
        self.assertEqual(self.alarm(weir, "late")["metric"], "custom.backlog")
        weir.kill()
        weir.start()
        self.assertEqual(self.alarm(weir, "late")["metric"], "custom.backlog")

    @limit(60)
    def test_an_alarm_runs_a_named_policy_until_it_is_over(self):
        weir = self.fleet({"min": 1, "max": 4, "policies": [
            {"name": "add", "step": {"steps": [{"from": 0, "adjustment": 1}]}}]},
                          alarms={"busy": in_flight(on_alarm=[{"scaling_group": "models", "policy": "add"}])})
        self.serving(weir, 1)
        self.busy(weir, 3)
        self.eventually(lambda: weir.scaling_group()["desired"] >= 2, within=15)
        self.assertIn("alarm busy was in state ALARM", str(weir.scaling_group()["activities"]))

    @limit(60)
    def test_a_state_set_by_hand_does_what_it_would(self):
        weir = self.fleet({"min": 1, "max": 4, "policies": [
            {"name": "add", "simple": {"adjustment": 2, "cooldown": "1h"}}]},
                          alarms={"busy": in_flight(1000, period="1h", on_alarm=[
                              {"scaling_group": "models", "policy": "add"}])})
        self.serving(weir, 1)
        told = weir.cli("alarms", "busy", "--set", "ALARM", "--reason", "a drill")
        self.assertEqual(told.returncode, 0, told.stderr)
        self.serving(weir, 3)
        shown = weir.cli("alarms", "busy").stdout
        self.assertIn("a drill", shown)
        self.assertIn("hand", shown)
        self.assertNotEqual(weir.cli("alarms", "nobody", "--set", "OK").returncode, 0)
        self.assertNotEqual(weir.cli("alarms", "busy", "--set", "FINE").returncode, 0)
        answer = weir.admin("POST", "/api/v1/alarms/busy/state", JSON, b'{"state":"OK","reason":"x"}')
        self.assertIn(answer.status, (401, 403))

    @limit(60)
    def test_states_and_history_outlive_a_restart_and_a_kill(self):
        weir = self.fleet({"min": 1}, alarms={"busy": in_flight(1000, period="1h")})
        self.serving(weir, 1)
        weir.cli("alarms", "busy", "--set", "ALARM", "--reason", "first")
        since = self.alarm(weir)["since"]
        weir.kill()
        weir.start()
        again = self.alarm(weir)
        self.assertEqual((again["state"], again["since"], again["reason"]), ("ALARM", since, "first"))
        self.assertEqual((again["history"][0]["reason"], again["history"][0]["by_hand"]), ("first", True))

    @limit(60)
    def test_missing_data_is_told_apart(self):
        weir = self.fleet({"min": 1}, alarms={"pushed": {
            "metric": "custom.backlog", "threshold": 5, "period": "1s", "evaluation_periods": 1}})
        self.serving(weir, 1)
        self.assertEqual(self.alarm(weir, "pushed")["state"], "INSUFFICIENT_DATA")
        self.assertEqual(self.push(weir, 9).status, 200)
        self.is_in(weir, "ALARM", "pushed")
        self.is_in(weir, "INSUFFICIENT_DATA", "pushed")


class Metrics(AlarmCase):
    def points(self, weir, name):
        answer = weir.admin("GET", client.query("/api/v1/metrics", name=name, last=60))
        return [value for _, value in answer.json()["points"]] if answer.status == 200 else []

    @limit(60)
    def test_all_subjects_are_measured(self):
        weir = self.fleet({"min": 1}, launch={"zone": "a"})
        one = self.serving(weir, 1)[0]
        for name in ("requests_per_second{listener=public}", "in_flight{target_group=models}",
                     "latency_p95{target_group=models}", "instances{scaling_group=models}",
                     "desired{scaling_group=models}", "healthy_endpoints{zone=a}",
                     f"in_flight{{instance={one['id']}}}",
                     f"healthy{{endpoint=models/127.0.0.1:{one['port']}}}"):
            with self.subTest(name):
                self.eventually(lambda: client.get(weir.address(), "/") and self.points(weir, name), what=name)
        self.assertEqual(self.points(weir, "desired{scaling_group=models}")[-1], 1)
        self.assertIn("desired{scaling_group=models}", weir.admin("GET", "/api/v1/metrics").json()["metrics"])

    @limit(60)
    def test_a_computed_metric_is_the_ratio_that_it_says(self):
        weir = self.fleet({"min": 2}, metrics={
            "backlog": "last_over(custom.backlog{model=a}, 60s)",
            "each": "backlog / instances{scaling_group=models}"})
        self.serving(weir, 2)
        self.assertEqual(self.push(weir, 12, dimensions={"model": "a"}).status, 200)
        self.eventually(lambda: self.points(weir, "each")[-1:] == [6], within=15)

    @limit(60)
    def test_a_custom_metric_is_held_at_its_target(self):
        weir = self.fleet({"min": 1, "max": 4, "policies": [
            {"target_tracking": {"metric": "custom.backlog{model=a}", "target": 5}}]})
        self.serving(weir, 1)
        self.eventually(lambda: self.points(weir, "instances{scaling_group=models}")[-1:] == [1])
        self.push(weir, 14, dimensions={"model": "a"})  # for each: 14 in all, 5 for each of three
        self.serving(weir, 3)
        self.assertIn("custom.backlog{model=a} was 14", str(weir.scaling_group()["activities"]))

    def test_what_cannot_be_kept_is_refused(self):
        weir = self.fleet({"min": 0})
        for body in (b"{}", b'{"name": "a"}', b'{"name": "a b", "value": 1}', b'{"name": "a", "value": "1"}',
                     b'{"name": "a", "value": 1, "dimensions": {"x": "a,b=c"}}',
                     b'{"name": "a", "value": 1, "time": "2020-01-01T00:00:00Z"}',
                     b'{"name": "a", "value": 1e300}', b'{"name": "a", "value": 1, "unit": "x"}'):
            with self.subTest(body):
                answer = weir.owner("POST", "/api/v1/metrics", JSON, body)
                self.assertIn(answer.status, (400, 422), answer)
        self.assertIn(weir.admin("POST", "/api/v1/metrics", JSON, b'{"name": "a", "value": 1}').status, (401, 403))
        self.assertEqual(weir.admin("GET", "/api/v1/metrics?name=custom.a").status, 404)
        answer = weir.owner("POST", "/api/v1/metrics", JSON,
                            b'{"metrics": [{"name": "a", "value": 1}, {"name": "b", "value": 2}]}')
        self.assertEqual(answer.json(), {"kept": 2})
