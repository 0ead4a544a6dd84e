"""The TLS port of the webhook: uvicorn as a part of our process, with a certificate that changes under it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import ssl
from collections.abc import Iterator
from typing import Final

import uvicorn
from fastapi import FastAPI

from dapr_core.identity.rotating import RotatingIdentity
from dapr_core.identity.tls import SwitchingContext, serving_context
from dapr_core.process.health import Target
from dapr_core.process.service import Service

log = logging.getLogger("dapr.injector.service")

HEALTH_TARGET: Final = "injector-service"
_ALPN: Final = ["http/1.1"]
_GRACE: Final = 5
"""Seconds for reviews under way when the process ends."""
_IDLE: Final = 75
"""Seconds; API servers keep connections for their next review."""
_BACKLOG: Final = 512


class ServingCertificate:
    """What the port shows: the identity in force, to whoever connects from now on. Clients show nothing."""

    def __init__(self, identity: RotatingIdentity) -> None:
        self._identity = identity
        self._switching = SwitchingContext(self._made())
        self._switching.front.set_alpn_protocols(_ALPN)
        identity.on_change(lambda: self._switching.switch(self._made()))

    @property
    def context(self) -> ssl.SSLContext:
        """For the listener, for the life of the process."""
        return self._switching.front

    def _made(self) -> ssl.SSLContext:
        context = serving_context(self._identity.issued.svid)
        context.set_alpn_protocols(_ALPN)
        return context


class _Server(uvicorn.Server):
    """A server that leaves signals to the process it is part of."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class WebhookPort(Service):
    """Serves the webhook. ``bound_port`` tells the port where 0 was asked for."""

    name = "webhook"

    def __init__(self, app: FastAPI, host: str, port: int, context: ssl.SSLContext, health: Target) -> None:
        self._host = host
        self.bound_port = port
        self._context = context
        self._health = health
        self._task: asyncio.Task[None] | None = None
        self._stopping = False
        self._server = _Server(
            uvicorn.Config(
                app,
                log_config=None,
                access_log=False,
                server_header=False,
                lifespan="off",
                ws="none",
                timeout_keep_alive=_IDLE,
                timeout_graceful_shutdown=_GRACE,
            )
        )

    async def start(self) -> None:
        """Listen. Raises ``OSError``, with the address in its text, when that cannot be."""
        listener = self._listen()
        config = self._server.config
        config.load()
        config.ssl = self._context
        self._task = asyncio.create_task(self._server.serve([listener]), name="webhook")
        while not self._server.started:
            if self._task.done():
                self._task.result()
                raise OSError("the webhook's server ended at its start")
            await asyncio.sleep(0.005)  # uvicorn has no event for it
        log.info(
            "Sidecar injector is listening on %s:%d, patching Dapr-enabled pods", self._host or "[::]", self.bound_port
        )
        self._health.ready()

    async def wait_failed(self) -> None:
        """Wait until the server ends by itself, and raise why; returns where it was asked to."""
        assert self._task is not None
        await asyncio.shield(self._task)
        if self._stopping:
            return
        raise OSError("the webhook's server ended")

    async def stop(self) -> None:
        """Take no more reviews, and answer those that are here."""
        self._health.not_ready()
        self._stopping = True
        if self._task is not None:
            self._server.should_exit = True
            await asyncio.wait([self._task])

    def _listen(self) -> socket.socket:
        family = socket.AF_INET if self._host and ":" not in self._host else socket.AF_INET6
        listener = socket.socket(family, socket.SOCK_STREAM)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6 and not self._host:
                listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
            listener.bind((self._host, self.bound_port))
            listener.listen(_BACKLOG)
        except OSError as error:
            listener.close()
            where = f"{self._host or '[::]'}:{self.bound_port}"
            raise OSError(error.errno, f"failed to listen on {where}: {error.strerror}") from None
        listener.setblocking(False)
        self.bound_port = listener.getsockname()[1]
        return listener
