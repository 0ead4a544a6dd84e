"""Signs workload certificates: every field of them is decided here (control-plane.md §1.5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from dapr_core.identity.issuer import Issuer
from dapr_core.identity.keys import PublicKey, signature_hash
from dapr_core.identity.roots import serial_number
from dapr_core.identity.spiffe import SpiffeId

DEFAULT_TTL: Final = timedelta(hours=24)
DEFAULT_SKEW: Final = timedelta(minutes=15)

_NOBODY: Final = x509.Name([])
_USAGE: Final = x509.KeyUsage(
    digital_signature=True,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=False,
    crl_sign=False,
    encipher_only=False,
    decipher_only=False,
)
_EXTENDED_USAGE: Final = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH])


@dataclass(frozen=True, slots=True)
class Validity:
    """How long certificates are valid, and by how much they begin in the past."""

    ttl: timedelta = DEFAULT_TTL
    skew: timedelta = DEFAULT_SKEW


class LeafSigner:
    """Signs leaves with one issuer. What all of them share is made once."""

    def __init__(self, issuer: Issuer, validity: Validity) -> None:
        self.issuer = issuer
        self.validity = validity
        self._digest = signature_hash(issuer.key)
        self._issuer_name = issuer.certificate.subject
        self._authority_key = _authority_key(issuer.certificate)

    def sign(
        self,
        key: PublicKey,
        identity: SpiffeId,
        dns: Sequence[str] = (),
        at: datetime | None = None,
        *,
        extensions: Sequence[x509.ExtensionType] = (),
    ) -> x509.Certificate:
        """The certificate of an identity.

        Args:
            key: whose certificate it is.
            identity: the only URI in it.
            dns: further names.
            at: now, when None.
            extensions: what else the certificate tells, none of it critical.
        """
        at = at or datetime.now(UTC)
        names: list[x509.GeneralName] = [x509.UniformResourceIdentifier(str(identity))]
        names += [x509.DNSName(name) for name in dns]
        builder = (
            x509.CertificateBuilder()
            .subject_name(_NOBODY)
            .issuer_name(self._issuer_name)
            .public_key(key)
            .serial_number(serial_number())
            .not_valid_before(at - self.validity.skew)
            .not_valid_after(at + self.validity.ttl)
            .add_extension(_USAGE, critical=True)
            .add_extension(_EXTENDED_USAGE, critical=False)
        )
        if self._authority_key is not None:
            builder = builder.add_extension(self._authority_key, critical=False)
        # Critical, since the subject is empty (RFC 5280 §4.2.1.6).
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=True)
        for extension in extensions:
            builder = builder.add_extension(extension, critical=False)
        return builder.sign(self.issuer.key, self._digest)  # type: ignore[arg-type]  # None: Ed25519


def _authority_key(issuer: x509.Certificate) -> x509.AuthorityKeyIdentifier | None:
    """The issuer's own key identifier, where it has one: what Go writes, and what helps to find a path."""
    try:
        identifier = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    except x509.ExtensionNotFound:
        return None
    return x509.AuthorityKeyIdentifier(identifier.digest, None, None)
