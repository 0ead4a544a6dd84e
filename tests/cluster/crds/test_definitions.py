"""The definitions on a real API server: it takes them, and by them judges objects field by field."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from cluster.kube.client import ApiError, Client, Object
from support.schema_samples import Wrong, full, wrong

CRDS = Path(__file__).resolve().parents[3] / "deploy" / "crds"
TRANSPORTS = frozenset({"spec.endpoint.streamableHTTP", "spec.endpoint.sse", "spec.endpoint.stdio"})
"""Of these an MCPServer has exactly one."""

UNSEEN = "does not fit into 32 bits"
"""The server knows no format of integers, so whoever reads a resource must see to that himself."""


def _definitions() -> list[Object]:
    return [yaml.safe_load(path.read_text()) for path in sorted(CRDS.glob("*.yaml"))]


def _kinds() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for definition in _definitions():
        for version in definition["spec"]["versions"]:
            api_version = f"{definition['spec']['group']}/{version['name']}"
            yield api_version, definition["spec"]["names"]["kind"], version["schema"]["openAPIV3Schema"]


def _fields(schema: dict[str, Any]) -> dict[str, Any]:
    """The part of a schema that users write."""
    own = {key: each for key, each in schema["properties"].items() if key not in ("apiVersion", "kind", "metadata")}
    return {"type": "object", "properties": {key: each for key, each in own.items() if key != "status"}}


def _samples() -> Iterator[tuple[str, str, dict[str, Any], Any]]:
    for api_version, kind, schema in _kinds():
        fields = _fields(schema)
        choices = [TRANSPORTS - {each} for each in sorted(TRANSPORTS)] if kind == "MCPServer" else [frozenset()]
        for leave_out in choices:
            yield api_version, kind, fields, full(fields, leave_out=frozenset(leave_out))


def _object(api_version: str, kind: str, fields: Any) -> Object:
    return {"apiVersion": api_version, "kind": kind, "metadata": {"name": "sample"}, **fields}


SAMPLES = list(_samples())
IDS = [f"{kind}-{api_version.rpartition('/')[2]}-{index}" for index, (api_version, kind, _, _) in enumerate(SAMPLES)]


@pytest.mark.parametrize("definition", _definitions(), ids=lambda each: each["metadata"]["name"])
def test_the_server_takes_the_definition_as_it_stands(admin: Client, definition: Object) -> None:
    answer = admin.apply(definition, dry_run=True)
    assert answer["spec"]["names"] == definition["spec"]["names"]


def test_every_definition_is_established_and_structural(admin: Client, crds: list[Object]) -> None:
    for definition in crds:
        name = definition["metadata"]["name"]
        status = admin.get(definition["apiVersion"], definition["kind"], name)["status"]
        conditions = {each["type"]: each["status"] for each in status["conditions"]}
        assert conditions["Established"] == conditions["NamesAccepted"] == "True", name
        assert conditions.get("NonStructuralSchema") in (None, "False"), name


@pytest.mark.parametrize(("api_version", "kind", "schema", "fields"), SAMPLES, ids=IDS)
def test_an_object_with_every_field_is_taken_and_comes_back_whole(
    admin: Client, namespace: str, crds: list[Object], api_version: str, kind: str, schema: Any, fields: Any
) -> None:
    fields = copy.deepcopy(fields)
    answer = admin.create(_object(api_version, kind, fields), namespace=namespace, dry_run=True)
    if api_version == "dapr.io/v1alpha1" and kind == "Subscription":
        del fields["spec"]["route"]  # the stored version has routes; only the operator's webhook carries it over
    assert {key: answer[key] for key in fields} == fields


@pytest.mark.parametrize(("api_version", "kind", "schema", "fields"), SAMPLES, ids=IDS)
def test_each_field_wrong_in_turn_is_refused_by_its_name(
    admin: Client, namespace: str, crds: list[Object], api_version: str, kind: str, schema: Any, fields: Any
) -> None:
    cases = [case for case in wrong(schema, fields) if case.sort != UNSEEN]
    assert len(cases) > 10
    for case in cases:
        with pytest.raises(ApiError) as refused:
            admin.create(_object(api_version, kind, case.value), namespace=namespace, dry_run=True)
            pytest.fail(f"taken: {case}")
        assert refused.value.status in (400, 422), case
        assert _names_the_field(case, str(refused.value)), f"{case}: {refused.value}"


def _names_the_field(case: Wrong, message: str) -> bool:
    """The path of the field, or of the unknown field in it."""
    where = f"{case.path}.unheardOf" if case.sort == "has an unknown field" and case.path else case.path or "unheardOf"
    return where in message


def test_defaults_are_those_of_the_public_project(admin: Client, namespace: str, crds: list[Object]) -> None:
    version = "dapr.io/v1alpha1"
    configuration = admin.create(_object(version, "Configuration", {"spec": {}}), namespace=namespace, dry_run=True)
    assert configuration["spec"] == {"metric": {"enabled": True}, "metrics": {"enabled": True}}
    endpoint = {"spec": {"baseUrl": "https://example.com", "clientTLS": {}}}
    answer = admin.create(_object(version, "HTTPEndpoint", endpoint), namespace=namespace, dry_run=True)
    assert answer["spec"]["clientTLS"] == {"renegotiation": "Never"}


def test_unknown_fields_are_dropped_where_the_client_does_not_insist(
    admin: Client, namespace: str, crds: list[Object]
) -> None:
    fields = {"spec": {"tracing": {"samplingRate": "1", "expandParams": True}}}
    old_form = _object("dapr.io/v1alpha1", "Configuration", fields)
    answer = admin.create(old_form, namespace=namespace, dry_run=True, strict=False)
    assert answer["spec"]["tracing"] == {"samplingRate": "1"}


def test_status_is_written_apart_from_what_the_user_wrote(admin: Client, namespace: str, crds: list[Object]) -> None:
    version, spec = "dapr.io/v1alpha1", {"type": "state.in-memory", "version": "v1", "metadata": []}
    condition = {
        "type": "Accepted", "status": "True", "reason": "Loaded", "message": "", "observedGeneration": 1,
        "lastTransitionTime": "2030-01-01T00:00:00Z",
    }  # fmt: skip
    status = {"observedGeneration": 1, "conditions": [condition]}
    created = admin.create(_object(version, "Component", {"spec": spec, "status": status}), namespace=namespace)
    assert "status" not in created
    path = admin.path(version, "Component", namespace, "sample")
    answer = admin.request("PUT", f"{path}/status", {**created, "status": status})
    assert answer["status"] == status
    assert answer["metadata"]["generation"] == created["metadata"]["generation"]


def _table(admin: Client, api_version: str, kind: str, namespace: str) -> tuple[list[str], list[list[Any]]]:
    """What kubectl shows of a kind: its columns, and the cells of each row."""
    path = admin.path(api_version, kind, namespace)
    table = admin.request("GET", path, accept="application/json;as=Table;v=v1;g=meta.k8s.io")
    return [each["name"] for each in table["columnDefinitions"]], [row["cells"] for row in table["rows"]]


def test_kubectl_sees_type_version_validity_and_age(admin: Client, namespace: str, crds: list[Object]) -> None:
    version, spec = "dapr.io/v1alpha1", {"type": "state.redis", "version": "v1", "metadata": []}
    admin.create(_object(version, "Component", {"spec": spec}), namespace=namespace)
    columns, rows = _table(admin, version, "Component", namespace)
    assert columns == ["Name", "Type", "Version", "Valid", "Age"]
    assert rows[0][:3] == ["sample", "state.redis", "v1"]
    assert not rows[0][3]
    wrong_now = {
        "type": "Valid", "status": "False", "reason": "FieldsDoNotRead", "message": "spec.type: why",
        "lastTransitionTime": "2030-01-01T00:00:00Z",
    }  # fmt: skip
    path = admin.path(version, "Component", namespace, "sample") + "/status"
    patch = {"status": {"conditions": [wrong_now]}}
    admin.request("PATCH", path, patch, content_type="application/merge-patch+json")
    _, rows = _table(admin, version, "Component", namespace)
    assert rows[0][3] == "False"


@pytest.mark.parametrize(("api_version", "kind"), sorted({(version, kind) for version, kind, _ in _kinds()}))
def test_kubectl_sees_of_every_kind_whether_it_is_valid(
    admin: Client, namespace: str, crds: list[Object], api_version: str, kind: str
) -> None:
    columns, _ = _table(admin, api_version, kind, namespace)
    assert columns[-2:] == ["Valid", "Age"]
