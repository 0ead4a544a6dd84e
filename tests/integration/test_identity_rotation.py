"""Identities from a real sentry, while it is rotated, killed and started again: whoever is served stays served."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import uvloop
from support.identities import Authority, key_pem, pem
from support.sentry_process import Sentry, sentry

from dapr_core.identity.anchors import FileAnchors
from dapr_core.identity.peer import authenticate
from dapr_core.identity.policy import AppPeer
from dapr_core.identity.rotating import RotatingIdentity
from dapr_core.identity.sentry import SentryClient, SentryOptions
from dapr_core.identity.spiffe import TrustDomain


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


def put(directory: Path, signer: Authority, *roots: Authority) -> None:
    (directory / "ca.crt").write_bytes(pem(*[root.certificate for root in roots]))
    (directory / "issuer.crt").write_bytes(pem(signer.certificate))
    (directory / "issuer.key").write_bytes(key_pem(signer.key))


def run(main: object) -> None:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main)  # type: ignore[arg-type]


def test_no_call_fails_while_certificates_issuer_and_root_are_rotated(tmp_path: Path) -> None:
    old, new = Authority("old"), Authority("new")
    first, second = Authority("first issuer", issuer=old), Authority("second issuer", issuer=old)
    third = Authority("third issuer", issuer=new)
    put(tmp_path, first, old)
    anchors = tmp_path / "anchors.crt"
    anchors.write_bytes(pem(old.certificate))

    async def main(process: Sentry) -> None:
        async with two_sidecars(process, anchors) as (caller, callee, port), Calls(caller, port) as calls:
            put(tmp_path, second, old)
            await renewed(caller, callee, issuer="second issuer")
            anchors.write_bytes(pem(old.certificate, new.certificate))
            await trusted(caller, callee, roots=2)
            put(tmp_path, third, new, old)
            await renewed(caller, callee, issuer="third issuer")
            anchors.write_bytes(pem(new.certificate))
            await trusted(caller, callee, roots=1)
            count = calls.count
            async with asyncio.timeout(10):
                while calls.count < count + 10:
                    await asyncio.sleep(0.02)
            assert calls.count > 50

    with sentry(tmp_path, short_lives(tmp_path, "3s")) as process:
        run(main(process))


def test_no_call_fails_while_sentry_is_killed_and_started_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    flag = short_lives(tmp_path, "10s")

    async def main(process: Sentry) -> None:
        async with two_sidecars(process, tmp_path / "ca.crt") as (caller, callee, port), Calls(caller, port):
            before = {each.issued.svid.leaf.serial_number for each in (caller, callee)}
            await asyncio.to_thread(process.terminate, 9)
            async with asyncio.timeout(20):
                while "Error renewing identity" not in caplog.text:
                    await asyncio.sleep(0.02)
            again = Sentry(tmp_path, flag, f"--port={process.port}")
            try:
                async with asyncio.timeout(20):
                    while before & {each.issued.svid.leaf.serial_number for each in (caller, callee)}:
                        await asyncio.sleep(0.02)
            finally:
                await asyncio.to_thread(again.terminate)

    with sentry(tmp_path, flag) as process:
        run(main(process))
