"""Capacity follows demand: from zero, out, in, to zero; draining waits for the last stream."""
import os
import signal
import statistics
import threading
import time

from weir_test import client, processes
from weir_test.case import PATIENCE, limit
from weir_test.load import Load
from test_fleet import FleetCase

TRACKING = [{"target_tracking": {"metric": "in_flight_per_endpoint", "target": 2,
                                 "scale_in_cooldown": "1s"}}]


class FromZero(FleetCase):
    serial = True

    def test_a_request_to_nothing_is_held_and_answered(self):
        weir = self.fleet({"min": 0, "max": 2})
        self.assertEqual(weir.instances("models"), [])
        answer = client.ask(weir.address(), "POST", "/echo", body=b"hello", timeout=20)
        self.assertEqual((answer.status, answer.json()["body"]), (200, "hello"))

    @limit(90)
    def test_weirs_own_share_of_the_first_answer_is_under_50_ms(self):
        shares = []
        for _ in range(5):
            weir = self.fleet({"min": 0, "max": 1})
            time.sleep(0.3)
            began = time.time()
            with client.Client(weir.address(), 20) as one:
                one.request("GET", "/_/state")
                answer = one.answer()
            took = answer.first_byte - began
            state = answer.json()
            # Of the replica: from its start (the kernel's tick, rounded up) to its listening.
            starting = state["listening"] - state["started"]
            shares.append(took - starting)
            weir.clean_up()
        print(f"own shares: {[round(s * 1000, 1) for s in shares]} ms")
        self.assertLess(statistics.median(shares), 0.050 * PATIENCE, shares)

    def test_many_requests_to_nothing_are_all_answered(self):
        weir = self.fleet({"min": 0, "max": 2}, arguments=["--start-delay", "0.5"])
        load = Load(weir.address(), connections=50, pause=0.05)
        result = load.run_for(2)
        self.assertEqual(result.failures, [], result.summary())

    def test_if_no_instance_comes_up_the_wait_ends_with_503(self):
        weir = self.fleet({"min": 0, "max": 1}, group={"queue": {"timeout": "1s"}},
                          arguments=["--crash", "no model"])
        answer = client.get(weir.address(), "/", timeout=15)
        self.assertEqual(answer.status, 503)

    def test_a_client_that_leaves_before_it_is_up_harms_nothing(self):
        weir = self.fleet({"min": 0, "max": 1}, arguments=["--start-delay", "0.5"])
        one = client.Client(weir.address())
        one.request("GET", "/")
        time.sleep(0.1)
        one.close()
        self.assertEqual(client.get(weir.address(), "/", timeout=20).status, 200)


class SmallSteps(FleetCase):
    serial = True

    @limit(60)
    def test_one_more_client_than_slots_is_answered_by_a_launch_within_a_second(self):
        tracking = [{"target_tracking": {"metric": "in_flight_per_endpoint", "target": 1.5}}]
        for before, clients, slots in ((1, 2, 1), (1, 3, 2), (2, 4, 1)):
            weir = self.fleet({"min": before, "max": 4, "policies": tracking},
                              group={"max_in_flight": slots})
            self.serving(weir, before)
            time.sleep(1.5)
            open_ones = [client.Client(weir.address(), 30) for _ in range(clients)]
            began = time.time()
            for one in open_ones:
                one.request("GET", "/delay?ms=8000")
            self.eventually(lambda: len(weir.instances("models")) > before, within=5)
            took = time.time() - began
            print(f"{before} -> {clients} in flight, {slots} slots: launched after {took:.2f} s")
            for one in open_ones:
                one.close()
            self.assertLess(took, 1.0 * PATIENCE)
            weir.clean_up()

    def test_an_adopted_instance_does_not_warm_up_again(self):
        weir = self.fleet({"min": 1, "max": 1, "warm_up": "3s"})
        self.serving(weir, 1)
        self.eventually(lambda: weir.instances("models")[0]["reason"] == "", within=10)
        launched = weir.instances("models")[0]["launched"]
        weir.kill()
        weir.start()
        self.serving(weir, 1)
        one = weir.instances("models")[0]
        self.assertEqual((one["reason"], one["launched"]), ("", launched))


