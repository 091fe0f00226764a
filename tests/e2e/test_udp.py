"""Datagrams: flows that keep their endpoint."""
import json
import os
import socket
import threading

from weir_test import client
from weir_test.layer4 import TCP, Layer4Case, TcpServer, dial, named
from weir_test.weir import free_port


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

    def test_who_is_on_the_list_is_not_answered(self):
        weir = self.datagrams([self.Server(self, "a")], listener={"access": {"allow": ["192.0.2.0/24"]}})
        one = self.client(weir)
        one.settimeout(0.3)
        with self.assertRaises(TimeoutError):
            self.ask(one)
        self.assertEqual(weir.metric("weir_proxy_datagrams_dropped_total", cause="denied"), 1)

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
