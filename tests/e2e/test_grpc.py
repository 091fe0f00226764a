"""gRPC through weir: grpc-js as client and as server, and calls by hand."""
import json
import struct
import subprocess
import time

from weir_test import client, h2
from weir_test.case import PATIENCE, ROOT, limit
from weir_test.certificates import Authority
from weir_test.weir import WeirCase, free_port

HERE = ROOT / "tests" / "e2e" / "grpc"
MODULES = ROOT / "build" / "npm" / "tests" / "e2e" / "grpc" / "node_modules"
CALL = [(":method", "POST"), (":scheme", "http"), (":authority", "t"), (":path", "/test.Echo/Unary"),
        ("content-type", "application/grpc"), ("te", "trailers")]


def message(body):
    return b"\0" + struct.pack(">I", len(body)) + body


class Grpc(WeirCase):
    def setUp(self):
        super().setUp()
        subprocess.run([str(ROOT / "tools" / "npm_packages"), "tests/e2e/grpc"], check=True, timeout=120)
        self.environment = {"NODE_PATH": str(MODULES), "PATH": "/usr/local/bin:/usr/bin:/bin"}

    def service(self):
        port = free_port()
        server = subprocess.Popen(["node", str(HERE / "service.js"), str(port)], stdout=subprocess.PIPE,
                                  env=self.environment)
        self.addCleanup(server.stdout.close)
        self.addCleanup(server.wait)
        self.addCleanup(server.kill)
        self.assertEqual(server.stdout.readline(), b"ready\n")
        return f"127.0.0.1:{port}", server

    def grpc_proxy(self, address, listener=None, **group):
        return self.proxy(address, listener=listener, group={
            "protocol_version": "GRPC", "health_check": {"interval": "200ms", "timeout": "200ms"}, **group})

    def calls(self, proxied, *words, ca=None):
        environment = {**self.environment, **({"CA": ca} if ca else {})}
        out = subprocess.run(["node", str(HERE / "client.js"), "%s:%d" % proxied.address(), *words], capture_output=True,
                             text=True, env=environment, timeout=30 * PATIENCE)
        self.assertEqual(out.returncode, 0, out.stderr)
        return [json.loads(line) for line in out.stdout.splitlines()]


class Calls(Grpc):
    def assert_all_kinds_pass(self, proxied, ca=None):
        unary, big, collect, count, chat = self.calls(proxied, "unary:hello", "unary:x2000000", "collect:abc",
                                                      "count:30", "chat:x100", ca=ca)
        self.assertEqual((unary["messages"], unary["code"], unary["trailer"]), (["hello"], 0, "yes"))
        self.assertEqual((big["messages"], big["code"]), ([2000000], 0))
        self.assertEqual((collect["messages"], collect["code"]), (["abc" * 20], 0))
        self.assertEqual((count["messages"], count["code"], count["trailer"]), ([str(n) for n in range(30)], 0, "yes"))
        self.assertEqual((len(chat["messages"]), chat["code"]), (20, 0))

    @limit(150)
    def test_the_four_kinds_of_call(self):
        address, _ = self.service()
        self.assert_all_kinds_pass(self.grpc_proxy(address))

    @limit(150)
    def test_the_four_kinds_of_call_over_tls(self):
        authority = Authority(self)
        address, _ = self.service()
        proxied = self.grpc_proxy(address, listener={
            "protocol": "https", "tls": {"certificates": [authority.issue("localhost")]}})
        self.assert_all_kinds_pass(proxied, authority.ca)
        refused = self.calls(proxied, "unary:hello", ca=Authority(self, "somebody else").ca)
        self.assertEqual(refused[0]["code"], 14)

    @limit(150)
    def test_statuses_details_and_metadata_pass(self):
        address, _ = self.service()
        proxied = self.grpc_proxy(address, outlier={"enabled": False})
        failed, metadata = self.calls(proxied, "unary:fail 9", "unary:metadata")
        self.assertEqual((failed["code"], failed["details"]), (9, "as asked: 100% ü"))
        self.assertEqual(json.loads(metadata["messages"][0])["x-own"], "mine")

    @limit(150)
    def test_a_cancelled_call_is_cancelled_at_the_endpoint(self):
        address, _ = self.service()
        proxied = self.grpc_proxy(address)
        self.assertEqual(self.calls(proxied, "cancel:hang")[0]["code"], 1)
        self.eventually(lambda: json.loads(self.calls(proxied, "unary:seen")[0]["messages"][0])["cancelled"] == 1)

    @limit(150)
    def test_a_deadline_is_kept_and_the_endpoint_is_told(self):
        address, _ = self.service()
        proxied = self.grpc_proxy(address)
        self.assertEqual(self.calls(proxied, "unary:hang:300")[0]["code"], 4)
        self.eventually(lambda: json.loads(self.calls(proxied, "unary:seen")[0]["messages"][0])["cancelled"] == 1)

    @limit(150)
    def test_health_is_asked_of_the_service(self):
        address, server = self.service()
        proxied = self.grpc_proxy(address, outlier={"enabled": False})
        state = lambda: proxied.endpoints()[0]["state"]
        self.eventually(lambda: state() == "healthy")
        self.calls(proxied, "unary:unwell")
        self.eventually(lambda: state() == "unhealthy")
        self.calls(proxied, "unary:well")  # fails open: it is the only one
        self.eventually(lambda: state() == "healthy")
        server.kill()
        self.eventually(lambda: state() == "unhealthy")

    @limit(150)
    def test_health_of_one_service_and_codes(self):
        address, _ = self.service()
        for check, expected in (({"service": "test.Echo"}, "healthy"), ({"service": "other"}, "unhealthy"),
                                ({"service": "other", "grpc_codes": "5"}, "healthy"),
                                ({"path": "/AWS.ALB/healthcheck", "grpc_codes": "12"}, "healthy")):
            with self.subTest(check=check):
                proxied = self.grpc_proxy(address, health_check={"interval": "100ms", "timeout": "100ms", **check})
                self.eventually(lambda: proxied.endpoints()[0]["state"] == expected)


