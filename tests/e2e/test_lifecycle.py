"""The life of instances: lifecycle hooks, standby and detaching, warm pools."""
import json
import os

from test_fleet import FleetCase
from weir_test import client, processes
from weir_test.receiver import Receiver


class LifecycleCase(FleetCase):
    def in_state(self, weir, state, count=1, within=10):
        """Waits until so many instances are in that state."""
        def there():
            found = [i for i in weir.instances("models") if i["state"] == state]
            return found if len(found) == count else None
        return self.eventually(there, within=within, what=f"{count} {state}")

    def good(self, weir, *arguments):
        out = weir.cli(*arguments)
        self.assertEqual(out.returncode, 0, out.stderr)
        return out.stdout

    def refused(self, weir, words, *arguments):
        out = weir.cli(*arguments)
        self.assertNotEqual(out.returncode, 0)
        self.assertIn(words, out.stderr)

    def script(self, text):
        path = self.folder / "hook.sh"
        with open(path, "w", encoding="utf-8") as file:
            file.write("#!/bin/sh\n" + text)
        os.chmod(path, 0o755)
        return str(path)


class Hooks(LifecycleCase):
    def test_a_launching_hook_is_waited_for_and_nothing_is_sent_meanwhile(self):
        weir = self.fleet({"min": 1, "lifecycle_hooks": [{"name": "load", "transition": "launching"}]})
        one = self.in_state(weir, "pending_wait")[0]
        self.assertEqual(one["reason"], "waits for hook load")
        with client.Client(weir.address()) as asker:
            asker.request("GET", "/")
            self.always(lambda: weir.instances("models")[0]["in_flight"] == 0, during=0.5)
            self.good(weir, "complete", one["id"], "load")
            self.assertEqual(asker.answer().status, 200)
        self.serving(weir, 1)
        self.refused(weir, "does not wait for a hook 'load'", "complete", one["id"], "load")

    def test_one_that_is_abandoned_is_replaced(self):
        weir = self.fleet({"min": 1, "lifecycle_hooks": [{"name": "load", "transition": "launching"}]})
        first = self.in_state(weir, "pending_wait")[0]["id"]
        self.good(weir, "complete", first, "load", "--abandon")
        self.eventually(lambda: all(i["id"] != first for i in weir.instances("models")))
        second = self.in_state(weir, "pending_wait", within=20)[0]["id"]
        self.assertNotEqual(first, second)
        self.assertIn("was given up by a launching hook", str(weir.scaling_group()["activities"]))

    def test_a_command_answers_with_its_exit_status_and_knows_for_whom_it_works(self):
        said = os.path.join(self.folder, "said")
        command = self.script(f'cat >> {said}; echo " $WEIR_HOOK $WEIR_INSTANCE $WEIR_ADDRESS" >> {said}\n'
                              f'test "$(grep -c transition {said})" -gt 1\n')
        weir = self.fleet({"min": 1, "lifecycle_hooks": [
            {"name": "load", "transition": "launching", "command": [command]}]})
        self.serving(weir, 1, within=30)
        text = open(said, encoding="utf-8").read().strip().split("\n")
        self.assertEqual(len(text), 2, text)  # the first was abandoned
        one = weir.in_service("models")[0]
        body = json.loads(text[1].split("} ")[0] + "}")
        self.assertEqual((body["instance"], body["hook"], body["transition"], body["address"]),
                         (one["id"], "load", "launching", one["address"]))
        self.assertIn(f"load {one['id']} {one['address']}", text[1])

    def test_a_webhook_answers_or_leaves_that_to_others(self):
        receiver = Receiver(self, secret="s3cret")
        receiver.answers = ['{"result": "continue"}']
        weir = self.fleet({"min": 0, "max": 2, "desired": 1, "lifecycle_hooks": [
            {"name": "load", "transition": "launching",
             "webhook": {"url": receiver.url, "secret": "s3cret"}}]})
        self.serving(weir, 1)
        weir.scale("models", 2)
        waiting = self.in_state(weir, "pending_wait")[0]
        self.eventually(lambda: len(receiver.requests) == 2)
        for headers, body, _ in receiver.requests:
            self.assertTrue(receiver.good(headers, body))
        token = json.loads(receiver.requests[1][1])["token"]
        for given, status in (("none", 422), (token, 200)):
            answer = weir.owner("POST", f"/api/v1/instances/{waiting['id']}/hook",
                                [("Content-Type", "application/json")], json.dumps(
                                    {"hook": "load", "result": "continue", "token": given}).encode())
            self.assertEqual(answer.status, status, answer.body)
        self.serving(weir, 2)

    def test_a_terminating_hook_runs_after_the_last_stream_and_before_the_stop(self):
        weir = self.fleet({"min": 0, "max": 1, "desired": 1, "lifecycle_hooks": [
            {"name": "save", "transition": "terminating", "heartbeat_timeout": "30s"}]})
        one = self.serving(weir, 1)[0]
        with client.Client(weir.address()) as stream:
            stream.request("GET", "/sse?count=20&interval=50")
            weir.scale("models", 0)
            self.in_state(weir, "terminating")
            self.assertEqual(stream.answer().status, 200)
        self.in_state(weir, "terminating_wait")
        self.always(lambda: processes.alive(one["pid"]), during=0.5)
        self.good(weir, "complete", one["id"], "save", "--heartbeat")
        self.good(weir, "complete", one["id"], "save")
        self.eventually(lambda: not processes.alive(one["pid"]))
        kinds = [e["details"].get("hook") for e in self.events(weir) if e["kind"] == "hook"]
        self.assertEqual(set(kinds), {"save"})

    def events(self, weir):
        return [json.loads(line) for line in self.good(weir, "events", "--json").splitlines()]

    def test_the_time_of_a_hook_ends_with_its_default(self):
        weir = self.fleet({"min": 1, "lifecycle_hooks": [
            {"name": "load", "transition": "launching", "heartbeat_timeout": "1s",
             "default_result": "continue"}]})
        self.in_state(weir, "pending_wait")
        self.serving(weir, 1)

    def test_a_wait_outlives_weir_and_its_command_is_run_again(self):
        said = os.path.join(self.folder, "said")
        command = self.script(f"echo x >> {said}\ntest $(wc -l < {said}) -gt 1 || sleep 60\n")
        weir = self.fleet({"min": 1, "lifecycle_hooks": [
            {"name": "load", "transition": "launching", "command": [command]}]})
        one = self.in_state(weir, "pending_wait")[0]
        self.eventually(lambda: os.path.exists(said))
        weir.kill()
        weir.start()
        again = self.serving(weir, 1)[0]
        self.assertEqual((one["id"], one["pid"]), (again["id"], again["pid"]))


