"""TLS to clients and to endpoints, with openssl s_client, curl and Python's ssl as peers."""
import copy
import hashlib
import os
import re
import socket
import ssl
import subprocess
import threading
import time

from weir_test import client
from weir_test.case import limit
from weir_test.certificates import Authority
from weir_test.load import Load
from weir_test.weir import WeirCase, run_cli


class TlsCase(WeirCase):
    def setUp(self):
        super().setUp()
        self.authority = Authority(self)

    def secure(self, backends, certificates=None, group=None, **tls):
        certificates = certificates or [self.authority.issue("localhost")]
        return self.proxy(backends, listener={
            "protocol": "https", "tls": {"certificates": certificates, **tls}}, group=group)

    def s_client(self, weir, *arguments, data=b"", listener="public"):
        host, port = weir.address(listener)
        done = subprocess.run(
            ["openssl", "s_client", "-connect", f"{host}:{port}", "-CAfile", self.authority.ca,
             *arguments], input=data, capture_output=True, timeout=20)
        return done.stdout.decode(errors="replace") + done.stderr.decode(errors="replace")

    def curl(self, weir, path="/", *arguments):
        _, port = weir.address()
        done = subprocess.run(
            ["curl", "--silent", "--show-error", "--cacert", self.authority.ca, *arguments,
             f"https://localhost:{port}{path}"], capture_output=True, timeout=30)
        return done.returncode, done.stdout, done.stderr.decode()

    def client(self, weir, pair=None, **more):
        one = client.Client(weir.address(), tls=self.authority.client(pair), **more)
        self.addCleanup(one.close)
        return one


