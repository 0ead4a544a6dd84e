"""Recorders of actors (actors-placement.md §3.13)."""

from __future__ import annotations

from dapr_core.telemetry.metrics import CounterChild
from daprd.metrics.declaring import Declared

_TYPE = ("app_id", "actor_type")
_FIRED = (*_TYPE, "success")


class ActorRecorder:
    """What becomes of the actors that live here."""

    def __init__(self, declared: Declared) -> None:
        self._app_id = declared.app_id
        counter, gauge, prefix = declared.counter, declared.gauge, "dapr_runtime_actor"
        self._pending = gauge(
            f"{prefix}_pending_actor_calls", "The number of pending actor calls waiting to acquire the per-actor lock.",
            _TYPE,
        )  # fmt: skip
        self._timers = gauge(f"{prefix}_timers", "The number of actor timers requests.", _TYPE)
        self._rebalanced = counter(f"{prefix}_rebalanced_total", "The number of the actors that left this host.", _TYPE)
        self._deactivated = counter(f"{prefix}_deactivated_total", "The number of deactivated actors.", _TYPE)
        self._failed = counter(
            f"{prefix}_deactivated_failed_total", "The number of failed deactivations of actors.", _TYPE
        )
        self._timers_fired = counter(f"{prefix}_timers_fired_total", "The number of timers that came.", _FIRED)
        self._reminders_fired = counter(f"{prefix}_reminders_fired_total", "The number of reminders that came.", _FIRED)
        self._waiting: dict[str, int] = {}
        self._known: dict[tuple[bool, str, bool], CounterChild] = {}

    def pending(self, actor_type: str, change: int) -> None:
        """Calls begin to wait for an actor's turn, or cease to."""
        waiting = self._waiting[actor_type] = self._waiting.get(actor_type, 0) + change
        self._pending.labels(self._app_id, actor_type).set(waiting)

    def timers(self, actor_type: str, count: int) -> None:
        """A type has so many timers now."""
        self._timers.labels(self._app_id, actor_type).set(count)

    def rebalanced(self, actor_type: str) -> None:
        """An actor left, for whatever reason."""
        self._rebalanced.labels(self._app_id, actor_type).inc()

    def deactivated(self, actor_type: str) -> None:
        """The application let an actor go."""
        self._deactivated.labels(self._app_id, actor_type).inc()

    def deactivation_failed(self, actor_type: str, reason: str) -> None:
        """The application did not let an actor go; the reason is no label of the family, as in the original."""
        self._failed.labels(self._app_id, actor_type).inc()

    def fired(self, timer: bool, actor_type: str, success: bool) -> None:
        """A timer or reminder was told."""
        key = timer, actor_type, success
        child = self._known.get(key)
        if child is None:
            family = self._timers_fired if timer else self._reminders_fired
            child = self._known[key] = family.labels(self._app_id, actor_type, "true" if success else "false")
        child.inc()
