"""HTTP/2 of clients: curl, nghttp and h2load, in the clear and over TLS."""
import json
import socket
import struct
import subprocess
import tempfile
import time

from weir_test import client, h2
from weir_test.case import PATIENCE
from weir_test.certificates import Authority
from weir_test.weir import WeirCase


def run(*command, timeout=30, **more):
    return subprocess.run([str(c) for c in command], capture_output=True, timeout=timeout * PATIENCE, **more)


def url(address, target="/"):
    return f"http://{address[0]}:{address[1]}{target}"


def curl(address, target, *more):
    return run("curl", "-sS", "--http2-prior-knowledge", "--max-time", "20", *more, url(address, target))


def finished(text, what):
    """A figure of h2load's report."""
    line = next(part for part in text.split("\n") if part.startswith("requests:"))
    return int(next(part for part in line.split(",") if what in part).split()[-2])


class Clients(WeirCase):
    """An HTTP/2 client, an HTTP/1 endpoint."""

    def setUp(self):
        super().setUp()
        self.target = self.backend("b")
        self.proxied = self.proxy(self.target)
        self.address = self.proxied.address()

    def test_curl_gets_an_answer(self):
        out = curl(self.address, "/echo?a=1", "-w", "\n%{http_version} %{http_code}")
        body, _, told = out.stdout.decode().rpartition("\n")
        self.assertEqual(told, "2 200", out.stderr)
        got = json.loads(body)
        self.assertEqual((got["method"], got["target"]), ("GET", "/echo?a=1"))

    def test_one_listener_speaks_both(self):
        self.assertEqual(client.ask(self.address, "GET", "/").status, 200)
        self.assertEqual(curl(self.address, "/", "-o", "/dev/null", "-w", "%{http_version}").stdout, b"2")
        self.assertEqual(client.ask(self.address, "GET", "/").status, 200)

    def test_a_body_goes_up_and_comes_back(self):
        body = bytes(range(256)) * 4096  # 1 MiB: many windows
        with tempfile.NamedTemporaryFile() as file:
            file.write(body)
            file.flush()
            out = curl(self.address, "/upload", "--data-binary", f"@{file.name}")
        request = self.target.requests[-1]
        self.assertEqual(request.size, len(body), out.stderr)
        self.assertTrue(request.complete)

    def test_a_head_has_no_body(self):
        out = curl(self.address, "/", "-I", "-w", "%{http_code} %{size_download}")
        self.assertTrue(out.stdout.decode().endswith("200 0"), out.stdout)

    def test_the_forwarded_headers_are_set(self):
        curl(self.address, "/", "-H", "X-Own: 1")
        request = self.target.requests[-1]
        self.assertEqual(request.header("x-own"), "1")
        self.assertEqual(request.header("x-forwarded-for"), "127.0.0.1")
        self.assertEqual(request.header("via"), "2 weir")
        self.assertEqual(request.header("host"), "%s:%d" % self.address)

    def test_cookie_crumbs_are_joined(self):
        with h2.Connection.connect(self.address) as one:
            one.request(1, h2.GET + [("cookie", "a=1"), ("cookie", "b=2"), ("x", "y"), ("cookie", "c=3")])
            self.assertEqual(one.answer(1).status, 200)
        self.assertEqual([v for k, v in self.target.requests[-1].headers if k.lower() == "cookie"],
                         ["a=1; b=2; c=3"])

    def test_trailers_of_a_request_pass(self):
        with h2.Connection.connect(self.address) as one:
            one.request(1, [(":method", "POST"), *h2.GET[1:3], (":path", "/echo")], body=b"abc",
                        trailers=[("x-sum", "7")])
            self.assertEqual(one.answer(1).status, 200)
        self.assertIn("7", str(self.target.requests[-1].trailers))

    def test_many_requests_on_one_connection(self):
        out = run("h2load", "-n", "2000", "-c", "4", "-m", "32", url(self.address, "/"))
        self.assertEqual(finished(out.stdout.decode(), "succeeded"), 2000, out.stdout)

    def test_nghttp_uploads_and_downloads(self):
        with tempfile.NamedTemporaryFile() as file:
            file.write(b"n" * 300000)
            file.flush()
            out = run("nghttp", "-v", "-d", file.name, url(self.address, "/upload"))
        self.assertIn(b":status: 200", out.stdout)
        self.assertEqual(self.target.requests[-1].size, 300000)

    def test_events_arrive_as_they_are_sent(self):
        with h2.Connection.connect(self.address) as one:
            one.request(1, [*h2.GET[:3], (":path", "/sse?events=5&interval=100")])
            times = []
            while True:
                got = one.until(h2.DATA)
                self.assertIsNotNone(got)
                if got.payload:
                    times.append(time.monotonic())
                    one.handle(got)
                if got.flags & h2.END_STREAM:
                    break
        self.assertGreaterEqual(len(times), 5)
        self.assertGreater(times[-1] - times[0], 0.3)

    def test_a_reset_cancels_the_request_at_the_endpoint(self):
        with h2.Connection.connect(self.address) as one:
            one.request(1, [*h2.GET[:3], (":path", "/delay?ms=20000")])
            self.eventually(lambda: self.target.requests)
            one.send(h2.frame(h2.RST_STREAM, 0, 1, struct.pack(">I", h2.CANCEL)))
            self.eventually(lambda: self.target.requests[0].cancelled)
            one.request(3)  # the connection goes on
            self.assertEqual(one.answer(3).status, 200)

    def test_a_client_that_leaves_cancels_all_its_requests(self):
        with h2.Connection.connect(self.address) as one:
            for stream in (1, 3, 5):
                one.request(stream, [*h2.GET[:3], (":path", "/delay?ms=20000")])
            self.eventually(lambda: len(self.target.requests) == 3)
        self.eventually(lambda: all(r.cancelled for r in self.target.requests))

    def test_a_broken_answer_is_a_reset_and_not_an_end(self):
        with h2.Connection.connect(self.address) as one:
            one.request(1, [*h2.GET[:3], (":path", "/close-midway?size=100000&send=5000")])
            got = one.answer(1)
            self.assertFalse(got.ended)
            self.assertIsNotNone(got.reset)
            one.request(3)
            self.assertEqual(one.answer(3).status, 200)

    def test_a_client_that_takes_nothing_holds_up_nobody_else(self):
        with h2.Connection.connect(self.address) as one:
            one.request(1, [*h2.GET[:3], (":path", "/bytes?size=5000000")])
            taken = 0
            while taken < 65535:  # its window, which stays shut
                taken += len(one.until(h2.DATA).payload)
            self.assertEqual(taken, 65535)
            one.send(h2.frame(h2.WINDOW_UPDATE, 0, 0, struct.pack(">I", 1000000)))
            one.request(3)
            self.assertEqual(one.answer(3, window=False).status, 200)
            one.send(h2.frame(h2.WINDOW_UPDATE, 0, 0, struct.pack(">I", 10000000)),
                     h2.frame(h2.WINDOW_UPDATE, 0, 1, struct.pack(">I", 10000000)))
            got = one.answer(1, window=False)
            self.assertTrue(got.ended)
            self.assertEqual(len(got.body) + taken, 5000000)

    def test_an_upload_that_nobody_takes_is_not_buffered(self):
        silent = socket.create_server(("127.0.0.1", 0))  # accepts in its backlog, reads nothing
        address = "127.0.0.1:%d" % silent.getsockname()[1]
        proxied = self.proxy(address, group={"health_check": {"enabled": False}})
        with h2.Connection.connect(proxied.address(), timeout=1) as one:
            one.request(1, [(":method", "POST"), *h2.GET[1:]], end=False)
            # What is granted in time is what weir would hold: the kernel's buffers to the endpoint
            # and a few windows, not all that we could send.
            sent, window, whole = 0, {0: 65535, 1: 65535}, 64 << 20
            while sent < whole:
                size = min(16384, window[0], window[1])
                if size == 0:
                    got = one.read()
                    if got is None:
                        break
                    if got.kind == h2.WINDOW_UPDATE:
                        window[got.stream] += struct.unpack(">I", got.payload)[0]
                    elif got.kind == h2.SETTINGS:
                        one.handle(got)
                    continue
                one.send(h2.frame(h2.DATA, 0, 1, b"x" * size))
                sent += size
                for key in window:
                    window[key] -= size
        silent.close()
        self.assertLess(sent, 24 << 20)

    def test_a_websocket_over_extended_connect(self):
        with h2.Connection.connect(self.address) as one:
            one.until(h2.SETTINGS) and None
            one.request(1, [(":method", "CONNECT"), (":protocol", "websocket"), (":scheme", "http"),
                            (":authority", "t"), (":path", "/raw"), ("sec-websocket-version", "13")], end=False)
            got = one.until(h2.HEADERS)
            fields = dict(got.fields)
            self.assertEqual(fields[":status"], "200")
            self.assertNotIn("sec-websocket-accept", fields)
            self.assertFalse(got.flags & h2.END_STREAM)
            for n in range(20):
                one.send(h2.frame(h2.DATA, 0, 1, b"%04d" % n))
                self.assertEqual(one.until(h2.DATA).payload, b"%04d" % n)
            one.send(h2.frame(h2.DATA, h2.END_STREAM, 1, b"bye"))
            got = one.answer(1)
            self.assertEqual((got.body, got.ended), (b"bye", True))
        self.assertEqual(self.target.requests[0].header("upgrade"), "websocket")
        self.assertEqual(len(self.target.requests[0].header("sec-websocket-key")), 24)

    def test_weir_announces_extended_connect_and_its_limit_of_streams(self):
        with h2.Connection.connect(self.address) as one:
            one.request(1)
            one.answer(1)
            self.assertEqual(one.settings[3], 100)
            self.assertEqual(one.settings[8], 1)

    def test_an_early_answer_ends_the_upload(self):
        proxied = self.proxy(self.target, listener={"default": {"respond": {"status": 403, "body": "no"}}})
        with h2.Connection.connect(proxied.address()) as one:
            one.request(1, [(":method", "POST"), *h2.GET[1:]], end=False)
            got = one.answer(1)
            self.assertEqual((got.status, got.body, got.ended), (403, b"no", True))
            reset = one.until(h2.RST_STREAM)
            self.assertEqual((reset.stream, reset.code), (1, h2.NO_ERROR))

    def test_the_access_log_names_the_version(self):
        log = self.folder / "access.log"
        proxied = self.proxy(self.target, access_log={"path": str(log)})
        curl(proxied.address(), "/")
        self.eventually(lambda: log.exists() and "HTTP/2.0" in log.read_text())


