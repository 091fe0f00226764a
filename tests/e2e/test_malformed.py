"""Malformed and smuggling requests: refused with a close, and no backend hears of them."""
import select
import sys
import time

from weir_test import client
from weir_test.case import ROOT, limit
from weir_test.weir import WeirCase

sys.path.insert(0, str(ROOT / "tests" / "fixtures" / "http_malformed"))
import expand  # noqa: E402

ENTRIES = expand.entries()
REFUSED = [e for e in ENTRIES if e.kind in ("head", "body")]
SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: test\r\n\r\n"


class Malformed(WeirCase):
    def setUp(self):
        super().setUp()
        self.target = self.backend("b")
        # Without health checks every byte at the backend comes from a client.
        self.proxied = self.proxy(self.target, group={"health_check": {"enabled": False},
                                                      "retry": {"attempts": 1}})

    def refused(self, entry, one):
        """The answers up to the refusal, which must be valid itself and end the connection."""
        answer = one.answer()
        self.assertIn(answer.status, entry.statuses)
        self.assertTrue(one.closed(), "the connection stays open, or more comes")

    def backend_saw_nothing(self, entry, but=()):
        if entry.kind == "head":
            paths = [r.path for r in self.target.requests]
            self.assertEqual(paths, list(but))
            if not but:
                self.assertEqual(self.target.raw, b"")
        else:
            # A part of the body may have come; the end must not come, so give it time to.
            self.eventually(lambda: not self.target.server.busy, within=5)
            done = [r.path for r in self.target.requests if r.complete]
            self.assertEqual(done, list(but))
        self.assertEqual(self.target.server.malformed, [])
        self.assertNotIn(b"smuggled", self.target.raw)

    def each(self, entries, check):
        for entry in entries:
            with self.subTest(entry.name):
                # What the last entry has left under way must not count against this one.
                self.eventually(lambda: not self.target.server.busy, within=5)
                self.target.clear()
                try:
                    check(entry)
                except client.Broken as error:
                    self.fail(f"no proper answer: {error}")
                except TimeoutError:
                    self.fail("no answer within 5 s")

    def test_the_corpus_is_large_enough(self):
        self.assertGreaterEqual(len(REFUSED), 150)

    @limit(300)
    def test_each_is_refused(self):
        def check(entry):
            with client.Client(self.proxied.address(), 5) as one:
                one.send(entry.raw)
                self.refused(entry, one)
            self.backend_saw_nothing(entry)
        self.each(REFUSED, check)

    @limit(300)
    def test_each_is_refused_with_a_second_request_behind_it(self):
        def check(entry):
            with client.Client(self.proxied.address(), 5) as one:
                one.send(entry.raw + SMUGGLED)
                self.refused(entry, one)
            self.backend_saw_nothing(entry)
        self.each(REFUSED, check)

    @limit(300)
    def test_each_is_refused_after_a_good_one_in_the_same_write(self):
        good = b"GET /first HTTP/1.1\r\nHost: test\r\n\r\n"

        def check(entry):
            with client.Client(self.proxied.address(), 5) as one:
                one.send(good + entry.raw + SMUGGLED)
                self.assertEqual(one.answer().status, 200)
                self.refused(entry, one)
            self.backend_saw_nothing(entry, ["/first"])
        self.each(REFUSED, check)

    @limit(400)
    def test_each_is_refused_in_single_bytes(self):
        def check(entry):
            size = 1 if len(entry.raw) < 1000 else 997
            with client.Client(self.proxied.address(), 5) as one:
                for at in range(0, len(entry.raw), size):
                    if select.select([one.sock], [], [], 0)[0]:
                        break  # refused before the end, which is right
                    try:
                        one.send(entry.raw[at:at + size])
                    except ConnectionError:
                        break
                self.refused(entry, one)
            self.backend_saw_nothing(entry)
        self.each(REFUSED, check)

    @limit(60)
    def test_a_refusal_reaches_a_client_that_still_sends(self):
        """A close with unread bytes becomes a reset, which can eat the answer: weir must linger."""
        with client.Client(self.proxied.address(), 5) as one:
            one.send(b"GET / HTTP/9.9\r\nHost: test\r\n\r\n")
            for _ in range(20):
                try:
                    one.send(b"x" * 10000)
                except ConnectionError:
                    break
                time.sleep(0.005)
            self.assertIn(one.answer().status, (400, 505))

    @limit(60)
    def test_odd_requests_are_refused_or_served_exactly_once(self):
        def check(entry):
            with client.Client(self.proxied.address(), 5) as one:
                one.send(entry.raw)
                answer = one.answer()
                if answer.status == 200:
                    self.assertEqual(answer.json()["body"], "hello")
                    seen = self.target.requests
                    self.assertEqual([(r.body, r.complete) for r in seen], [(b"hello", True)])
                    self.assertIsNone(seen[0].header("upgrade"))
                    self.assertEqual([n for n, _ in seen[0].trailers if n.lower() in (
                        "content-length", "transfer-encoding", "host")], [])
                    self.assertIsNotNone(seen[0].header("host"))
                else:
                    self.assertTrue(400 <= answer.status < 600, answer)
                    self.assertTrue(one.closed())
                    self.assertEqual([r for r in self.target.requests if r.complete], [])
            self.assertEqual(self.target.server.malformed, [])
        self.each([e for e in ENTRIES if e.kind == "odd"], check)

    @limit(60)
    def test_unusual_but_good_requests_are_served(self):
        def check(entry):
            for size in (len(entry.raw), 1):
                self.target.clear()
                with client.Client(self.proxied.address(), 5) as one:
                    for at in range(0, len(entry.raw), size):
                        one.send(entry.raw[at:at + size])
                    answer = one.answer()
                    self.assertEqual(answer.status, 200, answer)
                    self.assertEqual(answer.json()["body"], "hello")
                    self.assertEqual(len(self.target.requests), 1)
                    self.assertTrue(one.alive())
        self.each([e for e in ENTRIES if e.kind == "good"], check)

    @limit(60)
    def test_a_refusal_is_no_reason_to_stop_serving_others(self):
        with client.Client(self.proxied.address()) as other:
            self.assertEqual(other.ask("GET", "/").status, 200)
            for entry in REFUSED[:50]:
                with client.Client(self.proxied.address(), 5) as one:
                    one.send(entry.raw)
                    one.answer()
            self.assertEqual(other.ask("GET", "/").status, 200)


