"""What the tests of layer 4 share: servers that speak bytes, and a weir in front of them."""
import socket
import threading
import time

from weir_test.weir import WeirCase

TCP = {"protocol": "tcp", "health_check": {"interval": "1s", "timeout": "1s"}}


class TcpServer:
    """Accepts, and lets a function of the test serve each connection on a thread of its own."""

    def __init__(self, case, serve=None, address=("127.0.0.1", 0), family=socket.AF_INET):
        self.socket = socket.socket(family)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(address)
        self.socket.listen(512)
        self.serve = serve or echo
        self.peers = []  # addresses of all that connected
        self.seen = 0
        case.addCleanup(self.close)
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def port(self):
        return self.socket.getsockname()[1]

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    def close(self):
        try:
            self.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.socket.close()

    def _accept(self):
        while True:
            try:
                connection, peer = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self._one, args=(connection, peer), daemon=True).start()

    def _one(self, connection, peer):
        with connection:
            connection.settimeout(60)
            try:
                first = connection.recv(1, socket.MSG_PEEK)
                if first:  # else a health check
                    self.peers.append(peer)
                self.serve(connection)
            except OSError:
                pass


def echo(connection):
    while piece := connection.recv(65536):
        connection.sendall(piece)


def named(name):
    """Answers each line with its own name."""
    def serve(connection):
        while connection.recv(65536):
            connection.sendall(name.encode() + b"\n")
    return serve


def read_all(connection):
    out = b""
    while piece := connection.recv(65536):
        out += piece
    return out


def read_exactly(connection, count):
    out = b""
    while len(out) < count:
        piece = connection.recv(count - len(out))
        if not piece:
            break
        out += piece
    return out


def dial(weir, listener="public", timeout=10):
    connection = socket.create_connection(weir.address(listener), timeout)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


class Layer4Case(WeirCase):
    def layer4(self, servers, listener=None, group=None, **top):
        return self.proxy([s if isinstance(s, str) else s.address for s in servers],
                          listener={"protocol": "tcp", **(listener or {})},
                          group={**TCP, **(group or {})}, **top)

    def records(self, weir, count):
        path = weir.config["access_log"]["path"]

        def lines():
            with open(path) as file:
                found = [line for line in file.read().splitlines() if line]
            return found if len(found) >= count else None
        return self.eventually(lines, what="access records")

    def log_path(self):
        path = str(self.folder / f"access-{time.time_ns()}.log")
        return path
