"""A scriptable HTTP/1.1 backend on raw asyncio that records every byte it receives.

`Backend` runs it on a thread of the test, `main` as a process of its own (a replica of a scaling
group). It parses plainly and trusts nothing: what it cannot parse is kept in `malformed`.
"""
import argparse
import asyncio
import hashlib
import json
import os
import socket
import struct
import sys
import threading
import time
from collections import defaultdict
from urllib.parse import parse_qs, urlsplit

RAW_LIMIT = 1 << 20  # bytes kept per connection


class Gone(Exception):
    """The peer left before its request was complete."""


class Request:
    """What came in. `complete` is set once the whole body has been read."""

    def __init__(self, connection, head):
        lines = head.split(b"\r\n")
        self.connection = connection
        self.received = time.time()
        self.method, self.target, self.version = lines[0].decode("latin1").split(" ")
        self.headers = []
        for line in lines[1:-2]:
            name, colon, value = line.decode("latin1").partition(":")
            if not colon:
                raise ValueError(f"header without a colon: {line!r}")
            self.headers.append((name, value.strip(" \t")))
        split = urlsplit(self.target)
        self.path = split.path
        self.query = {k: v[-1] for k, v in parse_qs(split.query, keep_blank_values=True).items()}
        self.body = b""  # its first bytes only
        self.size = 0
        self.sha = hashlib.sha256()
        self.pieces = []  # (time, size) of each piece as it came
        self.trailers = []
        self.complete = False
        self.cancelled = None  # the time at which the peer left while we worked for it

    def header(self, name, default=None):
        found = [v for k, v in self.headers if k.lower() == name.lower()]
        return ", ".join(found) if found else default

    def number(self, key, default):
        return float(self.query.get(key, default))

    def has_body(self):
        return self.header("transfer-encoding") is not None or self.header(
            "content-length", "0") != "0"

    def describe(self):
        return {"method": self.method, "target": self.target, "version": self.version,
                "headers": self.headers, "body": self.body.decode("latin1"), "size": self.size,
                "sha256": self.sha.hexdigest(), "trailers": self.trailers,
                "pieces": self.pieces, "complete": self.complete, "received": self.received,
                "cancelled": self.cancelled, "connection": self.connection.number}


class Reader(asyncio.StreamReader):
    """Keeps all that comes in, and tells at once when the peer has left."""

    def __init__(self, **kwargs):
        super().__init__(limit=1 << 20, **kwargs)
        self.raw = bytearray()
        self.total = 0
        self.gone = asyncio.Event()

    def feed_data(self, data):
        self.total += len(data)
        if len(self.raw) < RAW_LIMIT:
            self.raw += data
        super().feed_data(data)

    def feed_eof(self):
        self.gone.set()
        super().feed_eof()

    def set_exception(self, exc):
        self.gone.set()
        super().set_exception(exc)


