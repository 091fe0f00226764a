"""Sticky sessions: of endpoints by cookie, application cookie and address; of target groups."""
import os
import subprocess
import tempfile
import time
from collections import Counter

from weir_test import client
from weir_test.weir import WeirCase


def cookies_of(answer):
    """{name: (value, attributes)} of an answer."""
    out = {}
    for line in answer.all("set-cookie"):
        pair, *attributes = [part.strip() for part in line.split(";")]
        name, _, value = pair.partition("=")
        out[name] = (value, attributes)
    return out


def cookie_header(*answers):
    jar = {}
    for answer in answers:
        jar.update({name: value for name, (value, _) in cookies_of(answer).items()})
    return [("Cookie", "; ".join(f"{k}={v}" for k, v in jar.items()))]


class ByCookie(WeirCase):
    def sticky(self, count=4, stickiness=None, group=None, **top):
        self.backends = [self.backend(f"b{n}") for n in range(count)]
        return self.proxy(self.backends, group={
            "algorithm": "round_robin", "stickiness": stickiness or {"type": "lb_cookie"},
            "health_check": {"path": "/health", "interval": "200ms", "timeout": "200ms",
                             "unhealthy": 3}, **(group or {})}, **top)

    def name(self, answer):
        return answer.body.decode().strip()

    def test_a_client_with_its_cookie_comes_back(self):
        weir = self.sticky()
        first = client.get(weir.address(), "/")
        cookies = cookies_of(first)
        self.assertEqual(set(cookies), {"AWSALB", "AWSALBCORS"})
        self.assertEqual(cookies["AWSALBCORS"][1][-2:], ["SameSite=None", "Secure"])
        self.assertIn("Max-Age=86400", cookies["AWSALB"][1])
        self.assertNotIn(self.name(first), cookies["AWSALB"][0])
        for kept in (["AWSALB"], ["AWSALBCORS"], ["AWSALB", "AWSALBCORS"]):
            header = [("Cookie", "; ".join(f"{k}={cookies[k][0]}" for k in kept))]
            got = {self.name(client.get(weir.address(), "/", header)) for _ in range(8)}
            self.assertEqual(got, {self.name(first)})
        without = {self.name(client.get(weir.address(), "/")) for _ in range(20)}
        self.assertGreater(len(without), 1)
        self.assertEqual(weir.metric("weir_proxy_sticky_total", outcome="kept"), 24)

    def test_curl_keeps_its_session_with_a_jar(self):
        weir = self.sticky()
        with tempfile.TemporaryDirectory() as folder:
            jar = os.path.join(folder, "jar")
            host, port = weir.address()
            got = Counter(subprocess.run(
                ["curl", "-sS", "-b", jar, "-c", jar, f"http://{host}:{port}/"],
                capture_output=True, text=True, check=True).stdout for _ in range(10))
        self.assertEqual(len(got), 1, got)

    def test_it_survives_reloads_restarts_and_other_orders(self):
        weir = self.sticky()
        first = client.get(weir.address(), "/")
        header = cookie_header(first)
        config = weir.config
        group = config["target_groups"]["models"]
        group["endpoints"] = list(reversed(group["endpoints"]))
        group["stickiness"]["duration"] = "2h"
        weir.reload(config)
        for _ in range(4):
            self.assertEqual(self.name(client.get(weir.address(), "/", header)), self.name(first))
        weir.kill()
        weir.start()
        self.eventually(lambda: all(e["state"] == "healthy" for e in weir.endpoints()))
        for _ in range(4):
            self.assertEqual(self.name(client.get(weir.address(), "/", header)), self.name(first))

    def test_it_gives_up_an_endpoint_that_is_gone_and_names_another(self):
        weir = self.sticky()
        first = client.get(weir.address(), "/")
        old = self.name(first)
        config = weir.config
        group = config["target_groups"]["models"]
        gone = next(b for b in self.backends if b.name == old)
        group["endpoints"] = [e for e in group["endpoints"] if e["address"] != gone.address]
        weir.reload(config)
        moved = client.get(weir.address(), "/", cookie_header(first))
        self.assertNotEqual(self.name(moved), old)
        for _ in range(6):
            again = client.get(weir.address(), "/", cookie_header(moved))
            self.assertEqual(self.name(again), self.name(moved))

    def test_it_gives_up_an_endpoint_that_is_unhealthy_or_draining(self):
        weir = self.sticky()
        first = client.get(weir.address(), "/")
        old = next(b for b in self.backends if b.name == self.name(first))
        old.server.health = 503
        self.eventually(lambda: any(e["state"] == "unhealthy" for e in weir.endpoints()))
        moved = client.get(weir.address(), "/", cookie_header(first))
        self.assertNotEqual(self.name(moved), old.name)
        now = next(b for b in self.backends if b.name == self.name(moved))
        self.assertEqual(weir.cli("drain", now.address).returncode, 0)
        self.eventually(lambda: self.name(client.get(
            weir.address(), "/", cookie_header(moved))) != now.name)

    def test_a_replica_that_dies_loses_its_clients_and_no_request(self):
        weir = self.sticky(count=2, group={"algorithm": "round_robin"})
        first = client.get(weir.address(), "/")
        next(b for b in self.backends if b.name == self.name(first)).stop()
        answer = client.get(weir.address(), "/", cookie_header(first))
        self.assertEqual(answer.status, 200)
        self.assertNotEqual(self.name(answer), self.name(first))

    def test_a_full_endpoint_keeps_its_clients(self):
        weir = self.sticky(count=2, group={"max_in_flight": 1})
        first = client.get(weir.address(), "/")
        header = cookie_header(first)
        busy = next(b for b in self.backends if b.name == self.name(first))
        with client.Client(weir.address()) as one:
            one.request("GET", "/gate?name=g", header)
            self.eventually(lambda: len(busy.requests) == 2)
            other = client.get(weir.address(), "/", header)
            self.assertNotEqual(self.name(other), self.name(first))
            busy.open_gate("g")
            self.assertEqual(one.answer().status, 200)
        back = client.get(weir.address(), "/", cookie_header(other))
        self.assertEqual(self.name(back), self.name(first))

    def test_forged_and_foreign_cookies_are_passed_over(self):
        weir = self.sticky()
        other = self.sticky()
        foreign = cookies_of(client.get(other.address(), "/"))["AWSALB"][0]
        for value in ("x", "", "=" * 27, "A" * 27, foreign, "'\"; DROP", "A" * 5000, "\xff" * 27):
            answer = client.get(weir.address(), "/", [("Cookie", f"AWSALB={value}")])
            self.assertEqual(answer.status, 200)
        self.assertEqual(weir.metric("weir_proxy_sticky_total", outcome="new"), 8)

    def test_a_cookie_runs_out(self):
        weir = self.sticky(stickiness={"type": "lb_cookie", "duration": "1s", "cookie": "OCR"})
        first = client.get(weir.address(), "/")
        self.assertEqual(set(cookies_of(first)), {"OCR", "OCRCORS"})
        time.sleep(2.1)
        client.get(weir.address(), "/", cookie_header(first))
        self.assertEqual(weir.metric("weir_proxy_sticky_total", outcome="kept"), 0)


