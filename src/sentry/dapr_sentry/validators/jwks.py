"""The ``jwks`` validator: a caller proves itself by a JWT that one of the configured keys has signed (§1.4).

The token must be for sentry (``aud``) and about the very id that is asked for (``sub``).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from dapr_core.identity import jwt
from dapr_core.identity.jwk import JwkSet
from dapr_core.identity.jwt import InvalidTokenError
from dapr_core.identity.spiffe import SpiffeId
from dapr_core.process.health import Target
from dapr_core.process.supervise import Supervisor
from dapr_core.timing.duration import InvalidDurationError, parse_seconds
from dapr_sentry.validators.common import claimed_id
from dapr_sentry.validators.contract import Claim, Proof, RefusedError, Validator
from dapr_sentry.validators.keysource import KeySource, ca_certificate, key_source

HEALTH_TARGET: Final = "sentry-jwks-validator"
DEFAULT_REFRESH: Final = 600.0
DEFAULT_TIMEOUT: Final = 30.0
_SHORTEST_REFRESH: Final = 1.0
_SHORTEST_TIMEOUT: Final = 0.001
_OPTIONS: Final = ("source", "caCertificate", "minRefreshInterval", "requestTimeout")


class JwksOptionsError(ValueError):
    """The validator's options do not fit; the message names the option and what to write."""


@dataclass(frozen=True, slots=True)
class JwksOptions:
    """The validator's settings; times in seconds."""

    source: str
    ca_certificate: str = ""
    refresh: float = DEFAULT_REFRESH
    timeout: float = DEFAULT_TIMEOUT

    @classmethod
    def read(cls, options: Mapping[str, Any]) -> JwksOptions:
        """Read them from a Configuration; names are matched whatever their case.

        Raises:
            JwksOptionsError: one is missing, unknown or does not fit.
        """
        known = {name.lower(): name for name in _OPTIONS}
        values: dict[str, Any] = {}
        for name, value in options.items():
            if name.lower() not in known:
                raise JwksOptionsError(f"the validator 'jwks' has no option {name!r}; it has {', '.join(_OPTIONS)}")
            values[known[name.lower()]] = value
        source = values.get("source")
        if not isinstance(source, str) or not source:
            raise JwksOptionsError("the validator 'jwks' needs the option 'source': a URL, a file, or the JWKS itself")
        return cls(
            source,
            str(values.get("caCertificate") or ""),
            _seconds(values, "minRefreshInterval", DEFAULT_REFRESH, _SHORTEST_REFRESH),
            _seconds(values, "requestTimeout", DEFAULT_TIMEOUT, _SHORTEST_TIMEOUT),
        )


class JwksValidator(Validator):
    """Believes tokens.

    Args:
        options: the settings.
        audience: sentry's own SPIFFE id, which tokens must be for.
        health: ready while there are keys.
        now: seconds since the epoch.
    """

    name = "jwks"

    def __init__(
        self, options: JwksOptions, audience: SpiffeId, health: Target, now: Callable[[], float] = time.time
    ) -> None:
        self._options = options
        self._audience = str(audience)
        self._health = health
        self._now = now
        self._keys: JwkSet | None = None
        self._tasks = Supervisor("jwks validator")

    async def start(self) -> None:
        """Get the keys.

        Raises:
            KeySourceError: there are none to be had.
        """
        options = self._options
        source = key_source(
            options.source,
            ca=ca_certificate(options.ca_certificate),
            refresh=options.refresh,
            timeout=options.timeout,
        )
        self._keys = await source.load()
        self._tasks.start("keys", self._follow(source))
        self._health.ready()

    async def stop(self) -> None:
        self._health.not_ready()
        await self._tasks.stop(5.0)

    async def validate(self, claim: Claim) -> Proof:
        identity = claimed_id(claim)
        if not claim.token:
            raise RefusedError("the request does not contain a token")
        if self._keys is None:
            raise RefusedError("jwks validator not ready")
        try:
            token = jwt.verified(claim.token, self._keys)
            jwt.check_times(token, self._now())
            jwt.check_audience(token, self._audience)
            jwt.check_subject(token, str(identity))
        except InvalidTokenError as error:
            raise RefusedError(f"token validation failed: {error}") from None
        return Proof(identity)

    async def _follow(self, source: KeySource) -> None:
        async for keys in source.updates():
            self._keys = keys


def _seconds(values: Mapping[str, Any], name: str, default: float, shortest: float) -> float:
    """A duration in Go's notation or whole seconds; one that is too short for use counts as not given."""
    value = values.get(name)
    if value is None or value == "":
        return default
    try:
        if isinstance(value, bool):
            raise ValueError
        text = str(value)
        seconds = float(value) if isinstance(value, int | float) or text.isdecimal() else parse_seconds(text)
    except (ValueError, InvalidDurationError):
        raise JwksOptionsError(f"the option {name!r} of the validator 'jwks' is no duration; write 10m") from None
    return seconds if seconds > shortest else default
