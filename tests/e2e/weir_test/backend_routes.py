"""What the backend does for each path. A route is a coroutine; its first line is its manual."""
import asyncio
import base64
import hashlib
import json
import os
import time

ROUTES = {}
PATTERN = bytes(range(256)) * 256  # 64 KiB


def at(path):
    def add(function):
        ROUTES[path] = function
        return function
    return add


async def route(server, connection, request):
    """By the path, else by its first part; /plain in front is for tests that route by path."""
    path = request.path.removeprefix("/plain") or "/"
    handler = ROUTES.get(path) or ROUTES.get("/" + path.strip("/").split("/")[0]) or hello
    await handler(server, connection, request)


@at("/")
async def hello(server, connection, request):
    """200 with the backend's name, after the body was read."""
    await connection.read_body(request)
    await connection.answer(200, server.name.encode() + b"\n",
                            head_only=request.method == "HEAD")


@at("/health")
async def health(server, connection, request):
    """200, or what `health` of the server says."""
    await connection.answer(server.health, b"health\n", head_only=request.method == "HEAD")


@at("/echo")
async def echo(server, connection, request):
    """The request as JSON."""
    await connection.read_body(request)
    body = json.dumps(dict(request.describe(), name=server.name, pid=os.getpid())).encode()
    await connection.answer(200, body, [("Content-Type", "application/json")])


@at("/delay")
async def delay(server, connection, request):
    """?ms=: answers after so long."""
    await connection.read_body(request)
    await connection.sleep(request.number("ms", 100) / 1000)
    await connection.answer(200, server.name.encode() + b"\n")


@at("/gate")
async def gate(server, connection, request):
    """?name=: answers once the test opens the gate of that name."""
    await connection.read_body(request)
    while not server.gates[request.query["name"]].is_set():
        await connection.sleep(0.005)
    await connection.answer(200, server.name.encode() + b"\n")


@at("/hang")
async def hang(server, connection, request):
    """Reads the request and never answers."""
    await connection.read_body(request)
    await connection.sleep(3600)


@at("/status")
async def status(server, connection, request):
    """/status/N: answers N."""
    await connection.read_body(request)
    code = int(request.path.split("/")[2])
    body = b"" if code in (204, 304) else b"status %d\n" % code
    extra = [("ETag", '"x"')] if code == 304 else []
    await connection.answer(code, body, extra, head_only=request.method == "HEAD")


@at("/answer")
async def answer_with(server, connection, request):
    """?NAME=VALUE: an answer with these headers."""
    await connection.read_body(request)
    await connection.answer(200, server.name.encode() + b"\n", list(request.query.items()))


@at("/sse")
async def sse(server, connection, request):
    """?events=&interval= (ms)&end=close: events with their number and time of sending."""
    count, interval = int(request.number("events", 10)), request.number("interval", 100) / 1000
    await connection.read_body(request)
    by_close = request.query.get("end") == "close"
    framing = ("Connection", "close") if by_close else ("Transfer-Encoding", "chunked")
    if by_close:
        connection.keep = False
        lines = f"HTTP/1.1 200 OK\r\nX-Backend: {server.name}\r\n"
        await connection.send((lines + "Content-Type: text/event-stream\r\n"
                               "Connection: close\r\n\r\n").encode())
    else:
        await connection.answer(200, b"", [("Content-Type", "text/event-stream"), framing,
                                           ("Cache-Control", "no-cache")])
    send = connection.send if by_close else connection.send_chunk
    begun = time.monotonic()
    for n in range(count):
        if n:
            late = begun + n * interval - time.monotonic()
            await connection.sleep(max(late, 0.0005))
        data = json.dumps({"n": n, "t": time.time(), "name": server.name, "pid": os.getpid()})
        await send(f"id: {n}\ndata: {data}\n\n".encode())
    await send(b"event: end\ndata: {}\n\n")
    if not by_close:
        await connection.send(b"0\r\n\r\n")


@at("/chunked")
async def chunked(server, connection, request):
    """?n=&size=&ms=: chunks, then the trailers X-Sha256 and X-Done."""
    await connection.read_body(request)
    count, size = int(request.number("n", 3)), int(request.number("size", 5))
    await connection.answer(200, b"", [("Transfer-Encoding", "chunked"),
                                       ("Trailer", "X-Sha256, X-Done")])
    sha = hashlib.sha256()
    for n in range(count):
        piece = bytes([65 + n % 26]) * size
        sha.update(piece)
        await connection.send_chunk(piece)
        if request.number("ms", 0):
            await connection.sleep(request.number("ms", 0) / 1000)
    await connection.send(f"0\r\nX-Sha256: {sha.hexdigest()}\r\nX-Done: yes\r\n\r\n".encode())


