"""Carries out the stages of a rotation, one after another, as far as they are safe.

Each stage is judged and done on what was read in the same moment; a store that changed meanwhile is read and judged
anew. So this can be stopped anywhere, run again, and run twice at once. What time alone will make safe is waited for,
within the time the user gives.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from dapr_cli.command import Failure
from dapr_cli.console import Console
from dapr_core.identity.rotation import stages
from dapr_core.identity.rotation.checking import Assessment, Hindrance, assess
from dapr_core.identity.rotation.material import Material
from dapr_core.identity.rotation.stages import RotationError, Stage, Step
from dapr_core.identity.rotation.store import ChangedMeanwhileError, TrustStoreError

from .fresh import Origin
from .place import Place

ORDER = (Step.ANCHORS, Step.ISSUER, Step.WITHDRAW)
SHOWN = 10
NAP = 1.0
DONE = {
    Step.ANCHORS: "The new root is trusted beside the old one (stage 1 of 3, 'anchors')",
    Step.ISSUER: "The issuer of the new root signs (stage 2 of 3, 'issuer')",
    Step.WITHDRAW: "The old root is trusted no more (stage 3 of 3, 'withdraw')",
}


def now() -> datetime:
    """The moment, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the user asks for: one stage or as many as are safe, also unsafe ones, and how many seconds to wait."""

    origin: Origin
    only: Step | None = None
    force: bool = False
    patience: float = 0.0


@dataclass(slots=True)
class Outcome:
    """What was done, and what stands in the way of the rest."""

    done: list[Step] = field(default_factory=list)
    replaced: bool = False
    left: Assessment | None = None
    """The judgement that ended it; None when nothing is left to do."""


class Renewal:
    """One run of ``dapr mtls renew-certificate``."""

    def __init__(
        self,
        place: Place,
        wishes: Wishes,
        console: Console,
        *,
        clock: Callable[[], datetime] = now,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._place = place
        self._wishes = wishes
        self._console = console
        self._clock = clock
        self._sleep = sleep
        self._deadline = time.monotonic() + wishes.patience
        self._told = ""
        self.outcome = Outcome()

    def run(self) -> Outcome:
        """Do what is wanted and safe. Raises Failure when it cannot be begun."""
        more = True
        while more:
            try:
                more = self._advance()
            except ChangedMeanwhileError:
                continue
            except (TrustStoreError, RotationError) as error:
                raise Failure(f"certificate rotation failed: {error}") from error
        return self.outcome

    def _advance(self) -> bool:
        """One look, one stage at most; whether there may be more to do."""
        material, at = self._place.store.read(), self._clock()
        try:
            found = self._assess(material, at)
        except RotationError as error:
            return self._start_over(material, at, error)
        if self._is_finished(found):
            self._place.store.replace(material, material)  # completes what a crash may have left behind
            return False
        if not found.safe and not self._wishes.force:
            return self._wait(found)
        self._place.store.replace(material, self._next(found, material, at))
        self.outcome.done.append(found.step)
        self._console.success(DONE[found.step])
        return found.step is not Step.WITHDRAW

    def _assess(self, material: Material, at: datetime) -> Assessment:
        place = self._place
        return assess(material, at, propagation=place.propagation, leaf_life=place.lives.leaf, holders=place.holders())

    def _is_finished(self, found: Assessment) -> bool:
        """Whether the stage that is wanted was done already, or the rotation came to its end."""
        if found.position.stage is Stage.SETTLED and Step.ISSUER in self.outcome.done:
            return True  # there was no root to withdraw
        only = self._wishes.only
        if only is None:
            return False
        if only in self.outcome.done or ORDER.index(only) < ORDER.index(found.step):
            return True
        if found.position.stage is Stage.SETTLED and only is Step.WITHDRAW:
            return True
        if only is not found.step:
            raise RotationError(f"the stage '{found.step.value}' comes before the stage '{only.value}'")
        return False

    def _next(self, found: Assessment, material: Material, at: datetime) -> Material:
        lives = self._place.lives
        if found.step is Step.ANCHORS:
            self._console.info(self._wishes.origin.told)
            fresh = self._wishes.origin.make(material, self._place.names, at, lives.skew)
            return stages.distribute(material, fresh, at, lives.leaf)
        if found.step is Step.ISSUER:
            return stages.switch(material, at, lives.leaf)
        return stages.withdraw(material, at)

    def _start_over(self, material: Material, at: datetime, reason: RotationError) -> bool:
        """What is in force cannot be used: nothing can be kept going, so there are no stages."""
        if not self._wishes.force or not material.is_whole:
            remedy = "; --force replaces them at once, and every sidecar must be restarted" if material.is_whole else ""
            raise RotationError(f"{reason}{remedy}")
        fresh = self._wishes.origin.make(material, self._place.names, at, self._place.lives.skew)
        self._place.store.replace(material, stages.replaced(fresh))
        self.outcome.replaced = True
        return False

    def _wait(self, found: Assessment) -> bool:
        """Wait for what time heals; False when it would take too long, or needs somebody's hands."""
        moment = found.safe_at
        if moment is None or (moment - self._clock()).total_seconds() > self._deadline - time.monotonic():
            self.outcome.left = found
            return False
        text = f"Waiting until {moment:%H:%M:%S} UTC: {found.hindrances[0].text}"
        if text != self._told:
            self._told = text
            self._console.pending(text)
        self._sleep(min(NAP, max(0.05, (moment - self._clock()).total_seconds())))
        return True


def reasons(hindrances: Sequence[Hindrance]) -> list[str]:
    """The reasons, of many the first."""
    return first([hindrance.text for hindrance in hindrances])


def first(texts: Sequence[str]) -> list[str]:
    """The first of many lines, and how many more there are."""
    more = len(texts) - SHOWN
    return [*texts[:SHOWN], f"and {more} more like these"] if more > 0 else [*texts]
