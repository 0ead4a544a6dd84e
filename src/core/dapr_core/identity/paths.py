"""Certification paths: whether a chain leads to a trust anchor (RFC 5280 §6, of it what Dapr's certificates use).

OpenSSL does this in every handshake. Done here is what happens outside one: a chain that sentry hands out or is
configured with. ``cryptography``'s own verifier takes no Ed25519, which is what Dapr signs with.

A path with a critical extension that is not understood here (name constraints, policies) is refused, never trusted.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from cryptography import x509
from cryptography.x509.oid import ExtensionOID

from dapr_core.identity.certificates import signed_by

MAX_DEPTH: Final = 8
"""Certificates between a leaf and its anchor; real chains have one or two."""

_UNDERSTOOD: Final = frozenset(
    {
        ExtensionOID.BASIC_CONSTRAINTS,
        ExtensionOID.KEY_USAGE,
        ExtensionOID.EXTENDED_KEY_USAGE,
        ExtensionOID.SUBJECT_ALTERNATIVE_NAME,
        ExtensionOID.SUBJECT_KEY_IDENTIFIER,
        ExtensionOID.AUTHORITY_KEY_IDENTIFIER,
    }
)


class InvalidPathError(ValueError):
    """No path leads from the leaf to an anchor; the message gives the reason that came closest."""


def verify_path(
    chain: Sequence[x509.Certificate], anchors: Iterable[x509.Certificate], at: datetime
) -> x509.Certificate:
    """The anchor to which a chain leads.

    Args:
        chain: the leaf first; the others in any order.
        anchors: what is trusted.
        at: the moment at which all of the path must be valid.

    Raises:
        InvalidPathError: there is no path.
    """
    if not chain:
        raise InvalidPathError("the chain is empty")
    if problem := _validity_problem(chain[0], at) or _critical_problem(chain[0]):
        raise InvalidPathError(problem)
    search = _Search(list(chain[1:]), list(anchors), at)
    found = search.climb(chain[0], 0)
    if found is None:
        raise InvalidPathError(search.reason)
    return found


def issuing_problem(certificate: x509.Certificate, below: int = 0) -> str:
    """Why this certificate may not sign others; empty when it may.

    Args:
        certificate: the issuer.
        below: authorities between it and the leaf, for its path length.
    """
    try:
        constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
    except x509.ExtensionNotFound:
        return f"{_name(certificate)} is no certificate authority"
    if not constraints.ca:
        return f"{_name(certificate)} is no certificate authority"
    if constraints.path_length is not None and below > constraints.path_length:
        return f"{_name(certificate)} allows at most {constraints.path_length} authorities below it"
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return _critical_problem(certificate)
    if not usage.key_cert_sign:
        return f"the key of {_name(certificate)} is not for signing certificates"
    return _critical_problem(certificate)


class _Search:
    """Climbs from a certificate to its possible issuers, anchors first, each intermediate at most once on a path."""

    def __init__(self, pool: list[x509.Certificate], anchors: list[x509.Certificate], at: datetime) -> None:
        self.pool = pool[: MAX_DEPTH * 2]
        self.anchors = anchors
        self.at = at
        self.reason = "it was signed by no trust anchor"

    def climb(self, certificate: x509.Certificate, below: int) -> x509.Certificate | None:
        for anchor in self.anchors:
            if self._issues(anchor, certificate, below):
                return anchor
        if below >= MAX_DEPTH:
            return None
        for position, issuer in enumerate(self.pool):
            if not self._issues(issuer, certificate, below):
                continue
            taken = self.pool.pop(position)
            found = self.climb(taken, below + 1)
            self.pool.insert(position, taken)
            if found is not None:
                return found
        return None

    def _issues(self, issuer: x509.Certificate, certificate: x509.Certificate, below: int) -> bool:
        if issuer.subject != certificate.issuer or not signed_by(certificate, issuer):
            return False
        problem = issuing_problem(issuer, below) or _validity_problem(issuer, self.at)
        if problem:
            self.reason = problem
        return not problem


def _validity_problem(certificate: x509.Certificate, at: datetime) -> str:
    if at < certificate.not_valid_before_utc:
        return f"{_name(certificate)} is not valid before {certificate.not_valid_before_utc:%Y-%m-%dT%H:%M:%SZ}"
    if at > certificate.not_valid_after_utc:
        return f"{_name(certificate)} has expired on {certificate.not_valid_after_utc:%Y-%m-%dT%H:%M:%SZ}"
    return ""


def _critical_problem(certificate: x509.Certificate) -> str:
    for extension in certificate.extensions:
        if extension.critical and extension.oid not in _UNDERSTOOD:
            oid = extension.oid.dotted_string
            return f"{_name(certificate)} has the critical extension {oid}, which is not understood"
    return ""


def _name(certificate: x509.Certificate) -> str:
    name = certificate.subject.rfc4514_string()[:100]
    return f"the certificate of {name}" if name else f"the certificate {certificate.serial_number:x}"
