"""What the dissemination wants done. The server does it, in the order given."""

from __future__ import annotations

from dataclasses import dataclass, field

from dapr_core.rpc.grpc import Code
from dapr_placement.dissemination.wire import Phase


@dataclass(frozen=True, slots=True)
class Send:
    """Send an order to streams.

    Attributes:
        phase: which order.
        version: of the round, or of the table in force.
        targets: the streams.
        message: the ``PlacementOrder``, serialised once for all of them.
    """

    phase: Phase
    version: int
    targets: tuple[int, ...]
    message: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Close:
    """End a stream with a status. No ``leave`` is expected for it."""

    stream: int
    code: Code
    text: str


@dataclass(frozen=True, slots=True)
class StartTimer:
    """Call ``timeout(version)`` when the round has not ended within the dissemination timeout. Replaces the last."""

    version: int


@dataclass(frozen=True, slots=True)
class StopTimer:
    """The round has ended."""


@dataclass(frozen=True, slots=True)
class OpenWindow:
    """Call ``window_over`` after the coalescing window."""


@dataclass(frozen=True, slots=True)
class CloseWindow:
    """The coalescing window is not waited for any more."""


@dataclass(frozen=True, slots=True)
class StartProbe:
    """Call ``probe_over(stream)`` after the dissemination timeout."""

    stream: int


Effect = Send | Close | StartTimer | StopTimer | OpenWindow | CloseWindow | StartProbe
