"""The definitions: current, and with the public project's names, versions and fields (crds-helm-config.md §1)."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from support.crd_fields import lines

from dapr_core.resources import crds

ROOT = Path(__file__).resolve().parents[4]
FIELDS = Path(__file__).with_name("crd_fields.txt")
DOCUMENTS = dict(crds.documents())


def _generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate_crds", ROOT / "tools" / "generate_crds.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_files_are_what_the_models_say() -> None:
    generator = _generator()
    for folder in generator.FOLDERS:
        assert generator.stale(folder, generator.files()) == [], f"{folder}: run make crds"


def test_every_field_is_the_public_projects() -> None:
    """``crd_fields.txt`` was compared with the public project's tables by hand; a change of it wants that again."""
    assert list(lines()) == FIELDS.read_text().splitlines()


@pytest.mark.parametrize(
    ("file", "kind", "plural", "singular", "versions"),
    [
        ("components", "Component", "components", "component", ["v1alpha1"]),
        ("configuration", "Configuration", "configurations", "configuration", ["v1alpha1"]),
        ("httpendpoints", "HTTPEndpoint", "httpendpoints", "httpendpoint", ["v1alpha1"]),
        ("resiliency", "Resiliency", "resiliencies", "resiliency", ["v1alpha1"]),
        ("subscription", "Subscription", "subscriptions", "subscription", ["v1alpha1", "v2alpha1"]),
        ("mcpservers", "MCPServer", "mcpservers", "mcpserver", ["v1alpha1"]),
        (
            "workflowaccesspolicy",
            "WorkflowAccessPolicy",
            "workflowaccesspolicies",
            "workflowaccesspolicy",
            ["v1alpha1"],
        ),
    ],
)
def test_names_and_versions(file: str, kind: str, plural: str, singular: str, versions: list[str]) -> None:
    definition = DOCUMENTS[file]
    assert definition["metadata"] == {"name": f"{plural}.dapr.io", "labels": {"app.kubernetes.io/part-of": "dapr"}}
    spec = definition["spec"]
    assert spec["group"] == "dapr.io"
    assert spec["scope"] == "Namespaced"
    assert spec["names"] == {"kind": kind, "listKind": f"{kind}List", "plural": plural, "singular": singular}
    assert [each["name"] for each in spec["versions"]] == versions
    assert all(each["served"] for each in spec["versions"])
    assert [each["storage"] for each in spec["versions"]] == [name == versions[-1] for name in versions]


def test_only_subscriptions_are_converted() -> None:
    converted = {name: document["spec"].get("conversion") for name, document in DOCUMENTS.items()}
    conversion = converted.pop("subscription")
    assert conversion == {
        "strategy": "Webhook",
        "webhook": {
            "clientConfig": {"service": {"namespace": "replaceme", "name": "dapr-webhook", "path": "/convert"}},
            "conversionReviewVersions": ["v1", "v2alpha1"],
        },
    }
    assert set(converted.values()) == {None}


def test_every_version_has_a_status_that_users_do_not_write() -> None:
    for document in DOCUMENTS.values():
        for version in document["spec"]["versions"]:
            assert version["subresources"] == {"status": {}}
            schema = version["schema"]["openAPIV3Schema"]
            assert "status" not in schema.get("required", [])
            assert schema["properties"]["status"]["properties"].keys() == {"observedGeneration", "conditions"}


def _described(schema: dict[str, Any], path: str = "") -> list[str]:
    missing = [] if schema.get("description") else [path]
    for key, below in schema.get("properties", {}).items():
        missing += _described(below, f"{path}.{key}")
    return missing


def test_every_field_says_what_it_means() -> None:
    for document in DOCUMENTS.values():
        for version in document["spec"]["versions"]:
            missing = _described(version["schema"]["openAPIV3Schema"])
            assert missing == [".metadata"], "only Kubernetes' own metadata needs no description"


def test_each_document_is_a_value_of_its_own() -> None:
    """Whoever fills in the conversion's address must not change what the next caller gets."""
    first = dict(crds.documents())["subscription"]
    first["spec"]["conversion"]["webhook"]["clientConfig"]["service"]["namespace"] = "elsewhere"
    first["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["status"]["properties"].clear()
    assert dict(crds.documents())["subscription"] == DOCUMENTS["subscription"]
