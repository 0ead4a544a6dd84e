"""Whether the next stage of a rotation is safe, and if not, why, and whether time alone will help.

Safe means: no connection fails because of it. What can be known about those who trust is given as ``Holder``s; what
cannot be seen, such as how fast a file travels, is given a time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cryptography import x509

from dapr_core.identity.bundle import TrustBundle
from dapr_core.identity.rotation.material import Material
from dapr_core.identity.rotation.stages import NEXT, Position, Stage, Step, position, previous_chain, vouches

MARGIN: Final = timedelta(minutes=5)
"""By how much clocks may differ, and how long a replica of sentry may take to notice, at most."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody who trusts anchors that can be looked at.

    Attributes:
        name: how a user knows it.
        anchors: what it trusts.
        remedy: how it gets the anchors of today.
    """

    name: str
    anchors: TrustBundle
    remedy: str


@dataclass(frozen=True, slots=True)
class Hindrance:
    """Why a stage is not safe.

    Attributes:
        text: the reason, and what to do.
        until: when it is none any more without anybody's doing; None: somebody must act.
    """

    text: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Assessment:
    """The answer.

    Attributes:
        position: where the authority stands.
        step: the stage that comes next.
        hindrances: why it is not safe now; none when it is.
        warnings: what is not in the way of the stage and yet should be known.
    """

    position: Position
    step: Step
    hindrances: tuple[Hindrance, ...]
    warnings: tuple[str, ...] = ()

    @property
    def safe(self) -> bool:
        """Whether the next stage may be carried out now."""
        return not self.hindrances

    @property
    def safe_at(self) -> datetime | None:
        """When waiting alone makes it safe; None when somebody must act first, or when it is safe now."""
        moments = [hindrance.until for hindrance in self.hindrances]
        known = [moment for moment in moments if moment is not None]
        return max(known) if known and len(known) == len(moments) else None


def assess(
    material: Material,
    at: datetime,
    *,
    propagation: timedelta,
    leaf_life: timedelta,
    holders: Sequence[Holder] = (),
) -> Assessment:
    """Look at an authority and at those who trust it.

    Args:
        material: what its store holds.
        at: now.
        propagation: how long anchors take to everybody who follows a file or a ConfigMap.
        leaf_life: longest life of a certificate.
        holders: who can be looked at. One that trusts another authority altogether is passed over.

    Raises:
        RotationError: there is no authority, or what is in force cannot be used.
    """
    here = position(material, at)
    if here.stage is Stage.DISTRIBUTED:
        hindrances = _before_switch(here, at, propagation, holders)
    elif here.stage is Stage.SWITCHED:
        hindrances = _before_withdrawal(here, at)
    else:
        hindrances = []
    return Assessment(here, NEXT[here.stage], tuple(hindrances), tuple(_warnings(here, at, leaf_life, holders)))


def withdrawal_time(switched: datetime, leaf_life: timedelta) -> datetime:
    """When the last certificate of an issuer that was replaced has ended everywhere."""
    return switched + leaf_life + min(MARGIN, leaf_life / 10 + timedelta(seconds=5))


def _before_switch(here: Position, at: datetime, propagation: timedelta, holders: Sequence[Holder]) -> list[Hindrance]:
    assert here.record is not None
    assert here.coming is not None
    chain = here.coming.chain
    found = [
        Hindrance(f"{holder.name} does not trust the new root yet: {holder.remedy}")
        for holder in _left_behind(holders, here.issuer.chain, chain, at)
    ]
    arrived = here.record.distributed + propagation
    known = vouches(here.former, chain, at)  # a new root with the old one's key: everybody trusts it already
    if at < arrived and not known:
        found.append(Hindrance(f"the new root may not have reached everybody before {_shown(arrived)}", arrived))
    return found


def _before_withdrawal(here: Position, at: datetime) -> list[Hindrance]:
    record = here.record
    assert record is not None
    assert record.switched is not None
    previous = previous_chain(record)
    if previous and vouches(here.remaining, previous, at):  # certificates of the old issuer stay good
        return []
    ended = withdrawal_time(record.switched, record.leaf_life)
    if at < ended:
        text = f"certificates of the old root are in use until {_shown(ended)}"
        return [Hindrance(text, ended)]
    return []


def _warnings(here: Position, at: datetime, leaf_life: timedelta, holders: Sequence[Holder]) -> list[str]:
    found = []
    ends = min(each.not_valid_after_utc for each in here.issuer.chain)
    if here.stage is not Stage.SWITCHED and at + leaf_life > ends:
        found.append(
            f"the issuer ends on {_shown(ends)}, before the last of the certificates that it signs; "
            "carry out the stages as fast as they become safe"
        )
    if here.stale is not None:
        found.append("an earlier rotation was not finished and cannot be; the next stage begins a new one")
    if here.stage is Stage.SETTLED:
        found += [
            f"{holder.name} trusts more roots than those in force: {holder.remedy}"
            for holder in _behindhand(holders, here, at)
        ]
    if here.stage is Stage.SWITCHED and here.record is not None:
        found += [
            f"{holder.name} does not trust the root in force: {holder.remedy}"
            for holder in _left_behind(holders, previous_chain(here.record), here.issuer.chain, at)
        ]
    return found


def _left_behind(
    holders: Sequence[Holder], old: Sequence[x509.Certificate], new: Sequence[x509.Certificate], at: datetime
) -> list[Holder]:
    """Those who trust the issuer with the old chain and not the one with the new chain.

    Thousands of holders share a few bundles, so each bundle is judged once.
    """
    judged: dict[TrustBundle, bool] = {}
    for holder in holders:
        if holder.anchors not in judged:
            anchors = holder.anchors.anchors
            judged[holder.anchors] = vouches(anchors, old, at) and not vouches(anchors, new, at)
    return [holder for holder in holders if judged[holder.anchors]]


def _behindhand(holders: Sequence[Holder], here: Position, at: datetime) -> list[Holder]:
    """Those who trust the authority, and roots that it has withdrawn or never had."""
    known, chain = here.issuer.anchors.ders, here.issuer.chain
    more = {bundle for bundle in {holder.anchors for holder in holders} if bundle.ders - known}
    concerned = {bundle for bundle in more if vouches(bundle.anchors, chain, at)}
    return [holder for holder in holders if holder.anchors in concerned]


def _shown(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"
