"""TLS that is forwarded by its server name and never decrypted."""
import json
import socket
import ssl
import subprocess
import time

from weir_test.layer4 import TCP, Layer4Case, TcpServer, dial


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
