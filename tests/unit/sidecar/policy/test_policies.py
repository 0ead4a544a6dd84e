"""Resiliency resources guard their targets: what is found, and how an operation runs under it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from daprd.policy import builtin
from daprd.policy.breaker import State
from daprd.policy.contract import CircuitOpenError, PermanentError, Policy, RetriesExhaustedError
from daprd.policy.guard import Outside
from daprd.policy.policies import ResiliencyPolicies
from daprd.policy.spec import PolicySet, ResiliencyError


class World:
    """Simulated time: sleeping moves the clock at once."""

    def __init__(self) -> None:
        self.now = 100.0
        self.slept: list[float] = []
        self.outside = Outside(clock=lambda: self.now, sleep=self._sleep, random=lambda: 0.5)

    async def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


class Recorder:
    """An observer that remembers."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, ...]] = []

    def applied(self, policy: str, direction: str, target: str, status: str) -> None:
        self.seen.append(("applied", policy, direction, target, status))

    def activated(self, policy: str, direction: str, target: str, status: str) -> None:
        self.seen.append(("activated", policy, direction, target, status))

    def breaker(self, direction: str, target: str, state: State) -> None:
        self.seen.append(("breaker", direction, target, state.value))


class CodeError(Exception):
    def __init__(self, code: int) -> None:
        self.code = code
        super().__init__(f"code {code}")


class Operation:
    """Fails with each of the given errors, then gives its value; values in the list are returned."""

    def __init__(self, *outcomes: Any) -> None:
        self.outcomes = list(outcomes)
        self.calls = 0

    async def __call__(self) -> Any:
        self.calls += 1
        outcome = self.outcomes.pop(0) if self.outcomes else "done"
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome


def policies(world: World | None = None, observer: Recorder | None = None, **spec: Any) -> ResiliencyPolicies:
    spec = {"policies": {}, "targets": {}} | spec
    return ResiliencyPolicies.from_specs([spec], observer=observer, outside=(world or World()).outside)


def component(world: World, observer: Recorder | None = None, **named: Any) -> Policy:
    """The outbound policy of a component whose target names the given policies ``p``."""
    plural = {"timeout": "timeouts", "retry": "retries", "circuitBreaker": "circuitBreakers"}
    found = policies(
        world,
        observer,
        policies={plural[kind]: {"p": value} for kind, value in named.items()},
        targets={"components": {"store": {"outbound": dict.fromkeys(named, "p")}}},
    ).component("store", "Statestore")
    assert found is not None
    return found


def run(policy: Policy | None, operation: Operation, failed: Callable[[Any], int | None] | None = None) -> Any:
    assert policy is not None
    return asyncio.run(policy.run(operation, failed=failed))


# -- running under a policy


def test_a_failed_operation_is_tried_again_after_the_pause() -> None:
    world = World()
    policy = component(world, retry={"duration": "200ms", "maxRetries": 3})
    assert policy.has_retry
    assert run(policy, Operation(OSError("a"), OSError("b"))) == "done"
    assert world.slept == [0.2, 0.2]


def test_when_retries_end_the_last_failure_comes_out_with_their_number() -> None:
    operation = Operation(*(OSError(str(n)) for n in range(9)))
    with pytest.raises(RetriesExhaustedError) as caught:
        run(component(World(), retry={"maxRetries": 2}), operation)
    assert (str(caught.value.cause), caught.value.attempts, operation.calls) == ("2", 2, 3)


def test_without_retries_the_failure_comes_out_as_it_is() -> None:
    with pytest.raises(OSError, match="a"):
        run(component(World(), timeout="1s"), Operation(OSError("a")))
    with pytest.raises(OSError, match="a"):
        run(component(World(), retry={"maxRetries": 0}), Operation(OSError("a")))


def test_a_permanent_failure_is_not_tried_again_and_its_cause_comes_out() -> None:
    operation = Operation(PermanentError(KeyError("k")))
    with pytest.raises(KeyError):
        run(component(World(), retry={"maxRetries": 5}), operation)
    assert operation.calls == 1


def test_a_failing_value_is_tried_again_and_the_last_one_returned() -> None:
    operation = Operation(500, 502, 503, 200)
    got = run(component(World(), retry={"maxRetries": 2}), operation, lambda v: v if v >= 500 else None)
    assert (got, operation.calls) == (503, 3)


