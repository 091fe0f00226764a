"""A browser works through weir: Debian's chromium, driven by playwright-core."""
import json
import shutil
import subprocess
import unittest

from weir_test import backend_routes
from weir_test.case import PATIENCE, ROOT, limit
from weir_test.certificates import Authority
from weir_test.weir import WeirCase

HERE = ROOT / "tests" / "e2e" / "browser"
MODULES = ROOT / "build" / "npm" / "tests" / "e2e" / "browser" / "node_modules"
CHROMIUM = shutil.which("chromium")


async def page(server, connection, request):
    await connection.answer(200, b"<!doctype html><title>weir</title><h1>through weir</h1>",
                            [("Content-Type", "text/html")])


async def steps(server, connection, request):
    """A stream whose next event comes once the client has said that it has the last one."""
    await connection.answer(200, b"", [("Content-Type", "text/event-stream"), ("Transfer-Encoding", "chunked")])
    for n in range(5):
        await connection.send_chunk(f"data: {n}\n\n".encode())
        while not server.gates[f"event-{n}"].is_set():
            await connection.sleep(0.005)
    await connection.send_chunk(b"event: end\ndata: {}\n\n")
    await connection.send(b"0\r\n\r\n")


@unittest.skipUnless(CHROMIUM, "chromium is missing: tools/packages browser installs it")
class Browser(WeirCase):
    """A page, a stream of events, a WebSocket and an upload, as a browser does them."""

    def setUp(self):
        super().setUp()
        subprocess.run([str(ROOT / "tools" / "npm_packages"), "tests/e2e/browser"], check=True, timeout=120)
        backend_routes.ROUTES.update({"/page": page, "/steps": steps})
        self.target = self.backend("b")

    def visit(self, origin):
        environment = {"NODE_PATH": str(MODULES), "PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(self.folder)}
        out = subprocess.run(["node", str(HERE / "visit.js"), CHROMIUM, origin], capture_output=True, text=True,
                             env=environment, timeout=120 * PATIENCE)
        self.assertEqual(out.returncode, 0, out.stderr)
        return json.loads(out.stdout)

    def assert_all_works(self, seen, protocol):
        self.assertEqual((seen["status"], seen["text"]), (200, "through weir"))
        self.assertEqual(seen["page"], protocol)
        self.assertEqual(set(seen["protocols"]), {protocol})
        self.assertEqual(seen["events"], ["0", "1", "2", "3", "4"])
        self.assertEqual(seen["echoes"]["messages"], [str(n) for n in range(20)])
        self.assertEqual(seen["upload"]["size"], 300000)

    @limit(150)
    def test_in_the_clear_it_speaks_http_1_1(self):
        weir = self.proxy(self.target)
        self.assert_all_works(self.visit("http://localhost:%d" % weir.address()[1]), "http/1.1")

    @limit(150)
    def test_over_tls_it_speaks_http_2(self):
        weir = self.proxy(self.target, listener={
            "protocol": "https", "tls": {"certificates": [Authority(self).issue("localhost")]}})
        self.assert_all_works(self.visit("https://localhost:%d" % weir.address()[1]), "h2")
        # The WebSocket too: by extended CONNECT.
        self.assertEqual({request.path: request.header("via") for request in self.target.requests if
                          request.path in ("/page", "/steps", "/ws", "/upload")},
                         dict.fromkeys(("/page", "/steps", "/ws", "/upload"), "2 weir"))
