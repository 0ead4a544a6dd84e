"""What a sidecar tells about itself (api.md §6.1): its application, components, subscriptions, actors and peers.

The runtime gives a ``Snapshot`` when somebody asks; this block holds the values that clients add, and knows the shape
of the answer. Empty members are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from daprd.app.contract import SubscriptionSpec

RUNTIME_VERSION_KEY = "daprRuntimeVersion"


@dataclass(frozen=True, slots=True)
class ComponentInfo:
    """A loaded component and what it can do, as its kind names it (``ETAG``, ``INPUT_BINDING``)."""

    name: str
    type: str
    version: str
    capabilities: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class AppHealthInfo:
    """How the application is probed. Durations as Go prints them (``5s``, ``500ms``); the path only for HTTP."""

    probe_interval: str
    probe_timeout: str
    threshold: int
    path: str = ""


@dataclass(frozen=True, slots=True)
class AppConnection:
    """How the sidecar reaches its application; port 0 means that there is none."""

    protocol: str = "http"
    channel_address: str = "127.0.0.1"
    port: int = 0
    max_concurrency: int = 0
    health: AppHealthInfo | None = None


@dataclass(frozen=True, slots=True)
class ActorInfo:
    """The actor runtime: DISABLED without a placement service."""

    status: Literal["INITIALIZING", "DISABLED", "RUNNING"] = "DISABLED"
    host_ready: bool = False
    placement: str = "placement: disconnected"
    active: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything the runtime knows at one moment."""

    app_id: str
    runtime_version: str
    enabled_features: Sequence[str] = ()
    components: Sequence[ComponentInfo] = ()
    subscriptions: Sequence[SubscriptionSpec] = ()
    http_endpoints: Sequence[str] = ()
    app: AppConnection = field(default_factory=AppConnection)
    actors: ActorInfo = field(default_factory=ActorInfo)
    scheduler_addresses: Sequence[str] = ()
    resiliencies: Sequence[str] = ()


class MetadataBlock:
    """Reading the metadata, and adding to it. Added values live as long as the process."""

    def __init__(self, snapshot: Callable[[], Snapshot]) -> None:
        self._snapshot = snapshot
        self._added: dict[str, str] = {}

    def snapshot(self) -> Snapshot:
        """Everything the runtime knows now."""
        return self._snapshot()

    def put(self, key: str, value: str) -> None:
        """Add or replace one value under ``extended``; an empty key changes nothing."""
        if key:
            self._added[key] = value

    def extended(self) -> dict[str, str]:
        """What clients added, and the runtime's version, in the order of their keys."""
        merged = {**self._added, RUNTIME_VERSION_KEY: self._snapshot().runtime_version}
        return dict(sorted(merged.items()))

    def get(self) -> dict[str, Any]:
        """The answer of the HTTP API, members in their order."""
        now = self._snapshot()
        active = [_without_empty({"type": name, "count": count}) for name, count in sorted(now.actors.active.items())]
        answer: dict[str, Any] = {
            "id": now.app_id,
            "runtimeVersion": now.runtime_version,
            "enabledFeatures": list(now.enabled_features),
            "actors": active,
            "components": [_component(component) for component in now.components],
            "extended": self.extended(),
            "subscriptions": [_subscription(spec) for spec in now.subscriptions],
            "httpEndpoints": [{"name": name} for name in now.http_endpoints],
            "appConnectionProperties": _connection(now.app),
            "actorRuntime": _actors(now.actors, active),
            "scheduler": _without_empty({"connected_addresses": list(now.scheduler_addresses)}),
            "resiliencies": [{"name": name} for name in now.resiliencies],
        }
        return _without_empty(answer)


def _component(component: ComponentInfo) -> dict[str, Any]:
    return _without_empty(
        {
            "name": component.name,
            "type": component.type,
            "version": component.version,
            "capabilities": list(component.capabilities),
        }
    )


def _subscription(spec: SubscriptionSpec) -> dict[str, Any]:
    shown: dict[str, Any] = {"pubsubname": spec.pubsub, "topic": spec.topic}
    if spec.metadata:
        shown["metadata"] = dict(sorted(spec.metadata.items()))
    if spec.rules:
        shown["rules"] = [_without_empty({"match": rule.match, "path": rule.path}) for rule in spec.rules]
    return {**shown, "deadLetterTopic": spec.dead_letter_topic, "type": spec.kind}


def _connection(app: AppConnection) -> dict[str, Any]:
    health = app.health
    shown = {
        "port": app.port,
        "protocol": app.protocol,
        "channelAddress": app.channel_address,
        "maxConcurrency": max(app.max_concurrency, 0),
        "health": None
        if health is None
        else _without_empty(
            {
                "healthCheckPath": health.path,
                "healthProbeInterval": health.probe_interval,
                "healthProbeTimeout": health.probe_timeout,
                "healthThreshold": health.threshold,
            }
        ),
    }
    return _without_empty(shown)


def _actors(actors: ActorInfo, active: list[dict[str, Any]]) -> dict[str, Any]:
    shown: dict[str, Any] = {"runtimeStatus": actors.status}
    if active:
        shown["activeActors"] = active
    shown["hostReady"] = actors.host_ready
    if actors.placement:
        shown["placement"] = actors.placement
    return shown


def _without_empty(value: dict[str, Any]) -> dict[str, Any]:
    return {key: item for key, item in value.items() if item not in (None, "", 0, [], {})}
