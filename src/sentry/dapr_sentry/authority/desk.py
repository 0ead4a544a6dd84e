"""Everything that issues, as one value that is exchanged as a whole when credentials change."""

from __future__ import annotations

from dataclasses import dataclass

from dapr_sentry.authority.leaves import LeafSigner
from dapr_sentry.authority.tokens import TokenIssuer


@dataclass(frozen=True, slots=True)
class Desk:
    """What is in force.

    Attributes:
        leaves: signs certificates.
        tokens: signs JWTs; None when they are not enabled.
    """

    leaves: LeafSigner
    tokens: TokenIssuer | None = None


class DeskHolder:
    """The desk in force. A request takes it once, so that all of its answer is of one issuer."""

    def __init__(self, desk: Desk) -> None:
        self.current = desk
