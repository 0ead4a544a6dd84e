"""Limits and rules between fields, as daprd itself holds resources to them (crds-helm-config.md §1.5, §1.6)."""

from __future__ import annotations

from typing import Any

import pytest
from support.schema_samples import full, wrong

from dapr_core.resources import crds
from dapr_core.resources.constraints import violations
from dapr_core.resources.decoding import DecodeError, decode
from dapr_core.resources.mcpserver import MCPServer
from dapr_core.resources.workflowaccess import WorkflowAccessPolicy

HTTP = {"url": "http://tools.example"}
OF_TYPE = {"is of another type", "is text"}
TOLERATED = {"is a number", "has an unknown field"}
"""What Go's decoder takes, and so do we: a scalar where text is expected, a key nobody knows."""


def _told(model: type[Any], spec: object) -> list[str]:
    return [str(each) for each in violations(decode(model, {"metadata": {"name": "a"}, "spec": spec}))]


def _schema(file: str) -> dict[str, Any]:
    spec = dict(crds.documents())[file]["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]
    return dict(spec)


@pytest.mark.parametrize(
    ("endpoint", "right"),
    [
        ({"streamableHTTP": HTTP}, True),
        ({"sse": HTTP}, True),
        ({"stdio": {"command": "tool"}}, True),
        ({}, False),
        ({"streamableHTTP": HTTP, "sse": HTTP}, False),
        ({"streamableHTTP": HTTP, "sse": HTTP, "stdio": {"command": "tool"}}, False),
    ],
)
def test_an_mcp_server_has_exactly_one_transport(endpoint: object, right: bool) -> None:
    told = _told(MCPServer, {"endpoint": endpoint})
    assert told == ([] if right else ["spec.endpoint: name exactly one transport: streamableHTTP, sse or stdio"])


def test_an_mcp_server_needs_an_endpoint() -> None:
    assert _told(MCPServer, {}) == ["spec.endpoint: it is missing; add endpoint: The transport."]


def _policy(**rule: object) -> dict[str, object]:
    return {"rules": [{"callers": [{"appID": "a"}], **rule}]}


def _workflow(*operations: str, requires: bool = False) -> dict[str, object]:
    required = [{"eventType": "event.raised", "name": "approved", "appID": "a"}]
    return {"name": "w", "operations": list(operations), "requires": required if requires else []}


def test_a_rule_allows_something() -> None:
    assert _told(WorkflowAccessPolicy, _policy(workflows=[_workflow("get")])) == []
    assert _told(WorkflowAccessPolicy, _policy(activities=[{"name": "a*"}])) == []
    assert _told(WorkflowAccessPolicy, _policy()) == ["spec.rules[0]: name at least one workflow or activity"]


@pytest.mark.parametrize(
    ("operations", "right"), [(["schedule"], True), (["get"], False), (["schedule", "get"], False)]
)
def test_requirements_go_with_scheduling_only(operations: list[str], right: bool) -> None:
    told = _told(WorkflowAccessPolicy, _policy(workflows=[_workflow(*operations, requires=True)]))
    assert [each.partition(":")[0] for each in told] == ([] if right else ["spec.rules[0].workflows[0]"])


def test_every_violation_is_told_with_its_path_and_remedy() -> None:
    workflow = {"name": "", "operations": ["get", "get", "dance"]}
    told = _told(WorkflowAccessPolicy, {"rules": [{"callers": [], "workflows": [workflow]}]})
    assert told == [
        "spec.rules[0].callers: it has 0 entries; write at least 1",
        "spec.rules[0].workflows[0].name: it is empty or missing; write at least 1 characters",
        "spec.rules[0].workflows[0].operations[1]: the value stands there already; write each value once",
        "spec.rules[0].workflows[0].operations[2]: the value is unknown; write one of schedule, terminate, raise, "
        "pause, resume, purge, get, rerun",
    ]


@pytest.mark.parametrize(
    ("model", "file", "leave_out"),
    [
        (MCPServer, "mcpservers", {"endpoint.sse", "endpoint.stdio"}),
        (MCPServer, "mcpservers", {"endpoint.sse", "endpoint.streamableHTTP"}),
        (WorkflowAccessPolicy, "workflowaccesspolicy", set()),
    ],
)
def test_what_the_api_server_would_refuse_is_refused_here(model: type[Any], file: str, leave_out: set[str]) -> None:
    schema = _schema(file)
    valid = full(schema, leave_out=frozenset(leave_out))
    assert _told(model, valid) == []
    for case in wrong(schema, valid):
        if case.sort in TOLERATED:
            continue
        if case.sort == "is missing" and case.path.endswith(("secretKeyRef.name", "headers[0].name", "env[0].name")):
            continue  # a name with no bounds reads as empty, as in the original
        if case.sort in OF_TYPE:
            with pytest.raises(DecodeError):
                decode(model, {"spec": case.value})
        else:
            assert _refused(model, case.value), str(case)


def _refused(model: type[Any], spec: object) -> bool:
    try:
        return bool(_told(model, spec))
    except DecodeError:
        return True
