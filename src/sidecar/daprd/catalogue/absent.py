"""Rows that say that nothing of a kind is configured: actors, jobs, locks, configuration, crypto, conversation.

Texts and codes are those of api.md §2.1, §2.2 and §2.5.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from dapr_core.errors import Details, ErrorRow, Transport, error_info

NO_PLACEMENT: Final = ErrorRow(
    http_status=400,
    grpc_code=14,
    tag="ERR_ACTOR_NO_PLACEMENT",
    message="placement service is not configured",
    category="actor",
)

NO_LOCK_STORE: Final = ErrorRow(
    http_status=500,
    grpc_code=9,
    tag="ERR_LOCK_STORE_NOT_CONFIGURED",
    message="lock store is not configured",
    category="lock",
)

LOCK_EXPIRY: Final = ErrorRow(
    http_status=400,
    grpc_code=3,
    tag="ERR_MALFORMED_REQUEST",
    message="ExpiryInSeconds is not positive in lock store {name}",
    category="lock",
)
"""Looked at before there is any store. Parameters: ``name``."""

NO_CRYPTO_PROVIDER: Final = ErrorRow(
    http_status=500,
    grpc_code=13,
    tag="ERR_CRYPTO_PROVIDERS_NOT_CONFIGURED",
    message="crypto providers not configured",
    category="crypto",
)

NO_CONVERSATION: Final = ErrorRow(
    http_status=400,
    grpc_code=3,
    tag="ERR_CONVERSATION_NOT_FOUND",
    message="failed finding conversation component {name}",
    category="conversation",
)
"""Parameters: ``name``."""


def _grpc_info(reason: str) -> Details:
    def build(params: Mapping[str, Any], transport: Transport) -> list[dict[str, Any]]:
        return [error_info(reason, None)] if transport == "grpc" else []

    return build


NO_CONFIGURATION_STORE: Final = ErrorRow(
    http_status=500,
    grpc_code=9,
    tag="ERR_CONFIGURATION_STORE_NOT_CONFIGURED",
    message="configuration stores not configured",
    details=_grpc_info("ERR_CONFIGURATION_STORE_NOT_CONFIGURED"),
    category="configuration",
)


def _scheduler(reason: str, doing: str) -> ErrorRow:
    def details(params: Mapping[str, Any], transport: Transport) -> list[dict[str, Any]]:
        return [error_info(reason, {"appID": params["app_id"], "namespace": params["namespace"]})]

    return ErrorRow(
        http_status=500,
        grpc_code=13,
        reason=reason,
        message=f"failed to {doing} due to: scheduler clients are disabled",
        details=details,
        category="job",
    )


NO_SCHEDULER: Final = {
    "SCHEDULE_JOB": _scheduler("DAPR_SCHEDULER_SCHEDULE_JOB", "schedule job"),
    "GET_JOB": _scheduler("DAPR_SCHEDULER_GET_JOB", "get job"),
    "LIST_JOBS": _scheduler("DAPR_SCHEDULER_LIST_JOBS", "list jobs"),
    "DELETE_JOB": _scheduler("DAPR_SCHEDULER_DELETE_JOB", "delete job"),
}
"""By what was asked of the scheduler. Parameters: ``app_id``, ``namespace``."""
