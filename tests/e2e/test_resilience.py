"""Resilience of choice: outliers, circuit breakers, zones, slow start, deregistration."""
import threading
import time

from weir_test import client
from weir_test.case import limit
from weir_test.weir import WeirCase, run_cli

QUIET = {"path": "/health", "interval": "5s", "timeout": "1s"}
FAST = {"path": "/health", "interval": "100ms", "timeout": "100ms"}


class Ask(threading.Thread):
    """One request in the background; `answer` or `error` when it is over."""

    def __init__(self, address, target, timeout=30.0):
        super().__init__(daemon=True)
        self.ask = (address, target, timeout)
        self.answer = self.error = None
        self.start()

    def run(self):
        address, target, timeout = self.ask
        try:
            self.answer = client.get(address, target, timeout=timeout)
        except (OSError, client.Broken) as error:
            self.error = error

    def end(self, within=30.0):
        self.join(within)
        assert not self.is_alive(), "the request did not end"
        return self


class ResilienceCase(WeirCase):
    def states(self, weir):
        return {e["address"]: e["state"] for e in weir.endpoints("models")}

    def all_healthy(self, weir):
        self.eventually(lambda: set(self.states(weir).values()) == {"healthy"})

    def reason(self, weir, backend):
        return next(e["reason"] for e in weir.endpoints() if e["address"] == backend.address)

    def served_by(self, weir, count=30, target="/"):
        return {client.get(weir.address(), target).body.decode().strip() for _ in range(count)}


class Outliers(ResilienceCase):
    def test_who_fails_more_often_than_the_others_is_taken_out(self):
        backends = [self.backend(name) for name in "abcdef"]
        backends[2].server.mood = "half"
        weir = self.proxy(backends, group={
            "health_check": QUIET, "algorithm": "round_robin", "retry": {"attempts": 1},
            "outlier": {"interval": "500ms", "base_ejection": "60s", "max_ejection": "60s",
                        "success_rate": {"min_requests": 10}}})
        self.all_healthy(weir)

        def traffic():
            with client.Client(weir.address()) as one:
                for _ in range(120):
                    one.ask("GET", "/mood")
            return self.states(weir)[backends[2].address] == "ejected"

        self.eventually(traffic, within=20)
        self.assertIn("failed more often than the others", self.reason(weir, backends[2]))
        self.assertIn("back in", self.reason(weir, backends[2]))
        self.assertEqual(weir.metric("weir_health_ejections_total", reason="success_rate"), 1)
        self.assertEqual(self.served_by(weir), set("abdef"))

    def test_who_is_far_slower_is_taken_out_where_that_is_asked_for(self):
        backends = [self.backend(name) for name in "abcd"]
        backends[1].server.mood = 0.4
        weir = self.proxy(backends, group={
            "health_check": QUIET, "algorithm": "round_robin",
            "outlier": {"interval": "1s", "base_ejection": "60s", "max_ejection": "60s",
                        "latency": {"enabled": True, "min_requests": 2}}})
        self.all_healthy(weir)
        self.eventually(lambda: self.served_by(weir, 16, "/mood") and
                        self.states(weir)[backends[1].address] == "ejected", within=20)
        self.assertIn("far slower than the others", self.reason(weir, backends[1]))
        self.assertEqual(self.served_by(weir, 16, "/mood"), set("acd"))

    @limit(60)
    def test_who_hangs_is_taken_out_and_its_requests_go_elsewhere(self):
        a, b, c = (self.backend(name) for name in "abc")
        weir = self.proxy([a, b, c], group={
            "health_check": FAST, "algorithm": "round_robin",
            "outlier": {"base_ejection": "60s", "max_ejection": "60s",
                        "hung": {"least": "1s", "min_answers": 10}}})
        self.all_healthy(weir)
        self.served_by(weir, 30, "/mood")
        time.sleep(0.6)  # what is slow is learned a few times a second
        b.server.mood = "hang"
        began = time.monotonic()
        asks = [Ask(weir.address(), "/mood") for _ in range(9)]
        answers = [ask.end().answer for ask in asks]
        self.assertEqual([x and x.status for x in answers], [200] * 9, [a.error for a in asks])
        self.assertLess(time.monotonic() - began, 10)
        self.assertEqual({x.body for x in answers}, {b"a\n", b"c\n"})
        self.assertEqual(self.states(weir)[b.address], "ejected")
        self.assertIn("fell silent", self.reason(weir, b))
        self.assertEqual(weir.metric("weir_proxy_ejections_total", reason="hung"), 1)

    @limit(60)
    def test_a_slow_one_whose_streams_go_on_is_not_hung(self):
        a, b = self.backend("a"), self.backend("b")
        weir = self.proxy([a, b], workers=1, group={
            "health_check": QUIET, "algorithm": "least_request",
            "outlier": {"hung": {"least": "1s", "min_answers": 10}}})
        self.all_healthy(weir)
        self.served_by(weir, 20, "/mood")
        time.sleep(0.6)
        streams = [Ask(weir.address(), "/sse?events=40&interval=100") for _ in range(2)]
        self.eventually(lambda: all(e["in_flight"] == 1 for e in weir.endpoints()))
        late = [Ask(weir.address(), "/delay?ms=2500") for _ in range(2)]
        self.assertEqual([x.end().answer.status for x in late + streams], [200] * 4)
        self.assertEqual(set(self.states(weir).values()), {"healthy"})


    @limit(60)
    def test_a_heavy_request_is_moved_once_and_then_waited_for(self):
        backends = [self.backend(name) for name in "abc"]
        weir = self.proxy(backends, group={
            "health_check": QUIET, "algorithm": "round_robin",
            "outlier": {"base_ejection": "60s", "max_ejection": "60s",
                        "hung": {"least": "1s", "min_answers": 10}}})
        self.all_healthy(weir)
        self.served_by(weir, 30, "/mood")
        time.sleep(0.6)
        self.assertEqual(Ask(weir.address(), "/delay?ms=3500").end().answer.status, 200)
        self.assertEqual(sorted(self.states(weir).values()), ["ejected", "healthy", "healthy"])


