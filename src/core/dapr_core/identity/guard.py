"""Keeps connections only as long as what admitted them holds.

A handshake proves an id once; a connection may live for days. It ends when the certificate that the peer showed has
expired, and at once when the anchor that vouched for it is withdrawn. So that no call is lost by that, a connection is
left a while before either end's certificate expires: those in flight go on there, new ones find another, on which both
ends show what they have by then. Clients leave earlier than servers send away, and not all at one moment.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Final, Protocol

from dapr_core.identity.bundle import TrustBundle
from dapr_core.identity.peer import AuthenticatedPeer

log = logging.getLogger("dapr.runtime.security")

_LONGEST: Final = 86_400.0
"""Seconds a timer is set for at most: the loop's clock stops while a machine sleeps, so long waits look again."""


class Guarded(Protocol):
    """A connection that can be ended."""

    def leave(self) -> None:
        """Take no new calls, and close once those in flight have ended."""

    def close(self, reason: str) -> None:
        """Close now, whatever is in flight."""


class Side(Enum):
    """Which end of a connection we are: how early it is left, as seconds and as a share of the time it has left."""

    CLIENT = (60.0, 0.15, 1.0)
    SERVER = (30.0, 0.1, 0.0)

    def lead(self, left: float, dice: float) -> float:
        """Seconds before the end of a connection, which has ``left`` seconds, at which it is left."""
        longest, share, spread = self.value
        return min(longest, left * share) * (1 + spread * dice)


@dataclass(slots=True)
class _Entry:
    """A connection, who is at its other end, when it is to be left (None: that is done), and its timer."""

    connection: Guarded
    peer: AuthenticatedPeer
    leave_at: float | None
    timer: asyncio.TimerHandle | None = None

    @property
    def ends_at(self) -> float:
        return self.peer.not_after.timestamp()


class ConnectionGuard:
    """The admitted connections of a process.

    Args:
        bundle: the anchors in force.
        now: seconds since the epoch.
        dice: random numbers from 0 to 1.
    """

    def __init__(
        self,
        bundle: TrustBundle,
        now: Callable[[], float] = time.time,
        dice: Callable[[], float] = random.random,
    ) -> None:
        self._bundle = bundle
        self._now = now
        self._dice = dice
        self._entries: dict[Guarded, _Entry] = {}

    def __len__(self) -> int:
        return len(self._entries)

    def admit(self, peer: AuthenticatedPeer, connection: Guarded, side: Side, own_end: float) -> None:
        """Watch a connection until ``forget``. ``own_end`` is when our own certificate ends, by which it was made."""
        now = self._now()
        left = min(peer.not_after.timestamp(), own_end) - now
        entry = _Entry(connection, peer, now + left - side.lead(left, self._dice()))
        self._entries[connection] = entry
        if peer.anchor and peer.anchor not in self._bundle:
            # The anchors changed between the handshake and now.
            asyncio.get_running_loop().call_soon(self._end, entry, _withdrawn(peer))
        self._set(entry)

    def forget(self, connection: Guarded) -> None:
        """The connection is gone."""
        entry = self._entries.pop(connection, None)
        if entry is not None:
            _cancel(entry)

    def trust(self, bundle: TrustBundle) -> None:
        """Trust these anchors from now on: connections that another one vouched for end."""
        self._bundle = bundle
        for entry in list(self._entries.values()):
            if entry.peer.anchor and entry.peer.anchor not in bundle:
                self._end(entry, _withdrawn(entry.peer))

    def close(self) -> None:
        """Watch nothing any more; connections stay as they are."""
        for entry in self._entries.values():
            _cancel(entry)
        self._entries.clear()

    def _set(self, entry: _Entry) -> None:
        due = entry.ends_at if entry.leave_at is None else entry.leave_at
        left = due - self._now()
        entry.timer = asyncio.get_running_loop().call_later(max(0.0, min(left, _LONGEST)), self._due, entry)

    def _due(self, entry: _Entry) -> None:
        now = self._now()
        if entry.ends_at <= now:
            self._end(entry, f"the certificate of {entry.peer.identity} has expired")
            return
        if entry.leave_at is not None and entry.leave_at <= now:
            entry.leave_at = None
            entry.connection.leave()
        if entry.connection in self._entries:
            self._set(entry)

    def _end(self, entry: _Entry, reason: str) -> None:
        if self._entries.get(entry.connection) is not entry:
            return
        self.forget(entry.connection)
        log.info("Closing a connection: %s", reason)
        entry.connection.close(reason)


def _cancel(entry: _Entry) -> None:
    if entry.timer is not None:
        entry.timer.cancel()


def _withdrawn(peer: AuthenticatedPeer) -> str:
    return f"the trust anchor that vouched for {peer.identity} has been withdrawn"
