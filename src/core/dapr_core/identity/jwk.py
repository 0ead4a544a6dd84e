"""JSON Web Keys: public keys as JSON, key sets, and thumbprints (RFC 7517, RFC 7518 §6, RFC 8037, RFC 7638).

Only public keys for signatures are read. Symmetric keys in a set are refused: whoever could read the set could forge
tokens with them.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from dapr_core.identity.keys import PublicKey, WeakKeyError, require_strong

MAX_SET: Final = 1024 * 1024
"""Bytes of a key set."""

_BASE64URL: Final = re.compile(r"[A-Za-z0-9_-]*")
_CURVES: Final[Mapping[str, type[ec.EllipticCurve]]] = {
    "P-256": ec.SECP256R1,
    "P-384": ec.SECP384R1,
    "P-521": ec.SECP521R1,
}
_CURVE_NAMES: Final = {"secp256r1": "P-256", "secp384r1": "P-384", "secp521r1": "P-521"}


class InvalidJwkError(ValueError):
    """The JSON is no usable key or key set; the message says why and never quotes key material."""


@dataclass(frozen=True, slots=True)
class Jwk:
    """A public key with what its set says of it; ``kid`` and ``alg`` are empty when absent."""

    key: PublicKey = field(repr=False)
    kid: str = ""
    alg: str = ""


@dataclass(frozen=True, slots=True)
class JwkSet:
    """Keys in the order of the set."""

    keys: tuple[Jwk, ...]

    def find(self, kid: str) -> tuple[Jwk, ...]:
        """The keys that a token naming ``kid`` may be signed with; all of them when it names none."""
        return tuple(key for key in self.keys if key.kid == kid) if kid else self.keys


def encode(data: bytes) -> str:
    """Base64url without padding (RFC 7515 §2)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def decode(text: str) -> bytes:
    """Undo ``encode``, strictly: no padding, no other characters, no stray bits.

    Raises:
        ValueError: it is not in that form.
    """
    if not _BASE64URL.fullmatch(text):
        raise ValueError("no base64url")
    try:
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error:
        raise ValueError("no base64url") from None
    if encode(data) != text:  # one value, one spelling: else a signed text could be altered without its signature
        raise ValueError("no canonical base64url")
    return data


def parse_set(text: bytes) -> JwkSet:
    """Read a key set. Keys that are not for checking signatures (``use: enc``) are passed over.

    Raises:
        InvalidJwkError: it is no key set, is too long, or one of its keys is unusable.
    """
    if len(text) > MAX_SET:
        raise InvalidJwkError(f"the JWKS is longer than {MAX_SET} bytes")
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        raise InvalidJwkError("the JWKS is no JSON") from None
    members = value.get("keys") if isinstance(value, dict) else None
    if not isinstance(members, list):
        raise InvalidJwkError('the JWKS has no array "keys"')
    return JwkSet(tuple(parse_key(member) for member in members if not _for_encryption(member)))


def parse_key(value: Any) -> Jwk:
    """Read one key from its decoded JSON.

    Raises:
        InvalidJwkError: it is no public key that we accept.
    """
    if not isinstance(value, dict):
        raise InvalidJwkError("a key of the JWKS is no JSON object")
    kind = value.get("kty")
    try:
        if kind == "RSA":
            key: PublicKey = rsa.RSAPublicNumbers(_number(value, "e"), _number(value, "n")).public_key()
        elif kind == "EC":
            key = _ec(value)
        elif kind == "OKP" and value.get("crv") == "Ed25519":
            key = ed25519.Ed25519PublicKey.from_public_bytes(decode(_text(value, "x")))
        else:
            raise InvalidJwkError(f"keys of type {str(kind)[:20]!r} are not accepted; use RSA, EC or OKP with Ed25519")
        return Jwk(require_strong(key), _optional(value, "kid"), _optional(value, "alg"))
    except WeakKeyError as error:
        raise InvalidJwkError(str(error)) from None
    except InvalidJwkError:
        raise
    except ValueError as error:
        raise InvalidJwkError(f"a key of type {kind} of the JWKS is malformed: {error}") from None


def members_of(key: PublicKey) -> dict[str, str]:
    """The required members of a public key, in the order in which its thumbprint takes them."""
    if isinstance(key, ed25519.Ed25519PublicKey):
        return {"crv": "Ed25519", "kty": "OKP", "x": encode(key.public_bytes_raw())}
    if isinstance(key, ec.EllipticCurvePublicKey):
        size = (key.curve.key_size + 7) // 8
        numbers = key.public_numbers()
        x, y = (encode(number.to_bytes(size)) for number in (numbers.x, numbers.y))
        return {"crv": _CURVE_NAMES[key.curve.name], "kty": "EC", "x": x, "y": y}
    public = key.public_numbers()
    return {"e": _encode_number(public.e), "kty": "RSA", "n": _encode_number(public.n)}


def thumbprint(key: PublicKey) -> bytes:
    """The SHA-256 thumbprint (RFC 7638)."""
    return hashlib.sha256(json.dumps(members_of(key), separators=(",", ":")).encode()).digest()


def _for_encryption(value: Any) -> bool:
    return isinstance(value, dict) and value.get("use") == "enc"


def _ec(value: Mapping[str, Any]) -> ec.EllipticCurvePublicKey:
    name = _text(value, "crv")
    if name not in _CURVES:
        raise InvalidJwkError(f"the curve {name[:20]!r} is not accepted; use P-256, P-384 or P-521")
    return ec.EllipticCurvePublicNumbers(_number(value, "x"), _number(value, "y"), _CURVES[name]()).public_key()


def _text(value: Mapping[str, Any], name: str) -> str:
    text = value.get(name)
    if not isinstance(text, str) or not text:
        raise InvalidJwkError(f"a key of the JWKS lacks {name!r}")
    return text


def _optional(value: Mapping[str, Any], name: str) -> str:
    text = value.get(name, "")
    if not isinstance(text, str):
        raise InvalidJwkError(f"{name!r} of a key of the JWKS is no string")
    return text


def _number(value: Mapping[str, Any], name: str) -> int:
    return int.from_bytes(decode(_text(value, name)))


def _encode_number(number: int) -> str:
    return encode(number.to_bytes((number.bit_length() + 7) // 8))
