"""HTTP/1.1 through weir: methods, bodies, framing, connections, headers."""
import hashlib
import socket
import threading
import time

from weir_test import client
from weir_test.backend_routes import PATTERN
from weir_test.case import limit
from weir_test.weir import WeirCase, free_port

MIB = 1 << 20


class Proxied(WeirCase):
    """One weir in front of one backend; subclasses are themes."""

    def setUp(self):
        super().setUp()
        self.target = self.backend("b")
        self.proxied = self.proxy(self.target)
        self.address = self.proxied.address()

    def ask(self, method, target, headers=(), body=None, **more):
        return client.ask(self.address, method, target, headers, body, **more)


class Methods(Proxied):
    def test_each_method_arrives_as_it_was_sent(self):
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"):
            with self.subTest(method):
                got = self.ask(method, "/echo?a=b%20c&d", [("X-A", "1")], b"body").json()
                self.assertEqual((got["method"], got["target"], got["body"]),
                                 (method, "/echo?a=b%20c&d", "body"))

    def test_head_is_answered_without_a_body(self):
        with client.Client(self.address) as one:
            for _ in range(2):
                answer = one.ask("HEAD", "/")
                self.assertEqual((answer.status, answer.body), (200, b""))
                self.assertEqual(answer.header("content-length"), "2")
            self.assertEqual(one.ask("GET", "/").body, b"b\n")

    def test_204_and_304_have_no_body_and_the_connection_goes_on(self):
        with client.Client(self.address) as one:
            for code in (204, 304, 200, 404, 304):
                self.assertEqual(one.ask("GET", f"/status/{code}").status, code)
            self.assertEqual(one.ask("GET", "/").body, b"b\n")

    def test_each_status_arrives(self):
        with client.Client(self.address) as one:
            for code in (200, 201, 206, 301, 400, 401, 404, 409, 418, 422, 429):
                self.assertEqual(one.ask("GET", f"/status/{code}").status, code)

    def test_options_star_reaches_the_backend(self):
        self.assertEqual(self.ask("OPTIONS", "*").status, 200)
        self.assertEqual(self.target.requests[0].target, "*")


