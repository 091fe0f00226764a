"""The PROXY protocol in and out, and endpoints that see the client's own address."""
import contextlib
import json
import os
import shutil
import socket
import struct
import subprocess
import tempfile
import time

from weir_test.layer4 import TCP, Layer4Case, TcpServer, dial, read_all
from weir_test.weir import HERE, PYTHON, WeirCase, free_port

HAPROXY = shutil.which("haproxy") or "/usr/sbin/haproxy"
SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"


def v2(source=("192.0.2.7", 4711), destination=("198.51.100.1", 443), command=1, tlvs=b""):
    if command == 0:
        return SIGNATURE + bytes([0x20, 0]) + struct.pack("!H", len(tlvs)) + tlvs
    family = socket.AF_INET6 if ":" in source[0] else socket.AF_INET
    body = (socket.inet_pton(family, source[0]) + socket.inet_pton(family, destination[0])
            + struct.pack("!HH", source[1], destination[1]) + tlvs)
    kind = 0x21 if family == socket.AF_INET6 else 0x11
    return SIGNATURE + bytes([0x21, kind]) + struct.pack("!H", len(body)) + body


def v1(source="192.0.2.7", port=4711):
    return f"PROXY TCP4 {source} 198.51.100.1 {port} 443\r\n".encode()


GET = b"GET / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n"


class HaproxyCase(WeirCase):
    def haproxy(self, text):
        if not os.path.exists(HAPROXY):
            self.skipTest("haproxy is not installed")
        folder = tempfile.mkdtemp(prefix="weir-haproxy-")
        self.addCleanup(shutil.rmtree, folder, True)
        path = os.path.join(folder, "haproxy.cfg")
        with open(path, "w") as file:
            file.write("defaults\n  timeout connect 5s\n  timeout client 30s\n"
                       "  timeout server 30s\n" + text)
        with open(self.folder / "haproxy.log", "w") as log:
            process = subprocess.Popen([HAPROXY, "-db", "-f", path], stdout=log, stderr=log)
        self.addCleanup(process.wait, 10)
        self.addCleanup(process.kill)

    def wait_for(self, port):
        def open_port():
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                return True
            except OSError:
                return False
        self.eventually(open_port)


