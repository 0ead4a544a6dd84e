"""Which actors are active, and which have been idle for too long (actors-placement.md §3.7)."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from daprd.blocks.actors.residents import Residents
from daprd.blocks.actors.settings import TypeSettings


def residents(idle: float = 10.0) -> Residents:
    return Residents(TypeSettings(idle=idle))


def test_the_first_to_be_idle_is_the_one_used_longest_ago() -> None:
    found = residents()
    assert found.next_idle() is None
    for now, name in ((0.0, "a"), (1.0, "b"), (2.0, "a")):
        found.used(name, now)
    assert found.next_idle() == 11.0
    assert found.idle(11.0, 100) == ["b"]
    assert found.idle(11.9, 100) == ["b"]
    assert found.idle(12.0, 100) == ["b", "a"]


def test_an_actor_at_work_is_not_idle() -> None:
    found = residents()
    turns = found.used("a", 0.0).turns
    turn = turns.enter_at_once("go", "")
    assert turn is not None
    assert found.idle(50.0, 100) == []
    assert found.next_idle() == 60.0
    turns.leave(turn)
    assert found.idle(60.0, 100) == ["a"]


def test_an_actor_that_was_taken_out_is_another_when_it_comes_again() -> None:
    found = residents()
    first = found.used("a", 0.0)
    assert found.take("a") is first
    assert found.take("a") is None
    assert "a" not in found
    assert found.used("a", 1.0) is not first


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.floats(0, 100)), max_size=40), st.floats(0, 200))
def test_idle_are_exactly_those_not_used_for_long_enough(uses: Sequence[tuple[str, float]], now: float) -> None:
    found = residents()
    last: dict[str, float] = {}
    for name, at in sorted(uses, key=lambda use: use[1]):
        found.used(name, at)
        last[name] = at
    assert set(found.idle(now, 1000)) == {name for name, at in last.items() if at + 10.0 <= now}
    assert len(found) == len(last)
