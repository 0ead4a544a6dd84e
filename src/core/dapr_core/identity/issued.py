"""What sentry gives a workload, and the contract of whoever fetches it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field

from dapr_core.identity.bundle import TrustBundle
from dapr_core.identity.svid import X509Svid


class IdentityError(Exception):
    """No identity was to be had.

    Attributes:
        reason: why, as metrics name it: ``sentry_conn``, ``sentry_token``, ``sign``, ``invalid_ts``, ``jwt_parse``,
            ``jwt_aud`` (control-plane.md §2.3).
    """

    def __init__(self, reason: str, text: str) -> None:
        super().__init__(text)
        self.reason = reason


class SentryUnreachableError(IdentityError):
    """Nobody who is sentry answers there (yet): worth waiting for, also at the start."""

    def __init__(self, text: str) -> None:
        super().__init__("sentry_conn", text)


class JwtAudienceError(ValueError):
    """There is no token for the audience."""


@dataclass(frozen=True)
class Issued:
    """An identity as it was issued.

    Attributes:
        svid: certificate chain and key.
        jwt: the base token; empty where sentry issues none.
        audience_jwts: tokens for one audience each.
        jwt_audiences: audiences of the base token.
        jwt_expires: when the first of the tokens ends, in seconds since the epoch; None without tokens.
    """

    svid: X509Svid
    jwt: str = field(default="", repr=False)
    audience_jwts: Mapping[str, str] = field(default_factory=dict, repr=False)
    jwt_audiences: tuple[str, ...] = ()
    jwt_expires: float | None = None

    def jwt_for(self, audience: str) -> str:
        """The token to show to an audience (control-plane.md §2.7).

        Raises:
            JwtAudienceError: there is none.
        """
        if not self.jwt and not self.audience_jwts:
            raise JwtAudienceError("no JWT SVID available")
        if not audience:
            raise JwtAudienceError("JWT audience is required")
        if audience in self.audience_jwts:
            return self.audience_jwts[audience]
        if audience in self.jwt_audiences:
            return self.jwt
        raise JwtAudienceError(f"no JWT SVID for the audience {audience[:100]!r}; ask sentry for it at the start")


class IdentitySource(ABC):
    """Fetches an identity with a new key, each time it is asked."""

    @abstractmethod
    async def fetch(self, bundle: TrustBundle) -> Issued:
        """A new identity, from an authority that these anchors vouch for.

        Raises:
            SentryUnreachableError: the authority cannot be reached, or is not the one it should be.
            IdentityError: it refused, or what it gave cannot be used.
        """