class Listener(TlsCase):
    def test_curl_is_served_and_the_endpoint_learns_of_https(self):
        backend = self.backend("a")
        weir = self.secure(backend)

        code, out, error = self.curl(weir, "/")

        self.assertEqual((code, out), (0, b"a\n"), error)
        request = backend.requests[-1]
        self.assertEqual(request.header("X-Forwarded-Proto"), "https")
        self.assertEqual(request.header("X-Forwarded-Port"), str(weir.address()[1]))
        self.assertEqual(weir.metric("weir_tls_handshakes_total", listener="public",
                                     result="full"), 1)

    def test_keep_alive_and_large_bodies_both_ways(self):
        backend = self.backend("a")
        weir = self.secure(backend)
        one = self.client(weir)
        body = os.urandom(3_000_000)
        for _ in range(3):
            answer = one.ask("POST", "/upload", body=body)
            self.assertEqual(answer.json(), {"size": len(body),
                                             "sha256": hashlib.sha256(body).hexdigest()})
            self.assertEqual(len(one.ask("GET", "/bytes?size=3000000").body), 3_000_000)
        self.assertEqual(one.ask("GET", "/").body, b"a\n")

    def test_versions_and_ciphers_are_those_of_the_policy(self):
        weir = self.secure(self.backend())
        self.assertIn("TLSv1.3, Cipher is TLS_AES_128_GCM_SHA256", self.s_client(weir))
        self.assertRegex(self.s_client(weir, "-tls1_2"),
                         "TLSv1.2, Cipher is ECDHE-ECDSA-AES128-GCM-SHA256")
        self.assertIn("alert", self.s_client(weir, "-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"))
        self.assertEqual(weir.metric("weir_tls_handshake_failures_total", listener="public",
                                     reason="version"), 1)
        config = copy.deepcopy(weir.config)
        config["listeners"]["public"]["tls"]["policy"] = "ELBSecurityPolicy-TLS13-1-3-2021-06"
        weir.reload(config)
        self.assertIn("TLSv1.3", self.s_client(weir))
        self.assertIn("alert protocol version", self.s_client(weir, "-tls1_2"))

    def test_the_name_asked_for_chooses_the_certificate(self):
        issue = self.authority.issue
        weir = self.secure(self.backend(), [
            issue("first"), issue("wild", "DNS:*.wild.example"),
            issue("exact", "DNS:one.wild.example"),
            issue("exact-rsa", "DNS:one.wild.example", kind="rsa")])
        for name, shown in [("one.wild.example", "exact"), ("two.wild.example", "wild"),
                            ("elsewhere.example", "first")]:
            self.assertIn(f"subject=CN = {shown}\n", self.s_client(weir, "-servername", name))
        self.assertIn("subject=CN = exact-rsa\n", self.s_client(
            weir, "-servername", "one.wild.example", "-sigalgs", "RSA-PSS+SHA256"))
        self.assertIn("subject=CN = first\n", self.s_client(weir, "-noservername"))

    def test_sessions_are_resumed_also_after_a_reload(self):
        weir = self.secure(self.backend())
        session = self.authority.path("session")
        for version in ("-tls1_3", "-tls1_2"):
            # In TLS 1.3 the ticket comes with the first bytes.
            get = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
            text = self.s_client(weir, version, "-sess_out", session, "-ign_eof", data=get)
            self.assertIn("New, TLS", text)
            text = self.s_client(weir, version, "-sess_in", session, "-ign_eof", data=get)
            self.assertIn("Reused, TLS", text)
            self.assertIn("200 x", text)
        self.authority.issue("localhost")
        weir.reload()
        self.eventually(lambda: "read anew" in weir.log())
        text = self.s_client(weir, "-tls1_2", "-sess_in", session, "-ign_eof", data=get)
        self.assertIn("Reused, TLS", text)
        self.assertEqual(weir.metric("weir_tls_handshakes_total", listener="public",
                                     result="resumed"), 3)

    def test_alpn_offers_h2_and_http_1_1(self):
        weir = self.secure(self.backend())
        self.assertIn("ALPN protocol: h2", self.s_client(weir, "-alpn", "http/1.1,h2"))
        self.assertIn("ALPN protocol: http/1.1", self.s_client(weir, "-alpn", "http/1.1"))
        self.assertIn("No ALPN negotiated", self.s_client(weir, "-alpn", "h3"))

    def test_http_2_over_tls(self):
        weir = self.secure(self.backend())
        code, out, _ = self.curl(weir, "/", "--http2", "-o", "/dev/null", "-w",
                                 "%{http_version} %{http_code}")
        self.assertEqual((code, out), (0, b"2 200"))

    def test_an_ocsp_response_is_stapled(self):
        pair = self.authority.issue("localhost")
        pair["ocsp"] = self.authority.ocsp(pair)
        weir = self.secure(self.backend(), [pair])
        for version in ("-tls1_3", "-tls1_2"):
            text = self.s_client(weir, "-status", version)
            self.assertIn("OCSP Response Status: successful", text)
            self.assertIn("Cert Status: good", text)

    def test_one_who_does_not_shake_hands_is_left_after_the_header_time(self):
        weir = self.proxy(self.backend(), listener={
            "protocol": "https", "limits": {"header_time": "300ms"},
            "tls": {"certificates": [self.authority.issue("localhost")]}})
        silent = socket.create_connection(weir.address())
        clear = socket.create_connection(weir.address())
        clear.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        for one in (silent, clear):
            one.settimeout(10)
            with one:
                while one.recv(4096):
                    pass
        failures = {reason: weir.metric("weir_tls_handshake_failures_total", listener="public",
                                        reason=reason) for reason in ("timeout", "not_tls")}
        self.assertEqual(failures, {"timeout": 1, "not_tls": 1})

    def test_streams_arrive_event_by_event(self):
        weir = self.secure(self.backend())
        one = self.client(weir, timeout=20)
        one.request("GET", "/sse?events=5&interval=100")
        answer = one.answer()
        self.assertEqual(answer.status, 200)
        self.assertIn(b"event: end", answer.body)
        self.assertGreater(answer.pieces[-1][0] - answer.pieces[0][0], 0.25)

    def test_an_endpoint_that_breaks_off_is_told_from_an_end(self):
        backend = self.backend("a")
        weir = self.secure(backend)
        one = self.client(weir)
        one.request("GET", "/sse?events=1000&interval=20")
        head = one.head()
        time.sleep(0.2)
        backend.pause()
        with self.assertRaises((client.Broken, OSError)):
            one.body(head)

    def test_a_websocket_passes(self):
        weir = self.secure(self.backend())
        one = self.client(weir)
        one.send("GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\n"
                 "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                 "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
        self.assertEqual(one.head().status, 101)
        frame = b"\x81\x85abcd" + bytes(a ^ b for a, b in zip(b"hello", b"abcda"))
        one.send(frame)
        self.assertEqual(one.take(7), b"\x81\x05hello")


class Reload(TlsCase):
    def shown(self, weir):
        return re.search("subject=CN = (.*)", self.s_client(weir)).group(1)

    def test_changed_files_are_taken_without_being_told(self):
        pair = self.authority.issue("old")
        weir = self.secure(self.backend(), [pair])
        self.assertEqual(self.shown(weir), "old")
        fresh = self.authority.issue("new")
        os.replace(fresh["key"], pair["key"])
        os.replace(fresh["certificate"], pair["certificate"])
        self.eventually(lambda: self.shown(weir) == "new")

    def test_bad_files_keep_the_old_and_say_so(self):
        pair = self.authority.issue("old")
        weir = self.secure(self.backend(), [pair])
        with open(pair["certificate"], "w") as file:
            file.write("rubbish\n")
        self.eventually(lambda: "the old ones stay" in weir.log())
        self.assertEqual(self.shown(weir), "old")
        weir.reload()  # a reload refuses them with their place
        self.assertIn("tls.certificates[0].certificate: file", weir.log())
        self.assertEqual(self.shown(weir), "old")

    @limit(90)
    def test_renewed_certificates_under_load_drop_nothing(self):
        a, b = self.backend("a"), self.backend("b")
        pair = self.authority.issue("localhost")
        weir = self.secure([a, b], [pair])
        load = Load(weir.address(), connections=60, streams=20, pause=0.1, events=30, interval=100,
                    tls=self.authority.client()).start()
        self.eventually(lambda: load.streaming == 20, within=20)
        for n in range(6):
            before = weir.log().count("read anew")
            self.authority.issue("localhost")
            if n % 2:
                weir.reload()
            self.eventually(lambda: weir.log().count("read anew") > before)
        result = load.stop()
        self.assertEqual((result.failures, result.cut), ([], []), result.summary())
        self.assertEqual(result.connects, 60 + result.streams_begun, "connections were dropped")

    def test_a_stop_serves_those_in_their_handshake(self):
        weir = self.secure(self.backend("a"))
        one = client.Client(weir.address())
        self.addCleanup(one.close)
        time.sleep(0.2)  # accepted, and in its handshake
        weir.signal(15)
        time.sleep(0.2)
        one.sock = self.authority.client().wrap_socket(one.sock, server_hostname="localhost")
        answer = one.ask("GET", "/")
        self.assertEqual((answer.status, answer.header("Connection")), (200, "close"))
        self.assertEqual(weir.process.wait(20), 0)


class Mutual(TlsCase):
    def names(self, backend):
        return {k.lower(): v for k, v in backend.requests[-1].headers if "mtls" in k.lower()}

    def test_verify_tells_the_endpoint_and_refuses_others(self):
        backend = self.backend("a")
        weir = self.secure(backend, mutual_authentication={
            "mode": "verify", "ca": self.authority.ca})
        alice = self.authority.issue("alice", "DNS:alice")
        one = self.client(weir, alice)
        forged = [("X-Amzn-Mtls-Clientcert-Subject", "CN=root"), ("x-amzn-mtls-clientcert", "x")]
        self.assertEqual(one.ask("GET", "/", headers=forged).status, 200)
        told = self.names(backend)
        self.assertEqual(told["x-amzn-mtls-clientcert-subject"], "CN=alice")
        self.assertEqual(told["x-amzn-mtls-clientcert-issuer"], "CN=weir test authority")
        self.assertRegex(told["x-amzn-mtls-clientcert-validity"], "^NotBefore=20.*Z;NotAfter=20")
        self.assertIn("x-amzn-mtls-clientcert-leaf", told)
        self.assertNotIn("x-amzn-mtls-clientcert", told)

        mallory = Authority(self, "somebody else").issue("mallory")
        for pair in (None, mallory):
            with self.assertRaises((ssl.SSLError, OSError, client.Broken)):
                self.client(weir, pair).ask("GET", "/")
        for reason in ("no_certificate", "untrusted"):
            self.assertEqual(weir.metric("weir_tls_handshake_failures_total", listener="public",
                                         reason=reason), 1, reason)

    def test_resumed_sessions_tell_as_much(self):
        backend = self.backend("a")
        weir = self.secure(backend, mutual_authentication={
            "mode": "verify", "ca": self.authority.ca})
        alice = self.authority.issue("alice", "DNS:alice")
        session = self.authority.path("session")
        get = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
        for option in ("-sess_out", "-sess_in"):
            text = self.s_client(weir, option, session, "-ign_eof", "-cert", alice["certificate"],
                                 "-key", alice["key"], data=get)
            self.assertIn("200 x", text)
            self.assertEqual(self.names(backend)["x-amzn-mtls-clientcert-subject"], "CN=alice")
        self.assertIn("Reused", text)

    def test_passthrough_passes_any_certificate_on(self):
        backend = self.backend("a")
        weir = self.secure(backend, mutual_authentication={"mode": "passthrough"})
        mallory = Authority(self, "somebody else").issue("mallory")
        self.assertEqual(self.client(weir, mallory).ask("GET", "/").status, 200)
        told = self.names(backend)
        self.assertEqual(list(told), ["x-amzn-mtls-clientcert"])
        self.assertTrue(told["x-amzn-mtls-clientcert"].startswith("-----BEGIN%20CERTIFICATE"))
        self.assertEqual(self.client(weir).ask("GET", "/").status, 200)
        self.assertEqual(self.names(backend), {})


class Endpoints(TlsCase):
    def over_tls(self, backends, **tls):
        return self.proxy(backends, group={
            "protocol": "https", "tls": {"ca": self.authority.ca, **tls}})

    def test_requests_and_health_checks_go_over_tls(self):
        backend = self.backend("a", tls=self.authority.server(self.authority.issue("e")))
        weir = self.over_tls(backend)
        self.eventually(lambda: backend.probes)
        with client.Client(weir.address()) as one:
            for n in range(5):
                self.assertEqual(one.ask("GET", f"/?{n}").body, b"a\n")
            body = os.urandom(2_000_000)
            self.assertEqual(one.ask("POST", "/upload", body=body).json()["sha256"],
                             hashlib.sha256(body).hexdigest())
            self.assertEqual(len(one.ask("GET", "/bytes?size=3000000").body), 3_000_000)
        full = weir.metric("weir_tls_endpoint_handshakes_total", group="models", result="full")
        self.assertEqual(full, 1, "the connection is kept")

    def test_later_connections_resume_the_session(self):
        backend = self.backend("a", tls=self.authority.server(self.authority.issue("e")))
        weir = self.proxy(backend, workers=1, group={
            "protocol": "https", "tls": {"ca": self.authority.ca}, "max_idle_connections": 0})
        for _ in range(4):
            self.assertEqual(client.get(weir.address(), "/").status, 200)
        count = {result: weir.metric("weir_tls_endpoint_handshakes_total", group="models",
                                     result=result) for result in ("full", "resumed")}
        self.assertEqual(count, {"full": 1, "resumed": 3})

    def failing(self, backend, **tls):
        weir = self.proxy(backend, group={
            "protocol": "https", "tls": {"ca": self.authority.ca, **tls},
            "retry": {"attempts": 1}, "health_check": {"enabled": False}})
        answer = client.get(weir.address(), "/")
        self.assertEqual(answer.status, 502)
        return answer.body.decode()

    def test_a_bad_certificate_is_a_502_that_says_why(self):
        issue, server = self.authority.issue, self.authority.server
        other = Authority(self, "somebody else")
        named = self.backend("n", tls=server(issue("n", "DNS:other.example")))
        self.assertIn("is for another name", self.failing(named))
        strange = self.backend("s", tls=other.server(other.issue("s")))
        self.assertIn("is not trusted", self.failing(strange))
        self.assertIn("does not speak TLS", self.failing(self.clear_endpoint()))

    def clear_endpoint(self):
        """It answers 400 to whatever comes, as web servers do."""
        listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(listener.close)

        def answer():
            while True:
                try:
                    one, _ = listener.accept()
                except OSError:
                    return
                with one:
                    one.recv(4096)
                    one.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
        threading.Thread(target=answer, daemon=True).start()
        return "%s:%d" % listener.getsockname()

    def test_a_silent_endpoint_is_a_504(self):
        weir = self.proxy(self.backend("clear"), group={
            "protocol": "https", "tls": {"ca": self.authority.ca},
            "timeouts": {"connect": "300ms"}, "retry": {"attempts": 1},
            "health_check": {"enabled": False}})
        answer = client.get(weir.address(), "/")
        self.assertEqual((answer.status, b"TLS handshake in time" in answer.body), (504, True))

    def test_the_reason_of_a_failed_health_check_is_told(self):
        named = self.backend("n", tls=self.authority.server(
            self.authority.issue("n", "DNS:other.example")))
        weir = self.over_tls(named)
        self.eventually(lambda: "is for another name" in str(weir.target_group()))

    def test_server_name_is_asked_for_and_checked(self):
        backend = self.backend("a", tls=self.authority.server(
            self.authority.issue("n", "DNS:model.example")))
        weir = self.over_tls(backend, server_name="model.example")
        self.assertEqual(client.get(weir.address(), "/").status, 200)

    def test_verify_false_takes_anybody(self):
        other = Authority(self, "somebody else")
        backend = self.backend("a", tls=other.server(other.issue("s", "DNS:x")))
        weir = self.proxy(backend, group={"protocol": "https", "tls": {"verify": False}})
        self.assertEqual(client.get(weir.address(), "/").status, 200)

    def test_a_client_certificate_is_shown(self):
        backend = self.backend("a", tls=self.authority.server(
            self.authority.issue("e"), clients=True))
        weir = self.over_tls(backend, **self.authority.issue("weir", "DNS:weir"))
        self.assertEqual(client.get(weir.address(), "/").status, 200)

    def test_tls_on_both_sides(self):
        backend = self.backend("a", tls=self.authority.server(self.authority.issue("e")))
        weir = self.secure(backend, group={
            "protocol": "https", "tls": {"ca": self.authority.ca}})
        code, out, error = self.curl(weir, "/")
        self.assertEqual((code, out), (0, b"a\n"), error)


class Check(TlsCase):
    def check(self, pair):
        path = self.authority.path("weir.yaml")
        with open(path, "w") as file:
            file.write("listeners:\n  public:\n    bind: 127.0.0.1:18443\n    protocol: https\n"
                       "    tls:\n      certificates:\n"
                       f"        - certificate: {pair['certificate']}\n"
                       f"          key: {pair['key']}\n")
        return run_cli("check", path)

    def test_each_mistake_has_its_place(self):
        good, other = self.authority.issue("good"), self.authority.issue("other")
        self.assertEqual(self.check(good).returncode, 0)
        for pair, told in [
                ({**good, "certificate": "/nowhere"}, "7:24: listeners.public.tls.certificates[0]"
                 ".certificate: file '/nowhere' does not exist"),
                ({**good, "key": other["key"]}, "8:16: listeners.public.tls.certificates[0].key: "
                 f"the key in '{other['key']}' is not that of the certificate"),
                ({**good, "key": good["certificate"]}, "holds no private key")]:
            done = self.check(pair)
            self.assertEqual(done.returncode, 2)
            self.assertIn(told, done.stderr)
        os.chmod(good["key"], 0o640)
        done = self.check(good)
        self.assertEqual(done.returncode, 0)
        self.assertIn("warning: listeners.public.tls.certificates[0].key", done.stderr)
        os.chmod(good["key"], 0o644)
        done = self.check(good)
        self.assertEqual(done.returncode, 2)
        self.assertIn(f"is open to everybody: chmod 600 {good['key']}", done.stderr)