class ByHand(WeirCase):
    """What weir says itself, to a client that speaks gRPC."""

    def endpoint(self, respond):
        made = h2.Endpoint(h2.serve_all(respond))
        self.addCleanup(made.stop)
        return made

    def grpc_proxy(self, address, **group):
        return self.proxy(address, group={"protocol_version": "GRPC", "health_check": {"enabled": False}, **group})

    def call(self, proxied, *fields, body=message(b"x")):
        with h2.Connection.connect(proxied.address()) as one:
            one.request(1, CALL + list(fields), body=body)
            return one.answer(1)

    def test_an_error_of_weir_is_a_response_of_trailers_only(self):
        got = self.call(self.grpc_proxy(f"127.0.0.1:{free_port()}"))
        self.assertEqual((got.status, got.body, got.ended), (200, b"", True))
        self.assertEqual((got.head["content-type"], got.head["grpc-status"]), ("application/grpc", "14"))
        self.assertIn("refused the connection", got.head["grpc-message"])

    def test_a_full_waiting_room_is_unavailable(self):
        proxied = self.proxy([], group={"protocol_version": "GRPC"})
        self.assertEqual(self.call(proxied).head["grpc-status"], "14")

    def test_fixed_responses_speak_grpc_too(self):
        for status, code in ((404, "12"), (403, "7"), (401, "16"), (400, "13"), (500, "2")):
            proxied = self.proxy([], listener={"default": {"respond": {"status": status, "body": "no 100%\n"}}})
            got = self.call(proxied)
            self.assertEqual((got.head["grpc-status"], got.head["grpc-message"]), (code, "no 100%25"))

    def test_others_get_errors_of_http(self):
        proxied = self.grpc_proxy(f"127.0.0.1:{free_port()}")
        with h2.Connection.connect(proxied.address()) as one:
            one.request(1)
            self.assertEqual(one.answer(1).status, 502)

    def test_the_timeout_of_a_call_is_a_deadline(self):
        made = self.endpoint(lambda *_: None)  # never answers
        proxied = self.grpc_proxy(made.address)
        for timeout, seconds in (("300m", 0.3), ("1S", 1.0), ("200000u", 0.2)):
            began = time.monotonic()
            got = self.call(proxied, ("grpc-timeout", timeout))
            took = time.monotonic() - began
            self.assertEqual((got.status, got.head["grpc-status"]), (200, "4"))
            self.assertGreater(took, seconds * 0.9)
            self.assertLess(took, seconds + 1)

    def test_a_deadline_holds_in_the_waiting_room_too(self):
        made = self.endpoint(lambda *_: None)
        proxied = self.grpc_proxy(made.address, max_in_flight=1)
        with h2.Connection.connect(proxied.address()) as first:
            first.request(1, CALL, body=message(b"x"))
            self.eventually(lambda: proxied.target_group()["in_flight"] == 1)
            self.assertEqual(self.call(proxied, ("grpc-timeout", "200m")).head["grpc-status"], "4")

    def test_a_timeout_that_is_none_is_ignored(self):
        def respond(connection, stream, fields, body):
            connection.send(h2.frame(h2.HEADERS, h2.END_HEADERS | h2.END_STREAM, stream, h2.block(
                [(":status", "200"), ("content-type", "application/grpc"), ("grpc-status", "0")])))
        proxied = self.grpc_proxy(self.endpoint(respond).address)
        for bad in ("", "S", "1", "1x", "-1S", "123456789S", "1 S"):
            self.assertEqual(self.call(proxied, ("grpc-timeout", bad)).head["grpc-status"], "0", bad)

    def ejected_by(self, trailers_only, code):
        def respond(connection, stream, fields, body):
            status = [("grpc-status", str(code))]
            start = [(":status", "200"), ("content-type", "application/grpc")]
            if trailers_only:
                connection.send(h2.frame(h2.HEADERS, h2.END_HEADERS | h2.END_STREAM, stream, h2.block(start + status)))
            else:
                connection.send(h2.frame(h2.HEADERS, h2.END_HEADERS, stream, h2.block(start)),
                                h2.frame(h2.HEADERS, h2.END_HEADERS | h2.END_STREAM, stream, h2.block(status)))
        # Two, since the last one is never taken out.
        proxied = self.proxy([self.endpoint(respond).address, self.endpoint(respond).address], group={
            "protocol_version": "GRPC", "health_check": {"enabled": False}, "algorithm": "round_robin",
            "outlier": {"consecutive_failures": 3}})
        for _ in range(10):
            self.call(proxied)
        return proxied.metric("weir_proxy_ejections_total") > 0

    def test_a_status_of_a_failing_endpoint_ejects_it(self):
        self.assertTrue(self.ejected_by(True, 14))
        self.assertTrue(self.ejected_by(False, 13))

    def test_a_status_that_is_the_callers_own_does_not(self):
        self.assertFalse(self.ejected_by(True, 3))
        self.assertFalse(self.ejected_by(False, 5))

    def test_a_request_of_http1_is_no_grpc(self):
        answer = client.ask(self.grpc_proxy(f"127.0.0.1:{free_port()}").address(), "POST", "/",
                            [("Content-Type", "application/grpc")], b"x")
        self.assertEqual(answer.status, 502)
