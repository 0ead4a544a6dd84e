"""The application channel over gRPC: the ``AppCallback`` services of the application (api.md §5.3).

While health checks say that the application is down, only probes leave. A failure that the application answers is an
answer; one that lies in between looks the same to gRPC, and is treated alike, as the original does.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar

from google.protobuf.message import DecodeError, Message

from dapr_core.proto.gen.common.v1 import common_pb2
from dapr_core.proto.gen.runtime.v1 import appcallback_pb2 as pb
from dapr_core.rpc.grpc.client_stream import encode_metadata
from dapr_core.rpc.grpc.status import Code, Status
from dapr_core.rpc.messages import Headers, Request, Response
from daprd.app import grpc_events as forms
from daprd.app import grpc_subscriptions
from daprd.app.connection import AppConnection
from daprd.app.contract import (
    AppAnswerError,
    AppChannel,
    AppChannelError,
    AppConfig,
    AppUnhealthyError,
    SubscriptionSpec,
    TopicEvent,
    Verdict,
)
from daprd.app.grpc_calls import AppCalls, Record, Reply
from daprd.app.shared import SharedHeaders
from daprd.app.slots import Slots
from daprd.grpcapp import GrpcAnswer, GrpcCall

if TYPE_CHECKING:
    from daprd.app.grpc_2020 import Edition2020

CALLBACK: Final = "/dapr.proto.runtime.v1.AppCallback/"
ALPHA: Final = "/dapr.proto.runtime.v1.AppCallbackAlpha/"
HEALTH: Final = "/dapr.proto.runtime.v1.AppCallbackHealthCheck/HealthCheck"
ON_INVOKE: Final = CALLBACK + "OnInvoke"

M = TypeVar("M", bound=Message)

_DELAYS: Final[Sequence[float]] = (0.5, 0.75, 1.0)
_log = logging.getLogger("dapr.runtime")

BindingReply = Callable[[pb.BindingEventResponse], Awaitable[None]]
"""Takes what an application wants done in answer to a binding's event: output bindings to call, state to save."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GrpcAppSettings:
    """How the application is treated.

    Attributes:
        protocol: ``grpc`` or ``grpcs``.
        max_concurrency: invocations at once; 0 or less for no limit.
        skipped: ``--disable-init-endpoints``: ``subscribe``.
        tracing: whether calls carry a trace context.
        probe_timeout: seconds for one health probe.
    """

    protocol: str = "grpc"
    max_concurrency: int = 0
    skipped: frozenset[str] = frozenset()
    tracing: bool = True
    probe_timeout: float = 0.5


