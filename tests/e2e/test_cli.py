"""The commands of weir, each as a user types it."""
import copy
import json
import time

from weir_test import client
from weir_test.weir import WeirCase, run_cli
from test_fleet import FleetCase

COMMANDS = ("serve", "check", "plan", "apply", "export", "describe", "status", "scale", "drain",
            "protect", "shift-zone", "logs", "stop", "version")


class Usage(WeirCase):
    def test_every_command_has_help(self):
        out = run_cli("--help")
        self.assertEqual(out.returncode, 0)
        for name in COMMANDS:
            self.assertIn(name, out.stdout)
            with self.subTest(name):
                own = run_cli(name, "--help")
                self.assertEqual(own.returncode, 0)
                self.assertGreater(len(own.stdout), 40)

    def test_bad_usage_is_exit_2(self):
        for arguments in ([], ["frobnicate"], ["check"], ["scale", "ocr"], ["scale", "ocr", "x"],
                          ["serve", "--no-such-option", "x"]):
            with self.subTest(arguments):
                out = run_cli(*arguments)
                self.assertEqual(out.returncode, 2, out.stdout + out.stderr)
                self.assertTrue(out.stderr or out.stdout)

    def test_version_is_a_number(self):
        out = run_cli("version")
        self.assertEqual(out.returncode, 0)
        self.assertRegex(out.stdout, r"\d+\.\d+\.\d+")

    def test_describe_is_the_manual_of_a_key(self):
        for key, words in (("target_groups.max_in_flight", ["0", "endpoint"]),
                           ("listeners.limits.head", ["32KiB"]),
                           ("target_groups.algorithm", ["peak_ewma", "maglev"]),
                           ("scaling_groups.launch.stop_grace", ["30s"])):
            with self.subTest(key):
                out = run_cli("describe", key)
                self.assertEqual(out.returncode, 0, out.stderr)
                for word in words:
                    self.assertIn(word, out.stdout)
        self.assertNotEqual(run_cli("describe", "no.such.key").returncode, 0)

    def test_asking_a_weir_that_does_not_run_is_exit_1(self):
        out = run_cli("status", "--socket", "/tmp/no-such-weir.sock")
        self.assertEqual(out.returncode, 1, out.stdout + out.stderr)
        self.assertTrue(out.stderr)


class Changes(WeirCase):
    def begun(self):
        return self.proxy(self.backend("a"), group={"max_in_flight": 3})

    def changed(self, weir):
        config = copy.deepcopy(weir.config)
        config["target_groups"]["models"]["max_in_flight"] = 7
        config["listeners"]["public"]["rules"] = [
            {"match": {"path": ["/new"]}, "respond": {"body": "new"}}]
        return config

    def test_plan_shows_the_difference_and_changes_nothing(self):
        weir = self.begun()
        weir.write(self.changed(weir))
        out = weir.cli("plan", weir.path)
        self.assertEqual(out.returncode, 0, out.stderr)
        self.assertIn("max_in_flight", out.stdout)
        self.assertIn("7", out.stdout)
        self.assertIn("rules", out.stdout)
        self.assertNotEqual(client.get(weir.address(), "/new").body, b"new")

    def test_plan_of_what_runs_shows_nothing_to_do(self):
        weir = self.begun()
        out = weir.cli("plan", weir.path)
        self.assertEqual(out.returncode, 0, out.stderr)
        self.assertNotIn("max_in_flight", out.stdout)

    def test_apply_makes_the_change(self):
        weir = self.begun()
        out = weir.apply(self.changed(weir))
        self.assertEqual(out.returncode, 0, out.stdout + out.stderr)
        self.assertEqual(client.get(weir.address(), "/new").body, b"new")

    def test_apply_of_a_mistake_is_exit_2_and_changes_nothing(self):
        weir = self.begun()
        config = self.changed(weir)
        config["target_groups"]["models"]["algorithm"] = "best"
        out = weir.apply(config)
        self.assertEqual(out.returncode, 2, out.stdout + out.stderr)
        self.assertIn("target_groups.models.algorithm", out.stdout + out.stderr)
        self.assertNotEqual(client.get(weir.address(), "/new").body, b"new")

    def test_export_is_a_config_that_check_accepts(self):
        weir = self.begun()
        weir.apply(self.changed(weir))
        out = weir.cli("export")
        self.assertEqual(out.returncode, 0, out.stderr)
        self.assertIn("max_in_flight: 7", out.stdout)
        path = self.folder / "exported.yaml"
        path.write_text(out.stdout)
        again = run_cli("check", path)
        self.assertEqual(again.returncode, 0, again.stdout + again.stderr)

    def test_what_was_applied_survives_a_restart_of_weir(self):
        weir = self.begun()
        weir.apply(self.changed(weir))
        weir.kill()
        weir.start()
        self.assertEqual(client.get(weir.address(), "/new").body, b"new")


class Running(FleetCase):
    def test_status_is_a_readable_table(self):
        weir = self.fleet({"min": 1, "max": 2})
        self.serving(weir, 1)
        out = weir.cli("status")
        self.assertEqual(out.returncode, 0, out.stderr)
        for word in ("public", "models", "in_service", weir.in_service("models")[0]["id"]):
            self.assertIn(word, out.stdout)
        self.assertLess(max(map(len, out.stdout.splitlines())), 200)

    def test_scale_changes_the_capacity_and_the_history_says_why(self):
        weir = self.fleet({"min": 0, "max": 3})
        out = weir.cli("scale", "models", "2")
        self.assertEqual(out.returncode, 0, out.stderr)
        self.serving(weir, 2)
        activities = weir.scaling_group()["activities"]
        self.assertTrue(activities)
        self.assertTrue(all(a["cause"] for a in activities), activities)
        self.assertNotEqual(weir.cli("scale", "no-such-group", "1").returncode, 0)

    def test_scale_survives_a_restart(self):
        weir = self.fleet({"min": 0, "max": 3})
        weir.scale("models", 2)
        self.serving(weir, 2)
        weir.kill()
        weir.start()
        time.sleep(1)
        self.serving(weir, 2)

    def test_drain_of_something_unknown_fails(self):
        weir = self.fleet({"min": 0})
        self.assertNotEqual(weir.cli("drain", "127.0.0.1:1").returncode, 0)

    def test_drain_of_a_static_endpoint(self):
        a, b = self.backend("a"), self.backend("b")
        weir = self.proxy([a, b], group={"algorithm": "round_robin"})
        out = weir.cli("drain", a.address)
        self.assertEqual(out.returncode, 0, out.stderr)
        self.eventually(lambda: {client.get(weir.address(), "/").body for _ in range(10)}
                        == {b"b\n"})

    def test_watch_shows_the_status_again_and_again(self):
        import subprocess
        from weir_test.case import BIN
        weir = self.fleet({"min": 0})
        process = subprocess.Popen(
            [str(BIN), "status", "--watch", "--socket", weir.socket_path],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        time.sleep(2.5)
        process.terminate()
        out = process.communicate(timeout=5)[0]
        self.assertGreaterEqual(out.count("models"), 2, out)

    def test_the_native_status_is_json_with_all_parts(self):
        weir = self.fleet({"min": 1})
        self.serving(weir, 1)
        status = weir.status()
        json.dumps(status)
        for part in ("listeners", "target_groups", "scaling_groups"):
            self.assertIn(part, status)
