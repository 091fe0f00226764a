"""The harness against itself: our clients straight to our backend, without weir."""
import hashlib
import json
import os
import shutil
import signal
import socket
import subprocess
import time

from weir_test import client, processes
from weir_test.backend_routes import PATTERN
from weir_test.case import Case, limit
from weir_test.load import Load
from weir_test.weir import HERE, PYTHON, listening_socket, parse_metrics


class HarnessBackend(Case):
    def setUp(self):
        self.target = self.backend("b")
        self.address = ("127.0.0.1", self.target.port)

    def test_echo_shows_the_request(self):
        answer = client.ask(self.address, "POST", "/echo?a=1", [("X-A", "b")], b"hello").json()
        self.assertEqual(answer["method"], "POST")
        self.assertIn(["X-A", "b"], answer["headers"])
        self.assertEqual(answer["body"], "hello")
        self.assertIn(b"POST /echo?a=1 HTTP/1.1\r\n", self.target.raw)

    def test_keep_alive_and_pipelining_keep_the_order(self):
        with client.Client(self.address) as one:
            for n in range(3):
                one.request("GET", f"/echo?n={n}")
            got = [one.answer().json()["target"] for _ in range(3)]
            self.assertEqual(got, ["/echo?n=0", "/echo?n=1", "/echo?n=2"])
            self.assertTrue(one.alive())

    def test_chunked_request_and_answer_carry_trailers(self):
        with client.Client(self.address) as one:
            one.request("POST", "/echo", [("Transfer-Encoding", "chunked")])
            one.send("3\r\nabc\r\n2\r\nde\r\n0\r\nX-T: 1\r\n\r\n")
            got = one.answer().json()
            self.assertEqual((got["body"], got["trailers"]), ("abcde", [["X-T", "1"]]))
            answer = one.ask("GET", "/chunked?n=2&size=3")
            self.assertEqual(answer.body, b"AAABBB")
            self.assertIn(("X-Sha256", hashlib.sha256(answer.body).hexdigest()), answer.trailers)

    def test_statuses_without_a_body_have_none(self):
        with client.Client(self.address) as one:
            for code in (204, 304, 404):
                self.assertEqual(one.ask("GET", f"/status/{code}").status, code)
            self.assertEqual(one.ask("HEAD", "/").body, b"")
            self.assertEqual(one.ask("GET", "/").body, b"b\n")

    def test_interim_answers_are_seen(self):
        answer = client.get(self.address, "/hints")
        self.assertEqual([i.status for i in answer.interim], [103])
        with client.Client(self.address) as one:
            one.request("POST", "/continue", [("Expect", "100-continue"), ("Content-Length", "3")])
            self.assertEqual(one.head().status, 100)
            one.send("abc")
            self.assertEqual(one.answer().json()["body_before_100"], 0)

    def test_a_long_body_arrives_whole(self):
        for suffix in ("", "&chunked=1"):
            answer = client.get(self.address, "/bytes?size=3000000" + suffix)
            self.assertEqual(answer.body, (PATTERN * 50)[:3000000])

    def test_breaks_are_told_from_ends(self):
        for path in ("/close-midway", "/close-midway?chunked=1", "/close-midway?rst=1",
                     "/reset", "/close"):
            with self.assertRaises(client.Broken, msg=path):
                client.get(self.address, path)
        with self.assertRaises(client.Broken):
            client.get(self.address, "/reset?once=a")
        self.assertEqual(client.get(self.address, "/reset?once=a").status, 200)

    def test_a_client_that_leaves_is_recorded(self):
        one = client.Client(self.address)
        one.request("GET", "/hang")
        self.eventually(lambda: self.target.requests)
        one.close()
        self.eventually(lambda: self.target.requests[0].cancelled)

    def test_gates_hold_requests(self):
        with client.Client(self.address) as one:
            one.request("GET", "/gate?name=g")
            time.sleep(0.1)
            self.target.open_gate("g")
            self.assertEqual(one.answer().status, 200)

    def test_websocket_echoes_frames_of_all_sizes(self):
        ws = client.WebSocket(self.address)
        self.assertTrue(ws.accepted)
        for size in (0, 5, 200, 70000):
            ws.send(b"z" * size)
            self.assertEqual(ws.receive(), (2, b"z" * size))
        ws.close()

    def test_what_is_no_request_is_kept(self):
        with client.Client(self.address) as one:
            one.send("smuggled\r\n\r\n")
            self.assertTrue(one.closed())
        self.assertEqual(self.target.server.malformed, [b"smuggled\r\n\r\n"])

    def test_pause_refuses_and_resume_accepts_again(self):
        self.target.pause()
        with self.assertRaises(ConnectionRefusedError):
            client.get(self.address, "/")
        self.target.resume()
        self.assertEqual(client.get(self.address, "/").status, 200)

    def test_unix_sockets_work(self):
        path = str(self.folder / "s")
        if os.path.exists(path):
            os.unlink(path)
        self.backend("u", unix=path)
        self.assertEqual(client.get(path, "/").body, b"u\n")


