"""The book's stateful greeting: counts its calls in the state store of its sidecar."""

from __future__ import annotations

import json
import os
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

STORE = f"http://localhost:{os.environ['DAPR_HTTP_PORT']}/v1.0/state/statestore"


def read() -> int:
    """The counter as stored; -1 when there is none yet."""
    with urllib.request.urlopen(f"{STORE}/mystate") as answer:
        body = answer.read()
    return int(body) if body else -1


def write(count: int) -> None:
    body = json.dumps([{"key": "mystate", "value": count}]).encode()
    urllib.request.urlopen(
        urllib.request.Request(STORE, body, {"Content-Type": "application/json"}, method="POST")
    ).close()


class Greeting(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.path != "/greeting":
            self.send_error(404)
            return
        count = read() + 1
        write(count)
        body = f"I've greeted you {count} time{'' if count == 1 else 's'}.".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(os.environ["APP_PORT"])), Greeting).serve_forever()
