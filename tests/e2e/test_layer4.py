"""Layer 4: connections forwarded as they are."""
import contextlib
import json
import os
import signal
import socket
import struct
import threading
import time

from weir_test import client
from weir_test.case import limit, measures_memory
from weir_test.layer4 import (TCP, Layer4Case, TcpServer, dial, named, read_all,
                              read_exactly)
from weir_test.weir import free_port, replica


class Tcp(Layer4Case):
    def test_bytes_go_both_ways_unchanged(self):
        weir = self.layer4([TcpServer(self)])
        data = os.urandom(3_000_000)
        with dial(weir) as one:
            sender = threading.Thread(target=lambda: (one.sendall(data),
                                                      one.shutdown(socket.SHUT_WR)))
            sender.start()
            self.assertEqual(read_all(one), data)
            sender.join()
        self.eventually(lambda: weir.metric("weir_proxy_l4_ended_total", end="proper") == 1)
        self.assertEqual(weir.metric("weir_proxy_request_bytes_total", group="models"), len(data))
        self.assertEqual(weir.metric("weir_proxy_response_bytes_total", group="models"), len(data))
        self.assertEqual(weir.metric("weir_proxy_connections_total", listener="public"), 1)

    def test_each_side_ends_on_its_own(self):
        """Half-close: the answer comes after the client has ended, and the other way round."""
        def after_the_end(connection):
            got = read_all(connection)
            connection.sendall(b"%d bytes" % len(got))

        def speaks_first(connection):
            connection.recv(2)
            connection.sendall(b"bye")
            connection.shutdown(socket.SHUT_WR)
            self.late.append(read_all(connection))

        self.late = []
        for serve, want in ((after_the_end, b"7 bytes"), (speaks_first, b"bye")):
            weir = self.layer4([TcpServer(self, serve)])
            with dial(weir) as one:
                if serve is after_the_end:
                    one.sendall(b"request")
                    one.shutdown(socket.SHUT_WR)
                    self.assertEqual(read_all(one), want)
                else:
                    one.sendall(b"hi")
                    self.assertEqual(read_all(one), want)
                    one.sendall(b"still here")
                    one.shutdown(socket.SHUT_WR)
                    self.eventually(lambda: self.late == [b"still here"])

    @measures_memory
    def test_a_slow_reader_slows_the_sender_and_nothing_is_buffered_without_bound(self):
        def flood(connection):
            connection.recv(1)
            for _ in range(2000):
                connection.sendall(b"x" * 65536)
        weir = self.layer4([TcpServer(self, flood)])
        with dial(weir) as one:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
            one.sendall(b"g")
            time.sleep(1)
            passed = weir.metric("weir_proxy_response_bytes_total")
            with open(f"/proc/{weir.pid}/status") as file:
                resident = next(int(line.split()[1]) for line in file if line.startswith("VmRSS"))
            self.assertLess(passed, 60_000_000)
            self.assertLess(resident, 120_000)

    def test_a_reset_reaches_the_other_side(self):
        def reset(connection):
            connection.recv(2)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        weir = self.layer4([TcpServer(self, reset)])
        with dial(weir) as one:
            one.sendall(b"hi")
            with self.assertRaises(ConnectionResetError):
                while True:
                    if not one.recv(100):
                        self.fail("ended as if all were well")
        self.eventually(lambda: weir.metric("weir_proxy_l4_ended_total", end="endpoint") == 1)

    def test_silence_ends_after_tcp_idle_and_movement_keeps_it(self):
        weir = self.layer4([TcpServer(self)], listener={"limits": {"tcp_idle": "600ms"}})
        with dial(weir) as one:
            for _ in range(5):
                time.sleep(0.3)
                one.sendall(b"a")
                self.assertEqual(one.recv(1), b"a")
            began = time.monotonic()
            with self.assertRaises(ConnectionResetError):
                if not one.recv(1):
                    self.fail("ended as if all were well")
            self.assertGreater(time.monotonic() - began, 0.5)
        self.eventually(lambda: weir.metric("weir_proxy_l4_ended_total", end="idle") == 1)

    def test_an_endpoint_that_refuses_is_passed_over_and_ejected(self):
        dead = f"127.0.0.1:{free_port()}"
        weir = self.layer4([dead, TcpServer(self, named("good")).address],
                           group={"health_check": {"enabled": False}, "algorithm": "round_robin",
                                  "outlier": {"consecutive_failures": 3}})
        for _ in range(20):
            with dial(weir) as one:
                one.sendall(b"?")
                self.assertEqual(one.recv(100), b"good\n")
        self.assertEqual(weir.metric("weir_proxy_ejections_total", group="models"), 1)
        self.assertGreaterEqual(weir.metric("weir_proxy_retries_total", cause="connect"), 3)

    def test_without_an_endpoint_that_accepts_the_client_sees_a_reset(self):
        weir = self.layer4([f"127.0.0.1:{free_port()}"],
                           group={"health_check": {"enabled": False}})
        with dial(weir) as one:
            with self.assertRaises(ConnectionResetError):
                one.sendall(b"x")
                if not one.recv(1):
                    self.fail("ended as if all were well")
        self.eventually(lambda: weir.metric("weir_proxy_l4_ended_total", end="rejected") == 1)

    def test_connections_are_in_flight_and_wait_in_line_above_the_bound(self):
        weir = self.layer4([TcpServer(self, named("a"))], group={"max_in_flight": 2})
        held = [dial(weir) for _ in range(2)]
        for one in held:
            one.sendall(b"?")
            self.assertEqual(one.recv(10), b"a\n")
        self.assertEqual(weir.endpoints()[0]["in_flight"], 2)
        third = dial(weir)
        third.sendall(b"?")
        self.eventually(lambda: weir.metric("weir_group_waiting", group="models") == 1)
        third.settimeout(0.3)
        with self.assertRaises(TimeoutError):
            third.recv(10)
        held.pop().close()
        third.settimeout(10)
        self.assertEqual(third.recv(10), b"a\n")
        for one in (*held, third):
            one.close()
        self.eventually(lambda: weir.endpoints()[0]["in_flight"] == 0)

    def test_a_full_line_and_a_long_wait_end_in_a_reset(self):
        weir = self.layer4([TcpServer(self, named("a"))],
                           group={"max_in_flight": 1, "queue": {"length": 1, "timeout": "1s"}})
        first = dial(weir)
        first.sendall(b"?")
        self.assertEqual(first.recv(10), b"a\n")
        second = dial(weir)
        self.eventually(lambda: weir.metric("weir_group_waiting", group="models") == 1)
        # It may come before connect() has returned.
        with self.assertRaises(ConnectionResetError), dial(weir) as third:
            if not third.recv(1):
                self.fail("ended as if all were well")
        with self.assertRaises(ConnectionResetError):
            if not second.recv(1):
                self.fail("ended as if all were well")
        first.close()
        second.close()
        self.assertEqual(weir.metric("weir_proxy_rejected_total", cause="full"), 1)
        self.assertEqual(weir.metric("weir_proxy_rejected_total", cause="timeout"), 1)

    def test_least_request_spreads_connections(self):
        servers = [TcpServer(self, named(n)) for n in "ab"]
        weir = self.layer4(servers, group={"algorithm": "least_request"})
        held = [dial(weir) for _ in range(10)]
        names = []
        for one in held:
            one.sendall(b"?")
            names.append(one.recv(10))
        self.assertEqual(names.count(b"a\n"), 5)
        for one in held:
            one.close()

    def test_a_flow_hash_of_the_source_keeps_a_client_where_it_is(self):
        servers = [TcpServer(self, named(n)) for n in "abc"]
        weir = self.layer4(servers, group={"algorithm": {"maglev": {"key": "source"}}})
        names = set()
        for _ in range(12):
            with dial(weir) as one:
                one.sendall(b"?")
                names.add(one.recv(10))
        self.assertEqual(len(names), 1)

    def test_a_flow_hash_of_address_and_port_spreads(self):
        servers = [TcpServer(self, named(n)) for n in "abc"]
        weir = self.layer4(servers, group={"algorithm": {"maglev": {"key": "flow"}}})
        names = set()
        for _ in range(60):
            with dial(weir) as one:
                one.sendall(b"?")
                names.add(one.recv(10))
        self.assertEqual(len(names), 3)

    def test_a_source_rule_decides(self):
        a, b = TcpServer(self, named("a")), TcpServer(self, named("b"))
        weir = self.weir({
            "listeners": {"public": {
                "protocol": "tcp",
                "rules": [{"match": {"source": "127.0.0.2/32"}, "forward": "two"}],
                "default": {"forward": "one"}}},
            "target_groups": {"one": {**TCP, "endpoints": [a.address]},
                              "two": {**TCP, "endpoints": [b.address]}}})
        for source, want in (("127.0.0.1", b"a\n"), ("127.0.0.2", b"b\n")):
            with socket.create_connection(weir.address(), 10, (source, 0)) as one:
                one.sendall(b"?")
                self.assertEqual(one.recv(10), want)

    def test_who_is_on_the_list_is_refused(self):
        server, path = TcpServer(self, named("a")), self.log_path()
        weir = self.layer4([server], listener={"access": {"deny": ["127.0.0.2"]}}, access_log={"path": path})
        for source, wanted in (("127.0.0.1", [b"a\n"]), ("127.0.0.2", [b"", None])):
            got = None
            # The one on the list may be reset, even before connect() has returned.
            with contextlib.suppress(OSError), socket.create_connection(weir.address(), 10, (source, 0)) as one:
                one.sendall(b"?")
                got = one.recv(10)
            self.assertIn(got, wanted)
        self.assertEqual(weir.metric("weir_proxy_denied_total", at="accept"), 1)
        self.eventually(lambda: any("access list" in line for line in open(path)))

    def test_reload_leaves_connections_and_deregistration_waits_for_them(self):
        a, b = TcpServer(self, named("a")), TcpServer(self, named("b"))
        weir = self.layer4([a])
        with dial(weir) as old:
            old.sendall(b"?")
            self.assertEqual(old.recv(10), b"a\n")
            weir.config["target_groups"]["models"]["endpoints"] = [b.address]
            weir.reload(weir.config)
            with dial(weir) as new:
                new.sendall(b"?")
                self.assertEqual(new.recv(10), b"b\n")
            old.sendall(b"?")
            self.assertEqual(old.recv(10), b"a\n")

    def test_weir_drains_until_the_last_connection_has_ended(self):
        weir = self.layer4([TcpServer(self, named("a"))])
        with dial(weir) as one:
            one.sendall(b"?")
            self.assertEqual(one.recv(10), b"a\n")
            weir.signal(signal.SIGTERM)
            self.eventually(lambda: "draining" in weir.log())
            self.eventually(lambda: self.refused(weir))
            for _ in range(5):
                one.sendall(b"?")
                self.assertEqual(one.recv(10), b"a\n")
                time.sleep(0.1)
            self.assertIsNone(weir.process.poll())
        self.assertEqual(weir.process.wait(10), 0)

    def refused(self, weir):
        try:
            dial(weir).close()
            return False
        except ConnectionRefusedError:
            return True

    def test_connections_above_the_limit_of_the_listener_are_not_served(self):
        weir = self.layer4([TcpServer(self, named("a"))], listener={"limits": {"connections": 2}})
        held = [dial(weir) for _ in range(2)]
        for one in held:
            one.sendall(b"?")
            self.assertEqual(one.recv(10), b"a\n")
        with dial(weir, timeout=1) as extra:
            try:
                extra.sendall(b"?")
                self.assertEqual(extra.recv(10), b"")
            except OSError:
                pass
        for one in held:
            one.close()

        def served():
            with dial(weir) as one:
                try:
                    one.sendall(b"?")
                    return one.recv(10) == b"a\n"
                except OSError:
                    return False
        self.eventually(served)

    def test_a_connection_has_a_record_as_json_and_as_nlb_has_it(self):
        server = TcpServer(self, named("a"))
        for form in ("json", "alb"):
            path = self.log_path()
            weir = self.layer4([server], access_log={"path": path, "format": form})
            with dial(weir) as one:
                local = "%s:%d" % one.getsockname()
                one.sendall(b"???")
                self.assertEqual(one.recv(10), b"a\n")
            line = self.records(weir, 1)[0]
            if form == "json":
                record = json.loads(line)
                self.assertEqual(record["protocol"], "TCP")
                self.assertEqual(record["client"], local)
                self.assertEqual(record["endpoint"], server.address)
                self.assertEqual((record["bytes_in"], record["bytes_out"]), (3, 2))
                self.assertFalse(record["cut"])
            else:
                fields = line.split(" ")
                self.assertEqual(len(fields), 22)
                self.assertEqual(fields[:2], ["tcp", "2.0"])
                self.assertEqual(fields[4:7], ["public", local, server.address])
                self.assertEqual(fields[9:11], ["3", "2"])

    def test_many_connections_at_once_lose_nothing(self):
        weir = self.layer4([TcpServer(self), TcpServer(self)])
        wrong = []

        def one(number):
            data = os.urandom(50_000 + number)
            try:
                with dial(weir) as connection:
                    for at in range(0, len(data), 7919):
                        piece = data[at:at + 7919]
                        connection.sendall(piece)
                        if read_exactly(connection, len(piece)) != piece:
                            wrong.append(number)
            except OSError as error:
                wrong.append((number, error))
        threads = [threading.Thread(target=one, args=(i,)) for i in range(60)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(wrong, [])

    @limit(60)
    def test_a_group_at_zero_wakes_for_a_connection_that_is_held_meanwhile(self):
        weir = self.weir({
            "listeners": {"public": {"protocol": "tcp", "default": {"forward": "models"}}},
            "target_groups": {"models": TCP},
            "scaling_groups": {"models": {
                "target_groups": ["models"], "min": 0, "max": 1,
                "launch": {"command": replica(), "stop_grace": "2s"},
                "policies": [{"target_tracking": {"metric": "in_flight_per_endpoint",
                                                  "target": 1}}]}}})
        answer = client.get(weir.address(), "/")  # HTTP, which weir passes on as bytes
        self.assertEqual(answer.status, 200)
