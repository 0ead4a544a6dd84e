"""Which policy guards which target (crds-helm-config.md §3.4 to §3.7).

A named target takes exactly what it names. Without an entry the default policies apply, each slot found on its own
along a chain of names from special to general. Policies without a breaker of their own per call are made once per
target and kept; breakers of applications and actors live in caches of bounded size.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, Generic, TypeVar

from daprd.policy.breaker import BreakerSpec, CircuitBreaker
from daprd.policy.builtin import RECONNECT_CODES, SERVICE
from daprd.policy.contract import ComponentKind, Direction, Policies, Policy
from daprd.policy.guard import WORLD, Guard, Outside, Reconnecting, Watch
from daprd.policy.observing import PolicyObserver
from daprd.policy.spec import ActorTarget, AppTarget, Names, PolicySet

V = TypeVar("V")

_KEPT: Final = 1000
"""Policies kept per kind of target; a sidecar talks to fewer, and names from clients must not grow it for ever."""


class _Recent(Generic[V]):
    """A mapping that forgets what was used longest ago."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._values: dict[str, V] = {}  # the most recent is last

    def __len__(self) -> int:
        return len(self._values)

    def used(self, key: str) -> V | None:
        """The value, now the most recent; None when it is not here."""
        value = self._values.pop(key, None)
        if value is not None:
            self._values[key] = value
        return value

    def keep(self, key: str, value: V) -> V:
        """Add a value, and drop the oldest beyond the size."""
        self._values[key] = value
        if len(self._values) > self._size:
            del self._values[next(iter(self._values))]
        return value


