"""Health: active checks, what traffic tells, and failing open."""
import socket
import time

from weir_test import client
from weir_test.case import limit
from weir_test.weir import WeirCase

FAST = {"path": "/health", "interval": "200ms", "timeout": "200ms", "healthy": 2, "unhealthy": 2}


class HealthCase(WeirCase):
    def health(self, weir):
        return {e["address"]: e["state"] for e in weir.endpoints("models")}

    def served_by(self, weir, count=20):
        return {client.get(weir.address(), "/").body.decode().strip() for _ in range(count)}


class Active(HealthCase):
    def test_a_failing_check_takes_an_endpoint_out_and_a_good_one_brings_it_back(self):
        a, b = self.backend("a"), self.backend("b")
        weir = self.proxy([a, b], group={"health_check": FAST, "algorithm": "round_robin"})
        self.eventually(lambda: self.served_by(weir) == {"a", "b"})
        a.server.health = 503
        self.eventually(lambda: self.health(weir)[a.address] == "unhealthy")
        self.assertEqual(self.served_by(weir), {"b"})
        a.server.health = 200
        self.eventually(lambda: self.health(weir)[a.address] == "healthy")
        self.assertEqual(self.served_by(weir), {"a", "b"})

    def test_thresholds_count_checks_in_a_row(self):
        a, b = self.backend("a"), self.backend("b")
        weir = self.proxy([a, b], group={"health_check": {**FAST, "unhealthy": 5}})
        self.eventually(lambda: len(a.probes) >= 2 and self.health(weir)[a.address] == "healthy")
        a.server.health = 503
        seen = len(a.probes)
        self.eventually(lambda: self.health(weir)[a.address] == "unhealthy")
        self.assertTrue(4 <= len(a.probes) - seen <= 8, len(a.probes) - seen)

    def test_the_first_check_is_made_at_once(self):
        a = self.backend("a")
        began = time.time()
        self.proxy(a, group={"health_check": {**FAST, "interval": "60s"}})
        self.eventually(lambda: a.probes)
        self.assertLess(a.probes[0].received - began, 5)

    def test_codes_decide_what_is_healthy(self):
        a = self.backend("a")
        a.server.health = 299
        weir = self.proxy(a, group={"health_check": {**FAST, "codes": ["200", "290-299"]}})
        self.eventually(lambda: self.health(weir)[a.address] == "healthy")
        a.server.health = 201
        self.eventually(lambda: self.health(weir)[a.address] == "unhealthy")

    def test_probes_carry_the_host_that_was_configured(self):
        a = self.backend("a")
        self.proxy(a, group={"health_check": {**FAST, "host": "probe.test"}})
        self.eventually(lambda: a.probes)
        self.assertEqual(a.probes[0].header("host"), "probe.test")

    def test_a_tcp_check_needs_only_a_connection(self):
        a = self.backend("a")
        a.server.health = 503
        check = {k: v for k, v in FAST.items() if k != "path"}
        weir = self.proxy(a, group={"health_check": {**check, "protocol": "tcp"}})
        self.eventually(lambda: self.health(weir)[a.address] == "healthy")
        a.pause()
        self.eventually(lambda: self.health(weir)[a.address] == "unhealthy")
        a.resume()
        self.eventually(lambda: self.health(weir)[a.address] == "healthy")

    def test_a_check_that_hangs_fails_after_its_timeout(self):
        silent = socket.socket()
        silent.bind(("127.0.0.1", 0))
        silent.listen(100)
        address = "127.0.0.1:%d" % silent.getsockname()[1]
        weir = self.proxy([address, self.backend("b")],
                          group={"health_check": {**FAST, "timeout": "200ms"}})
        self.eventually(lambda: "time" in next(
            e["reason"] for e in weir.endpoints() if e["address"] == address))
        self.assertNotEqual(self.health(weir)[address], "healthy")
        self.assertEqual(self.served_by(weir), {"b"})
        silent.close()

    def test_a_static_endpoint_that_never_passed_is_called_unhealthy(self):
        a, b = self.backend("a"), self.backend("b")
        a.server.health = 503
        weir = self.proxy([a, b], group={"health_check": FAST})
        self.eventually(lambda: self.health(weir)[a.address] == "unhealthy")
        self.assertEqual(self.served_by(weir), {"b"})

    def test_checks_may_go_to_another_port(self):
        a, prober = self.backend("a"), self.backend("p")
        weir = self.proxy(a, group={"health_check": {**FAST, "port": prober.port}})
        self.eventually(lambda: prober.probes)
        self.eventually(lambda: self.health(weir)[a.address] == "healthy")
        prober.server.health = 500
        self.eventually(lambda: self.health(weir)[a.address] == "unhealthy")
        self.assertEqual(a.probes, [])

    def test_a_switched_off_check_asks_nothing(self):
        a = self.backend("a")
        weir = self.proxy(a, group={"health_check": {"enabled": False}})
        time.sleep(0.5)
        self.assertEqual((a.probes, client.get(weir.address(), "/").status), ([], 200))

    def test_probes_come_at_their_interval_with_jitter(self):
        a = self.backend("a")
        self.proxy(a, group={"health_check": {**FAST, "interval": "200ms"}})
        self.eventually(lambda: len(a.probes) >= 12)
        times = [p.received for p in a.probes]
        gaps = [y - x for x, y in zip(times[1:], times[2:])]
        self.assertTrue(0.12 < sum(gaps) / len(gaps) < 0.35, gaps)


