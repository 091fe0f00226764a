"""Changes of the config while traffic flows: nothing is dropped, mistakes change nothing."""
import copy
import signal
import time

from weir_test import client
from weir_test.case import limit
from weir_test.load import Load
from weir_test.weir import WeirCase, free_port


class Reload(WeirCase):
    @limit(90)
    def test_twenty_reloads_under_load_drop_nothing(self):
        a, b = self.backend("a"), self.backend("b")
        weir = self.proxy([a, b])
        load = Load(weir.address(), connections=200, streams=50, pause=0.2, events=40,
                    interval=100).start()
        self.eventually(lambda: load.streaming == 50)
        config = copy.deepcopy(weir.config)
        for n in range(20):
            config["target_groups"]["models"]["algorithm"] = ("least_request", "peak_ewma")[n % 2]
            config["listeners"]["public"]["rules"] = [
                {"match": {"path": [f"/extra{n}"]}, "respond": {"body": str(n)}}]
            weir.reload(config)
            self.assertEqual(client.get(weir.address(), f"/extra{n}").body, str(n).encode())
        result = load.stop()
        self.assertEqual((result.failures, result.cut), ([], []), result.summary())
        self.assertEqual(result.connects, 200 + result.streams_begun, "connections were dropped")

    def test_an_endpoint_that_is_taken_away_finishes_its_streams(self):
        a, b = self.backend("a"), self.backend("b")
        weir = self.proxy([a])
        one = client.Client(weir.address(), 20)
        one.request("GET", "/sse?events=30&interval=50")
        head = one.head()
        config = copy.deepcopy(weir.config)
        config["target_groups"]["models"]["endpoints"] = [{"address": b.address}]
        weir.reload(config)
        self.eventually(lambda: client.get(weir.address(), "/").body == b"b\n")
        one.body(head)
        self.assertIn(b"event: end", head.body)
        one.close()

    def test_requests_in_line_survive(self):
        a = self.backend("a")
        weir = self.proxy(a, group={"max_in_flight": 1, "health_check": {"enabled": False}})
        line = [client.Client(weir.address(), 20) for _ in range(5)]
        for n, one in enumerate(line):
            one.request("GET", f"/gate?name=g&n={n}")
        self.eventually(lambda: weir.target_group()["waiting"] == 4)
        config = copy.deepcopy(weir.config)
        config["target_groups"]["models"]["queue"] = {"length": 7}
        weir.reload(config)
        a.open_gate("g")
        for one in line:
            self.assertEqual(one.answer().status, 200)
            one.close()

    def test_raised_limits_let_the_line_move(self):
        a = self.backend("a")
        weir = self.proxy(a, group={"max_in_flight": 1, "health_check": {"enabled": False}})
        line = [client.Client(weir.address(), 20) for _ in range(4)]
        for one in line:
            one.request("GET", "/gate?name=g")
        self.eventually(lambda: weir.target_group()["waiting"] == 3)
        config = copy.deepcopy(weir.config)
        config["target_groups"]["models"]["max_in_flight"] = 4
        weir.reload(config)
        self.eventually(lambda: a.server.busy == 4)
        a.open_gate("g")
        for one in line:
            self.assertEqual(one.answer().status, 200)
            one.close()

    def test_a_mistake_changes_nothing(self):
        weir = self.proxy(self.backend("a"))
        with client.Client(weir.address()) as one:
            self.assertEqual(one.ask("GET", "/").status, 200)
            good = copy.deepcopy(weir.config)
            bad = copy.deepcopy(good)
            bad["listeners"]["public"]["default"] = {"forward": "no-such-group"}
            weir.reload(bad)
            self.assertEqual(one.ask("GET", "/").status, 200)
            self.assertIn("no-such-group", weir.log())
            weir.reload(good)
            self.assertEqual(one.ask("GET", "/").status, 200)

    def test_health_is_kept(self):
        a, b = self.backend("a"), self.backend("b")
        weir = self.proxy([a, b], group={"health_check": {
            "path": "/health", "interval": "200ms", "timeout": "200ms", "unhealthy": 3}})
        self.eventually(lambda: {e["state"] for e in weir.endpoints()} == {"healthy"})
        a.server.health = 503
        self.eventually(lambda: "unhealthy" in [e["state"] for e in weir.endpoints("models")])
        config = copy.deepcopy(weir.config)
        config["target_groups"]["models"]["algorithm"] = "random"
        weir.reload(config)
        names = {client.get(weir.address(), "/").body for _ in range(20)}
        self.assertEqual(names, {b"b\n"})

    def test_listeners_come_and_go(self):
        weir = self.proxy(self.backend("a"))
        kept = client.Client(weir.address())
        self.assertEqual(kept.ask("GET", "/").status, 200)
        config = copy.deepcopy(weir.config)
        config["listeners"]["second"] = {"default": {"respond": {"body": "2"}}}
        weir.reload(config)
        self.assertEqual(client.get(weir.address("second"), "/").body, b"2")
        address = weir.address("second")
        config = copy.deepcopy(weir.config)
        del config["listeners"]["second"]
        weir.reload(config)
        self.eventually(lambda: not self.connects(address))
        self.assertEqual(kept.ask("GET", "/").status, 200)
        kept.close()

    def connects(self, address):
        try:
            client.Client(address, 1).close()
            return True
        except OSError:
            return False

    def test_a_listener_moves_to_another_port(self):
        weir = self.proxy(self.backend("a"))
        old = weir.address()
        one = client.Client(old, 20)
        one.request("GET", "/sse?events=20&interval=50")
        head = one.head()
        config = copy.deepcopy(weir.config)
        config["listeners"]["public"]["bind"] = f"127.0.0.1:{free_port()}"
        weir.reload(config)
        self.assertEqual(client.get(weir.address(), "/").status, 200)
        one.body(head)
        self.assertIn(b"event: end", head.body)
        one.close()
        self.eventually(lambda: not self.connects(old))

    def test_a_port_that_is_taken_is_a_mistake_that_changes_nothing(self):
        taken = self.backend("taken")
        weir = self.proxy(self.backend("a"))
        config = copy.deepcopy(weir.config)
        config["listeners"]["second"] = {"bind": taken.address,
                                         "default": {"respond": {"body": "2"}}}
        weir.reload(config)
        self.assertEqual(client.get(weir.address(), "/").body, b"a\n")
        self.assertIn(str(taken.port), weir.log())

    @limit(60)
    def test_sigterm_drains(self):
        a = self.backend("a")
        weir = self.proxy(a)
        stream = client.Client(weir.address(), 20)
        stream.request("GET", "/sse?events=20&interval=100")
        head = stream.head()
        idle = client.Client(weir.address())
        self.assertEqual(idle.ask("GET", "/").status, 200)
        weir.signal(signal.SIGTERM)
        self.assertTrue(idle.closed(1), "an idle connection stays open")
        # A new connection is not taken, since nobody will serve it.
        self.eventually(lambda: not self.connects(weir.address()), 1)
        self.assertIsNone(weir.process.poll())
        stream.body(head)
        self.assertIn(b"event: end", head.body)
        self.assertEqual(weir.process.wait(10), 0)

    def test_the_drain_timeout_bounds_it(self):
        weir = self.proxy(self.backend("a"), drain_timeout="700ms")
        stream = client.Client(weir.address(), 20)
        stream.request("GET", "/sse?events=1000&interval=100")
        stream.head()
        began = time.monotonic()
        self.assertEqual(weir.terminate(10), 0)
        self.assertTrue(0.5 < time.monotonic() - began < 5)
        stream.close()

    @limit(60)
    def test_keep_alive_clients_lose_nothing_at_sigterm(self):
        """Idle connections may close; an answer in progress says `Connection: close`."""
        weir = self.proxy(self.backend("a"))
        clients = [client.Client(weir.address(), 20) for _ in range(20)]
        for one in clients:
            one.request("GET", "/delay?ms=800")
        time.sleep(0.3)
        weir.signal(signal.SIGTERM)
        for one in clients:
            answer = one.answer()
            self.assertEqual(answer.status, 200)
            self.assertTrue(one.closed())
            one.close()
        self.assertEqual(weir.process.wait(10), 0)
