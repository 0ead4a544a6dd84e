"""Where a call goes, what is tried again, and for how long (actors-placement.md §3.5); in simulated time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from support.policies import Retries
from support.replay import NoPolicies
from support.simulated_time import simulate

from dapr_core.errors import DaprError
from dapr_core.ring import Ring, RingHost
from dapr_core.rpc.deferred import Deferred, detoured
from daprd.blocks.actors.claims import Claims
from daprd.blocks.actors.host import ActorAnswer, ActorCall, Firing, HostError, NotHostedError, PermanentHostError
from daprd.blocks.actors.hosts import HostTable
from daprd.blocks.actors.refusals import ActorStatusError, NoHostError
from daprd.blocks.actors.routing import MovedError, Router
from daprd.blocks.actors.turns import ActorClosedError, StackDepthError
from daprd.policy.contract import Policies

OWN = "127.0.0.1:1"
ELSEWHERE = "10.0.0.2:1"

Outcome = ActorAnswer | Exception


class Place:
    """Actors somewhere: notes calls, and gives outcomes in their order; the last again and again."""

    def __init__(self, *outcomes: Outcome) -> None:
        self.outcomes = list(outcomes) or [ActorAnswer(b"done")]
        self.calls: list[tuple[str, float]] = []

    def invoke(self, *where_and_what: Any) -> Deferred[ActorAnswer]:
        return detoured(self._invoked(*where_and_what))

    async def _invoked(self, *where_and_what: Any) -> ActorAnswer:
        self.calls.append((where_and_what[-1].actor_id, asyncio.get_running_loop().time()))
        outcome = self.outcomes.pop(0) if len(self.outcomes) > 1 else self.outcomes[0]
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def fire(self, *where_and_what: Any) -> Deferred[bool]:
        return detoured(self._fired(*where_and_what))

    async def _fired(self, *where_and_what: Any) -> bool:
        await self._invoked(*where_and_what)
        return True


class OnePolicy(NoPolicies):
    """A policy of the user's for every actor."""

    def __init__(self, policy: Retries) -> None:
        self._policy = policy

    def actor(self, actor_type: str, actor_id: str) -> Retries:  # type: ignore[override]
        return self._policy


def claims(*hosts: str) -> Claims:
    found = Claims()
    found.install(HostTable({"Cat": Ring([RingHost(host, "app") for host in hosts])} if hosts else {}))
    found.unblock()
    return found


def routed(
    work: Callable[[Router], Awaitable[Any]],
    *hosts: str,
    local: Place | None = None,
    remote: Place | None = None,
    policies: Policies | None = None,
) -> Any:
    async def main() -> Any:
        places = local or Place(), remote or Place()
        return await work(Router(OWN, claims(*hosts), *places, policies or NoPolicies()))

    return simulate(main)


def call() -> ActorCall:
    return ActorCall("Cat", "tom", "go")


async def invoked(router: Router) -> ActorAnswer:
    return await router.invoke(call())


def status(code: int, text: str) -> ActorStatusError:
    return ActorStatusError(code, "Name", text)


def test_an_actor_that_lives_here_is_called_here() -> None:
    local, remote = Place(), Place()
    assert routed(invoked, OWN, local=local, remote=remote).data == b"done"
    assert (len(local.calls), len(remote.calls)) == (1, 0)


def test_names_of_the_loopback_interface_are_one() -> None:
    local = Place()
    assert routed(invoked, "localhost:1", local=local).data == b"done"
    assert local.calls


def test_an_actor_that_lives_elsewhere_is_called_there() -> None:
    remote = Place()
    assert routed(invoked, ELSEWHERE, remote=remote).data == b"done"
    assert remote.calls


def test_a_type_that_nobody_hosts_is_looked_up_six_times_a_second_apart() -> None:
    async def work(router: Router) -> tuple[NoHostError, float]:
        with pytest.raises(NoHostError) as caught:
            await router.invoke(call())
        return caught.value, asyncio.get_running_loop().time()

    error, now = routed(work)
    assert now == 5.0
    assert error.code == 9
    assert error.text == (
        "failed to lookup actor: api error: code = FailedPrecondition desc = did not find address for actor 'Cat/tom'"
    )
    assert str(error) == f"error invoke actor method: {error.text}"


