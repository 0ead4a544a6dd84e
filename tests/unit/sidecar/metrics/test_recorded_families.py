"""Every family of the recording that this sidecar has: same help, type, labels and buckets."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dapr_core.resources.metricspec import MetricSettings
from dapr_core.telemetry.exposition import number
from dapr_core.telemetry.metrics import Collected, Registry
from daprd.metrics import Metrics

RECORDED: dict[str, dict[str, Any]] = json.loads(
    (Path(__file__).parents[3] / "golden" / "data" / "metric-families.json").read_text()
)
OTHER_BLOCKS = ("dapr_component_conversation", "dapr_component_job", "dapr_grpc_io", "dapr_runtime_workflow")
"""Families of building blocks that bring their recorders themselves."""
ACTORS = "dapr_runtime_actor"

OURS = Registry()
Metrics(OURS, MetricSettings(record_error_codes=True), app_id="golden")
MINE = sorted(name for name in RECORDED if not name.startswith((*OTHER_BLOCKS, ACTORS)))


def test_no_recorded_family_of_these_blocks_is_missing() -> None:
    assert [name for name in MINE if name not in OURS.families] == []
    assert len(MINE) >= 25


@pytest.mark.parametrize("name", MINE)
def test_a_family_is_declared_as_recorded(name: str) -> None:
    recorded, ours = RECORDED[name], OURS.families[name]
    assert not isinstance(ours, Collected)
    assert (ours.help, ours.kind, list(ours.label_names)) == (recorded["help"], recorded["type"], recorded["labels"])
    if "buckets" in recorded:
        child = ours.labels(*["x"] * len(ours.label_names))
        assert [*map(number, child.bounds), "+Inf"] == recorded["buckets"]  # type: ignore[union-attr]
