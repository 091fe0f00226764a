"""Retries and limits of time by route, and second attempts before the first byte."""
import threading
import time
from collections import Counter

from weir_test import backend_routes, client
from weir_test.case import limit
from weir_test.weir import WeirCase

QUIET = {"health_check": {"enabled": False}, "outlier": {"enabled": False},
         "algorithm": "round_robin"}


class Routes(WeirCase):
    def behind(self, count=2, rule=None, group=None, **more):
        """One rule for /plain/*, whose keys are `rule`; all else by the default action."""
        self.backends = [self.backend(f"b{n}") for n in range(count)]
        rules = [{"match": {"path": "/plain/*"}, "forward": "models", **(rule or {})}]
        return self.proxy(self.backends, listener={"rules": rules}, group={**QUIET, **(group or {})},
                          workers=1, **more)

    def seen(self, path):
        return Counter(b.name for b in self.backends for r in b.requests if r.path == path)

    def answers(self, name, **answers):
        """/NAME: each backend does what is said: a status, "reset", or seconds to wait before 200."""
        async def handler(server, connection, request):
            await connection.read_body(request)
            what = answers[server.name]
            if what == "reset":
                connection.reset()
            elif isinstance(what, float):
                await connection.sleep(what)
                await connection.answer(200, server.name.encode())
            else:
                await connection.answer(what, f"{server.name} says {what}".encode())
        backend_routes.ROUTES["/" + name] = handler


