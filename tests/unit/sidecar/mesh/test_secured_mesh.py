"""Calls between sidecars under mutual TLS: a connection is its target's, and shows who we are by then."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
import uvloop
from support.fake_sentry import FakeSentry
from support.identities import Authority, key_pem, pem
from support.tls_servers import Answering

from dapr_core.identity.admission import secured
from dapr_core.identity.anchors import AnchorSource
from dapr_core.identity.bundle import TrustBundle
from dapr_core.identity.policy import AppPeer
from dapr_core.identity.rotating import RotatingIdentity
from dapr_core.identity.sentry import SentryClient, SentryOptions
from dapr_core.identity.spiffe import TrustDomain
from dapr_core.rpc.grpc.client import ChannelOptions
from dapr_core.rpc.tls import load_identity
from daprd.mesh import codec
from daprd.mesh.client import MeshClient, Target
from daprd.mesh.errors import UNAVAILABLE, RpcError

CALLEE: Target = ("callee", "default")
REQUEST = codec.encode_request(b"hello", codec.VERBS["GET"], [(b"x", b"1")])
Scene = Callable[["Mesh"], Awaitable[None]]


class Anchors(AnchorSource):
    """Anchors that a test changes by ``put``."""

    def __init__(self, bundle: TrustBundle) -> None:
        self._bundle = bundle
        self._changed: asyncio.Queue[TrustBundle] = asyncio.Queue()

    def put(self, bundle: TrustBundle) -> None:
        self._changed.put_nowait(bundle)

    async def load(self) -> TrustBundle:
        return self._bundle

    async def updates(self) -> AsyncIterator[TrustBundle]:
        while True:
            yield await self._changed.get()


class Mesh:
    """A caller with an identity, and servers that show whatever a test likes."""

    def __init__(self, sentry: FakeSentry) -> None:
        self.sentry = sentry
        options = SentryOptions(
            address=sentry.address, app_id="caller", namespace="default",
            control_plane_trust_domain=TrustDomain("localhost"), control_plane_namespace="default",
        )  # fmt: skip
        self.anchors = Anchors(TrustBundle.of(sentry.root.certificate))
        self.identity = RotatingIdentity(SentryClient(options), self.anchors)
        self.client = MeshClient(
            ChannelOptions(backoff_base=0.01, backoff_max=0.02),
            secure=lambda options, target: secured(options, self.identity, AppPeer(target[1], target[0])),
        )
        self._stack = contextlib.AsyncExitStack()

    async def serve(self, uri: str, *, issuer: Authority | None = None, **properties: Any) -> Answering:
        """A server with a certificate for this URI."""
        signer = issuer or self.sentry.issuer
        leaf, key = signer.issue(uri, **properties)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(cadata=self.sentry.anchors)
        context.set_alpn_protocols(["h2"])
        load_identity(context, pem(leaf, signer.certificate), key_pem(key))
        server = await Answering(context).start()
        self._stack.push_async_callback(server.stop)
        return server

    async def call(self, server: Answering, target: Target = CALLEE) -> str:
        """The answer's body. Raises ``RpcError``."""
        response = await self.client.call(f"127.0.0.1:{server.port}", REQUEST, b"", target=target)
        return (await response.read()).decode()

    async def close(self) -> None:
        await self.client.close()
        await self._stack.aclose()
        await self.identity.stop()


@pytest.fixture(params=[asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
def play(request: pytest.FixtureRequest) -> Callable[[Scene], None]:
    """Plays a scene on either loop."""

    async def main(scene: Scene) -> None:
        sentry = FakeSentry()
        await sentry.start()
        mesh = Mesh(sentry)
        await mesh.identity.start()
        try:
            async with asyncio.timeout(30):
                await scene(mesh)
        finally:
            await mesh.close()
            await sentry.stop()

    def run(scene: Scene) -> None:
        with asyncio.Runner(loop_factory=request.param) as runner:
            runner.run(main(scene))

    return run


def test_calls_of_one_target_share_a_connection(play: Callable[[Scene], None]) -> None:
    async def scene(mesh: Mesh) -> None:
        server = await mesh.serve("spiffe://public/ns/default/callee")
        for _ in range(200):  # more than the times after which the pool hears of an address anew
            assert await mesh.call(server) == "hello"
        assert server.connections == 1
        assert set(server.callers) == {"spiffe://public/ns/default/caller"}

    play(scene)


def test_a_connection_of_one_target_serves_no_other_at_the_same_address(play: Callable[[Scene], None]) -> None:
    async def scene(mesh: Mesh) -> None:
        server = await mesh.serve("spiffe://public/ns/default/callee")
        await mesh.call(server)
        for target in (("other", "default"), ("callee", "other"), ("", "")):
            assert mesh.client.begin(f"127.0.0.1:{server.port}", lambda: (REQUEST, b""), b"", target=target) is None
            with pytest.raises(RpcError, match="unexpected SPIFFE ID") as raised:
                await mesh.call(server, target)
            assert raised.value.code == UNAVAILABLE
        assert await mesh.call(server) == "hello"
        assert len(server.callers) == 2

    play(scene)


def test_a_withdrawn_anchor_ends_a_connection_and_makes_no_other(play: Callable[[Scene], None]) -> None:
    async def scene(mesh: Mesh) -> None:
        other = Authority("other")
        mesh.anchors.put(TrustBundle.of(mesh.sentry.root.certificate, other.certificate))
        while len(mesh.identity.bundle.anchors) < 2:
            await asyncio.sleep(0)
        server = await mesh.serve("spiffe://public/ns/default/callee", issuer=other)
        assert await mesh.call(server) == "hello"
        assert len(mesh.identity.guard) == 1
        mesh.anchors.put(TrustBundle.of(mesh.sentry.root.certificate))
        while len(mesh.identity.guard):
            await asyncio.sleep(0)
        with pytest.raises(RpcError, match="the peer's certificate is not accepted"):
            await mesh.call(server)

    play(scene)


def test_a_connection_that_is_gone_is_watched_no_longer(play: Callable[[Scene], None]) -> None:
    async def scene(mesh: Mesh) -> None:
        server = await mesh.serve("spiffe://public/ns/default/callee")
        await mesh.call(server)
        assert len(mesh.identity.guard) == 1
        await server.stop()
        while len(mesh.identity.guard):
            await asyncio.sleep(0.01)

    play(scene)
