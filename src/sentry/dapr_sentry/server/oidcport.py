"""The listener of OIDC discovery, with TLS from files that may come late and change (control-plane.md §1.9)."""

from __future__ import annotations

import asyncio
import logging
import ssl
from typing import Final

from dapr_core.identity.files import changes, look
from dapr_core.identity.tls import SwitchingContext
from dapr_core.process.health import Target
from dapr_core.process.service import Service
from dapr_core.process.supervise import Supervisor
from dapr_core.rpc.http1.limits import Limits
from dapr_core.rpc.http1.server import HTTP1Server
from dapr_core.rpc.messages import Handler

log = logging.getLogger("dapr.sentry.server.oidc.http")

HEALTH_TARGET: Final = "oidc-server"
POLL: Final = 5.0
"""Seconds between looks for TLS files that are not there yet."""


class OidcPort(Service):
    """Serves a handler, by TLS when ``certificate`` and ``key`` name files. ``bound_port`` tells what port 0 took."""

    name = "OIDC server"
    stop_limit = 5.0

    def __init__(
        self,
        handler: Handler,
        host: str,
        port: int,
        *,
        health: Target,
        certificate: str = "",
        key: str = "",
        poll: float = POLL,
    ) -> None:
        self._handler = handler
        self._host = host
        self._port = port
        self._health = health
        self._files = (certificate, key)
        self._poll = poll
        self._server: HTTP1Server | None = None
        self._tasks = Supervisor("OIDC server")
        self.bound_port = port

    async def start(self) -> None:
        """Listen. With TLS files that are not there yet, others go on and we listen once they are."""
        if not self._files[0]:
            await self._listen(None)
            return
        self._tasks.start("TLS", self._serve_tls())

    async def stop(self) -> None:
        self._health.not_ready()
        await self._tasks.stop(5.0)
        if self._server is not None:
            await self._server.drain(3.0)

    async def wait_failed(self) -> None:
        """Wait until listening fails, and raise why."""
        await self._tasks.wait()

    async def _listen(self, context: ssl.SSLContext | None) -> None:
        self._server = HTTP1Server(self._handler, Limits(max_body=64 * 1024, max_connections=1024))
        try:
            bound = await self._server.serve_tcp(self._host or None, self._port, ssl_context=context)
        except OSError as error:
            raise OSError(error.errno, f"failed to listen on {self._host}:{self._port}: {error.strerror}") from None
        self.bound_port = bound[0][1]
        log.info("OIDC HTTP server is listening on %s:%d", self._host, self.bound_port)
        self._health.ready()

    async def _serve_tls(self) -> None:
        """Wait for the files, listen, and show what is in them as they change."""
        seen = look(self._files)
        while (context := self._context()) is None:
            await asyncio.sleep(self._poll)
            seen = look(self._files)
        switching = SwitchingContext(context)
        await self._listen(switching.front)
        async for _ in changes(self._files, seen=seen):
            changed = self._context()
            if changed is not None:
                switching.switch(changed)
                log.info("The TLS certificate of the OIDC server has changed")

    def _context(self) -> ssl.SSLContext | None:
        """The context of the files; None, with a line in the log, when they are missing or do not fit."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION
        context.set_alpn_protocols(["http/1.1"])
        certificate, key = self._files
        try:
            context.load_cert_chain(certificate, key, password=lambda: "")
        except FileNotFoundError:
            log.warning("The TLS files %s and %s of the OIDC server are not both there; waiting", certificate, key)
            return None
        except (ssl.SSLError, OSError) as error:
            log.error("The TLS files %s and %s of the OIDC server cannot be used: %s", certificate, key, error)
            return None
        return context
