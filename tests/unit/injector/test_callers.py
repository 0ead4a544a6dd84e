"""Who may have sidecars put into pods (control-plane.md §5.2)."""

from __future__ import annotations

import fnmatch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dapr_injector.callers import DEFAULT_PATTERNS, InvalidPatternError, allowed_callers


def allows(lists: str, namespace: str, name: str) -> bool:
    return allowed_callers(lists).allow(f"system:serviceaccount:{namespace}:{name}", ())


@pytest.mark.parametrize("pattern", DEFAULT_PATTERNS)
def test_the_clusters_own_controllers_are_always_on_the_list(pattern: str) -> None:
    namespace, name = pattern.split(":")
    assert allows("", namespace, name)
    assert allows("my-ns:my-account", namespace, name)


@pytest.mark.parametrize(
    ("lists", "namespace", "name", "allowed"),
    [
        ("ci:deployer", "ci", "deployer", True),
        ("ci:deployer", "ci", "deployer2", False),
        ("ci:deployer", "xci", "deployer", False),
        ("proj-*:sa-*", "proj-1", "sa-2", True),
        ("proj-*:sa-*", "proj-1", "admin", False),
        ("staging-?:deploy", "staging-1", "deploy", True),
        ("staging-?:deploy", "staging-12", "deploy", False),
        ("env-[a-c]:x", "env-b", "x", True),
        ("env-[^a-c]:x", "env-b", "x", False),
        ("env-[^a-c]:x", "env-d", "x", True),
        ("*:*", "any", "body", True),
        (" a:b , , c:d ", "c", "d", True),
        ("a.b:c", "axb", "c", False),
    ],
)
def test_patterns(lists: str, namespace: str, name: str, allowed: bool) -> None:
    assert allows(lists, namespace, name) is allowed


@pytest.mark.parametrize("pattern", ["nocolon", "a:b:c", ":b", "a:", "a:[b", "a:[z-a]"])
def test_what_is_no_pattern_is_refused(pattern: str) -> None:
    with pytest.raises(InvalidPatternError):
        allowed_callers(pattern)


def test_masters_are_allowed_and_plain_users_are_not() -> None:
    callers = allowed_callers("*:*")
    assert callers.allow("admin", ("system:masters",))
    assert not callers.allow("admin", ("system:authenticated",))
    assert not callers.allow("", ())
    assert not callers.allow("system:serviceaccount:only-one-part", ())


@given(st.text("ab*?-.", min_size=1, max_size=6), st.text("ab-.", min_size=1, max_size=6))
def test_globs_without_brackets_are_those_of_the_shell(pattern: str, name: str) -> None:
    assert allows(f"ns:{pattern}", "ns", name) is fnmatch.fnmatchcase(name, pattern)
