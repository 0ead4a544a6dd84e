"""Read Resiliency resources into one set of named policies and targets (crds-helm-config.md §1.3, §3.1).

Later resources override names of earlier ones. A resource with a mistake is dropped whole, so that nothing of it half
applies; the others stand.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeVar

from dapr_core.timing.duration import InvalidDurationError, parse_seconds
from daprd.policy.breaker import BreakerSpec, after_six_failures, parse_trip
from daprd.policy.builtin import BUILT_IN, BUILT_IN_MINIMUM, PROTECTED
from daprd.policy.cel import BadExpressionError
from daprd.policy.matching import MatchingError, StatusMatching
from daprd.policy.retry import NO_LIMIT, RetrySpec

V = TypeVar("V")

ActorScope = Literal["type", "id", "both"]
_SCOPES: dict[str, ActorScope] = {"type": "type", "id": "id", "both": "both"}
_APP_CACHE: Final = 100
_ACTOR_CACHE: Final = 5000


class ResiliencyError(ValueError):
    """A resource is wrong; the message names the policy or target, and what to write."""


@dataclass(frozen=True, slots=True)
class Names:
    """The policies a target names; empty for none."""

    timeout: str = ""
    retry: str = ""
    breaker: str = ""


@dataclass(frozen=True, slots=True)
class AppTarget:
    """An entry of ``targets.apps``."""

    names: Names
    cache_size: int = _APP_CACHE


@dataclass(frozen=True, slots=True)
class ActorTarget:
    """An entry of ``targets.actors``."""

    names: Names
    scope: ActorScope = "type"
    cache_size: int = _ACTOR_CACHE


@dataclass(slots=True)
class PolicySet:
    """All policies and targets in force."""

    timeouts: dict[str, float] = field(default_factory=dict)
    retries: dict[str, RetrySpec] = field(default_factory=lambda: dict(BUILT_IN))
    breakers: dict[str, BreakerSpec] = field(default_factory=dict)
    apps: dict[str, AppTarget] = field(default_factory=dict)
    actors: dict[str, ActorTarget] = field(default_factory=dict)
    components: dict[str, dict[str, Names]] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)

    def add(self, spec: Mapping[str, Any]) -> None:
        """Merge the ``spec`` of one resource.

        Raises:
            ResiliencyError: something in it is wrong; nothing of it was merged.
        """
        policies, targets = _mapping(spec, "policies"), _mapping(spec, "targets")
        timeouts = _each(policies, "timeouts", _timeout)
        retries = _each(policies, "retries", self._retry)
        breakers = _each(policies, "circuitBreakers", _breaker)
        apps = _each(targets, "apps", _app)
        actors = _each(targets, "actors", _actor)
        components = _each(targets, "components", _component)
        known = self.breakers.keys() | breakers.keys()
        _check_breakers(components, known)
        self.timeouts.update(timeouts)
        self.retries.update((name, retry) for name, retry in retries.items() if name not in PROTECTED)
        self.breakers.update(breakers)
        self.apps.update(apps)
        self.actors.update(actors)
        self.components.update(components)

    def _retry(self, name: str, value: Any) -> RetrySpec:
        retry = _retry(name, value)
        if name in PROTECTED:
            self.warnings.append(f"retry policy {name} is protected: what the resource says of it is ignored")
        elif name in BUILT_IN and retry.max_retries < BUILT_IN_MINIMUM:
            self.warnings.append(f"retry policy {name} is built in: maxRetries is raised to {BUILT_IN_MINIMUM}")
            return _with_retries(retry, BUILT_IN_MINIMUM)
        return retry


def _timeout(name: str, value: Any) -> float:
    return _duration(value, f"timeout {name!r}", 0.0)


def _retry(name: str, value: Any) -> RetrySpec:
    where = f"retry policy {name!r}"
    spec = _as_mapping(value, where)
    kind = str(spec.get("policy") or "constant").lower()
    if kind not in ("constant", "exponential"):
        raise ResiliencyError(f"{where}: policy {spec.get('policy')!r} must be constant or exponential")
    try:
        matching = StatusMatching.parse(_mapping(spec, "matching"))
    except MatchingError as error:
        raise ResiliencyError(f"{where}: matching: {error}") from None
    retries = spec.get("maxRetries")
    return RetrySpec(
        policy="constant" if kind == "constant" else "exponential",
        duration=_duration(spec.get("duration"), f"{where}: duration", 5.0),
        max_interval=_duration(spec.get("maxInterval"), f"{where}: maxInterval", 60.0),
        max_retries=max(NO_LIMIT, _integer(retries, f"{where}: maxRetries", NO_LIMIT)),
        matching=matching,
    )


def _with_retries(retry: RetrySpec, count: int) -> RetrySpec:
    return RetrySpec(
        policy=retry.policy,
        duration=retry.duration,
        max_interval=retry.max_interval,
        max_retries=count,
        matching=retry.matching,
    )


def _breaker(name: str, value: Any) -> BreakerSpec:
    where = f"circuit breaker {name!r}"
    spec = _as_mapping(value, where)
    trip = str(spec.get("trip") or "")
    max_requests = _integer(spec.get("maxRequests"), f"{where}: maxRequests", 0)
    if max_requests < 0:
        raise ResiliencyError(f"{where}: maxRequests {max_requests} must not be negative")
    try:
        condition = parse_trip(trip) if trip.strip() else after_six_failures
    except BadExpressionError as error:
        raise ResiliencyError(f"{where}: trip: {error}") from None
    return BreakerSpec(
        max_requests=max_requests or 1,
        interval=_duration(spec.get("interval"), f"{where}: interval", 0.0),
        timeout=_duration(spec.get("timeout"), f"{where}: timeout", 0.0) or 60.0,
        trip=condition,
    )


def _app(name: str, value: Any) -> AppTarget:
    spec = _as_mapping(value, f"target app {name!r}")
    return AppTarget(_names(spec), _cache_size(spec, f"target app {name!r}", _APP_CACHE))


def _actor(name: str, value: Any) -> ActorTarget:
    where = f"target actor {name!r}"
    spec = _as_mapping(value, where)
    names = _names(spec)
    text = str(spec.get("circuitBreakerScope") or "")
    if names.breaker and text not in _SCOPES:
        raise ResiliencyError(f"{where}: circuitBreakerScope {text!r} must be type, id or both")
    return ActorTarget(names, _SCOPES.get(text, "type"), _cache_size(spec, where, _ACTOR_CACHE))


def _component(name: str, value: Any) -> dict[str, Names]:
    spec = _as_mapping(value, f"target component {name!r}")
    return {direction: _names(_mapping(spec, direction)) for direction in ("inbound", "outbound")}


def _check_breakers(components: Mapping[str, Mapping[str, Names]], known: set[str]) -> None:
    for name, directions in components.items():
        for direction, names in directions.items():
            if names.breaker and names.breaker not in known:
                raise ResiliencyError(
                    f"target component {name!r}: {direction} names the circuit breaker {names.breaker!r}, "
                    "which policies.circuitBreakers does not have"
                )


def _names(spec: Mapping[str, Any]) -> Names:
    return Names(*(str(spec.get(key) or "") for key in ("timeout", "retry", "circuitBreaker")))


def _cache_size(spec: Mapping[str, Any], where: str, default: int) -> int:
    size = _integer(spec.get("circuitBreakerCacheSize"), f"{where}: circuitBreakerCacheSize", 0)
    if size < 0:
        raise ResiliencyError(f"{where}: circuitBreakerCacheSize {size} must not be negative")
    return size or default


def _duration(value: Any, where: str, default: float) -> float:
    """A Go duration, or a whole number of milliseconds, in seconds."""
    if value is None or value == "":
        return default
    text = str(value).strip()
    try:
        seconds = int(text) / 1000 if text.lstrip("-").isdecimal() else parse_seconds(text)
    except (InvalidDurationError, ValueError) as error:
        raise ResiliencyError(f"{where}: {error}") from None
    return max(seconds, 0.0)


def _integer(value: Any, where: str, default: int) -> int:
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int):
        raise ResiliencyError(f"{where}: {value!r} must be an integer")
    return value


def _each(holder: Mapping[str, Any], key: str, read: Callable[[str, Any], V]) -> dict[str, V]:
    return {str(name): read(str(name), value) for name, value in _mapping(holder, key).items()}


def _mapping(holder: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    return _as_mapping(holder.get(key), key)


def _as_mapping(value: Any, where: str) -> Mapping[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise ResiliencyError(f"{where} must be an object")
    return value
