"""What the API server says about a token (``authentication.k8s.io/v1`` TokenReview)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dapr_core.kube.objects import section, text


@dataclass(frozen=True, slots=True)
class TokenReview:
    """The server's verdict.

    Attributes:
        authenticated: whether the token is good.
        error: why it could not be checked; empty otherwise.
        audiences: those asked for that the token is for. A server that gives none does not know audiences, and the
            token may be for anybody.
        username, uid: whose token it is.
        extra: what else the server tells, as the pod that the token is bound to.
    """

    authenticated: bool
    error: str = ""
    audiences: tuple[str, ...] = ()
    username: str = ""
    uid: str = ""
    extra: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def said(self, name: str) -> str:
        """The first value of an entry of ``extra``; empty when there is none."""
        return next(iter(self.extra.get(name, ())), "")


def review_of(answer: Mapping[str, Any]) -> TokenReview:
    """Read the server's answer; whatever is not there counts against the token."""
    status, user = section(answer, "status"), section(answer, "status", "user")
    extra = section(user, "extra")
    return TokenReview(
        status.get("authenticated") is True,
        text(status, "error"),
        _texts(status.get("audiences")),
        text(user, "username"),
        text(user, "uid"),
        {name: _texts(values) for name, values in extra.items()},
    )


def _texts(value: object) -> tuple[str, ...]:
    return tuple(each for each in value if isinstance(each, str)) if isinstance(value, list) else ()
