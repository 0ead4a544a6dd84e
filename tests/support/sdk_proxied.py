"""A gRPC application behind a sidecar of its own, for SDKs that let their user call it by a stub over the sidecars.

Its service is the one whose stub every SDK has generated: the health check of an application.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

from support.cli import unique_id
from support.grpc_app import HEALTH, GrpcApp, Told, grpc_app
from support.processes import daprd


@dataclass(frozen=True)
class Proxied:
    """The application, and the id to call it by."""

    app_id: str
    app: GrpcApp

    def asked_by(self, name: str) -> list[Told]:
        """The calls of those who named themselves in the metadata ``asker``."""
        return [told for told in self.app.told if told.values("asker") == [name]]


@contextlib.contextmanager
def proxied_application() -> Iterator[Proxied]:
    """It, running."""
    app_id = unique_id("proxied")
    answers = GrpcApp({HEALTH: lambda told, context: b""})
    with grpc_app(answers) as app, daprd(app_id, "--app-protocol=grpc", app_port=app.port):
        yield Proxied(app_id, app)
