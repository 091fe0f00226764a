"""Upgrades: a new weir takes over listeners, instances, state and counts; nothing is lost."""
import copy
import json
import os
import signal
import socket
import struct
import subprocess
import time

from weir_test import aws, client, processes
from weir_test.case import BIN, PATIENCE, limit
from weir_test.certificates import Authority
from weir_test.load import Load
from weir_test.weir import run_cli
from test_fleet import FleetCase


class Takeover(FleetCase):
    serial = True

    def take_over(self, weir, *more, wait=True):
        """`weir serve --takeover`; returns the process that drains."""
        old = weir.process
        with open(weir.log_path, "ab") as log:
            weir.process = subprocess.Popen(
                [str(BIN), "serve", weir.path, "--takeover", *more], stdout=log, stderr=log,
                env=weir.environment, cwd=weir.dir, start_new_session=True)
        if wait:
            self.eventually(lambda: self.owner_pid(weir) == weir.pid, within=15)
            self.eventually(weir.ready, within=15)
        self.addCleanup(lambda: old.poll() is None and old.kill())
        return old

    def owner_pid(self, weir):
        """The process behind the admin socket."""
        with socket.socket(socket.AF_UNIX) as one:
            try:
                one.connect(weir.socket_path)
                return struct.unpack("3i", one.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED,
                                                          12))[0]
            except OSError:
                return None

    def test_access_keys_are_the_same_after_it(self):
        weir = self.fleet({"min": 0, "max": 0})
        made = weir.cli("credentials", "create", "ci")
        self.assertEqual(made.returncode, 0, made.stderr)
        key = aws.Key.of(made.stdout)
        self.take_over(weir)
        body = aws.form("GetCallerIdentity")
        answer = aws.post(weir, aws.signed(weir, key, body), body)
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual(weir.cli("credentials", "create", "other").returncode, 0)

    @limit(150)
    def test_nothing_is_lost_in_several_takeovers_under_load(self):
        weir = self.fleet({"min": 2, "max": 2}, group={"max_in_flight": 100})
        self.serving(weir, 2)
        pids = sorted(weir.replica_pids())
        load = Load(weir.address(), connections=60, streams=20, pause=0.02, events=60,
                    interval=100).start()
        self.eventually(lambda: load.streaming == 20)
        old = []
        for _ in range(3):
            old.append(self.take_over(weir))
            time.sleep(1.0)
        result = load.stop()
        print(result.summary())
        self.assertEqual(result.failures, [], result.summary())
        self.assertEqual(result.cut, [], result.summary())
        self.assertGreater(result.streams_good, 0)
        for process in old:
            self.assertEqual(process.wait(30 * PATIENCE), 0)
        self.assertEqual(sorted(weir.replica_pids()), pids)
        self.assertEqual(len(weir.in_service("models")), 2)
        self.assertEqual(weir.target_group()["in_flight"], 0)

    def test_tls_sessions_are_resumed_by_the_new_one(self):
        authority = Authority(self)
        weir = self.proxy(self.backend(), listener={
            "protocol": "https", "tls": {"certificates": [authority.issue("localhost")]}})
        session = authority.path("session")

        def get(*more):
            host, port = weir.address()
            done = subprocess.run(
                ["openssl", "s_client", "-connect", f"{host}:{port}", "-CAfile", authority.ca, "-ign_eof", *more],
                input=b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", capture_output=True, timeout=20 * PATIENCE)
            return done.stdout.decode(errors="replace")
        self.assertIn("New, TLS", get("-sess_out", session))
        for _ in range(2):  # from the second one's predecessor's predecessor, too
            self.take_over(weir)
            text = get("-sess_in", session)
            self.assertIn("Reused, TLS", text)
            self.assertIn("200 x", text)

    @limit(60)
    def test_what_the_old_one_has_in_flight_counts_in_the_new_one_and_is_waited_for(self):
        weir = self.fleet({"min": 0, "max": 1, "idle_timeout": "1s"})
        weir.scale("models", 1)
        self.serving(weir, 1)
        with client.Client(weir.address(), 30) as one:
            one.request("GET", "/sse?events=50&interval=100")
            answer = one.head()
            self.assertEqual(answer.status, 200)
            first = self.take_over(weir)
            self.eventually(lambda: weir.target_group()["in_flight"] == 1)
            second = self.take_over(weir)
            self.eventually(lambda: weir.target_group()["in_flight"] == 1)
            time.sleep(2)  # longer than the idle time: the stream of the first keeps the instance
            self.assertEqual(len(weir.in_service("models")), 1)
            one.body(answer)  # to its end
        self.assertEqual(first.wait(20), 0)
        self.assertEqual(second.wait(20), 0)
        self.eventually(lambda: weir.target_group()["in_flight"] == 0)
        self.eventually(lambda: weir.instances("models") == [], within=15)

    @limit(60)
    def test_a_failed_successor_leaves_all_as_it_was(self):
        weir = self.fleet({"min": 1, "max": 3})
        self.serving(weir, 1)
        pid = weir.pid
        load = Load(weir.address(), connections=20, pause=0.02).start()
        good = copy.deepcopy(weir.config)
        with open(weir.path, "w") as file:
            file.write("listeners: {public: {bind: 7}}\n")
        bad = run_cli("serve", weir.path, "--takeover", "--socket", weir.socket_path)
        self.assertEqual(bad.returncode, 2, bad.stderr)
        # A config that only fails once it runs: its port is taken.
        with socket.create_server(("127.0.0.1", 0)) as taken:
            config = copy.deepcopy(good)
            config["listeners"]["more"] = {"bind": f"127.0.0.1:{taken.getsockname()[1]}",
                                           "default": {"respond": {"status": 200}}}
            weir.write(config)
            worse = run_cli("serve", weir.path, "--takeover")
        self.assertEqual(worse.returncode, 1, worse.stdout + worse.stderr)
        weir.write(good)
        # And one that dies before it is ready, at whatever it was doing.
        for stop_after in (0.0, 0.002, 0.005, 0.01, 0.02):
            dying = subprocess.Popen([str(BIN), "serve", weir.path, "--takeover"],
                                     stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(stop_after)
            dying.send_signal(signal.SIGSTOP)
            time.sleep(0.1)
            if "handed over, draining" in weir.log():  # it was quick: no failure any more
                dying.send_signal(signal.SIGCONT)
                weir.process = dying
                break
            dying.kill()
            dying.wait(10)
            self.eventually(weir.ready)
            self.assertEqual(self.owner_pid(weir), pid)
        result = load.stop()
        self.assertEqual(result.failures, [], result.summary())
        self.assertIsNone(weir.process.poll())
        self.serving(weir, 1)
        weir.scale("models", 2)
        self.serving(weir, 2)

    @limit(60)
    def test_a_successor_may_have_another_configuration(self):
        weir = self.fleet({"min": 1, "max": 2}, workers=1)
        weir.config["listeners"]["gone"] = {"bind": "127.0.0.1:0",
                                            "default": {"respond": {"status": 204}}}
        weir.reload(weir.config)
        self.serving(weir, 1)
        config = copy.deepcopy(weir.config)
        del config["listeners"]["gone"]
        config["listeners"]["fresh"] = {"default": {"respond": {"status": 202}}}
        config["workers"] = 3
        config["scaling_groups"]["models"]["min"] = 2
        load = Load(weir.address(), connections=20, pause=0.02).start()
        weir.write(config)
        old = self.take_over(weir)
        self.assertEqual(client.get(weir.address("fresh"), "/").status, 202)
        self.assertEqual({l["name"] for l in weir.status()["listeners"]}, {"public", "fresh"})
        self.serving(weir, 2)
        result = load.stop()
        self.assertEqual(result.failures, [], result.summary())
        self.assertEqual(old.wait(20), 0)

    @limit(60)
    def test_sigusr2_starts_a_successor_of_the_same_arguments(self):
        weir = self.fleet({"min": 1, "max": 1})
        self.serving(weir, 1)
        with client.Client(weir.address(), 30) as one:
            one.request("GET", "/sse?events=20&interval=100")
            answer = one.head()
            old = weir.process
            old.send_signal(signal.SIGUSR2)
            self.eventually(lambda: self.owner_pid(weir) not in (None, old.pid), within=15)
            pid = self.owner_pid(weir)
            self.eventually(weir.ready)
            one.body(answer)  # to its end
        self.assertEqual(old.wait(20), 0)
        self.assertEqual(client.get(weir.address(), "/").status, 200)
        os.kill(pid, signal.SIGTERM)
        self.eventually(lambda: not processes.alive(pid), within=15)

    def test_without_a_weir_that_runs_it_says_so(self):
        weir = self.fleet({"min": 0, "max": 1})
        weir.terminate()
        alone = run_cli("serve", weir.path, "--takeover")
        self.assertEqual(alone.returncode, 1)
        self.assertIn("start one without --takeover", alone.stderr)

    def test_another_state_is_refused_and_so_is_tcp(self):
        weir = self.fleet({"min": 0, "max": 1})
        config = copy.deepcopy(weir.config)
        config["state"]["path"] = os.path.join(weir.dir, "other", "state.db")
        path = os.path.join(weir.dir, "other.yaml")
        with open(path, "w") as file:
            json.dump(config, file)
        other = run_cli("serve", path, "--takeover", "--socket", weir.socket_path)
        self.assertEqual(other.returncode, 1)
        self.assertIn("state.path can only change with a restart", other.stderr)
        self.eventually(weir.ready)
        self.assertIn(weir.admin("POST", "/api/v1/takeover").status, (401, 403))
        self.assertTrue(weir.ready())
