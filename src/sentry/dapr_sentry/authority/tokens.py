"""Issues JWT-SVIDs (control-plane.md §1.9)."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from dapr_core.identity import jwt
from dapr_core.identity.spiffe import SpiffeId
from dapr_sentry.authority.jwtkeys import JwtKeys

MAX_AUDIENCES: Final = 32
"""Audiences of one request: each costs a signature."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a caller gets: the base token, and one for each audience alone."""

    base: str
    per_audience: dict[str, str]


class TokenIssuer:
    """Signs tokens.

    Args:
        keys: what signs.
        ttl, skew: seconds a token is valid, and by how much it begins in the past.
        issuer: the claim ``iss``; None leaves it out.
        now: seconds since the epoch.
    """

    def __init__(
        self, keys: JwtKeys, *, ttl: float, skew: float, issuer: str | None, now: Callable[[], float] = time.time
    ) -> None:
        self.keys = keys
        self._ttl = ttl
        self._skew = skew
        self._issuer = issuer
        self._now = now

    def issue(self, identity: SpiffeId, audiences: Sequence[str]) -> Tokens:
        """Tokens for an identity. RSA takes about a millisecond each: call it off the loop.

        Args:
            identity: whom they are about; its trust domain is always an audience.
            audiences: further ones, each once.
        """
        wanted = list(dict.fromkeys((identity.trust_domain.name, *audiences)))
        return Tokens(self._sign(identity, wanted), {audience: self._sign(identity, [audience]) for audience in wanted})

    def _sign(self, identity: SpiffeId, audiences: list[str]) -> str:
        now = int(self._now())
        claims: dict[str, Any] = {
            "sub": str(identity),
            "aud": audiences,
            "iat": now,
            "nbf": int(now - self._skew),
            "exp": int(now + self._ttl),
            "jti": secrets.token_hex(16),
            "use": "sig",
        }
        if self._issuer is not None:
            claims["iss"] = self._issuer
        return jwt.sign(self.keys.key, self.keys.algorithm, claims, kid=self.keys.kid)