class Connection:
    """One accepted connection: reads requests, writes answers in the order of the requests."""

    def __init__(self, server, number, reader, writer):
        self.server, self.number, self.reader, self.writer = server, number, reader, writer
        self.opened = time.time()
        self.keep = True

    async def read_head(self):
        try:
            return await self.reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            rest = getattr(error, "partial", b"")
            if rest:
                self.server.malformed.append(bytes(rest))
            return None

    async def pieces(self, request):
        """The body, piece by piece as it comes; fills size, sha and trailers."""
        coding = request.header("transfer-encoding")
        if coding is not None:
            if coding.lower() != "chunked" or request.header("content-length") is not None:
                self.server.malformed.append(repr(request.headers).encode())
                raise Gone("framing that a backend must never see")
            while True:
                size = int((await self.reader.readuntil(b"\r\n")).split(b";")[0], 16)
                if size == 0:
                    break
                left = size
                while left:
                    data = await self.reader.read(min(left, 65536))
                    if not data:
                        raise Gone("in a chunk")
                    left -= len(data)
                    yield self._count(request, data)
                if await self.reader.readexactly(2) != b"\r\n":
                    raise Gone("chunk without its end")
            while True:
                line = await self.reader.readuntil(b"\r\n")
                if line == b"\r\n":
                    break
                name, _, value = line.decode("latin1").partition(":")
                request.trailers.append((name, value.strip()))
        else:
            left = int(request.header("content-length", "0"))
            while left:
                data = await self.reader.read(min(left, 65536))
                if not data:
                    raise Gone("in the body")
                left -= len(data)
                yield self._count(request, data)
        request.complete = True

    def _count(self, request, data):
        request.size += len(data)
        request.sha.update(data)
        if len(request.body) < 65536:
            request.body += data[:65536 - len(request.body)]
        if len(request.pieces) < 10000:
            request.pieces.append((time.time(), len(data)))
        return data

    async def read_body(self, request):
        if not request.complete:
            async for _ in self.pieces(request):
                pass

    async def send(self, data):
        self.writer.write(data)
        await self.writer.drain()

    async def answer(self, status, body=b"", headers=(), reason="x", head_only=False):
        lines = [f"HTTP/1.1 {status} {reason}", f"X-Backend: {self.server.name}"]
        if status >= 200 and status not in (204, 304) and not any(
                k.lower() in ("content-length", "transfer-encoding") for k, _ in headers):
            lines.append(f"Content-Length: {len(body)}")
        if not self.keep:
            lines.append("Connection: close")
        lines += [f"{k}: {v}" for k, v in headers]
        head = ("\r\n".join(lines) + "\r\n\r\n").encode("latin1")
        await self.send(head + (b"" if head_only else body))

    async def send_chunk(self, data):
        await self.send(b"%x\r\n%s\r\n" % (len(data), data))

    async def sleep(self, seconds):
        """True after the time; raises Gone as soon as the peer leaves."""
        try:
            await asyncio.wait_for(self.reader.gone.wait(), seconds)
        except asyncio.TimeoutError:
            return True
        raise Gone("while we worked")

    def abort(self):
        try:
            self.writer.transport.abort()
        except AttributeError:  # over TLS, once it has ended
            pass

    def reset(self):
        """RST instead of FIN."""
        sock = self.writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()
        self.keep = False


