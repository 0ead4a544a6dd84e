"""Makes roots and the issuers below them (control-plane.md §1.6): the first ones, and those that follow in a rotation.

Unless somebody brings the root's key, it signs once and is thrown away, so that nobody can ever steal it; renewing
means a new root.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from dapr_core.identity.bundle import TrustBundle
from dapr_core.identity.issuer import Issuer
from dapr_core.identity.keys import KeyKind, PrivateKey, PublicKey, generate, signature_hash
from dapr_core.identity.spiffe import SpiffeId, TrustDomain

VALIDITY: Final = timedelta(days=365)
SKEW: Final = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Names:
    """Subjects of a root and of the issuer below it."""

    root: x509.Name
    issuer: x509.Name

    @classmethod
    def of(cls, trust_domain: TrustDomain, sentry: SpiffeId) -> Names:
        """Those that the original gives to the authority of a trust domain."""
        return cls(_organization(trust_domain.name), _organization(str(sentry)))


def generate_issuer(trust_domain: TrustDomain, sentry: SpiffeId, skew: timedelta, at: datetime) -> Issuer:
    """A new root and an issuer below it.

    Args:
        trust_domain: whose root it is.
        sentry: who the issuer is.
        skew: by how much the certificates begin in the past.
        at: now.
    """
    return make_issuer(Names.of(trust_domain, sentry), at, skew=skew)


def make_issuer(
    names: Names,
    at: datetime,
    *,
    skew: timedelta = SKEW,
    validity: timedelta = VALIDITY,
    root_key: PrivateKey | None = None,
) -> Issuer:
    """A new root and an issuer below it, by these names.

    Args:
        names: their subjects.
        at: now.
        skew: by how much the certificates begin in the past.
        validity: how long they are valid.
        root_key: what signs; None makes a key and forgets it. The issuer's new key is of the same kind.
    """
    kind = _kind_of(root_key)
    root_key = root_key or generate(kind)
    key = generate(kind)
    life = (at - skew, at + validity)
    root = _authority(names.root, names.root, root_key.public_key(), root_key, life, revokes=False)
    certificate = _authority(names.issuer, names.root, key.public_key(), root_key, life, revokes=True)
    return Issuer(TrustBundle.of(root), (certificate,), key)


def serial_number() -> int:
    """A random one of up to 128 bits."""
    return secrets.randbits(128) or 1


def _kind_of(key: PrivateKey | None) -> KeyKind:
    """Peers that can check the root's signature can check the issuer's."""
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return KeyKind.ECDSA_P256
    return KeyKind.RSA_2048 if isinstance(key, rsa.RSAPrivateKey) else KeyKind.ED25519


def _organization(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, name, _validate=False)])


def _authority(
    subject: x509.Name,
    issuer: x509.Name,
    public: PublicKey,
    signer: PrivateKey,
    life: tuple[datetime, datetime],
    *,
    revokes: bool,
) -> x509.Certificate:
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=revokes,
        encipher_only=False,
        decipher_only=False,
    )
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(serial_number())
        .not_valid_before(life[0])
        .not_valid_after(life[1])
        .add_extension(usage, critical=True)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    )
    if subject != issuer:
        identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key())
        builder = builder.add_extension(identifier, critical=False)
    return builder.sign(signer, signature_hash(signer))  # type: ignore[arg-type]  # None: Ed25519
