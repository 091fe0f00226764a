"""Streams and tunnels: unbuffered events, WebSocket, cancellation, slow peers."""
import json
import socket
import threading
import time

from weir_test import client
from weir_test.case import limit
from weir_test.load import Load
from weir_test.weir import WeirCase


class Streams(WeirCase):
    serial = True

    def setUp(self):
        super().setUp()
        self.target = self.backend("b")
        self.proxied = self.proxy(self.target)
        self.address = self.proxied.address()

    def test_each_event_arrives_as_it_is_sent(self):
        with client.Client(self.address) as one:
            one.request("GET", "/sse?events=20&interval=50")
            answer = one.answer()
        late, at = [], 0
        events = [p for p in answer.pieces if p[1].startswith(b"id: ")]
        self.assertEqual(len(events), 20)
        for arrived, piece in events:
            data = json.loads(piece.split(b"data: ")[1].split(b"\n")[0])
            self.assertEqual(data["n"], at)
            at += 1
            late.append(arrived - data["t"])
        late.sort()
        self.assertLess(late[len(late) // 2], 0.005)
        self.assertLess(late[-1], 0.040, "an event was held back")

    def test_the_head_of_a_stream_does_not_wait_for_its_first_event(self):
        with client.Client(self.address) as one:
            began = time.monotonic()
            one.request("GET", "/slow-body?pieces=2&size=10&ms=500")
            self.assertEqual(one.head().status, 200)
            self.assertLess(time.monotonic() - began, 0.3)

    @limit(60)
    def test_many_streams_at_once_arrive_whole(self):
        load = Load(self.address, connections=10, streams=100, events=20, interval=100)
        result = load.run_for(4)
        self.assertEqual((result.failures, result.cut), ([], []), result.summary())
        self.assertGreaterEqual(result.streams_good, 100)

    def test_a_tunnel_answers_each_piece_at_once(self):
        with client.Client(self.address) as one:
            one.request("GET", "/raw", [("Connection", "Upgrade"), ("Upgrade", "websocket")])
            self.assertEqual(one.answer().status, 101)
            for n in range(50):
                one.send(b"%04d" % n)
                self.assertEqual(one.take(4), b"%04d" % n)


class WebSockets(WeirCase):
    def setUp(self):
        super().setUp()
        self.target = self.backend("b")
        self.proxied = self.proxy(self.target)
        self.address = self.proxied.address()

    def test_frames_of_all_sizes_come_back(self):
        ws = client.WebSocket(self.address)
        self.assertTrue(ws.accepted, ws.answer)
        self.assertEqual(ws.answer.header("upgrade").lower(), "websocket")
        for size in (0, 1, 125, 126, 65535, 65536, 300000):
            ws.send(b"z" * size)
            self.assertEqual(ws.receive(), (2, b"z" * size))
        ws.send(b"x", opcode=9)
        self.assertEqual(ws.receive(), (10, b"x"))
        ws.send(b"", opcode=8)
        self.assertEqual(ws.receive(), (8, b""))
        ws.close()

    def test_frames_sent_with_the_handshake_are_not_lost(self):
        with client.Client(self.address) as one:
            frame = b"\x82\x85\0\0\0\0hello"
            one.send(b"GET /ws HTTP/1.1\r\nHost: t\r\nUpgrade: websocket\r\n"
                     b"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                     b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n" + frame)
            self.assertEqual(one.answer().status, 101)
            self.assertEqual(one.take(7), b"\x82\x05hello")

    def test_a_refused_handshake_is_an_ordinary_answer(self):
        with client.Client(self.address) as one:
            answer = one.ask("GET", "/status/403", [
                ("Upgrade", "websocket"), ("Connection", "Upgrade"),
                ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="), ("Sec-WebSocket-Version", "13")])
            self.assertEqual(answer.status, 403)
            self.assertEqual(one.ask("GET", "/").status, 200)

    def test_the_end_of_either_side_ends_the_tunnel(self):
        ws = client.WebSocket(self.address)
        ws.close()
        self.eventually(lambda: self.target.requests[0].cancelled)
        ws = client.WebSocket(self.address)
        self.target.pause()
        self.assertTrue(ws.client.closed())

    def test_a_tunnel_that_the_endpoint_resets_is_reset_for_the_client_too(self):
        for path in ("/raw?reset=now", "/raw?reset=after"):
            with client.Client(self.address) as one:
                one.request("GET", path, [("Connection", "Upgrade"), ("Upgrade", "websocket")])
                self.assertEqual(one.answer().status, 101)
                if path.endswith("after"):
                    one.send(b"echo")
                    self.assertEqual(one.take(4), b"echo")
                    one.send(b"reset")
                one.sock.settimeout(5)
                with self.assertRaises(ConnectionResetError):
                    while one.sock.recv(100):
                        pass
                    self.fail("looks like a proper end")

    def test_a_half_closed_tunnel_still_delivers(self):
        with client.Client(self.address) as one:
            one.request("GET", "/raw", [("Connection", "Upgrade"), ("Upgrade", "websocket")])
            self.assertEqual(one.answer().status, 101)
            one.send(b"last words")
            one.sock.shutdown(socket.SHUT_WR)
            self.assertEqual(one.take(10), b"last words")
            self.assertTrue(one.closed())

    @limit(60)
    def test_many_tunnels_at_once(self):
        sockets = [client.WebSocket(self.address) for _ in range(100)]
        for n, ws in enumerate(sockets):
            ws.send(b"%d" % n)
        for n, ws in enumerate(sockets):
            self.assertEqual(ws.receive(), (2, b"%d" % n))
            ws.close()
        self.eventually(lambda: not self.target.server.busy)


class Cancellation(WeirCase):
    def setUp(self):
        super().setUp()
        self.target = self.backend("b")
        self.proxied = self.proxy(self.target)
        self.address = self.proxied.address()

    def cancelled(self, path, before_leaving=lambda one: None, leave=client.Client.close):
        one = client.Client(self.address)
        one.request("GET", path)
        self.eventually(lambda: self.target.requests)
        before_leaving(one)
        began = time.time()
        leave(one)
        at = self.eventually(lambda: self.target.requests[0].cancelled, within=3)
        one.close()
        self.assertLess(at - began, 1)

    def test_a_client_that_leaves_before_the_answer_cancels_upstream(self):
        self.cancelled("/hang")

    def test_a_client_that_leaves_in_mid_stream_cancels_upstream(self):
        self.cancelled("/sse?events=1000&interval=20", lambda one: one.take(300))

    def test_a_client_that_resets_cancels_upstream(self):
        import struct

        def reset(one):
            one.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            one.close()
        self.cancelled("/hang", leave=reset)

    def test_a_half_close_counts_as_gone_by_default(self):
        self.cancelled("/hang", leave=lambda one: one.sock.shutdown(socket.SHUT_WR))

    def test_a_half_closed_client_is_served_where_the_listener_says_so(self):
        weir = self.proxy(self.target, listener={"keep_half_closed": True})
        with client.Client(weir.address()) as one:
            one.request("GET", "/delay?ms=300")
            one.sock.shutdown(socket.SHUT_WR)
            self.assertEqual(one.answer().status, 200)


class SlowPeers(WeirCase):
    def test_a_slow_reader_gets_everything(self):
        weir = self.proxy(self.backend("b"))
        sock = socket.socket()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16384)
        sock.settimeout(10)
        sock.connect(weir.address())
        sock.sendall(b"GET /bytes?size=2000000 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        total = 0
        while data := sock.recv(65536):
            total += len(data)
            time.sleep(0.001)
        sock.close()
        self.assertGreater(total, 2000000)

    def test_slow_bodies_do_not_hold_up_others(self):
        weir = self.proxy(self.backend("b"))
        slow = [client.Client(weir.address()) for _ in range(50)]
        for one in slow:
            one.request("POST", "/upload", [("Content-Length", "100000")])
            one.send(b"x" * 10)
        began = time.monotonic()
        self.assertEqual(client.get(weir.address(), "/").status, 200)
        self.assertLess(time.monotonic() - began, 0.5)
        for one in slow:
            one.close()

    def test_a_head_that_takes_too_long_is_ended(self):
        weir = self.proxy(self.backend("b"), listener={"limits": {"header_time": "500ms"}})
        with client.Client(weir.address()) as one:
            one.send("GET / HTTP/1.1\r\nHost:")
            began = time.monotonic()
            try:
                self.assertEqual(one.answer().status, 408)
            except client.Broken:
                pass  # closed without a word
            self.assertTrue(one.closed())
            self.assertTrue(0.3 < time.monotonic() - began < 3, time.monotonic() - began)

    def test_bytes_now_and_then_do_not_stretch_the_header_time(self):
        weir = self.proxy(self.backend("b"), listener={"limits": {"header_time": "500ms"}})
        with client.Client(weir.address()) as one:
            began = time.monotonic()
            try:
                for byte in b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"a" * 100:
                    one.send(bytes([byte]))
                    time.sleep(0.1)
                    if not one.alive(0.001):
                        break
            except OSError:
                pass
            self.assertLess(time.monotonic() - began, 4)

    def test_an_idle_connection_is_closed_after_its_time(self):
        weir = self.proxy(self.backend("b"), listener={"limits": {"idle_time": "600ms"}})
        with client.Client(weir.address()) as one:
            self.assertEqual(one.ask("GET", "/").status, 200)
            self.assertTrue(one.alive(0.3))
            self.assertTrue(one.closed(3))

    def test_the_idle_time_does_not_cut_a_request(self):
        weir = self.proxy(self.backend("b"), listener={"limits": {"idle_time": "300ms"}})
        with client.Client(weir.address()) as one:
            self.assertEqual(one.ask("GET", "/delay?ms=1000").status, 200)

    def test_a_body_that_stands_still_is_ended(self):
        weir = self.proxy(self.backend("b"), listener={"limits": {"body_idle_time": "500ms"}})
        with client.Client(weir.address()) as one:
            one.request("POST", "/upload", [("Content-Length", "100")])
            one.send("half")
            try:
                self.assertEqual(one.answer().status, 408)
            except client.Broken:
                pass
            self.assertTrue(one.closed())

    def test_a_backend_that_never_answers_is_504(self):
        weir = self.proxy(self.backend("b"), group={
            "timeouts": {"response": "500ms"}, "retry": {"attempts": 1}})
        began = time.monotonic()
        self.assertEqual(client.get(weir.address(), "/hang").status, 504)
        self.assertLess(time.monotonic() - began, 3)

    def test_a_stream_that_stands_still_is_broken_off(self):
        weir = self.proxy(self.backend("b"), group={"timeouts": {"idle": "300ms"}})
        with client.Client(weir.address()) as one:
            one.request("GET", "/slow-body?pieces=2&ms=2000")
            with self.assertRaises(client.Broken):
                one.answer()

    def test_a_backend_that_accepts_no_connection_is_left_after_the_connect_time(self):
        full = socket.socket()
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        fill = [socket.socket() for _ in range(3)]
        for sock in fill:
            sock.setblocking(False)
            try:
                sock.connect(full.getsockname())
            except BlockingIOError:
                pass
        weir = self.proxy(f"127.0.0.1:{full.getsockname()[1]}", group={
            "health_check": {"enabled": False}, "timeouts": {"connect": "300ms"},
            "retry": {"attempts": 1}})
        began = time.monotonic()
        self.assertIn(client.get(weir.address(), "/").status, (502, 503, 504))
        self.assertLess(time.monotonic() - began, 3)
        for sock in [*fill, full]:
            sock.close()


class Limits(WeirCase):
    def proxy_with(self, **limits):
        self.target = self.backend("b")
        return self.proxy(self.target, listener={"limits": limits})

    def test_a_head_above_the_limit_is_431(self):
        weir = self.proxy_with(head="4KiB")
        with client.Client(weir.address()) as one:
            self.assertEqual(one.ask("GET", "/", [("X", "a" * 3000)]).status, 200)
            self.assertEqual(one.ask("GET", "/", [("X", "a" * 5000)]).status, 431)
            self.assertTrue(one.closed())

    def test_more_headers_than_the_limit_are_431(self):
        weir = self.proxy_with(headers=20)
        self.assertEqual(client.get(weir.address(), "/", [("X", "a")] * 15).status, 200)
        self.assertEqual(client.get(weir.address(), "/", [("X", "a")] * 25).status, 431)

    def test_a_declared_body_above_the_limit_is_413_at_once(self):
        weir = self.proxy_with(body="1KiB")
        with client.Client(weir.address()) as one:
            self.assertEqual(one.ask("POST", "/upload", body=b"x" * 1024).status, 200)
            one.request("POST", "/upload", [("Content-Length", "1025")])
            self.assertEqual(one.answer().status, 413)
            self.assertTrue(one.closed())
        self.assertEqual(len(self.target.requests), 1)

    def test_a_chunked_body_above_the_limit_is_413_and_never_completes(self):
        weir = self.proxy_with(body="1KiB")
        with client.Client(weir.address()) as one:
            one.request("POST", "/upload", [("Transfer-Encoding", "chunked")])
            one.send("400\r\n" + "x" * 1024 + "\r\n1\r\nx\r\n0\r\n\r\n")
            self.assertEqual(one.answer().status, 413)
            self.assertTrue(one.closed())
        self.assertEqual([r for r in self.target.requests if r.complete], [])

    def test_connections_above_the_limit_are_not_served(self):
        weir = self.proxy_with(connections=5)
        kept = [client.Client(weir.address()) for _ in range(5)]
        for one in kept:
            self.assertEqual(one.ask("GET", "/").status, 200)
        with client.Client(weir.address(), 1) as extra:
            try:
                extra.request("GET", "/")
                self.assertIn(extra.answer().status, (503,))
            except (client.Broken, OSError):
                pass
        for one in kept:
            self.assertEqual(one.ask("GET", "/").status, 200)
            one.close()
        self.eventually(lambda: client.get(weir.address(), "/").status == 200)

    def test_running_out_of_descriptors_passes(self):
        """EMFILE: those above wait or are refused; afterwards all is well."""
        import resource
        weir = self.proxy_with()
        resource.prlimit(weir.pid, resource.RLIMIT_NOFILE, (120, 120))
        many = []
        for _ in range(200):
            try:
                many.append(client.Client(weir.address(), 1))
            except OSError:
                break
        time.sleep(0.3)
        for one in many:
            one.close()
        self.eventually(lambda: client.get(weir.address(), "/").status == 200)
        self.assertIsNone(weir.process.poll())


class Parallel(WeirCase):
    def test_requests_of_many_threads_do_not_mix(self):
        weir = self.proxy([self.backend("a"), self.backend("b")])
        wrong = []

        def worker(n):
            with client.Client(weir.address()) as one:
                for i in range(50):
                    body = f"{n}-{i}".encode() * (1 + i * 37)
                    answer = one.ask("POST", f"/echo?{n}-{i}", [("X-N", str(n))], body)
                    got = answer.json()
                    if got["target"] != f"/echo?{n}-{i}" or got["body"].encode() != body[:65536]:
                        wrong.append((n, i))
        threads = [threading.Thread(target=worker, args=(n,)) for n in range(10)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(wrong, [])
