#!/usr/bin/env python3
"""Slow clients: `slow_clients.py PORT COUNT`. Each sends a request head a byte a second, for ever.

Prints a line once all of them stand. One that weir ends comes again. At the end of standard input
it prints what it has seen, as JSON.
"""

import json
import select
import socket
import sys
import time

HEAD = b"GET / HTTP/1.1\r\nHost: slow\r\nX-Slow: "
ROUNDS = 100  # a second is cut into so many; in each, a part of the clients sends its byte


class Slow:
    def __init__(self, port, count):
        self.port, self.poll, self.by_number = port, select.epoll(), {}
        self.ended = 0   # by weir: the time for a head was over
        self.failed = 0  # connections that did not come up
        for _ in range(count):
            self.open()

    def open(self):
        try:
            sock = socket.create_connection(("127.0.0.1", self.port), timeout=10)
            sock.sendall(HEAD)
        except OSError:
            self.failed += 1
            return
        sock.setblocking(False)
        self.by_number[sock.fileno()] = sock
        self.poll.register(sock, select.EPOLLIN | select.EPOLLRDHUP)

    def replace_ended(self):
        """Whatever weir has to say to a slow client, it ends it."""
        for number, _ in self.poll.poll(0):
            self.by_number.pop(number).close()
            self.ended += 1
            self.open()

    def send_a_byte(self, part):
        for number, sock in list(self.by_number.items()):
            if number % ROUNDS == part:
                try:
                    sock.send(b"a")
                except OSError:
                    pass  # ended a moment ago: the next poll tells


def main():
    slow = Slow(int(sys.argv[1]), int(sys.argv[2]))
    print("standing", flush=True)
    turn, begun = 0, time.monotonic()
    while True:
        wait = max(0, begun + turn / ROUNDS - time.monotonic())
        if select.select([sys.stdin], [], [], wait)[0]:
            break
        slow.send_a_byte(turn % ROUNDS)
        slow.replace_ended()
        turn += 1
    print(json.dumps({"standing": len(slow.by_number), "ended": slow.ended, "failed": slow.failed,
                      "late_seconds": round(time.monotonic() - begun - turn / ROUNDS, 3)}))


if __name__ == "__main__":
    main()