@pytest.mark.parametrize(
    "refusal",
    [
        status(14, "connection refused"),
        status(13, "error invoke actor method: remote actor moved"),
        status(13, "error invoke actor method: placement is disseminating"),
    ],
)
def test_what_may_be_over_soon_is_tried_again(refusal: ActorStatusError) -> None:
    remote = Place(refusal, refusal, ActorAnswer(b"at last"))
    assert routed(invoked, ELSEWHERE, remote=remote).data == b"at last"
    assert [at for _, at in remote.calls] == [0.0, 1.0, 2.0]


@pytest.mark.parametrize(
    "refusal",
    [
        status(13, "error invoke actor method: error from actor service: (500) kaput"),
        status(8, "maximum stack depth exceeded"),
        status(2, "remote actor moved"),
    ],
)
def test_what_the_application_said_is_final(refusal: ActorStatusError) -> None:
    remote = Place(refusal)

    async def work(router: Router) -> None:
        with pytest.raises(ActorStatusError) as caught:
            await router.invoke(call())
        assert (caught.value.code, caught.value.text) == (refusal.code, refusal.text)

    routed(work, ELSEWHERE, remote=remote)
    assert len(remote.calls) == 1


@pytest.mark.parametrize(
    ("failure", "text", "attempts"),
    [
        (HostError("error from actor service: (500) kaput"), "error invoke actor method: error from actor", 1),
        (StackDepthError(), "maximum stack depth exceeded", 1),
        (NotHostedError("Cat"), "error invoke actor method: actor type Cat is not hosted here any more", 6),
        (ActorClosedError("go"), "error invoke actor method: actor is closed, cannot handle go", 6),
    ],
)
def test_failures_here_are_told_in_the_words_of_the_api(failure: Exception, text: str, attempts: int) -> None:
    local = Place(failure)

    async def work(router: Router) -> None:
        with pytest.raises(DaprError) as caught:
            await router.invoke(call())
        assert str(caught.value).startswith(text)

    routed(work, OWN, local=local)
    assert len(local.calls) == attempts


def placed(table: Claims, **hosts: str) -> None:
    """A round of placement: types and their hosts."""
    table.install(HostTable({kind: Ring([RingHost(host, "app")]) for kind, host in hosts.items()}))
    table.unblock()


def test_a_call_that_met_a_dead_host_is_made_again_as_soon_as_its_type_has_others() -> None:
    remote, local = Place(status(14, "connection refused")), Place()

    async def main() -> bytes:
        table = claims(ELSEWHERE)
        calling = asyncio.ensure_future(Router(OWN, table, local, remote, NoPolicies()).invoke(call()))
        await asyncio.sleep(0.05)
        placed(table, Cat=OWN)
        return (await calling).data

    assert simulate(main) == b"done"
    assert [at for _, at in remote.calls] == [0.0]
    assert [at for _, at in local.calls] == [0.05]


def test_hosts_that_change_take_no_attempt_away_from_a_call() -> None:
    remote = Place(*[status(14, "connection refused")] * 10, ActorAnswer(b"at last"))

    async def main() -> bytes:
        table = claims(ELSEWHERE)
        calling = asyncio.ensure_future(Router(OWN, table, Place(), remote, NoPolicies()).invoke(call()))
        for number in range(10):
            await asyncio.sleep(0.05)
            placed(table, Cat=f"10.0.0.{number + 3}:1")
        return (await calling).data

    assert simulate(main) == b"at last"
    assert remote.calls[-1][1] == pytest.approx(0.5)


def test_hosts_of_other_types_that_change_do_not_hurry_a_call() -> None:
    remote = Place(status(14, "connection refused"), ActorAnswer(b"at last"))

    async def main() -> bytes:
        table = claims(ELSEWHERE)
        calling = asyncio.ensure_future(Router(OWN, table, Place(), remote, NoPolicies()).invoke(call()))
        await asyncio.sleep(0.05)
        placed(table, Cat=ELSEWHERE, Dog=OWN)
        return (await calling).data

    assert simulate(main) == b"at last"
    assert [at for _, at in remote.calls] == [0.0, 1.0]


