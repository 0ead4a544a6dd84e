"""Names, help texts and labels of the families, as the original exposes them. Labels are in alphabetical order."""

from __future__ import annotations

from typing import Final

SIZE_BUCKETS: Final = tuple([1024 * factor for factor in (1, 2, 4, 16, 64, 256)]) + tuple(
    [1024 * 1024 * factor for factor in (1, 4, 16, 64, 256, 1024, 4096)]
)
"""Upper bounds of size histograms, in bytes."""

HTTP_LABELS: Final = ("app_id", "method", "path", "status")

OPERATION_LABELS: Final = ("app_id", "component", "namespace", "operation", "success")
SUCCESS_LABELS: Final = ("app_id", "component", "namespace", "success")
EGRESS_LABELS: Final = ("app_id", "component", "namespace", "success", "topic")
INGRESS_LABELS: Final = ("app_id", "component", "namespace", "process_status", "status", "topic")
BULK_INGRESS_LABELS: Final = ("app_id", "component", "namespace", "process_status", "topic")
POLICY_LABELS: Final = ("app_id", "flow_direction", "name", "namespace", "policy", "status", "target")
