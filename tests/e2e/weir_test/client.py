"""Blocking clients for tests: raw sockets that show every byte, and a strict answer parser."""
import base64
import hashlib
import os
import socket
import time
from urllib.parse import urlencode


class Answer:
    """One HTTP answer: status, headers, body, trailers, and the interim answers before it."""

    def __init__(self):
        self.status, self.reason, self.version = 0, "", ""
        self.headers, self.trailers, self.interim = [], [], []
        self.body = b""
        self.pieces = []      # (time, bytes) as they came
        self.first_byte = self.done = 0.0
        self.framing = ""     # length, chunked, close or none

    def header(self, name, default=None):
        found = [v for k, v in self.headers if k.lower() == name.lower()]
        return ", ".join(found) if found else default

    def all(self, name):
        return [v for k, v in self.headers if k.lower() == name.lower()]

    def json(self):
        import json
        return json.loads(self.body)

    def __repr__(self):
        return f"<{self.status} {self.headers} {self.body[:200]!r}>"


class Broken(Exception):
    """The answer broke off or was no HTTP."""


def connect(address, timeout=10.0, tls=None, name="localhost"):
    """address: (host, port) or the path of a Unix socket; tls: an ssl.SSLContext."""
    if isinstance(address, str):
        sock = socket.socket(socket.AF_UNIX)
        sock.settimeout(timeout)
        sock.connect(address)
        return sock
    sock = socket.create_connection(address, timeout)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return tls.wrap_socket(sock, server_hostname=name) if tls else sock


class Client:
    """One connection. What was read ahead of an answer stays for the next one."""

    def __init__(self, address, timeout=10.0, tls=None, name="localhost"):
        self.sock = connect(address, timeout, tls, name)
        self.data = bytearray()
        self.eof = False

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.sock.close()

    def send(self, data):
        self.sock.sendall(data.encode("latin1") if isinstance(data, str) else data)

    def request(self, method, target, headers=(), body=None, host="test", version="HTTP/1.1"):
        """Sends a head (and body with its length); a header with the value None is left out."""
        lines = [f"{method} {target} {version}"]
        names = [k.lower() for k, _ in headers]
        if "host" not in names and host is not None:
            lines.append(f"Host: {host}")
        if body is not None and "content-length" not in names and (
                "transfer-encoding" not in names):
            lines.append(f"Content-Length: {len(body)}")
        lines += [f"{k}: {v}" for k, v in headers]
        self.send("\r\n".join(lines).encode("latin1") + b"\r\n\r\n" + (body or b""))

    def ask(self, method, target, headers=(), body=None, **more):
        self.request(method, target, headers, body, **more)
        return self.answer(head_only=method == "HEAD")

    def _more(self):
        if self.eof:
            return False
        try:
            data = self.sock.recv(262144)
        except ConnectionResetError:
            self.eof = True
            return False
        if not data:
            self.eof = True
            return False
        self.data += data
        return True

    def line(self):
        while b"\r\n" not in self.data:
            if not self._more():
                raise Broken(f"end of stream within a line: {bytes(self.data[:100])!r}")
        line, _, rest = self.data.partition(b"\r\n")
        self.data = rest
        return line.decode("latin1")

    def take(self, count):
        while len(self.data) < count:
            if not self._more():
                raise Broken(f"end of stream, {count - len(self.data)} bytes short")
        out = bytes(self.data[:count])
        del self.data[:count]
        return out

    def head(self):
        """The next head, interim or not, as an Answer without a body."""
        answer = Answer()
        while not self.data:
            if not self._more():
                raise Broken("closed without an answer")
        answer.first_byte = time.time()
        parts = self.line().split(" ", 2)
        if len(parts) < 2 or not parts[0].startswith("HTTP/1.") or not parts[1].isdigit():
            raise Broken(f"bad status line {parts}")
        answer.version, answer.status = parts[0], int(parts[1])
        answer.reason = parts[2] if len(parts) > 2 else ""
        while line := self.line():
            name, colon, value = line.partition(":")
            if not colon or not name or name != name.strip():
                raise Broken(f"bad header {line!r}")
            answer.headers.append((name, value.strip()))
        return answer

    def answer(self, head_only=False):
        """The next final answer with its body."""
        interim = []
        while True:
            answer = self.head()
            if answer.status >= 200 or answer.status == 101:
                break
            interim.append(answer)
        answer.interim = interim
        self.body(answer, head_only)
        answer.done = time.time()
        return answer

    def body(self, answer, head_only=False):
        coding, lengths = answer.header("transfer-encoding"), answer.all("content-length")
        if len(set(lengths)) > 1 or (lengths and coding):
            raise Broken(f"ambiguous framing: {answer.headers}")
        if head_only or answer.status in (101, 204, 304) or answer.status < 200:
            answer.framing = "none"
        elif coding:
            answer.framing = "chunked"
            while size := int(self.line().split(";")[0], 16):
                self._piece(answer, self.take(size))
                if self.take(2) != b"\r\n":
                    raise Broken("chunk without its end")
            while line := self.line():
                name, _, value = line.partition(":")
                answer.trailers.append((name, value.strip()))
        elif lengths:
            answer.framing = "length"
            left = int(lengths[0])
            while left:
                if not self.data and not self._more():
                    raise Broken(f"body {left} bytes short")
                piece = self.take(min(left, len(self.data)))
                left -= len(piece)
                self._piece(answer, piece)
        else:
            answer.framing = "close"
            while self.data or self._more():
                self._piece(answer, self.take(len(self.data)))

    def _piece(self, answer, piece):
        answer.pieces.append((time.time(), piece))
        answer.body += piece

    def closed(self, within=5.0):
        """True if the peer closes within the time and sends nothing more."""
        self.sock.settimeout(within)
        try:
            while self._more():
                pass
        except TimeoutError:
            return False
        return not self.data

    def alive(self, wait=0.05):
        """True if the connection is open and silent."""
        self.sock.settimeout(wait)
        try:
            more = self._more()
        except TimeoutError:
            return True
        finally:
            self.sock.settimeout(10)
        return more


