"""A stand-in for the sidecar program, so that the launcher can be tested by itself: flags in, health and metadata out.

It carries the sidecar's process name, takes its flags, becomes healthy when the application listens, and echoes invoke
and publish requests. ``FAKE_SIDECAR_EXIT`` makes it end at once with that status, ``FAKE_SIDECAR_DEAF`` makes it never
healthy.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


def flags_of(argv: list[str]) -> dict[str, str]:
    flags: dict[str, str] = {}
    for place, word in enumerate(argv):
        if word.startswith("--"):
            following = argv[place + 1] if place + 1 < len(argv) else "--"
            flags[word[2:]] = "true" if following.startswith("--") else following
    return flags


FLAGS = flags_of(sys.argv[1:])
EXTENDED: dict[str, str] = {}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:
        return

    def answer(self, status: int, body: bytes = b"") -> None:
        self.send_response(status)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def do_GET(self) -> None:
        body = self.body()
        if self.path.startswith("/v1.0/healthz"):
            return self.answer(204 if healthy() else 500)
        if self.path == "/v1.0/metadata":
            value = {"id": FLAGS.get("app-id"), "extended": EXTENDED, "argv": sys.argv[1:], "env": dict(os.environ)}
            return self.answer(200, json.dumps(value).encode())
        return self.echo(body)

    def do_PUT(self) -> None:
        body = self.body()
        if self.path.startswith("/v1.0/metadata/"):
            EXTENDED[self.path.rsplit("/", 1)[1]] = body.decode()
            return self.answer(204)
        return self.echo(body)

    def do_POST(self) -> None:
        self.echo(self.body())

    def echo(self, body: bytes) -> None:
        if "refused" in self.path:
            return self.answer(404, b'{"errorCode":"ERR_TEST"}')
        if self.path.startswith("/v1.0/publish/"):
            print(f"published {self.path} {self.headers['Content-Type']} {body.decode()}", flush=True)
            return self.answer(204)
        told = {
            "verb": self.command,
            "path": self.path,
            "type": self.headers["Content-Type"],
            "token": self.headers["dapr-api-token"],
            "body": body.decode(),
        }
        return self.answer(200, json.dumps(told).encode())


def healthy() -> bool:
    if os.environ.get("FAKE_SIDECAR_DEAF"):
        return False
    port = int(FLAGS.get("app-port", "0"))
    if port <= 0:
        return True
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class SocketServer(ThreadingHTTPServer):
    address_family = socket.AF_UNIX

    def server_bind(self) -> None:
        self.socket.bind(self.server_address)

    def get_request(self) -> Any:
        request, _ = self.socket.accept()
        return request, ("unix", 0)


def main() -> None:
    if "version" in FLAGS:
        print("9.9.9")
        return
    if "build-info" in FLAGS:
        print("Version: 9.9.9\nGit Commit: abc")
        return
    with open("/proc/self/comm", "w") as comm:
        comm.write("daprd")
    print('time="now" level=info msg="Starting Dapr Runtime"', flush=True)
    print("a word on standard error", file=sys.stderr, flush=True)
    if status := os.environ.get("FAKE_SIDECAR_EXIT"):
        sys.exit(int(status))
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    if folder := FLAGS.get("unix-domain-socket"):
        server: ThreadingHTTPServer = SocketServer(f"{folder}/dapr-{FLAGS['app-id']}-http.socket", Handler)  # type: ignore[arg-type]
    else:
        server = ThreadingHTTPServer(
            (FLAGS["dapr-listen-addresses"].split(",")[0], int(FLAGS["dapr-http-port"])), Handler
        )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    stop.wait()
    print("Daprd shutdown gracefully", flush=True)
    server.shutdown()
    server.server_close()


if __name__ == "__main__":
    main()
