"""What a server and its connections ask of each other, whichever HTTP a connection speaks.

Types only: nothing here runs.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from dapr_core.rpc.http1.heads import HeadMemory
from dapr_core.rpc.http1.limits import Limits
from dapr_core.rpc.messages import Handler, Request

if TYPE_CHECKING:
    from dapr_core.rpc.http1.connection import ServerConnection
    from dapr_core.rpc.http2.connection import HTTP2Connection


class Served(Protocol):
    """A connection as its server sees it."""

    watched: tuple[str, int]
    watched_since: float

    def condition(self) -> tuple[str, int]:
        """What it is at and how far."""

    def tend(self, now: float) -> None:
        """End what of its work stays at the same point for too long; ``now`` is in loop time."""

    def drain(self) -> None:
        """Finish what is under way, then close."""

    def kill(self) -> None:
        """Close at once."""


class ConnectionHost(Protocol):
    """What a connection needs of its server."""

    handler: Handler
    limits: Limits
    memory: HeadMemory
    loop: asyncio.AbstractEventLoop
    draining: bool
    on_error: Callable[[BaseException, Request], None]
    h2_factory: Callable[[], asyncio.Protocol] | None
    http2: bool

    def opened(self, connection: Served) -> bool:
        """Register; False if there are too many connections."""

    def closed(self, connection: Served) -> None:
        """Forget."""

    def succeed(self, connection: ServerConnection) -> HTTP2Connection:
        """The HTTP/2 connection that takes this one's place."""