class CircuitBreaker(ResilienceCase):
    def broken(self, limits, more=None, group=None):
        a = self.backend("a")
        weir = self.proxy(a, group={"health_check": QUIET, "circuit_breaker": limits,
                                    **(group or {})})
        self.all_healthy(weir)
        return a, weir

    def refused(self, weir, kind, words):
        began = time.monotonic()
        answer = client.get(weir.address(), "/")
        self.assertEqual(answer.status, 503)
        self.assertIn(words, answer.body.decode())
        self.assertEqual(answer.header("retry-after"), "1")
        self.assertLess(time.monotonic() - began, 2)
        self.assertEqual(weir.metric("weir_proxy_circuit_open_total", limit=kind), 1)

    def test_requests(self):
        a, weir = self.broken({"requests": 2})
        asks = [Ask(weir.address(), "/gate?name=g") for _ in range(2)]
        self.eventually(lambda: weir.target_group()["in_flight"] == 2)
        self.refused(weir, "requests", "too many requests")
        a.open_gate("g")
        self.assertEqual([x.end().answer.status for x in asks], [200, 200])
        self.assertEqual(client.get(weir.address(), "/").status, 200)

    def test_pending(self):
        a, weir = self.broken({"pending": 1}, group={"max_in_flight": 1})
        first = Ask(weir.address(), "/gate?name=g")
        self.eventually(lambda: weir.target_group()["in_flight"] == 1)
        second = Ask(weir.address(), "/gate?name=g")
        self.eventually(lambda: weir.target_group()["waiting"] == 1)
        self.refused(weir, "pending", "wait")
        a.open_gate("g")
        self.assertEqual([x.end().answer.status for x in (first, second)], [200, 200])

    def test_connections(self):
        a, weir = self.broken({"connections": 2})
        asks = [Ask(weir.address(), "/gate?name=g") for _ in range(2)]
        self.eventually(lambda: weir.target_group()["connections"] == 2)
        self.refused(weir, "connections", "connections")
        a.open_gate("g")
        self.assertEqual([x.end().answer.status for x in asks], [200, 200])
        for _ in range(10):
            self.assertEqual(client.get(weir.address(), "/").status, 200)
        self.assertLessEqual(weir.target_group()["connections"], 2)

    def test_idle_connections_elsewhere_do_not_use_the_limit_up(self):
        backends = [self.backend(name) for name in "abcd"]
        weir = self.proxy(backends, workers=1, group={
            "health_check": QUIET, "algorithm": "round_robin",
            "circuit_breaker": {"connections": 2}})
        self.all_healthy(weir)
        for _ in range(20):
            self.assertEqual(client.get(weir.address(), "/").status, 200)

    def test_connections_are_counted_down_when_they_end(self):
        a, weir = self.broken({}, group={"idle_connections": "100ms"})
        self.assertEqual(client.get(weir.address(), "/").status, 200)
        self.eventually(lambda: weir.target_group()["connections"] == 0)


