"""When a call that failed is made again, and how long to wait before (gRPC proposal A6, "Client Retries").

A call is repeated only while nothing of its answer has come: what the server began to say cannot be unsaid. The server
has the last word by ``grpc-retry-pushback-ms``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from dapr_core.rpc.grpc.status import Code, Status

PUSHBACK = b"grpc-retry-pushback-ms"
PREVIOUS_ATTEMPTS = b"grpc-previous-rpc-attempts"


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """How often, and after which codes; times in seconds. ``attempts`` counts the first one too."""

    attempts: int = 4
    initial_backoff: float = 0.1
    max_backoff: float = 5.0
    multiplier: float = 2.0
    codes: frozenset[Code] = frozenset({Code.UNAVAILABLE})

    def delay(self, status: Status, made: int, random: Callable[[], float]) -> float | None:
        """Seconds to wait before the next attempt after ``made`` of them; None to give up.

        A call that the server never looked at is repeated at once the first time, whatever the codes say.
        """
        if made >= self.attempts:
            return None
        if status.unprocessed and made == 1:
            return 0.0
        if status.code not in self.codes and not status.unprocessed:
            return None
        for name, value in status.trailers:
            if name == PUSHBACK:
                return int(value) / 1000 if value.isdigit() and len(value) <= 10 else None
        return random() * min(self.initial_backoff * self.multiplier ** (made - 1), self.max_backoff)


TRANSPARENT = RetryPolicy(attempts=2, codes=frozenset())
"""What every call gets without asking: one more attempt if the server never looked at the first."""
