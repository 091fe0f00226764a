"""Instances: how they start, what they inherit, how they end, and that they outlive weir."""
import os
import signal
import socket
import time

from weir_test import client, processes
from weir_test.case import limit
from weir_test.weir import WeirCase


class FleetCase(WeirCase):
    def serving(self, weir, count, within=20):
        """Waits until so many instances are in service."""
        return self.eventually(lambda: (len(weir.in_service("models")) == count and
                                        weir.in_service("models")) or (count == 0 and
                                        not weir.instances("models") and [True]),
                               within=within, what=f"{count} in service")

    def pids(self, weir):
        return sorted(i["pid"] for i in weir.in_service("models"))


class Instances(FleetCase):
    def test_the_minimum_is_started_and_serves(self):
        weir = self.fleet({"min": 2, "max": 3})
        found = self.serving(weir, 2)
        self.assertEqual(sorted(weir.replica_pids()), self.pids(weir))
        names = {client.get(weir.address(), "/echo").json()["pid"] for _ in range(40)}
        self.assertEqual(names, {i["pid"] for i in found})

    def test_an_instance_has_its_port_name_environment_and_folder(self):
        weir = self.fleet({"min": 1}, launch={"environment": {"MODEL": "tiny"},
                                              "directory": "/tmp"})
        one = self.serving(weir, 1)[0]
        env = processes.environment(one["pid"])
        self.assertEqual(env["WEIR_INSTANCE"], one["id"])
        self.assertEqual(env["MODEL"], "tiny")
        self.assertEqual(os.readlink(f"/proc/{one['pid']}/cwd"), "/tmp")
        first, last = map(int, weir.port_range.split("-"))
        port = int(processes.command_line(one["pid"])[
            processes.command_line(one["pid"]).index(b"--port") + 1])
        self.assertTrue(first <= port <= last)

    def test_an_instance_inherits_nothing_of_weir(self):
        """An inherited listening socket would swallow connections; a pipe would kill it later."""
        weir = self.fleet({"min": 1})
        client.get(weir.address(), "/")
        one = self.serving(weir, 1)[0]
        ours = {t for t in processes.descriptors(weir.pid).values() if t.startswith("socket:")}
        theirs = processes.descriptors(one["pid"])
        self.assertEqual(ours & set(theirs.values()), set())
        for number in (1, 2):
            self.assertTrue(os.path.isfile(theirs[number]), theirs[number])
        self.assertFalse([t for t in theirs.values() if t.endswith((".db", "-wal", "weir.log"))])

    def test_an_instance_has_a_process_group_of_its_own(self):
        weir = self.fleet({"min": 2})
        self.serving(weir, 2)
        groups = {processes.stat(p)[2] for p in self.pids(weir)}
        self.assertEqual(len(groups), 2)
        self.assertNotIn(processes.stat(weir.pid)[2], groups)

    def test_a_taken_port_means_another_one(self):
        weir = self.fleet({"min": 0, "max": 2})
        first = int(weir.port_range.split("-")[0])
        taken = []
        for port in range(first, first + 10):
            sock = socket.socket()
            try:
                sock.bind(("127.0.0.1", port))
                sock.listen()
                taken.append(sock)
            except OSError:
                sock.close()
        weir.scale("models", 2)
        self.serving(weir, 2)
        self.assertEqual({client.get(weir.address(), "/").status for _ in range(20)}, {200})
        for sock in taken:
            sock.close()

    def test_its_output_is_kept_and_shown_by_logs(self):
        weir = self.fleet({"min": 1})
        one = self.serving(weir, 1)[0]
        out = weir.cli("logs", one["id"])
        self.assertEqual(out.returncode, 0, out.stderr)
        self.assertIn('"listening"', out.stdout)
        self.assertNotEqual(weir.cli("logs", "no-such-instance").returncode, 0)

    def test_a_killed_instance_is_replaced_and_nobody_notices(self):
        weir = self.fleet({"min": 2})
        self.serving(weir, 2)
        before = self.pids(weir)
        with client.Client(weir.address()) as one:
            for n in range(200):
                if n == 50:
                    os.kill(before[0], signal.SIGKILL)
                self.assertEqual(one.ask("POST" if n % 2 else "GET", "/", body=b"x").status, 200)
                time.sleep(0.002)
        self.eventually(lambda: len(self.pids(weir)) == 2 and before[0] not in self.pids(weir))
        self.assertIn(before[1], self.pids(weir))

    def test_one_that_ignores_sigterm_is_killed_after_its_grace(self):
        weir = self.fleet({"min": 1, "max": 1}, arguments=["--ignore-term"],
                          launch={"stop_grace": "700ms"})
        pid = self.serving(weir, 1)[0]["pid"]
        began = time.monotonic()
        out = weir.cli("stop", "--instances")
        self.assertEqual(out.returncode, 0, out.stderr)
        self.eventually(lambda: not processes.alive(pid))
        self.assertGreater(time.monotonic() - began, 0.5)

    @limit(60)
    def test_a_crash_loop_backs_off_and_shows_the_last_lines(self):
        weir = self.fleet({"min": 1}, arguments=["--crash", "cuda: out of memory"])
        self.eventually(lambda: "cuda: out of memory" in str(weir.status()))
        began = weir.cli("status")
        self.assertIn("cuda: out of memory", began.stdout)
        time.sleep(4)
        with open(os.path.join(weir.dir, "weir.yaml")):
            logs = os.path.join(weir.dir, "logs")
            starts = sum(open(os.path.join(folder, f), errors="replace").read().count(
                "loading model") for folder, _, files in os.walk(logs) for f in files)
        self.assertTrue(2 <= starts <= 12, f"{starts} starts in about 5 s")
        self.assertEqual(weir.admin("GET", "/healthz").status, 200)

    def test_a_start_above_its_time_is_replaced(self):
        weir = self.fleet({"min": 1}, arguments=["--start-delay", "60"],
                          launch={"start_timeout": "1s", "stop_grace": "200ms"})
        first = self.eventually(weir.replica_pids)[0]
        self.eventually(lambda: not processes.alive(first))
        self.eventually(lambda: weir.replica_pids())

    def test_a_command_that_does_not_exist_is_told(self):
        weir = self.fleet({"min": 1, "launch": {"command": ["/no/such/server", "${WEIR_PORT}"]}})
        self.eventually(lambda: "/no/such/server" in str(weir.status()["scaling_groups"]))
        self.assertEqual(weir.admin("GET", "/healthz").status, 200)

    def test_devices_are_given_out_and_the_rest_waits_with_a_reason(self):
        weir = self.fleet({"min": 3, "max": 3}, launch={"gpus": 1}, devices=["0", "3"])
        self.serving(weir, 2)
        given = sorted(processes.environment(p)["CUDA_VISIBLE_DEVICES"]
                       for p in weir.replica_pids())
        self.assertEqual(given, ["0", "3"])
        waiting = [i for i in weir.instances("models") if i["state"] == "pending"]
        self.assertEqual(len(waiting), 1)
        self.assertRegex(str(waiting[0]).lower(), "gpu|device")
        os.kill(weir.replica_pids()[0], signal.SIGKILL)
        # A freed device is given again.
        self.eventually(lambda: sorted(processes.environment(p).get("CUDA_VISIBLE_DEVICES", "")
                                       for p in weir.replica_pids()) == ["0", "3"])
        self.serving(weir, 2)

    def test_static_endpoints_and_instances_share_a_group(self):
        fixed = self.backend("fixed")
        weir = self.fleet({"min": 1}, group={"endpoints": [{"address": fixed.address}],
                                             "algorithm": "round_robin"})
        self.serving(weir, 1)
        names = {client.get(weir.address(), "/echo").json()["name"] for _ in range(20)}
        self.assertEqual(len(names), 2)
        self.assertIn("fixed", names)

    def test_weir_leaves_no_zombies(self):
        weir = self.fleet({"min": 2, "max": 2})
        self.serving(weir, 2)
        for _ in range(3):
            os.kill(self.pids(weir)[0], signal.SIGKILL)
            self.eventually(lambda: len([p for p in weir.replica_pids()]) == 2)
            self.serving(weir, 2)
        zombies = [p for p in processes.children(weir.pid) if processes.stat(p)[0] == "Z"]
        self.assertEqual(zombies, [])


