"""What rules and listeners do beside their action: access lists, edited headers, rewrites, copies."""
import os
import re
import subprocess
import tempfile
import time

from weir_test import client
from weir_test.case import ROOT
from weir_test.weir import WeirCase, free_port, listening_socket, run_cli


def curl(*arguments):
    done = subprocess.run(["curl", "-sS", "--max-time", "10", *arguments], capture_output=True,
                          text=True, check=False)
    return done


def url(weir, path="/", listener="public"):
    host, port = weir.address(listener)
    return f"http://{host}:{port}{path}"


class AccessLists(WeirCase):
    def open_to(self, access, **more):
        return self.weir({"listeners": {"public": {
            "access": access, "default": {"respond": {"body": "in"}}}}, **more})

    def test_a_listener_refuses_at_accept_who_is_denied(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "access.log")
            weir = self.open_to({"deny": ["127.0.0.0/8"]}, access_log={"path": path})
            done = curl(url(weir))
            self.assertIn(done.returncode, (52, 56), done)  # closed without an answer
            self.eventually(lambda: weir.metric("weir_proxy_denied_total", at="accept") == 1)
            self.eventually(lambda: os.path.exists(path) and "refused" in open(path).read())
            line = open(path).read()
            self.assertIn('"client":"127.0.0.1:', line)
            self.assertIn("access list", line)

    def test_the_smallest_block_decides(self):
        weir = self.open_to({"deny": ["0.0.0.0/0"], "allow": ["127.0.0.1"]})
        self.assertEqual(curl(url(weir)).stdout, "in")
        weir = self.open_to({"allow": ["127.0.0.0/8"], "deny": ["127.0.0.1"]})
        self.assertNotEqual(curl(url(weir)).returncode, 0)
        weir = self.open_to({"allow": ["10.0.0.0/8"]})
        self.assertNotEqual(curl(url(weir)).returncode, 0)

    def test_a_rule_answers_403_to_others(self):
        weir = self.weir({"listeners": {"public": {"rules": [
            {"match": {"path": "/admin/*"}, "access": {"allow": ["10.0.0.0/8"]},
             "headers": {"response": {"set": {"X-Why": "list"}}}, "respond": {"body": "secret"}}],
            "default": {"respond": {"body": "open"}}}}})
        denied = client.get(weir.address(), "/admin/x")
        self.assertEqual((denied.status, denied.header("x-why")), (403, "list"))
        self.assertNotIn(b"secret", denied.body)
        self.assertEqual(client.get(weir.address(), "/x").body, b"open")
        self.assertEqual(weir.metric("weir_proxy_denied_total", at="rule"), 1)

    def test_files_are_read_again_at_a_reload(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "blocks")
            with open(path, "w") as file:
                file.write("# nobody of here\n10.0.0.0/8\n")
            weir = self.open_to({"allow_file": path})
            self.assertNotEqual(curl(url(weir)).returncode, 0)
            with open(path, "w") as file:
                file.write("10.0.0.0/8\n127.0.0.0/8  # now\n")
            weir.reload()
            self.assertEqual(curl(url(weir)).stdout, "in")
            with open(path, "w") as file:
                file.write("127.0.0.0/8\n127.0.0.0/64\n")
            checked = run_cli("check", weir.path)
            self.assertEqual(checked.returncode, 2)
            self.assertIn("line 2 of", checked.stdout + checked.stderr)

    def test_a_new_list_ends_connections_that_are_open(self):
        weir = self.open_to({})
        with client.Client(weir.address()) as one:
            self.assertEqual(one.ask("GET", "/").status, 200)
            config = weir.config
            config["listeners"]["public"]["access"] = {"deny": ["127.0.0.1"]}
            weir.reload(config)
            self.assertEqual(one.ask("GET", "/").status, 403)
            self.assertTrue(one.closed())
        self.assertEqual(weir.metric("weir_proxy_denied_total", at="listener"), 1)

    def test_a_unix_socket_has_no_address_to_refuse(self):
        with tempfile.TemporaryDirectory() as folder:
            weir = self.weir({"listeners": {"public": {
                "bind": f"unix:{folder}/s", "access": {"allow": ["10.0.0.0/8"]},
                "default": {"respond": {"body": "in"}}}}})
            self.assertEqual(client.get(weir.address(), "/").body, b"in")


