"""Rules that every request is held to, whatever proves it (control-plane.md §1.2)."""

from __future__ import annotations

from typing import Final

from dapr_core.identity.spiffe import (
    DEFAULT_TRUST_DOMAIN,
    InvalidSpiffeIdError,
    SpiffeId,
    TrustDomain,
    parse_trust_domain,
    workload_id,
)
from dapr_sentry.validators.contract import Claim, RefusedError

MAX_APP_ID: Final = 64
"""Bytes."""


def claimed_id(claim: Claim) -> SpiffeId:
    """The id that a well-formed request asks for, in the trust domain it names (``public`` when it names none).

    Raises:
        RefusedError: a rule is broken; all of those broken are named, one a line.
    """
    if problems := _problems(claim):
        raise RefusedError("invalid request: " + "\n".join(problems))
    try:
        domain = parse_trust_domain(claim.trust_domain) if claim.trust_domain else TrustDomain(DEFAULT_TRUST_DOMAIN)
        return workload_id(domain, claim.namespace, claim.app_id)
    except InvalidSpiffeIdError as error:
        raise RefusedError(f"invalid request: {error}") from None


def _problems(claim: Claim) -> list[str]:
    problems = []
    if not claim.app_id:
        problems.append("parameter app-id cannot be empty")
    if "." in claim.app_id:
        problems.append("parameter app-id cannot contain dots")
    if len(claim.app_id.encode()) > MAX_APP_ID:
        problems.append(f"app ID must be {MAX_APP_ID} characters or less")
    if not claim.has_csr:
        problems.append("CSR is required")
    if not claim.namespace:
        problems.append("namespace is required")
    return problems
