"""A receiver of webhooks: keeps what is posted to it, and answers as it is told."""
import hashlib
import hmac
import http.server
import json
import threading
import time


class Receiver:
    """`answers`: statuses for the next requests, "hang", or texts that go with a 200; 200 once there
    are no more."""

    def __init__(self, case, secret=None, tls=None):
        self.secret = secret
        self.answers = []
        self.requests = []  # (headers, body, status) of each
        self.ending = threading.Event()
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                answer = outer.answers.pop(0) if outer.answers else 200
                outer.requests.append((dict(self.headers), body, answer))
                if answer == "hang":
                    outer.ending.wait(60)
                    return
                text = answer.encode() if isinstance(answer, str) else b""
                self.send_response(200 if text else answer)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        if tls:
            self.server.socket = tls.wrap_socket(self.server.socket, server_side=True)
        self.scheme = "https" if tls else "http"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        case.addCleanup(self.stop)

    def stop(self):
        self.ending.set()
        self.server.shutdown()
        self.server.server_close()

    @property
    def url(self):
        return f"{self.scheme}://localhost:{self.server.server_address[1]}/hook"

    def good(self, headers, body):
        """Whether the signature is that of our secret, and fresh: what a receiver has to check."""
        at = headers.get("Weir-Timestamp", "0")
        mac = hmac.new(self.secret.encode(), at.encode() + b"." + body, hashlib.sha256).hexdigest()
        fresh = abs(time.time() - int(at)) < 300
        return fresh and hmac.compare_digest(headers.get("Weir-Signature", ""), "sha256=" + mac)

    @property
    def events(self):
        """What was taken with 200, as JSON."""
        return [json.loads(body) for _, body, answer in list(self.requests) if answer == 200]

    def kinds(self):
        return [event["kind"] for event in self.events]
