"""JSON Web Tokens in the compact form: signed, read, checked (RFC 7519, RFC 7515; control-plane.md §1.4, §1.9, §2.3).

``read`` takes a token apart and believes nothing; ``verified`` gives its claims once a key of a set has proved them.
The token itself never appears in an error.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from dapr_core.identity.algorithms import ALGORITHMS, Algorithm
from dapr_core.identity.jwk import JwkSet, decode, encode
from dapr_core.identity.keys import PrivateKey

MAX_TOKEN: Final = 64 * 1024
"""Bytes of a token; Kubernetes' are one or two thousand."""
SKEW: Final = 300.0
"""Seconds by which clocks may differ (control-plane.md §1.4)."""

_SPLIT: Final = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]*)")


class InvalidTokenError(ValueError):
    """The token is malformed, is not signed by a known key, or its claims do not hold."""


@dataclass(frozen=True, slots=True)
class Token:
    """A token taken apart; nothing of it is proved."""

    header: Mapping[str, Any] = field(repr=False)
    claims: Mapping[str, Any] = field(repr=False)
    signature: bytes = field(repr=False)
    signed: bytes = field(repr=False)
    """What the signature is of."""

    @property
    def audiences(self) -> tuple[str, ...]:
        """``aud`` as a tuple, whether it was a string or a list; what is no string is left out."""
        value = self.claims.get("aud")
        members: Sequence[Any] = value if isinstance(value, list) else [value]
        return tuple(member for member in members if isinstance(member, str))


def sign(key: PrivateKey, algorithm: Algorithm, claims: Mapping[str, Any], *, kid: str) -> str:
    """A signed token.

    Raises:
        ValueError: the key is not of the algorithm's kind.
    """
    if not algorithm.fits(key):
        raise ValueError(f"the key cannot sign with {algorithm.name}")
    header = {"alg": algorithm.name, "kid": kid, "typ": "JWT"}
    signed = f"{encode(_dump(header))}.{encode(_dump(claims))}"
    return f"{signed}.{encode(algorithm.sign(key, signed.encode('ascii')))}"


def read(text: str) -> Token:
    """Take a token apart.

    Raises:
        InvalidTokenError: it is no token in the compact form, or too long.
    """
    if len(text) > MAX_TOKEN:
        raise InvalidTokenError(f"the token is longer than {MAX_TOKEN} bytes")
    found = _SPLIT.fullmatch(text)
    if found is None:
        raise InvalidTokenError("the token is no signed JWT in the compact form")
    signed = text[: found.end(2)].encode("ascii")
    return Token(_object(found[1], "header"), _object(found[2], "claims"), _signature(found[3]), signed)


def verified(text: str, keys: JwkSet) -> Token:
    """A token that one of the keys has signed. Its times and claims are still to be checked.

    Raises:
        InvalidTokenError: it is malformed, names an algorithm that is not accepted, or no key fits.
    """
    token = read(text)
    name = token.header.get("alg")
    algorithm = ALGORITHMS.get(name) if isinstance(name, str) else None
    if algorithm is None:
        raise InvalidTokenError(f'could not verify message: the algorithm "{str(name)[:20]}" is not accepted')
    if "crit" in token.header:
        raise InvalidTokenError('could not verify message: its header has "crit" extensions, which are not understood')
    kid = token.header.get("kid", "")
    for entry in keys.find(kid) if isinstance(kid, str) else ():
        if entry.alg in ("", algorithm.name) and algorithm.verify(entry.key, token.signature, token.signed):
            return token
    raise InvalidTokenError("could not verify message using any of the signatures or keys")


def check_times(token: Token, now: float, skew: float = SKEW) -> None:
    """Hold ``exp``, ``nbf`` and ``iat``, as far as they are there, against a clock (seconds since the epoch).

    Raises:
        InvalidTokenError: one of them does not hold or is no number.
    """
    for name in ("exp", "nbf", "iat"):
        value = token.claims.get(name)
        if value is None:
            continue
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise InvalidTokenError(f'"{name}" is no number')
        if (now >= value + skew) if name == "exp" else (now + skew < value):
            raise InvalidTokenError(f'"{name}" not satisfied: {_explain(name)}')


def check_audience(token: Token, audience: str) -> None:
    """Require that the token is for this audience.

    Raises:
        InvalidTokenError: it is not.
    """
    if audience not in token.audiences:
        raise InvalidTokenError(f'"aud" not satisfied: the token is not for {audience}')


def check_subject(token: Token, subject: str) -> None:
    """Require that the token is about this subject.

    Raises:
        InvalidTokenError: it is not.
    """
    if token.claims.get("sub") != subject:
        raise InvalidTokenError(f'"sub" not satisfied: the token is not about {subject}')


def _explain(name: str) -> str:
    return "the token has expired" if name == "exp" else "the token is not valid yet; compare the clocks"


def _dump(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, separators=(",", ":"), sort_keys=True, ensure_ascii=False).encode("utf-8")


def _object(text: str, what: str) -> Mapping[str, Any]:
    try:
        value = json.loads(decode(text), parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise InvalidTokenError(f"the {what} of the token is no JSON object")
    return value


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _signature(text: str) -> bytes:
    try:
        return decode(text)
    except ValueError:
        raise InvalidTokenError("the signature of the token is no base64url") from None
