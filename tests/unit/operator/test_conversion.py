"""Subscriptions in two versions (control-plane.md §4.8)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dapr_operator.conversion.definition import changes_for
from dapr_operator.conversion.subscriptions import NEW, OLD, ConversionError, converted, review

Json = dict[str, Any]


def old(**spec: Any) -> Json:
    return {
        "apiVersion": OLD,
        "kind": "Subscription",
        "metadata": {"name": "s"},
        "spec": {"pubsubname": "p", "topic": "t", "route": "/r"} | spec,
        "scopes": ["web"],
    }


def test_a_route_becomes_the_default_route() -> None:
    new = converted(old(metadata={"a": "b"}, deadLetterTopic="d", bulkSubscribe={"enabled": True}), NEW)
    assert new["apiVersion"] == NEW
    assert new["scopes"] == ["web"]
    assert new["spec"] == {
        "pubsubname": "p",
        "topic": "t",
        "routes": {"default": "/r"},
        "metadata": {"a": "b"},
        "deadLetterTopic": "d",
        "bulkSubscribe": {"enabled": True},
    }


def test_rules_are_lost_on_the_way_back() -> None:
    new = converted(old(), NEW)
    new["spec"]["routes"]["rules"] = [{"match": "true", "path": "/x"}]
    assert converted(new, OLD) == old()


def test_the_older_version_is_never_without_a_route() -> None:
    assert converted({"apiVersion": NEW, "kind": "Subscription", "spec": {}}, OLD)["spec"] == {"route": ""}


specs = {"metadata": st.dictionaries(st.text(), st.text()), "deadLetterTopic": st.text()}


@given(st.fixed_dictionaries({}, optional=specs))
def test_there_and_back_nothing_of_the_older_version_is_lost(spec: Json) -> None:
    assert converted(converted(old(**spec), NEW), OLD) == old(**spec)


@pytest.mark.parametrize(
    ("thing", "version"),
    [
        ({"kind": "Pod", "apiVersion": OLD}, NEW),
        ({"kind": "Subscription", "apiVersion": "dapr.io/v3"}, NEW),
        ({"kind": "Subscription", "apiVersion": OLD}, "dapr.io/v3"),
        ({}, NEW),
    ],
)
def test_what_cannot_be_converted_is_an_error(thing: Json, version: str) -> None:
    with pytest.raises(ConversionError):
        converted(thing, version)


def asked(*things: Any, version: str = NEW) -> Json:
    request = {"uid": "u", "desiredAPIVersion": version, "objects": list(things)}
    return dict(json.loads(review(json.dumps({"request": request}).encode())))


def test_a_review_converts_all_or_nothing() -> None:
    answer = asked(old(), old())["response"]
    assert (answer["uid"], answer["result"]) == ("u", {"status": "Success"})
    assert [thing["apiVersion"] for thing in answer["convertedObjects"]] == [NEW, NEW]
    failed = asked(old(), {"kind": "Pod"}, "x")["response"]
    assert failed["result"]["status"] == "Failure"
    assert failed["convertedObjects"] == []


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"request": {}}', b'{"request": {"objects": 1}}'])
def test_a_body_that_is_no_review_is_an_error(body: bytes) -> None:
    with pytest.raises(ConversionError):
        review(body)


def definition(**config: Any) -> Json:
    return {"spec": {"conversion": {"strategy": "Webhook", "webhook": {"clientConfig": config}}}}


def test_the_definition_gets_our_namespace_and_anchors() -> None:
    changes = changes_for("dapr-system")
    placeholder = definition(service={"namespace": "replaceme", "name": "dapr-webhook"})
    assert [change["path"].rsplit("/", 1)[1] for change in changes(placeholder, b"PEM")] == ["namespace", "caBundle"]
    right = definition(service={"namespace": "dapr-system"}, caBundle="UEVN")
    assert list(changes(right, b"PEM")) == []
    assert list(changes({"spec": {"conversion": {"strategy": "None"}}}, b"PEM")) == []
