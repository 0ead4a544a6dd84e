"""Where an authority lies: what the commands ask of a folder and of a cluster alike."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from types import TracebackType
from typing import Self

from dapr_cli.command import Failure
from dapr_core.identity.roots import SKEW, Names
from dapr_core.identity.rotation.checking import Holder
from dapr_core.identity.rotation.store import TrustStore
from dapr_core.timing.duration import InvalidDurationError, parse_seconds

DAY = timedelta(hours=24)
"""How long workload certificates live when nobody says otherwise (control-plane.md §1.8)."""


@dataclass(frozen=True, slots=True)
class Lives:
    """Times of the Configuration: how long certificates of workloads live, and by how much clocks may differ."""

    leaf: timedelta = DAY
    skew: timedelta = SKEW

    @classmethod
    def of(cls, leaf: str, skew: str) -> Lives:
        """From the texts of a Configuration; empty ones are the defaults. Raises Failure."""
        return cls(duration(leaf, "workloadCertTTL") if leaf else DAY, duration(skew, "allowedClockSkew", SKEW))


class Place(ABC):
    """One authority.

    Attributes:
        where: how messages name the place.
        again: how the command that goes on with a rotation is called here.
        store: its credentials.
        propagation: how long anchors take to everybody who follows them.
        lives: see there.
        names: what to call root and issuer when there are none to take the names from.
    """

    where: str
    again: str
    store: TrustStore
    propagation: timedelta
    lives: Lives
    names: Names

    @abstractmethod
    def holders(self) -> Sequence[Holder]:
        """Who can be seen to trust anchors. Raises Failure."""

    @abstractmethod
    def mtls_enabled(self) -> bool:
        """Whether sidecars are to speak mutual TLS. Raises Failure."""

    def unconfirmed(self) -> str:
        """Why it is not sure that what the store holds is in force, as far as that can be seen; empty when it is."""
        return ""

    @abstractmethod
    def close(self) -> None:
        """Let go of the place."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def duration(text: str, name: str, default: timedelta = DAY) -> timedelta:
    """A duration in Go's notation that is not negative; empty is the default. Raises Failure."""
    if not text:
        return default
    try:
        value = timedelta(seconds=parse_seconds(text))
    except (InvalidDurationError, OverflowError):
        raise Failure(f'invalid {name} "{text[:60]}": it takes a duration, for instance 24h') from None
    if value < timedelta(0):
        raise Failure(f'invalid {name} "{text[:60]}": it cannot be negative')
    return value
