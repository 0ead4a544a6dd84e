"""Whoever runs actors for this sidecar: an application, a stream that it has opened, or a part of the process itself.

A host knows nothing of tables, turns and time; it is told what to do with one actor, when it is that actor's turn.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Final

from mypy_extensions import mypyc_attr

from dapr_core.rpc.deferred import Deferred, detoured
from dapr_core.rpc.messages import Headers

REENTRANCY: Final = b"dapr-reentrancy-id"
DEACTIVATION: Final = 60.0
"""Seconds that an application may take to let an actor go; a round of placement waits for it."""
ERROR_HEADER: Final = b"x-daprerrorresponseheader"
"""On an answer: the application itself says that the call failed, and the answer is the caller's to read."""


class HostError(Exception):
    """The host did not do it; the text is for the caller. ``reason`` is how metrics name it."""

    def __init__(self, text: str, reason: str = "invoke") -> None:
        super().__init__(text)
        self.reason = reason


class PermanentHostError(HostError):
    """Another try would end the same way."""


class HostGoneError(HostError):
    """There is nobody to run the actor."""


class NotHostedError(HostError):
    """The type is not hosted here any more; another host, or this one, may have it in a moment."""

    def __init__(self, actor_type: str) -> None:
        super().__init__(f"actor type {actor_type} is not hosted here any more")


@dataclass(slots=True)
class ActorCall:
    """A method to be called.

    Attributes:
        actor_type, actor_id, method: which.
        data, content_type: the body, and what it says it is.
        headers: for the application, names in lower case.
        query: of the caller's URL.
        reentrancy_id: of the turn that the call belongs to; empty where there is none.
        spelling: names of headers as a client of gRPC wrote them; None where the client speaks HTTP.
    """

    actor_type: str
    actor_id: str
    method: str
    data: bytes = b""
    content_type: bytes = b""
    headers: Headers = field(default_factory=list)
    query: bytes = b""
    reentrancy_id: str = ""
    spelling: Mapping[bytes, bytes] | None = None


@dataclass(slots=True)
class ActorAnswer:
    """What the actor answered.

    Attributes:
        failed: whether the application calls it a failure (``ERROR_HEADER``).
        status, type_url: of the answers that parts of the runtime give each other: an HTTP status, and what the body
            is a message of.
    """

    data: bytes = b""
    content_type: bytes = b""
    headers: Headers = field(default_factory=list)
    failed: bool = False
    status: int = 200
    type_url: bytes = b""


@dataclass(frozen=True, slots=True)
class Firing:
    """A timer or reminder whose time has come.

    Attributes:
        name: its name.
        data: JSON text; None where there is none.
        due_time, period: as they were written.
        callback: method that a timer names; None for reminders, and for timers whose registration is elsewhere.
        is_timer: which of the two it is.
        skip_lock: an actor of this process is told of it beside its turns; others know only turns.
    """

    actor_type: str
    actor_id: str
    name: str
    data: bytes | None = None
    due_time: str = ""
    period: str = ""
    callback: str | None = None
    is_timer: bool = False
    skip_lock: bool = False

    @property
    def turn_name(self) -> str:
        """How errors name it."""
        return f"{'timer' if self.is_timer else 'remind'}/{self.name}"


@mypyc_attr(allow_interpreted_subclasses=True)
class ActorHost(ABC):
    """Runs actors. Every method may raise ``HostError``.

    ``in_process``: it is a part of the runtime, whose types come and go without a word of the application.
    """

    in_process: ClassVar[bool] = False

    @abstractmethod
    async def invoke(self, call: ActorCall) -> ActorAnswer:
        """Call a method."""

    def begin(self, call: ActorCall) -> Deferred[ActorAnswer]:
        """The same, told instead of awaited: for hosts that need no task for it."""
        return detoured(self.invoke(call))

    @abstractmethod
    async def fire(self, firing: Firing) -> bool:
        """Tell of a timer or reminder; whether the application asks for it not to come again."""

    def stream(self, call: ActorCall) -> AsyncGenerator[ActorAnswer, None]:
        """Call a method that answers again and again, beside the actor's turns. Applications have none."""
        raise HostError("not implemented")

    def takes_turn(self, method: str) -> bool:
        """Whether a call of this method waits for the actor's turn. Asked of hosts in this process only."""
        return True

    @abstractmethod
    async def deactivate(self, actor_type: str, actor_id: str) -> None:
        """The actor is gone from here: let its memory go too."""
