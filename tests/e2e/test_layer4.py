"""Layer 4: connections forwarded as they are, TLS by server name, datagrams."""
import json
import os
import signal
import socket
import ssl
import struct
import subprocess
import threading
import time

from weir_test import client
from weir_test.case import limit
from weir_test.weir import WeirCase, free_port, replica

TCP = {"protocol": "tcp", "health_check": {"interval": "1s", "timeout": "1s"}}


class TcpServer:
    """Accepts, and lets a function of the test serve each connection on a thread of its own."""

    def __init__(self, case, serve=None, address=("127.0.0.1", 0), family=socket.AF_INET):
        self.socket = socket.socket(family)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(address)
        self.socket.listen(512)
        self.serve = serve or echo
        self.peers = []  # addresses of all that connected
        self.seen = 0
        case.addCleanup(self.close)
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def port(self):
        return self.socket.getsockname()[1]

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    def close(self):
        try:
            self.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.socket.close()

    def _accept(self):
        while True:
            try:
                connection, peer = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self._one, args=(connection, peer), daemon=True).start()

    def _one(self, connection, peer):
        with connection:
            connection.settimeout(60)
            try:
                first = connection.recv(1, socket.MSG_PEEK)
                if first:  # else a health check
                    self.peers.append(peer)
                self.serve(connection)
            except OSError:
                pass


def echo(connection):
    while piece := connection.recv(65536):
        connection.sendall(piece)


def named(name):
    """Answers each line with its own name."""
    def serve(connection):
        while connection.recv(65536):
            connection.sendall(name.encode() + b"\n")
    return serve


def read_all(connection):
    out = b""
    while piece := connection.recv(65536):
        out += piece
    return out


def read_exactly(connection, count):
    out = b""
    while len(out) < count:
        piece = connection.recv(count - len(out))
        if not piece:
            break
        out += piece
    return out


def dial(weir, listener="public", timeout=10):
    connection = socket.create_connection(weir.address(listener), timeout)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


class Layer4Case(WeirCase):
    def layer4(self, servers, listener=None, group=None, **top):
        return self.proxy([s if isinstance(s, str) else s.address for s in servers],
                          listener={"protocol": "tcp", **(listener or {})},
                          group={**TCP, **(group or {})}, **top)

    def records(self, weir, count):
        path = weir.config["access_log"]["path"]

        def lines():
            with open(path) as file:
                found = [line for line in file.read().splitlines() if line]
            return found if len(found) >= count else None
        return self.eventually(lines, what="access records")

    def log_path(self):
        path = str(self.folder / f"access-{time.time_ns()}.log")
        return path


