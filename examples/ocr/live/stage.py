"""Stage: the processes of the demo and the folder they live in; starts them, ends them, loses none.

Model servers outlive weir by design, so the pids of all that was seen are noted in the folder: a demo
that was killed is cleaned up by the next one.
"""

import fcntl
import http.client
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import time


class Trouble(Exception):
    """The demo cannot go on; the text says why and what to do."""


def birth(pid):
    """When a process started, in clock ticks: with the pid it names it for ever. None: not there."""
    try:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in "ZX" else int(fields[19])


def wait_until(seconds, condition):
    limit = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > limit:
            return False
        time.sleep(0.05)
    return True


def free_port(wanted):
    for port in (wanted, 0):
        with socket.socket() as s:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                s.bind(("127.0.0.1", port))
                return s.getsockname()[1]
            except OSError:
                pass
    raise Trouble("no free port on 127.0.0.1")


def replace_all(text, changes):
    """The example's own values, changed for this run; one that is not there is a mistake of ours."""
    for old, new in changes.items():
        if old not in text:
            raise Trouble(f"the example config no longer has '{old}'")
        text = text.replace(old, new)
    return text


class Stage:
    def __init__(self, root, build, folder):
        self.root, self.build, self.folder = root, build, folder
        self.weir = build / "weir"
        self.server = build / "examples/ocr/ocr-server"
        self.pages = build / "examples/ocr/pages"
        self.processes = {}  # pid -> birth, of weir and all instances seen
        self.serving = None
        self.lock = None
        self.prepared = False  # the folder is this demo's own

    def check(self):
        for path, target in (
            (self.weir, "weir"),
            (self.server, "ocr-server"),
            (self.pages / "made", "ocr-pages"),
        ):
            if not path.exists():
                raise Trouble(
                    f"{path} is missing: build it with `cmake --build {self.build} --target {target}`"
                )

    def prepare(self):
        """An empty folder, and nothing left of a demo that was killed in it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.lock = open(self.folder / "lock", "w")
        try:
            fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self.lock.close()
            raise Trouble(f"another demo runs in {self.folder}: end it, or use --folder") from None
        self.prepared = True
        note = self.folder / "processes.json"
        if note.exists():
            left = {int(pid): born for pid, born in json.loads(note.read_text()).items()}
            self._end(left)
        for entry in self.folder.iterdir():
            if entry.name != "lock":
                shutil.rmtree(entry) if entry.is_dir() else entry.unlink()

    def write_config(self, quick):
        self.public = free_port(8080)
        self.admin = free_port(9901)
        self.socket = self.folder / "admin.sock"
        changes = {
            "127.0.0.1:8080": f"127.0.0.1:{self.public}",
            "build/release/examples/ocr/ocr-server": str(self.server),
            "build/demo": str(self.folder),
            # Last, so that what is put in here is not replaced again.
            "bind: 127.0.0.1:9901": f"bind: 127.0.0.1:{self.admin}\n  socket: {self.socket}",
        }
        if quick:
            changes |= {
                "idle_timeout: 6s": "idle_timeout: 2s",
                "scale_in_cooldown: 2s": "scale_in_cooldown: 1s",
            }
        self.config = self.folder / "weir.yaml"
        self.config.write_text(
            replace_all((self.root / "examples/ocr/weir.yaml").read_text(), changes)
        )

    def start_weir(self):
        self.log = self.folder / "weir.log"
        with open(self.log, "w") as log:
            self.serving = subprocess.Popen(
                [self.weir, "serve", self.config],
                cwd=self.root,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.note(self.serving.pid)
        if not wait_until(10, lambda: self.serving.poll() is not None or self._answers()):
            raise Trouble(f"weir does not answer on 127.0.0.1:{self.admin}\n{self.last_log()}")
        if self.serving.poll() is not None:
            raise Trouble(
                f"weir ended at once with code {self.serving.returncode}\n{self.last_log()}"
            )

    def start_load(self, users):
        url = f"http://127.0.0.1:{self.public}/ocr"
        script = self.root / "examples/ocr/load.py"
        return subprocess.Popen(
            [sys.executable, script, url, self.pages, "--users", users],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def status(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.admin, timeout=2)
        try:
            connection.request("GET", "/api/v1/status")
            response = connection.getresponse()
            body = response.read()
            if response.status != 200:
                raise OSError(f"status {response.status} from weir's API")
            return json.loads(body)
        finally:
            connection.close()

    def _answers(self):
        try:
            self.status()
            return True
        except (OSError, http.client.HTTPException, ValueError):
            return False

    def note(self, pid):
        if not pid or pid in self.processes or birth(pid) is None:
            return
        self.processes[pid] = birth(pid)
        new = self.folder / "processes.json.new"
        new.write_text(json.dumps(self.processes))
        new.rename(self.folder / "processes.json")

    def last_log(self, lines=15):
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        return "\n".join(f"  {line}" for line in text.splitlines()[-lines:])

    def stop(self):
        """Ends weir and its instances; returns what had to be forced, in words ('' is a clean end)."""
        if not self.prepared:
            return ""
        trouble = []
        if self.serving and self.serving.poll() is None:
            asked = self._ask_weir_to_stop()
            if asked:
                trouble.append(asked)
                self.serving.send_signal(signal.SIGTERM)
            try:
                code = self.serving.wait(20)
                if code != 0:
                    trouble.append(f"weir ended with code {code}")
            except subprocess.TimeoutExpired:
                trouble.append("weir did not stop within 20 s")
        elif self.serving:
            trouble.append(f"weir had ended by itself with code {self.serving.returncode}")
        # Asked to end its instances, weir has done so before it ended itself.
        left = self._end(self.processes)
        if left:
            trouble.append(f"{left} processes were left and were ended by the demo")
        if self.serving:
            self.serving.poll()
        (self.folder / "processes.json").unlink(missing_ok=True)
        return "; ".join(trouble)

    def _ask_weir_to_stop(self):
        command = [self.weir, "stop", "--instances", "--socket", self.socket]
        try:
            done = subprocess.run(
                command, cwd=self.root, capture_output=True, text=True, timeout=30
            )
        except (OSError, subprocess.TimeoutExpired) as problem:
            return f"weir stop: {problem}"
        return "" if done.returncode == 0 else f"weir stop: {(done.stderr or done.stdout).strip()}"

    @staticmethod
    def _end(processes):
        """SIGTERM, then SIGKILL, to those that still are who they were; returns how many there were."""

        def left():
            return [pid for pid, born in processes.items() if birth(pid) == born]

        found = left()
        for number in (signal.SIGTERM, signal.SIGKILL):
            for pid in left():
                os.kill(pid, number)
            if wait_until(5, lambda: not left()):
                break
        return len(found)