class Zones(ResilienceCase):
    def in_zones(self, group=None, **top):
        self.east = [self.backend(f"east{n}") for n in range(2)]
        self.west = [self.backend(f"west{n}") for n in range(2)]
        endpoints = [{"address": b.address, "zone": b.server.name[:4]}
                     for b in self.east + self.west]
        weir = self.proxy(endpoints, group={
            "health_check": FAST, "algorithm": "round_robin",
            **(group or {})}, **top)
        self.all_healthy(weir)
        return weir

    def zones(self, weir, count=40):
        return {name[:4] for name in self.served_by(weir, count)}

    def test_all_zones_serve_alike_by_default(self):
        weir = self.in_zones(zone="east")
        self.assertEqual(self.zones(weir), {"east", "west"})

    def test_spill_keeps_to_the_own_zone_while_it_suffices(self):
        weir = self.in_zones(zone="east", cross_zone="spill")
        self.eventually(lambda: self.zones(weir) == {"east"})
        for backend in self.east:
            backend.server.health = 503
        self.eventually(lambda: self.zones(weir) == {"west"})
        self.east[0].server.health = 200
        self.eventually(lambda: self.states(weir)[self.east[0].address] == "healthy")
        time.sleep(0.3)
        self.assertEqual(self.zones(weir, 100), {"east", "west"})  # two thirds at home

    def test_off_never_leaves_the_own_zone(self):
        weir = self.in_zones({"cross_zone": "off", "queue": {"timeout": "1s"}}, zone="west")
        self.eventually(lambda: self.zones(weir) == {"west"})
        for backend in self.west:
            backend.server.health = 503
        self.eventually(lambda: self.states(weir)[self.west[0].address] == "unhealthy")
        self.eventually(lambda: self.states(weir)[self.west[1].address] == "unhealthy")
        time.sleep(0.3)
        self.assertEqual(self.zones(weir), {"west"})  # the zone fails open

    def test_a_zone_is_shifted_away_and_back(self):
        weir = self.in_zones()
        self.assertEqual(self.zones(weir), {"east", "west"})
        done = weir.cli("shift-zone", "west", "--for", "1h")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("shifted away until 20", done.stdout)
        self.eventually(lambda: self.zones(weir) == {"east"})
        self.assertIn("shifted away", weir.cli("status").stdout)
        self.assertEqual(weir.metric("weir_zone_shifted", zone="west"), 1)

        weir.kill()  # it is remembered
        weir.start()
        self.eventually(lambda: set(self.states(weir).values()) == {"healthy"})
        self.assertEqual(self.zones(weir), {"east"})

        self.assertEqual(weir.cli("shift-zone", "west", "--cancel").returncode, 0)
        self.eventually(lambda: self.zones(weir) == {"east", "west"})
        self.assertNotEqual(weir.cli("shift-zone", "west", "--cancel").returncode, 0)

    def test_a_shift_ends_by_itself(self):
        weir = self.in_zones()
        self.assertEqual(weir.cli("shift-zone", "west", "--for", "2s").returncode, 0)
        self.eventually(lambda: self.zones(weir) == {"east"}, within=2)
        self.eventually(lambda: self.zones(weir) == {"east", "west"})

    def test_a_shift_is_ignored_when_nobody_else_is_healthy(self):
        weir = self.in_zones()
        for backend in self.east:
            backend.server.health = 503
        self.eventually(lambda: sorted(self.states(weir).values()).count("unhealthy") == 2)
        self.assertEqual(weir.cli("shift-zone", "west").returncode, 0)
        self.eventually(lambda: weir.target_group()["panic"])
        for _ in range(20):
            self.assertEqual(client.get(weir.address(), "/").status, 200)

    def test_mistakes_are_told(self):
        weir = self.in_zones()
        wrong = weir.cli("shift-zone", "north")
        self.assertEqual(wrong.returncode, 1)
        self.assertIn("there are east, west", wrong.stderr)
        self.assertEqual(weir.cli("shift-zone", "east", "--for", "soon").returncode, 1)
        self.assertEqual(weir.cli("shift-zone", "east", "--for", "1h", "--cancel").returncode, 2)
        self.assertEqual(weir.cli("shift-zone", "east", "--for", "0s").returncode, 1)
        self.assertEqual(weir.admin("POST", "/api/v1/zones/east/shift").status, 403)