class OutAndIn(FleetCase):
    serial = True

    @limit(90)
    def test_load_scales_out_and_its_end_scales_in(self):
        weir = self.fleet({"min": 1, "max": 4, "policies": TRACKING},
                          group={"max_in_flight": 2})
        self.serving(weir, 1)
        load = Load(weir.address(), connections=16, pause=0, get="/delay?ms=100",
                    post="/upload?ms=100").start()
        self.eventually(lambda: len(weir.in_service("models")) == 4, within=20)
        result = load.stop()
        self.assertEqual(result.failures, [], result.summary())
        self.serving(weir, 1, within=30)
        text = str(weir.scaling_group()["activities"])
        self.assertIn("in_flight_per_endpoint", text)

    def test_a_queue_wakes_the_autoscaler_at_once(self):
        weir = self.fleet({"min": 1, "max": 3, "policies": TRACKING}, group={"max_in_flight": 1})
        self.serving(weir, 1)
        time.sleep(1)
        threads = [threading.Thread(target=client.get, args=(weir.address(), "/delay?ms=1500"))
                   for _ in range(8)]
        began = time.monotonic()
        for thread in threads:
            thread.start()
        self.eventually(lambda: len(weir.replica_pids()) > 1, within=5)
        self.assertLess(time.monotonic() - began, 1.0 * PATIENCE)
        for thread in threads:
            thread.join()

    @limit(60)
    def test_without_requests_it_goes_to_zero_and_comes_back(self):
        weir = self.fleet({"min": 0, "max": 2, "idle_timeout": "2s"})
        self.assertEqual(client.get(weir.address(), "/", timeout=20).status, 200)
        self.serving(weir, 0, within=15)
        self.eventually(lambda: not weir.replica_pids())
        self.assertEqual(client.get(weir.address(), "/", timeout=20).status, 200)

    def test_an_open_stream_keeps_it_from_zero(self):
        weir = self.fleet({"min": 0, "max": 1, "idle_timeout": "1s"})
        with client.Client(weir.address(), 20) as one:
            one.request("GET", "/sse?events=40&interval=100")
            answer = one.answer()
        self.assertIn(b"event: end", answer.body)

    def test_it_never_leaves_its_bounds(self):
        weir = self.fleet({"min": 1, "max": 2, "policies": TRACKING}, group={"max_in_flight": 1})
        self.serving(weir, 1)
        weir.cli("scale", "models", "50")
        weir.cli("scale", "models", "0")
        threads = [threading.Thread(target=client.get, args=(weir.address(), "/delay?ms=400"))
                   for _ in range(10)]
        for thread in threads:
            thread.start()
        self.always(lambda: 1 <= len(weir.replica_pids()) <= 2, 2)
        for thread in threads:
            thread.join()

    def test_warm_up_keeps_it_from_overshooting(self):
        weir = self.fleet({"min": 1, "max": 10, "policies": TRACKING, "warm_up": "3s"},
                          group={"max_in_flight": 2})
        self.serving(weir, 1)
        load = Load(weir.address(), connections=6, pause=0, get="/delay?ms=100",
                    post="/upload").start()
        self.always(lambda: len(weir.replica_pids()) <= 5, 5)
        load.stop()

    @limit(60)
    def test_requests_per_second_can_be_tracked(self):
        weir = self.fleet({"min": 1, "max": 3, "policies": [{"target_tracking": {
            "metric": "requests_per_second_per_endpoint", "target": 20}}]})
        self.serving(weir, 1)
        load = Load(weir.address(), connections=10, pause=0.1).start()
        self.eventually(lambda: len(weir.in_service("models")) == 3, within=25)
        self.assertEqual(load.stop().failures, [])

    @limit(60)
    def test_cpu_can_be_tracked(self):
        weir = self.fleet({"min": 1, "max": 2, "policies": [{"target_tracking": {
            "metric": "cpu_percent", "target": 5}}]}, launch={"cpus": 1})
        self.serving(weir, 1)
        load = Load(weir.address(), connections=20, pause=0.01).start()
        self.eventually(lambda: len(weir.in_service("models")) == 2, within=30)
        load.stop()


