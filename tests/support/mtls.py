"""Mutual TLS for tests: sidecars whose sentry hands out what a test authority signs, and callers of every kind.

The authority is at hand, so that a test can be whoever it likes towards a sidecar: a peer of any id, or one with a
certificate that no authority should have made.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from cryptography import x509

from dapr_components.contract import ComponentContext, Metadata
from dapr_components.nameresolution.contract import Registration
from dapr_components.nameresolution.sqlite import SQLiteResolver
from dapr_core.rpc.grpc import ChannelOptions
from dapr_core.rpc.tls import load_identity
from daprd.mesh import codec
from daprd.mesh.client import MeshClient
from daprd.mesh.errors import PERMISSION_DENIED, UNAVAILABLE, RpcError
from support.fake_sentry import FakeSentry
from support.identities import Authority, Key, key_pem, pem
from support.processes import Daprd, daprd
from support.two_sidecars import Loop

T = TypeVar("T")

REFUSED_IN_TLS = "refused in TLS"
REFUSED_BY_POLICY = "refused by policy"
ACCEPTED = "accepted"


@dataclass
class World:
    """A sentry and all that trusts its root; ``loop`` is where its callers run."""

    sentry: FakeSentry
    loop: Loop

    @property
    def root(self) -> Authority:
        return self.sentry.root

    @property
    def environment(self) -> dict[str, str]:
        return {"DAPR_TRUST_ANCHORS": self.sentry.anchors}

    @property
    def flags(self) -> tuple[str, ...]:
        return ("--enable-mtls", f"--sentry-address={self.sentry.address}")

    def daprd(
        self, app_id: str, *flags: str, env: Mapping[str, str] | None = None, **settings: object
    ) -> contextlib.AbstractContextManager[Daprd]:
        """A running sidecar of this world."""
        return daprd(app_id, *self.flags, *flags, env={**self.environment, **(env or {})}, **settings)

    def identity(self, *uris: str, issuer: Authority | None = None, **properties: object) -> Identity:
        """A leaf of the world's issuer (or another), with these URIs and whatever else ``Authority.issue`` knows."""
        signer = issuer or self.sentry.issuer
        leaf, key = signer.issue(*uris, **properties)  # type: ignore[arg-type]
        return Identity((leaf,) if signer.issuer is None else (leaf, signer.certificate), key)

    def client(self, identity: Identity | None = None, *, anchors: Authority | None = None) -> ssl.SSLContext:
        """A client's context: it trusts the world's root and checks no name."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.load_verify_locations(cadata=pem((anchors or self.root).certificate).decode())
        context.set_alpn_protocols(["h2"])
        if identity is not None:
            load_identity(context, pem(*identity.chain), key_pem(identity.key))
        return context

    def show(self, context: ssl.SSLContext, identity: Identity) -> None:
        """Have a server's context show an identity, and ask for one that the world's root vouches for."""
        context.load_verify_locations(cadata=pem(self.root.certificate).decode())
        context.verify_mode = ssl.CERT_REQUIRED
        context.set_alpn_protocols(["h2"])
        load_identity(context, pem(*identity.chain), key_pem(identity.key))

    def call(self, port: int, context: ssl.SSLContext | None, method: str = "hello", verb: str = "GET") -> Outcome:
        """Make a call as a sidecar would, on a connection of its own."""
        return self.loop.run(_call(port, context, method, verb))


@dataclass(frozen=True)
class Identity:
    """A chain, leaf first, and the key of its leaf."""

    chain: tuple[x509.Certificate, ...]
    key: Key


@dataclass(frozen=True)
class Outcome:
    """How a call ended: one of the three words, and the text that came with it."""

    word: str
    text: str


async def _call(port: int, context: ssl.SSLContext | None, method: str, verb: str) -> Outcome:
    client = MeshClient(ChannelOptions(ssl=context, backoff_base=0.01, connect_timeout=10.0))
    entries = [(b"dapr-caller-app-id", b"liar")]
    request = codec.encode_request(method.encode(), codec.VERBS[verb], entries)
    try:
        async with asyncio.timeout(20):
            response = await client.call(f"127.0.0.1:{port}", request, b"", replayable=False)
            return Outcome(ACCEPTED, f"{response.status} {(await response.read()).decode()}")
    except RpcError as error:
        if error.code == PERMISSION_DENIED:
            return Outcome(REFUSED_BY_POLICY, error.text)
        if error.code == UNAVAILABLE:
            return Outcome(REFUSED_IN_TLS, error.text)
        raise
    finally:
        await client.close()


@contextlib.contextmanager
def world(**settings: object) -> Iterator[World]:
    """A sentry on a loop of its own."""
    loop = Loop()
    sentry = FakeSentry(**settings)  # type: ignore[arg-type]
    try:
        loop.run(sentry.start())
        yield World(sentry, loop)
    finally:
        loop.run(sentry.stop())
        loop.close()


@contextlib.contextmanager
def announced(here: World, names: Path, app_id: str, port: int) -> Iterator[None]:
    """Let sidecars that share a table of names find an application at a port of this machine."""
    resolver = SQLiteResolver(ComponentContext("nr", "sqlite", "v1", app_id, "default"))

    async def announce() -> None:
        await resolver.init(Metadata({"connectionString": str(names)}))
        await resolver.register(Registration(app_id, "default", "127.0.0.1", port, 0, 0))

    here.loop.run(announce())
    try:
        yield
    finally:
        here.loop.run(resolver.close())


def until_line(process: Daprd, part: str, again: Callable[[], T], timeout: float = 30.0) -> T:
    """Do it until the process's log tells of it, since what strangers cause is written sparingly. The last outcome."""
    deadline = time.monotonic() + timeout
    shown = part.replace('"', '\\"')
    begun = len(process.lines)
    while True:
        outcome = again()
        with contextlib.suppress(AssertionError):
            process.wait_for_line(shown, 0.3, after=begun)
            return outcome
        if time.monotonic() > deadline:
            raise AssertionError(f"no line with {part!r}:\n{process.output}")


def write_pem(folder: Path, identity: Identity, *anchors: Authority) -> tuple[Path, Path, Path]:
    """Anchors, chain and key as files, for programs that take paths."""
    paths = folder / "anchors.pem", folder / "chain.pem", folder / "key.pem"
    contents = pem(*[each.certificate for each in anchors]), pem(*identity.chain), key_pem(identity.key)
    for path, content in zip(paths, contents, strict=True):
        path.write_bytes(content)
    return paths