class Adoption(FleetCase):
    def test_sigterm_leaves_the_instances_and_the_next_weir_adopts_them(self):
        weir = self.fleet({"min": 2, "max": 2})
        self.serving(weir, 2)
        before = self.pids(weir)
        self.assertEqual(weir.terminate(), 0)
        self.assertEqual(sorted(weir.replica_pids()), before)
        weir.start()
        self.serving(weir, 2)
        self.assertEqual(self.pids(weir), before)
        self.assertEqual(sorted(weir.replica_pids()), before)
        self.assertEqual(client.get(weir.address(), "/").status, 200)

    def test_sigkill_leaves_them_too(self):
        weir = self.fleet({"min": 3, "max": 3})
        self.serving(weir, 3)
        before, ids = self.pids(weir), sorted(i["id"] for i in weir.in_service("models"))
        weir.kill()
        self.assertEqual(sorted(weir.replica_pids()), before)
        weir.start()
        self.serving(weir, 3)
        self.assertEqual(self.pids(weir), before)
        self.assertEqual(sorted(i["id"] for i in weir.in_service("models")), ids)

    def test_one_that_died_meanwhile_is_replaced(self):
        weir = self.fleet({"min": 2, "max": 2})
        self.serving(weir, 2)
        before = self.pids(weir)
        weir.kill()
        os.kill(before[0], signal.SIGKILL)
        self.eventually(lambda: not processes.alive(before[0]))
        weir.start()
        self.serving(weir, 2)
        self.assertIn(before[1], self.pids(weir))
        self.assertNotIn(before[0], self.pids(weir))

    def test_an_adopted_one_that_dies_is_replaced(self):
        weir = self.fleet({"min": 1, "max": 1})
        pid = self.serving(weir, 1)[0]["pid"]
        weir.kill()
        weir.start()
        self.serving(weir, 1)
        os.kill(pid, signal.SIGKILL)
        self.eventually(lambda: self.pids(weir) and self.pids(weir) != [pid])

    def test_one_that_is_still_starting_is_adopted(self):
        weir = self.fleet({"min": 1, "max": 1}, arguments=["--start-delay", "2"])
        pid = self.eventually(weir.replica_pids)[0]
        weir.kill()
        weir.start()
        self.assertEqual(self.serving(weir, 1)[0]["pid"], pid)

    def test_those_of_a_group_that_the_new_config_lacks_are_ended(self):
        weir = self.fleet({"min": 2, "max": 2})
        self.serving(weir, 2)
        before = self.pids(weir)
        weir.kill()
        config = dict(weir.config)
        del config["scaling_groups"]
        weir.write(config)
        weir.start()
        self.eventually(lambda: not any(processes.alive(p) for p in before))

    def test_another_weir_leaves_them_alone(self):
        weir = self.fleet({"min": 1, "max": 1})
        pid = self.serving(weir, 1)[0]["pid"]
        weir.kill()
        other = self.fleet({"min": 0})
        time.sleep(1)
        self.assertTrue(processes.alive(pid))
        self.assertEqual(other.instances("models"), [])

    def test_instances_written_before_their_spawn_leave_no_ghost(self):
        """SIGKILL at random moments of a scale-out: afterwards the count is right."""
        weir = self.fleet({"min": 0, "max": 6})
        for n, pause in enumerate((0.0, 0.005, 0.02, 0.06)):
            weir.scale("models", 2 + n)
            time.sleep(pause)
            weir.kill()
            weir.start()
            self.serving(weir, 2 + n)
            self.assertEqual(sorted(weir.replica_pids()), self.pids(weir))

    def test_stop_instances_ends_them_and_weir(self):
        weir = self.fleet({"min": 2, "max": 2})
        self.serving(weir, 2)
        out = weir.cli("stop", "--instances")
        self.assertEqual(out.returncode, 0, out.stderr)
        self.assertEqual(weir.process.wait(20), 0)
        self.assertEqual(weir.replica_pids(), [])

    def test_stop_alone_ends_weir_only(self):
        weir = self.fleet({"min": 1, "max": 1})
        self.serving(weir, 1)
        self.assertEqual(weir.cli("stop").returncode, 0)
        self.assertEqual(weir.process.wait(20), 0)
        self.assertEqual(len(weir.replica_pids()), 1)

    def test_two_weirs_on_one_store_are_refused(self):
        import subprocess
        from weir_test.case import BIN
        weir = self.fleet({"min": 1, "max": 1})
        self.serving(weir, 1)
        second = subprocess.run([str(BIN), "serve", weir.path], capture_output=True, text=True,
                                timeout=20)
        self.assertNotEqual(second.returncode, 0)
        self.assertEqual(client.get(weir.address(), "/").status, 200)
        self.assertEqual(len(weir.replica_pids()), 1)


class Activation(FleetCase):
    def test_listeners_come_from_the_parent_and_connections_wait_in_the_backlog(self):
        weir = self.fleet({"min": 1, "max": 1}, activate=["public"])
        self.serving(weir, 1)
        self.assertEqual(client.get(weir.address(), "/").status, 200)
        weir.kill()
        early = client.Client(weir.address(), 20)  # nobody accepts yet
        early.request("GET", "/")
        weir.start()
        self.assertEqual(early.answer().status, 200)
        early.close()

    def test_the_address_of_the_config_need_not_be_free(self):
        weir = self.fleet({"min": 0}, activate=["public"])
        self.assertEqual(weir.terminate(), 0)
        weir.start()
        self.assertTrue(weir.ready())
