"""Rows of actors (actors-placement.md §3.12)."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from dapr_core.errors import ErrorRow, error_info
from daprd.catalogue import common

_CATEGORY: Final = "actor"
_UNSUPPORTED: Final = "ERR_NOT_SUPPORTED_STATE_OPERATION"


def _row(http: int, grpc: int, tag: str, message: str) -> ErrorRow:
    return ErrorRow(http_status=http, grpc_code=grpc, tag=tag, message=message, category=_CATEGORY)


INVOKE_METHOD = _row(500, 13, "ERR_ACTOR_INVOKE_METHOD", "error invoke actor method: {error}")
"""The actor was not reached, or its application failed. Parameters: ``error``."""

BAD_NAME = replace(common.BAD_REQUEST, grpc_message="{error}")
"""A call's actor or method cannot be named so; gRPC tells only what is wrong. Parameters: ``error``."""

INSTANCE_MISSING = _row(400, 13, "ERR_ACTOR_INSTANCE_MISSING", "actor instance is missing")
"""State may be written only by an actor that is active here."""

RUNTIME_NOT_FOUND = _row(
    500,
    13,
    "ERR_ACTOR_RUNTIME_NOT_FOUND",
    "the state store is not configured to use the actor runtime. Have you set the - name: actorStateStore value: "
    '"true" in your state store component file?',
)

NO_PLACEMENT = _row(400, 14, "ERR_ACTOR_NO_PLACEMENT", "placement service is not configured")

NO_APP_CHANNEL = _row(400, 14, "ERR_ACTOR_NO_APP_CHANNEL", "app channel is not initialized")

RUNTIME_CLOSED = _row(503, 14, "ERR_ACTOR_RUNTIME_CLOSED", "actor runtime is closed")

NAMESPACE_REQUIRED = _row(
    412,
    9,
    "ERR_ACTOR_NAMESPACE_REQUIRED",
    "actors must have a namespace configured when running in Kubernetes mode",
)

STACK_DEPTH = _row(500, 8, "ERR_ACTOR_STACK_DEPTH", "maximum stack depth exceeded")

TYPE_RESERVED = _row(
    403,
    7,
    "ERR_ACTOR_TYPE_RESERVED",
    'actor type "{type}" is reserved for the Dapr workflow runtime; direct actor API access is not permitted',
)
"""Parameters: ``type``."""

STATE_GET = _row(500, 13, "ERR_ACTOR_STATE_GET", "error getting actor state: {error}")
"""Parameters: ``error``."""

STATE_TRANSACTION_SAVE = _row(
    500, 13, "ERR_ACTOR_STATE_TRANSACTION_SAVE", "error saving actor transaction state: {error}"
)
"""Parameters: ``error``."""

REMINDER_CREATE = _row(500, 13, "ERR_ACTOR_REMINDER_CREATE", "error creating actor reminder: {error}")
"""Parameters: ``error``."""

REMINDER_GET = _row(500, 13, "ERR_ACTOR_REMINDER_GET", "error getting actor reminder: {error}")
"""Parameters: ``error``."""

REMINDER_DELETE = _row(500, 13, "ERR_ACTOR_REMINDER_DELETE", "error deleting actor reminder: {error}")
"""Parameters: ``error``."""

REMINDER_NON_HOSTED = _row(
    403,
    7,
    "ERR_ACTOR_REMINDER_NON_HOSTED",
    "operations on actor reminders are only possible on hosted actor types",
)

TIMER_CREATE = _row(500, 13, "ERR_ACTOR_TIMER_CREATE", "error creating actor timer: {error}")
"""Parameters: ``error``."""

UNSUPPORTED_OPERATION = replace(
    _row(500, 12, _UNSUPPORTED, "operation type {type} not supported"),
    details=lambda params, transport: [error_info(_UNSUPPORTED, None)],
)
"""Parameters: ``type``."""
