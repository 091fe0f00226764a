"""Too much: request budgets, priorities in line, learned limits, floods of every kind."""
import asyncio
import resource
import socket
import threading
import time
from collections import Counter

from weir_test import backend_routes, client, processes
from weir_test.case import SANITIZED, limit, measures_memory
from weir_test.weir import WeirCase

QUIET = {"health_check": {"enabled": False}, "outlier": {"enabled": False}}


class RequestBudgets(WeirCase):
    def limited(self, *limits, listener=(), workers=2, **more):
        self.target = self.backend()
        return self.proxy(self.target, group=QUIET, workers=workers, listener={
            "rate_limits": list(listener), **more,
            "rules": [{"name": "chat", "match": {"path": "/chat"}, "forward": "models",
                       "rate_limits": list(limits)}]})

    def statuses(self, weir, count, path="/chat", headers=()):
        return [client.get(weir.address(), path, headers).status for _ in range(count)]

    def test_a_burst_passes_then_the_rate(self):
        weir = self.limited({"rate": "2/s", "burst": 3})
        self.assertEqual(self.statuses(weir, 4), [200, 200, 200, 429])
        refused = client.get(weir.address(), "/chat")
        self.assertEqual(refused.status, 429)
        self.assertEqual(refused.header("retry-after"), "1")
        self.assertEqual(refused.header("ratelimit-policy"), '"chat";q=3;w=2')
        self.assertEqual(refused.header("ratelimit"), '"chat";r=0;t=1')
        self.assertEqual(client.get(weir.address(), "/other").status, 200)
        time.sleep(0.6)
        self.assertEqual(self.statuses(weir, 2), [200, 429])
        self.assertEqual(len(self.target.requests), 5)
        self.assertEqual(weir.metric("weir_proxy_rate_limited_total", rule="chat"), 3)

    def test_header_values_have_buckets_of_their_own(self):
        weir = self.limited({"key": "header:X-User", "rate": "1/h", "burst": 2})
        for user in ("ann", "bob", "eve"):
            self.assertEqual(self.statuses(weir, 3, headers=[("x-user", user)]), [200, 200, 429])
        # Leaving it out gains one bucket for all who do.
        self.assertEqual(self.statuses(weir, 3), [200, 200, 429])

    def test_sources_have_buckets_of_their_own(self):
        weir = self.limited({"key": "source", "rate": "1/h", "burst": 1})
        got = []
        for source in ("127.0.0.1", "127.0.0.2", "127.0.0.3", "127.0.0.2"):
            sock = socket.create_connection(weir.address(), 10, (source, 0))
            sock.sendall(b"GET /chat HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n")
            got.append(sock.recv(1000)[9:12])
            sock.close()
        self.assertEqual(got, [b"200", b"200", b"200", b"429"])

    def test_all_limits_must_have_a_token(self):
        weir = self.limited({"key": "route", "rate": "1/h", "burst": 5},
                            {"key": "header:X-User", "rate": "1/h", "burst": 2})
        users = [self.statuses(weir, 3, headers=[("X-User", u)]) for u in "abc"]
        self.assertEqual(sum(s == 200 for row in users for s in row), 4)
        self.assertEqual(users[0], [200, 200, 429])

    def test_a_listener_has_limits_over_all_its_rules(self):
        weir = self.limited(listener=[{"key": "route", "rate": "1/h", "burst": 3}])
        self.assertEqual(self.statuses(weir, 2) + self.statuses(weir, 2, "/else"),
                         [200, 200, 200, 429])
        self.assertEqual(client.get(weir.address(), "/x").header("ratelimit-policy"),
                         '"listener";q=3;w=10800')

    @limit(60)
    def test_workers_share_the_buckets(self):
        weir = self.limited({"key": "route", "rate": "1/h", "burst": 50}, workers=4)
        got = Counter()
        lock = threading.Lock()

        def many():
            mine = Counter(self.statuses(weir, 25))
            with lock:
                got.update(mine)
        threads = [threading.Thread(target=many) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(got, {200: 50, 429: 150})

    def test_a_reload_keeps_what_was_used(self):
        weir = self.limited({"key": "route", "rate": "1/h", "burst": 3})
        self.assertEqual(self.statuses(weir, 2), [200, 200])
        weir.config["listeners"]["public"]["limits"] = {"headers": 90}
        weir.reload(weir.config)
        self.assertEqual(self.statuses(weir, 2), [200, 429])
        weir.config["listeners"]["public"]["rules"][0]["rate_limits"][0]["burst"] = 5
        weir.reload(weir.config)
        self.assertEqual(self.statuses(weir, 6), [200] * 5 + [429])

    def test_a_refused_post_is_answered_at_once(self):
        weir = self.limited({"key": "route", "rate": "1/h", "burst": 1})
        body = b"z" * 300_000
        self.assertEqual(client.ask(weir.address(), "POST", "/chat", body=body).status, 200)
        self.assertEqual(client.ask(weir.address(), "POST", "/chat", body=body).status, 429)

    @limit(60)
    @measures_memory
    def test_memory_stays_bounded_over_many_values(self):
        weir = self.limited({"key": "header:X-User", "rate": "1/h", "burst": 1, "keys": 1000})
        with client.Client(weir.address()) as one:
            one.ask("GET", "/chat")
            before = processes.resident(weir.pid)
            for n in range(8000):
                one.request("GET", "/chat", [("X-User", f"user-{n}")])
                one.answer()
        self.assertLess(processes.resident(weir.pid) - before, 4 << 20)


class Priorities(WeirCase):
    def room(self, rules=(), **queue):
        self.target = self.backend()
        queue = {"classes": ["chat", "normal", "batch"], "class_header": "X-Class",
                 "default_class": "normal", **queue}
        return self.proxy(self.target, listener={"rules": list(rules)},
                          group={**QUIET, "max_in_flight": 1, "queue": queue})

    def hold(self, weir):
        held = client.Client(weir.address())
        held.request("GET", "/gate?name=g")
        self.eventually(lambda: self.target.server.busy == 1)
        return held

    def line_up(self, weir, *rows, line=None):
        """(target, class or None) one after the other."""
        line = line if line is not None else []
        for target, name in rows:
            one = client.Client(weir.address(), timeout=25)
            one.request("GET", target, [("X-Class", name)] if name else [])
            line.append(one)
            self.eventually(lambda: weir.target_group()["waiting"] == len(line))
        return line

    def served(self, held, line):
        self.target.open_gate("g")
        statuses = [one.answer().status for one in [held, *line]]
        for one in [held, *line]:
            one.close()
        self.assertEqual(set(statuses), {200})
        return [r.target for r in self.target.requests[1:]]

    def test_the_important_go_first_each_class_in_its_order(self):
        weir = self.room()
        held = self.hold(weir)
        line = self.line_up(weir, ("/b1", "batch"), ("/n1", None), ("/c1", "chat"),
                            ("/b2", "batch"), ("/n2", "unknown"), ("/c2", "chat"))
        self.assertEqual(self.served(held, line), ["/c1", "/c2", "/n1", "/n2", "/b1", "/b2"])
        self.assertEqual(weir.metric("weir_proxy_queued_total", **{"class": "batch"}), 2)

    def test_a_rule_gives_the_class(self):
        weir = self.room(rules=[
            {"match": {"path": "/bulk/*"}, "forward": "models", "queue_class": "batch"},
            {"match": {"path": "/live/*"}, "forward": "models", "queue_class": "chat"}])
        held = self.hold(weir)
        line = self.line_up(weir, ("/bulk/1", "chat"), ("/n", None), ("/live/1", None))
        self.assertEqual(self.served(held, line), ["/live/1", "/n", "/bulk/1"])

    def test_no_class_starves(self):
        """One important request after the other; the least one is served all the same."""
        weir = self.room(aging="300ms")
        stop = threading.Event()

        def important():
            with client.Client(weir.address()) as one:
                while not stop.is_set():
                    one.ask("GET", "/delay?ms=30", [("X-Class", "chat")])
        threads = [threading.Thread(target=important) for _ in range(4)]
        for thread in threads:
            thread.start()
        try:
            self.eventually(lambda: weir.target_group()["waiting"] >= 2)
            began = time.monotonic()
            answer = client.get(weir.address(), "/least", [("X-Class", "batch")])
            took = time.monotonic() - began
        finally:
            stop.set()
            for thread in threads:
                thread.join()
        self.assertEqual(answer.status, 200)
        self.assertGreater(took, 0.4)  # two classes down: behind what came in 600 ms
        self.assertLess(took, 6)

    def test_in_a_full_room_the_newest_of_the_least_gives_way(self):
        weir = self.room(length=3)
        held = self.hold(weir)
        line = self.line_up(weir, ("/n1", None), ("/b1", "batch"), ("/b2", "batch"))
        chat = client.Client(weir.address())
        chat.request("GET", "/c1", [("X-Class", "chat")])
        displaced = line.pop().answer()
        self.assertEqual(displaced.status, 503)
        self.assertGreaterEqual(int(displaced.header("retry-after")), 1)
        # As important as the least in line: turned away itself.
        self.assertEqual(client.get(weir.address(), "/b3", [("X-Class", "batch")]).status, 503)
        self.eventually(lambda: weir.target_group()["waiting"] == 3)
        self.assertEqual(self.served(held, [chat, *line]), ["/c1", "/n1", "/b1"])
        self.assertEqual(weir.metric("weir_proxy_rejected_total", cause="displaced"), 1)
        self.assertEqual(weir.metric("weir_proxy_rejected_total", cause="full"), 1)

    def test_a_reload_may_change_the_classes_while_some_wait(self):
        weir = self.room()
        held = self.hold(weir)
        line = self.line_up(weir, ("/b1", "batch"), ("/c1", "chat"))
        queue = weir.config["target_groups"]["models"]["queue"]
        queue.clear()
        weir.reload(weir.config)
        line = self.line_up(weir, ("/x", "chat"), line=line)
        served = self.served(held, line)
        self.assertEqual(set(served), {"/b1", "/c1", "/x"})
        self.assertLess(served.index("/c1"), served.index("/b1"))


class LearnedLimits(WeirCase):
    serial = True

    @limit(120)
    def test_the_limit_follows_what_the_server_takes(self):
        """4 at once take 50 ms each; what is above them queues in the server."""
        places = {}

        async def work(server, connection, request):
            await connection.read_body(request)
            place = places.setdefault(server, asyncio.Semaphore(4))
            async with place:
                await asyncio.sleep(0.05)
            await connection.answer(200, b"done")
        backend_routes.ROUTES["/work"] = work
        target = self.backend()
        weir = self.proxy(target, group={**QUIET, "adaptive_concurrency": {
            "enabled": True, "initial": 2, "max": 200, "window": "100ms"}})
        stop = threading.Event()

        def load():
            with client.Client(weir.address(), timeout=60) as one:
                while not stop.is_set():
                    if one.ask("GET", "/work").status != 200:
                        return
        threads = [threading.Thread(target=load) for _ in range(40)]
        for thread in threads:
            thread.start()
        try:
            time.sleep(6)
            served, began = len(target.requests), time.monotonic()
            target.server.busy_most = 0
            time.sleep(4)
            rate = (len(target.requests) - served) / (time.monotonic() - began)
            most, learned = target.server.busy_most, weir.metric("weir_endpoint_limit")
        finally:
            stop.set()
            for thread in threads:
                thread.join()
        self.assertLessEqual(most, 16, "far fewer than the 40 that were offered")
        self.assertTrue(4 <= learned <= 16, learned)
        self.assertGreater(rate, 0.75 * 80, "the server is kept busy")

    def test_a_fixed_limit_stays_the_most(self):
        target = self.backend()
        weir = self.proxy(target, group={**QUIET, "max_in_flight": 2, "adaptive_concurrency": {
            "enabled": True, "initial": 50, "max": 200}})
        threads = [threading.Thread(target=client.get, args=(weir.address(), "/delay?ms=30"))
                   for _ in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertLessEqual(target.server.busy_most, 2)
        self.assertEqual(weir.metric("weir_endpoint_limit"), 2)


class Accepting(WeirCase):
    def test_above_its_most_connections_a_listener_lets_new_ones_wait(self):
        target = self.backend()
        weir = self.proxy(target, listener={"limits": {"connections": 5}}, workers=2)
        first = [client.Client(weir.address()) for _ in range(5)]
        for one in first:
            self.assertEqual(one.ask("GET", "/").status, 200)
        late = [client.Client(weir.address()) for _ in range(5)]
        for one in late:
            one.request("GET", "/")
        self.assertTrue(all(one.alive(0.1) for one in late), "they wait, unanswered and open")
        for one in first:  # those who are in go on
            self.assertEqual(one.ask("GET", "/").status, 200)
            one.close()
        for one in late:
            self.assertEqual(one.answer().status, 200)
            one.close()
        self.assertGreaterEqual(
            weir.metric("weir_proxy_accept_paused_total", cause="connections"), 1)

    @limit(90)
    def test_at_the_descriptor_limit_new_ones_wait_and_old_ones_go_on(self):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        target = self.backend()
        resource.setrlimit(resource.RLIMIT_NOFILE, (160, hard))
        try:
            weir = self.proxy(target, group=QUIET, workers=2)
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4096), hard))
        old = [client.Client(weir.address()) for _ in range(20)]
        for one in old:
            self.assertEqual(one.ask("GET", "/").status, 200)
        flood = [client.Client(weir.address()) for _ in range(300)]
        self.eventually(lambda: weir.log().count("accepting stopped") >= 1)
        self.assertGreaterEqual(
            weir.metric("weir_proxy_accept_paused_total", cause="descriptors"), 1)
        # What is kept back serves those who are in, though their connections to the endpoint are
        # new, and the admin listener.
        for _ in range(3):
            for one in old:
                self.assertEqual(one.ask("POST", "/upload", body=b"x" * 10_000).status, 200)
        self.assertEqual(weir.admin("GET", "/healthz").status, 200)
        waiting = client.Client(weir.address())
        waiting.request("GET", "/")
        self.assertTrue(waiting.alive(0.2))
        for one in flood:
            one.close()
        self.assertEqual(waiting.answer().status, 200)
        self.assertEqual(client.get(weir.address(), "/").status, 200)
        self.eventually(lambda: len(processes.descriptors(weir.pid)) < 120)
        for one in [waiting, *old]:
            one.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


