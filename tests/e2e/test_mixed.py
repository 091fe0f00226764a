"""Several kinds of instances, what they cost, how fast they come and go, and notices of their end."""
import http.server
import json
import os
import signal
import threading
import time

from weir_test import client, processes
from weir_test.case import limit
from weir_test.load import Load
from weir_test.weir import replica
from test_fleet import FleetCase

MIX = {
    "on_demand_base": 1, "on_demand_percentage": 50, "strategy": "lowest_price",
    "templates": [
        {"name": "steady", "price": 4, "launch": {"environment": {"KIND": "steady"}}},
        {"name": "spot", "price": 1, "spot": True, "launch": {"environment": {"KIND": "spot"}}},
    ]}


class Metadata:
    """A metadata service as EC2's: 404 until there is a notice."""

    def __init__(self):
        self.notice = None
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                body = json.dumps(outer.notice).encode() if outer.notice else b"none\n"
                self.send_response(200 if outer.notice else 404)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/latest/meta-data/spot/instance-action"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def tell(self, seconds):
        end = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds))
        self.notice = {"action": "terminate", "time": end}

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class Mixed(FleetCase):
    def kinds(self, weir):
        return sorted(i["launch_template"] for i in weir.in_service("models"))

    def test_the_mix_is_kept_on_the_way_out_and_in(self):
        weir = self.fleet({"min": 0, "max": 8, "desired": 5, "mix": MIX})
        self.serving(weir, 5)
        self.assertEqual(self.kinds(weir), ["spot"] * 2 + ["steady"] * 3)
        found = {i["pid"]: i["launch_template"] for i in weir.in_service("models")}
        for pid, kind in found.items():
            self.assertEqual(processes.environment(pid)["KIND"], kind)
        weir.scale("models", 3)
        self.serving(weir, 3)
        self.assertEqual(self.kinds(weir), ["spot"] + ["steady"] * 2)

    def test_weights_count_towards_desired_and_share_the_load(self):
        mix = {"templates": [{"name": "large", "weight": 3}, {"name": "small", "weight": 1}],
               "strategy": "prioritized"}
        weir = self.fleet({"min": 6, "max": 9, "mix": mix}, group={"algorithm": "round_robin"})
        found = self.serving(weir, 2)
        self.assertEqual({(i["launch_template"], i["weight"]) for i in found}, {("large", 3)})
        self.assertEqual({e["weight"] for e in weir.endpoints()}, {3})

    def test_a_mix_with_mistakes_is_told_all_of_them(self):
        weir = self.fleet({"min": 0})
        bad = dict(weir.config)
        bad["scaling_groups"]["models"].update(price=2, mix={"templates": [
            {"name": "a"}, {"name": "a", "launch": {"gpus": 1}}, {"name": "b", "spot": True}]})
        out = weir.apply(bad)
        self.assertNotEqual(out.returncode, 0)
        for part in ("has no meaning beside a mix", "is called 'a' too", "devices: lists none",
                     "leaves nothing to the spot templates"):
            self.assertIn(part, out.stdout + out.stderr)


class Cost(FleetCase):
    def test_cost_is_shown_counted_and_survives_a_restart(self):
        weir = self.fleet({"min": 0, "max": 3, "desired": 2, "price": 3600})  # one a second
        self.serving(weir, 2)
        self.eventually(lambda: weir.scaling_group()["cost"]["money"] >= 4)
        cost = weir.scaling_group()["cost"]
        self.assertEqual((cost["per_hour"], cost["peak_instances"]), (7200, 2))
        weir.scale("models", 1)
        self.eventually(lambda: weir.scaling_group()["cost"]["per_hour"] == 3600)
        self.eventually(lambda: weir.metric("weir_scaling_saved_ratio", group="models") > 0)
        answer = weir.admin("GET", "/api/v1/cost").json()
        self.assertEqual([g["name"] for g in answer["scaling_groups"]], ["models"])
        self.assertGreater(answer["total"]["fixed_fleet_money"], answer["total"]["money"])
        self.assertEqual(weir.metric("weir_scaling_cost_per_hour", group="models"), 3600)
        out = weir.cli("cost")
        self.assertEqual(out.returncode, 0, out.stderr)
        self.assertIn("3600.00", out.stdout)
        self.assertIn("3600.00 an hour", weir.cli("status").stdout)
        before = weir.scaling_group()["cost"]["money"]
        weir.kill()
        weir.start()
        self.serving(weir, 1)
        self.eventually(lambda: weir.scaling_group()["cost"]["money"] > before)
        self.assertEqual(weir.scaling_group()["cost"]["peak_instances"], 2)