class Deregistration(ResilienceCase):
    def test_streams_of_a_drained_endpoint_are_cut_after_the_delay(self):
        a, b = self.backend("a"), self.backend("b")
        weir = self.proxy([a, b], group={"health_check": QUIET, "deregistration_delay": "1s",
                                         "algorithm": "least_request"}, workers=1)
        self.all_healthy(weir)
        streams = [Ask(weir.address(), "/sse?events=60&interval=100") for _ in range(4)]
        self.eventually(lambda: all(e["in_flight"] == 2 for e in weir.endpoints()))
        waiting = [Ask(weir.address(), "/gate?name=g") for _ in range(2)]
        self.eventually(lambda: all(e["in_flight"] == 3 for e in weir.endpoints()))
        began = time.monotonic()
        self.assertEqual(weir.cli("drain", a.address).returncode, 0)
        self.assertEqual(self.served_by(weir), {"b"})
        self.eventually(lambda: weir.endpoints()[0]["in_flight"] == 0 or
                        weir.endpoints()[1]["in_flight"] == 0, within=5)
        self.assertGreater(time.monotonic() - began, 0.9)
        b.open_gate("g")
        for ask in streams + waiting:
            ask.end()
        self.assertEqual(len([s for s in streams if s.answer is None]), 2)  # cut, and seen to be
        self.assertEqual(len([s for s in streams if s.answer and s.answer.status == 200]), 2)
        self.assertEqual(sorted(w.answer.status for w in waiting), [200, 503])
        self.assertEqual(weir.metric("weir_proxy_deregistered_total"), 3)

    def test_without_a_delay_they_are_cut_at_once(self):
        a, b = self.backend("a"), self.backend("b")
        weir = self.proxy([a, b], group={"health_check": QUIET, "deregistration_delay": "0s"})
        self.all_healthy(weir)
        tunnel = client.Client(weir.address())
        tunnel.request("GET", "/raw", [("Connection", "Upgrade"), ("Upgrade", "websocket")])
        self.assertEqual(tunnel.answer().status, 101)
        busy = next(e["address"] for e in weir.endpoints() if e["in_flight"] == 1)
        began = time.monotonic()
        self.assertEqual(weir.cli("drain", busy).returncode, 0)
        self.assertTrue(tunnel.closed(within=5))
        self.assertLess(time.monotonic() - began, 2)
        tunnel.close()

    def test_who_comes_back_in_time_keeps_its_streams(self):
        a = self.backend("a")
        weir = self.proxy(a, group={"health_check": QUIET, "deregistration_delay": "1s"})
        self.all_healthy(weir)
        stream = Ask(weir.address(), "/sse?events=25&interval=100")
        self.eventually(lambda: weir.endpoints()[0]["in_flight"] == 1)
        self.assertEqual(weir.cli("drain", a.address).returncode, 0)
        self.eventually(lambda: "cut in" in self.reason(weir, a))
        self.assertEqual(weir.cli("drain", a.address, "--back").returncode, 0)
        self.assertEqual(stream.end().answer.status, 200)

    def test_kept_connections_to_a_drained_endpoint_are_closed(self):
        a, b = self.backend("a"), self.backend("b")
        weir = self.proxy([a, b], group={"health_check": QUIET, "algorithm": "round_robin"})
        self.all_healthy(weir)
        self.served_by(weir, 10)
        before = weir.target_group()["connections"]
        self.assertGreaterEqual(before, 2)
        weir.cli("drain", a.address)
        self.eventually(lambda: weir.target_group()["connections"] < before)


