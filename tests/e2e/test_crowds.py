"""Crowds that hold on: idle connections and streams. Slow heads and the limit of descriptors are in
test_overload; the large crowds and their memory are in bench/crowd.py."""
import resource

from weir_test import client, processes
from weir_test.case import limit, measures_memory
from weir_test.certificates import Authority
from weir_test.load import Load
from weir_test.weir import WeirCase

QUIET = {"health_check": {"enabled": False}, "outlier": {"enabled": False}}


class Crowds(WeirCase):
    serial = True

    def setUp(self):
        super().setUp()
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8192), hard))
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))

    def assert_others_are_served(self, weir, tls=None):
        with client.Client(weir.address(), tls=tls) as kept:
            for _ in range(100):
                self.assertEqual(kept.ask("GET", "/").status, 200)
                with client.Client(weir.address(), tls=tls) as fresh:
                    self.assertEqual(fresh.ask("GET", "/").status, 200)

    @limit(120)
    @measures_memory
    def test_two_thousand_idle_connections_over_tls(self):
        authority = Authority(self)
        weir = self.proxy(self.backend(), group=QUIET, workers=2, listener={
            "protocol": "https", "tls": {"certificates": [authority.issue("localhost")]}})
        tls = authority.client()
        self.assert_others_are_served(weir, tls)
        before = processes.resident(weir.pid)
        crowd = [client.Client(weir.address(), tls=tls) for _ in range(2000)]
        for one in crowd:
            self.addCleanup(one.close)
            self.assertEqual(one.ask("GET", "/").status, 200)
        self.assert_others_are_served(weir, tls)
        self.assertLess(processes.resident(weir.pid) - before, 2000 * 40_000)
        for one in crowd:
            self.assertEqual(one.ask("GET", "/").status, 200)
            one.close()
        self.eventually(lambda: len(processes.descriptors(weir.pid)) < 200)

    @limit(120)
    @measures_memory
    def test_a_thousand_streams(self):
        weir = self.proxy(self.backend(), group=QUIET, workers=2)
        self.assert_others_are_served(weir)
        before = processes.resident(weir.pid)
        crowd = Load(weir.address(), connections=0, streams=1000, events=8, interval=1000).start()
        self.eventually(lambda: crowd.streaming == 1000, within=20)
        self.assertLess(processes.resident(weir.pid) - before, 1000 * 16384)
        self.assert_others_are_served(weir)
        result = crowd.stop()
        self.assertEqual(result.cut, [], result.summary())
        self.assertEqual(result.streams_good, result.streams_begun)
        self.eventually(lambda: weir.target_group()["in_flight"] == 0)
