"""What may name an actor (actors-placement.md §3.4)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daprd.blocks.actors.names import InvalidNameError, check_actor, check_name, is_reserved, method_path


@pytest.mark.parametrize("name", ["a#b", "a?b", "a/b", "a\\b", "a\0b", "a\nb", "a\x7f", ".", ".."])
def test_names_that_would_lead_elsewhere_are_refused(name: str) -> None:
    with pytest.raises(InvalidNameError, match=r"name (contains forbidden character|is a path traversal sequence): "):
        check_name(name)
    with pytest.raises(InvalidNameError, match="invalid actorId: "):
        check_actor("cat", name)
    with pytest.raises(InvalidNameError, match="invalid actorType: "):
        check_actor(name, "tom")


@pytest.mark.parametrize("name", ["", "a", "a.b", "a||b", "a@b", "grün", "a b", "..."])
def test_other_names_are_taken(name: str) -> None:
    check_name(name)
    check_actor(name, name)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("foo", "foo"),
        ("a/b", "a/b"),
        ("../../secret", "secret"),
        ("admin/../legit", "legit"),
        ("a//b/./c", "a/b/c"),
        ("..", ""),
        ("/x", "x"),
    ],
)
def test_a_method_never_leads_above_its_actor(method: str, path: str) -> None:
    assert method_path(method) == path


@pytest.mark.parametrize("method", ["a?b", "a#b", "a\0", "a\r\nb"])
def test_a_method_that_would_end_the_path_is_refused(method: str) -> None:
    with pytest.raises(InvalidNameError, match="invalid actor method"):
        method_path(method)


@given(st.lists(st.sampled_from(["a", "b", ".", "..", ""]), max_size=8).map("/".join))
def test_no_method_has_a_step_back_left(method: str) -> None:
    assert ".." not in method_path(method).split("/")
    assert not method_path(method).startswith("/")


def test_the_runtimes_own_types_are_reserved() -> None:
    assert is_reserved("dapr.internal.ns.app.workflow")
    assert not is_reserved("dapr.other")
