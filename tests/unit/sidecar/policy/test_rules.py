"""Events go where a subscription's rules say."""

from __future__ import annotations

import pytest

from daprd.policy.cel import CELError
from daprd.policy.rules import BadExpressionError, Routes, RuleError


def test_the_first_rule_that_holds_wins_and_the_default_comes_last() -> None:
    routes = Routes([('event.type == "a"', "/a"), ('event.type in ["a", "b"]', "/ab")], default="/other")
    assert [routes.path({"type": kind}) for kind in ("a", "b", "c")] == ["/a", "/ab", "/other"]


def test_without_a_default_an_event_may_match_nothing() -> None:
    assert Routes([('event.type == "a"', "/a")]).path({"type": "b"}) is None


@pytest.mark.parametrize("match", ["", "  "])
def test_a_blank_match_always_holds(match: str) -> None:
    assert Routes([(match, "/all")], default="/other").path({}) == "/all"


def test_the_default_may_be_the_empty_path() -> None:
    assert Routes(default="").path({}) == ""


def test_a_result_that_is_no_boolean_is_an_error() -> None:
    with pytest.raises(RuleError) as caught:
        Routes([("event.type", "/a")]).path({"type": "x"})
    assert str(caught.value) == "the result of match expression event.type was not a boolean"


def test_a_missing_attribute_is_an_error() -> None:
    with pytest.raises(CELError, match="no such key: type"):
        Routes([('event.type == "a"', "/a")]).path({})


def test_rules_of_raw_bulk_messages_see_the_payload_text() -> None:
    assert Routes([('event.startsWith("ab")', "/ab")], default="/").path("abc") == "/ab"


def test_a_bad_expression_is_refused_when_loaded() -> None:
    with pytest.raises(BadExpressionError, match=r"invalid CEL expression 'event.type ='"):
        Routes([("event.type =", "/a")])
