"""HTTP/2 on both sides through weir, with real clients (curl, nghttp, h2load) and a real server."""
import json
import pathlib
import shutil
import socket
import struct
import subprocess
import tempfile
import threading
import time

from weir_test import client, h2
from weir_test.case import PATIENCE, limit
from weir_test.certificates import Authority
from weir_test.weir import WeirCase, free_port


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


class Endpoints(WeirCase):
    """Endpoints of HTTP/2."""

    def h2_proxy(self, address, **group):
        return self.proxy(address, group={"protocol_version": "HTTP2", "health_check": {"enabled": False}, **group})

    def nghttpd(self, *more, pair=None):
        """With `pair` it speaks TLS."""
        folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, folder)
        (folder / "small").write_text("hello")
        (folder / "big").write_bytes(b"b" * 3000000)
        port = free_port()
        secure = [pair["key"], pair["certificate"]] if pair else []
        server = subprocess.Popen(["nghttpd", *([] if pair else ["--no-tls"]), "-d", str(folder), *more, str(port), *secure],
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(server.wait)
        self.addCleanup(server.kill)

        def listening():
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", port)) == 0
        self.eventually(listening)
        return f"127.0.0.1:{port}", server

    def endpoint(self, respond, settings=b""):
        made = h2.Endpoint(h2.serve_all(respond), settings)
        self.addCleanup(made.stop)
        return made

    def played(self, play, settings=b""):
        made = h2.Endpoint(play, settings)
        self.addCleanup(made.stop)
        return made

    def test_nghttpd_answers_http1_and_http2_clients(self):
        address, _ = self.nghttpd()
        public = self.h2_proxy(address).address()
        self.assertEqual(client.ask(public, "GET", "/small").body, b"hello")
        self.assertEqual(curl(public, "/small").stdout, b"hello")
        self.assertEqual(len(curl(public, "/big").stdout), 3000000)
        self.assertEqual(len(client.ask(public, "GET", "/big").body), 3000000)
        self.assertEqual(client.ask(public, "GET", "/none").status, 404)
        self.assertEqual(client.ask(public, "HEAD", "/small").status, 200)

    def test_over_tls(self):
        authority = Authority(self)
        address, server = self.nghttpd(pair=authority.issue("e"))
        proxied = self.proxy(address, workers=1, group={
            "protocol": "https", "protocol_version": "HTTP2", "tls": {"ca": authority.ca},
            "health_check": {"path": "/small", "interval": "200ms", "timeout": "200ms"}})
        public = proxied.address()
        self.eventually(lambda: proxied.endpoints()[0]["state"] == "healthy")
        self.assertEqual(client.ask(public, "GET", "/small").body, b"hello")
        self.assertEqual(len(curl(public, "/big").stdout), 3000000)
        out = run("h2load", "-n", "2000", "-c", "2", "-m", "10", url(public, "/small"))
        self.assertEqual(finished(out.stdout.decode(), "succeeded"), 2000, out.stdout)
        self.assertEqual(proxied.metric("weir_tls_endpoint_handshakes_total", result="full"), 1)
        server.kill()
        self.eventually(lambda: proxied.endpoints()[0]["state"] == "unhealthy")

    def test_over_tls_http2_must_be_agreed_on(self):
        authority = Authority(self)
        backend = self.backend("h1", tls=authority.server(authority.issue("e")))
        group = {"protocol": "https", "protocol_version": "HTTP2", "tls": {"ca": authority.ca}}
        proxied = self.proxy(backend, group={**group, "health_check": {"enabled": False}, "retry": {"attempts": 1}})
        answer = client.get(proxied.address(), "/")
        self.assertEqual((answer.status, answer.body), (502, b"the endpoint does not speak HTTP/2 over TLS\n"))
        checked = self.proxy(backend, group=group)
        self.eventually(lambda: "does not speak HTTP/2" in str(checked.target_group()))

    def test_a_certificate_that_is_not_trusted_is_told(self):
        strange = Authority(self, "somebody else")
        address, _ = self.nghttpd(pair=strange.issue("e"))
        proxied = self.proxy(address, group={
            "protocol": "https", "protocol_version": "HTTP2", "tls": {"ca": Authority(self).ca},
            "health_check": {"enabled": False}, "retry": {"attempts": 1}})
        answer = client.get(proxied.address(), "/small")
        self.assertEqual((answer.status, b"is not trusted" in answer.body), (502, True))

    def test_the_circuit_breaker_counts_connections(self):
        told = threading.Event()  # weir knows the limit

        def hang(connection, number):
            while (got := connection.read()) is not None:
                if got.kind == h2.SETTINGS and got.flags & h2.ACK:
                    told.set()
        one_stream = struct.pack(">HI", 3, 1)
        proxied = self.h2_proxy(self.played(hang, one_stream).address, circuit_breaker={"connections": 1},
                                timeouts={"response": "5s"})
        with h2.Connection.connect(proxied.address()) as first:
            first.request(1)
            self.assertTrue(told.wait(10))
            self.assertEqual(proxied.target_group()["connections"], 1)
            answer = client.get(proxied.address(), "/")
            self.assertEqual((answer.status, b"circuit breaker" in answer.body), (503, True))

    def test_health_checks_speak_http2_too(self):
        address, server = self.nghttpd()
        proxied = self.proxy(address, group={"protocol_version": "HTTP2", "health_check": {
            "path": "/small", "interval": "100ms", "timeout": "100ms"}})
        self.eventually(lambda: proxied.endpoints()[0]["state"] == "healthy")
        server.kill()
        self.eventually(lambda: proxied.endpoints()[0]["state"] == "unhealthy")

    def test_load_shares_few_connections(self):
        address, _ = self.nghttpd()
        proxied = self.h2_proxy(address)
        out = run("h2load", "-n", "3000", "-c", "3", "-m", "20", url(proxied.address(), "/small"))
        self.assertEqual(finished(out.stdout.decode(), "succeeded"), 3000, out.stdout)
        self.assertLessEqual(proxied.metric("weir_proxy_connects_total"), 4)

    def test_the_limit_of_streams_of_an_endpoint_is_kept(self):
        address, _ = self.nghttpd("-m", "2")
        proxied = self.h2_proxy(address)
        out = run("h2load", "-n", "500", "-c", "1", "-m", "20", url(proxied.address(), "/small"))
        self.assertEqual(finished(out.stdout.decode(), "succeeded"), 500, out.stdout)

    def test_trailers_of_an_answer_pass_to_both(self):
        def respond(connection, stream, fields, body):
            connection.send(h2.frame(h2.HEADERS, h2.END_HEADERS, stream, h2.block([(":status", "200")])),
                            h2.frame(h2.DATA, 0, stream, b"body"),
                            h2.frame(h2.HEADERS, h2.END_HEADERS | h2.END_STREAM, stream, h2.block([("x-sum", "9")])))
        public = self.h2_proxy(self.endpoint(respond).address).address()
        with h2.Connection.connect(public) as one:
            one.request(1)
            got = one.answer(1)
            self.assertEqual((got.status, got.body, got.trailers, got.ended), (200, b"body", [("x-sum", "9")], True))
        with client.Client(public) as one:
            answer = one.ask("GET", "/")
            self.assertEqual(answer.body, b"body")
            self.assertIn("9", str(answer.trailers))

    def test_informational_responses_pass(self):
        def respond(connection, stream, fields, body):
            connection.send(
                h2.frame(h2.HEADERS, h2.END_HEADERS, stream, h2.block([(":status", "103"), ("link", "</a>")])),
                h2.frame(h2.HEADERS, h2.END_HEADERS | h2.END_STREAM, stream, h2.block([(":status", "204")])))
        public = self.h2_proxy(self.endpoint(respond).address).address()
        with h2.Connection.connect(public) as one:
            one.request(1)
            got = one.answer(1)
            self.assertEqual([dict(h)[":status"] for h in got.heads], ["103", "204"])

    def test_an_empty_answer_without_length_is_complete_for_http1(self):
        def respond(connection, stream, fields, body):
            connection.send(h2.frame(h2.HEADERS, h2.END_HEADERS | h2.END_STREAM, stream, h2.block([(":status", "200")])))
        public = self.h2_proxy(self.endpoint(respond).address).address()
        with client.Client(public) as one:
            for _ in range(3):
                answer = one.ask("GET", "/")
                self.assertEqual((answer.status, answer.body), (200, b""))

    def test_a_refused_stream_is_sent_again_whatever_the_method(self):
        seen = []

        def respond(connection, stream, fields, body):
            seen.append(body)
            if len(seen) == 1:
                connection.send(h2.frame(h2.RST_STREAM, 0, stream, struct.pack(">I", h2.REFUSED_STREAM)))
            else:
                connection.send(h2.frame(h2.HEADERS, h2.END_HEADERS | h2.END_STREAM, stream, h2.block([(":status", "201")])))
        public = self.h2_proxy(self.endpoint(respond).address, retry={"unanswered": "safe_methods"}).address()
        self.assertEqual(client.ask(public, "POST", "/", body=b"once").status, 201)
        self.assertEqual(seen, [b"once", b"once"])

    def test_a_goaway_moves_requests_to_a_new_connection(self):
        def play(connection, number):
            count = 0
            while (one := connection.read()) is not None:
                connection.handle(one)
                if one.kind != h2.HEADERS:
                    continue
                count += 1
                if number == 0 and count == 2:
                    # The first was taken, this one was not.
                    connection.send(h2.frame(h2.GOAWAY, 0, 0, struct.pack(">II", 1, 0)))
                    continue
                connection.send(h2.frame(h2.HEADERS, h2.END_HEADERS | h2.END_STREAM, one.stream, h2.block(
                    [(":status", "200"), ("x-connection", str(number))])))
        made = self.played(play)
        public = self.proxy(made.address, workers=1, group={
            "protocol_version": "HTTP2", "health_check": {"enabled": False}}).address()
        self.assertEqual([client.ask(public, "POST", "/", body=b"x").header("x-connection") for _ in range(4)],
                         ["0", "1", "1", "1"])

    def test_a_connection_that_breaks_is_noticed_and_replaced(self):
        def play(connection, number):
            while (one := connection.read()) is not None:
                connection.handle(one)
                if one.kind == h2.HEADERS:
                    if number == 0:
                        return
                    connection.send(h2.frame(h2.HEADERS, h2.END_HEADERS | h2.END_STREAM, one.stream, h2.block([(":status", "200")])))
        public = self.h2_proxy(self.played(play).address).address()
        self.assertEqual(client.ask(public, "GET", "/").status, 200)

    def test_an_answer_that_breaks_off_is_told_from_a_whole_one(self):
        def respond(connection, stream, fields, body):
            connection.send(h2.frame(h2.HEADERS, h2.END_HEADERS, stream, h2.block([(":status", "200")])),
                            h2.frame(h2.DATA, 0, stream, b"part"),
                            h2.frame(h2.RST_STREAM, 0, stream, struct.pack(">I", h2.INTERNAL_ERROR)))
        public = self.h2_proxy(self.endpoint(respond).address).address()
        with h2.Connection.connect(public) as one:
            one.request(1)
            got = one.answer(1)
            self.assertEqual((got.status, got.ended), (200, False))
            self.assertIsNotNone(got.reset)

    def test_a_client_that_leaves_resets_the_stream_at_the_endpoint(self):
        resets = []

        def play(connection, number):
            while (one := connection.read()) is not None:
                connection.handle(one)
                if one.kind == h2.RST_STREAM:
                    resets.append(one.code)
        public = self.h2_proxy(self.played(play).address).address()
        with h2.Connection.connect(public) as one:
            one.request(1)
            time.sleep(0.3)
            one.send(h2.frame(h2.RST_STREAM, 0, 1, struct.pack(">I", h2.CANCEL)))
            self.eventually(lambda: resets == [h2.CANCEL])

    def test_a_slow_client_of_one_stream_does_not_hold_up_another(self):
        address, _ = self.nghttpd()
        public = self.h2_proxy(address).address()
        with h2.Connection.connect(public) as slow:
            slow.request(1, [*h2.GET[:3], (":path", "/big")])
            slow.until(h2.DATA)  # and takes nothing more
            for _ in range(3):
                self.assertEqual(len(curl(public, "/big").stdout), 3000000)

    def test_an_endpoint_that_refuses_connections_is_a_bad_gateway(self):
        public = self.h2_proxy(f"127.0.0.1:{free_port()}").address()
        self.assertEqual(client.ask(public, "GET", "/").status, 502)

    def test_an_endpoint_of_http1_is_a_bad_gateway(self):
        target = self.backend("b")
        public = self.h2_proxy(target.address).address()
        self.assertEqual(client.ask(public, "GET", "/").status, 502)

    def test_a_websocket_goes_through_by_extended_connect_on_both_sides(self):
        def play(connection, number):
            while (one := connection.read()) is not None:
                connection.handle(one)
                if one.kind == h2.HEADERS:
                    fields = dict(one.fields)
                    good = (fields[":method"], fields.get(":protocol")) == ("CONNECT", "websocket")
                    connection.send(h2.frame(h2.HEADERS, h2.END_HEADERS, one.stream, h2.block(
                        [(":status", "200" if good else "400")])))
                elif one.kind == h2.DATA:
                    connection.send(h2.frame(h2.DATA, one.flags, one.stream, one.payload))
        made = self.played(play, settings=struct.pack(">HI", 8, 1))
        public = self.h2_proxy(made.address).address()
        with h2.Connection.connect(public) as one:
            one.request(1, [(":method", "CONNECT"), (":protocol", "websocket"), (":scheme", "http"),
                            (":authority", "t"), (":path", "/ws")], end=False)
            self.assertEqual(dict(one.until(h2.HEADERS).fields)[":status"], "200")
            one.send(h2.frame(h2.DATA, 0, 1, b"ping"))
            self.assertEqual(one.until(h2.DATA).payload, b"ping")

    def test_pushed_streams_are_refused(self):
        def respond(connection, stream, fields, body):
            connection.send(h2.frame(h2.PUSH_PROMISE, h2.END_HEADERS, stream, struct.pack(">I", 2) + h2.block(h2.GET)),
                            h2.frame(h2.HEADERS, h2.END_HEADERS | h2.END_STREAM, stream, h2.block([(":status", "200")])))
        public = self.h2_proxy(self.endpoint(respond).address, retry={"attempts": 1}).address()
        self.assertEqual(client.ask(public, "GET", "/").status, 502)
