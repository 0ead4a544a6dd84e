"""Rows of bindings (api.md §1.6, §2.2): flat on HTTP, with one ErrorInfo on gRPC."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dapr_core.errors import ErrorRow, Transport, error_info


def _details(params: Mapping[str, Any], transport: Transport) -> list[dict[str, Any]]:
    return [error_info("ERR_INVOKE_OUTPUT_BINDING", None)] if transport == "grpc" else []


INVOKE_OUTPUT_BINDING = ErrorRow(
    http_status=500,
    grpc_code=13,
    tag="ERR_INVOKE_OUTPUT_BINDING",
    message="error invoking output binding {name}: {error}",
    details=_details,
    category="binding",
)
"""The operation failed, or the binding or its operation is unknown. Parameters: ``name``, ``error``."""

MALFORMED_REQUEST_DATA = ErrorRow(
    http_status=500,
    grpc_code=13,
    tag="ERR_MALFORMED_REQUEST_DATA",
    message="can't serialize request data field: {error}",
    category="binding",
)
"""The data cannot be written as JSON again. Parameters: ``error``."""