class SlowStart(ResilienceCase):
    def share_of_the_new_one(self, algorithm, **more):
        """The part of 300 requests that goes to an endpoint that has just turned healthy, beside
        one whose slow start is over."""
        a, b = self.backend("a"), self.backend("b")
        b.server.health = 503
        group = {"algorithm": algorithm, "health_check": FAST, **more}
        weir = self.proxy([a, b], group={**group, "slow_start": "500ms"})
        self.eventually(lambda: self.states(weir) == {a.address: "healthy",
                                                      b.address: "unhealthy"})
        time.sleep(0.6)
        b.server.health = 200
        config = weir.config
        config["target_groups"]["models"]["slow_start"] = "1s"
        weir.reload(config)
        self.eventually(lambda: self.states(weir)[b.address] == "healthy", every=0.005)
        began, hits, count = time.monotonic(), 0, 0
        while time.monotonic() - began < 0.3:
            hits += client.get(weir.address(), "/").body == b"b\n"
            count += 1
        early = hits / count
        time.sleep(1.0)
        hits = sum(client.get(weir.address(), "/").body == b"b\n" for _ in range(200))
        weir.terminate()
        return early, hits / 200

    @limit(90)
    def test_a_new_endpoint_gets_little_at_first_whatever_the_algorithm(self):
        for algorithm in ("round_robin", "random", "least_request", "weighted_round_robin"):
            early, later = self.share_of_the_new_one(algorithm)
            self.assertLess(early, 0.35, algorithm)
            self.assertGreater(later, 0.4, algorithm)

    def test_aggression_gives_it_more(self):
        early, _ = self.share_of_the_new_one("round_robin", slow_start_aggression=10)
        self.assertGreater(early, 0.35)


class Mistakes(ResilienceCase):
    def test_bad_values_are_told_with_place_and_remedy(self):
        for group, top, where, words in (
                ({"circuit_breaker": {"requests": -1}}, {}, "circuit_breaker.requests", "-1"),
                ({"circuit_breaker": {"max_requests": 5}}, {}, "circuit_breaker", "requests"),
                ({"outlier": {"success_rate": {"stdev_factor": 99}}}, {},
                 "outlier.success_rate.stdev_factor", "10"),
                ({"outlier": {"hung": {"least": "soon"}}}, {}, "outlier.hung.least", "soon"),
                ({"cross_zone": "sideways"}, {"zone": "a"}, "cross_zone", "spill"),
                ({"cross_zone": "off"}, {}, "cross_zone", "write zone: NAME"),
                ({}, {"cross_zone": "spill"}, "cross_zone", "write zone: NAME"),
                ({"slow_start_aggression": 0}, {}, "slow_start_aggression", "0.1")):
            weir = self.weir({
                "listeners": {"public": {"default": {"forward": "models"}}},
                "target_groups": {"models": {"endpoints": ["127.0.0.1:1"], **group}},
                **top}, start=False)
            checked = run_cli("check", weir.path)
            self.assertEqual(checked.returncode, 2, (group, top))
            self.assertIn(where, checked.stdout + checked.stderr)
            self.assertIn(words, checked.stdout + checked.stderr)
