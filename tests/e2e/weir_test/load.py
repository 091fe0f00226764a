"""Load of many keep-alive connections and event streams, on a thread of its own.

Strict: a request that was sent and not answered in full with 200 is a failure. A connection that
the server closed while it was idle is opened anew, which is no failure.
"""
import asyncio
import hashlib
import json
import threading
import time
from collections import Counter
from dataclasses import dataclass, field

OLD_CONNECTION_GRACE = 0.1  # seconds in which the end of a killed process reaches its clients


@dataclass
class Failure:
    what: str
    began: float
    ended: float
    target: str


@dataclass
class Result:
    sent: int = 0
    good: int = 0
    failures: list = field(default_factory=list)
    connects: int = 0
    by_status: Counter = field(default_factory=Counter)
    by_backend: Counter = field(default_factory=Counter)
    slowest: float = 0.0
    streams_begun: int = 0
    streams_good: int = 0
    events: int = 0
    slowest_event: float = 0.0  # from sending to arrival
    cut: list = field(default_factory=list)

    def outside(self, failures, windows):
        """Those that were not open at any of the moments [(from, to)]."""
        return [f for f in failures if not any(
            f.began <= to and f.ended >= begin for begin, to in windows)]

    def summary(self):
        return (f"{self.sent} sent, {self.good} answered, {len(self.failures)} failed, "
                f"{self.connects} connections, slowest {self.slowest:.3f} s; streams "
                f"{self.streams_begun} begun, {self.streams_good} complete, {len(self.cut)} cut, "
                f"{self.events} events, slowest event {self.slowest_event:.3f} s; "
                f"statuses {dict(self.by_status)}; backends {dict(self.by_backend)}")


async def read_head(reader):
    """(status, headers in lower case) of the next final answer."""
    while True:
        head = await reader.readuntil(b"\r\n\r\n")
        lines = head.decode("latin1").split("\r\n")
        status = int(lines[0].split(" ")[1])
        headers = {}
        for line in lines[1:-2]:
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        if status >= 200:
            return status, headers


async def read_chunk(reader):
    size = int((await reader.readuntil(b"\r\n")).split(b";")[0], 16)
    if size == 0:
        while await reader.readuntil(b"\r\n") != b"\r\n":
            pass
        return b""
    data = await reader.readexactly(size + 2)
    if data[-2:] != b"\r\n":
        raise ValueError("chunk without its end")
    return data[:-2]


async def read_body(reader, headers):
    if headers.get("transfer-encoding", "").lower() == "chunked":
        out = b""
        while piece := await read_chunk(reader):
            out += piece
        return out
    if "content-length" in headers:
        return await reader.readexactly(int(headers["content-length"]))
    return await reader.read(-1)


