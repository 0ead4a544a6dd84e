"""Where a foreign gRPC call goes, and with which metadata (api.md §3.8).

A call of a service that the sidecar does not know names its application in its metadata. That of the own application
goes straight to its port; any other to the application's sidecar, which hands it on. No message is looked at.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from dapr_core.rpc.grpc.client import ClientConnection
from dapr_core.rpc.grpc.status import Code, GrpcError
from dapr_core.rpc.messages import Headers, Peer
from dapr_core.telemetry.tracecontext import SpanContext
from daprd.app.connection import TOKEN_HEADER, AppConnection
from daprd.blocks.invoke import headers as rules
from daprd.blocks.invoke import metadata
from daprd.blocks.invoke.appids import AppIdError, parse_app_id
from daprd.blocks.invoke.inbound import Authorize, caller_of
from daprd.blocks.invoke.method import MethodError, normalise
from daprd.mesh.client import MeshClient
from daprd.mesh.errors import RECONNECT, ResolveError, RpcError
from daprd.mesh.resolve import Names
from daprd.policy.contract import Policies, Policy

NO_TARGET: Final = "cannot proxy request: missing dapr-callee-app-id or dapr-app-id metadata"
STREAM: Final = b"dapr-stream"

_HOP: Final = frozenset(
    {
        b"content-type",
        b"user-agent",
        b"te",
        b"host",
        b"grpc-timeout",
        b"grpc-encoding",
        b"grpc-accept-encoding",
        TOKEN_HEADER,
        rules.APP_ID,
    }
)
"""Fields of the caller's own connection or meant for its sidecar: they go no further."""


class Plan:
    """One call's way: ``address`` is that of a sidecar once it is known, None for the own application.

    ``streaming``: the caller says that the call has no foreseeable end, so a policy covers its beginning only.
    """

    __slots__ = ("app_id", "local", "metadata", "namespace", "policy", "streaming")

    def __init__(
        self, app_id: str, namespace: str, local: bool, fields: Headers, policy: Policy | None, streaming: bool
    ) -> None:
        self.app_id = app_id
        self.namespace = namespace
        self.local = local
        self.metadata = fields
        self.policy = policy
        self.streaming = streaming


class Proxying:
    """The ways of one sidecar's proxied calls.

    Args:
        app: the connection to the own application, None while there is none.
        authorize: asked before a call reaches the application.
    """

    def __init__(
        self,
        *,
        app_id: str,
        namespace: str,
        app: Callable[[], AppConnection | None],
        names: Names,
        mesh: MeshClient,
        policies: Policies,
        tracing: bool = True,
        authorize: Authorize | None = None,
    ) -> None:
        self._app_id = app_id
        self._namespace = namespace
        self._app = app
        self._names = names
        self._mesh = mesh
        self._policies = policies
        self._tracing = tracing
        self._authorize = authorize

    def from_client(self, path: str, fields: Headers, span: SpanContext | None) -> Plan:
        """The way of a call that the own application, or another client of the API, makes. Raises ``GrpcError``."""
        target = _target(fields)
        try:
            app_id, namespace = parse_app_id(target, self._namespace)
        except AppIdError as error:
            raise GrpcError(Code.UNKNOWN, str(error)) from error
        # Who calls and who is called is for sidecars to say.
        kept = [pair for pair in fields if pair[0] not in _HOP and pair[0] not in rules.IDENTITY]
        policy = self._policies.app(app_id, namespace=namespace, method=path)
        local = app_id == self._app_id and namespace == self._namespace
        if local:
            self._admit(path, None)
        else:
            kept = [pair for pair in kept if pair[0] not in metadata.CONTEXT]
            kept += [(rules.CALLER_APP_ID, self._app_id.encode()), (rules.CALLEE_APP_ID, app_id.encode())]
            if self._tracing:
                kept += metadata.context_fields(span)
        return Plan(app_id, namespace, local, kept, policy, _is_stream(fields))

    def from_sidecar(self, path: str, fields: Headers, peer: Peer | None) -> Plan:
        """The way of a call that another sidecar hands on: to the own application only. Raises ``GrpcError``."""
        target = _target(fields)
        if target.partition(".")[0] != self._app_id:
            raise GrpcError(Code.UNAVAILABLE, f"this sidecar serves {self._app_id}, not {target}; resolve it anew")
        self._admit(path, peer)
        kept = [pair for pair in fields if pair[0] not in _HOP]
        if peer is not None and peer.spiffe_id is not None:
            # Under mutual TLS the caller is who it has proved to be, whatever it says of itself.
            kept = [pair for pair in kept if pair[0] not in rules.CALLER]
            kept += caller_of(peer.spiffe_id).items()
        return Plan(self._app_id, self._namespace, True, kept, None, _is_stream(fields))

    def _admit(self, path: str, peer: Peer | None) -> None:
        try:
            method = normalise(path)
            if self._authorize is not None:
                self._authorize("/" + method, "NONE", peer)
        except MethodError as error:
            raise GrpcError(Code.INVALID_ARGUMENT, str(error)) from error
        except RpcError as failure:
            raise GrpcError(Code(failure.code), failure.text) from failure

    def ready(self, plan: Plan) -> ClientConnection | None:
        """A connection for a call, if one is to be had at once."""
        if not plan.local:
            address = self._names.known(plan.app_id, plan.namespace)
            return None if address is None else self._mesh.ready(address, (plan.app_id, plan.namespace))
        app = self._app()
        return None if app is None else app.channel.connection

    async def connect(self, plan: Plan) -> ClientConnection:
        """A connection for a call. Raises ``GrpcError``."""
        if plan.local:
            app = self._app()
            if app is None:
                raise GrpcError(Code.INTERNAL, "app channel is not initialized")
            return await app.channel.connect()
        try:
            address = await self._names.resolve(plan.app_id, plan.namespace)
        except ResolveError as error:
            raise GrpcError(Code.UNKNOWN, str(error)) from error
        try:
            return await self._mesh.connection(address, (plan.app_id, plan.namespace))
        except RpcError as failure:
            if failure.code in RECONNECT:
                self._names.forget(plan.app_id, plan.namespace, address)
            raise GrpcError(Code(failure.code), failure.text, unprocessed=True) from failure

    def fields(self, plan: Plan) -> Headers:
        """A call's metadata on its next connection."""
        app = self._app() if plan.local else None
        return plan.metadata if app is None else app.authorized(plan.metadata)


def _target(fields: Headers) -> str:
    callee = app_id = b""
    for name, value in fields:
        if name == rules.CALLEE_APP_ID:
            callee = callee or value
        elif name == rules.APP_ID:
            app_id = app_id or value
    if not (callee or app_id):
        raise GrpcError(Code.UNKNOWN, NO_TARGET)
    return (callee or app_id).decode("utf-8", "replace")


def _is_stream(fields: Headers) -> bool:
    return any(name == STREAM and value.lower() == b"true" for name, value in fields)


def content_type(fields: Headers) -> bytes | None:
    """How the application has coded its messages, which nobody on the way looks at."""
    for name, value in fields:
        if name == b"content-type":
            return value
    return None


def answer_fields(fields: Headers) -> Headers:
    """Metadata or trailers of an answer as the caller gets them: without those of the connection they came by."""
    return [pair for pair in fields if pair[0] not in _ANSWER]


_ANSWER: Final = frozenset(
    {
        b"content-type",
        b"grpc-encoding",
        b"grpc-accept-encoding",
        b"grpc-status",
        b"grpc-message",
        b"grpc-status-details-bin",
    }
)
