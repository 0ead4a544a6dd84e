"""The custom resource definitions of the group ``dapr.io``, made from the models (crds-helm-config.md §1).

Groups, names, versions, fields and defaults are those of the public project, so that an object made for one is valid
for the other. Two things are added: a ``status`` subresource, where the operator says what is wrong with a resource,
and printer columns, which tell ``kubectl get`` more than a name.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from dapr_core.resources.component import Component
from dapr_core.resources.configuration import Configuration
from dapr_core.resources.httpendpoint import HTTPEndpoint
from dapr_core.resources.mcpserver import MCPServer
from dapr_core.resources.openapi import Schema, object_schema, summary
from dapr_core.resources.resiliency import Resiliency
from dapr_core.resources.subscription import Subscription, SubscriptionV1
from dapr_core.resources.workflowaccess import WorkflowAccessPolicy

GROUP: Final = "dapr.io"
PART_OF: Final = {"app.kubernetes.io/part-of": "dapr"}
UNSET_NAMESPACE: Final = "replaceme"
"""Namespace of the conversion webhook until the operator writes its own there (§1.4)."""

_Column = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Definition:
    """One kind: its names, its versions from the oldest to the one that is stored, and its columns."""

    file: str
    plural: str
    versions: tuple[type[Any], ...]
    columns: tuple[_Column, ...] = ()
    conversion: bool = False

    @property
    def kind(self) -> str:
        """The kind's name."""
        return str(self.versions[-1].KIND)


DEFINITIONS: Final = (
    Definition("components", "components", (Component,), (("Type", "type"), ("Version", "version"))),
    Definition("configuration", "configurations", (Configuration,), (("Sampling", "tracing.samplingRate"),)),
    Definition("httpendpoints", "httpendpoints", (HTTPEndpoint,), (("URL", "baseUrl"),)),
    Definition("resiliency", "resiliencies", (Resiliency,)),
    Definition(
        "subscription",
        "subscriptions",
        (SubscriptionV1, Subscription),
        (("PubSub", "pubsubname"), ("Topic", "topic")),
        conversion=True,
    ),
    Definition(
        "mcpservers",
        "mcpservers",
        (MCPServer,),
        (
            ("HTTP", "endpoint.streamableHTTP.url"),
            ("SSE", "endpoint.sse.url"),
            ("Command", "endpoint.stdio.command"),
        ),
    ),
    Definition("workflowaccesspolicy", "workflowaccesspolicies", (WorkflowAccessPolicy,)),
)
"""Every kind, by the name of its file."""

_CONDITION: Final[Schema] = {
    "type": "object",
    "description": "One aspect of the resource's state.",
    "required": ["type", "status", "lastTransitionTime", "reason", "message"],
    "properties": {
        "type": {"type": "string", "description": "Name of the aspect.", "maxLength": 316},
        "status": {"type": "string", "description": "Whether it holds.", "enum": ["True", "False", "Unknown"]},
        "observedGeneration": {"type": "integer", "format": "int64", "description": "Generation it was judged at."},
        "lastTransitionTime": {"type": "string", "format": "date-time", "description": "When its status changed."},
        "reason": {"type": "string", "description": "The cause in one word.", "maxLength": 1024},
        "message": {"type": "string", "description": "Field, cause and remedy.", "maxLength": 32768},
    },
}
"""Kubernetes' own shape of a condition (``metav1.Condition``), which ``kubectl wait --for=condition`` reads."""

_STATUS: Final[Schema] = {
    "type": "object",
    "description": "What the operator says about the resource.",
    "properties": {
        "observedGeneration": {"type": "integer", "format": "int64", "description": "Generation last looked at."},
        "conditions": {
            "type": "array",
            "description": "Aspects of its state, each once.",
            "items": _CONDITION,
            "x-kubernetes-list-type": "map",
            "x-kubernetes-list-map-keys": ["type"],
        },
    },
}

_COMMON_COLUMNS: Final[list[Schema]] = [
    {
        "name": "Valid",
        "type": "string",
        "description": "False where the operator found something wrong: see the status.",
        "jsonPath": '.status.conditions[?(@.type=="Valid")].status',
    },
    {"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp"},
]
"""After each kind's own. What was never wrong has no condition, and shows nothing there."""


def documents() -> Iterator[tuple[str, Schema]]:
    """Each definition as the object to apply, with the name of its file (without ``.yaml``)."""
    for definition in DEFINITIONS:
        yield definition.file, _document(definition)


def _document(definition: Definition) -> Schema:
    spec: Schema = {
        "group": GROUP,
        "names": {
            "kind": definition.kind,
            "listKind": f"{definition.kind}List",
            "plural": definition.plural,
            "singular": definition.kind.lower(),
        },
        "scope": "Namespaced",
    }
    if definition.conversion:
        spec["conversion"] = _conversion()
    stored = definition.versions[-1]
    spec["versions"] = [_version(model, definition.columns, model is stored) for model in definition.versions]
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{definition.plural}.{GROUP}", "labels": dict(PART_OF)},
        "spec": spec,
    }


def _conversion() -> Schema:
    service = {"namespace": UNSET_NAMESPACE, "name": "dapr-webhook", "path": "/convert"}
    webhook = {"clientConfig": {"service": service}, "conversionReviewVersions": ["v1", "v2alpha1"]}
    return {"strategy": "Webhook", "webhook": webhook}


def _version(model: type[Any], columns: tuple[_Column, ...], stored: bool) -> Schema:
    version: Schema = {
        "name": str(model.API_VERSIONS[0]).partition("/")[2],
        "served": True,
        "storage": stored,
        "schema": {"openAPIV3Schema": _root(model)},
        "subresources": {"status": {}},
    }
    shown = [{"name": name, "type": "string", "jsonPath": f".spec.{path}"} for name, path in columns]
    # A list of columns replaces kubectl's own, of which the age is wanted.
    version["additionalPrinterColumns"] = [*shown, *copy.deepcopy(_COMMON_COLUMNS)]
    return version


def _root(model: type[Any]) -> Schema:
    """The schema of a whole object; its metadata is Kubernetes' own."""
    fields = _as_the_server_has_it(model, object_schema(model))["properties"]
    del fields["metadata"]
    return {
        "type": "object",
        "description": summary(model),
        "properties": {
            "apiVersion": {"type": "string", "description": "Group and version of this object."},
            "kind": {"type": "string", "description": "Kind of this object."},
            "metadata": {"type": "object"},
            **fields,
            "status": copy.deepcopy(_STATUS),
        },
    }


def _as_the_server_has_it(model: type[Any], schema: Schema) -> Schema:
    """Where the definition differs from what files may hold (§1.7): a sidecar reads more than the server stores."""
    if model is Configuration:
        sections = schema["properties"]["spec"]["properties"]
        for name in ("metric", "metrics"):
            sections[name]["default"] = {"enabled": True}
        for name in ("httpPipeline", "appHttpPipeline"):
            del sections[name]["properties"]["handlers"]["items"]["properties"]["version"]
        sections["nameResolution"]["properties"]["configuration"]["type"] = "object"
    return schema
