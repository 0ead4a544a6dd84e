"""Two identities of a real sentry, and calls between them at a steady rate: the first that fails fails the test."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path

import uvloop

from dapr_core.identity.anchors import FileAnchors
from dapr_core.identity.peer import authenticate
from dapr_core.identity.policy import AppPeer
from dapr_core.identity.rotating import RotatingIdentity
from dapr_core.identity.sentry import SentryClient, SentryOptions
from dapr_core.identity.spiffe import TrustDomain
from support.sentry_process import Sentry


def identity_of(app_id: str, process: Sentry, anchors: Path) -> RotatingIdentity:
    options = SentryOptions(
        address=process.address,
        app_id=app_id,
        namespace="default",
        control_plane_trust_domain=TrustDomain("localhost"),
        control_plane_namespace="default",
        connect_timeout=2.0,
    )
    return RotatingIdentity(SentryClient(options), FileAnchors(str(anchors), interval=0.05))


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Say who calls."""
    caller = authenticate(writer.get_extra_info("ssl_object"))
    while await reader.readline():
        writer.write(f"{caller.identity}\n".encode())
    writer.close()


@contextlib.asynccontextmanager
async def two_sidecars(process: Sentry, anchors: Path) -> AsyncIterator[tuple[RotatingIdentity, RotatingIdentity, int]]:
    caller, callee = identity_of("caller", process, anchors), identity_of("callee", process, anchors)
    await caller.start()
    await callee.start()
    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=callee.server_context)
    try:
        yield caller, callee, server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await server.wait_closed()
        await caller.stop()
        await callee.stop()


async def call(caller: RotatingIdentity, port: int) -> None:
    """One call on a connection of its own: a whole handshake each time."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=caller.client_context, server_hostname="")
    try:
        authenticate(writer.get_extra_info("ssl_object"), AppPeer("default", "callee"))
        writer.write(b"who am I?\n")
        assert await reader.readline() == b"spiffe://public/ns/default/caller\n"
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


class Calls:
    """Calls at a steady rate, as long as the block runs; the first that fails fails the test."""

    def __init__(self, caller: RotatingIdentity, port: int) -> None:
        self._caller, self._port = caller, port
        self.count = 0

    async def __aenter__(self) -> Calls:
        self._task = asyncio.ensure_future(self._go_on())
        return self

    async def __aexit__(self, *_: object) -> None:
        if not self._task.done():
            self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task

    async def _go_on(self) -> None:
        while True:
            await call(self._caller, self._port)
            self.count += 1
            await asyncio.sleep(0.02)


async def renewed(*identities: RotatingIdentity, issuer: str) -> None:
    """Wait until all have a certificate of this issuer."""
    async with asyncio.timeout(20):
        while not all(issuer in each.issued.svid.leaf.issuer.rfc4514_string() for each in identities):
            await asyncio.sleep(0.02)


async def trusted(*identities: RotatingIdentity, roots: int) -> None:
    async with asyncio.timeout(20):
        while not all(len(each.bundle.anchors) == roots for each in identities):
            await asyncio.sleep(0.02)


def short_lives(directory: Path, life: str) -> str:
    spec = {"mtls": {"enabled": True, "sentryAddress": "", "controlPlaneTrustDomain": "", "workloadCertTTL": life}}
    document = {"apiVersion": "dapr.io/v1alpha1", "kind": "Configuration", "metadata": {"name": "x"}, "spec": spec}
    (directory / "config.yaml").write_text(json.dumps(document))
    return f"--config={directory / 'config.yaml'}"


def run(main: object) -> None:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main)  # type: ignore[arg-type]
