"""What `dapr mtls check` says: where an authority stands, whether the next stage is safe, and why not."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from cryptography import x509

from dapr_cli.cluster.expiry import RFC_1123
from dapr_cli.console import Console
from dapr_core.identity.issuer import anchor_of
from dapr_core.identity.rotation.checking import Assessment, withdrawal_time
from dapr_core.identity.rotation.record import fingerprint
from dapr_core.identity.rotation.stages import Stage

from .renewing import first, reasons

STAGES = {
    Stage.SETTLED: "no rotation is under way",
    Stage.DISTRIBUTED: "stage 1 of 3 is done: the new root is trusted beside the old one, the old issuer signs",
    Stage.SWITCHED: "stage 2 of 3 is done: the issuer of the new root signs, the old root is still trusted",
}


def root_of(found: Assessment, at: datetime) -> x509.Certificate:
    """The root that vouches for the issuer in force."""
    issuer = found.position.issuer
    return anchor_of(issuer.chain, issuer.anchors.anchors, at)


def as_record(found: Assessment, at: datetime) -> dict[str, Any]:
    """The judgement for programs."""
    here = found.position
    record = here.record
    return {
        "stage": here.stage.value,
        "next": found.step.value,
        "safe": found.safe,
        "safeAt": found.safe_at.isoformat() if found.safe_at is not None else None,
        "reasons": [hindrance.text for hindrance in found.hindrances],
        "warnings": list(found.warnings),
        "root": _certificate(root_of(found, at)),
        "issuer": _certificate(here.issuer.certificate),
        "trusted": [_certificate(anchor) for anchor in here.issuer.anchors.anchors],
        "distributed": record.distributed.isoformat() if record is not None else None,
        "switched": record.switched.isoformat() if record is not None and record.switched is not None else None,
    }


def tell(found: Assessment, at: datetime, where: str, again: str, console: Console) -> None:
    """The judgement for people."""
    here = found.position
    console.line(f"Certificate authority {where}")
    console.line(f"  Root:    {_shown(root_of(found, at))}")
    console.line(f"  Issuer:  {_shown(here.issuer.certificate)}")
    console.line(f"  Trusted: {len(here.issuer.anchors.anchors)} root(s)")
    console.line(f"  Stage:   {STAGES[here.stage]}")
    if here.record is not None and here.record.switched is not None:
        until = withdrawal_time(here.record.switched, here.record.leaf_life)
        console.line(f"  Certificates of the old issuer end by {until:{RFC_1123}}")
    console.line()
    for warning in first(found.warnings):
        console.warning(warning)
    if found.safe:
        what = "A rotation may begin" if here.stage is Stage.SETTLED else f"The stage '{found.step.value}' is safe now"
        console.success(f"{what}: {again}")
        return
    tell_hindrances(found, console)


def tell_hindrances(found: Assessment, console: Console) -> None:
    """Why the next stage is not safe, a line each."""
    console.warning(f"The stage '{found.step.value}' is not safe now:")
    for reason in reasons(found.hindrances):
        console.line(f"  - {reason}")


def _certificate(certificate: x509.Certificate) -> dict[str, str]:
    return {
        "subject": certificate.subject.rfc4514_string(),
        "fingerprint": fingerprint(certificate),
        "notBefore": certificate.not_valid_before_utc.isoformat(),
        "notAfter": certificate.not_valid_after_utc.isoformat(),
    }


def _shown(certificate: x509.Certificate) -> str:
    name = certificate.subject.rfc4514_string()
    return f"{name}, expires {certificate.not_valid_after_utc:{RFC_1123}}, SHA-256 {fingerprint(certificate)[:16]}…"