class HarnessLoad(Case):
    @limit(60)
    def test_load_counts_all_as_good(self):
        target = self.backend("b")
        load = Load(("127.0.0.1", target.port), connections=50, streams=10, events=20, interval=50)
        result = load.run_for(2)
        self.assertEqual((result.failures, result.cut), ([], []), result.summary())
        self.assertEqual(result.sent, result.good)
        self.assertGreater(result.good, 500)
        self.assertGreaterEqual(result.streams_good, 20)
        self.assertEqual(result.connects, 50 + result.streams_begun)

    @limit(60)
    def test_load_sees_every_failure(self):
        target = self.backend("b")
        load = Load(("127.0.0.1", target.port), connections=20, streams=5, events=50, interval=50,
                    get="/delay?ms=50", timeout=5)
        load.start()
        self.eventually(lambda: load.streaming == 5)
        before = time.time()
        target.pause()
        time.sleep(0.3)
        after = time.time()
        target.resume()
        self.eventually(lambda: load.streaming == 5)
        result = load.stop()
        self.assertEqual(len(result.outside(result.cut, [(before, after)])), 0)
        self.assertGreaterEqual(len(result.cut), 5)
        self.assertGreater(len(result.failures), 10)
        self.assertEqual(result.sent, result.good + len(result.failures))

    def test_a_stream_that_ends_early_is_cut(self):
        target = self.backend("b")
        load = Load(("127.0.0.1", target.port), connections=1, streams=1, sse="/chunked")
        result = load.run_for(0.5)
        self.assertEqual(result.streams_good, 0)
        self.assertGreater(len(result.cut), 0)