class EditedHeaders(WeirCase):
    def test_requests_and_responses_are_edited(self):
        backend = self.backend()
        weir = self.proxy(backend, listener={
            "headers": {"request": {"set": {"X-Site": "one"}}, "response": {"remove": ["Server"]}},
            "rules": [{"match": {"path": "*"}, "forward": "models", "headers": {
                "request": {"remove": ["Cookie"], "set": {"X-Model": "ocr"},
                            "add": {"X-From": "#{protocol}://#{host}:#{port}/#{path}?#{query}"}},
                "response": {"set": {"Cache-Control": "no-store"}, "add": {"Vary": "Accept"}}}}]})
        answer = client.get(weir.address(), "/answer?Server=old&Cache-Control=public&Vary=Cookie",
                            [("Cookie", "a=b"), ("x-model", "1"), ("X-Model", "2"),
                             ("X-Site", "0")], host="shop.test:81")
        self.assertEqual(answer.all("cache-control"), ["no-store"])
        self.assertEqual(answer.all("vary"), ["Cookie", "Accept"])
        self.assertIsNone(answer.header("server"))
        seen = backend.requests[-1]
        self.assertEqual(seen.header("x-model"), "ocr")
        self.assertEqual(seen.header("x-site"), "one")
        self.assertIsNone(seen.header("cookie"))
        self.assertEqual(seen.header("x-from"),
                         "http://shop.test:81/answer?Server=old&Cache-Control=public&Vary=Cookie")
        self.assertEqual(seen.header("host"), "shop.test:81")
        self.assertEqual(answer.body, b"backend\n")

    def test_weirs_own_answers_carry_what_is_set(self):
        weir = self.weir({
            "listeners": {"public": {
                "headers": {"response": {"set": {"Strict-Transport-Security": "max-age=1"}}},
                "rules": [{"match": {"path": "/old"}, "redirect": {"path": "/new"}},
                          {"match": {"path": "/gone"}, "forward": "empty"}]}},
            "target_groups": {"empty": {}}})
        for path, status in (("/", 404), ("/old", 302), ("/gone", 503)):
            answer = client.get(weir.address(), path)
            self.assertEqual((answer.status, answer.header("strict-transport-security")),
                             (status, "max-age=1"))

    def test_bodies_and_streams_pass_as_before(self):
        backend = self.backend()
        weir = self.proxy(backend, listener={"headers": {
            "request": {"set": {"A": "1"}}, "response": {"set": {"B": "2"}}}})
        body = os.urandom(300_000)
        with client.Client(weir.address()) as one:
            for headers in ([], [("Transfer-Encoding", "chunked")]):
                sent = body if not headers else b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
                answer = one.ask("POST", "/upload", headers, sent)
                self.assertEqual((answer.json()["size"], answer.header("b")), (len(body), "2"))
            answer = one.ask("GET", "/chunked?n=5&size=10")
            self.assertEqual((len(answer.body), answer.header("b")), (50, "2"))
            self.assertIn(("X-Done", "yes"), answer.trailers)


    def test_a_websocket_is_edited_and_sticky(self):
        backends = [self.backend(f"b{n}") for n in range(3)]
        weir = self.proxy(backends, group={"stickiness": {"type": "lb_cookie"}}, listener={
            "rules": [{"match": {"path": "/chat"}, "rewrite": {"path": "/ws"}, "forward": "models",
                       "headers": {"request": {"set": {"X-A": "1"}},
                                   "response": {"set": {"X-B": "2"}}}}]})
        socket = client.WebSocket(weir.address(), "/chat")
        try:
            socket.send(b"hello")
            self.assertIn(b"hello", socket.receive()[1])
            self.assertEqual(socket.answer.header("x-b"), "2")
            self.assertEqual(len(socket.answer.all("set-cookie")), 2)
        finally:
            socket.close()
        seen = [r for b in backends for r in b.requests][0]
        self.assertEqual((seen.target, seen.header("x-a")), ("/ws", "1"))


