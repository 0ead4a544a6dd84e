"""Which kind of payload a content type announces.

Only the part before the first ``;`` counts, without case and without trimming, as the public project compares it.
"""

from __future__ import annotations

from typing import Final

from dapr_core.events.protobuf_form import looks_like_cloudevent

CLOUDEVENTS_JSON: Final = "application/cloudevents+json"
CLOUDEVENTS_PROTOBUF: Final = "application/cloudevents+protobuf"
JSON: Final = "application/json"
OCTET_STREAM: Final = "application/octet-stream"
PROTOBUF: Final = "application/x-protobuf"


def essence(content_type: str) -> str:
    """The content type in lower case, without its parameters."""
    lowered = content_type.lower()
    return lowered if ";" not in lowered else lowered[: lowered.index(";")]


def is_cloudevent(content_type: str) -> bool:
    """Whether the payload is an event already."""
    return essence(content_type) == CLOUDEVENTS_JSON


def is_json(content_type: str) -> bool:
    """Whether the payload is a JSON document."""
    return essence(content_type) == JSON


def is_string(content_type: str) -> bool:
    """Whether the payload is text: ``text/*`` or ``application/xml``."""
    return content_type[:5].lower() == "text/" or essence(content_type) == "application/xml"


def is_binary(content_type: str) -> bool:
    """Whether the payload is declared as plain bytes."""
    return essence(content_type) == OCTET_STREAM


def is_encoded(content_type: str, data: bytes) -> bool:
    """Whether the payload travels as ``data_base64``: plain bytes, and events in protobuf form (§1.3)."""
    kind = essence(content_type)
    if kind in (OCTET_STREAM, CLOUDEVENTS_PROTOBUF):
        return True
    return kind == PROTOBUF and looks_like_cloudevent(data)
