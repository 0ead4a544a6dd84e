"""Keeps connections only as long as what admitted them holds.

A handshake proves an id once; a connection may live for days. It ends when the certificate that the peer showed has
expired, and at once when the anchor that vouched for it is withdrawn.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Final

from dapr_core.identity.bundle import TrustBundle
from dapr_core.identity.peer import AuthenticatedPeer

log = logging.getLogger("dapr.runtime.security")

Close = Callable[[str], None]
"""Ends a connection; gets the reason."""

_LONGEST: Final = 86_400.0
"""Seconds a timer is set for at most: the loop's clock stops while a machine sleeps, so long waits look again."""


class ConnectionGuard:
    """The admitted connections of a process. ``now`` gives seconds since the epoch."""

    def __init__(self, bundle: TrustBundle, now: Callable[[], float] = time.time) -> None:
        self._bundle = bundle
        self._now = now
        self._admitted: dict[Close, tuple[AuthenticatedPeer, asyncio.TimerHandle]] = {}

    def __len__(self) -> int:
        return len(self._admitted)

    def admit(self, peer: AuthenticatedPeer, close: Close) -> None:
        """Watch a connection until ``forget``; ``close`` is called once, when it must end."""
        self._admitted[close] = (peer, self._timer(peer, close))

    def forget(self, close: Close) -> None:
        """The connection is gone."""
        entry = self._admitted.pop(close, None)
        if entry is not None:
            entry[1].cancel()

    def trust(self, bundle: TrustBundle) -> None:
        """Trust these anchors from now on: connections that another one vouched for end."""
        self._bundle = bundle
        for close, (peer, _timer) in list(self._admitted.items()):
            if peer.anchor and peer.anchor not in bundle:
                self._end(close, f"the trust anchor that vouched for {peer.identity} has been withdrawn")

    def close(self) -> None:
        """Watch nothing any more; connections stay as they are."""
        for _peer, timer in self._admitted.values():
            timer.cancel()
        self._admitted.clear()

    def _timer(self, peer: AuthenticatedPeer, close: Close) -> asyncio.TimerHandle:
        left = peer.not_after.timestamp() - self._now()
        return asyncio.get_running_loop().call_later(max(0.0, min(left, _LONGEST)), self._due, close)

    def _due(self, close: Close) -> None:
        peer, _timer = self._admitted[close]
        if peer.not_after.timestamp() > self._now():
            self._admitted[close] = (peer, self._timer(peer, close))
        else:
            self._end(close, f"the certificate of {peer.identity} has expired")

    def _end(self, close: Close, reason: str) -> None:
        self.forget(close)
        log.info("Closing a connection: %s", reason)
        close(reason)