class Rewrites(WeirCase):
    def seen(self, rewrite, target, host="shop.example.com", match=None):
        backend = self.backend()
        weir = self.proxy(backend, listener={"rules": [
            {"match": match or {"path": "*"}, "rewrite": rewrite, "forward": "models"}]})
        answer = client.get(weir.address(), target, host=host)
        self.assertEqual(answer.status, 200)
        request = backend.requests[-1]
        return request.target, request.header("host")

    def test_a_prefix_is_replaced(self):
        rewrite = {"path_prefix": "/api", "path": "/v2"}
        self.assertEqual(self.seen(rewrite, "/api/chat?a=b")[0], "/v2/chat?a=b")
        self.assertEqual(self.seen(rewrite, "/apix")[0], "/apix")
        self.assertEqual(self.seen({"path_prefix": "/api"}, "/api/")[0], "/")

    def test_a_pattern_moves_its_parts(self):
        self.assertEqual(self.seen({"path_pattern": "/models/*/v1/*", "path": "/$2/$1",
                                    "query": "model=$1&#{query}"}, "/models/m7/v1/chat?x=y"),
                         ("/chat/m7?model=$1&x=y", "shop.example.com"))

    def test_an_expression_is_replaced(self):
        self.assertEqual(self.seen({"path_regex": "^/v([0-9]+)/", "path": "/version-$1/",
                                    "host_regex": "^shop", "host": "inner"}, "/v12/chat?a=b"),
                         ("/version-12/chat?a=b", "inner.example.com"))

    def test_a_host_is_replaced(self):
        self.assertEqual(self.seen({"host_pattern": "*.example.com", "host": "$1.inner:8080"},
                                   "/a"), ("/a", "shop.inner:8080"))
        self.assertEqual(self.seen({"host": "inner"}, "/a"), ("/a", "inner"))

    def test_a_request_that_is_sent_again_is_rewritten_again(self):
        backend = self.backend()
        dead = f"127.0.0.1:{free_port()}"
        weir = self.proxy([dead, backend], listener={"rules": [
            {"match": {"path": "*"}, "rewrite": {"path": "/new"}, "forward": "models"}]},
            group={"health_check": {"enabled": False}, "algorithm": "round_robin"})
        for _ in range(4):
            self.assertEqual(client.ask(weir.address(), "POST", "/old", body=b"x").status, 200)
        self.assertEqual({r.target for r in backend.requests}, {"/new"})


class Redirects(WeirCase):
    def test_all_placeholders_of_aws_are_filled(self):
        weir = self.weir({"listeners": {"public": {"rules": [
            {"match": {"path": "/a/*"}, "redirect": {
                "protocol": "#{protocol}", "host": "www.#{host}", "port": "#{port}",
                "path": "/new/#{path}", "query": "from=#{host}&#{query}", "status": 301}},
            {"match": {"path": "/b"}, "redirect": {"protocol": "https", "port": "#{port}"}}]}}})
        done = curl("-o", "/dev/null", "-w", "%{http_code} %{redirect_url}", "-H", "Host: x.test:81",
                    url(weir, "/a/b?c=d"))
        self.assertEqual(done.stdout, "301 http://www.x.test:81/new/a/b?from=x.test&c=d")
        answer = client.get(weir.address(), "/b", host="x.test:81")
        self.assertEqual(answer.header("location"), "https://x.test:81/b")


