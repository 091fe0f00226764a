"""HTTP/2 by hand: frames as bytes, so that a test can break each rule; and an endpoint likewise."""
import contextlib
import socket
import struct
import threading
import time

import hpack

from weir_test.case import PATIENCE

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = range(10)
END_STREAM, ACK, END_HEADERS, PADDED, PRIORITY_FLAG = 1, 1, 4, 8, 32
NO_ERROR, PROTOCOL_ERROR, INTERNAL_ERROR, FLOW_CONTROL_ERROR, SETTINGS_TIMEOUT, STREAM_CLOSED, \
    FRAME_SIZE_ERROR, REFUSED_STREAM, CANCEL, COMPRESSION_ERROR, CONNECT_ERROR, \
    ENHANCE_YOUR_CALM = range(12)
GET = [(":method", "GET"), (":scheme", "http"), (":authority", "t"), (":path", "/")]


def frame(kind, flags=0, stream=0, payload=b""):
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def literal(name, value):
    """A field without the table and without Huffman."""
    name, value = (x.encode("latin1") if isinstance(x, str) else x for x in (name, value))
    assert len(name) < 127
    out = b"\0" + bytes([len(name)]) + name
    if len(value) < 127:
        return out + bytes([len(value)]) + value
    rest, size = len(value) - 127, b"\x7f"
    while rest >= 128:
        size, rest = size + bytes([rest & 127 | 128]), rest >> 7
    return out + size + bytes([rest]) + value


def block(fields):
    return b"".join(literal(name, value) for name, value in fields)


class Frame:
    def __init__(self, kind, flags, stream, payload):
        self.kind, self.flags, self.stream, self.payload = kind, flags, stream, payload
        self.fields = []  # of HEADERS

    @property
    def code(self):
        """Of RST_STREAM and GOAWAY."""
        return struct.unpack(">I", self.payload[:4] if self.kind == RST_STREAM else self.payload[4:8])[0]

    def __repr__(self):
        return f"frame(kind={self.kind}, flags={self.flags}, stream={self.stream}, {self.payload[:40]!r})"


class Answer:
    def __init__(self):
        self.heads, self.body, self.trailers, self.reset, self.ended = [], b"", [], None, False
        self.goaway = None

    @property
    def head(self):
        return dict(self.heads[-1]) if self.heads else {}

    @property
    def status(self):
        return int(self.head[":status"]) if self.heads else None

    def __repr__(self):
        return f"Answer({self.heads}, {self.body[:80]!r}, {self.trailers}, reset={self.reset}, goaway={self.goaway})"