class ResiliencyPolicies(Policies):
    """The policies of all Resiliency resources, and the breakers' state."""

    def __init__(
        self, policies: PolicySet, *, observer: PolicyObserver | None = None, outside: Outside = WORLD
    ) -> None:
        self._set = policies
        self._observer = observer
        self._outside = outside
        self._breakers: _Recent[_Recent[CircuitBreaker]] = _Recent(_KEPT)
        self._component_breakers: dict[str, CircuitBreaker] = {}
        self._components: dict[tuple[str, ComponentKind, Direction], Policy | None] = {}
        self._guards: _Recent[Policy] = _Recent(_KEPT)
        self._app_defaults = self._defaults("App", "")
        self._app_has_defaults = self._app_defaults != Names()
        self._actor_defaults = self._defaults("Actor", "")
        self._actors_have_none = Names("", self._actor_defaults.retry, self._actor_defaults.breaker) == Names()
        # It knows no target and keeps nothing between calls, so that one serves all applications.
        self._service = self.builtin(SERVICE)

    @classmethod
    def from_specs(
        cls, specs: Iterable[Mapping[str, Any]], *, observer: PolicyObserver | None = None, outside: Outside = WORLD
    ) -> ResiliencyPolicies:
        """Merge the ``spec`` of each resource, in order. Raises ``ResiliencyError`` for the first that is wrong.

        A caller that wants to go on without a wrong resource fills a ``PolicySet`` itself.
        """
        policies = PolicySet()
        for spec in specs:
            policies.add(spec)
        return cls(policies, observer=observer, outside=outside)

    def app(self, app_id: str, *, namespace: str = "", method: str = "") -> Policy | None:
        """See ``Policies.app``. Applications are named without their namespace."""
        target = self._set.apps.get(app_id)
        if target is not None:
            return self._endpoint(app_id, f"{app_id}:{method}", target)
        names = self._app_defaults
        if not self._app_has_defaults:
            return self._service
        kept = "" if names.breaker else app_id
        known = self._guards.used(kept) if kept else None
        if known is not None:
            return known
        outer = self._guard(f"app_{app_id}", "outbound", names, self._app_breaker(app_id, method, names))
        policy: Policy = Reconnecting(outer, self._service, RECONNECT_CODES)
        return self._guards.keep(kept, policy) if kept else policy

    def endpoint(self, name: str, *, key: str = "") -> Policy | None:
        """See ``Policies.endpoint``."""
        target = self._set.apps.get(name) or AppTarget(self._app_defaults)
        return self._endpoint(name, key or name, target)

    def component(self, name: str, kind: ComponentKind, direction: Direction = "outbound") -> Policy | None:
        """See ``Policies.component``."""
        place = (name, kind, direction)
        if place not in self._components:
            self._components[place] = self._new_component(name, kind, direction)
        return self._components[place]

    def actor(self, actor_type: str, actor_id: str) -> Policy | None:
        """See ``Policies.actor``: retry and breaker, around waiting for the actor's turn."""
        target = self._set.actors.get(actor_type)
        if target is None and self._actors_have_none:
            return None
        cache = target.cache_size if target is not None else 100
        if target is None:
            target = ActorTarget(self._actor_defaults, "type")
        names = Names("", target.names.retry, target.names.breaker)
        if names == Names():
            return None
        key = actor_type if target.scope == "type" else f"{actor_type}-{actor_id}"
        breaker = self._cached_breaker(f"actor {actor_type}", key, names.breaker, cache)
        return self._guard(f"actor_{actor_type}", "outbound", names, breaker)

    def actor_turn(self, actor_type: str) -> Policy | None:
        """The time-out of a turn, once the actor's lock is held; None without one."""
        target = self._set.actors.get(actor_type)
        names = target.names if target is not None else self._actor_defaults
        if names.timeout not in self._set.timeouts:
            return None
        return self._guard(f"actor_{actor_type}", "outbound", Names(names.timeout), None)

    def builtin(self, name: str) -> Guard:
        """One of Dapr's own retry policies (``daprd.policy.builtin``). Raises ``KeyError`` for another name."""
        retry = self._set.retries[name]
        return Guard(Watch(None, "outbound", ""), retry=retry, built_in=True, outside=self._outside)

    def _endpoint(self, app_id: str, key: str, target: AppTarget) -> Policy | None:
        if target.names == Names():
            return None
        breaker = self._cached_breaker(f"app {app_id}", key, target.names.breaker, target.cache_size)
        return self._guard(f"app_{app_id}", "outbound", target.names, breaker)

    def _app_breaker(self, app_id: str, method: str, names: Names) -> CircuitBreaker | None:
        return self._cached_breaker(f"app {app_id}", f"{app_id}:{method}", names.breaker, 100)

    def _new_component(self, name: str, kind: ComponentKind, direction: Direction) -> Policy | None:
        target = self._set.components.get(name)
        names = target[direction] if target is not None else self._component_defaults(kind, direction)
        if names == Names():
            return None
        breaker = self._component_breakers.get(name)
        spec = self._set.breakers.get(names.breaker)
        if spec is None:
            breaker = None
        elif breaker is None:
            breaker = self._component_breakers[name] = self._new_breaker(spec)
        return self._guard(f"{kind}_{name}", direction, names, breaker)

    def _guard(self, label: str, direction: Direction, names: Names, breaker: CircuitBreaker | None) -> Guard:
        return Guard(
            Watch(self._observer, direction, label),
            timeout=self._set.timeouts.get(names.timeout, 0.0),
            retry=self._set.retries.get(names.retry),
            breaker=breaker,
            outside=self._outside,
        )

    def _cached_breaker(self, cache: str, key: str, name: str, size: int) -> CircuitBreaker | None:
        spec = self._set.breakers.get(name)
        if spec is None:
            return None
        breakers = self._breakers.used(cache)
        if breakers is None:
            breakers = self._breakers.keep(cache, _Recent(size))
        return breakers.used(key) or breakers.keep(key, self._new_breaker(spec))

    def _new_breaker(self, spec: BreakerSpec) -> CircuitBreaker:
        return CircuitBreaker(spec, self._outside.clock())

    def _component_defaults(self, kind: ComponentKind, direction: Direction) -> Names:
        side = direction.capitalize()
        return self._defaults(f"{kind}Component{side}", f"Component{side}", "Component", "")

    def _defaults(self, *levels: str) -> Names:
        """The default policies, each slot by the first level of the chain that has one (§3.6)."""

        def first(defined: Mapping[str, object], slot: str) -> str:
            names = (f"Default{level}{slot}Policy" for level in levels)
            return next((name for name in names if name in defined), "")

        return Names(
            first(self._set.timeouts, "Timeout"),
            first(self._set.retries, "Retry"),
            first(self._set.breakers, "CircuitBreaker"),
        )