class Pace(FleetCase):
    def test_a_limit_holds_back_policies_and_not_a_user(self):
        tracking = [{"target_tracking": {"metric": "in_flight_per_endpoint", "target": 1}}]
        weir = self.fleet({"min": 1, "max": 6, "policies": tracking,
                           "scale_out": {"limits": [{"instances": 1, "period": "60s"}]}})
        self.serving(weir, 1)
        load = Load(weir.address(), connections=12, pause=0, get="/delay?ms=200").start()
        self.eventually(lambda: weir.scaling_group()["desired"] == 2)
        self.eventually(lambda: "scaling out allows 2: 1 in 1m" in
                        str(weir.scaling_group()["notes"]))
        time.sleep(3)
        self.assertEqual(weir.scaling_group()["desired"], 2)
        weir.scale("models", 4)
        self.serving(weir, 4)
        self.assertEqual(load.stop().failures, [])


class Interruption(FleetCase):
    serial = True

    def load(self, weir):
        return Load(weir.address(), connections=6, streams=4, pause=0.05, events=20,
                    interval=100, get="/delay?ms=50").start()

    def nothing_lost(self, result):
        self.assertGreater(result.good, 0)
        self.assertEqual(result.failures, [], result.summary())
        self.assertEqual(result.cut, [], result.summary())
        print(result.summary())

    @limit(90)
    def test_a_notice_loses_nothing_and_brings_a_replacement_first(self):
        weir = self.fleet({"min": 2, "max": 4, "spot": True}, launch={"stop_grace": "3s"})
        first = [i["id"] for i in self.serving(weir, 2)]
        load = self.load(weir)
        time.sleep(1)
        for one in first:
            out = weir.cli("interrupt", one, "--in", "20s")
            self.assertEqual(out.returncode, 0, out.stderr)
        self.eventually(lambda: not set(first) & {i["id"] for i in weir.instances("models")},
                        within=30)
        self.serving(weir, 2)
        time.sleep(1)
        self.nothing_lost(load.stop())
        self.assertIn("was told that it ends in", str(weir.scaling_group()["activities"]))

    @limit(90)
    def test_the_only_instance_serves_until_its_replacement_does(self):
        weir = self.fleet({"min": 1, "max": 2, "spot": True},
                          arguments=["--start-delay", "2"], launch={"stop_grace": "3s"})
        first = self.serving(weir, 1)[0]
        load = self.load(weir)
        time.sleep(1)
        self.assertEqual(weir.cli("interrupt", first["id"], "--in", "20s").returncode, 0)
        self.eventually(lambda: len(weir.instances("models")) == 2)
        self.assertEqual([i["id"] for i in weir.in_service("models")], [first["id"]])
        self.assertIsNotNone(weir.in_service("models")[0]["ends_at"])
        self.eventually(lambda: first["id"] not in [i["id"] for i in weir.instances("models")],
                        within=30)
        self.serving(weir, 1)
        time.sleep(1)
        self.nothing_lost(load.stop())

    @limit(60)
    def test_sigpwr_is_a_notice_for_all_spot_instances_and_no_others(self):
        weir = self.fleet({"min": 4, "max": 8, "mix": MIX, "interruption": {"notice": "10s"}})
        before = {i["id"]: i["launch_template"] for i in self.serving(weir, 4)}
        weir.signal(signal.SIGPWR)
        spot = {i for i, kind in before.items() if kind == "spot"}
        self.assertEqual(len(spot), 1)
        self.eventually(lambda: not spot & {i["id"] for i in weir.instances("models")}, within=20)
        left = {i["id"] for i in self.serving(weir, 4)}
        self.assertEqual(left & set(before), set(before) - spot)

    @limit(60)
    def test_a_metadata_service_is_asked(self):
        service = Metadata()
        self.addCleanup(service.close)
        weir = self.fleet({"min": 1, "max": 3, "spot": True,
                           "interruption": {"url": service.url, "every": "200ms"}})
        first = self.serving(weir, 1)[0]["id"]
        load = self.load(weir)
        time.sleep(1)
        self.assertIsNone(weir.instances("models")[0]["ends_at"])
        service.tell(15)
        self.eventually(lambda: first not in [i["id"] for i in weir.instances("models")],
                        within=20)
        self.serving(weir, 1)
        time.sleep(1)
        self.nothing_lost(load.stop())
        self.assertIsNone(self.serving(weir, 1)[0]["ends_at"], "it came after the notice")

    def test_a_notice_survives_a_restart(self):
        weir = self.fleet({"min": 1, "max": 2, "spot": True}, arguments=["--start-delay", "3"])
        first = self.serving(weir, 1)[0]["id"]
        self.assertEqual(weir.cli("interrupt", first, "--in", "30s").returncode, 0)
        self.eventually(lambda: len(weir.instances("models")) == 2)
        weir.kill()
        weir.start()
        self.eventually(lambda: first not in [i["id"] for i in weir.instances("models")], within=30)
        self.serving(weir, 1)

    def test_a_notice_for_nobody_and_a_strange_time_are_refused(self):
        weir = self.fleet({"min": 0})
        out = weir.cli("interrupt", "i-0")
        self.assertNotEqual(out.returncode, 0)
        self.assertIn("no instance 'i-0'", out.stderr)
        answer = weir.owner("POST", "/api/v1/instances/i-0/interruption",
                            [("Content-Type", "application/json")], body=b'{"in": "soon"}')
        self.assertEqual(answer.status, 400)


