"""The admin listener: reading is open on loopback, changes need the socket or the token."""
import json
import os
import stat

from weir_test import client
from weir_test.weir import WeirCase
from test_fleet import FleetCase


class Guard(FleetCase):
    def setUp(self):
        super().setUp()
        self.token = "t0ken-" + os.urandom(8).hex()
        path = self.folder / "token"
        path.touch(mode=0o600)
        path.write_text(self.token + "\n")
        path.chmod(0o600)
        self.subject = self.fleet({"min": 0, "max": 3}, admin={"token_file": str(path)})

    def scale_body(self, count=2):
        return json.dumps({"desired": count}).encode()

    path = "/api/v1/scaling_groups/models/scale"

    def desired(self):
        return self.subject.scaling_group()["desired"]

    def changes(self, headers=(), method="POST", path=None, body=None, host=None):
        return self.subject.admin(method, path or self.path,
                                  [("Content-Type", "application/json"), *headers],
                                  self.scale_body() if body is None else body, host=host)

    def refused(self, answer, *statuses):
        self.assertIn(answer.status, statuses or (401, 403), answer)
        self.assertEqual(self.desired(), 0)
        self.assertEqual(self.subject.replica_pids(), [])

    def test_a_change_without_a_token_is_refused(self):
        self.refused(self.changes())

    def test_a_wrong_token_is_refused(self):
        for value in ("Bearer wrong", "Bearer ", "Bearer", f"Basic {self.token}",
                      f"Bearer {self.token}x", f"Bearer {self.token[:-1]}", "Bearer \"\""):
            with self.subTest(value):
                self.refused(self.changes([("Authorization", value)]))

    def test_the_token_allows_it(self):
        answer = self.changes([("Authorization", f"Bearer {self.token}")])
        self.assertLess(answer.status, 300, answer)
        self.serving(self.subject, 2)

    def test_the_unix_socket_allows_it_and_is_private(self):
        path = self.subject.socket_path
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
        answer = self.subject.owner("POST", self.path, [("Content-Type", "application/json")],
                                    self.scale_body())
        self.assertLess(answer.status, 300, answer)
        self.serving(self.subject, 2)

    def test_another_origin_is_refused_even_with_the_token(self):
        for origin in ("http://evil.test", "https://evil.test", "null",
                       "http://127.0.0.1:1", "http://localhost.evil.test"):
            with self.subTest(origin):
                self.refused(self.changes([("Origin", origin),
                                           ("Authorization", f"Bearer {self.token}")]))

    def test_a_rebound_host_is_refused_for_reading_too(self):
        for host in ("evil.test", f"evil.test:{self.subject.admin_port}",
                     "127.0.0.1.evil.test", "localhost.evil.test"):
            with self.subTest(host):
                self.refused(self.changes([("Authorization", f"Bearer {self.token}")], host=host),
                             400, 403, 421)
                answer = self.subject.admin("GET", "/api/v1/status", host=host)
                self.assertIn(answer.status, (400, 403, 421))

    def test_a_form_post_of_a_web_page_is_refused(self):
        for kind in ("application/x-www-form-urlencoded", "text/plain", "multipart/form-data"):
            with self.subTest(kind):
                answer = self.subject.admin("POST", self.path, [
                    ("Content-Type", kind), ("Origin", "http://evil.test"),
                    ("Sec-Fetch-Site", "cross-site")], self.scale_body())
                self.refused(answer)

    def test_a_get_never_changes_anything(self):
        for path in (self.path, self.path + "?desired=2"):
            self.refused(self.changes(method="GET", path=path), 401, 403, 404, 405)

    def test_apply_needs_the_same(self):
        before = self.subject.owner("GET", "/api/v1/export").body
        with open(self.subject.path, "rb") as file:
            text = file.read().replace(b'"max": 3', b'"max": 9')
        answer = self.subject.admin("POST", "/api/v1/apply",
                                    [("Content-Type", "application/yaml")], text)
        self.refused(answer)
        self.assertEqual(self.subject.owner("GET", "/api/v1/export").body, before)

    def test_no_cors_header_invites_other_pages(self):
        answer = self.subject.admin("GET", "/api/v1/status", [("Origin", "http://evil.test")])
        self.assertIsNone(answer.header("access-control-allow-origin"))
        answer = self.subject.admin("OPTIONS", self.path, [
            ("Origin", "http://evil.test"), ("Access-Control-Request-Method", "POST")])
        self.assertIsNone(answer.header("access-control-allow-origin"))

    def test_malformed_bodies_are_400_and_change_nothing(self):
        for body in (b"", b"{", b"[]", b"{\"desired\": -1}", b"{\"desired\": \"two\"}",
                     b"{\"desired\": 1e99}", b"\xff\xfe", b"{}"):
            with self.subTest(body):
                answer = self.changes([("Authorization", f"Bearer {self.token}")], body=body)
                self.assertTrue(400 <= answer.status < 500, answer)
                self.assertEqual(self.desired(), 0)

    def test_reading_needs_nothing_on_loopback(self):
        for path in ("/healthz", "/readyz", "/metrics", "/api/v1/status"):
            self.assertEqual(self.subject.admin("GET", path).status, 200)
        answer = self.subject.admin("GET", "/api/v1/status",
                                    host=f"localhost:{self.subject.admin_port}")
        self.assertEqual(answer.status, 200)

    def test_the_token_is_never_shown(self):
        for path in ("/api/v1/status", "/metrics", "/api/v1/export"):
            self.assertNotIn(self.token.encode(), self.subject.owner("GET", path).body)
        self.assertNotIn(self.token, self.subject.log())


