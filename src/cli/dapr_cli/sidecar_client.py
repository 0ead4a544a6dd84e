"""Small HTTP calls to a sidecar on this machine, over its port or its Unix socket.

The API token of the environment (``DAPR_API_TOKEN``) goes along, as the sidecar asks for it when it has one. Nothing
but loopback is ever contacted.
"""

from __future__ import annotations

import os
import socket
from http.client import HTTPConnection, HTTPException
from typing import Any, NamedTuple

LOOPBACK = "127.0.0.1"
TOKEN_HEADER = "dapr-api-token"


class Answer(NamedTuple):
    """What a sidecar answered."""

    status: int
    reason: str
    body: bytes

    @property
    def status_line(self) -> str:
        """``404 Not Found``"""
        return f"{self.status} {self.reason}".rstrip()


class SidecarUnreachable(Exception):
    """No connection, or it broke before the answer was complete."""


class _SocketConnection(HTTPConnection):
    def __init__(self, path: str, timeout: float) -> None:
        super().__init__("localhost", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def socket_path(folder: str, app_id: str, protocol: str = "http") -> str:
    """The socket of a sidecar's API below ``folder`` (cli-dashboard.md §6)."""
    return os.path.join(folder, f"dapr-{app_id}-{protocol}.socket")


class SidecarClient:
    """One sidecar's HTTP API; ``socket`` wins over ``port`` when given."""

    def __init__(self, port: int, *, socket: str = "", timeout: float = 5.0) -> None:
        self._port = port
        self._socket = socket
        self._timeout = timeout

    def call(self, method: str, target: str, body: bytes = b"", content_type: str = "") -> Answer:
        """One request and its whole answer. Raises SidecarUnreachable."""
        connection = (
            _SocketConnection(self._socket, self._timeout)
            if self._socket
            else HTTPConnection(LOOPBACK, self._port, timeout=self._timeout)
        )
        headers = {"Content-Type": content_type} if content_type else {}
        if token := os.environ.get("DAPR_API_TOKEN"):
            headers[TOKEN_HEADER] = token
        try:
            connection.request(method, target, body or None, headers)
            response = connection.getresponse()
            return Answer(response.status, response.reason, response.read())
        except (OSError, HTTPException) as error:
            raise SidecarUnreachable(str(error) or type(error).__name__) from error
        finally:
            connection.close()

    def metadata(self) -> dict[str, Any]:
        """The sidecar's metadata. Raises SidecarUnreachable, also on an answer that is no metadata."""
        import json

        answer = self.call("GET", "/v1.0/metadata")
        if answer.status != 200:
            raise SidecarUnreachable(f"metadata answered {answer.status_line}")
        try:
            value = json.loads(answer.body)
        except ValueError as error:
            raise SidecarUnreachable(f"metadata is no JSON: {error}") from error
        if not isinstance(value, dict):
            raise SidecarUnreachable("metadata is no JSON object")
        return value

    def set_metadata(self, key: str, value: str) -> None:
        """Add one pair to the sidecar's extended metadata. Raises SidecarUnreachable, also on a refusal."""
        answer = self.call("PUT", f"/v1.0/metadata/{key}", value.encode(), "text/plain")
        if answer.status >= 300:
            raise SidecarUnreachable(f"metadata/{key} answered {answer.status_line}")

    def healthy(self) -> bool:
        """Whether the sidecar says that it is ready (``/v1.0/healthz``)."""
        try:
            return 200 <= self.call("GET", "/v1.0/healthz").status < 300
        except SidecarUnreachable:
            return False
