#!/usr/bin/python3
"""server_test.py OCR-SERVER PAGES: the real server, the real model, real pages, over loopback."""

import collections
import concurrent.futures
import http.client
import json
import pathlib
import re
import signal
import socket
import subprocess
import sys
import time
import unittest

SERVER, PAGES = sys.argv[1], pathlib.Path(sys.argv[2])
ALICE = (PAGES / "alice.png").read_bytes()


class Server:
    def __init__(self, port=0):
        self.process = subprocess.Popen(
            [SERVER, "--port", str(port)], stderr=subprocess.PIPE, text=True
        )
        line = self.process.stderr.readline()
        found = re.search(r"listens on \S+ port (\d+)", line)
        self.port = int(found.group(1)) if found else None
        self.line = line

    def ask(self, method, path, body=None, headers=None, connection=None):
        own = connection or self.connect()
        own.request(method, path, body, headers or {})
        response = own.getresponse()
        answer = json.loads(response.read())
        if connection is None:
            own.close()
        return response.status, answer

    def connect(self):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)

    def wait_until_ready(self):
        for _ in range(200):
            if self.ask("GET", "/healthz")[0] == 200:
                return self
            time.sleep(0.05)
        raise AssertionError("the model did not load within 10 s")

    def stop(self):
        self.process.terminate()
        code = self.process.wait(30)
        self.process.stderr.close()
        return code


class OcrServer(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server().wait_until_ready()

    @classmethod
    def tearDownClass(cls):
        code = cls.server.stop()
        assert code == 0, f"the server ended with code {code}"

    def test_reads_every_page(self):
        pages = sorted(PAGES.glob("*.png"))
        self.assertGreaterEqual(len(pages), 6)
        for page in pages:
            with self.subTest(page=page.name):
                truth = collections.Counter(page.with_suffix(".txt").read_text().split())

                status, answer = self.server.ask("POST", "/ocr", page.read_bytes())

                self.assertEqual(status, 200)
                found = collections.Counter(answer["text"].split())
                self.assertGreater((truth & found).total() / truth.total(), 0.95)
                self.assertGreater(answer["confidence"], 80)
                self.assertEqual([w["text"] for w in answer["words"]], answer["text"].split())
                self.assertEqual(answer["pid"], self.server.process.pid)

    def test_reads_one_page_at_a_time_and_is_healthy_meanwhile(self):
        with concurrent.futures.ThreadPoolExecutor(3) as pool:
            asked = [pool.submit(self.server.ask, "POST", "/ocr", ALICE) for _ in range(3)]
            time.sleep(0.05)
            start = time.monotonic()
            health = self.server.ask("GET", "/healthz")[0]
            took = time.monotonic() - start
            still_reading = not all(a.done() for a in asked)
            answers = [a.result() for a in asked]

        self.assertTrue(still_reading)
        self.assertEqual(health, 200)
        self.assertLess(took, 0.1)
        self.assertEqual([status for status, _ in answers], [200] * 3)
        waits = sorted(answer["waited_milliseconds"] for _, answer in answers)
        one = min(answer["milliseconds"] for _, answer in answers)
        self.assertGreater(waits[1], one * 0.5)
        self.assertGreater(waits[2], one * 1.5)

    def test_refuses_what_is_no_image(self):
        huge_claim = b"P5\n60000 60000\n255\n" + b"\0" * 100
        for body in (b"", b"hello", ALICE[: len(ALICE) // 2], huge_claim):
            with self.subTest(body=body[:20]):
                status, answer = self.server.ask("POST", "/ocr", body)
                self.assertEqual(status, 400)
                self.assertTrue(answer["error"])
        self.assertEqual(self.server.ask("POST", "/ocr", bytes(33 << 20))[0], 413)
        self.assertEqual(self.server.ask("GET", "/ocr")[0], 405)
        self.assertEqual(self.server.ask("POST", "/healthz", b"x")[0], 405)
        self.assertEqual(self.server.ask("GET", "/nothing")[0], 404)

    def test_keeps_the_connection_and_never_takes_a_body_for_a_request(self):
        connection = self.server.connect()
        connection.connect()
        port = connection.sock.getsockname()[1]
        body = b"GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n"

        statuses = [
            self.server.ask("GET", "/healthz", body, connection=connection)[0],
            self.server.ask("POST", "/healthz", body, connection=connection)[0],
            self.server.ask("POST", "/ocr", ALICE, connection=connection)[0],
            self.server.ask("GET", "/healthz", connection=connection)[0],
        ]

        self.assertEqual(statuses, [200, 405, 200, 200])
        self.assertEqual(connection.sock.getsockname()[1], port)
        connection.close()

    def test_says_100_continue(self):
        with socket.create_connection(("127.0.0.1", self.server.port), timeout=30) as s:
            head = f"POST /ocr HTTP/1.1\r\nHost: a\r\nContent-Length: {len(ALICE)}\r\n"
            s.sendall((head + "Expect: 100-continue\r\n\r\n").encode())
            self.assertTrue(s.recv(1000).startswith(b"HTTP/1.1 100 "))
            s.sendall(ALICE)
            self.assertTrue(s.recv(1000).startswith(b"HTTP/1.1 200 "))

    def test_a_second_server_does_not_share_the_port(self):
        second = Server(self.server.port)
        self.assertIsNone(second.port)
        self.assertIn("cannot listen", second.line)
        self.assertEqual(second.process.wait(10), 1)
        second.process.stderr.close()


class Stopping(unittest.TestCase):
    def test_sigterm_answers_what_is_in_work_and_exits(self):
        server = Server().wait_until_ready()
        idle = server.connect()
        self.assertEqual(server.ask("GET", "/healthz", connection=idle)[0], 200)
        with concurrent.futures.ThreadPoolExecutor(3) as pool:
            asked = [pool.submit(server.ask, "POST", "/ocr", ALICE) for _ in range(3)]
            time.sleep(0.1)
            server.process.send_signal(signal.SIGTERM)
            statuses = [a.result()[0] for a in asked]

        self.assertEqual(statuses, [200] * 3)
        self.assertEqual(server.process.wait(5), 0)
        with self.assertRaises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", server.port))
        server.process.stderr.close()
        idle.close()


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