class HarnessProcess(Case):
    def spawn(self, *arguments, **more):
        process = subprocess.Popen([PYTHON, "-S", str(HERE / "backend.py"), *arguments],
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                   **more)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait, 5)
        self.addCleanup(process.kill)
        return process

    def test_a_replica_tells_when_it_began_and_listened(self):
        began = time.time()
        process = self.spawn("--port", "0", "--start-delay", "0.2")
        state = json.loads(process.stdout.readline())
        self.assertLess(abs(state["started"] - began), 0.2)
        self.assertGreater(state["listening"] - state["started"], 0.19)

    def test_a_replica_crashes_on_demand(self):
        process = self.spawn("--port", "0", "--crash", "out of memory")
        self.assertEqual(process.wait(5), 3)
        self.assertEqual(process.stderr.read(), "out of memory\n")

    def test_a_replica_may_ignore_sigterm(self):
        process = self.spawn("--port", "0", "--ignore-term")
        process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        time.sleep(0.2)
        self.assertIsNone(process.poll())

    def test_tagged_processes_are_found_and_ended(self):
        process = self.spawn("--port", "0", "--tag", f"harness-{os.getpid()}")
        process.stdout.readline()
        self.assertEqual(processes.tagged(f"harness-{os.getpid()}"), [process.pid])
        processes.end([process.pid])
        self.assertIsNotNone(process.wait(1))

    def test_socket_activation_passes_descriptors_as_systemd_does(self):
        first, second = listening_socket(), listening_socket()
        code = ("import os,socket;print(os.environ['LISTEN_PID']==str(os.getpid()),"
                "os.environ['LISTEN_FDNAMES'],[socket.socket(fileno=n).getsockname()[1]"
                " for n in range(3,3+int(os.environ['LISTEN_FDS']))])")
        out = subprocess.run(
            [PYTHON, "-S", str(HERE / "listen_exec.py"), "a:b",
             f"{first.fileno()},{second.fileno()}", PYTHON, "-c", code],
            pass_fds=[first.fileno(), second.fileno()], capture_output=True, text=True)
        ports = [first.getsockname()[1], second.getsockname()[1]]
        first.close(), second.close()
        self.assertEqual(out.stdout.strip(), f"True a:b {ports}", out.stderr)

    def test_metrics_text_is_parsed(self):
        got = parse_metrics('# HELP a b\n# TYPE a counter\na{x="1",y="z\\"q"} 3\nb 1.5e3\n')
        self.assertEqual(got, {"a": [({"x": "1", "y": 'z\\"q'}, 3.0)], "b": [({}, 1500.0)]})


class HarnessLimits(Case):
    def test_a_listening_socket_takes_connections_before_anyone_accepts(self):
        sock = listening_socket()
        peer = socket.create_connection(sock.getsockname(), 1)
        peer.close(), sock.close()


class HarnessRunner(Case):
    """run.py on tests of its own, in a folder beside it."""

    def runs(self, body, *options):
        folder = self.folder / "tests"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        shutil.copy(HERE / "run.py", folder)
        os.symlink(HERE / "weir_test", folder / "weir_test")
        (folder / "test_made.py").write_text(
            "import os\nfrom weir_test.case import Case\n\n\nclass Made(Case):\n" + body)
        environment = dict(os.environ, WEIR_E2E_OUT=str(folder / "out"), WEIR_BIN=PYTHON,
                           WEIR_E2E_RUN=f"inner{os.getpid()}")  # not ours: it ends what carries its name
        out = subprocess.run([PYTHON, str(folder / "run.py"), *options], capture_output=True, text=True, timeout=60,
                             env=environment)
        return out.returncode, out.stdout

    ONCE = ("    def test_fails_first(self):\n"
            f"        mark = '{{folder}}/mark'\n"
            "        seen = os.path.exists(mark)\n"
            "        open(mark, 'w').close()\n"
            "        self.assertTrue(seen)\n")

    def test_what_fails_once_is_named_and_no_failure(self):
        code, out = self.runs(self.ONCE.replace("{folder}", str(self.folder / "tests")))
        self.assertEqual(code, 0, out)
        self.assertIn("then passed alone; its first logs end in .first): test_made.Made.test_fails_first", out)
        self.assertIn("1 passed, 0 failed", out)

    def test_what_fails_twice_is_a_failure(self):
        code, out = self.runs("    def test_fails(self):\n        self.fail()\n")
        self.assertEqual(code, 1, out)
        self.assertIn("failed: test_made.Made.test_fails", out)

    def test_once_means_once(self):
        code, out = self.runs(self.ONCE.replace("{folder}", str(self.folder / "tests")), "--once")
        self.assertEqual(code, 1, out)

    def test_many_failures_are_no_accident(self):
        code, out = self.runs("".join(self.ONCE.replace("{folder}/mark", f"{self.folder}/tests/{n}")
                                      .replace("test_fails_first", f"test_{n}") for n in range(4)))
        self.assertEqual(code, 1, out)
        self.assertIn("0 passed, 4 failed", out)
