"""The stages of a rotation, as functions from what a store holds to what it shall hold.

Each one does nothing when it was done already, and refuses when the one before it was not. None of them looks at the
clock or asks whether it is safe: that is ``checking``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum

from cryptography import x509

from dapr_core.identity.bundle import TrustBundle
from dapr_core.identity.certificates import InvalidCertificateError, load_certificates, to_pem
from dapr_core.identity.issuer import InvalidIssuerError, Issuer, anchor_of, check
from dapr_core.identity.keys import to_pem as key_to_pem
from dapr_core.identity.paths import InvalidPathError
from dapr_core.identity.rotation.material import Material
from dapr_core.identity.rotation.record import InvalidRecordError, Record, fingerprint, fingerprints


class RotationError(Exception):
    """A stage cannot be carried out on what the store holds; the message says why, and what to do."""


class Stage(Enum):
    """Where an authority stands."""

    SETTLED = "settled"
    """No rotation is under way."""
    DISTRIBUTED = "distributed"
    """The new root is trusted beside the old one, the old issuer signs."""
    SWITCHED = "switched"
    """The new issuer signs, the old root is still trusted."""


class Step(Enum):
    """What is done next."""

    ANCHORS = "anchors"
    ISSUER = "issuer"
    WITHDRAW = "withdraw"


NEXT = {Stage.SETTLED: Step.ANCHORS, Stage.DISTRIBUTED: Step.ISSUER, Stage.SWITCHED: Step.WITHDRAW}


@dataclass(frozen=True, slots=True)
class Position:
    """What a store holds, understood.

    Attributes:
        stage: where it stands.
        issuer: what is in force.
        record: the rotation under way; None when there is none.
        coming: the issuer that waits for its turn, with all anchors; only while ``DISTRIBUTED``.
        stale: the record of a rotation that cannot be gone on with, such as one whose issuer has expired waiting.
    """

    stage: Stage
    issuer: Issuer
    record: Record | None = None
    coming: Issuer | None = None
    stale: Record | None = None

    @property
    def retiring(self) -> tuple[x509.Certificate, ...]:
        """The anchors that the rotation withdraws."""
        return _among(self.issuer.anchors.anchors, self.record.retiring if self.record is not None else ())

    @property
    def former(self) -> tuple[x509.Certificate, ...]:
        """The anchors that were trusted before the rotation began."""
        added = self.record.added if self.record is not None else ()
        return tuple([anchor for anchor in self.issuer.anchors.anchors if fingerprint(anchor) not in added])

    @property
    def remaining(self) -> tuple[x509.Certificate, ...]:
        """The anchors that stay after the rotation."""
        return tuple([anchor for anchor in self.issuer.anchors.anchors if anchor not in self.retiring])


def position(material: Material, at: datetime) -> Position:
    """Understand what a store holds at a moment.

    Raises:
        RotationError: there is no authority, or what is in force cannot be used.
    """
    issuer = _in_force(material, at)
    record = _record(material.record)
    if record is None:
        return Position(Stage.SETTLED, issuer)
    anchors = set(fingerprints(issuer.anchors.anchors))
    if record.switched is None:
        coming = _coming(material, at)
        if coming is not None and anchors.issuperset(record.roots):
            return Position(Stage.DISTRIBUTED, issuer, record, coming)
        return Position(Stage.SETTLED, issuer, stale=record)
    if anchors.intersection(record.retiring) and fingerprint(_anchor(issuer, at)) in record.roots:
        return Position(Stage.SWITCHED, issuer, record)
    return Position(Stage.SETTLED, issuer)  # nothing is left to withdraw, or somebody has put others in its place


def distribute(material: Material, fresh: Issuer, at: datetime, leaf_life: timedelta) -> Material:
    """Stage ``anchors``: trust the roots of ``fresh`` as well, and keep it for the next stage.

    Args:
        material: what the store holds.
        fresh: a root and an issuer below it; not used while a rotation is under way.
        at: now.
        leaf_life: longest life of a certificate that the issuer in force has signed or will sign.

    Raises:
        RotationError: what is in force cannot be used, or ``fresh`` is what is in force.
    """
    here = position(material, at)
    if here.stage is not Stage.SETTLED:
        return material
    if fresh.certificate == here.issuer.certificate:
        raise RotationError("the issuer to rotate to is the one in force already")
    old = [each for each in here.issuer.anchors.anchors if not _left_over(each, here, at)]
    new = fresh.anchors.anchors
    record = Record(
        roots=fingerprints(new),
        added=fingerprints([each for each in new if each not in old]),
        retiring=fingerprints([each for each in old if each not in new and vouches([each], here.issuer.chain, at)]),
        distributed=at,
        leaf_life=leaf_life,
    )
    return replace(
        material,
        anchors=TrustBundle.of(*old, *new).pem,
        next_chain=to_pem(fresh.chain),
        next_key=key_to_pem(fresh.key),
        record=record.text,
    )


def switch(material: Material, at: datetime, leaf_life: timedelta) -> Material:
    """Stage ``issuer``: let the issuer that waits sign. The new roots come first among the anchors from now on.

    Args:
        material: what the store holds.
        at: now.
        leaf_life: see ``distribute``; the longer one counts.

    Raises:
        RotationError: no rotation is under way, or what lies in the store cannot be used.
    """
    here = position(material, at)
    if here.stage is Stage.SWITCHED:
        return material
    if here.record is None or here.coming is None:
        raise RotationError("no issuer of a new root waits for its turn; begin with the stage 'anchors'")
    anchors = here.issuer.anchors.anchors
    first = _among(anchors, here.record.roots)
    record = replace(
        here.record, leaf_life=max(here.record.leaf_life, leaf_life), switched=at, previous=to_pem(here.issuer.chain)
    )
    return Material(
        anchors=TrustBundle.of(*first, *anchors).pem,
        chain=material.next_chain,
        key=material.next_key,
        record=record.text,
    )


def withdraw(material: Material, at: datetime) -> Material:
    """Stage ``withdraw``: trust the retiring roots no more. Anchors that have nothing to do with the rotation stay.

    Raises:
        RotationError: the new issuer does not sign yet, or what lies in the store cannot be used.
    """
    here = position(material, at)
    if here.stage is Stage.DISTRIBUTED:
        raise RotationError("the issuer of the old root still signs; the stage 'issuer' comes first")
    if here.stage is Stage.SETTLED:
        return material
    if not vouches(here.remaining, here.issuer.chain, at):
        raise RotationError("no root would be left that vouches for the issuer")
    return Material(anchors=TrustBundle.of(*here.remaining).pem, chain=material.chain, key=material.key)


def cancel(material: Material, at: datetime) -> Material:
    """Undo the stage ``anchors``: distrust the roots that it added, forget the issuer that waits.

    Raises:
        RotationError: the new issuer signs already, or what lies in the store cannot be used.
    """
    here = position(material, at)
    if here.stage is Stage.SWITCHED:
        raise RotationError("the new issuer signs already; finish this rotation, or begin another one after it")
    record = here.record or here.stale
    if record is None:
        return material
    anchors = here.issuer.anchors.anchors
    kept = [each for each in anchors if fingerprint(each) not in record.added or each == _anchor(here.issuer, at)]
    return Material(anchors=TrustBundle.of(*kept).pem, chain=material.chain, key=material.key)


def replaced(fresh: Issuer) -> Material:
    """No stages: only ``fresh`` from now on. For credentials that cannot be used any more, or that a thief has."""
    return Material(anchors=fresh.anchors.pem, chain=to_pem(fresh.chain), key=key_to_pem(fresh.key))


def vouches(anchors: Iterable[x509.Certificate], chain: Iterable[x509.Certificate], at: datetime) -> bool:
    """Whether one of these anchors leads to the issuer with this chain."""
    try:
        anchor_of(tuple(chain), tuple(anchors), at)
    except InvalidPathError:
        return False
    return True


def previous_chain(record: Record) -> tuple[x509.Certificate, ...]:
    """The chain of the issuer that signs no more; empty when it is not known."""
    try:
        return load_certificates(record.previous)
    except InvalidCertificateError:
        return ()


def _in_force(material: Material, at: datetime) -> Issuer:
    if not material.is_whole:
        raise RotationError("there is no root yet; sentry makes one when it starts")
    try:
        return check(material.anchors, material.chain, material.key, at)
    except InvalidIssuerError as error:
        raise RotationError(f"the credentials in force cannot be used: {error}") from None


def _coming(material: Material, at: datetime) -> Issuer | None:
    try:
        return check(material.anchors, material.next_chain, material.next_key, at)
    except InvalidIssuerError:
        return None


def _record(text: bytes) -> Record | None:
    if not text:
        return None
    try:
        return Record.parse(text)
    except InvalidRecordError:
        return None


def _anchor(issuer: Issuer, at: datetime) -> x509.Certificate:
    return anchor_of(issuer.chain, issuer.anchors.anchors, at)


def _left_over(anchor: x509.Certificate, here: Position, at: datetime) -> bool:
    """Whether a rotation that came to nothing has left this anchor behind."""
    if here.stale is None or fingerprint(anchor) not in here.stale.added:
        return False
    return anchor != _anchor(here.issuer, at)


def _among(certificates: Iterable[x509.Certificate], wanted: Iterable[str]) -> tuple[x509.Certificate, ...]:
    names = frozenset(wanted)
    return tuple([each for each in certificates if fingerprint(each) in names])
