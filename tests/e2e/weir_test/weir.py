"""The program under test: writes its config, starts, reloads, kills and asks it."""
import copy
import fcntl
import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse

from weir_test import client, processes
from weir_test.case import BIN, NEEDS_WEIR, PATIENCE, ROOT, Case

PYTHON = "/usr/bin/python3"
HERE = ROOT / "tests" / "e2e"
RUN = os.environ.get("WEIR_E2E_RUN", f"r{os.getpid()}")


def in_turn(what, count):
    """0 to count - 1, each in its turn over all processes of a run, so that what one of them was told and has
    not taken yet is not told to another."""
    with open(os.path.join(tempfile.gettempdir(), f"weir-e2e-{RUN}.{what}"), "a+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        number = (int(file.read() or random.randrange(count)) + 1) % count
        file.truncate(0)
        file.write(str(number))
        return number


def free_port(host="127.0.0.1"):
    """A port outside the kernel's own range, so that no client connection takes it meanwhile."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    while True:
        port = 10000 + in_turn("port", 9999)
        with socket.socket(family) as probe:
            try:
                probe.bind((host, port))
                return port
            except OSError:
                continue


def listening_socket(host="127.0.0.1", port=0, backlog=4096):
    sock = socket.socket(socket.AF_INET)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind((host, port or free_port(host)))
    sock.listen(backlog)
    return sock


def parse_metrics(text):
    """{name: [(labels, value)]} of the Prometheus text form."""
    out = {}
    for line in text.splitlines():
        if not line or line.startswith("#"):
            continue
        found = re.fullmatch(r'([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)(?: \d+)?', line)
        if not found:
            raise ValueError(f"no metric line: {line!r}")
        labels = dict(re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', found[2] or ""))
        out.setdefault(found[1], []).append((labels, float(found[3])))
    return out


class Weir:
    """One weir with its own state folder. `case` gets the clean-up and the log folder."""

    count = 0

    def __init__(self, case, config, activate=(), environment=None, start=True):
        Weir.count += 1
        self.case = case
        self.tag = f"weir-e2e-{RUN}-{os.getpid()}-{Weir.count}"
        self.dir = tempfile.mkdtemp(prefix=self.tag + "-", dir="/tmp")
        self.path = os.path.join(self.dir, "weir.yaml")
        self.environment = dict(os.environ, **(environment or {}))
        self.process = None
        self.starts = 0
        self.may_die = False       # a test that kills it says so through kill()
        self.prefix = []           # of its command: where it runs
        self.activate = {name: listening_socket() for name in activate}
        first = 20000 + 50 * in_turn("range", 200)
        self.port_range = f"{first}-{first + 49}"
        self.admin_port = free_port()
        self.binds = {}
        self.config = self.complete(config)
        self.write()
        case.addCleanup(self.clean_up)
        if start:
            self.start()

    # ------------------------------------------------------------ config

    def complete(self, config):
        """The test's config with what every weir needs: admin, state, ports, binds, tags."""
        config = copy.deepcopy(config)
        config.setdefault("admin", {}).setdefault("bind", f"127.0.0.1:{self.admin_port}")
        config.setdefault("state", {}).setdefault("path", os.path.join(self.dir, "state.db"))
        config.setdefault("ports", self.port_range)
        config.setdefault("log", {}).setdefault("level", "debug")
        for name, listener in config.get("listeners", {}).items():
            if "bind" not in listener:
                if name in self.activate:
                    host, port = self.activate[name].getsockname()[:2]
                    self.binds.setdefault(name, f"{host}:{port}")
                listener["bind"] = self.binds.setdefault(name, f"127.0.0.1:{free_port()}")
        launches = [group.get("launch", {}) for group in config.get("scaling_groups", {}).values()]
        launches += config.get("aws", {}).get("images", {}).values()
        for launch in launches:
            command = launch.get("command")
            if isinstance(command, list) and command[0] == PYTHON and "--tag" not in command:
                command += ["--tag", self.tag]
        return config

    def write(self, config=None):
        """JSON is YAML. Does not make weir read it."""
        if config is not None:
            self.config = self.complete(config)
        with open(self.path + ".new", "w") as file:
            json.dump(self.config, file, indent=2)
        os.rename(self.path + ".new", self.path)

    def address(self, listener="public"):
        bind = self.config["listeners"][listener]["bind"]
        bind = bind if isinstance(bind, str) else bind[0]
        if bind.startswith("unix:"):
            return bind[5:]
        host, _, port = bind.rpartition(":")
        return host.strip("[]"), int(port)

    # ------------------------------------------------------------ life

    @property
    def pid(self):
        return self.process.pid

    @property
    def log_path(self):
        return self.case.folder / f"{self.tag.rsplit('-', 1)[1]}.log"

    def log(self):
        return self.log_path.read_text(errors="replace")

    def start(self, wait=True):
        self.starts += 1
        command = [*self.prefix, str(BIN), "serve", self.path]
        fds = [s.fileno() for s in self.activate.values()]
        if fds:
            command = [PYTHON, "-S", str(HERE / "listen_exec.py"), ":".join(self.activate),
                       ",".join(map(str, fds)), *command]
        with open(self.log_path, "ab") as log:
            log.write(f"--- start {self.starts}\n".encode())
            log.flush()
            self.process = subprocess.Popen(command, stdout=log, stderr=log, pass_fds=fds,
                                            env=self.environment, cwd=self.dir,
                                            start_new_session=True)
        if wait:
            self.wait_ready()
        return self

    def ready(self):
        try:
            return self.admin("GET", "/readyz", timeout=2).status == 200
        except (OSError, client.Broken):
            return False

    def wait_ready(self, within=15.0):
        end = time.monotonic() + within * PATIENCE
        while not self.ready():
            if self.process.poll() is not None:
                self.may_die = True  # told here, not again by the clean-up
                raise AssertionError(f"weir exited with {self.process.returncode}:\n"
                                     f"{self.log()[-3000:]}")
            if time.monotonic() > end:
                raise AssertionError(f"not ready within {within} s:\n{self.log()[-3000:]}")
            time.sleep(0.01)

    def signal(self, number):
        self.process.send_signal(number)

    def terminate(self, within=20.0):
        """SIGTERM and the exit status; replicas live on."""
        self.signal(signal.SIGTERM)
        return self.process.wait(within * PATIENCE)

    def kill(self):
        """SIGKILL; returns (before, after) in wall time."""
        self.may_die = True
        before = time.time()
        self.process.kill()
        self.process.wait(10)
        return before, time.time()

    def reload(self, config=None, within=10.0):
        """Writes the config if one is given, SIGHUP, and waits until weir says it is done."""
        self.write(config)
        before = self.reloads()
        self.signal(signal.SIGHUP)
        end = time.monotonic() + within * PATIENCE
        while self.reloads() == before:
            if time.monotonic() > end:
                raise AssertionError(f"no reload within {within} s:\n{self.log()[-3000:]}")
            time.sleep(0.01)

    def reloads(self):
        """Grows with every reload, good or refused: weir's own log tells."""
        text = self.log()
        return text.count("config applied") + text.count("config refused")

    def clean_up(self):
        """Ends everything and checks what must hold after every test."""
        problems = []
        try:
            if self.process and self.process.poll() is None:
                self.signal(signal.SIGTERM)
                try:
                    self.process.wait(10 * PATIENCE)
                except subprocess.TimeoutExpired:
                    self.process.kill()
                    self.process.wait(10)
                    problems.append("weir did not end within 10 s of SIGTERM")
            status = self.process.returncode if self.process else 0
            if status != 0 and not self.may_die:
                problems.append(f"weir ended with {status}")
            if self.process:
                text = self.log()
                for sign in ("AddressSanitizer", "ThreadSanitizer", "runtime error:",
                             "LeakSanitizer", "CHECK failed"):
                    if sign in text:
                        problems.append(f"{sign} in {self.log_path}")
        finally:
            processes.end(processes.tagged(self.tag))
            for sock in self.activate.values():
                sock.close()
            for name in ("weir.yaml", "logs"):
                source = os.path.join(self.dir, name)
                target = self.case.folder / f"{self.tag.rsplit('-', 1)[1]}.{name}"
                if os.path.isdir(source):
                    shutil.copytree(source, target, dirs_exist_ok=True)
                elif os.path.exists(source):
                    shutil.copy(source, target)
            shutil.rmtree(self.dir, ignore_errors=True)
        if problems:
            raise AssertionError("; ".join(problems) + "\n" + self.log()[-1500:])

    def replica_pids(self):
        """Living processes of this weir's scaling groups."""
        return [pid for pid in processes.tagged(self.tag)
                if any(b"backend.py" in part for part in processes.command_line(pid))]

    # ------------------------------------------------------------ asking it

    @property
    def socket_path(self):
        return self.config["admin"].get("socket") or os.path.join(self.dir, "weir.sock")

    def admin(self, method, path, headers=(), body=None, host=None, timeout=10.0):
        """Over TCP, where reading alone is open."""
        return client.ask(("127.0.0.1", self.admin_port), method, path, headers, body,
                          host=host or f"127.0.0.1:{self.admin_port}", timeout=timeout)

    def owner(self, method, path, headers=(), body=None, timeout=10.0):
        """Over the Unix socket, where changes are allowed."""
        return client.ask(self.socket_path, method, path, headers, body, host="localhost",
                          timeout=timeout)

    def status(self):
        answer = self.admin("GET", "/api/v1/status")
        if answer.status != 200:
            raise AssertionError(f"status: {answer}")
        return answer.json()

    def metrics(self):
        answer = self.admin("GET", "/metrics")
        if answer.status != 200:
            raise AssertionError(f"metrics: {answer}")
        return parse_metrics(answer.body.decode())

    def metric(self, name, **labels):
        """The sum over all cells that have these labels; 0 for none."""
        return sum(value for have, value in self.metrics().get(name, [])
                   if all(have.get(k) == v for k, v in labels.items()))

    def part(self, kind, name):
        """The status of one listener, target group or scaling group."""
        return next(p for p in self.status()[kind] if p["name"] == name)

    def target_group(self, name="models"):
        return self.part("target_groups", name)

    def scaling_group(self, name="models"):
        return self.part("scaling_groups", name)

    def endpoints(self, group="models"):
        """[{address, state, in_flight, ...}] of a target group."""
        return self.target_group(group)["endpoints"]

    def instances(self, group="models"):
        """[{id, state, pid, port, ...}] of a scaling group."""
        return self.scaling_group(group)["instances"]

    def in_service(self, group):
        return [i for i in self.instances(group) if i["state"] == "in_service"]

    def cli(self, *arguments, timeout=20.0):
        """`weir ARGUMENTS` against this weir."""
        return run_cli(*arguments, "--socket", self.socket_path, timeout=timeout)

    def apply(self, config=None):
        self.write(config)
        return self.cli("apply", self.path)

    def scale(self, group, count):
        answer = self.cli("scale", group, str(count))
        if answer.returncode != 0:
            raise AssertionError(f"scale: {answer.stdout}{answer.stderr}")


def run_cli(*arguments, timeout=20.0, environment=None):
    """`weir ARGUMENTS` with output as text."""
    return subprocess.run([str(BIN), *map(str, arguments)], capture_output=True, text=True,
                          timeout=timeout * PATIENCE, env=environment)


def replica(*arguments):
    """The command of a launch template that runs our backend."""
    return [PYTHON, "-S", str(HERE / "backend.py"), "--port", "${WEIR_PORT}", *arguments]


class WeirCase(Case):
    """A test that needs the binary."""

    def setUp(self):
        if NEEDS_WEIR:
            self.skipTest(NEEDS_WEIR)

    def weir(self, config, **more):
        return Weir(self, config, **more)

    def proxy(self, backends, listener=None, group=None, **top):
        """A weir with one listener `public` in front of one target group `models`."""
        if not isinstance(backends, (list, tuple)):
            backends = [backends]
        endpoints = [b if isinstance(b, dict) else {
            "address": b if isinstance(b, str) else b.address} for b in backends]
        config = {
            "listeners": {"public": {"default": {"forward": "models"}, **(listener or {})}},
            "target_groups": {"models": {
                "endpoints": endpoints,
                "health_check": {"path": "/health", "interval": "1s", "timeout": "1s"},
                **(group or {})}},
            **top}
        return self.weir(config)

    def fleet(self, scaling=None, group=None, listener=None, arguments=(), launch=None, **top):
        """A weir with a scaling group `models` of our backends behind a listener `public`."""
        config = {
            "listeners": {"public": {"default": {"forward": "models"}, **(listener or {})}},
            "target_groups": {"models": {
                "health_check": {"path": "/health", "interval": "1s", "timeout": "1s"},
                **(group or {})}},
            "scaling_groups": {"models": {
                "target_groups": ["models"],
                "launch": {"command": replica(*arguments), "stop_grace": "2s", **(launch or {})},
                "min": 0, "max": 3, **(scaling or {})}},
            **top}
        activate = config.pop("activate", ())
        return self.weir(config, activate=activate)