@pytest.mark.parametrize(("code", "calls"), [(503, 2), (400, 1)])
def test_matching_decides_which_values_and_errors_are_tried_again(code: int, calls: int) -> None:
    policy = component(World(), retry={"maxRetries": 1, "matching": {"httpStatusCodes": "500-599"}})
    values = Operation(code, code)
    assert run(policy, values, lambda v: v) == code
    errors = Operation(CodeError(code), CodeError(code))
    with pytest.raises(CodeError if calls == 1 else RetriesExhaustedError):
        run(policy, errors)
    assert values.calls == errors.calls == calls


def test_a_time_out_holds_for_each_attempt_and_is_a_failure() -> None:
    policy = component(World(), timeout="10ms", retry={"maxRetries": 1})
    calls = []

    async def never() -> None:
        calls.append(1)
        await asyncio.Event().wait()

    with pytest.raises(TimeoutError):
        asyncio.run(policy.run(never))
    assert len(calls) == 2


def test_an_open_breaker_ends_retries_and_lets_nothing_through() -> None:
    world = World()
    policy = component(world, retry={"duration": "1s", "maxRetries": 10}, circuitBreaker={"trip": "totalFailures >= 2"})
    operation = Operation(*(OSError() for _ in range(9)))
    with pytest.raises(CircuitOpenError, match="circuit breaker is open"):
        run(policy, operation)
    assert operation.calls == 2
    world.now += 61
    assert run(policy, Operation()) == "done"


def test_failing_values_and_permanent_failures_count_for_the_breaker() -> None:
    policy = component(World(), circuitBreaker={"trip": "totalFailures >= 2"})
    run(policy, Operation(500), lambda v: v)
    with pytest.raises(KeyError):
        run(policy, Operation(PermanentError(KeyError())))
    with pytest.raises(CircuitOpenError):
        run(policy, Operation())


def test_a_cancelled_probe_does_not_block_the_breaker() -> None:
    world = World()
    policy = component(world, circuitBreaker={"trip": "totalFailures >= 1", "timeout": "1s"})
    with pytest.raises(OSError):
        run(policy, Operation(OSError()))
    world.now += 2

    async def main() -> None:
        probe = asyncio.create_task(policy.run(lambda: asyncio.sleep(60)))
        await asyncio.sleep(0)
        probe.cancel()
        with pytest.raises(asyncio.CancelledError):
            await probe

    asyncio.run(main())
    assert run(policy, Operation()) == "done"


def test_an_observer_hears_what_applies_and_what_strikes() -> None:
    recorder = Recorder()
    policy = component(
        World(), recorder, timeout="1s", retry={"maxRetries": 1}, circuitBreaker={"trip": "totalFailures >= 2"}
    )
    with pytest.raises(RetriesExhaustedError):
        run(policy, Operation(OSError(), OSError()))
    target = ("outbound", "Statestore_store")
    assert recorder.seen == [
        ("applied", "timeout", *target, ""),
        ("applied", "retry", *target, ""),
        ("applied", "circuitbreaker", *target, "closed"),
        ("breaker", *target, "closed"),
        ("activated", "retry", *target, ""),
        ("activated", "circuitbreaker", *target, "open"),
        ("breaker", *target, "open"),
    ]


# -- which policy a target gets

BREAK_AT_ONCE = {"circuitBreakers": {"cb": {"trip": "totalFailures >= 1"}}}


def is_open(policy: Policy | None) -> bool:
    try:
        run(policy, Operation())
    except CircuitOpenError:
        return True
    return False


def fail(policy: Policy | None) -> None:
    with pytest.raises(OSError):
        run(policy, Operation(OSError()))


def test_without_resources_only_calls_of_applications_have_a_policy_and_it_is_built_in() -> None:
    found = policies()
    assert found.component("c", "Pubsub", "inbound") is None
    assert found.endpoint("http://x") is None
    assert found.actor("T", "1") is None
    assert found.actor_turn("T") is None
    app = found.app("a")
    assert app is not None
    assert app.built_in
    assert app is found.app("a", method="other")