class Aside(LifecycleCase):
    def test_standby_is_out_of_service_with_its_stream_ended_and_comes_back(self):
        weir = self.fleet({"min": 1, "max": 2, "desired": 2})
        one = self.serving(weir, 2)[0]["id"]
        self.good(weir, "standby", one)
        self.in_state(weir, "standby")
        self.assertEqual(weir.scaling_group()["desired"], 1)
        self.serving(weir, 1)
        pids = {client.get(weir.address(), "/echo").json()["pid"] for _ in range(20)}
        self.assertEqual(len(pids), 1)
        self.refused(weir, "is the minimum", "standby", weir.in_service("models")[0]["id"])
        weir.kill()
        weir.start()
        self.in_state(weir, "standby")
        self.good(weir, "standby", one, "--off")
        self.assertIn(one, [i["id"] for i in self.serving(weir, 2)])
        self.assertEqual(weir.scaling_group()["desired"], 2)

    def test_standby_may_be_replaced_and_then_there_is_no_place_to_come_back_to(self):
        weir = self.fleet({"min": 2, "max": 2})
        one = self.serving(weir, 2)[0]["id"]
        self.good(weir, "standby", one, "--replace")
        self.in_state(weir, "standby")
        self.serving(weir, 2)
        self.refused(weir, "above the maximum 2", "standby", one, "--off")
        self.refused(weir, "is standby, not in service", "standby", one)

    def test_a_detached_one_runs_on_until_it_is_attached_or_drained(self):
        weir = self.fleet({"min": 0, "max": 2, "desired": 2})
        one = self.serving(weir, 2)[0]
        self.good(weir, "detach", one["id"])
        self.in_state(weir, "detached")
        weir.scale("models", 0)
        self.eventually(
            lambda: [i["state"] for i in weir.instances("models")] == ["detached"])
        self.assertTrue(processes.alive(one["pid"]))
        self.good(weir, "attach", one["id"])
        self.assertEqual(self.serving(weir, 1)[0]["pid"], one["pid"])
        self.good(weir, "detach", one["id"])
        self.in_state(weir, "detached")
        self.good(weir, "drain", one["id"])
        self.eventually(lambda: not processes.alive(one["pid"]))


    def test_a_detached_one_may_be_attached_to_another_group(self):
        weir = self.fleet({"min": 0, "max": 2, "desired": 2})
        weir.config["scaling_groups"]["others"] = {
            **weir.config["scaling_groups"]["models"], "target_groups": ["others"], "desired": 0, "max": 1}
        weir.config["target_groups"]["others"] = weir.config["target_groups"]["models"]
        self.assertEqual(weir.apply().returncode, 0)
        one, two = self.serving(weir, 2)
        self.refused(weir, "not detached", "attach", one["id"], "--to", "others")
        self.good(weir, "detach", one["id"])
        self.in_state(weir, "detached")
        self.refused(weir, "no scaling group 'nobody'", "attach", one["id"], "--to", "nobody")
        self.good(weir, "attach", one["id"], "--to", "others")
        self.eventually(lambda: [i["pid"] for i in weir.in_service("others")] == [one["pid"]])
        self.assertEqual(self.pids(weir), [two["pid"]])
        self.assertIn(f"moved instance {one['id']}", str(weir.scaling_group("others")["activities"]))
        weir.kill()
        weir.start()
        self.eventually(lambda: [i["pid"] for i in weir.in_service("others")] == [one["pid"]])
        self.good(weir, "detach", two["id"])
        self.in_state(weir, "detached")
        self.refused(weir, "above the maximum 1", "attach", two["id"], "--to", "others")
        weir.scale("others", 0)
        self.eventually(lambda: not processes.alive(one["pid"]))