class OverTls(WeirCase):
    """The same clients over TLS, where ALPN chooses HTTP/2; curl over TLS is in test_tls."""

    def setUp(self):
        super().setUp()
        self.target = self.backend("b")
        self.proxied = self.proxy(self.target, listener={
            "protocol": "https", "tls": {"certificates": [Authority(self).issue("localhost")]}})

    def url(self, target):
        return f"https://localhost:{self.proxied.address()[1]}{target}"

    def test_many_requests_on_few_connections(self):
        out = run("h2load", "-n", "2000", "-c", "4", "-m", "32", self.url("/")).stdout.decode()
        self.assertIn("Application protocol: h2\n", out)
        self.assertEqual(finished(out, "succeeded"), 2000, out)

    def test_h2load_as_a_client_of_http_1_1(self):
        out = run("h2load", "--h1", "-n", "500", "-c", "4", self.url("/")).stdout.decode()
        self.assertIn("Application protocol: http/1.1\n", out)
        self.assertEqual(finished(out, "succeeded"), 500, out)

    def test_nghttp_uploads_and_downloads(self):
        with tempfile.NamedTemporaryFile() as file:
            file.write(b"n" * 300000)
            file.flush()
            out = run("nghttp", "-v", "--no-verify-peer", "-d", file.name, self.url("/upload"))
        self.assertIn(b"The negotiated protocol: h2", out.stdout)
        self.assertIn(b":status: 200", out.stdout)
        self.assertEqual(self.target.requests[-1].size, 300000)
        self.assertEqual(self.target.requests[-1].header("x-forwarded-proto"), "https")
        out = run("nghttp", "--no-verify-peer", self.url("/bytes?size=2000000"))
        self.assertEqual(len(out.stdout), 2000000, out.stderr)


