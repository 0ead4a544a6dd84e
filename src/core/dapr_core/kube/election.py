"""Who of several replicas acts: the decisions of leader election on a Lease (``coordination.k8s.io/v1``). No I/O.

The rules are those of client-go, so that our replicas and Go's can stand for one Lease. Nobody compares clocks: a
follower counts from the moment when it saw the record change, and takes over when it has not changed for as long as
the record says. The holder counts from before it sent its last renewal and gives up earlier than that. Since the
record changes only after the renewal was sent, and is seen only after it changed, two never hold it, whatever the
network does, as long as a second is about as long here as there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

from dapr_core.kube.objects import Object, section, text

JITTER: Final = 1.2
"""By how much a wait between tries may be longer than asked for, as in client-go."""


class ElectionSettingsError(ValueError):
    """These times cannot keep two replicas apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ElectionSettings:
    """Times in seconds.

    Attributes:
        identity: who we are; no two replicas may have the same.
        lease_duration: for how long a holder that says nothing is left alone; whole seconds.
        renew_deadline: how long after its last renewal a holder stops to act.
        retry_period: how long to wait between two tries.
    """

    identity: str
    lease_duration: int = 15
    renew_deadline: float = 10.0
    retry_period: float = 2.0

    def __post_init__(self) -> None:
        if not self.identity:
            raise ElectionSettingsError("a replica needs an identity to stand for a lease")
        if not self.lease_duration > self.renew_deadline > self.retry_period * JITTER > 0:
            raise ElectionSettingsError(
                f"the lease duration ({self.lease_duration} s) must be longer than the renew deadline "
                f"({self.renew_deadline:g} s), and that longer than {JITTER:g} retry periods ({self.retry_period:g} s)"
            )


@dataclass(frozen=True, slots=True)
class Record:
    """The ``spec`` of a Lease.

    Attributes:
        holder: who holds it; empty when it was released.
        duration: for how many seconds.
        acquired, renewed: when, by the holder's clock; for people only.
        transitions: how often it has changed hands.
    """

    holder: str = ""
    duration: int = 0
    acquired: str = ""
    renewed: str = ""
    transitions: int = 0

    @classmethod
    def of(cls, lease: Object) -> Record:
        """Read it; what is missing or no number is as nothing."""
        spec = section(lease, "spec")
        return cls(
            text(spec, "holderIdentity"),
            _number(spec.get("leaseDurationSeconds")),
            text(spec, "acquireTime"),
            text(spec, "renewTime"),
            _number(spec.get("leaseTransitions")),
        )

    @property
    def spec(self) -> dict[str, Any]:
        """As it is written."""
        return {
            "holderIdentity": self.holder,
            "leaseDurationSeconds": self.duration,
            "acquireTime": self.acquired,
            "renewTime": self.renewed,
            "leaseTransitions": self.transitions,
        }


class Election:
    """One replica's view. ``now`` is seconds of a clock that never goes back, ``wall`` the time of day."""

    def __init__(self, settings: ElectionSettings) -> None:
        self.settings = settings
        self._seen: Record | None = None
        self._seen_version = ""
        self._seen_at = 0.0
        self._held_since: float | None = None

    @property
    def holder(self) -> str:
        """Who held the lease when it was last seen; empty for nobody."""
        return "" if self._seen is None else self._seen.holder

    def leads(self, now: float) -> bool:
        """Whether this replica may act."""
        return self._held_since is not None and now < self._held_since + self.settings.renew_deadline

    @property
    def until(self) -> float | None:
        """When it must stop to act unless it renews; None when it does not hold the lease."""
        return None if self._held_since is None else self._held_since + self.settings.renew_deadline

    def saw(self, record: Record | None, version: str, now: float) -> None:
        """The lease was read: None when there is none.

        A renewal is told by the resourceVersion: a holder whose clock stands still writes the same record again.
        """
        if record is None or version != self._seen_version or record != self._seen:
            self._seen, self._seen_version, self._seen_at = record, version, now
        if record is None or record.holder != self.settings.identity:
            self._held_since = None

    def attempt(self, now: float, wall: datetime) -> Record | None:
        """What to write over the record that was seen, to get or to keep the lease; None while another one holds it."""
        seen = self._seen
        mine = seen is not None and seen.holder == self.settings.identity
        if seen is not None and seen.holder and not mine and now < self._seen_at + self._duration(seen):
            return None
        time = _micro(wall)
        if seen is not None and mine:
            return replace(seen, duration=self.settings.lease_duration, renewed=time)
        transitions = 0 if seen is None else seen.transitions + 1
        return Record(self.settings.identity, self.settings.lease_duration, time, time, transitions)

    def wrote(self, record: Record, version: str, sent: float, now: float) -> None:
        """The server has taken it; ``sent`` is when the request was about to leave."""
        self._seen, self._seen_version, self._seen_at = record, version, now
        self._held_since = sent if record.holder == self.settings.identity else None

    def release(self, wall: datetime) -> Record | None:
        """What to write so that others need not wait; None when there is nothing to release. We act no more."""
        held, self._held_since = self._held_since, None
        if held is None or self._seen is None:
            return None
        return replace(self._seen, holder="", duration=1, renewed=_micro(wall))

    def _duration(self, record: Record) -> float:
        return record.duration if record.duration > 0 else self.settings.lease_duration


def _micro(wall: datetime) -> str:
    """Kubernetes' ``MicroTime``."""
    return wall.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _number(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else 0
