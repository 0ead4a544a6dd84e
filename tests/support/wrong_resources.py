"""Resources of every kind, as operator and sidecars read them, with each field wrong in turn."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from dapr_core.resources import crds
from support.schema_samples import Wrong, full, wrong

Json = dict[str, Any]
TOLERATED: Final = ("has an unknown field", "is a number")
"""What sidecars read all the same: keys of newer versions, and numbers without quotes where text is expected."""
TRANSPORTS: Final = frozenset({"spec.endpoint.streamableHTTP", "spec.endpoint.sse", "spec.endpoint.stdio"})
"""Of these an MCPServer has exactly one."""
FREE: Final = "spec.nameResolution.configuration"
"""Any value, for a file; only definitions want an object."""


@dataclass(frozen=True)
class Sample:
    """A wrong object under its name."""

    api_version: str
    kind: str
    name: str
    case: Wrong

    @property
    def is_told(self) -> bool:
        return self.case.sort not in TOLERATED and self.case.path != FREE

    @property
    def value(self) -> Json:
        return {"apiVersion": self.api_version, "kind": self.kind, "metadata": {"name": self.name}, **self.case.value}

    def __str__(self) -> str:
        return f"{self.kind}/{self.name}: {self.case}"


def _samples() -> Iterator[Sample]:
    for _, definition in crds.documents():
        version = definition["spec"]["versions"][-1]
        kind, api_version = definition["spec"]["names"]["kind"], f"dapr.io/{version['name']}"
        properties = version["schema"]["openAPIV3Schema"]["properties"]
        own = {key: each for key, each in properties.items() if key not in ("apiVersion", "kind", "metadata", "status")}
        fields: Json = {"type": "object", "properties": own}
        choices = [TRANSPORTS - {each} for each in sorted(TRANSPORTS)] if kind == "MCPServer" else [frozenset[str]()]
        cases = [each for leave_out in choices for each in wrong(fields, full(fields, leave_out=leave_out))]
        for index, case in enumerate(cases):
            yield Sample(api_version, kind, f"wrong-{index}", case)


SAMPLES: Final = tuple(_samples())
"""All of them."""


def one_a_field() -> list[Sample]:
    """For each field one sample of those that are told of, of changing sorts; and all of one kind that are not."""
    fields: dict[tuple[str, str], list[Sample]] = {}
    for sample in SAMPLES:
        if sample.is_told:
            fields.setdefault((sample.kind, sample.case.path), []).append(sample)
    told = [samples[index % len(samples)] for index, samples in enumerate(fields.values())]
    return told + [sample for sample in SAMPLES if sample.kind == "Component" and not sample.is_told]
