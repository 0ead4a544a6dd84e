"""Placement under mutual TLS, with a real sentry: who it is, whom it lets in, and what they may say."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from support.placement_process import PlacementProcess
from support.placement_sidecar import host
from support.ports import free_port
from support.sentry_process import Sentry, sentry

from dapr_core.identity.bundle import TrustBundle
from dapr_core.identity.peer import authenticate
from dapr_core.identity.policy import ExactPeer
from dapr_core.identity.sentry import SentryClient, SentryOptions
from dapr_core.identity.spiffe import TrustDomain, workload_id
from dapr_core.identity.svid import X509Svid
from dapr_core.identity.tls import client_context
from dapr_core.proto.gen.placement.v1.placement_grpc import PlacementStub
from dapr_core.proto.gen.placement.v1.placement_pb2 import Host, PlacementOrder
from dapr_core.rpc.grpc import Channel, ChannelOptions, Code, GrpcError
from dapr_core.rpc.grpc.stub import Call

DOMAIN = TrustDomain("localhost")
A = "10.0.0.1:50002"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sentry]:
    with sentry(tmp_path_factory.mktemp("sentry")) as process:
        yield process


@pytest.fixture(scope="module")
def secured(authority: Sentry) -> Iterator[PlacementProcess]:
    process = PlacementProcess(*flags(authority))
    try:
        process.wait_ready()
        process.wait_leading()
        yield process
    finally:
        process.terminate()


def flags(authority: Sentry) -> tuple[str, ...]:
    return (
        "--tls-enabled", f"--sentry-address={authority.address}",
        f"--trust-anchors-file={authority.credentials / 'ca.crt'}",
    )  # fmt: skip


def bundle_of(authority: Sentry) -> TrustBundle:
    return TrustBundle.parse(authority.anchors)


async def identity(authority: Sentry, app_id: str, namespace: str) -> X509Svid:
    options = SentryOptions(
        address=authority.address, app_id=app_id, namespace=namespace,
        control_plane_trust_domain=DOMAIN, control_plane_namespace="default",
    )  # fmt: skip
    return (await SentryClient(options).fetch(bundle_of(authority))).svid


@contextlib.asynccontextmanager
async def stream(
    authority: Sentry, process: PlacementProcess, *, app_id: str = "app", namespace: str = "default"
) -> AsyncIterator[Call[Host, PlacementOrder]]:
    """A stream of a sidecar with this identity; the other end must be placement."""
    svid = await identity(authority, app_id, namespace)
    rule = ExactPeer(workload_id(DOMAIN, "default", "dapr-placement"))
    options = ChannelOptions(
        ssl=client_context(bundle_of(authority), svid), admit=lambda connection: authenticate(connection, rule)
    )
    channel = Channel(process.address, options)
    try:
        async with PlacementStub(channel).report_dapr_status(timeout=60) as call:
            yield call
    finally:
        await channel.close()


async def refusal(call: Call[Host, PlacementOrder]) -> tuple[Code, str]:
    with pytest.raises(GrpcError) as caught:
        async for _ in call:
            pass
    return caught.value.code, caught.value.message


def test_a_sidecar_that_speaks_for_itself_is_served(authority: Sentry, secured: PlacementProcess) -> None:
    async def talk() -> list[str]:
        async with stream(authority, secured) as call:
            await call.send(host(A, "cat", "dapr.internal.default.app.workflow"))
            words = []
            async for order in call:
                words.append(order.operation)
                operation = len(words) + 1
                await call.send(Host(id="app", namespace="default", operation=operation, version=order.version))
                if order.operation == "unlock":
                    return words
        raise AssertionError

    assert asyncio.run(talk()) == ["lock", "update", "unlock"]


@pytest.mark.parametrize(
    ("report", "text"),
    [
        (host(A, "cat", app_id="other"), "provided app ID other doesn't match the one in the SPIFFE ID (app)"),
        (
            host(A, "cat", namespace="other"),
            "provided client namespace other doesn't match the one in the SPIFFE ID (default)",
        ),
    ],
    ids=["another id", "another namespace"],
)
def test_one_that_speaks_for_others_is_refused(
    authority: Sentry, secured: PlacementProcess, report: Host, text: str
) -> None:
    async def talk() -> tuple[Code, str]:
        async with stream(authority, secured) as call:
            await call.send(report)
            return await refusal(call)

    assert asyncio.run(talk()) == (Code.PERMISSION_DENIED, text)


def test_also_when_it_begins_to_later(authority: Sentry, secured: PlacementProcess) -> None:
    async def talk() -> tuple[Code, str]:
        async with stream(authority, secured) as call:
            await call.send(host(A))
            assert (await anext(aiter(call))).operation == "lock"
            await call.send(host(A, app_id="other"))
            return await refusal(call)

    assert asyncio.run(talk())[0] is Code.PERMISSION_DENIED


def test_a_sidecar_of_another_namespace_has_its_own_table(authority: Sentry, secured: PlacementProcess) -> None:
    async def talk() -> PlacementOrder:
        async with stream(authority, secured, namespace="elsewhere") as call:
            await call.send(host(A, namespace="elsewhere"))
            return await anext(aiter(call))

    assert asyncio.run(talk()).version == 0


def test_it_proves_who_it_is_by_an_ed25519_certificate(authority: Sentry, secured: PlacementProcess) -> None:
    async def look() -> bytes | None:
        svid = await identity(authority, "app", "default")
        context = client_context(bundle_of(authority), svid)
        _, writer = await asyncio.open_connection("127.0.0.1", secured.port, ssl=context)
        certificate: bytes | None = writer.get_extra_info("ssl_object").getpeercert(True)
        writer.transport.abort()
        return certificate

    from cryptography import x509

    der = asyncio.run(look())
    assert der is not None
    assert isinstance(x509.load_der_x509_certificate(der).public_key(), Ed25519PublicKey)


def test_whoever_shows_no_certificate_is_not_let_in(authority: Sentry, secured: PlacementProcess) -> None:
    async def talk() -> None:
        channel = Channel(secured.address, ChannelOptions(ssl=client_context(bundle_of(authority))))
        try:
            async with PlacementStub(channel).report_dapr_status(timeout=20) as call:
                await call.send(host(A))
                await anext(aiter(call))
        finally:
            await channel.close()

    with pytest.raises(GrpcError) as caught:
        asyncio.run(talk())
    assert caught.value.code is Code.UNAVAILABLE


def test_clear_text_is_not_answered(secured: PlacementProcess) -> None:
    async def talk() -> None:
        channel = Channel(secured.address, ChannelOptions(connect_timeout=5.0))
        try:
            await channel.connect()
        finally:
            await channel.close()

    with pytest.raises(GrpcError):
        asyncio.run(talk())


def test_it_waits_for_sentry_and_can_be_stopped_meanwhile(tmp_path: Path, authority: Sentry) -> None:
    anchors = tmp_path / "ca.crt"
    anchors.write_bytes(authority.anchors)
    process = PlacementProcess(
        "--tls-enabled", f"--sentry-address=127.0.0.1:{free_port()}", f"--trust-anchors-file={anchors}"
    )
    process.wait_for_line("Waiting for an identity")
    begun = time.monotonic()
    assert process.terminate() == 0
    assert time.monotonic() - begun < 10


def test_the_client_side_would_notice_another_server(authority: Sentry, secured: PlacementProcess) -> None:
    """The check of these tests themselves: the rule for the other end is one that can fail."""

    async def talk() -> None:
        svid = await identity(authority, "app", "default")
        rule = ExactPeer(workload_id(DOMAIN, "default", "dapr-scheduler"))
        options = ChannelOptions(
            ssl=client_context(bundle_of(authority), svid), admit=lambda connection: authenticate(connection, rule)
        )
        channel = Channel(secured.address, options)
        try:
            await channel.connect()
        finally:
            await channel.close()

    with pytest.raises((GrpcError, ssl.SSLError)):
        asyncio.run(talk())
