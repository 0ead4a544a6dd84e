"""Makes a root and an issuer where there are none (control-plane.md §1.6).

The root's key signs once and is thrown away, so that nobody can ever steal it; renewing means a new root.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.x509.oid import NameOID

from dapr_core.identity.bundle import TrustBundle
from dapr_core.identity.keys import KeyKind, PrivateKey, PublicKey, generate, signature_hash
from dapr_core.identity.spiffe import SpiffeId, TrustDomain
from dapr_sentry.authority.issuer import Issuer

VALIDITY: Final = timedelta(days=365)


def generate_issuer(trust_domain: TrustDomain, sentry: SpiffeId, skew: timedelta, at: datetime) -> Issuer:
    """A new root and an issuer below it.

    Args:
        trust_domain: whose root it is.
        sentry: who the issuer is.
        skew: by how much the certificates begin in the past.
        at: now.
    """
    root_key, key = generate(KeyKind.ED25519), generate(KeyKind.ED25519)
    root_name, name = _organization(trust_domain.name), _organization(str(sentry))
    root = _authority(root_name, root_name, root_key.public_key(), root_key, skew, at, revokes=False)
    certificate = _authority(name, root_name, key.public_key(), root_key, skew, at, revokes=True)
    return Issuer(TrustBundle.of(root), (certificate,), key)


def serial_number() -> int:
    """A random one of up to 128 bits."""
    return secrets.randbits(128) or 1


def _organization(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, name, _validate=False)])


def _authority(
    subject: x509.Name,
    issuer: x509.Name,
    public: PublicKey,
    signer: PrivateKey,
    skew: timedelta,
    at: datetime,
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
        .not_valid_before(at - skew)
        .not_valid_after(at + VALIDITY)
        .add_extension(usage, critical=True)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    )
    if subject != issuer:
        identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key())
        builder = builder.add_extension(identifier, critical=False)
    return builder.sign(signer, signature_hash(signer))  # type: ignore[arg-type]  # None: Ed25519