class TerminationCommand(LifecycleCase):
    def test_it_names_who_goes(self):
        said = os.path.join(self.folder, "said")
        command = self.script(f'cat > {said}; echo "I look"\n'
                              f'echo "{{\\"terminate\\": [\\"$(cat {said}.who)\\"]}}"\n')
        weir = self.fleet({"min": 0, "max": 3, "desired": 3, "termination_command": {"command": [command]}})
        ids = sorted(i["id"] for i in self.serving(weir, 3))
        with open(said + ".who", "w", encoding="utf-8") as file:
            file.write(ids[1])
        weir.scale("models", 2)
        self.serving(weir, 2)
        self.assertEqual(sorted(i["id"] for i in weir.in_service("models")), [ids[0], ids[2]])
        with open(said, encoding="utf-8") as file:
            told = json.load(file)
        self.assertEqual((told["group"], told["count"]), ("models", 1))
        self.assertEqual(sorted(i["instance"] for i in told["instances"]), ids)
        self.assertEqual({i["in_flight"] for i in told["instances"]}, {0})

    def test_one_that_takes_too_long_or_fails_leaves_it_to_the_policies(self):
        weir = self.fleet({"min": 0, "max": 3, "desired": 3, "termination_policies": ["oldest_instance"],
                           "termination_command": {"command": [self.script("sleep 60\n")], "timeout": "1s"}})
        self.serving(weir, 3)
        weir.scale("models", 2)
        self.serving(weir, 2)
        self.assertIn("the termination policies decided", str(weir.scaling_group()["activities"]))
        group = weir.config["scaling_groups"]["models"]
        group["termination_command"] = {"command": [self.script("echo no idea; exit 3\n")]}
        self.assertEqual(weir.apply().returncode, 0)
        weir.scale("models", 1)
        self.serving(weir, 1)
        self.assertIn("exit status 3: no idea", str(weir.scaling_group()["activities"]))


class WarmPool(LifecycleCase):
    def test_a_scale_out_is_served_from_the_pool_at_once(self):
        weir = self.fleet({"min": 1, "max": 4, "warm_pool": {"min": 1, "max_prepared": 0}},
                          arguments=["--start-delay", "2"])
        self.serving(weir, 1)
        warm = self.in_state(weir, "warmed_running")[0]
        self.always(lambda: client.get(weir.address(), "/echo").json()["pid"] != warm["pid"], during=0.3)
        weir.scale("models", 2)
        self.assertIn(warm["id"], [i["id"] for i in self.serving(weir, 2, within=1.5)])
        self.in_state(weir, "warmed_running")

    def test_a_stopped_one_wakes_for_the_first_request_and_goes_back_when_idle(self):
        weir = self.fleet({"min": 0, "max": 1, "idle_timeout": "1s", "warm_pool":
                           {"stopped": True, "reuse_on_scale_in": True}})
        one = self.in_state(weir, "warmed_stopped")[0]
        for _ in range(2):
            self.eventually(lambda: processes.stat(one["pid"])[0] == "T")
            answer = client.get(weir.address(), "/echo")
            self.assertEqual((answer.status, answer.json()["pid"]), (200, one["pid"]))
            self.in_state(weir, "warmed_stopped")
        weir.kill()
        weir.start()
        self.assertEqual(client.get(weir.address(), "/echo").json()["pid"], one["pid"])

    def test_all_of_it_ends_with_the_instances(self):
        weir = self.fleet({"min": 0, "max": 2, "warm_pool": {"stopped": True}})
        found = self.in_state(weir, "warmed_stopped", 2)
        self.good(weir, "stop", "--instances")
        self.eventually(lambda: not any(processes.alive(i["pid"]) for i in found))