class Server:
    """The backend itself; lives on one event loop."""

    def __init__(self, name="backend"):
        self.name = name
        self.started = time.time()
        self.requests = []   # every request head that came, in order
        self.connections = []
        self.malformed = []  # bytes that are no HTTP request: a smuggling alarm
        self.counts = defaultdict(int)   # for routes that behave differently the first time
        self.gates = defaultdict(asyncio.Event)
        self.health = 200
        self.mood = None     # what /mood does: "hang", "half" (every second one fails), or seconds
        self.busy = 0
        self.busy_most = 0
        self.keep_last = 200000
        self._servers = []
        self._tasks = set()

    async def listen(self, host="127.0.0.1", port=0, unix=None, tls=None):
        loop = asyncio.get_running_loop()

        def protocol():
            reader = Reader(loop=loop)
            return asyncio.StreamReaderProtocol(reader, self._accepted, loop=loop)

        if unix:
            server = await loop.create_unix_server(protocol, unix)
        else:
            server = await loop.create_server(protocol, host, port, backlog=4096, ssl=tls)
        self._servers.append(server)
        return server.sockets[0].getsockname()

    async def close_listeners(self):
        for server in self._servers:
            server.close()
        self._servers.clear()

    async def close(self):
        await self.close_listeners()
        for connection in self.connections:
            connection.abort()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accepted(self, reader, writer):
        self._tasks.add(asyncio.current_task())
        connection = Connection(self, len(self.connections), reader, writer)
        self.connections.append(connection)
        try:
            sock = writer.get_extra_info("socket")
            if sock.family != socket.AF_UNIX:
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            await self._serve(connection)
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            self._tasks.discard(asyncio.current_task())
            writer.close()

    async def _serve(self, connection):
        from weir_test.backend_routes import route
        while connection.keep:
            head = await connection.read_head()
            if head is None:
                return
            try:
                request = Request(connection, head)
            except ValueError:
                self.malformed.append(bytes(head))
                return
            if len(self.requests) < self.keep_last:
                self.requests.append(request)
            wants = (request.header("connection") or "").lower()
            connection.keep = request.version == "HTTP/1.1" and "close" not in wants
            self.busy += 1
            self.busy_most = max(self.busy_most, self.busy)
            try:
                await route(self, connection, request)
                await connection.read_body(request)
            except (Gone, asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
                request.cancelled = time.time()
                raise ConnectionError from None
            finally:
                self.busy -= 1

    def state(self):
        return {"name": self.name, "pid": os.getpid(), "started": self.started,
                "listening": getattr(self, "listening", None), "busy": self.busy,
                "busy_most": self.busy_most, "connections": len(self.connections),
                "requests": len(self.requests), "malformed": len(self.malformed)}


class Backend:
    """A Server on a thread of its own. Lists may be read from the test's thread at any time."""

    def __init__(self, name="backend", host="127.0.0.1", port=0, unix=None, tls=None):
        self.name, self.host, self.unix, self.tls = name, host, unix, tls
        self._loop = asyncio.new_event_loop()
        self.server = Server(name)
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True, name=name)
        self._thread.start()
        address = self.call(self.server.listen(host, port, unix, tls))
        self.port = None if unix else address[1]

    def call(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(10)

    @property
    def address(self):
        if self.unix:
            return f"unix:{self.unix}"
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def requests(self):
        """Requests without those of health checks."""
        return [r for r in list(self.server.requests) if not r.path.startswith("/health")]

    @property
    def probes(self):
        return [r for r in list(self.server.requests) if r.path.startswith("/health")]

    @property
    def raw(self):
        return b"".join(bytes(c.reader.raw) for c in list(self.server.connections))

    def clear(self):
        async def clear():
            self.server.requests.clear()
            self.server.malformed.clear()
            for connection in self.server.connections:
                connection.reader.raw.clear()
        self.call(clear())

    def open_gate(self, name):
        async def open_gate():
            self.server.gates[name].set()
        self.call(open_gate())

    def pause(self):
        """Refuse new connections and drop the present ones, as a dead process would."""
        async def pause():
            await self.server.close_listeners()
            for connection in self.server.connections:
                connection.abort()
        self.call(pause())

    def resume(self):
        self.call(self.server.listen(self.host, self.port or 0, self.unix, self.tls))

    def stop(self):
        if self._thread.is_alive():
            self.call(self.server.close())
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(10)
            self._loop.close()


def process_start_time():
    """The wall-clock time at which this process began, rounded up to the kernel's tick."""
    with open("/proc/self/stat") as stat:
        ticks = int(stat.read().rsplit(")", 1)[1].split()[19])
    tick = 1 / os.sysconf("SC_CLK_TCK")
    return time.time() - (time.clock_gettime(time.CLOCK_BOOTTIME) - (ticks + 1) * tick)


def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--unix")
    parser.add_argument("--name", default=os.environ.get("WEIR_INSTANCE", f"pid-{os.getpid()}"))
    parser.add_argument("--start-delay", type=float, default=0, help="seconds before it listens")
    parser.add_argument("--crash", help="print this and exit with 3 before listening")
    parser.add_argument("--ignore-term", action="store_true", help="SIGTERM does nothing")
    parser.add_argument("--tag", help="tells the test's own processes from others")
    options = parser.parse_args(arguments)
    if options.crash:
        print("loading model", flush=True)
        print(options.crash, file=sys.stderr, flush=True)
        return 3
    if options.ignore_term:
        import signal
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    began = process_start_time()
    time.sleep(options.start_delay)

    async def serve():
        server = Server(options.name)
        server.started = began
        await server.listen(options.host, options.port, options.unix)
        server.listening = time.time()
        print(json.dumps(server.state()), flush=True)
        await asyncio.Event().wait()

    asyncio.run(serve())
    return 0