class FailOpen(HealthCase):
    def test_when_none_is_healthy_all_serve(self):
        a, b = self.backend("a"), self.backend("b")
        weir = self.proxy([a, b], group={"health_check": FAST, "algorithm": "round_robin"})
        self.eventually(lambda: set(self.health(weir).values()) == {"healthy"})
        a.server.health = b.server.health = 503
        self.eventually(lambda: set(self.health(weir).values()) == {"unhealthy"})
        self.assertEqual(self.served_by(weir), {"a", "b"})

    def test_static_endpoints_that_never_passed_serve_if_there_is_no_other(self):
        """A wrong path of the health check must not be worse than none: as an ALB does."""
        a = self.backend("a")
        a.server.health = 404
        weir = self.proxy(a, group={"health_check": FAST})
        self.eventually(lambda: client.get(weir.address(), "/").status == 200)

    def test_below_the_panic_threshold_all_serve(self):
        backends = [self.backend(f"b{n}") for n in range(4)]
        weir = self.proxy(backends, group={"health_check": FAST, "algorithm": "round_robin",
                                           "panic_threshold": 0.5})
        self.eventually(lambda: set(self.health(weir).values()) == {"healthy"})
        backends[0].server.health = 503
        self.eventually(lambda: list(self.health(weir).values()).count("unhealthy") == 1)
        self.assertEqual(len(self.served_by(weir)), 3)
        for b in backends[1:3]:
            b.server.health = 503
        self.eventually(lambda: list(self.health(weir).values()).count("unhealthy") == 3)
        self.assertEqual(len(self.served_by(weir, 40)), 4)


class Passive(HealthCase):
    def group(self, **outlier):
        return {"health_check": {"enabled": False}, "algorithm": "round_robin",
                "retry": {"attempts": 1},
                "outlier": {"consecutive_failures": 3, "base_ejection": "1s", **outlier}}

    @limit(60)
    def test_failures_in_a_row_eject_for_a_growing_time(self):
        good, bad = self.backend("good"), self.backend("bad")
        bad.pause()
        weir = self.proxy([good, bad], group=self.group())
        for _ in range(20):
            client.get(weir.address(), "/")
        statuses = [client.get(weir.address(), "/").status for _ in range(10)]
        self.assertEqual(set(statuses), {200})
        bad.resume()
        began = time.monotonic()
        self.eventually(lambda: "bad" in self.served_by(weir, 4), within=5)
        self.assertGreater(time.monotonic() - began, 0.3)
        self.assertGreaterEqual(weir.metric("weir_proxy_ejections_total"), 1)

    def test_5xx_answers_count_as_failures(self):
        good, bad = self.backend("good"), self.backend("bad")
        weir = self.proxy([good, bad], group=self.group(base_ejection="30s"))

        async def break_it():
            from weir_test import backend_routes

            async def breaks(server, connection, request):
                await connection.answer(500 if server is bad.server else 200, b"x")
            backend_routes.ROUTES["/breaks"] = breaks
        bad.call(break_it())
        first = [client.get(weir.address(), "/breaks").status for _ in range(20)]
        self.assertIn(500, first)
        self.assertLessEqual(first.count(500), 4)
        self.assertEqual({client.get(weir.address(), "/breaks").status for _ in range(10)}, {200})

    def test_a_success_between_starts_the_count_anew(self):
        one = self.backend("one")
        other = self.backend("other")
        weir = self.proxy([one, other], group=self.group(base_ejection="30s"))
        with client.Client(weir.address()) as c:
            for _ in range(6):  # two failures in a row at each endpoint, then two successes
                for path in ("/status/500", "/status/500", "/", "/") * 2:
                    c.ask("GET", path)
        self.assertEqual(self.served_by(weir), {"one", "other"})

    def test_no_more_than_the_share_is_ejected(self):
        backends = [self.backend(f"b{n}") for n in range(4)]
        weir = self.proxy(backends, group=self.group(max_ejected_share=0.5, base_ejection="30s"))
        for _ in range(80):
            client.get(weir.address(), "/status/500")
        self.assertGreaterEqual(len(self.served_by(weir, 40)), 2)

    def test_4xx_answers_are_no_failures(self):
        a, b = self.backend("a"), self.backend("b")
        weir = self.proxy([a, b], group=self.group(base_ejection="30s"))
        for _ in range(30):
            client.get(weir.address(), "/status/404")
        self.assertEqual(self.served_by(weir), {"a", "b"})
