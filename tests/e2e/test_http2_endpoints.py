"""HTTP/2 to endpoints: a real server (nghttpd), in the clear and over TLS, and endpoints played by hand."""
import pathlib
import shutil
import socket
import struct
import subprocess
import tempfile
import threading
import time

from test_http2 import curl, finished, run, url
from weir_test import client, h2
from weir_test.case import limit
from weir_test.certificates import Authority
from weir_test.weir import WeirCase, free_port


class Http2Endpoints(WeirCase):
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