class Floods(WeirCase):
    def test_endless_interim_responses_end_with_502(self):
        async def interim(server, connection, request):
            await connection.read_body(request)
            while True:
                await connection.send(b"HTTP/1.1 102 Processing\r\n\r\n" * 10)
                await connection.sleep(0.001)
        backend_routes.ROUTES["/interim"] = interim
        target = self.backend()
        weir = self.proxy(target, group=QUIET)
        began = time.monotonic()
        answer = client.get(weir.address(), "/interim")
        self.assertEqual(answer.status, 502)
        self.assertLess(time.monotonic() - began, 5)
        self.assertLessEqual(len(answer.interim), 100)
        self.assertEqual(client.get(weir.address(), "/hints").status, 200)

    def test_interim_responses_before_a_slow_answer_pass(self):
        async def processing(server, connection, request):
            for _ in range(30):
                await connection.send(b"HTTP/1.1 102 Processing\r\n\r\n")
                await connection.sleep(0.01)
            await connection.answer(200, b"done")
        backend_routes.ROUTES["/processing"] = processing
        weir = self.proxy(self.backend(), group=QUIET)
        answer = client.get(weir.address(), "/processing")
        self.assertEqual((answer.status, len(answer.interim)), (200, 30))

    def test_a_request_that_rests_before_a_retry_is_counted_as_waiting(self):
        target = self.backend()
        weir = self.proxy(target, group={**QUIET, "retry": {"backoff": "60s", "backoff_max": "60s"}})
        target.pause()
        with client.Client(weir.address()) as one:
            one.request("GET", "/")
            self.eventually(lambda: weir.target_group()["waiting"] == 1)
            self.assertEqual(weir.metric("weir_group_waiting"), 1)
        self.eventually(lambda: weir.target_group()["waiting"] == 0)

    @limit(120)
    def test_two_thousand_slow_clients_leave_the_others_undisturbed(self):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8192), hard))
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        weir = self.proxy(self.backend(), group=QUIET, workers=2,
                          listener={"limits": {"header_time": "4s"}})
        before = processes.resident(weir.pid)
        slow = []
        head = b"GET / HTTP/1.1\r\nHost: t\r\nX-Slow: "
        for _ in range(2000):
            sock = socket.create_connection(weir.address(), 10)
            sock.sendall(head)
            slow.append(sock)
        times, end = [], time.monotonic() + 3
        with client.Client(weir.address()) as one:
            while time.monotonic() < end:
                for sock in slow[len(times) % 10::10]:  # each in its turn sends a byte
                    try:
                        sock.send(b"a")
                    except OSError:
                        pass
                began = time.monotonic()
                self.assertEqual(one.ask("GET", "/").status, 200)
                self.assertEqual(client.get(weir.address(), "/").status, 200)
                times.append(time.monotonic() - began)
        times.sort()
        self.assertLess(times[len(times) // 2], 0.1, times)
        self.assertLess(times[-1], 2, times)
        grown = processes.resident(weir.pid) - before
        if not SANITIZED:
            self.assertLess(grown, 2000 * 8192, f"{grown / 2000:.0f} bytes each")

        def closed(sock):
            sock.setblocking(False)
            try:
                while sock.recv(4096):
                    pass
                return True
            except BlockingIOError:
                return False
            except OSError:
                return True
        self.eventually(lambda: all(closed(sock) for sock in slow), within=10, every=0.5)
        for sock in slow:
            sock.close()
        self.assertEqual(client.get(weir.address(), "/").status, 200)

    @limit(60)
    @measures_memory
    def test_big_bodies_hold_no_more_than_their_budget(self):
        async def swallow(server, connection, request):
            await connection.read_body(request)
            await connection.sleep(60)
        backend_routes.ROUTES["/swallow"] = swallow
        weir = self.proxy(self.backend(), workers=1, group={**QUIET, "retry": {"body": "16MiB"}})
        before, size = processes.resident(weir.pid), 16 << 20
        held, piece = [], b"z" * (1 << 20)
        for _ in range(40):  # 640 MiB, of which one worker holds 256
            sock = socket.create_connection(weir.address(), 10)
            sock.sendall(b"POST /swallow HTTP/1.1\r\nHost: t\r\nContent-Length: %d\r\n\r\n" % size)
            for _ in range(16):
                sock.sendall(piece)
            held.append(sock)
        grown = processes.resident(weir.pid) - before
        self.assertGreater(grown, 200 << 20)
        self.assertLess(grown, 280 << 20)
        for sock in held:
            sock.close()
        self.eventually(lambda: processes.resident(weir.pid) - before < 32 << 20)

    @limit(60)
    def test_clients_that_take_nothing_hold_no_memory(self):
        weir = self.proxy(self.backend(), group=QUIET, workers=1)
        before = processes.resident(weir.pid)
        clients = [client.Client(weir.address()) for _ in range(40)]
        for one in clients:
            one.request("GET", "/bytes?size=50000000")
        time.sleep(1.5)
        self.assertLess(processes.resident(weir.pid) - before, 40 * (512 << 10))
        self.assertEqual(client.get(weir.address(), "/").status, 200)
        for one in clients:
            one.close()
