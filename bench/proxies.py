"""The proxies that are compared, and how each is started on a port with its configuration."""

import contextlib
import http.client
import os
import pathlib
import re
import shutil
import socket
import subprocess
import tempfile
import time

import processes

HERE = pathlib.Path(__file__).parent
PEERS = ("haproxy", "nginx")
START_SECONDS = 10
NGINX_STREAM = pathlib.Path("/usr/lib/nginx/modules/ngx_stream_module.so")


_given = set()


def free_port():
    """Free now, and not one that was asked for a while ago and is to be taken in a moment."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        if port not in _given:
            break
    if len(_given) > 1000:
        _given.clear()
    _given.add(port)
    return port


def fill(template, values):
    """Replaces @NAME@ in the template file; a name without a value is a mistake."""
    text = (HERE / template).read_text()
    return re.sub(r"@([A-Z0-9_]+)@", lambda found: str(values[found[1]]), text)


def make_certificate(path):
    """Certificate and key in one file, as all three proxies read it."""
    key = path.with_suffix(".key")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:P-256", "-nodes", "-days", "30", "-subj", "/CN=localhost",
                    "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", path],
                   check=True, capture_output=True)
    path.write_text(path.read_text() + key.read_text())
    path.chmod(0o600)


def wait_for(process, port, output, name, path="/"):
    """Until the proxy passes on an answer of 200."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
        try:
            connection.request("GET", path)
            if connection.getresponse().status == 200:
                return
        except (OSError, http.client.HTTPException):
            pass
        finally:
            connection.close()
        time.sleep(0.02)
    output.seek(0)
    raise RuntimeError(f"{name} does not answer; it said:\n{output.read()[-2000:]}")


class Running:
    """A proxy that answers."""

    def __init__(self, process, ports):
        self.ports = ports  # by door
        self.pids = processes.family(process.pid)


class Proxy:
    """A row of the comparison. `command` makes the command line from the program, its configuration
    file and the values that filled it; further `values` fill the template for this row alone."""

    def __init__(self, name, program, template, command, version, **values):
        self.name = name
        self.program = program
        self.template = template
        self.command = command
        self._version = version
        self._values = values

    @property
    def missing(self):
        return shutil.which(str(self.program)) is None

    def version(self):
        if not self._version:
            return ""
        done = subprocess.run([self.program, *self._version], capture_output=True, text=True)
        return (done.stdout + done.stderr).strip().split("\n")[0]

    @contextlib.contextmanager
    def running(self, endpoints, cpu, descriptors, workers=1):
        """Started in a folder of its own, and gone afterwards: no run inherits another's state.
        `endpoints` are ports, by the names that the templates have for them."""
        with tempfile.TemporaryDirectory(prefix="weir-bench-") as folder:
            values = {
                "DIR": folder,
                "PORT": free_port(),
                "TCP_PORT": free_port(),
                "TLS_PORT": free_port(),
                "ADMIN_PORT": free_port(),
                "H2_PORT": free_port(),
                "H2_TO_H2_PORT": free_port(),
                "GRPC_PORT": free_port(),
                "WORKERS": workers,
                **endpoints,
                "DESCRIPTORS": descriptors,
                "MAX_CONNECTIONS": descriptors // 2 - 300,
                "USER": "user root;" if os.geteuid() == 0 else "",
                "STREAM_MODULE": f"load_module {NGINX_STREAM};" if NGINX_STREAM.exists() else "",
                **self._values,
            }
            make_certificate(pathlib.Path(folder, "bench.pem"))
            config = None
            if self.template:
                config = pathlib.Path(folder, self.template.removesuffix(".in"))
                config.write_text(fill(self.template, values))
            command = [str(word) for word in self.command(self.program, config, values)]
            with open(pathlib.Path(folder, "output"), "w+") as output:
                process = subprocess.Popen(processes.pinned(cpu, command), stdin=subprocess.DEVNULL,
                                           stdout=output, stderr=output)
                try:
                    wait_for(process, values["PORT"], output, self.name)
                    # The relay reads nothing: it has one port for both.
                    ports = {"http": values["PORT"], "tls": values["TLS_PORT"],
                             "h2": values["H2_PORT"], "h2_to_h2": values["H2_TO_H2_PORT"],
                             "grpc": values["GRPC_PORT"],
                             "l4": values["TCP_PORT" if self.template else "PORT"]}
                    yield Running(process, ports)
                finally:
                    processes.stop(process)

def all_proxies(build):
    """In the order of the tables. `build` is the folder of our own binaries."""
    def haproxy(program, config, _):
        return [program, "-db", "-f", config]

    return [
        Proxy("haproxy", "/usr/sbin/haproxy", "haproxy.cfg.in", haproxy, ["-v"],
              STREAM_OPTION="option http-no-delay"),
        # As it comes it holds events back for up to 200 ms: cheaper, but no match for the others.
        Proxy("haproxy_default", "/usr/sbin/haproxy", "haproxy.cfg.in", haproxy, None,
              STREAM_OPTION=""),
        Proxy("nginx", "/usr/sbin/nginx", "nginx.conf.in",
              lambda program, config, values:
              [program, "-e", f"{values['DIR']}/error.log", "-p", values["DIR"], "-c", config],
              ["-v"]),
        Proxy("relay", build / "bench" / "bench_relay", None,
              lambda program, _, values:
              [program, values["PORT"], values["BACKEND_A"], values["BACKEND_B"]], None),
        Proxy("weir", build / "weir", "weir.yaml.in",
              lambda program, config, _: [program, "serve", config], ["version"]),
    ]
