"""Declared objects: kept, filtered by scope, their changes told to whom they concern (control-plane.md §4.5)."""

from __future__ import annotations

import asyncio
import itertools
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dapr_core.kube import Key, Kind
from dapr_operator.kinds import SERVED
from dapr_operator.resources.changes import Event, Subscription, merged, seen_by
from dapr_operator.resources.checking import condition, differs, present_condition, problems
from dapr_operator.resources.resource import Resource
from dapr_operator.resources.secrets import has_references
from dapr_operator.resources.shelf import Shelf, is_news


def resource(name: str = "a", version: int | str = 1, *scopes: str, namespace: str = "ns") -> Resource:
    thing = {
        "metadata": {"name": name, "namespace": namespace, "resourceVersion": str(version), "managedFields": [1]},
        "status": {"conditions": []},
        "scopes": list(scopes),
    }
    return Resource.of(thing)


def drained(subscription: Subscription) -> list[tuple[str, str, str]]:
    """What waits, without waiting for more."""

    async def main() -> list[tuple[str, str, str]]:
        told = []
        async for change in subscription:
            told.append((change.event.name, change.resource.key.name, change.resource.version))
            if not len(subscription):
                return told
        return told

    return asyncio.run(main()) if len(subscription) else []


# --- Resources


def test_a_resource_is_served_without_what_only_the_cluster_needs() -> None:
    served = json.loads(resource().encoded)
    assert "status" not in served
    assert "managedFields" not in served["metadata"]


def test_without_scopes_it_is_for_everybody() -> None:
    assert resource().is_for("web")
    assert resource("a", 1, "web").is_for("web")
    assert not resource("a", 1, "other").is_for("web")


# --- What somebody sees of a change


@pytest.mark.parametrize(
    ("old", "new", "seen"),
    [
        (None, resource("a", 1), Event.CREATED),
        (resource("a", 1), resource("a", 2), Event.UPDATED),
        (resource("a", 1), None, Event.DELETED),
        (resource("a", 1, "other"), resource("a", 2, "web"), Event.CREATED),
        (resource("a", 1, "web"), resource("a", 2, "other"), Event.DELETED),
        (resource("a", 1, "other"), resource("a", 2, "other"), None),
        (None, resource("a", 1, "other"), None),
        (resource("a", 1, "other"), None, None),
    ],
)
def test_a_change_as_an_application_sees_it(old: Resource | None, new: Resource | None, seen: Event | None) -> None:
    change = seen_by(lambda one: one.is_for("web"), old, new)
    assert (change.event if change else None) is seen
    if seen is Event.DELETED and change is not None:
        assert change.resource is old


@pytest.mark.parametrize(
    ("waiting", "later", "told"),
    [
        (Event.CREATED, Event.UPDATED, Event.CREATED),
        (Event.UPDATED, Event.UPDATED, Event.UPDATED),
        (Event.CREATED, Event.DELETED, Event.DELETED),
        (Event.UPDATED, Event.DELETED, Event.DELETED),
        (Event.DELETED, Event.CREATED, Event.UPDATED),
    ],
)
def test_two_changes_that_wait_are_told_as_one(waiting: Event, later: Event, told: Event) -> None:
    assert merged(waiting, later) is told


# --- Shelves


@pytest.mark.parametrize(
    ("known", "version", "news"),
    [
        ("1", "2", True),
        ("2", "2", False),
        ("3", "2", False),
        ("9", "10", True),
        ("a", "b", True),
        ("a", "a", False),
        ("1", "", True),
    ],
)
def test_only_a_later_version_is_news(known: str, version: str, news: bool) -> None:
    assert is_news(known, version) is news


def test_subscribers_hear_of_their_namespace_only() -> None:
    shelf = Shelf()
    with shelf.subscribed("ns", lambda _: True) as mine, shelf.subscribed("other", lambda _: True) as theirs:
        shelf.put(resource())
        assert drained(mine) == [("CREATED", "a", "1")]
        assert drained(theirs) == []


def test_what_was_there_before_is_not_told() -> None:
    shelf = Shelf()
    shelf.put(resource())
    with shelf.subscribed("ns", lambda _: True) as mine:
        shelf.put(resource())
        assert drained(mine) == []
        shelf.put(resource("a", 2))
        assert drained(mine) == [("UPDATED", "a", "2")]


def test_a_closed_subscription_ends() -> None:
    async def main() -> list[Any]:
        shelf = Shelf()
        with shelf.subscribed("ns", lambda _: True) as mine:
            shelf.put(resource())
            shelf.close()
            return [change async for change in mine]

    assert asyncio.run(main()) == []


def test_nobody_is_remembered_who_has_left() -> None:
    shelf = Shelf()
    with shelf.subscribed("ns", lambda _: True):
        pass
    assert not shelf._subscriptions


steps = st.lists(
    st.tuples(
        st.sampled_from(["put", "remove", "take"]), st.sampled_from("abc"), st.sampled_from(["", "web", "other"])
    ),
    max_size=30,
)


@given(steps)
def test_a_slow_sidecar_ends_up_with_what_is_true(steps: list[tuple[str, str, str]]) -> None:
    """Whenever it takes news, all of them applied give what a list would."""
    shelf, versions = Shelf(), itertools.count(1)
    view: dict[str, str] = {}

    def take(subscription: Subscription) -> None:
        for event, name, version in drained(subscription):
            if event == "DELETED":
                view.pop(name, None)
            else:
                view[name] = version

    with shelf.subscribed("ns", lambda one: one.is_for("web")) as mine:
        for step, name, scope in steps:
            if step == "put":
                shelf.put(resource(name, next(versions), *([scope] if scope else [])))
            elif step == "remove":
                shelf.remove(Key("ns", name))
            else:
                take(mine)
            assert len(mine) <= 3
        take(mine)
    assert view == {one.key.name: one.version for one in shelf.of_namespace("ns") if one.is_for("web")}


def test_a_new_status_is_no_news_to_sidecars_and_anything_else_is() -> None:
    def of(version: int, generation: int, **metadata: object) -> Resource:
        own = {"name": "a", "namespace": "ns", "uid": "u", "resourceVersion": str(version), "generation": generation}
        return Resource.of({"metadata": own | metadata, "status": {"at": version}, "spec": {"of": generation}})

    shelf = Shelf()
    with shelf.subscribed("ns", lambda _: True) as changes:
        shelf.put(of(1, 1))
        assert len(drained(changes)) == 1
        shelf.put(of(2, 1))
        assert drained(changes) == []
        assert shelf.get("ns", "a") == of(2, 1)
        for news in (of(3, 2), of(4, 2, labels={"a": "b"}), of(5, 2, annotations={"a": "b"}), of(6, 2, uid="other")):
            shelf.put(news)
            assert len(drained(changes)) == 1


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=12,
)


@given(
    st.sampled_from(SERVED),
    st.fixed_dictionaries({}, optional={"spec": json_values, "scopes": json_values, "auth": json_values}),
    json_values,
)
def test_no_object_however_strange_stops_the_operator(kind: Kind, thing: dict[str, Any], status: object) -> None:
    metadata = {"name": "a", "namespace": "ns", "resourceVersion": "1"}
    whole = {**thing, "status": status, "metadata": metadata}
    found = Resource.of(whole)
    assert isinstance(found.is_for("web"), bool)
    assert isinstance(has_references(kind, found.thing), bool)
    assert all(problems(kind, whole)) or problems(kind, whole) == ()
    assert differs(present_condition(whole), condition(problems(kind, whole), 1, "now"))
