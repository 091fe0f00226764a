"""max_in_flight and the waiting room: fair, bounded, and left at once by those who go."""
import threading
import time

from weir_test import client
from weir_test.case import limit
from weir_test.weir import WeirCase


class Waiting(WeirCase):
    def room(self, backends=1, max_in_flight=1, retry=None, **queue):
        self.backends = [self.backend(f"b{n}") for n in range(backends)]
        return self.proxy(self.backends, group={"max_in_flight": max_in_flight, "queue": queue,
                                                "health_check": {"enabled": False},
                                                "outlier": {"enabled": False}})

    def waiting(self, weir):
        return weir.target_group()["waiting"]

    def hold(self, weir, gate="g"):
        one = client.Client(weir.address())
        one.request("GET", f"/gate?name={gate}")
        return one

    def test_an_endpoint_never_has_more_than_its_share(self):
        weir = self.room(backends=2, max_in_flight=2)
        threads = [threading.Thread(target=client.get, args=(weir.address(), "/delay?ms=20"))
                   for _ in range(40)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for backend in self.backends:
            self.assertEqual(len(backend.requests) > 0, True)
            self.assertLessEqual(backend.server.busy_most, 2)
        self.assertEqual(sum(len(b.requests) for b in self.backends), 40)

    def test_the_line_is_first_come_first_served(self):
        weir = self.room()
        first = self.hold(weir)
        self.eventually(lambda: self.backends[0].server.busy == 1)
        line = []
        for n in range(10):
            one = client.Client(weir.address())
            one.request("GET", f"/echo?{n}")
            line.append(one)
            self.eventually(lambda: self.waiting(weir) == n + 1)
        self.backends[0].open_gate("g")
        for one in [first, *line]:
            self.assertEqual(one.answer().status, 200)
            one.close()
        self.assertEqual([r.target for r in self.backends[0].requests[1:]],
                         [f"/echo?{n}" for n in range(10)])

    def test_a_full_line_answers_503_with_retry_after_at_once(self):
        weir = self.room(length=3)
        held = [self.hold(weir) for _ in range(4)]
        self.eventually(lambda: self.waiting(weir) == 3)
        began = time.monotonic()
        answer = client.get(weir.address(), "/")
        self.assertLess(time.monotonic() - began, 0.5)
        self.assertEqual(answer.status, 503)
        self.assertGreaterEqual(int(answer.header("retry-after")), 1)
        self.backends[0].open_gate("g")
        for one in held:
            self.assertEqual(one.answer().status, 200)
            one.close()

    def test_a_line_of_length_zero_refuses_what_cannot_go_at_once(self):
        weir = self.room(length=0)
        held = self.hold(weir)
        self.eventually(lambda: self.backends[0].server.busy == 1)
        self.assertEqual(client.get(weir.address(), "/").status, 503)
        self.backends[0].open_gate("g")
        self.assertEqual(held.answer().status, 200)
        held.close()

    def test_a_wait_above_the_timeout_is_503(self):
        weir = self.room(timeout="500ms")
        held = self.hold(weir)
        self.eventually(lambda: self.backends[0].server.busy == 1)
        began = time.monotonic()
        answer = client.get(weir.address(), "/")
        self.assertEqual(answer.status, 503)
        self.assertTrue(0.4 < time.monotonic() - began < 2)
        self.eventually(lambda: self.waiting(weir) == 0)
        self.backends[0].open_gate("g")
        held.close()

    def test_a_client_that_leaves_gives_up_its_place(self):
        weir = self.room(length=1)
        held = self.hold(weir)
        self.eventually(lambda: self.backends[0].server.busy == 1)
        gone = client.Client(weir.address())
        gone.request("GET", "/echo?gone")
        self.eventually(lambda: self.waiting(weir) == 1)
        gone.close()
        self.eventually(lambda: self.waiting(weir) == 0, within=2)
        after = client.Client(weir.address())
        after.request("GET", "/echo?after")
        self.eventually(lambda: self.waiting(weir) == 1)
        self.backends[0].open_gate("g")
        self.assertEqual(after.answer().status, 200)
        self.assertNotIn("/echo?gone", [r.target for r in self.backends[0].requests])
        held.close(), after.close()

    def test_a_client_that_leaves_while_served_frees_the_slot(self):
        weir = self.room()
        held = self.hold(weir)
        self.eventually(lambda: self.backends[0].server.busy == 1)
        held.close()
        self.assertEqual(client.get(weir.address(), "/").status, 200)

    def test_a_post_in_line_keeps_its_body(self):
        weir = self.room()
        held = self.hold(weir)
        self.eventually(lambda: self.backends[0].server.busy == 1)
        body = bytes(range(256)) * 1000
        one = client.Client(weir.address())
        one.request("POST", "/upload", body=body)
        self.eventually(lambda: self.waiting(weir) == 1)
        self.backends[0].open_gate("g")
        self.assertEqual(one.answer().json()["size"], len(body))
        held.close(), one.close()

    def test_bodies_in_line_are_bounded_in_memory(self):
        from weir_test import processes
        weir = self.room(bytes="1MiB")
        held = self.hold(weir)
        self.eventually(lambda: self.backends[0].server.busy == 1)
        before = processes.resident(weir.pid)
        many = []
        for _ in range(20):
            one = client.Client(weir.address(), 0.3)
            try:
                one.request("POST", "/upload", body=b"x" * 3000000)
            except TimeoutError:
                pass
            many.append(one)
        self.assertLess(processes.resident(weir.pid) - before, 24 << 20)
        for one in many:
            one.close()
        self.backends[0].open_gate("g")
        held.close()

    @limit(60)
    def test_no_slot_is_lost_in_a_storm_of_leavers(self):
        weir = self.room(backends=2, max_in_flight=2, length=1000)

        def worker(n):
            for i in range(15):
                one = client.Client(weir.address())
                one.request("GET", "/delay?ms=10")
                if (n + i) % 3:
                    one.answer()
                else:
                    time.sleep(0.005 * (i % 4))
                one.close()
        threads = [threading.Thread(target=worker, args=(n,)) for n in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.eventually(lambda: self.waiting(weir) == 0)
        self.eventually(lambda: all(e["in_flight"] == 0 for e in weir.endpoints("models")))
        began = time.monotonic()
        threads = [threading.Thread(target=client.get, args=(weir.address(), "/delay?ms=200"))
                   for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertLess(time.monotonic() - began, 0.39, "four slots serve four at once")

    @limit(60)
    def test_the_line_moves_across_workers(self):
        weir = self.room(max_in_flight=1)
        results = []

        def worker():
            with client.Client(weir.address(), 20) as one:
                for _ in range(20):
                    results.append(one.ask("GET", "/delay?ms=2").status)
        threads = [threading.Thread(target=worker) for _ in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(results, [200] * 320)
        self.assertEqual(self.backends[0].server.busy_most, 1)
