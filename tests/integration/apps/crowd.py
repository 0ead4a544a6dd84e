"""Counts how many calls it serves at once; each call waits until the test lets it go.

``GET /most`` tells the most calls at once and how many came; ``POST /go`` lets all waiting and later calls finish.
"""

from __future__ import annotations

import json
import os
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

lock = threading.Lock()
go = threading.Event()
seen = {"now": 0, "most": 0, "came": 0}


class Crowd(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.path == "/work":
            self.work()
            self.answer(200, b"done")
        elif self.path == "/most":
            self.answer(200, json.dumps(seen).encode())
        else:
            self.answer(404, b"")

    def do_POST(self) -> None:
        go.set()
        self.answer(200, b"")

    def work(self) -> None:
        with lock:
            seen["now"] += 1
            seen["came"] += 1
            seen["most"] = max(seen["most"], seen["now"])
        go.wait(30)
        with lock:
            seen["now"] -= 1

    def answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


class Server(ThreadingHTTPServer):
    request_queue_size = 128


if __name__ == "__main__":
    Server(("127.0.0.1", int(os.environ["APP_PORT"])), Crowd).serve_forever()
