"""The book's subscriber: says which topics it wants when its sidecar asks, and prints each event it is sent.

``SUBSCRIPTIONS`` in the environment is the JSON of its answer to ``/dapr/subscribe``.
"""

from __future__ import annotations

import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Subscriber(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.path == "/dapr/subscribe":
            self.answer(200, os.environ["SUBSCRIPTIONS"].encode())
        else:
            self.answer(404, b"")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        # One write, so that events which come at the same time keep their lines apart.
        print(f"event {self.path} {self.headers['Content-Type']} {body.decode()}\n", end="", flush=True)
        self.answer(200, b"")

    def answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(os.environ["APP_PORT"])), Subscriber).serve_forever()