class Connection:
    """One end. `client`: sends the preface; both send SETTINGS at once."""

    def __init__(self, sock, client=True, settings=b"", timeout=5.0):
        self.sock = sock
        self.sock.settimeout(timeout * PATIENCE)
        self.decoder = hpack.Decoder()
        self.buffer = b""
        self.closed = False
        self.client = client
        self.settings = {}
        if client:
            self.send(PREFACE)
        self.send(frame(SETTINGS, payload=settings))

    @classmethod
    def connect(cls, address, **more):
        return cls(socket.create_connection(address), **more)

    def close(self):
        self.sock.close()

    __enter__ = lambda self: self

    def __exit__(self, *_):
        self.close()

    def send(self, *frames):
        """False when the peer has closed."""
        try:
            self.sock.sendall(b"".join(frames))
            return True
        except OSError:
            self.closed = True
            return False

    def read(self):
        """The next frame; None at the end of the connection, or when nothing comes in time."""
        while True:
            if len(self.buffer) >= 9:
                size = int.from_bytes(self.buffer[:3], "big")
                if len(self.buffer) >= 9 + size:
                    kind, flags, stream = struct.unpack(">BBI", self.buffer[3:9])
                    payload, self.buffer = self.buffer[9:9 + size], self.buffer[9 + size:]
                    one = Frame(kind, flags, stream & 0x7fffffff, payload)
                    if kind == HEADERS:  # always, or the table is out of step
                        one.fields = self.decoder.decode(payload)
                    return one
            try:
                more = self.sock.recv(65536)
            except TimeoutError:
                return None
            except OSError:
                more = b""
            if not more:
                self.closed = True
                return None
            self.buffer += more

    def request(self, stream, fields=None, end=True, body=b"", trailers=None):
        last = end and not body and trailers is None
        self.send(frame(HEADERS, END_HEADERS | (END_STREAM if last else 0), stream, block(fields or GET)))
        if body:
            self.send(frame(DATA, END_STREAM if end and trailers is None else 0, stream, body))
        if trailers is not None:
            self.send(frame(HEADERS, END_HEADERS | END_STREAM, stream, block(trailers)))

    def answer(self, stream, window=True):
        """What comes on the stream, to its end, a reset, or the end of the connection."""
        got = Answer()
        while not got.ended:
            one = self.read()
            if one is None:
                break
            self.handle(one, window)
            if one.kind == GOAWAY:
                got.goaway = one.code
            if one.stream != stream:
                continue
            if one.kind == HEADERS:
                fields = one.fields
                if got.heads and not got.heads[-1][0][1].startswith("1"):
                    got.trailers = fields
                else:
                    got.heads.append(fields)
            elif one.kind == DATA:
                got.body += one.payload
            elif one.kind == RST_STREAM:
                got.reset = one.code
                break
            if one.kind in (HEADERS, DATA) and one.flags & END_STREAM:
                got.ended = True
        return got

    def handle(self, one, window=True):
        """What every end does with a frame."""
        if one.kind == SETTINGS and not one.flags & ACK:
            for at in range(0, len(one.payload), 6):
                key, value = struct.unpack(">HI", one.payload[at:at + 6])
                self.settings[key] = value
            self.send(frame(SETTINGS, ACK))
        elif one.kind == PING and not one.flags & ACK:
            self.send(frame(PING, ACK, payload=one.payload))
        elif one.kind == DATA and window and one.payload:
            grow = struct.pack(">I", len(one.payload))
            self.send(frame(WINDOW_UPDATE, stream=one.stream, payload=grow),
                      frame(WINDOW_UPDATE, payload=grow))

    def until(self, *kinds):
        """The next frame of one of these kinds; None when the connection ends before."""
        while True:
            one = self.read()
            if one is None or one.kind in kinds:
                return one
            self.handle(one)

    def end(self):
        """(code of GOAWAY or None, whether the connection was closed) once it ends."""
        code = None
        while True:
            one = self.read()
            if one is None:
                return code, self.closed
            if one.kind == GOAWAY:
                code = one.code
            elif not (one.kind == SETTINGS and one.flags & ACK):
                self.handle(one)


class Endpoint:
    """An endpoint of HTTP/2 whose connections are played by `play(connection, number)`."""

    def __init__(self, play, settings=b""):
        self.play, self.settings = play, settings
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.address = f"127.0.0.1:{self.port}"
        self.count = 0
        self.errors = []
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(sock, self.count), daemon=True).start()
            self.count += 1

    def serve(self, sock, number):
        with contextlib.suppress(OSError):
            preface = b""
            while len(preface) < len(PREFACE):
                more = sock.recv(len(PREFACE) - len(preface))
                if not more:
                    return
                preface += more
            if preface != PREFACE:
                self.errors.append(f"preface {preface!r}")
                return
            connection = Connection(sock, client=False, settings=self.settings, timeout=30)
            try:
                self.play(connection, number)
            except AssertionError as wrong:
                self.errors.append(str(wrong))
            finally:
                connection.close()

    def stop(self):
        self.listener.close()


def head(fields):
    """The frame-less block of a response."""
    return block(fields)


def serve_all(respond):
    """A play: calls respond(connection, stream, fields, body) for each complete request."""
    def play(connection, number):
        bodies, heads = {}, {}
        while True:
            one = connection.read()
            if one is None:
                return
            connection.handle(one)
            if one.kind == HEADERS:
                heads.setdefault(one.stream, one.fields)
                bodies.setdefault(one.stream, b"")
            elif one.kind == DATA:
                bodies[one.stream] += one.payload
            if one.kind in (HEADERS, DATA) and one.flags & END_STREAM:
                respond(connection, one.stream, heads.pop(one.stream), bodies.pop(one.stream))
    return play


def wait_closed(connection, seconds):
    end = time.monotonic() + seconds * PATIENCE
    while time.monotonic() < end and not connection.closed:
        if connection.read() is None and not connection.closed:
            return False
    return connection.closed