class BadAnswers(WeirCase):
    """The other side: a backend that breaks the protocol."""

    def test_an_answer_that_is_no_http_becomes_502(self):
        from weir_test.backend_routes import BAD_ANSWERS
        target = self.backend("b")
        weir = self.proxy(target, group={"retry": {"attempts": 1}, "outlier": {"enabled": False}})
        for kind in BAD_ANSWERS:
            with self.subTest(kind), client.Client(weir.address()) as one:
                answer = one.ask("GET", f"/bad-answer?kind={kind}")
                self.assertEqual(answer.status, 502, answer)
                self.assertEqual(client.get(weir.address(), "/").status, 200)

    def test_a_bad_chunk_from_the_backend_breaks_the_answer_visibly(self):
        weir = self.proxy(self.backend("b"))
        with client.Client(weir.address()) as one:
            one.request("GET", "/bad-chunk")
            try:  # nothing has to be broken off where all came in one piece
                self.assertEqual(one.answer().status, 502)
            except client.Broken:
                pass

    def test_a_body_that_breaks_off_is_told_from_one_that_ends(self):
        weir = self.proxy(self.backend("b"), group={"outlier": {"enabled": False}})
        for path in ("/close-midway", "/close-midway?chunked=1", "/close-midway?rst=1",
                     "/close-midway?chunked=1&rst=1"):
            with self.subTest(path), client.Client(weir.address()) as one:
                one.request("GET", path)
                with self.assertRaises(client.Broken):
                    one.answer()
