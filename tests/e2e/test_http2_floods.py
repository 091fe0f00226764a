"""Floods over HTTP/2: each ends with the connection of who floods, and others are served meanwhile."""
import struct
import time

from weir_test import client, h2
from weir_test.case import PATIENCE, limit, measures_memory
from weir_test.h2 import (ACK, CONTINUATION, DATA, END_HEADERS, END_STREAM, GET, GOAWAY, HEADERS, PING, PRIORITY,
                          RST_STREAM, SETTINGS, WINDOW_UPDATE, block, frame)
from weir_test.weir import WeirCase

POST = [(":method", "POST"), *GET[1:]]
HANG = [*GET[:3], (":path", "/hang")]


def number(value):
    return struct.pack(">I", value)


class Floods(WeirCase):
    serial = True

    def setUp(self):
        super().setUp()
        self.target = self.backend("b")
        self.proxied = self.proxy(self.target, group={"health_check": {"enabled": False}})
        self.address = self.proxied.address()

    def memory(self):
        with open(f"/proc/{self.proxied.process.pid}/statm") as file:
            return int(file.read().split()[1]) * 4096

    def ended_by(self, make, rounds=400, start=(), code=(h2.ENHANCE_YOUR_CALM,)):
        """Sends make(n) again and again; the connection is to end, with one of these codes."""
        client.ask(self.address, "GET", "/")
        before = self.memory()
        one = h2.Connection.connect(self.address, timeout=3)
        self.addCleanup(one.close)
        one.send(*start)
        for n in range(rounds):
            if not one.send(make(n)):
                break
        # Who floods does not read; what weir said before it closed may be lost with the reset.
        got, closed = one.end()
        self.assertTrue(closed, "the flood goes on")
        if got is not None:
            self.assertIn(got, code)
        self.assertEqual(client.ask(self.address, "GET", "/").status, 200)
        self.assertLess(self.memory() - before, 32 << 20)

    def test_rapid_reset(self):
        def burst(n):
            first = n * 100 + 1
            return b"".join(frame(HEADERS, END_HEADERS | END_STREAM, first + 2 * k, block(HANG)) +
                            frame(RST_STREAM, 0, first + 2 * k, number(h2.CANCEL)) for k in range(50))
        self.ended_by(burst)
        self.assertLess(len(self.target.requests), 300)

    def test_rapid_reset_one_by_one_keeps_few_requests_running(self):
        one = h2.Connection.connect(self.address)
        for n in range(300):
            one.send(frame(HEADERS, END_HEADERS | END_STREAM, 2 * n + 1, block(HANG)))
            time.sleep(0.001)
            if not one.send(frame(RST_STREAM, 0, 2 * n + 1, number(h2.CANCEL))):
                break
        self.eventually(lambda: self.proxied.target_group()["in_flight"] == 0)
        one.close()

    def test_resets_that_faults_provoke(self):
        # CVE-2025-8671: the client makes the server reset what the server works on.
        def burst(n):
            first = n * 20 + 1
            return b"".join(frame(HEADERS, END_HEADERS | END_STREAM, first + 2 * k, block(HANG)) +
                            frame(WINDOW_UPDATE, 0, first + 2 * k, number(0)) for k in range(10))
        self.ended_by(burst, code=(h2.ENHANCE_YOUR_CALM, h2.PROTOCOL_ERROR))

    def test_continuations_without_end(self):
        part = block([("x", "y")] * 10)
        self.ended_by(lambda n: frame(CONTINUATION, 0, 1, part) * 20,
                      start=[frame(HEADERS, END_STREAM, 1, block(GET))],
                      code=(h2.ENHANCE_YOUR_CALM, h2.PROTOCOL_ERROR, h2.INTERNAL_ERROR))

    def test_empty_continuations(self):
        self.ended_by(lambda n: frame(CONTINUATION, 0, 1, b"") * 20,
                      start=[frame(HEADERS, END_STREAM, 1, block(GET))],
                      code=(h2.ENHANCE_YOUR_CALM, h2.PROTOCOL_ERROR, h2.INTERNAL_ERROR))

    def test_a_bomb_of_headers_is_refused_and_costs_no_memory(self):
        # One field of 3.9 KiB in the table, then thousands of references to it: 64 MiB of fields.
        one = h2.Connection.connect(self.address)
        before = self.memory()
        size = 3900 - 127
        entry = b"\x40\x01b\x7f" + bytes([size & 127 | 128, size >> 7]) + b"z" * 3900
        one.send(frame(HEADERS, END_STREAM, 1, block(GET) + entry),
                 frame(CONTINUATION, END_HEADERS, 1, b"\xbe" * 16000))
        got = one.answer(1)
        self.assertTrue(got.status == 431 or got.reset is not None or one.closed, got)
        self.assertLess(self.memory() - before, 8 << 20)
        self.assertEqual(self.target.requests, [])
        one.close()

    def test_pings(self):
        self.ended_by(lambda n: frame(PING, 0, 0, b"12345678") * 50)

    def test_settings(self):
        self.ended_by(lambda n: frame(SETTINGS) * 50)

    def test_settings_that_are_not_empty(self):
        self.ended_by(lambda n: frame(SETTINGS, 0, 0, struct.pack(">HI", 1, n)) * 50)

    def test_empty_data(self):
        self.ended_by(lambda n: frame(DATA, 0, 1, b"") * 50,
                      start=[frame(HEADERS, END_HEADERS, 1, block([*POST[:3], (":path", "/hang")]))])

    def test_padding_alone(self):
        self.ended_by(lambda n: frame(DATA, h2.PADDED, 1, b"\0") * 50,
                      start=[frame(HEADERS, END_HEADERS, 1, block([*POST[:3], (":path", "/hang")]))])

    def test_priorities(self):
        self.ended_by(lambda n: frame(PRIORITY, 0, 2 * n + 1, number(0) + b"\x10") * 50)

    def test_window_updates(self):
        self.ended_by(lambda n: frame(WINDOW_UPDATE, 0, 0, number(1)) * 50)

    def test_unknown_frames(self):
        self.ended_by(lambda n: frame(0x7b, 0, 0, b"") * 50)

    def test_unknown_frames_among_known_ones(self):
        # However many bytes weir reads at once, a frame that it knows is among them.
        self.ended_by(lambda n: frame(0x7b, 0, 0, b"") * 50 + frame(WINDOW_UPDATE, 0, 0, number(1)))

    def test_answers_to_pings_that_nobody_sent(self):
        self.ended_by(lambda n: frame(PING, ACK, 0, b"12345678") * 50)

    def test_goaways(self):
        self.ended_by(lambda n: frame(GOAWAY, 0, 0, number(0) + number(0)) * 50)

    def test_heads_that_are_refused(self):
        def burst(n):
            return b"".join(frame(HEADERS, END_HEADERS | END_STREAM, n * 40 + 2 * k + 1, block(GET + [("Bad", "")]))
                            for k in range(20))
        self.ended_by(burst)

    @limit(60)
    @measures_memory
    def test_answers_that_nobody_reads_hold_bounded_memory(self):
        client.ask(self.address, "GET", "/")
        before = self.memory()
        connections = []
        for _ in range(20):
            one = h2.Connection.connect(self.address)
            one.send(frame(SETTINGS, 0, 0, struct.pack(">HI", 4, 0x7fffffff)),
                     frame(WINDOW_UPDATE, 0, 0, number(0x7fff0000)))
            for n in range(20):
                one.send(frame(HEADERS, END_HEADERS | END_STREAM, 2 * n + 1,
                               block([*GET[:3], (":path", "/bytes?size=50000000")])))
            connections.append(one)
        time.sleep(3 * PATIENCE)
        # 400 answers of 50 MB: what is held is a queue for each and what the kernel refused.
        self.assertLess(self.memory() - before, 400 * 200_000)
        self.assertEqual(client.ask(self.address, "GET", "/").status, 200)
        for one in connections:
            one.close()

    @measures_memory
    def test_uploads_that_are_never_finished_hold_bounded_memory(self):
        client.ask(self.address, "GET", "/")
        before = self.memory()
        connections = []
        for _ in range(10):
            one = h2.Connection.connect(self.address)
            for n in range(15):
                one.send(frame(HEADERS, END_HEADERS, 2 * n + 1, block([*POST[:3], (":path", "/hang")])),
                         *(frame(DATA, 0, 2 * n + 1, b"x" * 16000) for _ in range(4)))
            connections.append(one)
        time.sleep(1)
        self.assertLess(self.memory() - before, 64 << 20)
        self.assertEqual(client.ask(self.address, "GET", "/").status, 200)
        for one in connections:
            one.close()


    def test_a_client_within_its_rights_is_left_alone(self):
        with h2.Connection.connect(self.address) as one:
            for n in range(300):  # a ping, a cancelled request and a window for each good request
                one.send(frame(PING, 0, 0, b"12345678"))
                one.request(4 * n + 1)
                self.assertEqual(one.answer(4 * n + 1).status, 200)
                if n % 10 == 0:
                    one.send(frame(HEADERS, END_HEADERS | END_STREAM, 4 * n + 3, block(HANG)),
                             frame(RST_STREAM, 0, 4 * n + 3, number(h2.CANCEL)))