class RoutePolicies(Routes):
    def test_a_rule_overrides_the_attempts_of_its_group(self):
        weir = self.behind(rule={"retry": {"attempts": 1}})
        self.answers("flaky", b0="reset", b1=200)
        plain = Counter(client.get(weir.address(), "/plain/flaky").status for _ in range(10))
        self.assertEqual(plain, {200: 5, 502: 5})
        for _ in range(10):
            self.assertEqual(client.get(weir.address(), "/flaky").status, 200)

    def test_a_status_to_be_tried_again_is_asked_for_elsewhere(self):
        weir = self.behind(rule={"retry": {"on": ["unanswered", "gateway-error", 429]}})
        for status in (502, 503, 504, 429):
            self.answers("busy", b0=status, b1=200)
            for _ in range(4):
                answer = client.ask(weir.address(), "POST", "/plain/busy", body=b"x" * 100_000)
                self.assertEqual((answer.status, answer.body), (200, b"b1 says 200"))
        sizes = {r.size for b in self.backends for r in b.requests}
        self.assertEqual(sizes, {100_000})
        self.assertGreaterEqual(weir.metric("weir_proxy_retries_total", cause="status"), 8)

    def test_other_statuses_go_to_the_client(self):
        weir = self.behind(rule={"retry": {"on": ["gateway-error"]}})
        self.answers("busy", b0=500, b1=500)
        self.assertEqual(client.get(weir.address(), "/plain/busy").status, 500)
        self.answers("busy", b0=404, b1=404)
        self.assertEqual(client.get(weir.address(), "/plain/busy").status, 404)
        self.assertEqual(sum(self.seen("/plain/busy").values()), 2)
        self.answers("busy", b0=503, b1=503)
        self.assertEqual(client.get(weir.address(), "/busy").status, 503)
        self.assertEqual(sum(self.seen("/busy").values()), 1)

    def test_the_last_answer_goes_to_the_client_as_it_is(self):
        weir = self.behind(rule={"retry": {"on": ["5xx"], "attempts": 2}})
        self.answers("busy", b0=503, b1=503)
        answer = client.get(weir.address(), "/plain/busy")
        self.assertEqual(answer.status, 503)
        self.assertRegex(answer.body.decode(), "b[01] says 503")
        self.assertEqual(self.seen("/plain/busy"), {"b0": 1, "b1": 1})

    def test_without_retry_budget_the_answer_goes_to_the_client(self):
        weir = self.behind(rule={"retry": {"on": ["5xx"]}},
                           group={"retry": {"budget": 0, "budget_floor": 0}})
        self.answers("busy", b0=503, b1=503)
        answer = client.get(weir.address(), "/plain/busy")
        self.assertEqual(answer.status, 503)
        self.assertRegex(answer.body.decode(), "b[01] says 503")
        self.assertEqual(sum(self.seen("/plain/busy").values()), 1)

    def test_connect_failures_are_left_out_where_they_are_not_listed(self):
        weir = self.behind(rule={"retry": {"on": ["503"]}})
        self.backends[0].pause()
        got = Counter(client.get(weir.address(), "/plain/x").status for _ in range(10))
        self.assertEqual(got, {200: 5, 502: 5})

    def test_a_try_that_takes_too_long_is_given_up_for_another(self):
        weir = self.behind(rule={"retry": {"per_try_timeout": "200ms"}})
        self.answers("slow", b0=30.0, b1=0.0)
        for _ in range(4):
            began = time.monotonic()
            self.assertEqual(client.get(weir.address(), "/plain/slow").body, b"b1")
            self.assertLess(time.monotonic() - began, 3)
        self.assertGreaterEqual(weir.metric("weir_proxy_timeouts_total", limit="per_try"), 2)

    def test_per_try_timeouts_end_with_504(self):
        weir = self.behind(rule={"retry": {"per_try_timeout": "100ms", "attempts": 2}})
        self.answers("slow", b0=30.0, b1=30.0)
        self.assertEqual(client.get(weir.address(), "/plain/slow").status, 504)
        self.assertEqual(self.seen("/plain/slow"), {"b0": 1, "b1": 1})

    def test_a_request_timeout_covers_all_attempts(self):
        weir = self.behind(rule={"timeouts": {"request": "600ms"},
                                 "retry": {"per_try_timeout": "250ms", "attempts": 10}})
        self.answers("slow", b0=30.0, b1=30.0)
        began = time.monotonic()
        answer = client.get(weir.address(), "/plain/slow")
        took = time.monotonic() - began
        self.assertEqual(answer.status, 504)
        self.assertTrue(0.5 < took < 2, took)
        self.assertEqual(weir.metric("weir_proxy_timeouts_total", limit="request"), 1)
        self.eventually(lambda: weir.target_group()["in_flight"] == 0)

    def test_a_request_timeout_covers_the_wait_in_line(self):
        weir = self.behind(count=1, rule={"timeouts": {"request": "400ms"}},
                           group={"max_in_flight": 1})
        with client.Client(weir.address()) as first:
            first.request("GET", "/gate?name=g")
            self.eventually(lambda: self.backends[0].server.busy == 1)
            began = time.monotonic()
            self.assertEqual(client.get(weir.address(), "/plain/x").status, 504)
            self.assertTrue(0.3 < time.monotonic() - began < 2)
            self.eventually(lambda: weir.target_group()["waiting"] == 0)
            self.backends[0].open_gate("g")
            self.assertEqual(first.answer().status, 200)
        self.assertEqual(self.seen("/plain/x"), {})

    def test_a_request_timeout_lets_a_begun_stream_go_on(self):
        weir = self.behind(rule={"timeouts": {"request": "300ms"}})
        answer = client.get(weir.address(), "/plain/sse?events=8&interval=100")
        self.assertEqual(answer.status, 200)
        self.assertIn(b"event: end", answer.body)

    def test_a_lifetime_cuts_a_stream_that_goes_on_longer(self):
        weir = self.behind(rule={"timeouts": {"lifetime": "500ms"}})
        began = time.monotonic()
        with client.Client(weir.address()) as one:
            one.request("GET", "/plain/sse?events=100&interval=50")
            with self.assertRaises(client.Broken):
                one.answer()
        self.assertTrue(0.4 < time.monotonic() - began < 2)
        self.assertEqual(weir.metric("weir_proxy_cut_total", side="weir"), 1)
        self.eventually(lambda: all(b.server.busy == 0 for b in self.backends))
        answer = client.get(weir.address(), "/plain/sse?events=3&interval=50")
        self.assertIn(b"event: end", answer.body)

    def test_a_lifetime_cuts_a_client_that_takes_nothing(self):
        weir = self.behind(rule={"timeouts": {"lifetime": "500ms"}})
        with client.Client(weir.address()) as one:
            one.request("GET", "/plain/bytes?size=100000000")
            self.eventually(lambda: sum(b.server.busy for b in self.backends) == 1)
            self.eventually(lambda: sum(b.server.busy for b in self.backends) == 0, within=3)

    def test_a_lifetime_ends_a_tunnel(self):
        weir = self.behind(rule={"timeouts": {"lifetime": "500ms"}})
        ws = client.WebSocket(weir.address(), "/plain/ws")
        self.assertTrue(ws.accepted)
        self.assertTrue(ws.client.closed(within=3))
        ws.close()


