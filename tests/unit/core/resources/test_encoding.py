"""What was decoded and is encoded again reads as the same resource."""

from __future__ import annotations

import pytest

from dapr_core.resources.component import Component
from dapr_core.resources.decoding import decode
from dapr_core.resources.encoding import encode
from dapr_core.resources.resiliency import Resiliency


@pytest.mark.parametrize(
    ("model", "manifest"),
    [
        (
            Component,
            {
                "metadata": {"name": "a"},
                "spec": {
                    "type": "state.redis",
                    "version": "v1",
                    "metadata": [{"name": "x", "value": [1, {"y": 2}]}, {"name": "s", "secretKeyRef": {"name": "k"}}],
                },
                "scopes": ["one", "two"],
            },
        ),
        (
            Resiliency,
            {
                "metadata": {"name": "r"},
                "spec": {
                    "policies": {"retries": {"again": {"policy": "constant", "maxRetries": 0}}},
                    "targets": {"apps": {"b": {"retry": "again"}}},
                },
            },
        ),
    ],
    ids=["component", "resiliency"],
)
def test_encoding_is_the_inverse_of_decoding(model: type, manifest: dict[str, object]) -> None:
    decoded = decode(model, manifest)
    assert encode(decoded) == manifest
    assert decode(model, encode(decoded)) == decoded