class ByApplication(WeirCase):
    def test_a_session_begins_when_the_application_sets_its_cookie(self):
        backends = [self.backend(f"b{n}") for n in range(4)]
        weir = self.proxy(backends, group={
            "algorithm": "round_robin", "stickiness": {"type": "app_cookie", "cookie": "SID"}})
        self.assertEqual(cookies_of(client.get(weir.address(), "/")), {})
        login = client.get(weir.address(), "/answer?Set-Cookie=SID%3D42")
        self.assertEqual(set(cookies_of(login)), {"SID", "AWSALBAPP-0"})
        for _ in range(6):
            answer = client.get(weir.address(), "/", cookie_header(login))
            self.assertEqual(answer.body, login.body)
        value = cookies_of(login)["AWSALBAPP-0"][0]
        alone = {client.get(weir.address(), "/", [("Cookie", f"AWSALBAPP-0={value}")]).body
                 for _ in range(20)}
        self.assertGreater(len(alone), 1)


class ByAddress(WeirCase):
    def test_a_client_stays_by_its_address(self):
        backends = [self.backend(f"b{n}") for n in range(4)]
        weir = self.proxy(backends, group={"algorithm": "round_robin",
                                           "stickiness": {"type": "source_ip"}})
        self.eventually(lambda: all(e["state"] == "healthy" for e in weir.endpoints("models")))
        answers = [client.get(weir.address(), "/") for _ in range(10)]
        self.assertEqual(len({a.body for a in answers}), 1)
        self.assertEqual(cookies_of(answers[0]), {})
        stays = next(b for b in backends if b.name.encode() == answers[0].body.strip())
        stays.stop()
        self.assertEqual(client.get(weir.address(), "/").status, 200)


class ByGroup(WeirCase):
    def test_a_client_stays_with_its_group(self):
        old, new = self.backend("old"), self.backend("new")
        forward = {"groups": {"old": 1, "new": 1}, "stickiness": "1h"}
        weir = self.weir({
            "listeners": {"public": {"default": {"forward": forward}}},
            "target_groups": {b.name: {"endpoints": [b.address]} for b in (old, new)}})
        sides = Counter()
        for _ in range(20):
            first = client.get(weir.address(), "/")
            self.assertEqual(set(cookies_of(first)), {"AWSALBTG", "AWSALBTGCORS"})
            sides[first.body] += 1
            for _ in range(3):
                again = client.get(weir.address(), "/", cookie_header(first))
                self.assertEqual(again.body, first.body)
        self.assertEqual(len(sides), 2, sides)
        config = weir.config
        forward["groups"]["new"] = 0
        config["listeners"]["public"]["default"]["forward"] = forward
        weir.reload(config)
        got = {client.get(weir.address(), "/", cookie_header(first)).body for _ in range(4)}
        self.assertEqual(got, {b"old\n"})