class MoreConditions(WeirCase):
    def test_one_of_several_query_pairs_suffices(self):
        weir = self.weir({"listeners": {"public": {"rules": [
            {"match": {"query_any": {"version": "v1", "": "*beta*"}}, "respond": {"body": "yes"}}],
            "default": {"respond": {"body": "no"}}}}})
        for query, want in (("version=v1", "yes"), ("x=1&y=BETA2", "yes"), ("version=v2", "no"),
                            ("", "no"), ("a=b", "no")):
            self.assertEqual(client.get(weir.address(), "/?" + query).body.decode(), want, query)

    def test_a_backslash_takes_a_wildcard_for_itself(self):
        weir = self.weir({"listeners": {"public": {"rules": [
            {"match": {"query": {"q": "a\\*b"}}, "respond": {"body": "yes"}}],
            "default": {"respond": {"body": "no"}}}}})
        self.assertEqual(client.get(weir.address(), "/?q=a*b").body, b"yes")
        self.assertEqual(client.get(weir.address(), "/?q=axb").body, b"no")

    def test_expressions_match_in_bounded_time(self):
        weir = self.weir({"listeners": {"public": {"limits": {"head": "64KiB"}, "rules": [
            {"match": {"path_regex": "^/v[0-9]+/(chat|embed)$", "host_regex": "^EU-"},
             "respond": {"body": "path"}},
            {"match": {"header_regex": {"X-A": "^(a+)+$"}}, "respond": {"body": "header"}}],
            "default": {"respond": {"body": "no"}}}}})
        for target, host, want in (("/v12/chat", "eu-1.test", "path"), ("/v12/chat", "us", "no"),
                                   ("/x/v1/chat", "eu-1", "no"), ("/v1/CHAT", "eu-1", "no")):
            self.assertEqual(client.get(weir.address(), target, host=host).body.decode(), want)
        before = time.monotonic()
        hard = client.get(weir.address(), "/", [("X-A", "a" * 30_000 + "b")])
        self.assertEqual(hard.body, b"no")
        self.assertEqual(client.get(weir.address(), "/", [("X-A", "aaa")]).body, b"header")
        self.assertLess(time.monotonic() - before, 2)

    def test_rules_with_a_name_are_counted_and_logged(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "access.log")
            weir = self.weir({"access_log": {"path": path}, "listeners": {"public": {"rules": [
                {"name": "teapot", "priority": 7, "match": {"path": "/t"},
                 "respond": {"status": 418}}]}}})
            for _ in range(3):
                client.get(weir.address(), "/t")
            client.get(weir.address(), "/other")
            self.assertEqual(weir.metric("weir_proxy_rule_requests_total", rule="teapot"), 3)
            self.eventually(lambda: os.path.exists(path) and open(path).read().count("\n") == 4)
            lines = open(path).read().splitlines()
            self.assertEqual(sum('"rule":"teapot","rule_priority":7' in x for x in lines), 3)


