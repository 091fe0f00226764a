"""RFC 9113 and RFC 7541, section by section: what breaks them ends the connection or the stream, with
the right code, and never reaches an endpoint."""
import socket
import struct
import time

from weir_test import h2
from weir_test.h2 import (ACK, CONTINUATION, DATA, END_HEADERS, END_STREAM, GET, GOAWAY, HEADERS, PADDED, PING,
                          PRIORITY, PUSH_PROMISE, RST_STREAM, SETTINGS, WINDOW_UPDATE, block, frame)
from weir_test.weir import WeirCase

POST = [(":method", "POST"), *GET[1:]]


def number(value):
    return struct.pack(">I", value)


def setting(key, value):
    return struct.pack(">HI", key, value)


def headers(stream=1, fields=GET, flags=END_HEADERS | END_STREAM):
    return frame(HEADERS, flags, stream, block(fields))


def opened(stream=1):
    """A request whose body is to follow."""
    return headers(stream, POST, END_HEADERS)


class Conformance(WeirCase):
    def setUp(self):
        super().setUp()
        self.target = self.backend("b")
        self.proxied = self.proxy(self.target, group={"health_check": {"enabled": False}})
        self.address = self.proxied.address()
        self.addCleanup(lambda: self.assertEqual(self.target.server.malformed, []))

    def connect(self):
        one = h2.Connection.connect(self.address)
        self.addCleanup(one.close)
        return one

    def closed_after(self, raw):
        with socket.create_connection(self.address, timeout=5) as sock:
            sock.sendall(raw)
            try:
                while sock.recv(65536):
                    pass
            except TimeoutError:
                return False
            except OSError:
                pass
            return True

    def ends(self, *frames, code=h2.PROTOCOL_ERROR):
        """A connection error, and nothing of it at the endpoint."""
        one = self.connect()
        one.send(*frames)
        got, closed = one.end()
        self.assertTrue(closed, "the connection goes on")
        codes = code if isinstance(code, tuple) else (code,)
        self.assertIn(got, codes)

    def resets(self, *frames, code=h2.PROTOCOL_ERROR, stream=1):
        """A stream error; the connection goes on."""
        one = self.connect()
        one.send(*frames)
        got = one.answer(stream)
        codes = code if isinstance(code, tuple) else (code,)
        self.assertIn(got.reset, codes, got)
        one.request(stream + 100)
        self.assertEqual(one.answer(stream + 100).status, 200)

    def refuses(self, fields, status, body=None):
        before = len(self.target.requests)
        one = self.connect()
        if body is None:
            one.send(headers(1, fields))
        else:
            one.send(headers(1, fields, END_HEADERS), frame(DATA, END_STREAM, 1, body))
        self.assertEqual(one.answer(1).status, status)
        one.request(101)
        self.assertEqual(one.answer(101).status, 200)
        self.assertEqual(len(self.target.requests), before + 1)  # the second one alone

    def goes_on(self, *frames, stream=1):
        one = self.connect()
        one.send(*frames)
        self.assertEqual(one.answer(stream).status, 200)

    # ------------------------------------------------------------ RFC 9113

    def test_3_4_a_preface_that_is_not_one(self):
        for rest in (b"PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\r"):
            self.assertTrue(self.closed_after(rest + b"\0" * 30))

    def test_3_4_the_first_frame_is_settings(self):
        self.assertTrue(self.closed_after(h2.PREFACE + frame(PING, 0, 0, b"12345678")))

    def test_3_4_the_preface_may_come_in_pieces(self):
        sock = socket.create_connection(self.address)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        whole = h2.PREFACE + frame(SETTINGS) + headers()
        for at in range(len(whole)):
            sock.sendall(whole[at:at + 1])
            time.sleep(0.001)
        one = h2.Connection(sock, client=False)
        self.assertEqual(one.answer(1).status, 200)
        one.close()

    def test_4_1_unknown_frames_and_flags_are_ignored(self):
        self.goes_on(frame(0x42, 0xff, 0, b"abc"), frame(0x43, 0, 1, b"abc"), frame(PING, 0xfe & ~ACK, 0, b"8" * 8),
                     headers())

    def test_4_2_frames_above_the_limit(self):
        self.ends(opened(), frame(DATA, 0, 1, b"x" * 16385), code=h2.FRAME_SIZE_ERROR)
        self.ends(frame(HEADERS, END_HEADERS, 1, b"\0" * 16385), code=h2.FRAME_SIZE_ERROR)

    def test_4_3_a_block_that_cannot_be_decoded(self):
        self.ends(frame(HEADERS, END_HEADERS | END_STREAM, 1, b"\x00\x7f"), code=h2.COMPRESSION_ERROR)

    def test_4_3_nothing_stands_between_the_frames_of_a_block(self):
        part = frame(HEADERS, END_STREAM, 1, block(GET))
        self.ends(part, frame(PRIORITY, 0, 1, b"\0" * 5))
        self.ends(part, frame(0x42, 0, 1, b""))
        self.ends(part, frame(HEADERS, END_HEADERS | END_STREAM, 3, block(GET)))
        self.ends(part, frame(CONTINUATION, END_HEADERS, 3, b""))

    def test_5_1_frames_on_idle_streams(self):
        for one in (frame(DATA, END_STREAM, 1, b"x"), frame(RST_STREAM, 0, 1, number(8)),
                    frame(WINDOW_UPDATE, 0, 1, number(1)), frame(CONTINUATION, END_HEADERS, 1, block(GET))):
            self.ends(one)

    def test_5_1_frames_after_the_end_of_a_request(self):
        slow = [*GET[:3], (":path", "/delay?ms=500")]
        self.ends(headers(1, slow), frame(DATA, 0, 1, b"x"), code=h2.STREAM_CLOSED)
        self.ends(headers(1, slow), headers(1), code=h2.STREAM_CLOSED)

    def test_5_1_frames_after_a_reset(self):
        reset = frame(RST_STREAM, 0, 1, number(8))
        self.goes_on(opened(), reset, headers(1), headers(3), stream=3)  # 1 may be on its way, and is not served
        self.assertEqual([r.path for r in self.target.requests if r.method == "GET"], ["/"])
        self.goes_on(opened(), reset, frame(WINDOW_UPDATE, 0, 1, number(1)), headers(3), stream=3)

    def test_5_1_1_identifiers_of_streams(self):
        self.ends(headers(2))
        # One that was left out is closed: not served. (nghttp2 cannot tell it from one that was.)
        self.goes_on(headers(5), headers(3, [*GET[:3], (":path", "/echo")]), headers(7), stream=7)
        self.assertEqual([r.path for r in self.target.requests], ["/", "/"])

    def test_5_1_2_streams_above_the_limit_are_refused(self):
        one = self.connect()
        one.send(*(headers(n, [*GET[:3], (":path", "/delay?ms=1500")]) for n in range(1, 221, 2)))
        refused, good = set(), set()
        while len(refused) + len(good) < 110:
            got = one.read()
            self.assertIsNotNone(got)
            one.handle(got)
            if got.kind == RST_STREAM:
                self.assertEqual(got.code, h2.REFUSED_STREAM)
                refused.add(got.stream)
            if got.flags & END_STREAM and got.kind in (HEADERS, DATA):
                good.add(got.stream)
        self.assertEqual((len(good), len(refused)), (100, 10))

    def test_5_3_priorities_are_ignored(self):
        self.goes_on(frame(PRIORITY, 0, 3, number(1) + b"\x10"), frame(PRIORITY, 0, 1, number(0x80000000) + b"\xff"),
                     frame(HEADERS, END_HEADERS | END_STREAM | h2.PRIORITY_FLAG, 1, number(0) + b"\x20" + block(GET)))

    def test_5_5_an_unknown_frame_within_a_block(self):
        self.ends(frame(HEADERS, END_STREAM, 1, block(GET)), frame(0xfe, 0, 0, b"x"))

    def test_6_1_data(self):
        self.ends(frame(DATA, END_STREAM, 0, b"x"))
        self.ends(opened(), frame(DATA, PADDED | END_STREAM, 1, b"\x05abcd"))
        self.goes_on(opened(), frame(DATA, PADDED | END_STREAM, 1, b"\x02ab\0\0"))
        self.assertEqual(self.target.requests[-1].size, 2)

    def test_6_2_headers(self):
        self.ends(headers(0))
        self.ends(frame(HEADERS, END_HEADERS | END_STREAM | PADDED, 1, b"\xff" + block(GET)[:20]))
        self.goes_on(frame(HEADERS, END_HEADERS | END_STREAM | PADDED, 1, b"\x03" + block(GET) + b"\0" * 3))

    def test_6_3_priority(self):
        self.ends(frame(PRIORITY, 0, 0, b"\0" * 5))
        self.ends(opened(), frame(PRIORITY, 0, 1, b"\0" * 4), code=h2.FRAME_SIZE_ERROR)

    def test_6_4_rst_stream(self):
        self.ends(frame(RST_STREAM, 0, 0, number(8)))
        self.ends(opened(), frame(RST_STREAM, 0, 1, b"\0" * 3), code=h2.FRAME_SIZE_ERROR)

    def test_6_5_settings(self):
        self.ends(frame(SETTINGS, ACK, 0, setting(3, 1)), code=h2.FRAME_SIZE_ERROR)
        self.ends(frame(SETTINGS, 0, 1))
        self.ends(frame(SETTINGS, 0, 0, b"\0" * 5), code=h2.FRAME_SIZE_ERROR)

    def test_6_5_2_values_of_settings(self):
        self.ends(frame(SETTINGS, 0, 0, setting(2, 2)))
        self.ends(frame(SETTINGS, 0, 0, setting(4, 0x80000000)), code=h2.FLOW_CONTROL_ERROR)
        self.ends(frame(SETTINGS, 0, 0, setting(5, 16383)))
        self.ends(frame(SETTINGS, 0, 0, setting(5, 16777216)))
        self.goes_on(frame(SETTINGS, 0, 0, setting(0xff, 7)), headers())

    def test_6_5_3_settings_are_acknowledged(self):
        one = self.connect()
        while True:
            got = one.read()
            self.assertIsNotNone(got)
            if got.kind == SETTINGS and got.flags & ACK:
                self.assertEqual(got.payload, b"")
                break

    def test_6_6_and_8_4_a_client_cannot_push(self):
        self.ends(opened(), frame(PUSH_PROMISE, END_HEADERS, 1, number(2) + block(GET)))

    def test_6_7_ping(self):
        one = self.connect()
        one.send(frame(PING, 0, 0, b"abcdefgh"))
        got = one.until(PING)
        self.assertEqual((got.flags & ACK, got.payload), (ACK, b"abcdefgh"))
        self.ends(frame(PING, 0, 1, b"abcdefgh"))
        self.ends(frame(PING, 0, 0, b"abc"), code=h2.FRAME_SIZE_ERROR)

    def test_6_8_goaway(self):
        self.ends(frame(GOAWAY, 0, 1, number(0) + number(0)))
        one = self.connect()
        one.send(headers(1), frame(GOAWAY, 0, 0, number(0) + number(0)))
        self.assertEqual(one.answer(1).status, 200)

    def test_6_9_window_update(self):
        self.ends(frame(WINDOW_UPDATE, 0, 0, number(0)))
        self.ends(frame(WINDOW_UPDATE, 0, 0, b"\0" * 3), code=h2.FRAME_SIZE_ERROR)
        self.ends(opened(), frame(WINDOW_UPDATE, 0, 1, number(0)))

    def test_6_9_1_windows_do_not_overflow(self):
        most = number(0x7fffffff)
        self.ends(frame(WINDOW_UPDATE, 0, 0, most), code=h2.FLOW_CONTROL_ERROR)
        self.resets(opened(), frame(WINDOW_UPDATE, 0, 1, most), code=h2.FLOW_CONTROL_ERROR)
        self.resets(opened(), frame(SETTINGS, 0, 0, setting(4, 65536)),
                    frame(WINDOW_UPDATE, 0, 1, number(0x7fffffff - 65536)),
                    frame(SETTINGS, 0, 0, setting(4, 65537)), code=h2.FLOW_CONTROL_ERROR)

    def test_6_9_1_the_windows_that_weir_gives_hold(self):
        one = self.connect()
        one.send(headers(1, [*POST[:3], (":path", "/hang")], END_HEADERS))
        one.send(*(frame(DATA, 0, 1, b"x" * 16384) for _ in range(64)))
        got = one.answer(1, window=False)
        self.assertTrue(got.reset == h2.FLOW_CONTROL_ERROR or got.goaway == h2.FLOW_CONTROL_ERROR, got)

    def test_6_9_2_a_window_may_shrink_and_grow(self):
        one = self.connect()
        one.send(frame(SETTINGS, 0, 0, setting(4, 3)))
        one.request(1, [*GET[:3], (":path", "/bytes?size=10")])
        self.assertEqual(len(one.until(DATA).payload), 3)
        one.send(frame(SETTINGS, 0, 0, setting(4, 5)))
        self.assertEqual(len(one.until(DATA).payload), 2)
        one.send(frame(SETTINGS, 0, 0, setting(4, 0)), frame(WINDOW_UPDATE, 0, 1, number(10)))
        self.assertEqual(len(one.until(DATA).payload), 5)

    def test_6_10_continuation(self):
        whole = block(GET)
        self.goes_on(frame(HEADERS, END_STREAM, 1, whole[:5]), frame(CONTINUATION, 0, 1, whole[5:9]),
                     frame(CONTINUATION, END_HEADERS, 1, whole[9:]))
        self.ends(headers(1), frame(CONTINUATION, END_HEADERS, 1, whole))
        self.ends(frame(HEADERS, END_STREAM, 1, whole), frame(CONTINUATION, END_HEADERS, 0, b""))

    def test_8_1_trailers(self):
        self.resets(opened(), frame(DATA, 0, 1, b"x"), headers(1, [("x", "y")], END_HEADERS))
        self.resets(opened(), frame(DATA, 0, 1, b"x"), headers(1, [(":method", "GET")]))
        self.resets(opened(), frame(DATA, 0, 1, b"x"), headers(1, [("X", "y")]))

    def test_8_1_1_content_length(self):
        for length, pieces in (("1", [b"ab"]), ("5", [b"ab"]), ("3", [b"ab", b"cd"]), ("5", [b"ab", b"cd"])):
            frames = [frame(DATA, END_STREAM if n == len(pieces) - 1 else 0, 1, p) for n, p in enumerate(pieces)]
            self.resets(headers(1, POST + [("content-length", length)], END_HEADERS), *frames)
        self.resets(headers(1, POST + [("content-length", "1")]))
        for bad in ("-1", "+1", "1,1", "abc", "", "99999999999999999999999"):
            self.resets(headers(1, POST + [("content-length", bad)], END_HEADERS))
        self.resets(headers(1, POST + [("content-length", "1"), ("content-length", "1")], END_HEADERS))

    def test_8_2_names(self):
        for name in ("X-Upper", "a b", "a\r", "a:", "a\0", "", "a\x7f", "\xe9"):
            self.resets(headers(1, GET + [(name, "v")]))

    def test_8_2_values(self):
        for value in ("a\r\nb: c", "a\nb", "a\0b", "a\rb", " a", "a ", "\ta", "a\x7f"):
            self.resets(headers(1, GET + [("x", value)]))

    def test_8_2_2_fields_of_the_connection(self):
        for name, value in (("connection", "close"), ("keep-alive", "1"), ("proxy-connection", "close"),
                            ("transfer-encoding", "chunked"), ("upgrade", "h2c"), ("te", "gzip"),
                            ("te", "trailers, gzip")):
            self.resets(headers(1, GET + [(name, value)]))
        self.goes_on(headers(1, GET + [("te", "trailers")]))

    def test_8_3_pseudo_header_fields(self):
        m, s, a, p = GET
        bad = {
            "unknown": GET + [(":x", "y")],
            "of a response": GET + [(":status", "200")],
            "behind others": [m, s, a, ("x", "y"), p],
            "method missing": [s, a, p], "scheme missing": [m, a, p], "path missing": [m, s, a],
            "path empty": [m, s, a, (":path", "")],
            "method twice": [m, m, s, a, p], "scheme twice": [m, s, s, a, p], "path twice": [m, s, a, p, p],
            "authority twice": [m, s, a, a, p],
            "path that is none": [m, s, a, (":path", "x")],
            "path of a line": [m, s, a, (":path", "/ HTTP/1.1\r\nx: y")],
            "method of a line": [(":method", "GET / HTTP/1.1\r\nx: y\r\n\r\n"), s, a, p],
            "authority of a line": [m, s, (":authority", "t\r\nx: y"), p],
        }
        for what, fields in bad.items():
            with self.subTest(what):
                self.resets(headers(1, fields), code=(h2.PROTOCOL_ERROR,))
        self.assertTrue(all(r.path == "/" and r.method == "GET" and not r.header("x") for r in self.target.requests))

    def test_8_3_1_what_is_no_request_for_a_proxy(self):
        m, s, a, p = GET
        for fields, status in (
                (GET + [("host", "other")], 400), (GET + [("host", "t"), ("host", "t")], 400), ([m, s, p], 400),
                ([m, s, (":authority", "user@t"), p], 400), ([m, s, (":authority", "t:99999"), p], 400),
                ([m, (":scheme", "ftp"), a, p], 400), ([(":method", "GET"), s, a, (":path", "*")], 400),
                ([m, s, a, (":path", "/a#b")], 400), ([m, s, a, (":path", "/a\\b")], 400),
                (GET + [("expect", "something")], 417)):
            with self.subTest(fields=fields):
                try:
                    self.refuses(fields, status)
                except AssertionError:
                    self.resets(headers(1, fields))  # as right: nghttp2 sees some of them first
        self.goes_on(headers(1, GET + [("host", "t")]))
        self.goes_on(headers(1, [m, s, p, ("host", "t")]))

    def test_8_3_1_limits_of_a_head(self):
        self.refuses(GET + [(f"x{n}", "y") for n in range(101)], 431)
        one = self.connect()
        big = block(GET + [("x", "y" * 12000), ("z", "y" * 3000)])
        more = block([("a", "y" * 12000), ("b", "y" * 3000)])
        one.send(frame(HEADERS, END_STREAM, 1, big), frame(CONTINUATION, 0, 1, more),
                 frame(CONTINUATION, END_HEADERS, 1, more))
        self.assertEqual(one.answer(1).status, 431)

    def test_8_5_connect(self):
        connect = (":method", "CONNECT")
        self.refuses([connect, (":authority", "t:80")], 405, body=b"")
        self.resets(headers(1, [connect, *GET[1:]]))
        self.resets(headers(1, [connect]))

    def test_rfc8441_extended_connect(self):
        connect = (":method", "CONNECT")
        self.resets(headers(1, GET + [(":protocol", "websocket")]))
        self.resets(headers(1, [connect, (":protocol", "websocket"), (":authority", "t")]))
        self.refuses([connect, (":protocol", "gopher"), *GET[1:]], 501, body=b"")

    def test_8_8_bodies_arrive_as_they_were_sent(self):
        one = self.connect()
        one.send(opened(), frame(DATA, 0, 1, b"a"), frame(DATA, 0, 1, b""), frame(DATA, PADDED, 1, b"\x01b\0"),
                 frame(DATA, END_STREAM, 1, b"c"))
        self.assertEqual(one.answer(1).status, 200)
        self.assertEqual(self.target.requests[-1].body, b"abc")

    # ------------------------------------------------------------ RFC 7541

    def compression_error(self, payload):
        self.ends(frame(HEADERS, END_HEADERS | END_STREAM, 1, payload), code=h2.COMPRESSION_ERROR)

    def test_hpack_2_3_3_index_0_and_beyond_the_tables(self):
        self.compression_error(b"\x80")
        self.compression_error(block(GET) + b"\xff\x80\x01")
        self.compression_error(b"\xbe")  # the dynamic table is empty

    def test_hpack_4_2_table_size_above_the_limit(self):
        self.compression_error(b"\x3f\xe2\x1f" + block(GET))  # 4097

    def test_hpack_4_2_table_size_stands_at_the_start(self):
        self.compression_error(block(GET) + b"\x20")

    def test_hpack_5_1_integers_that_never_end(self):
        self.compression_error(b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01")

    def test_hpack_5_2_strings_longer_than_the_block(self):
        self.compression_error(b"\x00\x01a\x20b")

    def test_hpack_5_2_huffman(self):
        self.compression_error(b"\x00\x01a\x84\xff\xff\xff\xff")  # EOS
        self.compression_error(b"\x00\x01a\x81\x18")  # padded with zeros
        self.compression_error(b"\x00\x01a\x82\x1f\xff")  # padded with more than seven bits

    def test_hpack_6_the_dynamic_table_lives_over_requests(self):
        one = self.connect()
        add = b"\x40\x01x\x05hello"
        one.send(frame(HEADERS, END_HEADERS | END_STREAM, 1, block(GET) + add))
        self.assertEqual(one.answer(1).status, 200)
        one.send(frame(HEADERS, END_HEADERS | END_STREAM, 3, block(GET) + b"\xbe"))
        self.assertEqual(one.answer(3).status, 200)
        self.assertEqual([r.header("x") for r in self.target.requests], ["hello", "hello"])

    def test_hpack_a_refused_request_leaves_the_table_in_step(self):
        one = self.connect()
        one.send(frame(HEADERS, END_HEADERS | END_STREAM, 1, block(GET + [("Bad", "1")]) + b"\x40\x01x\x05hello"))
        self.assertEqual(one.answer(1).reset, h2.PROTOCOL_ERROR)
        one.send(frame(HEADERS, END_HEADERS | END_STREAM, 3, block(GET) + b"\xbe"))
        self.assertEqual(one.answer(3).status, 200)
        self.assertEqual(self.target.requests[-1].header("x"), "hello")
