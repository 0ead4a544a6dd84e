"""The key that signs JWTs, and the key set that lets others check them (control-plane.md §1.9)."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import Final

from dapr_core.identity.algorithms import ALGORITHMS, Algorithm
from dapr_core.identity.jwk import InvalidJwkError, members_of, parse_set, thumbprint
from dapr_core.identity.keys import (
    InvalidKeyError,
    KeyKind,
    PrivateKey,
    WeakKeyError,
    from_pem,
    generate,
    same_key,
    to_pem,
)
from dapr_core.jsonx import dumps

GENERATED_ALGORITHM: Final = "RS256"


class InvalidJwtKeysError(ValueError):
    """Key and key set cannot be used (together); the message names the rule."""


@dataclass(frozen=True, slots=True)
class JwtKeys:
    """What signs tokens, and what is published.

    Attributes:
        key: the private key.
        algorithm: what signs with it.
        kid: how tokens name it.
        jwks: the key set as it is served, byte for byte.
    """

    key: PrivateKey = field(repr=False, compare=False)
    algorithm: Algorithm
    kid: str
    jwks: bytes

    @property
    def key_pem(self) -> bytes:
        """The private key in PEM: a secret."""
        return to_pem(self.key)


def generate_jwt_keys(kid: str = "") -> JwtKeys:
    """A new RSA key and its set. Takes a tenth of a second: call it off the loop.

    Args:
        kid: its id; empty takes its thumbprint.
    """
    key = generate(KeyKind.RSA_2048)
    kid = kid or default_kid(key)
    member = {**members_of(key.public_key()), "kid": kid, "alg": GENERATED_ALGORITHM, "use": "sig"}
    return JwtKeys(key, ALGORITHMS[GENERATED_ALGORITHM], kid, dumps({"keys": [member]}))


def check_jwt_keys(key_pem: bytes, jwks: bytes, *, algorithm: str, kid: str = "") -> JwtKeys:
    """Read and check a key and its set.

    Args:
        key_pem: the private key.
        jwks: the set.
        algorithm: by which tokens are to be signed.
        kid: the id that the set must have it under; empty leaves that open.

    Raises:
        InvalidJwtKeysError: a rule is broken.
    """
    try:
        key = from_pem(key_pem)
        keys = parse_set(jwks).keys
    except (InvalidKeyError, WeakKeyError, InvalidJwkError) as error:
        raise InvalidJwtKeysError(f"the JWT signing key or its JWKS cannot be used: {error}") from None
    if not keys:
        raise InvalidJwtKeysError("JWKS doesn't contain any keys")
    if kid and not any(entry.kid == kid for entry in keys):
        raise InvalidJwtKeysError(f'JWKS doesn\'t contain a key with user-provided key ID "{kid}"')
    matching = [entry for entry in keys if (not kid or entry.kid == kid) and same_key(entry.key, key.public_key())]
    if not matching:
        raise InvalidJwtKeysError("JWKS doesn't contain a matching public key for the JWT signing key")
    chosen = ALGORITHMS[algorithm]
    if not chosen.fits(key):
        raise InvalidJwtKeysError(
            f"the JWT signing key cannot sign with {algorithm}; set --jwt-signing-algorithm to one that fits its type"
        )
    if matching[0].alg not in ("", algorithm):
        raise InvalidJwtKeysError(
            f"the JWKS says that the JWT signing key is for {matching[0].alg}; set --jwt-signing-algorithm to that"
        )
    return JwtKeys(key, chosen, kid or matching[0].kid or default_kid(key), jwks)


def default_kid(key: PrivateKey) -> str:
    """The thumbprint of a key in standard base64."""
    return base64.b64encode(thumbprint(key.public_key())).decode("ascii")
