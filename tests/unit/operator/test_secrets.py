"""Values from Secrets: where they stand, and how they are written (control-plane.md §4.4)."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from dapr_core.kube import Kind
from dapr_core.kube.kinds import COMPONENT, CONFIGURATION
from dapr_operator.kinds import HTTP_ENDPOINT, MCP_SERVER, RESILIENCY
from dapr_operator.resources.secrets import copied, has_references

Json = dict[str, Any]


def item(secret: str = "s", key: str = "k") -> Json:
    return {"name": "x", "secretKeyRef": {"name": secret, "key": key}}


CASES: list[tuple[Kind, Json, list[str | int]]] = [
    (COMPONENT, {"spec": {"metadata": [item()]}}, ["spec", "metadata", 0]),
    (HTTP_ENDPOINT, {"spec": {"headers": [item()]}}, ["spec", "headers", 0]),
    (HTTP_ENDPOINT, {"spec": {"clientTLS": {"certificate": item()}}}, ["spec", "clientTLS", "certificate"]),
    (HTTP_ENDPOINT, {"spec": {"clientTLS": {"privateKey": item()}}}, ["spec", "clientTLS", "privateKey"]),
    (HTTP_ENDPOINT, {"spec": {"clientTLS": {"rootCA": item()}}}, ["spec", "clientTLS", "rootCA"]),
    (
        MCP_SERVER,
        {"spec": {"endpoint": {"streamableHTTP": {"headers": [item()]}}}},
        ["spec", "endpoint", "streamableHTTP", "headers", 0],
    ),
    (MCP_SERVER, {"spec": {"endpoint": {"sse": {"headers": [item()]}}}}, ["spec", "endpoint", "sse", "headers", 0]),
    (MCP_SERVER, {"spec": {"endpoint": {"stdio": {"env": [item()]}}}}, ["spec", "endpoint", "stdio", "env", 0]),
    (
        CONFIGURATION,
        {"spec": {"tracing": {"otel": {"headers": [item()]}}}},
        ["spec", "tracing", "otel", "headers", 0],
    ),
]


def at(thing: Any, path: list[str | int]) -> Any:
    for step in path:
        thing = thing[step]
    return thing


@pytest.mark.parametrize(("kind", "thing", "path"), CASES)
def test_a_value_is_put_where_its_reference_stands_and_the_reference_stays(
    kind: Kind, thing: Json, path: list[str | int]
) -> None:
    assert has_references(kind, thing)
    own, [reference] = copied(kind, thing)
    assert reference.put({"k": b"secret"})
    found = at(own, path)
    assert found["value"] == ("secret" if kind is CONFIGURATION else base64.b64encode(b"secret").decode())
    assert found["secretKeyRef"] == {"name": "s", "key": "k"}
    assert "value" not in at(thing, path)


def test_the_key_is_the_secrets_name_where_none_is_given() -> None:
    _, [reference] = copied(COMPONENT, {"spec": {"metadata": [item(key="")]}})
    assert reference.key == "s"


def test_a_configuration_has_to_name_its_key() -> None:
    _, [reference] = copied(CONFIGURATION, {"spec": {"tracing": {"otel": {"headers": [item(key="")]}}}})
    assert not reference.put({"s": b"x"})


@pytest.mark.parametrize(("store", "resolved"), [(None, True), ("", True), ("kubernetes", True), ("vault", False)])
def test_secrets_of_another_store_are_the_sidecars_business(store: str | None, resolved: bool) -> None:
    thing = {"auth": {"secretStore": store}, "spec": {"metadata": [item()]}}
    assert has_references(COMPONENT, thing) is resolved


def test_a_missing_key_leaves_the_value_as_it_was() -> None:
    own, [reference] = copied(COMPONENT, {"spec": {"metadata": [item() | {"value": "before"}]}})
    assert not reference.put({})
    assert own["spec"]["metadata"][0]["value"] == "before"


@pytest.mark.parametrize(
    "thing",
    [{}, {"spec": None}, {"spec": {"metadata": None}}, {"spec": {"metadata": ["x", {"secretKeyRef": 1}]}}, {"auth": 3}],
)
def test_what_has_another_shape_has_no_references(thing: Json) -> None:
    assert not has_references(COMPONENT, thing)


def test_other_kinds_have_none() -> None:
    assert not has_references(RESILIENCY, {"spec": {"metadata": [item()]}})
