"""What weir tells: metrics, access log, its own log."""
import json

from weir_test import client
from weir_test.weir import WeirCase


class Metrics(WeirCase):
    def test_requests_are_counted_where_they_went(self):
        weir = self.proxy(self.backend("a"))
        before = weir.metric("weir_proxy_requests_total", group="models")
        for _ in range(7):
            client.get(weir.address(), "/")
        client.get(weir.address(), "/status/404")
        self.eventually(lambda: weir.metric("weir_proxy_requests_total", group="models")
                        == before + 8)
        self.assertEqual(weir.metric("weir_proxy_requests_total", listener="public",
                                     code="4xx"), 1)

    def test_latencies_are_histograms_whose_buckets_add_up(self):
        weir = self.proxy(self.backend("a"))
        for _ in range(5):
            client.get(weir.address(), "/delay?ms=30")
        self.eventually(lambda: weir.metric("weir_proxy_request_seconds_count",
                                            group="models") == 5)
        got = weir.metrics()
        for name in ("weir_proxy_request_seconds", "weir_proxy_first_byte_seconds"):
            rows = [(float(labels["le"].replace("+Inf", "inf")), value)
                    for labels, value in got[name + "_bucket"] if labels["group"] == "models"]
            rows.sort()
            self.assertEqual([v for _, v in rows], sorted(v for _, v in rows))
            self.assertEqual(rows[-1], (float("inf"), 5))
            self.assertEqual(sum(v for le, v in rows if le < 0.025), 0)
            total = weir.metric(name + "_sum", group="models")
            self.assertTrue(0.15 <= total < 3, total)

    def test_retries_ejections_and_waiting_are_seen(self):
        a, b = self.backend("a"), self.backend("b")
        weir = self.proxy([a, b], group={"health_check": {"enabled": False}, "max_in_flight": 1,
                                         "algorithm": "round_robin",
                                         "outlier": {"consecutive_failures": 2}})
        a.pause()
        for _ in range(20):
            self.assertEqual(client.get(weir.address(), "/").status, 200)
        self.assertGreaterEqual(weir.metric("weir_proxy_retries_total", group="models"), 2)
        self.eventually(lambda: weir.metric("weir_proxy_ejections_total", group="models") >= 1)
        held = []
        a.resume()
        for _ in range(4):
            one = client.Client(weir.address())
            one.request("GET", "/gate?name=g")
            held.append(one)
        self.eventually(lambda: weir.metric("weir_group_waiting", group="models") >= 1)
        for backend in (a, b):
            backend.open_gate("g")
        for one in held:
            one.answer(), one.close()

    def test_every_metric_has_help_and_type_and_a_house_name(self):
        import re
        weir = self.proxy(self.backend("a"))
        client.get(weir.address(), "/")
        text = weir.admin("GET", "/metrics").body.decode()
        names = set(re.findall(r"^([a-zA-Z_:]\w*?)(?:_bucket|_sum|_count)?(?:\{| )", text, re.M))
        helped = set(re.findall(r"^# HELP (\S+) \S", text, re.M))
        typed = set(re.findall(r"^# TYPE (\S+) (?:counter|gauge|histogram)$", text, re.M))
        self.assertEqual(helped, typed)
        self.assertGreater(len(typed), 15)
        for name in typed:
            self.assertRegex(name, r"^weir_[a-z]+_[a-z0-9_]+$")
        self.assertTrue(names)

    def test_instances_by_state_and_decisions_are_seen(self):
        from weir_test.weir import replica
        weir = self.weir({
            "listeners": {"public": {"default": {"forward": "models"}}},
            "target_groups": {"models": {"health_check": {"path": "/health"}}},
            "scaling_groups": {"models": {"target_groups": ["models"], "min": 1, "max": 2,
                                          "launch": {"command": replica()}}}})
        self.eventually(lambda: any(
            labels.get("state") == "in_service" and value == 1
            for rows in weir.metrics().values() for labels, value in rows))

    def test_label_values_of_clients_cannot_break_the_text(self):
        weir = self.proxy(self.backend("a"))
        client.ask(weir.address(), "GET", '/"}\\n', [('X-Request-Id', 'a"b\\')], host="a")
        weir.metrics()  # raises where a line is no metric


class AccessLog(WeirCase):
    def lines(self, path):
        return path.read_text().splitlines() if path.exists() else []

    def test_json_lines_tell_each_request(self):
        path = self.folder / "access.log"
        a = self.backend("a")
        weir = self.proxy(a, access_log={"path": str(path), "format": "json"})
        client.ask(weir.address(), "POST", "/upload?x=1", [("User-Agent", "te\"st\\"),
                                                           ("X-Request-Id", "id-1")], b"12345")
        client.get(weir.address(), "/status/404")
        rows = self.eventually(lambda: len(self.lines(path)) == 2 and
                               [json.loads(line) for line in self.lines(path)])
        first = rows[0]
        text = json.dumps(first)
        self.assertIn(a.address, text)
        self.assertIn("/upload?x=1", text)
        self.assertIn("id-1", text)
        self.assertIn("POST", text)
        self.assertIn(200, first.values())
        self.assertIn(404, rows[1].values())

    def test_alb_lines_have_the_fields_of_an_alb(self):
        import shlex
        path = self.folder / "access.log"
        a = self.backend("a")
        weir = self.proxy(a, access_log={"path": str(path), "format": "alb"})
        client.get(weir.address(), "/?q=1", [("User-Agent", "agent with spaces")])
        line = self.eventually(lambda: self.lines(path))[0]
        fields = shlex.split(line)
        self.assertEqual(fields[0], "http")
        self.assertRegex(fields[1], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$")
        self.assertRegex(fields[3], r"^127\.0\.0\.1:\d+$")
        self.assertEqual(fields[4], a.address)
        self.assertEqual(fields[8:10], ["200", "200"])
        self.assertRegex(fields[12], r"^GET http://.*/\?q=1 HTTP/1\.1$")
        self.assertEqual(fields[13], "agent with spaces")

    def test_a_client_cannot_write_lines_of_its_own(self):
        path = self.folder / "access.log"
        weir = self.proxy(self.backend("a"), access_log={"path": str(path), "format": "json"})
        client.get(weir.address(), "/%0a%22}", [("User-Agent", '"}\\n{"a":"b"\x80')])
        line = self.eventually(lambda: self.lines(path))
        self.assertEqual(len(line), 1)
        json.loads(line[0])

    def test_refused_and_cut_requests_are_told_too(self):
        path = self.folder / "access.log"
        weir = self.proxy(self.backend("a"), access_log={"path": str(path), "format": "json"})
        with client.Client(weir.address()) as one:
            one.send("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n")
            one.answer()
        one = client.Client(weir.address())
        one.request("GET", "/hang")
        import time
        time.sleep(0.2)
        one.close()
        self.eventually(lambda: len(self.lines(path)) >= 2)


class OwnLog(WeirCase):
    def test_json_lines_are_json(self):
        weir = self.proxy(self.backend("a"), log={"level": "debug", "format": "json"})
        client.get(weir.address(), "/")
        lines = [l for l in weir.log().splitlines() if not l.startswith("---")]
        self.assertTrue(lines)
        for line in lines:
            json.loads(line)

    def test_a_file_takes_the_log(self):
        path = self.folder / "own.log"
        self.proxy(self.backend("a"), log={"file": str(path), "level": "info"})
        self.eventually(lambda: path.exists() and path.read_text())