def test_a_named_application_has_its_own_policies_and_no_built_in_one() -> None:
    spec = {"policies": {"timeouts": {"t": "1s"}}, "targets": {"apps": {"a": {"timeout": "t"}, "b": {}}}}
    found = policies(**spec)
    app = found.app("a")
    assert app is not None
    assert (app.built_in, app.has_retry) == (False, False)
    assert found.app("b") is None
    assert found.app("c") is not None


def test_default_policies_apply_around_the_built_in_one() -> None:
    world = World()
    spec = {"retries": {"DefaultAppRetryPolicy": {"duration": "10s", "maxRetries": 1}}}
    app = policies(world, policies=spec).app("a")
    assert app is not None
    assert not app.built_in
    assert run(app, Operation(*(CodeError(14) for _ in range(4)))) == "done"
    assert world.slept == [1.0, 1.0, 1.0, 10.0]
    other = Operation(OSError(), OSError())
    with pytest.raises(RetriesExhaustedError):
        run(app, other)
    assert other.calls == 2


def test_breakers_are_kept_apart_by_application_and_method() -> None:
    found = policies(policies=BREAK_AT_ONCE, targets={"apps": {"a": {"circuitBreaker": "cb"}}})
    fail(found.app("a", method="m"))
    assert is_open(found.app("a", method="m"))
    assert not is_open(found.app("a", method="n"))


def test_the_breakers_of_an_application_are_bounded_by_its_cache() -> None:
    target = {"circuitBreaker": "cb", "circuitBreakerCacheSize": 2}
    found = policies(policies=BREAK_AT_ONCE, targets={"apps": {"a": target}})
    for method in ("m", "n", "o"):
        fail(found.app("a", method=method))
    assert is_open(found.app("a", method="o"))
    assert not is_open(found.app("a", method="m"))


def test_targets_named_by_clients_do_not_grow_memory_for_ever() -> None:
    names = {"DefaultCircuitBreakerPolicy": {"trip": "totalFailures >= 1"}}
    found = policies(policies={"circuitBreakers": names, "timeouts": {"DefaultTimeoutPolicy": "1s"}})
    for number in range(1500):
        found.app(f"app-{number}", method="m")
        found.endpoint(f"http://host-{number}")
    assert len(found._breakers) == 1000


def test_endpoints_and_urls_are_named_among_applications() -> None:
    found = policies(policies=BREAK_AT_ONCE, targets={"apps": {"http://x": {"circuitBreaker": "cb"}}})
    fail(found.endpoint("http://x", key="http://x/m"))
    assert is_open(found.endpoint("http://x", key="http://x/m"))
    assert not is_open(found.endpoint("http://x", key="http://x/n"))


def test_a_component_has_one_breaker_for_both_directions() -> None:
    target = {"inbound": {"circuitBreaker": "cb"}, "outbound": {"circuitBreaker": "cb"}}
    found = policies(policies=BREAK_AT_ONCE, targets={"components": {"c": target}})
    fail(found.component("c", "Pubsub", "outbound"))
    assert is_open(found.component("c", "Pubsub", "inbound"))


@pytest.mark.parametrize(("scope", "shared"), [("type", True), ("id", False), ("both", False)])
def test_an_actors_breaker_is_shared_by_its_scope(scope: str, shared: bool) -> None:
    target = {"circuitBreaker": "cb", "circuitBreakerScope": scope}
    found = policies(policies=BREAK_AT_ONCE, targets={"actors": {"T": target}})
    fail(found.actor("T", "1"))
    assert is_open(found.actor("T", "1"))
    assert is_open(found.actor("T", "2")) is shared


def test_an_actors_time_out_holds_for_its_turn_and_not_for_the_wait() -> None:
    found = policies(policies={"timeouts": {"t": "1s"}}, targets={"actors": {"T": {"timeout": "t"}}})
    assert found.actor("T", "1") is None
    assert found.actor_turn("T") is not None


@pytest.mark.parametrize(
    ("defined", "winner"),
    [
        (["PubsubComponentInbound", "ComponentInbound", "Component", ""], 0),
        (["ComponentInbound", "Component", ""], 0),
        (["Component", "", "PubsubComponentOutbound", "StatestoreComponentInbound"], 0),
        (["", "App"], 0),
    ],
    ids=["type and direction", "direction", "component", "general"],
)
def test_component_defaults_are_found_from_special_to_general(defined: list[str], winner: int) -> None:
    world = World()
    retries = {f"Default{level}RetryPolicy": {"duration": n + 1, "maxRetries": 1} for n, level in enumerate(defined)}
    run(policies(world, policies={"retries": retries}).component("c", "Pubsub", "inbound"), Operation(OSError()))
    assert world.slept == [(winner + 1) / 1000]