class Mirrors(WeirCase):
    def mirrored(self, share=1, group=None, **mirror_group):
        self.main, self.shadow = self.backend("main"), self.backend("shadow")
        plain = {"health_check": {"path": "/health", "interval": "1s", "timeout": "1s"}}
        weir = self.weir({
            "listeners": {"public": {"rules": [
                {"match": {"path": "*"}, "rewrite": {"path_prefix": "/v1"}, "forward": "main",
                 "headers": {"request": {"set": {"X-M": "1"}}},
                 "mirror": {"group": "shadow", "share": share}}]}},
            "target_groups": {
                "main": {"endpoints": [self.main.address], **plain, **(group or {})},
                "shadow": {"endpoints": [self.shadow.address], **plain, **mirror_group}}})
        if not mirror_group:  # a copy does not wait for the first check of its endpoint
            self.eventually(lambda: weir.endpoints("shadow")[0]["state"] == "healthy")
        return weir

    def test_a_copy_goes_to_the_other_group_and_its_answer_nowhere(self):
        weir = self.mirrored()
        body = os.urandom(50_000)
        for method, target, sent in (("GET", "/v1/echo?a=b", None), ("POST", "/v1/upload", body),
                                     ("POST", "/v1/status/500", b"x")):
            answer = client.ask(weir.address(), method, target, body=sent)
            self.assertEqual(answer.header("x-backend", "main"), "main")
        chunked = client.ask(weir.address(), "POST", "/v1/upload",
                             [("Transfer-Encoding", "chunked")], b"3\r\nabc\r\n0\r\n\r\n")
        self.assertEqual(chunked.json()["size"], 3)
        self.eventually(lambda: len(self.shadow.requests) == 4)
        self.eventually(lambda: all(r.complete for r in self.shadow.requests))

        def parts(backend):
            return sorted((r.method, r.target, r.sha.hexdigest(), r.header("x-m"),
                           r.header("x-request-id"), r.header("x-forwarded-for"))
                          for r in backend.requests)
        self.assertEqual(parts(self.shadow), parts(self.main))
        self.eventually(lambda: weir.metric("weir_proxy_mirrored_total", outcome="sent") == 4)

    def test_a_share_is_copied(self):
        weir = self.mirrored(share=0.3)
        with client.Client(weir.address()) as one:
            for _ in range(400):
                self.assertEqual(one.ask("GET", "/v1/").status, 200)
        self.eventually(lambda: weir.metric("weir_proxy_mirrored_total") >= len(
            self.shadow.requests) > 0)
        time.sleep(0.3)
        self.assertTrue(75 <= len(self.shadow.requests) <= 165, len(self.shadow.requests))

    def test_nobody_waits_for_a_copy_that_hangs_or_finds_no_slot(self):
        hangs = listening_socket()
        self.addCleanup(hangs.close)
        weir = self.mirrored(max_in_flight=1, health_check={"enabled": False},
                             endpoints=["127.0.0.1:%d" % hangs.getsockname()[1]])
        before = time.monotonic()
        for _ in range(20):
            self.assertEqual(client.ask(weir.address(), "POST", "/v1/", body=b"x").status, 200)
        self.assertLess(time.monotonic() - before, 2)
        self.eventually(lambda: weir.metric("weir_proxy_mirrored_total", outcome="no_slot") == 19)
        self.assertEqual(weir.target_group("shadow")["waiting"], 0)

    def test_a_copy_that_fails_is_not_sent_again(self):
        weir = self.mirrored()
        for _ in range(5):
            answer = client.ask(weir.address(), "POST", "/v1/status/503", body=b"x")
            self.assertEqual(answer.status, 503)
        self.eventually(lambda: weir.metric("weir_proxy_mirrored_total", outcome="sent") == 5)
        self.assertEqual(len(self.shadow.requests), 5)
        self.shadow.pause()
        for _ in range(5):
            self.assertEqual(client.get(weir.address(), "/v1/").status, 200)
        self.eventually(lambda: weir.metric("weir_proxy_mirrored_total") == 10)
        self.assertEqual(weir.metric("weir_proxy_retries_total", group="shadow"), 0)
        self.assertEqual(weir.metric("weir_proxy_mirrored_total", outcome="sent"), 5)

    def test_a_body_that_does_not_fit_is_not_copied(self):
        weir = self.mirrored(group={"retry": {"body": "64KiB"}})
        answer = client.ask(weir.address(), "POST", "/v1/upload", body=b"x" * 500_000)
        self.assertEqual(answer.json()["size"], 500_000)
        self.eventually(lambda: weir.metric("weir_proxy_mirrored_total", outcome="no_body") == 1)
        self.assertEqual(self.shadow.requests, [])

    def test_weir_ends_while_copies_hang(self):
        hangs = listening_socket()
        self.addCleanup(hangs.close)
        weir = self.mirrored(health_check={"enabled": False},
                             endpoints=["127.0.0.1:%d" % hangs.getsockname()[1]])
        for _ in range(5):
            self.assertEqual(client.get(weir.address(), "/v1/").status, 200)
        self.assertEqual(weir.terminate(), 0)


class GuideOfRules(WeirCase):
    """The examples of docs/guide/rules.md pass `weir check`."""

    def test_each_example_is_a_good_config(self):
        text = (ROOT / "docs" / "guide" / "rules.md").read_text()
        examples = re.findall(r"```yaml\n(.*?)```", text, re.S)
        self.assertGreater(len(examples), 5)
        with tempfile.TemporaryDirectory() as folder:
            for number, example in enumerate(examples):
                path = os.path.join(folder, f"{number}.yaml")
                with open(path, "w") as file:
                    file.write(example)
                checked = run_cli("check", path)
                self.assertEqual(checked.returncode, 0, example + checked.stdout + checked.stderr)
