"""The retry policies that Dapr brings along (crds-helm-config.md §3.5)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from daprd.policy.retry import NO_LIMIT, RetrySpec

SERVICE: Final = "DaprBuiltInServiceRetries"
ACTOR: Final = "DaprBuiltInActorRetries"
ACTOR_REMINDER: Final = "DaprBuiltInActorReminderRetries"
INITIALIZATION: Final = "DaprBuiltInInitializationRetries"
ACTOR_NOT_FOUND: Final = "DaprBuiltInActorNotFoundRetries"

BUILT_IN: Final[Mapping[str, RetrySpec]] = {
    SERVICE: RetrySpec(duration=1.0, max_retries=3),
    ACTOR: RetrySpec(duration=1.0, max_retries=3),
    ACTOR_REMINDER: RetrySpec(policy="exponential", max_retries=NO_LIMIT),
    INITIALIZATION: RetrySpec(policy="exponential", max_interval=1.0, max_retries=3, max_elapsed=10.0),
    ACTOR_NOT_FOUND: RetrySpec(duration=1.0, max_retries=5),
}

BUILT_IN_MINIMUM: Final = 3
"""A resource that redefines a built-in policy cannot go below this many retries."""

PROTECTED: Final = frozenset((ACTOR_NOT_FOUND,))
"""Built-in policies that no resource can change."""

RECONNECT_CODES: Final = frozenset((14, 16))
"""gRPC Unavailable and Unauthenticated: what the built-in retries of service invocation are for."""