@at("/bytes")
async def many_bytes(server, connection, request):
    """?size=&chunked=1: a long body whose sha256 the client can work out."""
    await connection.read_body(request)
    size, in_chunks = int(request.number("size", 1000)), "chunked" in request.query
    framing = ("Transfer-Encoding", "chunked") if in_chunks else ("Content-Length", str(size))
    await connection.answer(200, b"", [framing])
    left = size
    while left:
        piece = PATTERN[:min(left, len(PATTERN))]
        left -= len(piece)
        await (connection.send_chunk(piece) if in_chunks else connection.send(piece))
    if in_chunks:
        await connection.send(b"0\r\n\r\n")


@at("/slow-body")
async def slow_body(server, connection, request):
    """?pieces=&size=&ms=: a body of known length in pieces with pauses."""
    await connection.read_body(request)
    count, size = int(request.number("pieces", 5)), int(request.number("size", 100))
    await connection.answer(200, b"", [("Content-Length", str(count * size))])
    for _ in range(count):
        await connection.sleep(request.number("ms", 100) / 1000)
        await connection.send(b"x" * size)


@at("/upload")
async def upload(server, connection, request):
    """Size and sha256 of the body; ?ms=: pause after each piece (a slow reader)."""
    async for _ in connection.pieces(request):
        if request.number("ms", 0):
            await asyncio.sleep(request.number("ms", 0) / 1000)
    answer = {"size": request.size, "sha256": request.sha.hexdigest()}
    await connection.answer(200, json.dumps(answer).encode())


@at("/early")
async def early(server, connection, request):
    """?status=&close=1: answers before it reads the body, then reads it or closes."""
    code = int(request.number("status", 413))
    if "close" in request.query:
        connection.keep = False
    await connection.answer(code, b"no need for the rest\n")
    if "close" in request.query:
        request.complete = True


@at("/continue")
async def expect_continue(server, connection, request):
    """?ms=&final=: waits, then 100 Continue and the echo; or the final status without a 100."""
    await asyncio.sleep(request.number("ms", 200) / 1000)
    before = len(connection.reader._buffer)
    if "final" in request.query:
        connection.keep = False
        request.complete = True
        await connection.answer(int(request.query["final"]), b"refused\n")
        return
    if (request.header("expect") or "").lower() == "100-continue":
        await connection.send(b"HTTP/1.1 100 Continue\r\n\r\n")
    await connection.read_body(request)
    answer = dict(request.describe(), body_before_100=before)
    await connection.answer(200, json.dumps(answer).encode())