class In(HaproxyCase, Layer4Case):
    def front(self, backend, **listener):
        path = self.log_path()
        weir = self.proxy(backend, listener={"proxy_protocol": True,
                                             "limits": {"header_time": "1s"}, **listener},
                          access_log={"path": path})
        return weir

    def seen(self, backend):
        """What the last request says of the client."""
        return backend.requests[-1].header("x-forwarded-for")

    def exchange(self, weir, pieces, pause=0.0):
        with dial(weir) as one:
            for piece in pieces:
                one.sendall(piece)
                time.sleep(pause)
            return read_all(one)

    def test_the_client_is_who_the_header_names(self):
        backend = self.backend("a")
        weir = self.front(backend)
        for header, want in ((v1(), "192.0.2.7"),
                             (v2(), "192.0.2.7"),
                             (v2(("2001:db8::7", 9), ("2001:db8::1", 443)), "2001:db8::7"),
                             (v2(tlvs=b"\x03\0\x04abcd" + b"\xee\x03\xe8" + b"x" * 1000),
                              "192.0.2.7"),
                             (v2(command=0), "127.0.0.1"),
                             (b"PROXY UNKNOWN ffff:f...f:ffff 1 2\r\n", "127.0.0.1")):
            answer = self.exchange(weir, [header + GET])
            self.assertTrue(answer.startswith(b"HTTP/1.1 200 "), (header, answer[:100]))
            self.assertEqual(self.seen(backend), want)
        records = [json.loads(line) for line in self.records(weir, 6)]
        self.assertEqual(records[0]["client"], "192.0.2.7:4711")

    def test_a_header_in_pieces_is_read_whole_and_requests_follow_on(self):
        backend = self.backend("a")
        weir = self.front(backend)
        for header in (v1(), v2(tlvs=b"\xee\0\x05hello")):
            whole = header + GET
            pieces = [whole[i:i + 1] for i in range(len(header))] + [whole[len(header):]]
            answer = self.exchange(weir, pieces, pause=0.002)
            self.assertTrue(answer.startswith(b"HTTP/1.1 200 "), answer[:100])
            self.assertEqual(self.seen(backend), "192.0.2.7")
        with dial(weir) as one:  # keep-alive: the header stands once
            one.sendall(v1() + GET.replace(b"Connection: close\r\n", b""))
            self.assertIn(b"200", one.recv(65536))
            one.sendall(GET)
            self.assertIn(b"200", read_all(one))

    def test_what_is_no_header_is_refused_and_never_reaches_the_backend(self):
        backend = self.backend("a")
        weir = self.front(backend)
        for wrong in (GET, b"PROXY TCP4 192.0.2.7 198.51.100.1 4711\r\n",
                      b"PROXY TCP4 300.0.2.7 198.51.100.1 1 2\r\n",
                      b"PROXY TCP4 192.0.2.7 198.51.100.1 1 65536\r\n",
                      b"PROXY TCP4 192.0.2.7  198.51.100.1 1 2\r\n",
                      b"PROXY TCP4 192.0.2.7 198.51.100.1 1 2\n",
                      b"PROXY TCP6 192.0.2.7 198.51.100.1 1 2\r\n",
                      b"PROXY " + b"x" * 200,
                      SIGNATURE + b"\x11\x11\0\x0c" + b"x" * 12,
                      SIGNATURE + b"\x22\x11\0\x0c" + b"x" * 12,
                      SIGNATURE + b"\x21\x12\0\x0c" + b"x" * 12,
                      SIGNATURE + b"\x21\x11\0\x0b" + b"x" * 11,
                      SIGNATURE + b"\x21\x11\xff\xff" + b"x" * 100):
            with dial(weir) as one:
                try:
                    one.sendall(wrong + GET)
                    self.assertEqual(read_all(one), b"", wrong)
                except ConnectionError:
                    pass
        self.assertEqual(backend.requests, [])
        self.assertEqual(weir.metric("weir_proxy_refused_total", listener="public"), 13)

    def test_a_header_that_does_not_come_in_time_is_not_waited_for(self):
        weir = self.front(self.backend("a"))
        for start in (b"", b"PROXY TCP4 ", SIGNATURE):
            with dial(weir) as one:
                one.sendall(start)
                began = time.monotonic()
                try:
                    self.assertEqual(read_all(one), b"")
                except ConnectionError:
                    pass
                self.assertLess(time.monotonic() - began, 5)

    def test_access_lists_go_by_it(self):
        # 192.0.2.7 is the client; 127.0.0.1 the proxy in front, whom the list need not know.
        backend = self.backend("a")
        for access, status in (({"allow": ["192.0.2.0/24"]}, b"HTTP/1.1 200 "), ({"deny": ["192.0.2.7"]}, b"")):
            weir = self.front(backend, access=access)
            answer = b""
            with contextlib.suppress(OSError):
                answer = self.exchange(weir, [v1() + GET])
            self.assertEqual(answer[:13], status)

    def test_source_rules_and_hashing_go_by_it(self):
        weir = self.weir({
            "listeners": {"public": {
                "proxy_protocol": True,
                "rules": [{"match": {"source": "192.0.2.0/24"},
                           "respond": {"status": 200, "body": "inside"}}],
                "default": {"respond": {"status": 403, "body": "outside"}}}}})
        self.assertIn(b"inside", self.exchange(weir, [v1("192.0.2.200") + GET]))
        self.assertIn(b"outside", self.exchange(weir, [v1("192.0.3.200") + GET]))

    def test_a_tcp_listener_takes_it_too(self):
        path = self.log_path()
        weir = self.proxy(TcpServer(self).address, access_log={"path": path},
                          listener={"protocol": "tcp", "proxy_protocol": True}, group=TCP)
        with dial(weir) as one:
            one.sendall(v2() + b"behind it")
            one.shutdown(socket.SHUT_WR)
            self.assertEqual(read_all(one), b"behind it")
        self.assertEqual(json.loads(self.records(weir, 1)[0])["client"], "192.0.2.7:4711")
        with dial(weir) as one:
            one.sendall(b"no header at all")
            with self.assertRaises(ConnectionError):
                if not one.recv(10):
                    self.fail("ended as if all were well")

    def test_curl_and_haproxy_as_senders(self):
        backend = self.backend("a")
        weir = self.front(backend)
        host, port = weir.address()
        done = subprocess.run(["curl", "-sS", "--haproxy-protocol", f"http://{host}:{port}/x"],
                              capture_output=True, timeout=20)
        self.assertEqual(done.returncode, 0, done.stderr)
        ports = {word: free_port() for word in ("send-proxy", "send-proxy-v2")}
        text = ""
        for word, own in ports.items():
            text += (f"listen {word}\n  mode tcp\n  bind 127.0.0.1:{own}\n"
                     f"  server weir {host}:{port} {word}\n")
        self.haproxy(text)
        for own in ports.values():
            self.wait_for(own)
            with socket.create_connection(("127.0.0.1", own), 10, ("127.0.0.9", 0)) as one:
                one.sendall(GET)
                self.assertTrue(read_all(one).startswith(b"HTTP/1.1 200 "))
            self.assertEqual(self.seen(backend), "127.0.0.9")