def test_each_slot_of_a_default_is_found_on_its_own_and_an_entry_gets_none() -> None:
    spec = {
        "timeouts": {"DefaultTimeoutPolicy": "5s"},
        "retries": {"DefaultComponentRetryPolicy": {"maxRetries": 2}},
    }
    found = policies(
        policies=spec, targets={"components": {"named": {"outbound": {"timeout": "DefaultTimeoutPolicy"}}}}
    )
    anonymous, named = found.component("c", "Lock"), found.component("named", "Lock")
    assert anonymous is not None
    assert named is not None
    assert (anonymous.has_retry, named.has_retry) == (True, False)
    assert found.component("named", "Lock", "inbound") is None


def test_a_built_in_policy_can_be_redefined_but_not_below_three_retries() -> None:
    world = World()
    found = policies(
        world,
        policies={"retries": {builtin.SERVICE: {"duration": "10ms"}, builtin.ACTOR_NOT_FOUND: {"duration": "1h"}}},
    )
    with pytest.raises(RetriesExhaustedError):
        run(found.app("a"), Operation(*(OSError() for _ in range(9))))
    assert world.slept == [0.01] * 3
    world.slept.clear()
    run(found.builtin(builtin.ACTOR_NOT_FOUND), Operation(OSError()))
    assert world.slept == [1.0]


# -- resources


def test_later_resources_override_earlier_ones_by_name() -> None:
    world = World()
    first = {"policies": {"retries": {"r": {"duration": "1s"}}}, "targets": {"apps": {"a": {"retry": "r"}}}}
    second = {"policies": {"retries": {"r": {"duration": "2s"}}}, "targets": {}}
    found = ResiliencyPolicies.from_specs([first, second], outside=world.outside)
    run(found.app("a"), Operation(OSError()))
    assert world.slept == [2.0]


@pytest.mark.parametrize(
    ("spec", "complaint"),
    [
        ({"policies": {"timeouts": {"t": "soon"}}}, r"timeout 't'.*soon"),
        (
            {"policies": {"retries": {"r": {"policy": "linear"}}}},
            r"'r': policy 'linear' must be constant or exponential",
        ),
        ({"policies": {"retries": {"r": {"maxRetries": "3"}}}}, r"'r': maxRetries: '3' must be an integer"),
        ({"policies": {"retries": {"r": {"matching": {"httpStatusCodes": "9"}}}}}, r"'r': matching: .*9 is not valid"),
        ({"policies": {"circuitBreakers": {"c": {"trip": "a >"}}}}, r"circuit breaker 'c': trip: invalid CEL"),
        ({"policies": {"circuitBreakers": {"c": {"maxRequests": -1}}}}, r"'c': maxRequests -1 must not be negative"),
        ({"policies": {"circuitBreakers": {"c": 5}}}, r"circuit breaker 'c' must be an object"),
        (
            {"targets": {"actors": {"T": {"circuitBreaker": "c"}}}},
            r"'T': circuitBreakerScope '' must be type, id or both",
        ),
        ({"targets": {"apps": {"a": {"circuitBreakerCacheSize": -1}}}}, r"'a': circuitBreakerCacheSize -1"),
        ({"targets": {"components": {"c": {"outbound": {"circuitBreaker": "x"}}}}}, r"'c': outbound names .*'x'"),
    ],
)
def test_a_wrong_resource_is_refused_whole_and_by_name(spec: dict[str, Any], complaint: str) -> None:
    merged = PolicySet()
    written = spec.get("policies", {})
    spec = spec | {"policies": written | {"timeouts": {"good": "1s"} | written.get("timeouts", {})}}
    with pytest.raises(ResiliencyError, match=complaint):
        merged.add(spec)
    assert merged.timeouts == {}


def test_a_policy_name_that_does_not_exist_leaves_its_slot_empty() -> None:
    found = policies(targets={"apps": {"a": {"retry": "nowhere"}}})
    with pytest.raises(OSError):
        run(found.app("a"), Operation(OSError()))