class Hedging(Routes):
    HEDGE = {"enabled": True, "percentile": 90, "budget": 1, "min_delay": "20ms",
             "min_samples": 20}

    def learn(self, weir, count=60):
        """Some answers, all fast."""
        self.answers("work", b0=0.002, b1=0.002)
        with client.Client(weir.address()) as one:
            for _ in range(count):
                self.assertEqual(one.ask("GET", "/work").status, 200)

    def test_a_late_first_byte_is_asked_for_elsewhere_and_the_loser_is_cancelled(self):
        weir = self.behind(group={"hedge": self.HEDGE})
        self.learn(weir)
        self.answers("work", b0=20.0, b1=0.002)
        for _ in range(10):
            began = time.monotonic()
            answer = client.ask(weir.address(), "POST", "/work", body=b"y" * 50_000)
            self.assertEqual((answer.status, answer.body), (200, b"b1"))
            self.assertLess(time.monotonic() - began, 2)
        won = weir.metric("weir_proxy_hedges_total", result="won")
        self.assertGreaterEqual(won, 3)
        late = [r for r in self.backends[0].requests if r.method == "POST"]
        self.assertEqual(len(late), won)
        self.eventually(lambda: all(r.cancelled for r in late))
        self.assertEqual({r.size for b in self.backends for r in b.requests if r.method == "POST"},
                         {50_000})
        self.eventually(lambda: weir.target_group()["in_flight"] == 0)

    def test_the_first_one_may_still_win(self):
        weir = self.behind(group={"hedge": self.HEDGE})
        self.learn(weir)
        self.answers("work", b0=0.3, b1=20.0)
        for n in range(6):
            self.assertEqual(client.get(weir.address(), "/work").body, b"b0")
            if n % 2:  # a second attempt takes a turn too: shift it
                client.get(weir.address(), "/")
        self.assertGreaterEqual(weir.metric("weir_proxy_hedges_total", result="lost"), 1)
        self.assertGreaterEqual(weir.metric("weir_proxy_hedges_total", result="won"), 1)

    def test_it_is_off_by_default(self):
        weir = self.behind()
        self.learn(weir)
        self.answers("work", b0=0.3, b1=0.3)
        for _ in range(4):
            client.get(weir.address(), "/work")
        self.assertEqual(sum(len(b.requests) for b in self.backends), 64)

    def test_the_budget_bounds_it(self):
        weir = self.behind(group={"hedge": {**self.HEDGE, "budget": 0.05}})
        self.learn(weir, 100)  # saves 1 + 100 * 0.05
        self.answers("work", b0=0.15, b1=0.15)
        for _ in range(20):
            self.assertEqual(client.get(weir.address(), "/work").status, 200)
        made = weir.metric("weir_proxy_hedges_total")
        self.assertTrue(1 <= made <= 7, made)
        self.assertGreaterEqual(weir.metric("weir_proxy_hedges_skipped_total", cause="budget"), 1)
        self.assertEqual(sum(len(b.requests) for b in self.backends), 120 + made)

    def test_safe_methods_narrows_it_too(self):
        weir = self.behind(group={"hedge": self.HEDGE, "retry": {"unanswered": "safe_methods"}})
        self.learn(weir)
        self.answers("work", b0=0.3, b1=0.3)
        for _ in range(4):
            self.assertEqual(client.ask(weir.address(), "POST", "/work", body=b"x").status, 200)
        self.assertEqual(sum(1 for b in self.backends for r in b.requests if r.method == "POST"), 4)

    def test_it_never_waits_for_a_slot(self):
        weir = self.behind(group={"hedge": self.HEDGE, "max_in_flight": 1})
        self.learn(weir)
        self.answers("work", b0=0.5, b1=0.5)
        statuses = []
        threads = [threading.Thread(target=lambda: statuses.append(
            client.get(weir.address(), "/work").status)) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(statuses, [200, 200])
        self.assertEqual(sum(len(b.requests) for b in self.backends), 62)
        self.assertGreaterEqual(weir.metric("weir_proxy_hedges_skipped_total", cause="slot"), 1)

    def test_a_client_that_leaves_cancels_both(self):
        weir = self.behind(group={"hedge": self.HEDGE})
        self.learn(weir)
        self.answers("work", b0=20.0, b1=20.0)
        with client.Client(weir.address()) as one:
            one.request("GET", "/work")
            self.eventually(lambda: sum(b.server.busy for b in self.backends) == 2)
        self.eventually(lambda: sum(b.server.busy for b in self.backends) == 0)
        self.eventually(lambda: weir.target_group()["in_flight"] == 0)

    def test_both_may_fail_and_a_third_is_tried(self):
        weir = self.behind(count=3, group={"hedge": self.HEDGE, "retry": {"attempts": 4}})
        self.answers("work", b0=0.002, b1=0.002, b2=0.002)
        with client.Client(weir.address()) as one:
            for _ in range(60):
                one.ask("GET", "/work")

        async def handler(server, connection, request):
            await connection.read_body(request)
            if server.name == "b2":
                await connection.answer(200, b"b2")
            else:
                await connection.sleep(0.2)
                connection.reset()
        backend_routes.ROUTES["/work"] = handler
        for _ in range(12):
            self.assertEqual(client.get(weir.address(), "/work").body, b"b2")

    @limit(60)
    def test_a_stream_that_won_runs_to_its_end(self):
        weir = self.behind(group={"hedge": self.HEDGE})
        self.learn(weir)

        async def handler(server, connection, request):
            if server.name == "b0":
                await connection.sleep(20)
            await backend_routes.sse(server, connection, request)
        backend_routes.ROUTES["/work"] = handler
        for _ in range(4):
            answer = client.get(weir.address(), "/work?events=10&interval=50")
            self.assertIn(b"event: end", answer.body)
            self.assertEqual(answer.header("x-backend"), "b1")
        # The loser's slot is given back at once, not at the end of the stream.
        self.eventually(lambda: weir.target_group()["in_flight"] == 0)
