"""Listener rules: conditions, their order, and the actions."""
from collections import Counter

from weir_test import client
from weir_test.weir import WeirCase


class Conditions(WeirCase):
    def routed(self, *rules, default=None):
        """Rules answer with their own name, so that no backend is needed."""
        listed = [{"name": name, "match": match, "respond": {"status": 200, "body": name}}
                  for name, match in rules]
        return self.weir({"listeners": {"public": {
            "rules": listed, "default": default or {"respond": {"status": 404, "body": "none"}}}}})

    def expect(self, weir, expectations):
        for target, headers, host, method, want in expectations:
            with self.subTest(f"{method} {host} {target} {headers}"):
                answer = client.ask(weir.address(), method, target, headers, host=host)
                self.assertEqual(answer.body.decode(), want)

    def test_paths_match_exactly_or_by_pattern_without_the_query(self):
        weir = self.routed(("exact", {"path": ["/ocr"]}), ("below", {"path": ["/ocr/*"]}),
                           ("one", {"path": ["/v?/x"]}), ("end", {"path": ["*.png", "*.jpg"]}))
        self.expect(weir, [(t, [], "a", "GET", want) for t, want in [
            ("/ocr", "exact"), ("/ocr?x=1", "exact"), ("/ocr/", "below"), ("/ocr/a/b", "below"),
            ("/OCR", "none"), ("/v1/x", "one"), ("/v12/x", "none"), ("/a/b.png", "end"),
            ("/a.jpg?b.gif", "end"), ("/x?y=/ocr", "none")]])

    def test_hosts_match_in_any_case_and_without_the_port(self):
        weir = self.routed(("api", {"host": ["api.example.com"]}),
                           ("sub", {"host": ["*.example.com"]}))
        self.expect(weir, [("/", [], h, "GET", want) for h, want in [
            ("api.example.com", "api"), ("API.Example.COM", "api"), ("api.example.com:8080", "api"),
            ("x.example.com", "sub"), ("example.com", "none"), ("other", "none")]])

    def test_methods_match_exactly(self):
        weir = self.routed(("write", {"method": ["POST", "PUT"]}))
        self.expect(weir, [("/", [], "a", m, want) for m, want in [
            ("POST", "write"), ("PUT", "write"), ("GET", "none"), ("post", "none")]])

    def test_headers_match_by_pattern(self):
        weir = self.routed(("beta", {"header": {"X-Stage": ["beta", "canary*"]}}),
                           ("both", {"header": {"X-A": ["1"], "X-B": ["2"]}}))
        self.expect(weir, [("/", headers, "a", "GET", want) for headers, want in [
            ([("X-Stage", "beta")], "beta"), ([("x-stage", "canary-7")], "beta"),
            ([("X-Stage", "prod")], "none"), ([("X-A", "1")], "none"),
            ([("X-A", "1"), ("X-B", "2")], "both"), ([], "none")]])

    def test_query_keys_match_by_pattern(self):
        weir = self.routed(("v2", {"query": {"version": ["2", "2.*"]}}))
        self.expect(weir, [(t, [], "a", "GET", want) for t, want in [
            ("/?version=2", "v2"), ("/?a=b&version=2.1", "v2"), ("/?version=1", "none"),
            ("/?versions=2", "none"), ("/", "none")]])

    def test_sources_match_by_network(self):
        weir = self.routed(("here", {"source": ["10.0.0.0/8", "127.0.0.0/8"]}))
        self.expect(weir, [("/", [], "a", "GET", "here")])
        weir = self.routed(("there", {"source": ["10.0.0.0/8"]}))
        self.expect(weir, [("/", [("X-Forwarded-For", "10.0.0.1")], "a", "GET", "none")])

    def test_all_conditions_of_a_rule_must_hold(self):
        weir = self.routed(("all", {"path": ["/x"], "method": ["GET"], "host": ["h"]}))
        self.expect(weir, [("/x", [], "h", "GET", "all"), ("/x", [], "h", "POST", "none"),
                           ("/x", [], "g", "GET", "none"), ("/y", [], "h", "GET", "none")])

    def test_the_first_rule_wins_and_priorities_order_them(self):
        weir = self.routed(("first", {"path": ["/a*"]}), ("second", {"path": ["/ab*"]}))
        self.expect(weir, [("/abc", [], "a", "GET", "first")])
        weir = self.weir({"listeners": {"public": {"rules": [
            {"priority": 20, "match": {"path": ["/a*"]}, "respond": {"body": "late"}},
            {"priority": 10, "match": {"path": ["/ab*"]}, "respond": {"body": "early"}}]}}})
        self.expect(weir, [("/abc", [], "a", "GET", "early"), ("/ac", [], "a", "GET", "late")])

    def test_a_rule_without_a_listener_default_says_404(self):
        weir = self.weir({"listeners": {"public": {}}})
        self.assertEqual(client.get(weir.address(), "/").status, 404)

    def test_many_rules_find_the_right_one(self):
        weir = self.routed(*[(f"r{n}", {"path": [f"/m{n}", f"/m{n}/*"]}) for n in range(500)])
        self.expect(weir, [(f"/m{n}/x", [], "a", "GET", f"r{n}") for n in (0, 1, 77, 250, 499)])


