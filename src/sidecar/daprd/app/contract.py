"""The contract of the application channel (api.md §5): what a block may ask of the user's application.

Every method raises ``AppChannelError`` when the application cannot be reached or is not healthy; whatever the
application itself answers is a value. Each protocol (HTTP now, gRPC with its issue) is one implementation.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from dapr_core.rpc.deferred import Deferred, detoured
from dapr_core.rpc.messages import Request, Response


class AppChannelError(Exception):
    """The application did not answer: connection refused or broken, time-out, or an unhealthy application."""


class AppUnhealthyError(AppChannelError):
    """Health checks found the application unhealthy, so nothing is sent to it."""

    def __init__(self) -> None:
        super().__init__("app is not in a healthy state")


class AppAnswerError(AppChannelError):
    """The application answered an event with a failure that may pass: retried as the policy's ``matching`` says.

    ``code`` is the HTTP status (or the gRPC code of an application that speaks gRPC).
    """

    def __init__(self, message: str, code: int) -> None:
        self.code = code
        super().__init__(message)


class Verdict(StrEnum):
    """What the application said about a message."""

    SUCCESS = "SUCCESS"
    RETRY = "RETRY"
    DROP = "DROP"


@dataclass(frozen=True, slots=True)
class Rule:
    """A routing rule of a subscription: a CEL expression ("" matches always) and the path it leads to."""

    match: str
    path: str


@dataclass(frozen=True, slots=True)
class SubscriptionSpec:
    """A subscription, wherever it was declared. ``rules`` end with the default route, if there is one."""

    pubsub: str
    topic: str
    rules: tuple[Rule, ...]
    dead_letter_topic: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)
    bulk_enabled: bool = False
    bulk_max_messages: int = 0
    bulk_max_await_ms: int = 0
    kind: str = "PROGRAMMATIC"
    name: str = ""


@dataclass(slots=True)
class TopicEvent:
    """A message on its way to the application: the CloudEvent (or raw envelope) and the bytes to send."""

    path: str
    pubsub: str
    topic: str
    envelope: Mapping[str, Any]
    body: bytes
    content_type: str
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AppConfig:
    """What ``GET /dapr/config`` said (api.md §5.2); the raw JSON object, for the actors issue to read."""

    values: Mapping[str, Any] = field(default_factory=dict)


class EventReceiver(Protocol):
    """Who takes the messages of a topic one by one: an application, or a client that reads a stream."""

    async def topic_event(self, event: TopicEvent) -> Verdict:
        """Deliver one message. Raises ``AppChannelError`` (retry) when no verdict can be had."""


class AppChannel(ABC):
    """One application. ``protocol`` is the value of ``--app-protocol``.

    ``speaks_grpc`` says what ``invoke`` takes and gives: ``GrpcCall`` and ``GrpcAnswer`` (``daprd.grpcapp``), or plain
    requests and responses of HTTP. ``healthy`` is set by whoever runs the health checks; while it is False only probes
    leave.
    """

    protocol: str
    speaks_grpc: bool = False
    healthy: bool = True

    @abstractmethod
    async def invoke(self, request: Request) -> Response:
        """Service invocation: ``request.target`` is ``/method?query``; headers are those the application shall see."""

    def begin(self, request: Request) -> Deferred[Response]:
        """What ``invoke`` does, told instead of awaited: without a task where nothing has to be waited for but the
        answer. What ``invoke`` raises is raised or is the outcome."""
        return detoured(self.invoke(request))

    @abstractmethod
    async def topic_event(self, event: TopicEvent) -> Verdict:
        """Deliver one message. Raises ``AppChannelError`` (retry) when no verdict can be had."""

    @abstractmethod
    async def bulk_topic_event(
        self, path: str, body: bytes, entry_ids: Sequence[str], metadata: Mapping[str, str]
    ) -> Mapping[str, Verdict]:
        """Deliver a batch (an envelope of entries, already JSON); a verdict per entry id."""

    @abstractmethod
    async def binding_event(self, path: str, data: bytes, metadata: Mapping[str, str], name: str = "") -> bytes:
        """Deliver an input binding's event; the application's answer. A status outside 2xx raises.

        HTTP applications know the binding by its ``path``, those that speak gRPC by its ``name``.
        """

    @abstractmethod
    async def wants_binding(self, path: str, name: str = "") -> bool:
        """Whether the application takes events of an input binding at this path (``OPTIONS`` on HTTP)."""

    @abstractmethod
    async def subscriptions(self) -> list[SubscriptionSpec]:
        """Programmatic subscriptions (``GET /dapr/subscribe`` on HTTP). Retried inside as documented."""

    @abstractmethod
    async def config(self) -> AppConfig:
        """The application's own settings (``GET /dapr/config`` on HTTP)."""

    @abstractmethod
    async def probe(self) -> bool:
        """One health probe; never raises for an application that is merely down."""

    @abstractmethod
    async def close(self) -> None:
        """Close the pooled connections once what is in flight has ended."""