def ask(address, method, target, headers=(), body=None, timeout=10.0, **more):
    """One request on its own connection."""
    with Client(address, timeout) as client:
        return client.ask(method, target, headers, body, **more)


def get(address, target, headers=(), **more):
    return ask(address, "GET", target, headers, **more)


def query(path, **values):
    return path + "?" + urlencode(values)


class WebSocket:
    """A masked client; frames are (opcode, bytes)."""

    def __init__(self, address, target="/ws", headers=(), timeout=10.0):
        self.client = Client(address, timeout)
        key = base64.b64encode(os.urandom(16)).decode()
        self.answer = self.client.ask("GET", target, [
            ("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Sec-WebSocket-Version", "13"),
            ("Sec-WebSocket-Key", key), *headers])
        want = base64.b64encode(hashlib.sha1(
            (key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()).decode()
        self.accepted = (self.answer.status == 101 and
                         self.answer.header("sec-websocket-accept") == want)

    def send(self, data, opcode=2):
        mask = os.urandom(4)
        size = len(data)
        if size < 126:
            head = bytes([0x80 | opcode, 0x80 | size])
        elif size < 65536:
            head = bytes([0x80 | opcode, 0x80 | 126]) + size.to_bytes(2, "big")
        else:
            head = bytes([0x80 | opcode, 0x80 | 127]) + size.to_bytes(8, "big")
        self.client.send(head + mask + bytes(b ^ mask[i % 4] for i, b in enumerate(data)))

    def receive(self):
        first, second = self.client.take(2)
        size = second & 127
        if size == 126:
            size = int.from_bytes(self.client.take(2), "big")
        elif size == 127:
            size = int.from_bytes(self.client.take(8), "big")
        return first & 15, self.client.take(size)

    def close(self):
        self.client.close()