class Tcp(Layer4Case):
    def test_bytes_go_both_ways_unchanged(self):
        weir = self.layer4([TcpServer(self)])
        data = os.urandom(3_000_000)
        with dial(weir) as one:
            sender = threading.Thread(target=lambda: (one.sendall(data),
                                                      one.shutdown(socket.SHUT_WR)))
            sender.start()
            self.assertEqual(read_all(one), data)
            sender.join()
        self.eventually(lambda: weir.metric("weir_proxy_l4_ended_total", end="proper") == 1)
        self.assertEqual(weir.metric("weir_proxy_request_bytes_total", group="models"), len(data))
        self.assertEqual(weir.metric("weir_proxy_response_bytes_total", group="models"), len(data))
        self.assertEqual(weir.metric("weir_proxy_connections_total", listener="public"), 1)

    def test_each_side_ends_on_its_own(self):
        """Half-close: the answer comes after the client has ended, and the other way round."""
        def after_the_end(connection):
            got = read_all(connection)
            connection.sendall(b"%d bytes" % len(got))

        def speaks_first(connection):
            connection.recv(2)
            connection.sendall(b"bye")
            connection.shutdown(socket.SHUT_WR)
            self.late.append(read_all(connection))

        self.late = []
        for serve, want in ((after_the_end, b"7 bytes"), (speaks_first, b"bye")):
            weir = self.layer4([TcpServer(self, serve)])
            with dial(weir) as one:
                if serve is after_the_end:
                    one.sendall(b"request")
                    one.shutdown(socket.SHUT_WR)
                    self.assertEqual(read_all(one), want)
                else:
                    one.sendall(b"hi")
                    self.assertEqual(read_all(one), want)
                    one.sendall(b"still here")
                    one.shutdown(socket.SHUT_WR)
                    self.eventually(lambda: self.late == [b"still here"])

    def test_a_slow_reader_slows_the_sender_and_nothing_is_buffered_without_bound(self):
        def flood(connection):
            connection.recv(1)
            for _ in range(2000):
                connection.sendall(b"x" * 65536)
        weir = self.layer4([TcpServer(self, flood)])
        with dial(weir) as one:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
            one.sendall(b"g")
            time.sleep(1)
            passed = weir.metric("weir_proxy_response_bytes_total")
            with open(f"/proc/{weir.pid}/status") as file:
                resident = next(int(line.split()[1]) for line in file if line.startswith("VmRSS"))
            self.assertLess(passed, 60_000_000)
            self.assertLess(resident, 120_000)

    def test_a_reset_reaches_the_other_side(self):
        def reset(connection):
            connection.recv(2)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        weir = self.layer4([TcpServer(self, reset)])
        with dial(weir) as one:
            one.sendall(b"hi")
            with self.assertRaises(ConnectionResetError):
                while True:
                    if not one.recv(100):
                        self.fail("ended as if all were well")
        self.eventually(lambda: weir.metric("weir_proxy_l4_ended_total", end="endpoint") == 1)

    def test_silence_ends_after_tcp_idle_and_movement_keeps_it(self):
        weir = self.layer4([TcpServer(self)], listener={"limits": {"tcp_idle": "600ms"}})
        with dial(weir) as one:
            for _ in range(5):
                time.sleep(0.3)
                one.sendall(b"a")
                self.assertEqual(one.recv(1), b"a")
            began = time.monotonic()
            with self.assertRaises(ConnectionResetError):
                if not one.recv(1):
                    self.fail("ended as if all were well")
            self.assertGreater(time.monotonic() - began, 0.5)
        self.eventually(lambda: weir.metric("weir_proxy_l4_ended_total", end="idle") == 1)

    def test_an_endpoint_that_refuses_is_passed_over_and_ejected(self):
        dead = f"127.0.0.1:{free_port()}"
        weir = self.layer4([dead, TcpServer(self, named("good")).address],
                           group={"health_check": {"enabled": False}, "algorithm": "round_robin",
                                  "outlier": {"consecutive_failures": 3}})
        for _ in range(20):
            with dial(weir) as one:
                one.sendall(b"?")
                self.assertEqual(one.recv(100), b"good\n")
        self.assertEqual(weir.metric("weir_proxy_ejections_total", group="models"), 1)
        self.assertGreaterEqual(weir.metric("weir_proxy_retries_total", cause="connect"), 3)

    def test_without_an_endpoint_that_accepts_the_client_sees_a_reset(self):
        weir = self.layer4([f"127.0.0.1:{free_port()}"],
                           group={"health_check": {"enabled": False}})
        with dial(weir) as one:
            with self.assertRaises(ConnectionResetError):
                one.sendall(b"x")
                if not one.recv(1):
                    self.fail("ended as if all were well")
        self.eventually(lambda: weir.metric("weir_proxy_l4_ended_total", end="rejected") == 1)

    def test_connections_are_in_flight_and_wait_in_line_above_the_bound(self):
        weir = self.layer4([TcpServer(self, named("a"))], group={"max_in_flight": 2})
        held = [dial(weir) for _ in range(2)]
        for one in held:
            one.sendall(b"?")
            self.assertEqual(one.recv(10), b"a\n")
        self.assertEqual(weir.endpoints()[0]["in_flight"], 2)
        third = dial(weir)
        third.sendall(b"?")
        self.eventually(lambda: weir.metric("weir_group_waiting", group="models") == 1)
        third.settimeout(0.3)
        with self.assertRaises(TimeoutError):
            third.recv(10)
        held.pop().close()
        third.settimeout(10)
        self.assertEqual(third.recv(10), b"a\n")
        for one in (*held, third):
            one.close()
        self.eventually(lambda: weir.endpoints()[0]["in_flight"] == 0)

    def test_a_full_line_and_a_long_wait_end_in_a_reset(self):
        weir = self.layer4([TcpServer(self, named("a"))],
                           group={"max_in_flight": 1, "queue": {"length": 1, "timeout": "1s"}})
        first = dial(weir)
        first.sendall(b"?")
        self.assertEqual(first.recv(10), b"a\n")
        second = dial(weir)
        self.eventually(lambda: weir.metric("weir_group_waiting", group="models") == 1)
        with dial(weir) as third:
            with self.assertRaises(ConnectionResetError):
                if not third.recv(1):
                    self.fail("ended as if all were well")
        with self.assertRaises(ConnectionResetError):
            if not second.recv(1):
                self.fail("ended as if all were well")
        first.close()
        second.close()
        self.assertEqual(weir.metric("weir_proxy_rejected_total", cause="full"), 1)
        self.assertEqual(weir.metric("weir_proxy_rejected_total", cause="timeout"), 1)

    def test_least_request_spreads_connections(self):
        servers = [TcpServer(self, named(n)) for n in "ab"]
        weir = self.layer4(servers, group={"algorithm": "least_request"})
        held = [dial(weir) for _ in range(10)]
        names = []
        for one in held:
            one.sendall(b"?")
            names.append(one.recv(10))
        self.assertEqual(names.count(b"a\n"), 5)
        for one in held:
            one.close()

    def test_a_flow_hash_of_the_source_keeps_a_client_where_it_is(self):
        servers = [TcpServer(self, named(n)) for n in "abc"]
        weir = self.layer4(servers, group={"algorithm": {"maglev": {"key": "source"}}})
        names = set()
        for _ in range(12):
            with dial(weir) as one:
                one.sendall(b"?")
                names.add(one.recv(10))
        self.assertEqual(len(names), 1)

    def test_a_flow_hash_of_address_and_port_spreads(self):
        servers = [TcpServer(self, named(n)) for n in "abc"]
        weir = self.layer4(servers, group={"algorithm": {"maglev": {"key": "flow"}}})
        names = set()
        for _ in range(60):
            with dial(weir) as one:
                one.sendall(b"?")
                names.add(one.recv(10))
        self.assertEqual(len(names), 3)

    def test_a_source_rule_decides(self):
        a, b = TcpServer(self, named("a")), TcpServer(self, named("b"))
        weir = self.weir({
            "listeners": {"public": {
                "protocol": "tcp",
                "rules": [{"match": {"source": "127.0.0.2/32"}, "forward": "two"}],
                "default": {"forward": "one"}}},
            "target_groups": {"one": {**TCP, "endpoints": [a.address]},
                              "two": {**TCP, "endpoints": [b.address]}}})
        for source, want in (("127.0.0.1", b"a\n"), ("127.0.0.2", b"b\n")):
            with socket.create_connection(weir.address(), 10, (source, 0)) as one:
                one.sendall(b"?")
                self.assertEqual(one.recv(10), want)

    def test_reload_leaves_connections_and_deregistration_waits_for_them(self):
        a, b = TcpServer(self, named("a")), TcpServer(self, named("b"))
        weir = self.layer4([a])
        with dial(weir) as old:
            old.sendall(b"?")
            self.assertEqual(old.recv(10), b"a\n")
            weir.config["target_groups"]["models"]["endpoints"] = [b.address]
            weir.reload(weir.config)
            with dial(weir) as new:
                new.sendall(b"?")
                self.assertEqual(new.recv(10), b"b\n")
            old.sendall(b"?")
            self.assertEqual(old.recv(10), b"a\n")

    def test_weir_drains_until_the_last_connection_has_ended(self):
        weir = self.layer4([TcpServer(self, named("a"))])
        with dial(weir) as one:
            one.sendall(b"?")
            self.assertEqual(one.recv(10), b"a\n")
            weir.signal(signal.SIGTERM)
            self.eventually(lambda: "draining" in weir.log())
            self.eventually(lambda: self.refused(weir))
            for _ in range(5):
                one.sendall(b"?")
                self.assertEqual(one.recv(10), b"a\n")
                time.sleep(0.1)
            self.assertIsNone(weir.process.poll())
        self.assertEqual(weir.process.wait(10), 0)

    def refused(self, weir):
        try:
            dial(weir).close()
            return False
        except ConnectionRefusedError:
            return True

    def test_connections_above_the_limit_of_the_listener_are_not_served(self):
        weir = self.layer4([TcpServer(self, named("a"))], listener={"limits": {"connections": 2}})
        held = [dial(weir) for _ in range(2)]
        for one in held:
            one.sendall(b"?")
            self.assertEqual(one.recv(10), b"a\n")
        with dial(weir, timeout=1) as extra:
            try:
                extra.sendall(b"?")
                self.assertEqual(extra.recv(10), b"")
            except OSError:
                pass
        for one in held:
            one.close()

        def served():
            with dial(weir) as one:
                try:
                    one.sendall(b"?")
                    return one.recv(10) == b"a\n"
                except OSError:
                    return False
        self.eventually(served)

    def test_a_connection_has_a_record_as_json_and_as_nlb_has_it(self):
        server = TcpServer(self, named("a"))
        for form in ("json", "alb"):
            path = self.log_path()
            weir = self.layer4([server], access_log={"path": path, "format": form})
            with dial(weir) as one:
                local = "%s:%d" % one.getsockname()
                one.sendall(b"???")
                self.assertEqual(one.recv(10), b"a\n")
            line = self.records(weir, 1)[0]
            if form == "json":
                record = json.loads(line)
                self.assertEqual(record["protocol"], "TCP")
                self.assertEqual(record["client"], local)
                self.assertEqual(record["endpoint"], server.address)
                self.assertEqual((record["bytes_in"], record["bytes_out"]), (3, 2))
                self.assertFalse(record["cut"])
            else:
                fields = line.split(" ")
                self.assertEqual(len(fields), 22)
                self.assertEqual(fields[:2], ["tcp", "2.0"])
                self.assertEqual(fields[4:7], ["public", local, server.address])
                self.assertEqual(fields[9:11], ["3", "2"])

    def test_many_connections_at_once_lose_nothing(self):
        weir = self.layer4([TcpServer(self), TcpServer(self)])
        wrong = []

        def one(number):
            data = os.urandom(50_000 + number)
            try:
                with dial(weir) as connection:
                    for at in range(0, len(data), 7919):
                        piece = data[at:at + 7919]
                        connection.sendall(piece)
                        if read_exactly(connection, len(piece)) != piece:
                            wrong.append(number)
            except OSError as error:
                wrong.append((number, error))
        threads = [threading.Thread(target=one, args=(i,)) for i in range(60)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(wrong, [])

    @limit(60)
    def test_a_group_at_zero_wakes_for_a_connection_that_is_held_meanwhile(self):
        weir = self.weir({
            "listeners": {"public": {"protocol": "tcp", "default": {"forward": "models"}}},
            "target_groups": {"models": TCP},
            "scaling_groups": {"models": {
                "target_groups": ["models"], "min": 0, "max": 1,
                "launch": {"command": replica(), "stop_grace": "2s"},
                "policies": [{"target_tracking": {"metric": "in_flight_per_endpoint",
                                                  "target": 1}}]}}})
        answer = client.get(weir.address(), "/")  # HTTP, which weir passes on as bytes
        self.assertEqual(answer.status, 200)


class Passthrough(Layer4Case):
    def certificate(self, name):
        key, cert = str(self.folder / f"{name}.key"), str(self.folder / f"{name}.pem")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                        "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
                        f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}", "-keyout", key,
                        "-out", cert], check=True, capture_output=True)
        return cert, key

    def tls_server(self, name):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*self.certificate(name))
        context.set_alpn_protocols(["h2", "http/1.1"])

        def serve(connection):
            with context.wrap_socket(connection, server_side=True) as tls:
                while got := tls.recv(1000):
                    if got.startswith(b"GET "):
                        tls.sendall(b"HTTP/1.0 200 OK\r\n\r\n" + name.encode())
                        return
                    tls.sendall(name.encode() + b":" + got)
                    if got.endswith(b"the end\n"):
                        return
        return TcpServer(self, serve)

    def setUp(self):
        super().setUp()
        self.a, self.b = self.tls_server("a.example"), self.tls_server("b.example")
        self.path = self.log_path()
        self.front = self.weir({
            "access_log": {"path": self.path},
            "listeners": {"public": {
                "protocol": "tls_passthrough",
                "limits": {"header_time": "1s"},
                "rules": [{"match": {"host": "a.example"}, "forward": "a"},
                          {"match": {"host": "*.b.example"}, "forward": "b"}]}},
            "target_groups": {"a": {**TCP, "endpoints": [self.a.address]},
                              "b": {**TCP, "endpoints": [self.b.address]}}})

    def ask(self, name, alpn=()):
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        if alpn:
            context.set_alpn_protocols(list(alpn))
        with dial(self.front) as raw, context.wrap_socket(raw, server_hostname=name) as tls:
            tls.sendall(b"hi")
            return tls.recv(100)

    def test_the_server_name_decides_and_nothing_is_decrypted(self):
        self.assertEqual(self.ask("a.example", ["http/1.1"]), b"a.example:hi")
        self.assertEqual(self.ask("A.Example"), b"a.example:hi")
        self.assertEqual(self.ask("x.b.example"), b"b.example:hi")
        records = [json.loads(line) for line in self.records(self.front, 3)]
        self.assertEqual([r["host"] for r in records], ["a.example", "A.Example", "x.b.example"])
        self.assertEqual(records[0]["protocol"], "TLS")
        self.assertEqual(records[0]["alpn"], "http/1.1")

    def test_curl_and_openssl_verify_the_servers_own_certificate(self):
        host, port = self.front.address()
        done = subprocess.run(
            ["openssl", "s_client", "-connect", f"{host}:{port}", "-servername", "a.example",
             "-CAfile", str(self.folder / "a.example.pem"), "-verify_return_error", "-quiet"],
            input=b"over openssl, the end\n", capture_output=True, timeout=20)
        self.assertIn(b"a.example:over openssl", done.stdout)
        done = subprocess.run(
            ["curl", "-sS", "--http1.1", "--cacert", str(self.folder / "a.example.pem"), "--resolve",
             f"a.example:{port}:{host}", f"https://a.example:{port}/"],
            capture_output=True, timeout=20)
        self.assertEqual(done.stdout, b"a.example", done.stderr)

    def test_an_unknown_name_gets_the_alert_for_it(self):
        for name in ("other.example", None):
            with self.assertRaisesRegex(ssl.SSLError, "(?i)unrecognized.name"):
                self.ask(name)

    def test_a_hello_in_many_pieces_is_read_whole(self):
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = context.wrap_bio(to_client, to_server, server_hostname="a.example")
        with dial(self.front) as raw:
            with self.assertRaises(ssl.SSLWantReadError):
                tls.do_handshake()
            hello = to_server.read()
            for at in range(0, len(hello), 50):
                raw.sendall(hello[at:at + 50])
                time.sleep(0.01)
            while True:
                to_client.write(raw.recv(65536))
                try:
                    tls.do_handshake()
                    break
                except ssl.SSLWantReadError:
                    pass
            raw.sendall(to_server.read())
            tls.write(b"in pieces")
            raw.sendall(to_server.read())
            while True:
                to_client.write(raw.recv(65536))
                try:
                    self.assertEqual(tls.read(100), b"a.example:in pieces")
                    break
                except ssl.SSLWantReadError:
                    pass

    def test_what_is_not_tls_and_what_never_comes_is_refused(self):
        for what in (b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x00\x05\x02\x00\x00\x01\x00", b""):
            with dial(self.front) as one:
                one.sendall(what)
                try:
                    self.assertEqual(one.recv(10), b"")
                except ConnectionResetError:
                    pass
        self.eventually(lambda: self.front.metric("weir_proxy_l4_ended_total", end="refused") == 3)
        self.assertEqual(self.ask("a.example"), b"a.example:hi")


class Udp(Layer4Case):
    class Server:
        def __init__(self, case, name):
            self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self.socket.bind(("127.0.0.1", 0))
            self.address = "127.0.0.1:%d" % self.socket.getsockname()[1]
            self.name = name.encode()
            self.peers = []
            self.silent = False
            case.addCleanup(self.close)
            threading.Thread(target=self.serve, daemon=True).start()

        def close(self):
            try:
                self.socket.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            self.socket.close()

        def serve(self):
            while True:
                try:
                    data, peer = self.socket.recvfrom(65536)
                except OSError:
                    return
                if not data and self.socket.fileno() < 0:
                    return
                self.peers.append(peer)
                if not self.silent:
                    self.socket.sendto(self.name + b":" + data, peer)

    def datagrams(self, servers, listener=None, group=None, **top):
        return self.proxy([s if isinstance(s, str) else s.address for s in servers],
                          listener={"protocol": "udp", **(listener or {})},
                          group={"protocol": "udp", "health_check": {"enabled": False},
                                 "algorithm": {"maglev": {"key": "flow"}}, **(group or {})}, **top)

    def client(self, weir):
        one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        one.connect(weir.address())
        one.settimeout(5)
        self.addCleanup(one.close)
        return one

    def ask(self, one, data=b"?"):
        one.send(data)
        return one.recv(65536)

    def test_datagrams_go_both_ways_and_a_flow_stays_where_it_is(self):
        servers = [self.Server(self, n) for n in "abc"]
        weir = self.datagrams(servers)
        seen = set()
        for _ in range(30):
            one = self.client(weir)
            names = {self.ask(one, os.urandom(40))[:1] for _ in range(5)}
            self.assertEqual(len(names), 1)
            seen |= names
        self.assertEqual(seen, {b"a", b"b", b"c"})
        self.assertEqual(weir.metric("weir_proxy_datagrams_total", way="in"), 150)
        self.assertEqual(weir.metric("weir_proxy_datagrams_total", way="out"), 150)
        self.assertEqual(weir.metric("weir_proxy_connections_total", listener="public"), 30)

    def test_large_and_empty_datagrams_pass_whole(self):
        weir = self.datagrams([self.Server(self, "a")])
        one = self.client(weir)
        for size in (0, 1, 1472, 9000, 60_000):
            self.assertEqual(self.ask(one, b"x" * size), b"a:" + b"x" * size)

    def test_a_flow_stays_on_its_endpoint_while_the_set_changes(self):
        servers = [self.Server(self, n) for n in "abcd"]
        weir = self.datagrams(servers[:3])
        clients = [self.client(weir) for _ in range(20)]
        before = [self.ask(one)[:1] for one in clients]
        weir.config["target_groups"]["models"]["endpoints"] = [s.address for s in servers]
        weir.reload(weir.config)
        self.assertEqual([self.ask(one)[:1] for one in clients], before)

    def test_a_flow_ends_when_it_is_silent(self):
        path = self.log_path()
        weir = self.datagrams([self.Server(self, "a")], access_log={"path": path},
                              listener={"limits": {"udp_idle": "400ms"}})
        one = self.client(weir)
        self.ask(one, b"12345")
        self.eventually(lambda: weir.endpoints()[0]["in_flight"] == 1)
        record = json.loads(self.records(weir, 1)[0])
        self.assertEqual((record["protocol"], record["bytes_in"], record["bytes_out"]),
                         ("UDP", 5, 7))
        self.assertEqual(weir.endpoints()[0]["in_flight"], 0)
        self.assertEqual(self.ask(one), b"a:?")  # a new one

    def test_an_endpoint_where_nobody_listens_is_left(self):
        dead = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        dead.bind(("127.0.0.1", 0))
        address = "127.0.0.1:%d" % dead.getsockname()[1]
        dead.close()
        weir = self.datagrams([address, self.Server(self, "a").address],
                              group={"algorithm": "round_robin",
                                     "outlier": {"consecutive_failures": 2}})
        one = self.client(weir)
        one.settimeout(0.2)

        def answered():
            try:
                return self.ask(one) == b"a:?"
            except OSError:
                return False
        self.eventually(answered)
        for _ in range(10):
            other = self.client(weir)
            other.settimeout(0.2)
            self.eventually(lambda o=other: self.answers(o))
        self.eventually(lambda: weir.metric("weir_proxy_ejections_total") == 1)

    def answers(self, one):
        try:
            return self.ask(one) == b"a:?"
        except OSError:
            return False

    def test_flows_are_bounded(self):
        weir = self.datagrams([self.Server(self, "a")],
                              listener={"limits": {"flows": 3}}, workers=1)
        clients = [self.client(weir) for _ in range(5)]
        for one in clients[:3]:
            self.assertEqual(self.ask(one), b"a:?")
        for one in clients[3:]:
            one.settimeout(0.3)
            with self.assertRaises(TimeoutError):
                self.ask(one)
        self.assertEqual(weir.metric("weir_proxy_datagrams_dropped_total", cause="no_flow"), 2)
        self.assertEqual(self.ask(clients[0]), b"a:?")

    def test_answers_come_from_the_address_that_was_asked(self):
        server = self.Server(self, "a")
        port = free_port()
        weir = self.datagrams([server], listener={"bind": f"0.0.0.0:{port}"})
        one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.addCleanup(one.close)
        one.settimeout(5)
        one.sendto(b"?", ("127.0.0.3", port))
        data, peer = one.recvfrom(100)
        self.assertEqual((data, peer[0]), (b"a:?", "127.0.0.3"))
        self.assertEqual(weir.metric("weir_proxy_l4_ended_total"), 0)

    def test_a_burst_of_many_clients_loses_nothing_that_fits(self):
        weir = self.datagrams([self.Server(self, n) for n in "ab"])
        clients = [self.client(weir) for _ in range(50)]
        for _ in range(10):
            for one in clients:
                one.send(b"?")
            for one in clients:
                self.assertEqual(one.recv(100)[1:], b":?")

    def test_tcp_and_udp_share_a_port_number(self):
        port = free_port()
        server, tcp = self.Server(self, "a"), TcpServer(self, named("tcp"))
        weir = self.weir({
            "listeners": {
                "public": {"protocol": "udp", "bind": f"127.0.0.1:{port}",
                           "default": {"forward": "u"}},
                "stream": {"protocol": "tcp", "bind": f"127.0.0.1:{port}",
                           "default": {"forward": "t"}}},
            "target_groups": {
                "u": {"protocol": "udp", "endpoints": [server.address],
                      "health_check": {"enabled": False}},
                "t": {**TCP, "endpoints": [tcp.address]}}})
        self.assertEqual(self.ask(self.client(weir)), b"a:?")
        with dial(weir, "stream") as one:
            one.sendall(b"?")
            self.assertEqual(one.recv(10), b"tcp\n")

    def test_a_listener_that_changes_its_protocol_is_opened_anew(self):
        server, tcp = self.Server(self, "a"), TcpServer(self, named("tcp"))
        http = self.backend("b")
        groups = {"u": {"protocol": "udp", "endpoints": [server.address],
                        "health_check": {"enabled": False}},
                  "t": {**TCP, "endpoints": [tcp.address]},
                  "h": {"endpoints": [http.address], "health_check": {"path": "/health"}}}
        weir = self.weir({"listeners": {"public": {"protocol": "udp",
                                                   "default": {"forward": "u"}}},
                          "target_groups": groups})
        self.assertEqual(self.ask(self.client(weir)), b"a:?")
        for protocol, group in (("tcp", "t"), ("http", "h"), ("tcp", "t"), ("udp", "u")):
            weir.config["listeners"]["public"].update(protocol=protocol,
                                                      default={"forward": group})
            weir.reload(weir.config)
            if protocol == "udp":
                self.assertEqual(self.ask(self.client(weir)), b"a:?")
            elif protocol == "http":
                self.assertEqual(client.get(weir.address(), "/").status, 200)
            else:
                with dial(weir) as one:
                    one.sendall(b"?")
                    self.assertEqual(one.recv(10), b"tcp\n")