class GrpcAppChannel(AppChannel):
    """One application. Create it inside a running loop.

    ``healthy`` is for whoever runs the health checks to set; without checks it stays true.
    """

    speaks_grpc = True

    def __init__(
        self,
        connection: AppConnection,
        settings: GrpcAppSettings,
        *,
        on_binding_reply: BindingReply | None = None,
        record: Record | None = None,
    ) -> None:
        self.protocol = settings.protocol
        self.healthy = True
        self._connection = connection
        self._settings = settings
        self._calls = AppCalls(connection, record)
        self._unrecorded = AppCalls(connection)
        self._on_binding_reply = on_binding_reply
        self._slots = Slots(settings.max_concurrency) if settings.max_concurrency > 0 else None
        self._bindings: frozenset[str] | None = None
        self._older: Edition2020 | None = None
        self._present = False
        """The application has answered a present ``OnInvoke``."""

    # -- what blocks ask

    async def invoke(self, request: Request) -> Response:
        """See ``AppChannel``; takes a ``GrpcCall`` and gives a ``GrpcAnswer``."""
        if not self.healthy:
            raise AppUnhealthyError
        assert isinstance(request, GrpcCall)
        slots = self._slots
        if slots is None:
            return _answer(await self._invoked(request.message, request.headers))
        await slots.take()
        try:
            return _answer(await self._invoked(request.message, request.headers))
        finally:
            slots.give()

    async def _invoked(self, message: bytes, headers: Headers) -> Reply:
        if self._older is not None and self._older.spoken:
            older = await self._older.invoke(message, self._connection.authorized(headers))
            assert older is not None
            return older
        reply = await self._calls.call(ON_INVOKE, message, self._metadata(headers))
        if reply.status.code == Code.UNIMPLEMENTED and not self._present:
            return await self._edition2020().invoke(message, self._connection.authorized(headers)) or reply
        self._present = True
        return reply

    def _metadata(self, headers: Headers) -> Headers | bytes:
        """A call's metadata with the application's token; those that calls share are encoded once."""
        if type(headers) is not SharedHeaders:
            return self._connection.authorized(headers)
        prepared = headers.prepared
        if prepared is None or prepared[0] is not self:
            block = encode_metadata(self._connection.authorized(headers))
            prepared = headers.prepared = (self, block)
        encoded: bytes = prepared[1]
        return encoded

    def _edition2020(self) -> Edition2020:
        """The older methods, loaded when an application does not know a present one."""
        if self._older is None:
            from daprd.app.grpc_2020 import Edition2020

            self._older = Edition2020(self._calls)
        return self._older

    async def topic_event(self, event: TopicEvent) -> Verdict:
        """See ``AppChannel``."""
        fields = forms.event_metadata(event.metadata, event.envelope, tracing=self._settings.tracing)
        if self._older is not None and self._older.events:
            self._require_healthy()
            reply = await self._older.topic_event(event, self._connection.authorized(fields))
            return Verdict.SUCCESS if reply.status.ok else forms.verdict_of_failure(reply.status, event.path)
        message = forms.topic_event_request(event).SerializeToString()
        reply = await self._told(CALLBACK + "OnTopicEvent", message, fields)
        if reply.status.ok:
            return forms.verdict_of(_read(pb.TopicEventResponse, reply).status)
        return forms.verdict_of_failure(reply.status, str(event.envelope.get("id", "")))

    async def bulk_topic_event(
        self, path: str, body: bytes, entry_ids: Sequence[str], metadata: Mapping[str, str]
    ) -> Mapping[str, Verdict]:
        """See ``AppChannel``. Applications of before the rpc left its alpha stage are asked by its old name."""
        message = forms.bulk_request(path, body).SerializeToString()
        fields = forms.event_metadata(metadata, metadata, tracing=self._settings.tracing)
        reply = await self._told(CALLBACK + "OnBulkTopicEvent", message, fields)
        if reply.status.code == Code.UNIMPLEMENTED:
            reply = await self._told(ALPHA + "OnBulkTopicEventAlpha1", message, fields)
        if reply.status.ok:
            return forms.bulk_verdicts(_read(pb.TopicEventBulkResponse, reply), entry_ids)
        return dict.fromkeys(entry_ids, forms.verdict_of_failure(reply.status, "of a batch"))

    async def binding_event(self, path: str, data: bytes, metadata: Mapping[str, str], name: str = "") -> bytes:
        """See ``AppChannel``. What the answer wants done besides is done before it is given."""
        request = pb.BindingEventRequest(name=name or path, data=data, metadata=forms.plain_metadata(metadata))
        fields = forms.trace_metadata(metadata, tracing=self._settings.tracing)
        reply = await self._told(CALLBACK + "OnBindingEvent", request.SerializeToString(), fields)
        if reply.status.code == Code.UNIMPLEMENTED:
            older = self._edition2020()
            reply = await older.binding_event(request.name, data, metadata, self._connection.authorized(fields))
            if reply.status.ok:
                return b""
        if not reply.status.ok:
            status = reply.status
            raise AppAnswerError(f"error invoking app: {forms.go_text(status)}", int(status.code))
        answer = _read(pb.BindingEventResponse, reply)
        if self._on_binding_reply is not None and (answer.to or answer.states):
            await self._on_binding_reply(answer)
        return answer.data

    async def wants_binding(self, path: str, name: str = "") -> bool:
        """See ``AppChannel``. The application is asked once for all of its bindings; an error means none."""
        if self._bindings is None:
            reply = await self._asked(CALLBACK + "ListInputBindings")
            self._bindings = frozenset()
            if reply.status.ok:
                self._bindings = frozenset(_read(pb.ListInputBindingsResponse, reply).bindings)
            elif reply.status.code == Code.UNIMPLEMENTED:
                self._bindings = await self._edition2020().bindings() or frozenset()
        return (name or path) in self._bindings

    async def subscriptions(self) -> list[SubscriptionSpec]:
        """See ``AppChannel``. An application without the method has none; any other failure is tried again."""
        if "subscribe" in self._settings.skipped:
            return []
        delays = iter(_DELAYS)
        while True:
            reply = await self._asked(CALLBACK + "ListTopicSubscriptions")
            if reply.status.ok:
                return grpc_subscriptions.specs(_read(pb.ListTopicSubscriptionsResponse, reply))
            if reply.status.code == Code.UNIMPLEMENTED:
                return await self._edition2020().topics() or []
            delay = next(delays, None)
            if delay is None:
                raise AppChannelError(f"error getting topics from app: {forms.go_text(reply.status)}")
            await asyncio.sleep(delay)

    async def config(self) -> AppConfig:
        """See ``AppChannel``. Applications that speak gRPC have no such settings."""
        return AppConfig()

    async def probe(self) -> bool:
        """See ``AppChannel``. Goes out without the token."""
        reply = await self._unrecorded.call(HEALTH, b"", [], self._settings.probe_timeout)
        return reply.status.ok

    async def close(self, grace: float = 0.0) -> None:
        """See ``AppChannel``; calls under way get ``grace`` seconds."""
        await self._connection.close(grace)

    # -- how a call leaves

    def _require_healthy(self) -> None:
        if not self.healthy:
            raise AppUnhealthyError

    async def _told(self, path: str, message: bytes, fields: Headers) -> Reply:
        self._require_healthy()
        return await self._calls.call(path, message, self._connection.authorized(fields))

    async def _asked(self, path: str) -> Reply:
        """A question of the start, which carries no token."""
        self._require_healthy()
        return await self._calls.call(path, b"", [])


def _answer(reply: Reply) -> GrpcAnswer:
    status = reply.status
    if not status.ok:
        details = forms.details_of(status)
        return GrpcAnswer(
            int(status.code), reply.headers, message=status.message, details=details, trailers=_trailers(status)
        )
    try:
        answer = common_pb2.InvokeResponse.FromString(reply.message)
    except DecodeError as error:
        raise AppChannelError(f"the app's answer to OnInvoke is no InvokeResponse: {error}") from None
    data = answer.data
    return GrpcAnswer(
        0,
        reply.headers,
        data.value,
        trailers=_trailers(status),
        content_type=answer.content_type.encode(),
        type_url=data.type_url.encode(),
    )


_STATUS_FIELDS: Final = frozenset({b"grpc-status", b"grpc-message", b"grpc-status-details-bin", b"content-type"})


def _trailers(status: Status) -> Headers:
    return [pair for pair in status.trailers if pair[0] not in _STATUS_FIELDS]


def _read(kind: type[M], reply: Reply) -> M:
    """The application's message. Raises ``AppChannelError`` for bytes that are none."""
    try:
        return kind.FromString(reply.message)
    except DecodeError as error:
        raise AppChannelError(f"the app answered with bytes that are no {kind.__name__}: {error}") from None