class Actions(WeirCase):
    def acting(self, action):
        return self.weir({"listeners": {"public": {"default": action}}})

    def test_a_fixed_answer_has_its_status_type_and_body(self):
        weir = self.acting({"respond": {"status": 503, "content_type": "application/json",
                                        "body": "{}\n"}})
        with client.Client(weir.address()) as one:
            for _ in range(2):
                answer = one.ask("POST", "/", body=b"x" * 100)
                self.assertEqual((answer.status, answer.body), (503, b"{}\n"))
                self.assertEqual(answer.header("content-type"), "application/json")
            self.assertEqual(one.ask("HEAD", "/").body, b"")

    def test_a_redirect_keeps_what_it_does_not_name(self):
        weir = self.acting({"redirect": {"status": 301, "protocol": "https", "host": "new.test",
                                         "port": 8443}})
        answer = client.get(weir.address(), "/a/b?c=d", host="old.test")
        self.assertEqual((answer.status, answer.header("location")),
                         (301, "https://new.test:8443/a/b?c=d"))
        weir = self.acting({"redirect": {"path": "/new", "query": "x=y"}})
        answer = client.get(weir.address(), "/a?c=d", host="old.test:81")
        self.assertEqual((answer.status, answer.header("location")),
                         (302, "http://old.test:81/new?x=y"))

    def test_a_redirect_carries_no_line_break_from_the_request(self):
        weir = self.acting({"redirect": {"protocol": "https"}})
        answer = client.get(weir.address(), "/a%0d%0aSet-Cookie:x=1", host="old.test")
        self.assertIsNone(answer.header("set-cookie"))
        self.assertIn("%0d%0a", answer.header("location"))

    def test_weights_share_the_traffic(self):
        heavy, light, none = self.backend("heavy"), self.backend("light"), self.backend("none")
        weir = self.weir({
            "listeners": {"public": {"default": {"forward": {"heavy": 9, "light": 1, "none": 0}}}},
            "target_groups": {b.name: {"endpoints": [{"address": b.address}],
                                       "health_check": {"path": "/health"}}
                              for b in (heavy, light, none)}})
        with client.Client(weir.address()) as one:
            got = Counter(one.ask("GET", "/").body.decode().strip() for _ in range(1000))
        self.assertEqual(got["none"], 0)
        self.assertTrue(60 <= got["light"] <= 150, got)  # 100 +- 5 standard deviations

    def test_a_rule_forwards_to_its_group(self):
        a, b = self.backend("a"), self.backend("b")
        weir = self.weir({
            "listeners": {"public": {"rules": [
                {"match": {"path": ["/a/*"]}, "forward": "a"}], "default": {"forward": "b"}}},
            "target_groups": {x.name: {"endpoints": [{"address": x.address}]} for x in (a, b)}})
        self.assertEqual(client.get(weir.address(), "/a/x").body, b"a\n")
        self.assertEqual(client.get(weir.address(), "/x").body, b"b\n")

    def test_a_group_without_endpoints_is_503(self):
        weir = self.weir({"listeners": {"public": {"default": {"forward": "empty"}}},
                          "target_groups": {"empty": {}}})
        self.assertEqual(client.get(weir.address(), "/").status, 503)

    def test_two_listeners_have_rules_of_their_own(self):
        weir = self.weir({"listeners": {
            "one": {"default": {"respond": {"body": "1"}}},
            "two": {"default": {"respond": {"body": "2"}}}}})
        self.assertEqual(client.get(weir.address("one"), "/").body, b"1")
        self.assertEqual(client.get(weir.address("two"), "/").body, b"2")