class Draining(WeirCase):
    def setUp(self):
        super().setUp()
        self.target = self.backend("b")
        self.proxied = self.proxy(self.target)
        self.address = self.proxied.address()

    def test_a_stop_says_so_twice_and_finishes_what_runs(self):
        with h2.Connection.connect(self.address) as one:
            one.request(1, [*h2.GET[:3], (":path", "/delay?ms=1500")])
            self.eventually(lambda: self.target.requests)
            self.proxied.process.terminate()
            notice = one.until(h2.GOAWAY)
            self.assertEqual(struct.unpack(">II", notice.payload[:8]), (0x7fffffff, h2.NO_ERROR))
            one.request(3, [*h2.GET[:3], (":path", "/")])  # sent before the notice could be read
            got, last = {}, None
            while (frame := one.read()) is not None:
                one.handle(frame)
                if frame.kind == h2.GOAWAY:
                    last = struct.unpack(">II", frame.payload[:8])
                elif frame.kind == h2.HEADERS:
                    got[frame.stream] = dict(frame.fields)[":status"]
            self.assertEqual(last, (3, h2.NO_ERROR))
            self.assertEqual(got, {1: "200", 3: "200"})
            self.assertTrue(one.closed)
        self.proxied.process.wait(10)

    def test_an_idle_connection_is_closed_with_a_goaway(self):
        proxied = self.proxy(self.target, listener={"limits": {"idle_time": "500ms"}})
        with h2.Connection.connect(proxied.address()) as one:
            one.request(1)
            self.assertEqual(one.answer(1).status, 200)
            self.assertEqual(one.end(), (h2.NO_ERROR, True))

    def test_a_head_that_does_not_come_whole_in_time_ends_the_connection(self):
        proxied = self.proxy(self.target, listener={"limits": {"header_time": "500ms"}})
        with h2.Connection.connect(proxied.address()) as one:
            one.send(h2.frame(h2.HEADERS, 0, 1, h2.block(h2.GET)))  # no END_HEADERS
            code, closed = one.end()
            self.assertTrue(closed)
