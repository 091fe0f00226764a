"""A disk without room: the data plane serves on, changes are refused with a clear error, and go on later."""
import copy
import os
import shutil
import subprocess
import tempfile

from weir_test import client
from weir_test.weir import Weir, WeirCase

BIG = 900_000  # of a change: more than what the store's files may have to spare
# In a mount namespace of its own: a disk of 4 MiB at $0, then the command.
SMALL_DISK = 'mount -t tmpfs -o size=4m none "$0" && exec "$@"'


class FullDisk(WeirCase):
    def setUp(self):
        super().setUp()
        self.unshare = ["unshare", *([] if os.getuid() == 0 else ["--map-root-user"]), "--mount"]
        self.disk = tempfile.mkdtemp(prefix="weir-e2e-disk-")
        self.addCleanup(os.rmdir, self.disk)
        self.visible = tempfile.mkdtemp(prefix="weir-e2e-")  # in every namespace, and of a short name
        self.addCleanup(shutil.rmtree, self.visible)
        probe = subprocess.run([*self.unshare, "sh", "-c", SMALL_DISK, self.disk, "true"], capture_output=True, text=True)
        if probe.returncode != 0:
            self.skipTest(f"no mount namespaces here: {probe.stderr.strip()}")

    def begun(self):
        self.target = self.backend("b")
        weir = Weir(self, {
            "admin": {"socket": os.path.join(self.visible, "weir.sock")},
            "state": {"path": os.path.join(self.disk, "state.db")},
            "listeners": {"public": {"default": {"forward": "models"}}},
            "target_groups": {"models": {"endpoints": [self.target.address]}}}, start=False)
        weir.prefix = [*self.unshare, "sh", "-c", SMALL_DISK, self.disk]
        weir.start()
        return weir

    def fill(self, weir):
        path = f"/proc/{weir.pid}/root{self.disk}/fill"
        for size in (65536, 1):
            with open(path, "ab", buffering=0) as file:
                try:
                    while True:
                        file.write(b"x" * size)
                except OSError:
                    continue
        return path

    def changed(self, weir):
        config = copy.deepcopy(weir.config)
        config["listeners"]["public"]["rules"] = [{"match": {"path": "/new"}, "respond": {"body": "x" * BIG}}]
        return config

    def test_requests_are_served_and_changes_refused_until_there_is_room(self):
        weir = self.begun()
        full = self.fill(weir)
        out = weir.apply(self.changed(weir))
        self.assertNotEqual(out.returncode, 0, out.stdout + out.stderr)
        self.assertIn("is full: nothing was changed", out.stdout + out.stderr)
        for _ in range(20):
            self.assertEqual(client.get(weir.address(), "/new").body, b"b\n")
        self.assertEqual(weir.admin("GET", "/readyz").status, 200)
        os.unlink(full)
        out = weir.apply(self.changed(weir))
        self.assertEqual(out.returncode, 0, out.stdout + out.stderr)
        self.assertEqual(len(client.get(weir.address(), "/new").body), BIG)

    def test_a_reload_is_refused_and_said_in_the_log(self):
        weir = self.begun()
        full = self.fill(weir)
        weir.reload(self.changed(weir))
        self.assertEqual(client.get(weir.address(), "/new").body, b"b\n")
        self.assertIn("is full: nothing was changed", weir.log())
        os.unlink(full)
        weir.reload()
        self.assertEqual(len(client.get(weir.address(), "/new").body), BIG)
