"""Run inside a fresh network namespace: makes two more, with weir between a client and an endpoint,
and prints whose address the endpoint saw. `namespaces.py FOLDER`; exit 77: not possible here."""
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time

BIN = os.environ.get("WEIR_BIN",
                     os.path.join(os.path.dirname(__file__), "..", "..", "..", "build", "release",
                                  "weir"))
CLIENT, WEIR_C, WEIR_E, ENDPOINT = "10.99.1.2", "10.99.1.1", "10.99.2.1", "10.99.2.2"


def ip(*words, inside=None):
    command = ["ip", *words]
    if inside:
        command = ["nsenter", f"--net=/proc/{inside}/ns/net", *command]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        print(f"ip {' '.join(words)}: {done.stderr.strip()}")
        sys.exit(77)


def namespace():
    """A process that holds a namespace of its own."""
    process = subprocess.Popen(["unshare", "--net", "sleep", "60"])
    own = os.readlink("/proc/self/ns/net")
    for _ in range(500):
        if os.readlink(f"/proc/{process.pid}/ns/net") != own:
            return process
        time.sleep(0.01)
    sys.exit("no namespace came up")


def in_namespace(process, work):
    """Runs `work` on a thread that lives in the namespace of the process."""
    result = []

    def run():
        with open(f"/proc/{process.pid}/ns/net") as there:
            os_setns(there.fileno())
        result.append(work())
    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return result[0]


def os_setns(fd):
    import ctypes
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.setns(fd, 0x40000000) != 0:  # CLONE_NEWNET
        raise OSError(ctypes.get_errno(), "setns")


def connect_pair(near, address, process, far_address):
    ip("link", "add", near, "type", "veth", "peer", "name", "eth0", "netns", str(process.pid))
    ip("addr", "add", f"{address}/24", "dev", near)
    ip("link", "set", near, "up")
    ip("addr", "add", f"{far_address}/24", "dev", "eth0", inside=process.pid)
    ip("link", "set", "eth0", "up", inside=process.pid)
    ip("link", "set", "lo", "up", inside=process.pid)
    ip("route", "add", "default", "via", address, inside=process.pid)


def main(folder):
    client, endpoint = namespace(), namespace()
    weir = None
    state = tempfile.mkdtemp(prefix="weir-namespaces-")
    try:
        ip("link", "set", "lo", "up")
        connect_pair("to-client", WEIR_C, client, CLIENT)
        connect_pair("to-endpoint", WEIR_E, endpoint, ENDPOINT)
        # What comes back from endpoints is for weir, whosever address it carries.
        ip("rule", "add", "iif", "to-endpoint", "lookup", "100")
        ip("route", "add", "local", "0.0.0.0/0", "dev", "lo", "table", "100")
        with open("/proc/sys/net/ipv4/conf/all/rp_filter", "w") as file:
            file.write("0")

        def listen(kind):
            sock = socket.socket(socket.AF_INET, kind)
            sock.bind((ENDPOINT, 9000))
            if kind == socket.SOCK_STREAM:
                sock.listen(16)
            return sock
        stream = in_namespace(endpoint, lambda: listen(socket.SOCK_STREAM))
        datagrams = in_namespace(endpoint, lambda: listen(socket.SOCK_DGRAM))

        def serve_stream():
            while True:
                connection, peer = stream.accept()
                with connection:
                    asked = connection.recv(1000)
                    body = peer[0].encode()
                    if asked.startswith(b"GET"):
                        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s"
                                           % (len(body), body))
                    else:
                        connection.sendall(body)

        def serve_datagrams():
            while True:
                _, peer = datagrams.recvfrom(1000)
                datagrams.sendto(peer[0].encode(), peer)
        threading.Thread(target=serve_stream, daemon=True).start()
        threading.Thread(target=serve_datagrams, daemon=True).start()

        common = {"endpoints": [f"{ENDPOINT}:9000"], "preserve_client_ip": True,
                  "health_check": {"enabled": False}}
        config = {
            "admin": {"bind": "127.0.0.1:9901"}, "workers": 1,
            "state": {"path": os.path.join(state, "state.db")},
            "listeners": {
                "tcp": {"bind": f"{WEIR_C}:8000", "protocol": "tcp", "default": {"forward": "t"}},
                "http": {"bind": f"{WEIR_C}:8001", "default": {"forward": "h"}},
                "udp": {"bind": f"{WEIR_C}:8002", "protocol": "udp",
                        "default": {"forward": "u"}}},
            "target_groups": {"t": {"protocol": "tcp", **common}, "h": common,
                              "u": {"protocol": "udp", **common}}}
        path = os.path.join(folder, "weir.yaml")
        with open(path, "w") as file:
            json.dump(config, file)
        with open(os.path.join(folder, "weir.log"), "w") as log:
            weir = subprocess.Popen([BIN, "serve", path], stdout=log, stderr=log)

        def ask(kind, port, what):
            for _ in range(100):
                try:
                    with socket.socket(socket.AF_INET, kind) as sock:
                        sock.settimeout(5)
                        sock.connect((WEIR_C, port))
                        sock.sendall(what)
                        return sock.recv(1000).decode().split("\r\n")[-1]
                except ConnectionRefusedError:
                    time.sleep(0.05)
            return "nobody answers"
        seen = {name: in_namespace(client, lambda k=kind, p=port, w=what: ask(k, p, w))
                for name, kind, port, what in (
                    ("tcp", socket.SOCK_STREAM, 8000, b"?"),
                    ("http", socket.SOCK_STREAM, 8001, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"),
                    ("udp", socket.SOCK_DGRAM, 8002, b"?"))}
        print(json.dumps(seen))
    finally:
        for process in (weir, client, endpoint):
            if process:
                process.kill()
                process.wait()
        shutil.rmtree(state, ignore_errors=True)


if __name__ == "__main__":
    main(sys.argv[1])
