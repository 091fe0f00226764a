"""The endpoints that speak HTTP/2: nghttpd, two that answer 200 bytes and two that speak gRPC."""

import contextlib
import pathlib
import socket
import subprocess
import tempfile
import time

import grpc_call
import processes
from proxies import free_port

PROGRAM = "/usr/sbin/nghttpd"
START_SECONDS = 10


def write_documents(folder):
    pathlib.Path(folder, "index.html").write_text("x" * 200)
    reply = pathlib.Path(folder, grpc_call.PATH.lstrip("/"))
    reply.parent.mkdir()
    reply.write_bytes(grpc_call.REPLY)
    types = pathlib.Path(folder, "mime.types")
    types.write_text(f"text/html html\napplication/grpc {reply.suffix[1:]}\n")
    return types


def wait_for(process, port):
    """Until it takes connections."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.02)
    raise RuntimeError(f"{PROGRAM} does not start")


class Endpoints:
    def __init__(self):
        self.ports = {}  # by the name that the templates of the proxies have for it
        self.pids = []


@contextlib.contextmanager
def running(cpu):
    grpc = ["--no-content-length", f"--trailer={grpc_call.TRAILER}"]
    endpoints = Endpoints()
    with contextlib.ExitStack() as started:
        folder = started.enter_context(tempfile.TemporaryDirectory(prefix="weir-bench-"))
        types = write_documents(folder)
        for name, options in (("H2_A", []), ("H2_B", []), ("GRPC_A", grpc), ("GRPC_B", grpc)):
            port = free_port()
            command = [PROGRAM, "--no-tls", "-a", "127.0.0.1", "-d", folder, f"--mime-types-file={types}",
                       *options, str(port)]
            process = subprocess.Popen(processes.pinned(cpu, command), stdin=subprocess.DEVNULL,
                                       stdout=subprocess.DEVNULL)
            started.callback(processes.stop, process)
            wait_for(process, port)
            endpoints.ports[name] = port
            endpoints.pids += processes.family(process.pid)
        yield endpoints
