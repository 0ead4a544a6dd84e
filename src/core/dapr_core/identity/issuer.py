"""The issuer: key, certificate chain and trust anchors with which sentry signs (control-plane.md §1.6).

``check`` holds what a user provides to the rules; what sentry makes itself passes them as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from itertools import pairwise

from cryptography import x509

from dapr_core.identity.bundle import TrustBundle
from dapr_core.identity.certificates import (
    InvalidCertificateError,
    is_self_signed,
    load_certificates,
    signed_by,
    to_pem,
)
from dapr_core.identity.keys import InvalidKeyError, PrivateKey, WeakKeyError, from_pem, require_strong, same_key
from dapr_core.identity.paths import InvalidPathError, verify_path


class InvalidIssuerError(ValueError):
    """Anchors, issuer certificate and key cannot be used together; the message names the rule."""


@dataclass(frozen=True)
class Issuer:
    """What signs. ``chain`` is the issuer's certificate, then its intermediates; it tells two issuers apart."""

    anchors: TrustBundle
    chain: tuple[x509.Certificate, ...]
    key: PrivateKey = field(repr=False, compare=False)

    @property
    def certificate(self) -> x509.Certificate:
        """The certificate whose key signs."""
        return self.chain[0]

    @cached_property
    def served_pem(self) -> bytes:
        """What follows a leaf: the chain without self-signed certificates, which peers have as anchors."""
        return to_pem([certificate for certificate in self.chain if not is_self_signed(certificate)])

    def served_after(self, leaf: x509.Certificate) -> tuple[x509.Certificate, ...]:
        """The same as certificates, behind their leaf."""
        return (leaf, *[certificate for certificate in self.chain if not is_self_signed(certificate)])


def check(anchors_pem: bytes, chain_pem: bytes, key_pem: bytes, at: datetime) -> Issuer:
    """Read and check a bundle.

    Args:
        anchors_pem: one or more roots.
        chain_pem: the issuer's certificate, then what signed it, in order.
        key_pem: the issuer's key.
        at: now.

    Raises:
        InvalidIssuerError: a rule is broken.
    """
    try:
        anchors = TrustBundle.parse(anchors_pem)
        chain = _chain(load_certificates(chain_pem, "the issuer certificate"))
        key = from_pem(key_pem)
        certified = require_strong(chain[0].public_key())
    except (InvalidCertificateError, InvalidKeyError, WeakKeyError) as error:
        raise InvalidIssuerError(str(error)) from None
    if not all(is_self_signed(anchor) for anchor in anchors.anchors):
        raise InvalidIssuerError("certificate in trust anchor is not self-signed")
    if not same_key(certified, key.public_key()):
        raise InvalidIssuerError("issuer key does not match issuer certificate")
    if not _signs(chain[0]):
        raise InvalidIssuerError("intermediate certificate is not valid for signing")
    _require_path(chain, anchors, at)
    return Issuer(anchors, chain, key)


def _chain(certificates: Sequence[x509.Certificate]) -> tuple[x509.Certificate, ...]:
    """The chain in order, without the root at its end."""
    for below, above in pairwise(certificates):
        if not signed_by(below, above):
            raise InvalidIssuerError("certificate chain is not valid: each certificate must be signed by the next one")
    if len(certificates) > 1 and is_self_signed(certificates[-1]):
        certificates = certificates[:-1]
    return tuple(certificates)


def _signs(certificate: x509.Certificate) -> bool:
    """Whether OpenSSL and Go take this certificate for an issuer."""
    extensions = certificate.extensions
    try:
        if not extensions.get_extension_for_class(x509.BasicConstraints).value.ca:
            return False
    except x509.ExtensionNotFound:
        return False
    try:
        return extensions.get_extension_for_class(x509.KeyUsage).value.key_cert_sign
    except x509.ExtensionNotFound:
        return True


def anchor_of(chain: Sequence[x509.Certificate], anchors: Sequence[x509.Certificate], at: datetime) -> x509.Certificate:
    """The anchor that vouches for an issuer.

    Args:
        chain: the issuer's certificate, then its intermediates.
        anchors: what is trusted.
        at: the moment that counts.

    Raises:
        InvalidPathError: none does.
    """
    if chain and chain[0] in anchors:  # a root that signs leaves itself
        if at > chain[0].not_valid_after_utc:
            raise InvalidPathError(f"the issuer certificate has expired on {chain[0].not_valid_after_utc}")
        return chain[0]
    return verify_path(chain, anchors, at)


def _require_path(chain: Sequence[x509.Certificate], anchors: TrustBundle, at: datetime) -> None:
    try:
        anchor_of(chain, anchors.anchors, at)
    except InvalidPathError as error:
        raise InvalidIssuerError(f"issuer chain does not belong to trust anchors: {error}") from None