class TokenFile(WeirCase):
    def test_a_token_file_that_others_can_read_is_refused(self):
        path = self.folder / "token"
        path.write_text("secret-secret-secret-secret\n")
        path.chmod(0o644)
        weir = self.weir({"admin": {"token_file": str(path)},
                          "listeners": {"public": {"default": {"respond": {"body": "x"}}}}},
                         start=False)
        weir.may_die = True
        weir.start(wait=False)
        try:
            self.eventually(lambda: weir.process.poll() is not None or weir.ready())
            if weir.process.poll() is None:  # it may also run on without accepting the token
                answer = weir.admin("POST", "/api/v1/scaling_groups/x/scale",
                                    [("Authorization", "Bearer secret-secret-secret-secret")], b"{}")
                self.assertIn(answer.status, (401, 403))
        finally:
            self.assertIn("token", weir.log())


class AdminServer(WeirCase):
    def test_malformed_requests_do_not_harm_it(self):
        import test_malformed
        weir = self.weir({"listeners": {"public": {}}})
        for entry in test_malformed.REFUSED[::5]:
            with client.Client(("127.0.0.1", weir.admin_port), 5) as one:
                one.send(entry.raw)
                try:
                    answer = one.answer()
                    self.assertGreaterEqual(answer.status, 400, entry.name)
                except client.Broken:
                    pass
        self.assertTrue(weir.ready())

    def test_unknown_paths_are_404_and_wrong_methods_405(self):
        weir = self.weir({"listeners": {"public": {}}})
        self.assertEqual(weir.admin("GET", "/nothing").status, 404)
        self.assertEqual(weir.admin("GET", "/api/v1/nothing").status, 404)
        self.assertIn(weir.admin("DELETE", "/api/v1/status").status, (401, 403, 404, 405))

    def test_readyz_turns_before_the_listeners_close(self):
        import signal
        weir = self.proxy(self.backend("a"))
        one = client.Client(weir.address(), 20)
        one.request("GET", "/delay?ms=1500")
        self.assertTrue(weir.ready())
        weir.signal(signal.SIGTERM)
        self.eventually(lambda: not weir.ready(), within=2)
        self.assertEqual(one.answer().status, 200)
        one.close()
