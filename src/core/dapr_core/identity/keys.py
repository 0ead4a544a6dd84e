"""Private keys: made, read, written, matched and judged (control-plane.md §1.6, §2.2).

Ed25519 is the default; ECDSA and RSA are for peers whose TLS stack has no Ed25519, such as the API server of
Kubernetes calling a webhook.
"""

from __future__ import annotations

import hmac
from enum import Enum
from typing import Final, TypeAlias

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes

PrivateKey: TypeAlias = ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
PublicKey: TypeAlias = ed25519.Ed25519PublicKey | ec.EllipticCurvePublicKey | rsa.RSAPublicKey

RSA_BITS: Final = 2048
MIN_RSA_BITS: Final = 2048
MAX_RSA_BITS: Final = 8192
"""Beyond it every verification costs milliseconds, which would be a lever for whoever sends us keys."""
MAX_RSA_EXPONENT: Final = 2**32
"""An exponent as long as the modulus makes a verification a hundred times as dear; nobody uses one (65537 is usual)."""
_CURVES: Final = (ec.SECP256R1, ec.SECP384R1, ec.SECP521R1)


class KeyKind(Enum):
    """Keys we make."""

    ED25519 = "Ed25519"
    ECDSA_P256 = "ECDSA P-256"
    RSA_2048 = "RSA 2048"


class WeakKeyError(ValueError):
    """A key that we do not vouch for, or that is too costly to use."""


class InvalidKeyError(ValueError):
    """The PEM holds no private key that we can read. The message never quotes it."""


def generate(kind: KeyKind = KeyKind.ED25519) -> PrivateKey:
    """A new key. RSA takes a tenth of a second; make it off the loop."""
    if kind is KeyKind.ED25519:
        return ed25519.Ed25519PrivateKey.generate()
    if kind is KeyKind.ECDSA_P256:
        return ec.generate_private_key(ec.SECP256R1())
    return rsa.generate_private_key(public_exponent=65537, key_size=RSA_BITS)


def to_pem(key: PrivateKey) -> bytes:
    """PKCS#8 in PEM, unencrypted: a secret."""
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def from_pem(pem: bytes) -> PrivateKey:
    """Read PKCS#8 (``PRIVATE KEY``), SEC 1 (``EC PRIVATE KEY``) or PKCS#1 (``RSA PRIVATE KEY``).

    Raises:
        InvalidKeyError: it is none of them, or encrypted.
        WeakKeyError: it is a key we do not use.
    """
    try:
        key = serialization.load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise InvalidKeyError("the PEM holds no unencrypted private key of a known type") from None
    require_strong(key.public_key())
    if not isinstance(key, ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
        raise InvalidKeyError(f"keys of type {type(key).__name__} are not supported")
    return key


def require_strong(key: PublicKeyTypes) -> PublicKey:
    """The key, if it is Ed25519, ECDSA on P-256, P-384 or P-521, or RSA of 2048 to 8192 bits.

    Raises:
        WeakKeyError: it is not.
    """
    if isinstance(key, ed25519.Ed25519PublicKey):
        return key
    if isinstance(key, ec.EllipticCurvePublicKey):
        if isinstance(key.curve, _CURVES):
            return key
        raise WeakKeyError(f"the curve {key.curve.name} is not accepted; use P-256, P-384, P-521 or Ed25519")
    if isinstance(key, rsa.RSAPublicKey):
        if MIN_RSA_BITS <= key.key_size <= MAX_RSA_BITS:
            if key.public_numbers().e > MAX_RSA_EXPONENT:
                raise WeakKeyError("an RSA key with a public exponent beyond 32 bits is not accepted; use 65537")
            return key
        raise WeakKeyError(
            f"an RSA key of {key.key_size} bits is not accepted; use {MIN_RSA_BITS} to {MAX_RSA_BITS} bits, or Ed25519"
        )
    raise WeakKeyError("the type of key is not accepted; use Ed25519, ECDSA or RSA")


def public_der(key: PublicKey) -> bytes:
    """SubjectPublicKeyInfo in DER."""
    return key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def same_key(one: PublicKey, other: PublicKey) -> bool:
    """Whether both are the same public key; takes the same time whatever differs."""
    return hmac.compare_digest(public_der(one), public_der(other))


def signature_hash(key: PrivateKey) -> hashes.HashAlgorithm | None:
    """The digest with which certificates are signed by this key: none for Ed25519, else by the strength of the key."""
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return None
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return {256: hashes.SHA256(), 384: hashes.SHA384()}.get(key.curve.key_size, hashes.SHA512())
    return hashes.SHA256()