class Out(HaproxyCase, Layer4Case):
    def test_a_tcp_group_tells_the_client_in_both_versions(self):
        got = []

        def collect(connection):
            got.append(read_all(connection))
        server = TcpServer(self, collect)
        for version in ("v1", "v2"):
            weir = self.proxy(server.address, listener={"protocol": "tcp"},
                              group={**TCP, "proxy_protocol": version})
            with dial(weir) as one:
                source, target = one.getsockname(), one.getpeername()
                one.sendall(b"payload")
                one.shutdown(socket.SHUT_WR)
                self.assertEqual(read_all(one), b"")
            want = (f"PROXY TCP4 {source[0]} {target[0]} {source[1]} {target[1]}\r\n".encode()
                    if version == "v1" else v2(source, target)) + b"payload"
            self.eventually(lambda w=want: w in got, what=want)

    def test_haproxy_understands_it(self):
        ports = {name: free_port() for name in ("tcp", "http")}
        text = ""
        for name, port in ports.items():
            text += (f"frontend {name}\n  mode http\n  bind 127.0.0.1:{port} accept-proxy\n"
                     '  http-request return status 200 content-type text/plain '
                     'lf-string "%[src] %[dst_port]\\n"\n')
        self.haproxy(text)
        for port in ports.values():
            self.wait_for(port)
        for version in ("v1", "v2"):
            weir = self.weir({
                "listeners": {
                    "public": {"protocol": "tcp", "default": {"forward": "t"}},
                    "web": {"default": {"forward": "h"}}},
                "target_groups": {
                    "t": {"protocol": "tcp", "proxy_protocol": version,
                          "health_check": {"protocol": "http"},
                          "endpoints": [f"127.0.0.1:{ports['tcp']}"]},
                    "h": {"proxy_protocol": version,
                          "endpoints": [f"127.0.0.1:{ports['http']}"]}}})
            for group in "th":  # HAProxy answers nobody without a header, no health check either
                self.eventually(lambda g=group: weir.endpoints(g)[0]["state"] == "healthy")
            for listener in ("public", "web"):
                address = weir.address(listener)
                with socket.create_connection(address, 10, ("127.0.0.8", 0)) as one:
                    one.sendall(GET)
                    answer = read_all(one)
                self.assertIn(f"127.0.0.8 {address[1]}".encode(), answer)

    def test_connections_of_an_http_group_are_not_shared_between_clients(self):
        inner = self.proxy(self.backend("a"), listener={"proxy_protocol": True})
        host, port = inner.address()
        outer = self.weir({"listeners": {"public": {"default": {"forward": "h"}}},
                           "target_groups": {"h": {"proxy_protocol": "v2",
                                                   "endpoints": [f"{host}:{port}"]}}})
        for source in ("127.0.0.5", "127.0.0.6", "127.0.0.5"):
            with socket.create_connection(outer.address(), 10, (source, 0)) as one:
                one.sendall(GET)
                self.assertIn(b"200", read_all(one))
        self.assertEqual(outer.metric("weir_proxy_connects_total", group="h"), 3)


class ClientAddress(WeirCase):
    """Three network namespaces: client, weir, endpoint; the endpoint sees the client's address."""

    def test_the_endpoint_sees_the_client_and_weir_says_when_it_may_not(self):
        probe = subprocess.run(["unshare", "--map-root-user", "--net", "ip", "link"],
                               capture_output=True, text=True)
        if probe.returncode != 0:
            self.skipTest(f"no network namespaces here: {probe.stderr.strip()}")
        done = subprocess.run(
            ["unshare", "--map-root-user", "--net", PYTHON,
             str(HERE / "weir_test" / "namespaces.py"), str(self.folder)],
            capture_output=True, text=True, timeout=60)
        if done.returncode == 77:
            self.skipTest(done.stdout.strip())
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        seen = json.loads(done.stdout.splitlines()[-1])
        self.assertEqual(seen, {"tcp": "10.99.1.2", "http": "10.99.1.2", "udp": "10.99.1.2"})

    def test_without_the_capability_the_start_says_so(self):
        drop = shutil.which("setpriv")
        if not drop:
            self.skipTest("setpriv is not installed")
        config = {"listeners": {"public": {"protocol": "tcp", "default": {"forward": "t"}}},
                  "target_groups": {"t": {**TCP, "preserve_client_ip": True,
                                          "endpoints": ["127.0.0.1:9"]}}}
        weir = self.weir(config, start=False)
        from weir_test.case import BIN
        done = subprocess.run([drop, "--bounding-set=-net_admin,-net_raw",
                               "--inh-caps=-net_admin,-net_raw",
                               str(BIN), "serve", weir.path], capture_output=True, text=True,
                              timeout=20, cwd=weir.dir)
        said = done.stdout + done.stderr
        self.assertNotEqual(done.returncode, 0, said)
        self.assertIn("target_groups.t.preserve_client_ip: weir lacks CAP_NET_RAW and "
                      "CAP_NET_ADMIN", said)