class Draining(FleetCase):
    def test_scale_in_waits_for_the_last_stream(self):
        weir = self.fleet({"min": 0, "max": 3, "desired": 2})
        self.serving(weir, 2)
        streams = [client.Client(weir.address(), 20) for _ in range(4)]
        for one in streams:
            one.request("GET", "/sse?events=30&interval=100")
        heads = [one.head() for one in streams]
        weir.scale("models", 0)
        time.sleep(1)
        self.assertGreaterEqual(len(weir.replica_pids()), 1)
        for one, head in zip(streams, heads):
            one.body(head)
            self.assertIn(b"event: end", head.body)
            one.close()
        self.eventually(lambda: not weir.replica_pids(), within=10)

    def test_a_draining_instance_gets_no_new_requests(self):
        weir = self.fleet({"min": 0, "max": 3, "desired": 2}, group={"algorithm": "round_robin"})
        self.serving(weir, 2)
        streams = {}
        while len(streams) < 2:  # one on each
            one = client.Client(weir.address(), 20)
            one.request("GET", "/sse?events=50&interval=100")
            head = one.head()
            streams.setdefault(head.header("x-backend"), (one, head))
        weir.scale("models", 1)
        self.eventually(lambda: len(weir.in_service("models")) == 1)
        stays = weir.in_service("models")[0]["id"]
        for _ in range(20):
            self.assertEqual(client.get(weir.address(), "/").body.decode().strip(), stays)
        for one, head in streams.values():
            one.body(head)
            self.assertIn(b"event: end", head.body)
            one.close()

    def test_the_drain_limit_bounds_the_wait(self):
        weir = self.fleet({"min": 0, "max": 1, "desired": 1, "drain_limit": "1s"})
        self.serving(weir, 1)
        one = client.Client(weir.address(), 20)
        one.request("GET", "/sse?events=1000&interval=100")
        one.head()
        began = time.monotonic()
        weir.scale("models", 0)
        self.eventually(lambda: not weir.replica_pids(), within=10)
        self.assertGreater(time.monotonic() - began, 0.8)
        one.close()

    def test_a_websocket_counts_as_a_stream(self):
        weir = self.fleet({"min": 0, "max": 1, "desired": 1})
        self.serving(weir, 1)
        ws = client.WebSocket(weir.address())
        weir.scale("models", 0)
        time.sleep(1)
        ws.send(b"still here")
        self.assertEqual(ws.receive(), (2, b"still here"))
        ws.close()
        self.eventually(lambda: not weir.replica_pids(), within=10)

    def test_the_victim_is_the_one_with_the_least_work(self):
        weir = self.fleet({"min": 0, "max": 2, "desired": 2}, group={"algorithm": "round_robin"})
        self.serving(weir, 2)
        busy = client.Client(weir.address(), 20)
        busy.request("GET", "/sse?events=30&interval=100")
        name = busy.head().header("x-backend")
        weir.scale("models", 1)
        self.eventually(lambda: len(weir.in_service("models")) == 1)
        self.assertEqual(weir.in_service("models")[0]["id"], name)
        busy.close()

    def test_drain_takes_an_endpoint_out_and_lets_it_finish(self):
        weir = self.fleet({"min": 2, "max": 2}, group={"algorithm": "round_robin"})
        self.serving(weir, 2)
        one = client.Client(weir.address(), 20)
        one.request("GET", "/sse?events=30&interval=100")
        head = one.head()
        name = head.header("x-backend")
        out = weir.cli("drain", name)
        self.assertEqual(out.returncode, 0, out.stderr)
        for _ in range(20):
            self.assertNotEqual(client.get(weir.address(), "/").body.decode().strip(), name)
        one.body(head)
        self.assertIn(b"event: end", head.body)
        one.close()

    @limit(90)
    def test_scaling_up_and_down_under_load_loses_nothing(self):
        weir = self.fleet({"min": 1, "max": 4, "desired": 1})
        self.serving(weir, 1)
        load = Load(weir.address(), connections=40, streams=10, pause=0.05, events=20,
                    interval=100).start()
        for count in (4, 1, 3, 2, 4, 1):
            weir.scale("models", count)
            self.eventually(lambda: len(weir.in_service("models")) == count, within=20)
        result = load.stop()
        self.assertEqual((result.failures, result.cut), ([], []), result.summary())

    def test_a_stream_on_a_killed_instance_ends_with_an_error_and_others_live(self):
        weir = self.fleet({"min": 2, "max": 2}, group={"algorithm": "round_robin"})
        self.serving(weir, 2)
        streams = {}
        while len(streams) < 2:
            one = client.Client(weir.address(), 20)
            one.request("GET", "/sse?events=20&interval=100")
            head = one.head()
            streams.setdefault(head.header("x-backend"), (one, head))
        victim = weir.in_service("models")[0]
        os.kill(victim["pid"], signal.SIGKILL)
        one, head = streams.pop(victim["id"])
        with self.assertRaises(client.Broken):
            one.body(head)
        one.close()
        for one, head in streams.values():
            one.body(head)
            self.assertIn(b"event: end", head.body)
            one.close()
        self.assertFalse(processes.alive(victim["pid"]))