class Load:
    """connections keep-alive clients, half GET and half POST, and streams SSE readers."""

    def __init__(self, address, connections=200, streams=0, pause=0.1, events=100, interval=100,
                 get="/", post="/upload", sse="/sse", post_size=2000, headers="", timeout=60.0,
                 tls=None):
        self.address, self.connections, self.streams = address, connections, streams
        self.pause, self.timeout, self.tls = pause, timeout, tls
        self.get, self.post = get, post
        joint = "&" if "?" in sse else "?"
        self.sse = f"{sse}{joint}events={events}&interval={interval}"
        self.event_count, self.headers = events, headers
        self.body = bytes(i * 7 % 251 for i in range(post_size))
        self.sha = hashlib.sha256(self.body).hexdigest()
        self.result = Result()
        self.streaming = 0  # streams open now that have had their first event
        self._stopping = False
        self._thread = None
        self._progress = time.time()

    def start(self):
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)
        self._thread.start()
        return self

    def stop(self, timeout=120.0):
        """No new requests; waits for what is open, streams included."""
        self._stopping = True
        self._thread.join(timeout)
        if self._thread.is_alive():
            raise TimeoutError(f"load does not end: {self.result.summary()}")
        return self.result

    def run_for(self, seconds):
        self.start()
        time.sleep(seconds)
        return self.stop()

    async def _run(self):
        clients = [self._client(n) for n in range(self.connections)]
        streams = [self._stream(n) for n in range(self.streams)]
        await asyncio.gather(*clients, *streams)

    async def _open(self):
        self.result.connects += 1
        if isinstance(self.address, str):
            return await asyncio.open_unix_connection(self.address)
        if self.tls:
            return await asyncio.open_connection(*self.address, ssl=self.tls,
                                                 server_hostname="localhost")
        return await asyncio.open_connection(*self.address)

    async def _client(self, n):
        reader = writer = None
        await asyncio.sleep(self.pause * (n % 97) / 97)
        while not self._stopping:
            if writer is None or reader.at_eof() or reader.exception():
                if writer:
                    writer.close()
                writer = None
            method = "POST" if n % 2 else "GET"
            target = self.post if n % 2 else self.get
            began = time.time()
            try:
                self.result.sent += 1
                async with asyncio.timeout(self.timeout):
                    if writer is None:
                        reader, writer = await self._open()
                    keep = await self._one(reader, writer, method, target)
                self.result.good += 1
                if not keep:
                    writer.close()
                    writer = None
            except Exception as error:  # each kind of failure counts and is kept
                self._failed(self.result.failures, error, began, f"{method} {target}")
                if writer:
                    writer.transport.abort()
                writer = None
            self.result.slowest = max(self.result.slowest, time.time() - began)
            await asyncio.sleep(self.pause)
        if writer:
            writer.close()

    def _failed(self, where, error, began, target):
        where.append(Failure(f"{type(error).__name__}: {error}", began, time.time(), target))

    async def _one(self, reader, writer, method, target):
        head = f"{method} {target} HTTP/1.1\r\nHost: test\r\n{self.headers}"
        if method == "POST":
            writer.write(f"{head}Content-Length: {len(self.body)}\r\n\r\n".encode() + self.body)
        else:
            writer.write(f"{head}\r\n".encode())
        await writer.drain()
        status, headers = await read_head(reader)
        self.result.by_status[status] += 1
        self.result.by_backend[headers.get("x-backend")] += 1
        body = await read_body(reader, headers)
        if status != 200:
            raise ValueError(f"status {status}: {body[:200]!r}")
        if method == "POST" and json.loads(body) != {"size": len(self.body), "sha256": self.sha}:
            raise ValueError(f"wrong body {body[:200]!r}")
        return headers.get("connection", "").lower() != "close"

    async def _stream(self, n):
        await asyncio.sleep(self.pause * (n % 97) / 97)
        while not self._stopping:
            began = time.time()
            self.result.streams_begun += 1
            writer = None
            try:
                reader, writer = await self._open()
                await self._one_stream(reader, writer)
                self.result.streams_good += 1
            except Exception as error:
                self._failed(self.result.cut, error, began, self.sse)
                await asyncio.sleep(0.05)
            finally:
                if writer:
                    writer.transport.abort()

    async def _one_stream(self, reader, writer):
        writer.write(f"GET {self.sse} HTTP/1.1\r\nHost: test\r\n{self.headers}"
                     "Accept: text/event-stream\r\n\r\n".encode())
        async with asyncio.timeout(self.timeout):
            status, headers = await read_head(reader)
        if status != 200 or headers.get("content-type") != "text/event-stream":
            raise ValueError(f"status {status} {headers}")
        expected, pending, ended, counted = 0, b"", False, False
        try:
            while True:
                async with asyncio.timeout(self.timeout):
                    piece = await read_chunk(reader)
                if not piece:
                    break
                pending += piece
                while b"\n\n" in pending:
                    event, _, pending = pending.partition(b"\n\n")
                    if event.startswith(b"event: end"):
                        ended = True
                        continue
                    data = json.loads(event.split(b"data: ", 1)[1])
                    if data["n"] != expected:
                        raise ValueError(f"event {data['n']} instead of {expected}")
                    expected += 1
                    self.result.events += 1
                    self.result.slowest_event = max(self.result.slowest_event,
                                                    time.time() - data["t"])
                    if not counted:
                        counted = True
                        self.streaming += 1
        finally:
            self.streaming -= counted
        if not ended or expected != self.event_count or pending:
            raise ValueError(f"stream ended after {expected} events without its end")
