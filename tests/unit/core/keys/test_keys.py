"""Keys and topics lie where a Go sidecar with the same manifest looks for them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dapr_core import keys


@pytest.mark.parametrize(
    ("metadata", "expected"),
    [
        ({}, "app||k"),
        ({"keyPrefix": "appid"}, "app||k"),
        ({"keyPrefix": ""}, "app||k"),
        ({"KEYPREFIX": "Name"}, "store||k"),
        ({"keyPrefix": "namespace"}, "ns.app||k"),
        ({"keyPrefix": "none"}, "k"),
        ({"keyPrefix": "Team-A"}, "team-a||k"),
    ],
    ids=str,
)
def test_a_state_key_gets_the_prefix_of_the_manifests_strategy(metadata: dict[str, str], expected: str) -> None:
    assert keys.StateKeys(metadata, app_id="app", store="store", namespace="ns").stored("k") == expected


def test_without_a_namespace_the_namespace_strategy_is_the_app_ids() -> None:
    assert keys.StateKeys({"keyPrefix": "namespace"}, app_id="app", store="s").stored("k") == "app||k"


@pytest.mark.parametrize("strategy", ["appid", "namespace"])
def test_without_an_app_id_there_is_no_prefix(strategy: str) -> None:
    scheme = keys.StateKeys({"keyPrefix": strategy}, app_id="", store="s", namespace="ns")
    assert scheme.stored("k") == "k"


def test_the_separator_is_illegal_in_keys_and_prefixes() -> None:
    scheme = keys.StateKeys({}, app_id="app", store="s")
    with pytest.raises(keys.IllegalKeyError) as caught:
        scheme.stored("a||b")
    assert str(caught.value) == "input key/keyPrefix 'a||b' can't contain '||'"
    assert caught.value.key == "a||b"
    with pytest.raises(keys.IllegalKeyError):
        keys.StateKeys({"keyPrefix": "x||y"}, app_id="app", store="s")
    with pytest.raises(keys.IllegalKeyError):
        keys.LockKeys({"keyPrefix": "x||y"}, app_id="app", store="s")


@pytest.mark.parametrize(("stored", "original"), [("app||k", "k"), ("k", "k"), ("app||type||id||k", "type")])
def test_a_stored_key_is_read_back_by_its_second_part(stored: str, original: str) -> None:
    assert keys.StateKeys.original(stored) == original


@given(st.text().filter(lambda key: "||" not in key and not key.startswith("|")))
def test_storing_and_reading_back_gives_the_same_key(key: str) -> None:
    scheme = keys.StateKeys({}, app_id="app", store="s")
    assert scheme.original(scheme.stored(key)) == key


@pytest.mark.parametrize(
    ("metadata", "expected"),
    [
        ({}, "lock||app||r"),
        ({"keyPrefix": "name"}, "lock||store||r"),
        ({"keyPrefix": "none"}, "lock||r"),
        ({"keyPrefix": "namespace"}, "lock||namespace||r"),
        ({"keyPrefix": "Team"}, "lock||team||r"),
    ],
    ids=str,
)
def test_a_lock_key_has_its_own_scheme(metadata: dict[str, str], expected: str) -> None:
    assert keys.LockKeys(metadata, app_id="app", store="store").stored("r") == expected


def test_a_lock_resource_may_not_hold_the_separator() -> None:
    with pytest.raises(keys.IllegalKeyError):
        keys.LockKeys({}, app_id="app", store="store").stored("a||b")


@pytest.mark.parametrize(
    ("metadata", "expected"),
    [({}, "app"), ({"consumerID": " group "}, "group"), ({"CONSUMERID": "g"}, "g"), ({"consumerID": "  "}, "app")],
    ids=str,
)
def test_the_consumer_id_is_the_app_unless_the_manifest_names_one(metadata: dict[str, str], expected: str) -> None:
    assert keys.consumer_id(metadata, "app") == expected


def test_a_manifest_with_the_namespace_template_puts_topics_into_the_namespace() -> None:
    assert keys.is_namespaced({"a": "x", "consumerID": "{namespace}-g"})
    assert not keys.is_namespaced({"a": "x"})
    assert keys.with_namespace("orders", "prod") == "prodorders"
    assert keys.without_namespace("prodorders-prod", "prod") == "orders-prod"
    assert keys.without_namespace("orders", "") == "orders"