def test_hosts_that_change_for_ever_do_not_keep_a_call_for_ever() -> None:
    remote = Place(status(14, "connection refused"))

    async def main() -> None:
        table = claims(ELSEWHERE)
        calling = asyncio.ensure_future(Router(OWN, table, Place(), remote, NoPolicies()).invoke(call()))
        number = 0
        while not calling.done():
            await asyncio.sleep(0.01)
            number += 1
            placed(table, Cat=f"10.0.{number // 250}.{number % 250 + 3}:1")
        with pytest.raises(ActorStatusError):
            await calling

    simulate(main)
    assert len(remote.calls) == 26


def test_a_policy_of_the_users_takes_the_place_of_ours() -> None:
    remote = Place(status(14, "gone"))
    policy = Retries(2)

    async def work(router: Router) -> float:
        with pytest.raises(ActorStatusError):
            await router.invoke(call())
        return asyncio.get_running_loop().time()

    assert routed(work, ELSEWHERE, remote=remote, policies=OnePolicy(policy)) == 0.0
    assert len(remote.calls) == 3


def test_a_policy_does_not_repeat_what_would_end_the_same_way() -> None:
    local, policy = Place(PermanentHostError("actor method not found: actors/Cat/tom/method/go")), Retries(2)

    async def work(router: Router) -> None:
        with pytest.raises(DaprError, match="actor method not found"):
            await router.invoke(call())

    routed(work, OWN, local=local, policies=OnePolicy(policy))
    assert len(local.calls) == 1


def test_a_call_of_another_sidecar_is_not_sent_on() -> None:
    remote = Place()

    async def work(router: Router) -> None:
        with pytest.raises(MovedError, match="remote actor moved"):
            await router.invoke_for_peer(call())
        with pytest.raises(MovedError):
            await router.fire_for_peer(Firing("Cat", "tom", "t"))

    routed(work, ELSEWHERE, remote=remote)
    assert not remote.calls


def test_timers_go_where_their_actor_lives() -> None:
    remote = Place()

    async def work(router: Router) -> None:
        await router.fire(Firing("Cat", "tom", "t", is_timer=True))

    routed(work, ELSEWHERE, remote=remote)
    assert len(remote.calls) == 1


@pytest.mark.parametrize("by", ["a task", "nothing but its outcome"])
def test_a_call_that_a_change_of_hosts_cancelled_is_made_again_where_the_actor_lives_now(by: str) -> None:
    local, remote = Place(), Place(ActorAnswer(b"there"))
    table = claims(OWN)

    async def stuck() -> ActorAnswer:
        await asyncio.Event().wait()
        raise AssertionError

    async def main() -> bytes:
        local.invoke = lambda *_: detoured(stuck()) if by == "a task" else Deferred()  # type: ignore[method-assign]
        router = Router(OWN, table, local, remote, NoPolicies())
        calling = asyncio.ensure_future(router.invoke(call()))
        await asyncio.sleep(0.1)
        assert table.held("Cat") == 1
        table.install(HostTable({"Cat": Ring([RingHost(ELSEWHERE, "app")])}))
        await table.drain({"Cat": 0.5})
        table.unblock()
        return (await calling).data

    assert simulate(main) == b"there"


@pytest.mark.parametrize("by", ["a task", "nothing but its outcome"])
def test_a_call_that_its_caller_gives_up_is_over_at_once_and_holds_nothing(by: str) -> None:
    local, table = Place(), claims(OWN)

    async def main() -> None:
        local.invoke = lambda *_: detoured(asyncio.sleep(100)) if by == "a task" else Deferred()  # type: ignore[method-assign]
        calling = Router(OWN, table, local, Place(), NoPolicies()).invoke(call())
        told: list[BaseException | None] = []
        calling.tell(lambda value, error: told.append(error))
        await asyncio.sleep(0.1)
        assert table.held("Cat") == 1
        calling.cancel()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert [type(error) for error in told] == [asyncio.CancelledError]
        assert table.held("Cat") == 0
        assert asyncio.get_running_loop().time() == pytest.approx(0.1)

    simulate(main)


def test_a_call_is_begun_before_its_caller_waits_for_anything() -> None:
    local = Place()
    local.invoke = lambda *_: begun  # type: ignore[method-assign]
    begun = Deferred[ActorAnswer]()

    async def main() -> list[bytes]:
        told: list[bytes] = []
        calling = Router(OWN, claims(OWN), local, Place(), NoPolicies()).invoke(call())
        calling.tell(lambda answer, error: told.append(answer.data if answer else b""))
        begun.settle(ActorAnswer(b"now"))
        return told

    assert simulate(main) == [b"now"]
