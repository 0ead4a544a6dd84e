"""What metrics want to know of resiliency (observability.md §8)."""

from __future__ import annotations

from typing import Literal, Protocol, TypeAlias

from daprd.policy.breaker import State
from daprd.policy.contract import Direction

PolicyKind: TypeAlias = Literal["timeout", "retry", "circuitbreaker"]


class PolicyObserver(Protocol):
    """Told of policies as they apply.

    ``target`` is a metric's label: ``app_<id>``, ``actor_<type>`` or ``<kind>_<name>``.

    ``status`` is the breaker's state, and empty for time-outs and retries.
    """

    def applied(self, policy: PolicyKind, direction: Direction, target: str, status: str) -> None:
        """A policy guards a call (``dapr_resiliency_count``)."""

    def activated(self, policy: PolicyKind, direction: Direction, target: str, status: str) -> None:
        """A retry or time-out struck, or a breaker changed its state (``dapr_resiliency_activations_total``)."""

    def breaker(self, direction: Direction, target: str, state: State) -> None:
        """The breaker's state now (``dapr_resiliency_cb_state``)."""
