"""Listeners of protocol tls, whose connections are decrypted and not read; groups of tls endpoints."""
import contextlib
import os
import socket
import ssl
import threading

from weir_test.certificates import Authority
from weir_test.layer4 import TCP, Layer4Case, TcpServer, named, read_all, read_exactly


class Tls(Layer4Case):
    def setUp(self):
        super().setUp()
        self.authority = Authority(self)

    def secure(self, servers, listener=None, group=None, **top):
        return self.layer4(servers, listener={
            "protocol": "tls", "tls": {"certificates": [self.authority.issue("localhost")]}, **(listener or {})},
            group=group, **top)

    def dial(self, weir, name="localhost", pair=None, alpn=()):
        context = self.authority.client(pair)
        context.check_hostname = name == "localhost"
        if alpn:
            context.set_alpn_protocols(list(alpn))
        one = context.wrap_socket(socket.create_connection(weir.address(), 10), server_hostname=name,
                                  suppress_ragged_eofs=False)
        self.addCleanup(one.close)
        return one

    def test_bytes_go_both_ways_and_the_endpoint_sees_them_in_the_clear(self):
        weir = self.secure([TcpServer(self)])
        data = os.urandom(3_000_000)
        one = self.dial(weir)
        sent = 0
        while sent < len(data):
            one.sendall(data[sent:sent + 100_000])
            self.assertEqual(read_exactly(one, 100_000), data[sent:sent + 100_000])
            sent += 100_000
        self.assertEqual(weir.metric("weir_tls_handshakes_total", listener="public", result="full"), 1)

    def test_each_end_is_told_to_the_other_side(self):
        ended = threading.Event()

        def answer(connection):
            connection.sendall(b"bye" + connection.recv(1))
            connection.shutdown(socket.SHUT_WR)
            if not connection.recv(1):
                ended.set()
        weir = self.secure([TcpServer(self, answer)])
        one = self.dial(weir)
        one.sendall(b"?")
        # With close_notify: else this would be an error here.
        self.assertEqual(read_all(one), b"bye?")
        self.assertFalse(ended.is_set())
        one.unwrap()
        self.assertTrue(ended.wait(10))

    def test_the_name_asked_for_chooses_certificate_and_rule(self):
        a, b = TcpServer(self, named("a")), TcpServer(self, named("b"))
        weir = self.weir({
            "listeners": {"public": {
                "protocol": "tls",
                "tls": {"certificates": [self.authority.issue("localhost"), self.authority.issue("b", "DNS:*.example")]},
                "rules": [{"match": {"host": "*.example"}, "forward": "two"}],
                "default": {"forward": "one"}}},
            "target_groups": {"one": {**TCP, "endpoints": [a.address]},
                              "two": {**TCP, "endpoints": [b.address]}}})
        for name, want in (("localhost", b"a\n"), ("model.example", b"b\n")):
            one = self.dial(weir, name)
            one.sendall(b"?")
            self.assertEqual(one.recv(10), want)
            self.assertEqual(dict(pair[0] for pair in one.getpeercert()["subject"])["commonName"],
                             "localhost" if want == b"a\n" else "b")

    def test_alpn_is_agreed_on_only_where_it_is_configured(self):
        weir = self.secure([TcpServer(self)])
        self.assertIsNone(self.dial(weir, alpn=("h2", "http/1.1")).selected_alpn_protocol())
        certificates = {"certificates": [self.authority.issue("localhost")], "alpn": ["h2"]}
        weir = self.secure([TcpServer(self)], listener={"tls": certificates})
        self.assertEqual(self.dial(weir, alpn=("http/1.1", "h2")).selected_alpn_protocol(), "h2")

    def test_a_client_without_certificate_is_refused_where_one_is_asked_for(self):
        certificates = {"certificates": [self.authority.issue("localhost")],
                        "mutual_authentication": {"mode": "verify", "ca": self.authority.ca}}
        weir = self.secure([TcpServer(self, named("a"))], listener={"tls": certificates})
        one = self.dial(weir, pair=self.authority.issue("client"))
        one.sendall(b"?")
        self.assertEqual(one.recv(10), b"a\n")
        with self.assertRaises((ssl.SSLError, ConnectionError)):
            other = self.dial(weir)
            other.sendall(b"?")
            if not other.recv(10):
                raise ConnectionError("closed")
        self.eventually(lambda: weir.metric("weir_proxy_l4_ended_total", end="refused") == 1)

    def test_what_is_no_tls_is_refused(self):
        weir = self.secure([TcpServer(self)])
        with socket.create_connection(weir.address(), 10) as one:
            one.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            with contextlib.suppress(ConnectionError):
                self.assertNotIn(b"HTTP", one.recv(100))
        self.eventually(lambda: weir.metric("weir_tls_handshake_failures_total", reason="not_tls") == 1)

    def test_endpoints_of_a_tls_group_are_spoken_to_over_tls(self):
        context = self.authority.server(self.authority.issue("e"))

        def serve(connection):
            with context.wrap_socket(connection, server_side=True) as inner:
                while piece := inner.recv(65536):
                    inner.sendall(piece.upper())
        server = TcpServer(self, serve)
        group = {"protocol": "tls", "tls": {"ca": self.authority.ca}}
        weir = self.secure([server], group=group)
        one = self.dial(weir)
        one.sendall(b"abc")
        self.assertEqual(one.recv(10), b"ABC")
        self.assertEqual(weir.metric("weir_tls_endpoint_handshakes_total", group="models", result="full"), 1)
        # And from a listener in the clear.
        weir = self.layer4([server], group=group)
        with socket.create_connection(weir.address(), 10) as clear:
            clear.sendall(b"abc")
            self.assertEqual(clear.recv(10), b"ABC")

    def test_an_endpoint_that_is_not_trusted_gets_nothing(self):
        strange = Authority(self, "somebody else")
        context, seen = strange.server(strange.issue("e")), []

        def serve(connection):
            with context.wrap_socket(connection, server_side=True) as inner:
                seen.append(inner.recv(100))
        path = self.log_path()
        weir = self.secure([TcpServer(self, serve)], access_log={"path": path},
                           group={"protocol": "tls", "tls": {"ca": self.authority.ca}, "retry": {"attempts": 1}})
        one = self.dial(weir)
        with self.assertRaises((ssl.SSLError, ConnectionError)):
            one.sendall(b"secret")
            if not one.recv(10):
                raise ConnectionError("closed")
        self.assertIn("is not trusted", self.records(weir, 1)[0])
        self.assertNotIn(b"secret", seen)

    def test_a_reload_and_a_new_certificate_leave_connections_alone(self):
        weir = self.secure([TcpServer(self)])
        old = self.dial(weir)
        old.sendall(b"1")
        self.assertEqual(old.recv(1), b"1")
        self.authority.issue("localhost")
        weir.reload()
        self.dial(weir).close()
        old.sendall(b"2")
        self.assertEqual(old.recv(1), b"2")
