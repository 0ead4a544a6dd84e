"""Resiliency: named time-outs, retries and circuit breakers, and what they apply to (crds-helm-config.md §1.3).

Only the shape is read here; what the values mean is decided by the sidecar's policies (§3).
"""

from __future__ import annotations

from typing import ClassVar

from dapr_core.resources.metadata import ObjectMeta
from dapr_core.resources.modelling import model
from dapr_core.resources.schema import DURATION, INTEGER, STRING, attr, list_of, map_of


@model
class RetryMatching:
    """Status codes that are worth a retry; empty means all."""

    http_status_codes: str = attr("httpStatusCodes", STRING, "HTTP codes and ranges: 429,500-599.")
    grpc_status_codes: str = attr("gRPCStatusCodes", STRING, "gRPC codes and ranges: 4,8-14.")


@model
class Retry:
    """A named retry policy."""

    policy: str = attr("policy", STRING, "constant or exponential.")
    duration: str = attr("duration", DURATION, "Pause between tries of a constant policy.")
    max_interval: str = attr("maxInterval", DURATION, "Longest pause of an exponential policy.")
    max_retries: int | None = attr("maxRetries", INTEGER, "Retries after the first try; -1 is no limit.", optional=True)
    matching: RetryMatching | None = attr("matching", RetryMatching, "Codes worth a retry.", optional=True)


@model
class CircuitBreaker:
    """A named circuit breaker."""

    max_requests: int = attr("maxRequests", INTEGER, "Requests let through while half open.")
    interval: str = attr("interval", DURATION, "Period after which counts are cleared while closed; 0 is never.")
    timeout: str = attr("timeout", DURATION, "Time an open breaker waits before it lets a request through.")
    trip: str = attr("trip", STRING, "CEL expression over the counts that opens the breaker.")


@model
class Policies:
    """The named policies."""

    timeouts: dict[str, str] = attr("timeouts", map_of(DURATION), "Time-outs by name.")
    retries: dict[str, Retry] = attr("retries", map_of(Retry), "Retry policies by name.")
    circuit_breakers: dict[str, CircuitBreaker] = attr(
        "circuitBreakers", map_of(CircuitBreaker), "Circuit breakers by name."
    )


@model
class PolicyNames:
    """Names of the policies of one direction of a component."""

    timeout: str = attr("timeout", STRING, "Name of a time-out.")
    retry: str = attr("retry", STRING, "Name of a retry policy.")
    circuit_breaker: str = attr("circuitBreaker", STRING, "Name of a circuit breaker.")


@model
class AppTarget:
    """Policies of calls to an application."""

    timeout: str = attr("timeout", STRING, "Name of a time-out.")
    retry: str = attr("retry", STRING, "Name of a retry policy.")
    circuit_breaker: str = attr("circuitBreaker", STRING, "Name of a circuit breaker.")
    circuit_breaker_cache_size: int = attr("circuitBreakerCacheSize", INTEGER, "Breakers kept, one an endpoint.")


@model
class ActorTarget:
    """Policies of calls to actors of a type."""

    timeout: str = attr("timeout", STRING, "Name of a time-out.")
    retry: str = attr("retry", STRING, "Name of a retry policy.")
    circuit_breaker: str = attr("circuitBreaker", STRING, "Name of a circuit breaker.")
    circuit_breaker_scope: str = attr("circuitBreakerScope", STRING, "type, id or both.")
    circuit_breaker_cache_size: int = attr("circuitBreakerCacheSize", INTEGER, "Breakers kept, one an actor.")


@model
class ComponentTarget:
    """Policies of a component's operations, by direction."""

    inbound: PolicyNames = attr("inbound", PolicyNames, "Delivery from the component to the application.")
    outbound: PolicyNames = attr("outbound", PolicyNames, "Calls of the component by the sidecar.")


@model
class Targets:
    """What policies apply to."""

    apps: dict[str, AppTarget] = attr("apps", map_of(AppTarget), "By app id.")
    actors: dict[str, ActorTarget] = attr("actors", map_of(ActorTarget), "By actor type.")
    components: dict[str, ComponentTarget] = attr("components", map_of(ComponentTarget), "By component name.")


@model
class ResiliencySpec:
    """Policies and their targets."""

    policies: Policies = attr("policies", Policies, "The named policies.", required=True)
    targets: Targets = attr("targets", Targets, "What they apply to.", required=True)


@model
class Resiliency:
    """Named policies against failure, and what they apply to."""

    KIND: ClassVar[str] = "Resiliency"
    API_VERSIONS: ClassVar[tuple[str, ...]] = ("dapr.io/v1alpha1",)

    metadata: ObjectMeta = attr("metadata", ObjectMeta, "Standard object metadata.")
    spec: ResiliencySpec = attr("spec", ResiliencySpec, "Policies and their targets.")
    scopes: tuple[str, ...] = attr("scopes", list_of(STRING), "App ids it applies to; empty means every app.")

    @property
    def name(self) -> str:
        """The resource's name."""
        return self.metadata.name
