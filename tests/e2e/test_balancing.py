"""Each algorithm through the whole program: the spread, and that hashing sticks."""
import copy
import threading
import time
from collections import Counter

from weir_test import client
from weir_test.case import limit
from weir_test.weir import WeirCase

ALL = ("round_robin", "weighted_round_robin", "random", "least_request", "peak_ewma",
       "ring_hash", "maglev")


# The bound on an endpoint's share moves a key for a moment, when one request of it follows another so
# closely that the slot of the first has not been given back by the other thread.
UNBOUNDED = {"balance_factor": 0}


class Balancing(WeirCase):
    def backends(self, count):
        return [self.backend(f"b{n}") for n in range(count)]

    def spread(self, weir, count, headers=lambda n: [], path="/", connections=1):
        got = Counter()
        clients = [client.Client(weir.address()) for _ in range(connections)]
        for n in range(count):
            answer = clients[n % connections].ask("GET", path, headers(n))
            self.assertEqual(answer.status, 200)
            got[answer.body.decode().strip()] += 1
        for one in clients:
            one.close()
        return got

    def test_every_algorithm_serves_and_survives_a_dead_endpoint(self):
        backends = self.backends(3)
        for name in ALL:
            with self.subTest(name):
                weir = self.proxy(backends, group={"algorithm": name})
                self.assertEqual(sum(self.spread(weir, 60).values()), 60)
                backends[0].pause()
                self.eventually(lambda: [e["state"] for e in weir.endpoints("models")].count(
                    "healthy") == 2)
                got = self.spread(weir, 60, lambda n: [("X-User", str(n))])
                self.assertNotIn("b0", got)
                backends[0].resume()

    def test_round_robin_is_even(self):
        weir = self.proxy(self.backends(4), group={"algorithm": "round_robin"}, workers=1)
        got = self.spread(weir, 400)
        self.assertTrue(all(95 <= got[f"b{n}"] <= 105 for n in range(4)), got)

    def test_weights_shape_weighted_round_robin(self):
        backends = self.backends(3)
        weir = self.proxy([{"address": b.address, "weight": w} for b, w in zip(backends, (1, 2, 5))],
                          group={"algorithm": "weighted_round_robin"}, workers=1)
        got = self.spread(weir, 400)
        for name, want in (("b0", 50), ("b1", 100), ("b2", 250)):
            self.assertAlmostEqual(got[name], want, delta=8, msg=str(got))

    def test_random_is_roughly_even(self):
        weir = self.proxy(self.backends(4), group={"algorithm": "random"})
        got = self.spread(weir, 800)
        self.assertTrue(all(140 <= got[f"b{n}"] <= 260 for n in range(4)), got)

    def test_least_request_and_peak_ewma_avoid_the_busy_endpoint(self):
        for name in ("least_request", "peak_ewma"):
            with self.subTest(name):
                backends = self.backends(2)
                weir = self.proxy(backends, group={"algorithm": name})
                held = [client.Client(weir.address()) for _ in range(2)]
                for one in held:  # one gate request on each endpoint
                    one.request("GET", "/gate?name=g")
                    self.eventually(lambda: sum(b.server.busy for b in backends) >= 1)
                self.eventually(lambda: [b.server.busy for b in backends] == [1, 1])
                backends[0].open_gate("g")
                self.eventually(lambda: backends[0].server.busy == 0)
                got = self.spread(weir, 30)
                self.assertEqual(got["b0"], 30, got)
                backends[1].open_gate("g")
                for one in held:
                    one.close()

    @limit(60)
    def test_peak_ewma_prefers_the_fast_endpoint(self):
        """Two endpoints behave alike but for their speed: /slow maps to a delay on one of them."""
        fast, slow = self.backends(2)

        async def slow_down():
            from weir_test import backend_routes
            original = backend_routes.ROUTES["/"]

            async def by_name(server, connection, request):
                if server is slow.server:
                    await connection.sleep(0.1)
                await original(server, connection, request)
            backend_routes.ROUTES["/by-name"] = by_name
        slow.call(slow_down())
        weir = self.proxy([fast, slow], group={"algorithm": "peak_ewma"})
        got = Counter()
        lock = threading.Lock()

        def worker():
            with client.Client(weir.address()) as one:
                end = time.monotonic() + 2
                while time.monotonic() < end:
                    name = one.ask("GET", "/by-name").body.decode().strip()
                    with lock:
                        got[name] += 1
        threads = [threading.Thread(target=worker) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertGreater(got["b0"], got["b1"] * 5, got)

    def all_healthy(self, weir, count):
        """A key moves where an endpoint becomes healthy later than the others."""
        self.eventually(lambda: [e["state"] for e in weir.endpoints("models")].count(
            "healthy") == count)

    def sticks(self, algorithm, vary, **more):
        """The same key goes to the same endpoint, and keys spread over all of them."""
        backends = self.backends(4)
        weir = self.proxy(backends, group={"algorithm": algorithm})
        self.all_healthy(weir, 4)
        homes = {}
        for round_ in range(3):
            for n in range(60):
                headers, path = vary(n)
                name = client.get(weir.address(), path, headers).json()["name"]
                self.assertEqual(homes.setdefault(n, name), name, f"key {n} moved")
        self.assertEqual(len(set(homes.values())), 4)
        backends[0].pause()
        self.eventually(lambda: [e["state"] for e in weir.endpoints("models")].count(
            "healthy") == 3)
        moved = sum(homes[n] != "b0" and client.get(weir.address(), vary(n)[1], vary(n)[0])
                    .json()["name"] != homes[n] for n in range(60))
        self.assertLess(moved, 12, "keys of living endpoints moved")

    def test_ring_hash_sticks_by_header(self):
        self.sticks({"ring_hash": {"key": "header:X-User", **UNBOUNDED}},
                    lambda n: ([("X-User", f"user-{n}")], "/echo"))

    def test_ring_hash_sticks_by_cookie(self):
        self.sticks({"ring_hash": {"key": "cookie:session", **UNBOUNDED}},
                    lambda n: ([("Cookie", f"a=b; session=s{n}; c=d")], "/echo"))

    def test_maglev_sticks_by_path(self):
        self.sticks({"maglev": {"key": "path"}}, lambda n: ([], f"/echo/{n}"))

    def test_hashing_by_source_sends_one_client_to_one_endpoint(self):
        for name, more in (("ring_hash", UNBOUNDED), ("maglev", {})):
            weir = self.proxy(self.backends(4), group={"algorithm": {name: {"key": "source", **more}}})
            self.all_healthy(weir, 4)
            self.assertEqual(len(self.spread(weir, 40, connections=10)), 1)

    def test_ring_hash_bounds_the_load_of_one_endpoint(self):
        backends = self.backends(4)
        weir = self.proxy(backends, group={"algorithm": {"ring_hash": {
            "key": "header:X-User", "balance_factor": 1.25}}})
        held = [client.Client(weir.address()) for _ in range(20)]
        for one in held:
            one.request("GET", "/gate?name=g", [("X-User", "the same")])
        self.eventually(lambda: sum(b.server.busy for b in backends) == 20)
        self.assertLessEqual(max(b.server.busy for b in backends), 8)
        for b in backends:
            b.open_gate("g")
        for one in held:
            self.assertEqual(one.answer().status, 200)
            one.close()

    @limit(60)
    def test_slow_start_lets_a_new_endpoint_grow(self):
        old, new = self.backends(2)
        weir = self.proxy([old], group={"algorithm": "round_robin", "slow_start": "4s"})
        time.sleep(4.2)  # the first one starts slowly too
        config = copy.deepcopy(weir.config)
        config["target_groups"]["models"]["endpoints"].append({"address": new.address})
        weir.reload(config)
        self.eventually(lambda: [e["state"] for e in weir.endpoints("models")].count(
            "healthy") == 2)
        early = self.spread(weir, 100)
        time.sleep(4)
        late = self.spread(weir, 100)
        self.assertLess(early["b1"], 40, early)
        self.assertTrue(40 <= late["b1"] <= 60, late)