@at("/hints")
async def hints(server, connection, request):
    """103 Early Hints, then 200."""
    await connection.read_body(request)
    await connection.send(b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n")
    await connection.sleep(0.1)
    await connection.answer(200, b"after hints\n")


@at("/hop")
async def hop(server, connection, request):
    """Hop-by-hop headers in the answer, which a proxy has to remove."""
    await connection.read_body(request)
    await connection.answer(200, b"hop\n", [
        ("Connection", "keep-alive, X-Drop-Me"), ("X-Drop-Me", "1"),
        ("Keep-Alive", "timeout=5"), ("Proxy-Authenticate", "Basic"), ("X-Keep-Me", "1"),
        ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")])


@at("/headers")
async def big_headers(server, connection, request):
    """?size=&count=: so many headers of that size."""
    await connection.read_body(request)
    count, size = int(request.number("count", 10)), int(request.number("size", 100))
    await connection.answer(200, b"headers\n", [(f"X-H{n}", "v" * size) for n in range(count)])


async def once(server, request):
    """With ?once=KEY only the first request of that key fails; says whether this one shall."""
    key = request.query.get("once")
    if key is None:
        return True
    server.counts[key] += 1
    return server.counts[key] == 1


@at("/reset")
async def reset(server, connection, request):
    """RST before any byte of an answer; ?once=KEY: only the first time; ?at=head: at once."""
    if request.query.get("at") != "head":
        await connection.read_body(request)
    if await once(server, request):
        connection.reset()
        return
    await connection.read_body(request)
    await connection.answer(200, server.name.encode() + b"\n")


@at("/close")
async def close(server, connection, request):
    """FIN before any byte of an answer; ?once=KEY."""
    await connection.read_body(request)
    if await once(server, request):
        connection.keep = False
        return
    await connection.answer(200, server.name.encode() + b"\n")


@at("/fail")
async def fail(server, connection, request):
    """?status=&once=KEY: that status, the first time or always."""
    await connection.read_body(request)
    bad = await once(server, request)
    await connection.answer(int(request.number("status", 500)) if bad else 200, b"fail\n")


@at("/mood")
async def mood(server, connection, request):
    """As the server's `mood` has it: well, or never, or every second time a 500, or late."""
    await connection.read_body(request)
    server.counts["mood"] += 1
    status = 200
    if server.mood == "hang":
        await connection.sleep(3600)
    elif server.mood == "half":
        status = 500 if server.counts["mood"] % 2 else 200
    elif server.mood:
        await connection.sleep(server.mood)
    await connection.answer(status, server.name.encode() + b"\n")


@at("/close-midway")
async def close_midway(server, connection, request):
    """?size=&send=&chunked=1&rst=1: breaks off in the middle of a body."""
    await connection.read_body(request)
    size, send = int(request.number("size", 1000)), int(request.number("send", 500))
    if "chunked" in request.query:
        await connection.answer(200, b"", [("Transfer-Encoding", "chunked")])
        await connection.send_chunk(b"x" * send)
    else:
        await connection.answer(200, b"x" * send, [("Content-Length", str(size))])
    await asyncio.sleep(0.05)
    connection.keep = False
    if "rst" in request.query:
        connection.reset()


BAD_ANSWERS = {
    "garbage": b"nonsense\r\n\r\n",
    "no_version": b"200 OK\r\nContent-Length: 0\r\n\r\n",
    "status_letters": b"HTTP/1.1 2xx OK\r\nContent-Length: 0\r\n\r\n",
    "status_short": b"HTTP/1.1 20 OK\r\nContent-Length: 0\r\n\r\n",
    "two_lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
    "length_and_chunked": b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n"
                          b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "negative_length": b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
    "nul_in_header": b"HTTP/1.1 200 OK\r\nX: a\0b\r\nContent-Length: 0\r\n\r\n",
    "space_before_colon": b"HTTP/1.1 200 OK\r\nX : a\r\nContent-Length: 0\r\n\r\n",
    "head_never_ends": b"HTTP/1.1 200 OK\r\n" + b"X: " + b"v" * 300000,
}


@at("/bad-answer")
async def bad_answer(server, connection, request):
    """?kind=: an answer that is no HTTP."""
    await connection.read_body(request)
    await connection.send(BAD_ANSWERS[request.query["kind"]])
    await asyncio.sleep(0.05)
    connection.keep = False


@at("/bad-chunk")
async def bad_chunk(server, connection, request):
    """A chunked answer whose second chunk size is no number."""
    await connection.read_body(request)
    await connection.answer(200, b"", [("Transfer-Encoding", "chunked")])
    await connection.send_chunk(b"good")
    await connection.send(b"zz\r\nbad\r\n0\r\n\r\n")
    await asyncio.sleep(0.05)
    connection.keep = False


@at("/ws")
async def websocket(server, connection, request):
    """A WebSocket that sends back each frame."""
    key = request.header("sec-websocket-key")
    if key is None or (request.header("upgrade") or "").lower() != "websocket":
        await connection.answer(400, b"no websocket\n")
        return
    accept = base64.b64encode(hashlib.sha1(
        (key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()).decode()
    await connection.send(f"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                          f"Connection: Upgrade\r\nX-Backend: {server.name}\r\n"
                          f"Sec-WebSocket-Accept: {accept}\r\n\r\n".encode())
    connection.keep = False
    read = connection.reader.readexactly
    while True:
        head = await read(2)
        size = head[1] & 127
        if size == 126:
            size = int.from_bytes(await read(2), "big")
        elif size == 127:
            size = int.from_bytes(await read(8), "big")
        mask = await read(4) if head[1] & 128 else b"\0\0\0\0"
        data = bytes(b ^ mask[i % 4] for i, b in enumerate(await read(size)))
        opcode = head[0] & 15
        reply = {9: 10}.get(opcode, opcode)
        length = bytes([size]) if size < 126 else (
            b"\x7e" + size.to_bytes(2, "big") if size < 65536 else b"\x7f" + size.to_bytes(8, "big"))
        await connection.send(bytes([0x80 | reply]) + length + data)
        if opcode == 8:
            request.complete = True
            return


@at("/raw")
async def raw(server, connection, request):
    """101, then every byte comes back until the peer half-closes."""
    await connection.send(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                          b"Connection: Upgrade\r\n\r\n")
    connection.keep = False
    request.complete = True
    reset = request.query.get("reset")
    if reset == "now":
        connection.reset()
        return
    while data := await connection.reader.read(65536):
        if reset == "after" and data.endswith(b"reset"):
            connection.reset()
            return
        await connection.send(data)


@at("/_")
async def control(server, connection, request):
    """/_/state and /_/requests: for tests that talk to a replica directly; /_/die ends it."""
    await connection.read_body(request)
    what = request.path.split("/")[2]
    if what == "die":
        os._exit(int(request.number("code", 1)))
    if what == "health":
        server.health = int(request.number("status", 200))
    if what == "gate":
        server.gates[request.query["name"]].set()
    body = [r.describe() for r in server.requests] if what == "requests" else server.state()
    await connection.answer(200, json.dumps(body).encode())
