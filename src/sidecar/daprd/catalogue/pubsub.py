"""Rows of pub/sub (api.md §2.4). All but two carry a ResourceInfo besides their ErrorInfo."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from dapr_core.errors import Details, ErrorRow, Transport, error_info, resource_info

_CATEGORY: Final = "pubsub"
_Info: TypeAlias = Callable[[Mapping[str, Any]], Mapping[str, str] | None]


def _details(reason: str, message: str, info: _Info) -> Details:
    """ResourceInfo with the message as its description, then ErrorInfo."""

    def build(params: Mapping[str, Any], transport: Transport) -> list[dict[str, Any]]:
        described = message.format_map(params)
        return [
            resource_info("pubsub", params["name"], description=described),
            error_info(reason, info(params)),
        ]

    return build


def _info_only(reason: str, info: _Info) -> Details:
    def build(params: Mapping[str, Any], transport: Transport) -> list[dict[str, Any]]:
        return [error_info(reason, info(params) if transport == "http" else None)]

    return build


def _pick(*keys: str) -> _Info:
    return lambda params: {key: str(params[key]) for key in keys}


def _request_metadata(params: Mapping[str, Any]) -> Mapping[str, str] | None:
    """The request's own metadata; none at all when it had none."""
    metadata: Mapping[str, str] | None = params.get("metadata")
    return metadata or None


def _row(
    tag: str, reason: str, http_status: int, grpc_code: int, message: str, info: _Info, *, resource: bool = True
) -> ErrorRow:
    details = _details(reason, message, info) if resource else _info_only(reason, info)
    return ErrorRow(
        http_status=http_status,
        grpc_code=grpc_code,
        message=message,
        tag=tag,
        reason=reason,
        details=details,
        category=_CATEGORY,
    )


NAME_EMPTY = _row(
    "ERR_PUBSUB_EMPTY", "DAPR_PUBSUB_NAME_EMPTY", 404, 3, "pubsub name is empty", _request_metadata
)  # fmt: skip
"""Parameters: ``name`` (empty), ``metadata`` of the request."""

NOT_FOUND = _row(
    "ERR_PUBSUB_NOT_FOUND", "DAPR_PUBSUB_NOT_FOUND", 404, 3, "pubsub {name} is not found",
    lambda params: {}, resource=False,
)  # fmt: skip
"""Parameters: ``name``."""

TOPIC_EMPTY = _row(
    "ERR_TOPIC_NAME_EMPTY", "DAPR_PUBSUB_TOPIC_NAME_EMPTY", 404, 3, "topic is empty in pubsub {name}", _request_metadata
)  # fmt: skip
"""Parameters: ``name``, ``metadata`` of the request."""

METADATA = _row(
    "ERR_PUBSUB_REQUEST_METADATA", "DAPR_PUBSUB_METADATA_DESERIALIZATION", 400, 3,
    "failed deserializing metadata. Error: {error}", _request_metadata,
)  # fmt: skip
"""Parameters: ``name``, ``error``, ``metadata`` of the request."""

CLOUD_EVENT = _row(
    "ERR_PUBSUB_CLOUD_EVENTS_SER", "DAPR_PUBSUB_CLOUD_EVENT_CREATION", 500, 3, "cannot create cloudevent",
    _pick("appID", "error"),
)  # fmt: skip
"""The body says it is a CloudEvent and is none. Parameters: ``name``, ``appID``, ``error``."""

MARSHAL_ENVELOPE = _row(
    "ERR_PUBSUB_EVENTS_SER", "DAPR_PUBSUB_MARSHAL_ENVELOPE", 400, 3,
    "error when marshalling cloud event envelope for topic {topic} pubsub {name}: {error}", _pick("appID", "error"),
)  # fmt: skip
"""Parameters: ``name``, ``topic``, ``appID``, ``error``."""

MARSHAL_EVENTS = _row(
    "ERR_PUBSUB_EVENTS_SER", "DAPR_PUBSUB_MARSHAL_EVENTS", 400, 3,
    "error marshaling events to bytes for topic {topic} pubsub {name}. error: {error}", _pick("appID", "error"),
)  # fmt: skip
"""An entry id is missing or comes twice. Parameters: ``name``, ``topic``, ``appID``, ``error``."""

UNMARSHAL_EVENTS = _row(
    "ERR_PUBSUB_EVENTS_SER", "DAPR_PUBSUB_UNMARSHAL_EVENTS", 400, 3,
    "error when unmarshaling the request for topic {topic} pubsub {name}: {error}", _pick("appID"),
)  # fmt: skip
"""The body of a bulk publish cannot be read. Parameters: ``name``, ``topic``, ``appID``, ``error``."""

FORBIDDEN = _row(
    "ERR_PUBSUB_FORBIDDEN", "DAPR_PUBSUB_FORBIDDEN", 403, 7, "topic {topic} is not allowed for app id {app_id}",
    lambda params: {"error": f"topic {params['topic']} is not allowed for app id {params['app_id']}",
                    "topic": params["topic"]},
)  # fmt: skip
"""The scopes refuse. Parameters: ``name``, ``topic``, ``app_id``."""

PUBLISH = _row(
    "ERR_PUBSUB_PUBLISH_MESSAGE", "DAPR_PUBSUB_PUBLISH_MESSAGE", 500, 13,
    "error when publishing to topic {topic} in pubsub {name}: {error}", _pick("error", "topic"),
)  # fmt: skip
"""The broker failed. Parameters: ``name``, ``topic``, ``error``."""