class Bodies(Proxied):
    def test_chunked_requests_arrive_with_their_trailers(self):
        with client.Client(self.address) as one:
            one.request("POST", "/echo", [("Transfer-Encoding", "chunked"), ("Trailer", "X-T")])
            one.send("5\r\nhello\r\n6;ext=1\r\n world\r\n0\r\nX-T: done\r\n\r\n")
            got = one.answer().json()
        self.assertEqual((got["body"], got["trailers"]), ("hello world", [["X-T", "done"]]))

    def test_chunked_answers_arrive_with_their_trailers(self):
        answer = self.ask("GET", "/chunked?n=4&size=1000", [("TE", "trailers")])
        self.assertEqual(answer.framing, "chunked")
        trailers = {k.lower(): v for k, v in answer.trailers}
        self.assertEqual(trailers, {"x-sha256": hashlib.sha256(answer.body).hexdigest(),
                                    "x-done": "yes"})

    def test_an_answer_without_a_length_ends_with_its_connection(self):
        answer = self.ask("GET", "/sse?events=3&interval=10&end=close")
        self.assertIn(b"event: end", answer.body)
        self.assertIn(answer.framing, ("chunked", "close"))

    def test_a_chunked_request_is_forwarded_before_it_is_complete(self):
        with client.Client(self.address) as one:
            one.request("POST", "/upload", [("Transfer-Encoding", "chunked")])
            one.send("5\r\nhello\r\n")
            self.eventually(lambda: self.target.requests and self.target.requests[0].size == 5)
            one.send("5\r\nworld\r\n0\r\n\r\n")
            self.assertEqual(one.answer().json()["size"], 10)

    @limit(120)
    def test_a_hundred_mebibytes_arrive_whole_in_both_directions(self):
        size = 100 * MIB
        block = PATTERN * 16
        want = hashlib.sha256()
        for _ in range(size // len(block)):
            want.update(block)
        with client.Client(self.address, 60) as one:
            one.request("POST", "/upload", [("Content-Length", str(size))])
            for _ in range(size // len(block)):
                one.send(block)
            got = one.answer().json()
        self.assertEqual(got, {"size": size, "sha256": want.hexdigest()})
        for suffix in ("", "&chunked=1"):
            sha, count = hashlib.sha256(), 0
            with client.Client(self.address, 60) as one:
                one.request("GET", f"/bytes?size={size}{suffix}")
                answer = one.head()
                answer.body = None
                one._piece = lambda _, piece, sha=sha: sha.update(piece)
                one.body(answer)
            self.assertEqual(sha.hexdigest(), want.hexdigest(), suffix)

    @limit(120)
    def test_a_long_answer_to_a_slow_client_does_not_pile_up_in_memory(self):
        from weir_test import processes
        before = processes.resident(self.proxied.pid)
        sock = socket.socket()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 32768)
        sock.connect(self.address)
        sock.sendall(b"GET /bytes?size=200000000 HTTP/1.1\r\nHost: test\r\n\r\n")
        time.sleep(1.5)
        grown = processes.resident(self.proxied.pid) - before
        sock.close()
        self.assertLess(grown, 16 * MIB)

    @limit(60)
    def test_a_long_upload_to_a_slow_backend_does_not_pile_up_in_memory(self):
        from weir_test import processes
        before = processes.resident(self.proxied.pid)
        with client.Client(self.address, 1) as one:
            one.request("POST", "/upload?ms=50", [("Content-Length", str(200 * MIB))])
            end = time.monotonic() + 2
            try:
                while time.monotonic() < end:
                    one.send(PATTERN)
            except TimeoutError:
                pass  # weir stopped reading, as it should
            self.assertLess(processes.resident(self.proxied.pid) - before, 24 * MIB)


class Continue(Proxied):
    def test_a_body_waits_for_100_continue(self):
        with client.Client(self.address) as one:
            one.request("POST", "/continue?ms=100", [("Expect", "100-continue"),
                                                     ("Content-Length", "5")])
            self.assertEqual(one.head().status, 100)
            one.send("hello")
            self.assertEqual(one.answer().json()["body"], "hello")
            self.assertEqual(one.ask("GET", "/").status, 200)

    def test_a_client_that_does_not_wait_is_served_too(self):
        answer = self.ask("POST", "/continue?ms=50", [("Expect", "100-continue")], b"hello")
        self.assertEqual((answer.status, answer.json()["body"]), (200, "hello"))

    def test_a_final_answer_in_place_of_100_is_passed_on(self):
        with client.Client(self.address) as one:
            one.request("POST", "/continue?final=417&ms=50",
                        [("Expect", "100-continue"), ("Content-Length", "5")])
            answer = one.answer()
            self.assertEqual(answer.status, 417)

    def test_early_hints_are_passed_on(self):
        answer = self.ask("GET", "/hints")
        self.assertEqual(([i.status for i in answer.interim], answer.status), ([103], 200))
        self.assertEqual(answer.interim[0].header("link"), "</a.css>; rel=preload")

    def test_an_http_1_0_client_sees_no_interim_answer(self):
        answer = self.ask("GET", "/hints", version="HTTP/1.0")
        self.assertEqual((answer.interim, answer.status), ([], 200))


class EarlyAnswers(Proxied):
    @limit(60)
    def test_an_answer_during_the_upload_arrives(self):
        for suffix in ("", "&close=1"):
            with self.subTest(suffix), client.Client(self.address) as one:
                one.request("POST", f"/early?status=413{suffix}",
                            [("Content-Length", str(50 * MIB))])
                try:
                    for _ in range(50):
                        one.send(b"x" * 65536)
                except OSError:
                    pass
                self.assertEqual(one.answer().status, 413)

    def test_after_an_early_answer_and_the_whole_body_the_connection_is_in_step(self):
        with client.Client(self.address) as one:
            one.request("POST", "/early?status=200", [("Content-Length", "300000")])
            self.assertEqual(one.answer().status, 200)
            try:
                one.send(b"x" * 300000 + b"GET /echo?second HTTP/1.1\r\nHost: test\r\n\r\n")
                second = one.answer()
                self.assertEqual(second.json()["target"], "/echo?second")
            except (OSError, client.Broken):
                pass  # to close after an early answer is right too; to get out of step is not
        self.assertEqual(self.target.server.malformed, [])


class Connections(Proxied):
    def test_a_connection_serves_many_requests(self):
        with client.Client(self.address) as one:
            for n in range(200):
                self.assertEqual(one.ask("GET", f"/echo?{n}").json()["target"], f"/echo?{n}")

    def test_backend_connections_are_reused(self):
        with client.Client(self.address) as one:
            for _ in range(50):
                one.ask("GET", "/")
        connections = {r.connection.number for r in self.target.requests}
        self.assertLessEqual(len(connections), 3)

    def test_pipelined_requests_are_answered_in_order(self):
        with client.Client(self.address) as one:
            for n in range(20):
                one.request("POST" if n % 2 else "GET",
                            f"/echo?n={n}" if n % 3 else f"/delay?ms=20&n={n}",
                            body=b"x" * n if n % 2 else None)
            for n in range(20):
                answer = one.answer()
                self.assertEqual(answer.status, 200)
                if n % 3:
                    self.assertEqual(answer.json()["target"], f"/echo?n={n}")
                    self.assertEqual(answer.json()["size"], n if n % 2 else 0)

    def test_a_request_in_single_bytes_is_served(self):
        raw = b"POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 5\r\n\r\nhello"
        with client.Client(self.address) as one:
            for byte in raw:
                one.send(bytes([byte]))
            self.assertEqual(one.answer().json()["body"], "hello")

    def test_connection_close_is_honoured(self):
        with client.Client(self.address) as one:
            answer = one.ask("GET", "/", [("Connection", "close")])
            self.assertEqual(answer.header("connection"), "close")
            self.assertTrue(one.closed())

    def test_an_http_1_0_client_is_served_and_its_connection_closed(self):
        for target in ("/", "/chunked?n=3&size=10", "/bytes?size=100000"):
            with self.subTest(target), client.Client(self.address) as one:
                one.request("GET", target, version="HTTP/1.0")
                answer = one.answer()
                self.assertEqual(answer.status, 200)
                self.assertNotEqual(answer.framing, "chunked")
                self.assertTrue(one.closed())

    def test_an_http_1_0_client_without_a_host_is_served(self):
        with client.Client(self.address) as one:
            one.request("GET", "/", version="HTTP/1.0", host=None)
            self.assertEqual(one.answer().status, 200)

    def test_an_http_1_0_client_may_keep_its_connection(self):
        with client.Client(self.address) as one:
            one.request("GET", "/", [("Connection", "keep-alive")], version="HTTP/1.0")
            answer = one.answer()
            if (answer.header("connection") or "").lower() == "keep-alive":
                one.request("GET", "/", [("Connection", "keep-alive")], version="HTTP/1.0")
                self.assertEqual(one.answer().status, 200)
            else:
                self.assertTrue(one.closed())

    def test_an_idle_backend_connection_that_closed_is_no_failure(self):
        with client.Client(self.address) as one:
            for _ in range(20):
                self.assertEqual(one.ask("POST", "/echo", body=b"x").status, 200)

                async def drop():
                    for connection in self.target.server.connections:
                        connection.writer.transport.abort()
                self.target.call(drop())

    def test_a_storm_of_connections_is_served(self):
        failures = []

        def storm():
            for _ in range(100):
                try:
                    if client.get(self.address, "/").status != 200:
                        failures.append("status")
                except (OSError, client.Broken) as error:
                    failures.append(repr(error))
        threads = [threading.Thread(target=storm) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(failures, [])

    def test_connections_that_close_at_once_leave_nothing_behind(self):
        from weir_test import processes
        before = len(processes.descriptors(self.proxied.pid))
        for n in range(300):
            one = client.Client(self.address)
            if n % 3 == 1:
                one.send("GET / HT")
            if n % 3 == 2:
                one.send("POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc")
            one.close()
        self.eventually(lambda: len(processes.descriptors(self.proxied.pid)) <= before + 8)


class Headers(Proxied):
    def echoed(self, *headers, **more):
        got = self.ask("GET", "/echo", headers, **more).json()
        return {k.lower(): v for k, v in got["headers"]}, [k.lower() for k, _ in got["headers"]]

    def test_hop_by_hop_headers_of_a_request_stay_here(self):
        got, _ = self.echoed(("Connection", "close, X-Mine"), ("X-Mine", "1"),
                             ("Keep-Alive", "timeout=1"), ("Proxy-Connection", "keep-alive"),
                             ("Proxy-Authorization", "Basic eDp5"), ("TE", "gzip"),
                             ("Upgrade", "foo/2"), ("X-Other", "2"))
        for name in ("x-mine", "keep-alive", "proxy-connection", "upgrade"):
            self.assertNotIn(name, got)
        self.assertNotIn("x-mine", got.get("connection", ""))
        self.assertNotEqual(got.get("te"), "gzip")
        self.assertEqual(got["x-other"], "2")

    def test_hop_by_hop_headers_of_an_answer_stay_there(self):
        answer = self.ask("GET", "/hop")
        for name in ("x-drop-me", "keep-alive"):
            self.assertIsNone(answer.header(name))
        self.assertNotIn("x-drop-me", (answer.header("connection") or "").lower())
        self.assertEqual(answer.header("x-keep-me"), "1")
        self.assertEqual(answer.all("set-cookie"), ["a=1", "b=2"])

    def test_the_request_tells_where_it_came_from(self):
        got, _ = self.echoed(host="api.test")
        self.assertEqual(got["host"], "api.test")
        self.assertEqual(got["x-forwarded-for"], "127.0.0.1")
        self.assertEqual(got["x-forwarded-proto"], "http")
        self.assertEqual(got["x-forwarded-port"], str(self.address[1]))
        self.assertIn("1.1", got["via"])
        self.assertTrue(got["x-request-id"])
        version, trace, span, flags = got["traceparent"].split("-")
        self.assertEqual((version, len(trace), len(span), len(flags)), ("00", 32, 16, 2))
        self.assertNotEqual(int(trace, 16) * int(span, 16), 0)

    def test_what_earlier_proxies_said_is_extended(self):
        trace = "0af7651916cd43dd8448eb211c80319c"
        got, names = self.echoed(("X-Forwarded-For", "10.1.2.3"), ("Via", "1.0 first"),
                                 ("X-Request-Id", "mine-1"),
                                 ("traceparent", f"00-{trace}-b7ad6b7169203331-01"))
        self.assertEqual(got["x-forwarded-for"].replace(" ", ""), "10.1.2.3,127.0.0.1")
        self.assertEqual(got["x-request-id"], "mine-1")
        self.assertEqual(got["traceparent"].split("-")[1], trace)
        self.assertEqual(names.count("x-request-id"), 1)
        self.assertEqual(names.count("traceparent"), 1)

    def test_request_ids_differ(self):
        ids = {self.echoed()[0]["x-request-id"] for _ in range(20)}
        self.assertEqual(len(ids), 20)

    def test_the_answer_names_the_proxy(self):
        self.assertIn("1.1", self.ask("GET", "/").header("via") or "")

    def test_the_order_and_case_of_other_headers_stay(self):
        got = self.ask("GET", "/echo", [("X-b", "1"), ("X-A", "2"), ("X-b", "3")]).json()
        self.assertEqual([h for h in got["headers"] if h[0].lower().startswith("x-a")
                          or h[0].lower() == "x-b"],
                         [["X-b", "1"], ["X-A", "2"], ["X-b", "3"]])

    def test_large_answer_heads_pass(self):
        answer = self.ask("GET", "/headers?count=50&size=200")
        self.assertEqual(len(answer.header("x-h49")), 200)


class Addresses(WeirCase):
    def test_a_unix_socket_listens(self):
        weir = self.weir({
            "listeners": {"public": {"bind": f"unix:/tmp/weir-e2e-{free_port()}.sock",
                                     "default": {"forward": "models"}}},
            "target_groups": {"models": {"endpoints": [{"address": self.backend("b").address}]}}})
        self.assertEqual(client.get(weir.address(), "/").body, b"b\n")

    def test_a_unix_socket_is_an_endpoint(self):
        path = f"/tmp/weir-e2e-{free_port()}.sock"
        weir = self.proxy(self.backend("u", unix=path))
        self.assertEqual(client.get(weir.address(), "/").body, b"u\n")

    def test_ipv6_on_both_sides(self):
        target = self.backend("six", host="::1")
        weir = self.proxy(target, listener={"bind": f"[::1]:{free_port('::1')}"})
        got = client.get(weir.address(), "/echo").json()
        self.assertEqual(got["name"], "six")
        self.assertIn("::1", dict((k.lower(), v) for k, v in got["headers"])["x-forwarded-for"])

    def test_several_binds_of_one_listener(self):
        ports = [free_port(), free_port()]
        weir = self.proxy(self.backend("b"),
                          listener={"bind": [f"127.0.0.1:{p}" for p in ports]})
        for port in ports:
            self.assertEqual(client.get(("127.0.0.1", port), "/").status, 200)
        self.assertTrue(weir.ready())

    def test_a_host_name_is_resolved(self):
        target = self.backend("b")
        weir = self.proxy(f"localhost:{target.port}")
        self.eventually(lambda: client.get(weir.address(), "/").status == 200)

    def test_a_name_that_does_not_resolve_is_503_or_502_and_harms_nothing(self):
        target = self.backend("b")
        weir = self.proxy([target, "no-such-host.invalid:80"])
        statuses = {client.get(weir.address(), "/").status for _ in range(10)}
        self.assertEqual(statuses, {200})

    def test_no_backend_listening_is_502_or_503_soon(self):
        weir = self.proxy(f"127.0.0.1:{free_port()}", group={"health_check": {"enabled": False}})
        began = time.monotonic()
        answer = client.get(weir.address(), "/")
        self.assertIn(answer.status, (502, 503))
        self.assertLess(time.monotonic() - began, 3)

    def test_a_wrk_run_has_no_errors(self):
        import subprocess
        weir = self.proxy([self.backend("a"), self.backend("b")])
        url = "http://%s:%d/" % weir.address()
        out = subprocess.run(["wrk", "-t1", "-c32", "-d2s", url], capture_output=True, text=True)
        self.assertNotIn("Socket errors", out.stdout)
        self.assertNotIn("Non-2xx", out.stdout)
        self.assertIn("Requests/sec", out.stdout)

    def test_curl_and_h2load_agree_with_us(self):
        import subprocess
        weir = self.proxy(self.backend("b"))
        url = "http://%s:%d" % weir.address()
        out = subprocess.run(["curl", "-sS", "-i", "-H", "Expect:", "-T", "-", url + "/echo"],
                             input="hello", capture_output=True, text=True)
        self.assertIn("200", out.stdout.split("\n")[0])
        self.assertIn('"body": "hello"', out.stdout)
        out = subprocess.run(["h2load", "--h1", "-n500", "-c10", url + "/"], capture_output=True,
                             text=True)
        self.assertIn("500 succeeded, 0 failed, 0 errored, 0 timeout", out.stdout)
