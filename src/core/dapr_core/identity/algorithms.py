"""Signature algorithms of JSON Web Tokens (RFC 7518 §3, RFC 8037): asymmetric ones only, each bound to its kind of key.

That binding is what defeats key confusion: ``none`` and the symmetric ``HS…`` do not exist here, and a token that names
``RS256`` is never checked with an elliptic key, whatever its header says.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from dapr_core.identity.keys import PrivateKey, PublicKey


class Algorithm(ABC):
    """One algorithm by its JOSE name."""

    name: str

    @abstractmethod
    def fits(self, key: PrivateKey | PublicKey) -> bool:
        """Whether the key is of the kind that this algorithm is for."""

    @abstractmethod
    def sign(self, key: PrivateKey, data: bytes) -> bytes:
        """The signature in JOSE's form; the key must fit."""

    @abstractmethod
    def verify(self, key: PublicKey, signature: bytes, data: bytes) -> bool:
        """Whether the signature is the key's; False also for a key that does not fit."""


@dataclass(frozen=True, slots=True)
class _Rsa(Algorithm):
    name: str
    digest: hashes.HashAlgorithm
    pss: bool

    def fits(self, key: PrivateKey | PublicKey) -> bool:
        return isinstance(key, rsa.RSAPrivateKey | rsa.RSAPublicKey)

    def sign(self, key: PrivateKey, data: bytes) -> bytes:
        assert isinstance(key, rsa.RSAPrivateKey)
        return key.sign(data, self._padding(), self.digest)

    def verify(self, key: PublicKey, signature: bytes, data: bytes) -> bool:
        if not isinstance(key, rsa.RSAPublicKey):
            return False
        try:
            key.verify(signature, data, self._padding(), self.digest)
        except InvalidSignature:
            return False
        return True

    def _padding(self) -> padding.AsymmetricPadding:
        if self.pss:
            return padding.PSS(padding.MGF1(self.digest), padding.PSS.DIGEST_LENGTH)
        return padding.PKCS1v15()


@dataclass(frozen=True, slots=True)
class _Ecdsa(Algorithm):
    name: str
    digest: hashes.HashAlgorithm
    curve: type[ec.EllipticCurve]
    size: int
    """Octets of each of the two numbers of a signature."""

    def fits(self, key: PrivateKey | PublicKey) -> bool:
        return isinstance(key, ec.EllipticCurvePrivateKey | ec.EllipticCurvePublicKey) and isinstance(
            key.curve, self.curve
        )

    def sign(self, key: PrivateKey, data: bytes) -> bytes:
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        r, s = decode_dss_signature(key.sign(data, ec.ECDSA(self.digest)))
        return r.to_bytes(self.size) + s.to_bytes(self.size)

    def verify(self, key: PublicKey, signature: bytes, data: bytes) -> bool:
        if not isinstance(key, ec.EllipticCurvePublicKey) or not self.fits(key) or len(signature) != 2 * self.size:
            return False
        r, s = int.from_bytes(signature[: self.size]), int.from_bytes(signature[self.size :])
        try:
            key.verify(encode_dss_signature(r, s), data, ec.ECDSA(self.digest))
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True, slots=True)
class _EdDsa(Algorithm):
    name: str = "EdDSA"

    def fits(self, key: PrivateKey | PublicKey) -> bool:
        return isinstance(key, ed25519.Ed25519PrivateKey | ed25519.Ed25519PublicKey)

    def sign(self, key: PrivateKey, data: bytes) -> bytes:
        assert isinstance(key, ed25519.Ed25519PrivateKey)
        return key.sign(data)

    def verify(self, key: PublicKey, signature: bytes, data: bytes) -> bool:
        if not isinstance(key, ed25519.Ed25519PublicKey):
            return False
        try:
            key.verify(signature, data)
        except InvalidSignature:
            return False
        return True


ALGORITHMS: Final[dict[str, Algorithm]] = {
    algorithm.name: algorithm
    for algorithm in (
        _Rsa("RS256", hashes.SHA256(), False),
        _Rsa("RS384", hashes.SHA384(), False),
        _Rsa("RS512", hashes.SHA512(), False),
        _Rsa("PS256", hashes.SHA256(), True),
        _Rsa("PS384", hashes.SHA384(), True),
        _Rsa("PS512", hashes.SHA512(), True),
        _Ecdsa("ES256", hashes.SHA256(), ec.SECP256R1, 32),
        _Ecdsa("ES384", hashes.SHA384(), ec.SECP384R1, 48),
        _Ecdsa("ES512", hashes.SHA512(), ec.SECP521R1, 66),
        _EdDsa(),
    )
}
"""By name (control-plane.md §1.9)."""
