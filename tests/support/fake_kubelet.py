"""A kubelet that serves logs and nothing else, for an API server without a node: a real one asks it as it asks any.

What a container writes is fed by the test, so that a log that is followed has its pieces when the test says so.
"""

from __future__ import annotations

import os
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from cluster.kube.certificates import Authority
from cluster.kube.client import Client

PATIENCE = 120.0
"""Seconds that a follower waits for the next piece before the connection is given up."""


class Log:
    """What one container has written so far, and whether it has ended."""

    def __init__(self) -> None:
        self._text = b""
        self._ended = False
        self._news = threading.Condition()
        self.followed = threading.Event()

    def write(self, text: str) -> None:
        with self._news:
            self._text += text.encode()
            self._news.notify_all()

    def end(self) -> None:
        """The container ends, and with it what follows its log."""
        with self._news:
            self._ended = True
            self._news.notify_all()

    def read(self, *, follow: bool, tail: int | None) -> Iterator[bytes]:
        with self._news:
            text = self._text
        place = len(text)
        lines = text.splitlines(keepends=True)
        yield text if tail is None else b"".join(lines[max(0, len(lines) - tail) :])
        if follow:
            self.followed.set()
        while follow:
            with self._news:
                if not self._news.wait_for(lambda: len(self._text) > place or self._ended, PATIENCE):  # noqa: B023
                    return
                piece, place, ended = self._text[place:], len(self._text), self._ended
            if piece:
                yield piece
            elif ended:
                return


class Kubelet:
    """Serves logs by ``namespace/pod/container``; ``node`` is the name under which it is known to the cluster."""

    def __init__(self, node: str) -> None:
        self.node = node
        self.logs: dict[str, Log] = {}

    def log(self, namespace: str, pod: str, container: str = "daprd") -> Log:
        return self.logs.setdefault(f"{namespace}/{pod}/{container}", Log())


def skip_on_given_cluster() -> None:
    """Skip a test with a kubelet where the API server is somebody's, which need not reach this machine's loopback."""
    if os.environ.get("KUBECONFIG"):
        pytest.skip("the API server of KUBECONFIG reaches no kubelet here; a server of the tests' own is missing")


@contextmanager
def kubelet(admin: Client, node: str, folder: Path) -> Iterator[Kubelet]:
    """A kubelet on loopback, registered as a node of the cluster."""
    served = Kubelet(node)
    pair = Authority(folder, "kubelet").issue("kubelet", f"system:node:{node}", hosts=["127.0.0.1"])
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(served))
    server.daemon_threads = True
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pair.certificate, pair.key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        _register(admin, node, server.server_address[1])
        yield served
    finally:
        admin.delete("v1", "Node", node)
        server.shutdown()
        server.server_close()
        thread.join(10)


def _register(admin: Client, node: str, port: int) -> None:
    thing: dict[str, Any] = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": node}}
    admin.create(thing)
    status = {
        "addresses": [{"type": "InternalIP", "address": "127.0.0.1"}],
        "daemonEndpoints": {"kubeletEndpoint": {"Port": port}},
    }
    path = admin.path("v1", "Node", name=node) + "/status"
    admin.request("PATCH", path, {"status": status}, content_type="application/merge-patch+json")


def _handler(served: Kubelet) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            log = served.logs.get(parts.path.removeprefix("/containerLogs/"))
            if log is None:
                self.send_error(404)
                return
            self.send_response(200)
            self.send_header("Content-Type", "text/plain")
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            tail = int(query["tailLines"]) if "tailLines" in query else None
            for piece in log.read(follow=query.get("follow") == "true", tail=tail):
                if piece:
                    self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            self.wfile.write(b"0\r\n\r\n")

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    return Handler
