"""Says in the log why a handshake failed on our side; asyncio and uvloop keep that to themselves.

Strangers can fail as often as they like, so a line is written at most once a second, with the number of those left out.
"""

from __future__ import annotations

import logging
import ssl
import time
from collections.abc import Callable
from typing import Final

from dapr_core.rpc.tls import handshake_failure

log = logging.getLogger("dapr.runtime.security")

MOST: Final = 8
"""Different lines a second: as many as there are usual reasons."""


class Sparing:
    """Writes a line at most once a second, and few different ones. ``now`` gives seconds of a clock that never goes
    back."""

    def __init__(self, now: Callable[[], float] = time.monotonic, logger: logging.Logger = log) -> None:
        self._now = now
        self._log = logger
        self._until = float("-inf")
        self._told: set[str] = set()
        self._left_out = 0

    def tell(self, text: str) -> None:
        """Write the line, or count it."""
        now = self._now()
        if now >= self._until:
            self._until = now + 1.0
            self._told.clear()
        if text in self._told or len(self._told) >= MOST:
            self._left_out += 1
            return
        self._told.add(text)
        more = f" (and {self._left_out} more since the last line)" if self._left_out else ""
        self._left_out = 0
        self._log.warning("%s%s", text, more)


_clients = Sparing()
_servers = Sparing()


def tell_client_refused(reason: str) -> None:
    """A client is not let in, in the handshake or right after it."""
    _clients.tell(f"Refused a TLS connection: {reason}")


def tell_server_refused(reason: str) -> None:
    """A server that we have called is not the right one, or not one at all."""
    _servers.tell(f"Cannot connect by TLS: {reason}")


class TellingSSLObject(ssl.SSLObject):
    """A TLS connection that reports its failed handshake; set it as a context's ``sslobject_class``."""

    def do_handshake(self) -> None:
        try:
            super().do_handshake()
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            raise
        except ssl.SSLError as error:
            if self.server_side:
                tell_client_refused(handshake_failure(error))
            else:
                tell_server_refused(handshake_failure(error))
            raise
