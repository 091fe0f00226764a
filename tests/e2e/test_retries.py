"""Retries: what died before its first byte is asked elsewhere, and never too often."""
import threading
import time
from collections import Counter

from weir_test import client
from weir_test.case import limit
from weir_test.weir import WeirCase

QUIET = {"health_check": {"enabled": False}, "outlier": {"enabled": False},
         "algorithm": "round_robin"}


class Retries(WeirCase):
    def two(self, count=2, **retry):
        self.backends = [self.backend(f"b{n}") for n in range(count)]
        return self.proxy(self.backends, group={**QUIET, "retry": retry})

    def seen(self, path):
        return Counter(b.name for b in self.backends for r in b.requests if r.path == path)

    def each_fails_at(self, *names):
        """/flaky resets on the backends of these names, and answers on the others."""
        from weir_test import backend_routes

        async def flaky(server, connection, request):
            await connection.read_body(request)
            if server.name in names:
                connection.reset()
                return
            await connection.answer(200, server.name.encode())
        backend_routes.ROUTES["/flaky"] = flaky

    def test_a_reset_before_the_first_byte_is_retried_elsewhere(self):
        weir = self.two()
        self.each_fails_at("b0")
        for n in range(20):
            answer = client.get(weir.address(), "/flaky")
            self.assertEqual((answer.status, answer.body), (200, b"b1"))
        self.assertEqual(self.seen("/flaky")["b1"], 20)

    def test_a_close_before_the_first_byte_is_retried(self):
        weir = self.two()
        for n in range(10):
            self.assertEqual(client.get(weir.address(), f"/close?once=k{n}").status, 200)

    def test_a_refused_connection_is_retried(self):
        weir = self.two()
        self.backends[0].pause()
        for _ in range(20):
            self.assertEqual(client.get(weir.address(), "/").body, b"b1\n")

    def test_a_post_is_retried_with_its_whole_body(self):
        weir = self.two()
        body = bytes(range(256)) * 400
        for n in range(6):
            answer = client.ask(weir.address(), "POST", f"/reset?once=p{n}", body=body)
            self.assertEqual(answer.status, 200)
        self.assertEqual({r.size for b in self.backends for r in b.requests}, {len(body)})
        self.assertEqual(len({r.sha.hexdigest() for b in self.backends for r in b.requests}), 1)

    def test_a_chunked_post_is_retried_with_its_body_and_trailers(self):
        weir = self.two()
        self.each_fails_at("b0")
        for _ in range(4):
            with client.Client(weir.address()) as one:
                one.request("POST", "/flaky", [("Transfer-Encoding", "chunked")])
                one.send("5\r\nhello\r\n0\r\nX-T: 1\r\n\r\n")
                self.assertEqual(one.answer().status, 200)
        done = [r for r in self.backends[1].requests]
        self.assertEqual({(r.body, tuple(r.trailers)) for r in done},
                         {(b"hello", (("X-T", "1"),))})

    def test_safe_methods_narrows_it(self):
        weir = self.two(unanswered="safe_methods")
        self.each_fails_at("b0", "b1")
        self.assertEqual(client.ask(weir.address(), "POST", "/flaky", body=b"x").status, 502)
        self.assertEqual(sum(self.seen("/flaky").values()), 1)
        self.each_fails_at("b0")
        for _ in range(4):
            self.assertEqual(client.get(weir.address(), "/flaky").status, 200)

    def warm(self, weir):
        """Leaves an idle connection to each backend in the pool of each worker."""
        for _ in range(40):
            client.get(weir.address(), "/")

    def test_safe_methods_narrows_it_on_a_used_connection_too(self):
        """The endpoint may have acted on the request: a used connection is no proof against it."""
        weir = self.two(unanswered="safe_methods")
        self.warm(weir)
        self.each_fails_at("b0", "b1")
        for _ in range(4):
            client.ask(weir.address(), "POST", "/flaky", body=b"x")
        self.assertEqual(sum(self.seen("/flaky").values()), 4)

    def test_never_the_same_endpoint_twice_on_a_used_connection_either(self):
        weir = self.two(count=3, attempts=3)
        self.warm(weir)
        self.each_fails_at("b0", "b1", "b2")
        self.assertEqual(client.get(weir.address(), "/flaky").status, 502)
        self.assertEqual(self.seen("/flaky"), {"b0": 1, "b1": 1, "b2": 1})

    def test_never_the_same_endpoint_twice_while_another_exists(self):
        weir = self.two(count=3, attempts=3)
        self.each_fails_at("b0", "b1", "b2")
        self.assertEqual(client.get(weir.address(), "/flaky").status, 502)
        self.assertEqual(self.seen("/flaky"), {"b0": 1, "b1": 1, "b2": 1})

    def test_attempts_bound_the_tries(self):
        weir = self.two(count=4, attempts=2)
        self.each_fails_at("b0", "b1", "b2", "b3")
        self.assertEqual(client.get(weir.address(), "/flaky").status, 502)
        self.assertEqual(sum(self.seen("/flaky").values()), 2)

    def test_a_single_endpoint_is_tried_again(self):
        weir = self.two(count=1)
        self.assertEqual(client.get(weir.address(), "/reset?once=solo").status, 200)
        self.assertEqual(self.seen("/reset"), {"b0": 2})

    def test_nothing_is_retried_after_the_first_byte(self):
        weir = self.two()
        with client.Client(weir.address()) as one:
            one.request("GET", "/close-midway")
            with self.assertRaises(client.Broken):
                one.answer()
        self.assertEqual(sum(self.seen("/close-midway").values()), 1)

    def test_an_answer_of_500_is_no_reason_to_retry(self):
        weir = self.two()
        self.assertEqual(client.get(weir.address(), "/status/500").status, 500)
        self.assertEqual(sum(self.seen("/status/500").values()), 1)

    def test_a_body_above_what_is_held_is_not_retried_once_sent(self):
        weir = self.two(body="4KiB")
        answer = client.ask(weir.address(), "POST", "/reset", body=b"x" * 200000)
        self.assertEqual(answer.status, 502)
        self.assertEqual(sum(self.seen("/reset").values()), 1)

    @limit(60)
    def test_the_budget_bounds_the_retries_in_flight(self):
        """b0 fails each request, the others take long: what they work on at once are retries."""
        from weir_test import backend_routes

        async def flaky(server, connection, request):
            await connection.read_body(request)
            if server.name == "b0":
                connection.reset()
                return
            await connection.sleep(0.1)
            await connection.answer(200, b"ok")
        backend_routes.ROUTES["/flaky"] = flaky
        self.backends = [self.backend(f"b{n}") for n in range(3)]
        weir = self.proxy(self.backends, group={
            **QUIET, "algorithm": {"maglev": {"key": "header:X-Key"}},
            "retry": {"budget": 0.01, "budget_floor": 2}})
        key = next(n for n in range(100) if client.get(
            weir.address(), "/", [("X-Key", str(n))]).body == b"b0\n")
        statuses = []
        threads = [threading.Thread(target=lambda: statuses.append(client.get(
            weir.address(), "/flaky", [("X-Key", str(key))]).status)) for _ in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        # Two at once over both; each one's highest mark may come at another moment. One more for an
        # answer that the backend still counts while weir has it already.
        for backend in self.backends[1:]:
            self.assertLessEqual(backend.server.busy_most, 3)
        self.assertTrue(set(statuses) <= {200, 502}, statuses)
        self.assertGreaterEqual(statuses.count(200), 2)

    def test_backoff_waits_before_another_try(self):
        weir = self.two(backoff="300ms", attempts=2)
        self.each_fails_at("b0", "b1")
        began = time.monotonic()
        for _ in range(8):
            client.get(weir.address(), "/flaky")
        # Jitter may make one wait short, not all of them: 1.2 s are expected at full jitter.
        self.assertGreater(time.monotonic() - began, 0.4)

    def test_a_client_that_leaves_ends_the_retries(self):
        weir = self.two(backoff="1500ms", backoff_max="1500ms", attempts=3)
        self.each_fails_at("b0", "b1")

        def tries():
            return sum(self.seen("/flaky").values())
        # Jitter may make the wait as good as none; then there is nothing to leave.
        for _ in range(10):
            before = tries()
            one = client.Client(weir.address())
            one.request("GET", "/flaky")
            self.eventually(lambda b=before: tries() > b)
            one.close()
            if tries() == before + 1:
                break
        time.sleep(1.8)
        self.assertEqual(tries(), before + 1)
