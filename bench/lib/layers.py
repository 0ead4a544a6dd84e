"""The sidecar's work on an invocation over HTTP, one layer more at a time, made of the sidecar's own rooms.

``caller`` and ``callee`` give what a level does: the first level is the bare protocols, each further one adds what its
name says, and the last but the sidecar itself has everything that every call needs. Nothing here is an imitation: what
is left out is left out by the constructors' own arguments.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable
from typing import Final

from dapr_components.contract import ComponentContext, Metadata
from dapr_components.nameresolution.addresses import Addresses
from dapr_components.nameresolution.contract import NameResolver, Registration
from dapr_core.resources.configuration import ConfigurationSpec
from dapr_core.resources.settings import metric_settings
from dapr_core.rpc.deferred import Deferred
from dapr_core.rpc.grpc import CallListener, Channel, GrpcServer, ResponseListener, ServerStream, Status
from dapr_core.rpc.grpc.client import ClientConnection
from dapr_core.rpc.http1.client import HTTP1Client, Origin
from dapr_core.rpc.messages import Handler, Request, Response
from dapr_core.telemetry.metrics import Registry
from dapr_core.telemetry.tracing import TraceMode, Tracer
from daprd.api.grpc.internal import InternalService
from daprd.api.http import invoke
from daprd.api.http.server import ApiOptions, api_handler
from daprd.app.http import HttpAppChannel, HttpAppSettings
from daprd.blocks.invoke.envelope import Invocation
from daprd.blocks.invoke.external import HttpExternal
from daprd.blocks.invoke.inbound import Inbound
from daprd.blocks.invoke.remote import MeshRemote
from daprd.blocks.invoke.service import Invoker
from daprd.mesh import codec
from daprd.mesh.client import MeshClient
from daprd.mesh.resolve import Names
from daprd.metrics.recorders import Metrics
from daprd.policy.policies import ResiliencyPolicies
from daprd.policy.spec import PolicySet

CALLEE: Final = "callee"
PATH: Final = "/bench.Floor/Call"
_HEADERS: Final = [(b"content-type", b"application/octet-stream")]
_FOREVER: Final = 1e12


class _Answer(ResponseListener, Deferred[Response]):
    """One answer of the bare protocols."""

    __slots__ = ("_body",)

    def on_message(self, message: bytes) -> None:
        self._body = message

    def on_close(self, status: Status) -> None:
        self.settle(Response(200 if status.ok else 500, list(_HEADERS), self._body))


class _Call(CallListener):
    """One call of the bare protocols: the application is asked when its message is whole."""

    __slots__ = ("_client", "_message", "_origin", "_stream", "_task")

    def __init__(self, stream: ServerStream, client: HTTP1Client, origin: Origin) -> None:
        self._stream, self._client, self._origin = stream, client, origin
        self._message = b""
        self._task: asyncio.Task[None] | None = None

    def on_message(self, message: bytes) -> None:
        self._message = message

    def on_end(self) -> None:
        self._task = self._stream.server.loop.create_task(self._answer())

    async def _answer(self) -> None:
        response = await self._client.request(self._origin, Request("POST", b"/echo", _HEADERS, self._message))
        self._stream.send_message(await response.read())
        self._stream.finish()


class _Found(NameResolver):
    """Name resolution that has found the callee already, and keeps it as the default vendor does."""

    def __init__(self, address: str) -> None:
        super().__init__(ComponentContext("nr", "bench", "v1", "bench", "default"))
        self._addresses = Addresses()
        self._addresses.add(CALLEE, address, _FOREVER)

    async def init(self, metadata: Metadata) -> None:
        """Nothing to open."""

    async def register(self, registration: Registration) -> None:
        """Nobody to tell."""

    async def resolve(self, app_id: str, namespace: str) -> list[str]:
        """What was found."""
        return self.known(app_id, namespace)

    def known(self, app_id: str, namespace: str) -> list[str]:
        """The same at once."""
        return self._addresses.of(app_id, time.monotonic())

    async def close(self) -> None:
        """Nothing to close."""


async def caller(level: str, port: int) -> Handler:
    """The handler of a caller at a level; its callee listens on a loopback port."""
    address = f"127.0.0.1:{port}"
    if level == "protocols":
        return _bare(await Channel(address).connect())
    client = MeshClient()
    await client.connection(address)
    if level == "message":
        return _message(client, address)
    traced = level in ("trace", "metrics")
    metrics = _metrics() if level == "metrics" else None
    remote = MeshRemote(
        Names(lambda: resolver), client, app_id="caller", namespace="default", host_address="127.0.0.1",
        host_name="bench", tracing=traced, record=None if metrics is None else metrics.invocation,
    )  # fmt: skip
    resolver = _Found(address)
    if level == "names":
        return _named(remote)
    invoker = Invoker(
        app_id="caller", namespace="default", channel=lambda: None, remote=remote,
        external=HttpExternal(lambda name: None), policies=ResiliencyPolicies(PolicySet()), tracing=traced,
    )  # fmt: skip
    if level == "policies":
        return _guarded(invoker)
    read = invoke.handler(invoker.invoke)
    if level == "reading":
        return read
    return api_handler(
        [],
        ApiOptions(
            fallback=read,
            tracer=Tracer(TraceMode.PASS_ON) if traced else None,
            record=None if metrics is None else metrics.http_server,
        ),
    )


def _bare(connection: ClientConnection) -> Handler:
    def handle(request: Request) -> Awaitable[Response]:
        assert isinstance(request.body, bytes)
        answer = _Answer()
        connection.start(PATH, b"", answer, None).send_message(request.body, True)
        return answer

    return handle


def _message(client: MeshClient, address: str) -> Handler:
    """The message between sidecars, encoded for each call and sent as other sidecars know it; the answer decoded."""
    own = [(b"dapr-caller-app-id", b"caller"), (b"dapr-callee-app-id", b"callee")]

    def handle(request: Request) -> Response | Awaitable[Response]:
        assert isinstance(request.body, bytes)

        def encoded() -> tuple[bytes, bytes]:
            fields = request.headers + own
            return codec.encode_request(b"echo", codec.VERBS["POST"], fields, content_type=_HEADERS[0][1]), b""

        begun = client.begin(address, encoded, request.body)
        assert begun is not None
        return begun

    return handle


def _call(request: Request) -> Invocation:
    return Invocation("echo", request.method, request.headers, body=request.body, length=request.length)


def _named(remote: MeshRemote) -> Handler:
    """Also: where the callee is, who calls, what proxies left, and what becomes of an address that fails."""

    def handle(request: Request) -> Response | Awaitable[Response]:
        begun = remote.begin(CALLEE, "default", _call(request))
        assert begun is not None
        return begun

    return handle


def _guarded(invoker: Invoker) -> Handler:
    """Also: which of four kinds of target it is, its policy, the rules of headers, errors in words."""
    return lambda request: invoker.invoke(CALLEE, _call(request))


def callee(level: str, app_port: int) -> GrpcServer:
    """The server of a callee at a level, in front of the application."""
    server = GrpcServer()
    if level == "protocols":
        client, origin = HTTP1Client(), Origin("127.0.0.1", app_port)
        server.register(PATH, lambda stream: _Call(stream, client, origin))
        return server
    metrics = _metrics() if level == "metrics" else None
    channel = HttpAppChannel(
        HttpAppSettings(app_id=CALLEE, port=app_port),
        record=None if metrics is None else metrics.http_client.observe,
    )
    tracer = Tracer(TraceMode.OFF if level == "message" else TraceMode.PASS_ON)
    record = None if metrics is None else metrics.invocation
    InternalService(Inbound(lambda: channel, tracer, record=record)).register(server)
    return server


def _metrics() -> Metrics:
    return Metrics(Registry(), metric_settings(ConfigurationSpec()), app_id="bench", namespace="default")
