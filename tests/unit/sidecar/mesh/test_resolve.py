"""Finding the address of an application's sidecar."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from dapr_components.contract import ComponentContext, ComponentError, Metadata
from dapr_components.nameresolution.contract import NameResolver, Registration
from daprd.mesh.errors import ResolveError
from daprd.mesh.resolve import Names


class Fixed(NameResolver):
    """Answers from a list; the last answer stays."""

    def __init__(self, *answers: list[str] | Exception) -> None:
        super().__init__(ComponentContext("nr", "nr", "v1", "app"))
        self.answers = list(answers)
        self.asked: list[tuple[str, str]] = []

    async def init(self, metadata: Metadata) -> None: ...

    async def register(self, registration: Registration) -> None: ...

    async def resolve(self, app_id: str, namespace: str) -> list[str]:
        self.asked.append((app_id, namespace))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def first(addresses: Sequence[str]) -> str:
    return addresses[0]


def names(resolver: NameResolver | None, clock: Clock | None = None) -> Names:
    return Names(lambda: resolver, clock=clock or Clock(), choose=first, pause=0.0)


def test_a_single_address_is_given_and_asked_for_each_time() -> None:
    resolver = Fixed(["10.0.0.1:50002"])
    seam = names(resolver)
    for _ in range(2):
        assert asyncio.run(seam.resolve("shop", "ns")) == "10.0.0.1:50002"
    assert resolver.asked == [("shop", "ns")] * 2


def test_several_addresses_are_remembered_for_twenty_seconds() -> None:
    resolver, clock = Fixed(["a:1", "b:1"], ["c:1"]), Clock()
    seam = names(resolver, clock)
    assert asyncio.run(seam.resolve("shop", "ns")) == "a:1"
    clock.now = 19.9
    assert asyncio.run(seam.resolve("shop", "ns")) == "a:1"
    clock.now = 20.0
    assert asyncio.run(seam.resolve("shop", "ns")) == "c:1"


def test_an_answer_with_a_failed_address_is_forgotten() -> None:
    seam = names(Fixed(["a:1", "b:1"], ["c:1"]))
    asyncio.run(seam.resolve("shop", "ns"))
    seam.forget("shop", "ns", "a:1")
    assert asyncio.run(seam.resolve("shop", "ns")) == "c:1"


def test_an_address_that_failed_is_passed_over_for_a_minute_while_there_are_others() -> None:
    clock = Clock()
    seam = names(Fixed(["a:1", "b:1"]), clock)
    seam.forget("shop", "ns", "a:1")
    for now, expected in ((0.0, "b:1"), (59.9, "b:1"), (60.0, "a:1")):
        clock.now = now
        assert asyncio.run(seam.resolve("shop", "ns")) == expected


@pytest.mark.parametrize("addresses", [["a:1"], ["a:1", "b:1"]], ids=["the only one", "one of several that all failed"])
def test_an_address_that_failed_is_tried_again_when_there_is_no_other(addresses: list[str]) -> None:
    seam = names(Fixed(addresses))
    for address in addresses:
        seam.forget("shop", "ns", address)
    assert asyncio.run(seam.resolve("shop", "ns")) == "a:1"


def test_an_empty_answer_is_asked_for_again_five_times_in_all() -> None:
    resolver = Fixed([], [""], [], [], ["late:1"])
    assert asyncio.run(names(resolver).resolve("shop", "ns")) == "late:1"

    resolver = Fixed([])
    with pytest.raises(ResolveError, match="resolver returned empty address for app id shop/ns"):
        asyncio.run(names(resolver).resolve("shop", "ns"))
    assert len(resolver.asked) == 5


def test_the_vendors_words_reach_the_caller() -> None:
    with pytest.raises(ResolveError, match="couldn't find service: nobody"):
        asyncio.run(names(Fixed(ComponentError("couldn't find service: nobody"))).resolve("nobody", "ns"))


def test_without_name_resolution_the_error_says_so() -> None:
    with pytest.raises(ResolveError, match="name resolution is not initialized"):
        asyncio.run(names(None).resolve("shop", "ns"))