class SharedDevices(FleetCase):
    serial = True

    def two(self, sharing=None, other=None, **top):
        """Two models and one device."""
        def group(more):
            return {"launch": {"command": replica(), "gpus": 1, "stop_grace": "2s"},
                    "min": 0, "max": 1,
                    "sharing": {"yield_after": "200ms", "hold": "500ms", **(more or {})}}
        check = {"health_check": {"path": "/health", "interval": "1s", "timeout": "1s"}}
        config = {
            "devices": ["0"],
            "listeners": {"public": {
                "rules": [{"match": {"path": ["/plain/*"]}, "forward": "small"}],
                "default": {"forward": "large"}}},
            "target_groups": {"small": dict(check), "large": dict(check)},
            "scaling_groups": {
                "small": {"target_groups": ["small"], **group(sharing)},
                "large": {"target_groups": ["large"], **group(other)}},
            **top}
        return self.weir(config)

    @limit(90)
    def test_two_models_take_turns_on_one_device_and_no_request_is_lost(self):
        weir = self.two()
        pids = []
        for turn in range(6):
            path = "/plain/echo" if turn % 2 else "/echo"
            answer = client.get(weir.address(), path, timeout=30)
            self.assertEqual(answer.status, 200, f"turn {turn}")
            pids.append(answer.json()["pid"])
            self.assertEqual(len(weir.replica_pids()), 1)
        self.assertEqual(len(set(pids)), 6, "each turn starts the model anew")
        self.assertIn("for its device, and it had been idle for", str(weir.scaling_group("small")["activities"]))

    @limit(60)
    def test_who_has_a_request_keeps_its_device(self):
        weir = self.two()
        with client.Client(weir.address(), 30) as slow, client.Client(weir.address(), 30) as other:
            slow.request("GET", "/delay?ms=4000")
            self.eventually(lambda: weir.in_service("large"))
            other.request("GET", "/plain/echo")
            self.eventually(lambda: "no free" in str(weir.scaling_group("small")["notes"]).lower() or
                            "device" in str(weir.scaling_group("small")["notes"]).lower())
            self.assertEqual(slow.answer().status, 200)
            self.assertEqual(other.answer().status, 200)

    @limit(60)
    def test_a_minimum_is_kept_but_for_a_higher_priority_where_it_may_be_preempted(self):
        weir = self.two({"priority": 1}, {"preemptible": True})
        weir.config["scaling_groups"]["large"]["min"] = 1
        weir.reload(weir.config)
        self.eventually(lambda: weir.in_service("large"))
        answer = client.get(weir.address(), "/plain/echo", timeout=30)
        self.assertEqual(answer.status, 200)
        self.assertEqual([i["state"] for i in weir.instances("large")], ["pending"])


class Devices(FleetCase):
    def stand_in(self, lines):
        path = os.path.join(self.folder, "nvidia-smi")
        with open(path, "w") as file:
            file.write("#!/bin/sh\ncat <<'END'\n" + lines + "END\n")
        os.chmod(path, 0o755)
        return path

    def test_what_devices_say_is_shown_and_measured(self):
        program = self.stand_in("0, GPU-5a1c0e4e-0001, 73, 20390, 81559\n"
                                "1, GPU-5a1c0e4e-0002, 11, 8156, 81559\n")
        weir = self.fleet({"min": 2, "max": 3}, launch={"gpus": 1}, devices=["0", "1"],
                          nvidia_smi=program)
        self.serving(weir, 2)
        self.eventually(lambda: sorted(i["gpu_percent"] or 0 for i in weir.instances("models"))
                        == [11, 73])
        self.assertEqual(weir.metric("weir_instance_gpu_percent", group="models"), 84)
        self.assertIn("73%", weir.cli("status").stdout)

    def test_a_group_scales_by_how_busy_its_devices_are(self):
        program = self.stand_in("0, GPU-5a1c0e4e-0001, 96, 20390, 81559\n"
                                "1, GPU-5a1c0e4e-0002, 95, 8156, 81559\n")
        policies = [{"target_tracking": {"metric": "gpu_percent", "target": 60}}]
        weir = self.fleet({"min": 1, "max": 2, "policies": policies}, launch={"gpus": 1},
                          devices=["0", "1"], nvidia_smi=program)
        self.serving(weir, 2, within=30)
        self.assertIn("gpu_percent was", str(weir.scaling_group()["activities"]))
