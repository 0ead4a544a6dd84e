"""X.509-SVIDs: a certificate that proves a SPIFFE id, its chain and key (control-plane.md §2.5; SPIFFE X509-SVID §4).

What makes a leaf an SVID is checked strictly: exactly one URI among its names and that a SPIFFE id, no authority,
and a key that signs neither certificates nor revocation lists.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from cryptography import x509

from dapr_core.identity.certificates import InvalidCertificateError, load_certificates, to_pem
from dapr_core.identity.keys import PrivateKey, require_strong, same_key
from dapr_core.identity.spiffe import InvalidSpiffeIdError, SpiffeId, parse_spiffe_id


class InvalidSvidError(ValueError):
    """The certificate is no X.509-SVID, or does not fit its key; the message names the rule."""


@dataclass(frozen=True)
class X509Svid:
    """An identity that can be shown and proved. ``chain`` is leaf first, without the anchor."""

    identity: SpiffeId
    chain: tuple[x509.Certificate, ...] = field(repr=False)
    key: PrivateKey = field(repr=False)

    @property
    def leaf(self) -> x509.Certificate:
        """The certificate of the identity itself."""
        return self.chain[0]

    @property
    def not_before(self) -> datetime:
        """When it begins to be valid."""
        return self.leaf.not_valid_before_utc

    @property
    def not_after(self) -> datetime:
        """When it ends."""
        return self.leaf.not_valid_after_utc

    @cached_property
    def chain_pem(self) -> bytes:
        """The chain as PEM, leaf first."""
        return to_pem(self.chain)


def make_svid(chain: Sequence[x509.Certificate], key: PrivateKey) -> X509Svid:
    """Join a chain and the private key of its leaf.

    Raises:
        InvalidSvidError: the leaf is no SVID, or the key is another's.
    """
    if not chain:
        raise InvalidSvidError("there is no certificate in the chain")
    identity = identity_of(chain[0])
    try:
        fits = same_key(require_strong(chain[0].public_key()), key.public_key())
    except ValueError as error:
        raise InvalidSvidError(f"the key in the certificate cannot be used: {error}") from None
    if not fits:
        raise InvalidSvidError("the certificate is for another key than the one it was asked for")
    return X509Svid(identity, tuple(chain), key)


def read_svid(chain_pem: bytes, key: PrivateKey) -> X509Svid:
    """Read a chain in PEM for a key.

    Raises:
        InvalidSvidError: see ``make_svid``; also when the PEM does not parse.
    """
    try:
        return make_svid(load_certificates(chain_pem, "the certificate chain"), key)
    except InvalidCertificateError as error:
        raise InvalidSvidError(str(error)) from None


def identity_of(leaf: x509.Certificate) -> SpiffeId:
    """The SPIFFE id that a leaf proves, once its path is verified.

    Raises:
        InvalidSvidError: it is no X.509-SVID.
    """
    extensions = leaf.extensions
    try:
        names = extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        raise InvalidSvidError("certificate contains no URI SAN") from None
    uris = names.get_values_for_type(x509.UniformResourceIdentifier)
    if not uris:
        raise InvalidSvidError("certificate contains no URI SAN")
    if len(uris) > 1:
        raise InvalidSvidError("certificate contains more than one URI SAN")
    try:
        identity = parse_spiffe_id(uris[0])
    except InvalidSpiffeIdError as error:
        raise InvalidSvidError(f"the URI SAN is no SPIFFE ID: {error}") from None
    if problem := _usage_problem(extensions):
        raise InvalidSvidError(problem)
    return identity


def _usage_problem(extensions: x509.Extensions) -> str:
    for extension in extensions:
        value = extension.value
        if isinstance(value, x509.BasicConstraints) and value.ca:
            return "leaf certificate must not have CA flag set to true"
        if isinstance(value, x509.KeyUsage):
            if value.key_cert_sign:
                return "leaf certificate must not have 'keyCertSign' set as key usage"
            if value.crl_sign:
                return "leaf certificate must not have 'cRLSign' set as key usage"
            if not value.digital_signature:
                return "leaf certificate must have 'digitalSignature' set as key usage"
    return ""
