"""The body of a bulk publish: JSON entries whose events become bytes by content type (building-blocks.md §1.5)."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from dapr_core import jsonx
from dapr_core.errors import DaprError
from dapr_core.events import is_binary, is_cloudevent, is_json, is_string
from daprd.blocks.pubsub import BulkMessage, Target
from daprd.catalogue import pubsub as rows

_GO_TYPE = "[]http.bulkPublishMessageEntry"
_GO_STRUCT = "bulkPublishMessageEntry"
MISMATCH = "error: mismatch between contentType and event"


class _UnreadableError(Exception):
    """The body is not an array of entries; the text is the decoder's."""


class _UnfitError(Exception):
    """An event does not fit its content type."""


def parse_bulk(body: bytes, target: Target, app_id: str) -> list[BulkMessage]:
    """Read the entries.

    Raises:
        DaprError: the body cannot be read, or an event does not fit its content type.
    """
    try:
        return [_message(entry) for entry in _entries(body)]
    except _UnreadableError as error:
        row, text = rows.UNMARSHAL_EVENTS, str(error)
    except _UnfitError as error:
        row, text = rows.MARSHAL_ENVELOPE, str(error)
    raise DaprError(row, name=target.name, topic=target.topic, appID=app_id, error=text)


def _entries(body: bytes) -> list[Any]:
    try:
        entries = jsonx.outline_exact(body, levels=2)
    except jsonx.JSONError as error:
        raise _UnreadableError(error.stream_text) from None
    if entries is None:
        return []
    if not isinstance(entries, list):
        raise _UnreadableError(jsonx.mismatch(entries, _GO_TYPE))
    return entries


def _message(entry: Any) -> BulkMessage:
    if not isinstance(entry, dict):
        raise _UnreadableError(jsonx.mismatch(entry, "http.bulkPublishMessageEntry"))
    content_type = _text(entry, "contentType")
    event = _field(entry, "event")
    if isinstance(event, jsonx.RawJSON) and not is_json(content_type):
        event = jsonx.loads_exact(event.data)  # a large one that is wanted as what it is
    return BulkMessage(
        entry_id=_text(entry, "entryId"),
        data=event_bytes(event, content_type),
        content_type=content_type,
        metadata=_metadata(entry),
    )


def event_bytes(event: Any, content_type: str) -> bytes:
    """An event of the array as the bytes to publish. Raises ``_UnfitError`` when it does not fit its content type."""
    if is_binary(content_type):
        if not isinstance(event, str):
            raise _UnfitError(MISMATCH)
        return _decoded(event)
    if is_string(content_type):
        if not isinstance(event, str):
            raise _UnfitError(MISMATCH)
        return event.encode(errors="replace")
    if is_json(content_type) or is_cloudevent(content_type):
        return jsonx.dumps(event)
    raise _UnfitError(MISMATCH)


def _decoded(text: str) -> bytes:
    stripped = text.replace("\r", "").replace("\n", "")
    try:
        return base64.b64decode(stripped, validate=True)
    except (binascii.Error, ValueError):
        raise _UnfitError(
            # the misspelling is the original's, and clients may look for it
            f"error: unable to decode base64 application/octect-stream data: {go_base64_error(stripped)}"
        ) from None


def go_base64_error(text: str) -> str:
    """Where Go's decoder stops: at the first byte that is no base64, or at the end of an incomplete text."""
    alphabet = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
    for position, char in enumerate(text):
        if char not in alphabet:
            return f"illegal base64 data at input byte {position}"
    return f"illegal base64 data at input byte {len(text) // 4 * 4}"


def _field(entry: dict[str, Any], name: str) -> Any:
    """A field by its name; another case does as well, as in Go."""
    if name in entry:
        return entry[name]
    folded = name.lower()
    return next((value for key, value in entry.items() if key.lower() == folded), None)


def _text(entry: dict[str, Any], name: str) -> str:
    value = _field(entry, name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise _UnreadableError(jsonx.mismatch(value, "string", field=f"{_GO_STRUCT}.{name}"))
    return value


def _metadata(entry: dict[str, Any]) -> dict[str, str] | None:
    value = _field(entry, "metadata")
    if value is None:
        return None
    if not isinstance(value, dict):
        raise _UnreadableError(jsonx.mismatch(value, "map[string]string", field=f"{_GO_STRUCT}.metadata"))
    for item in value.values():
        if item is not None and not isinstance(item, str):
            raise _UnreadableError(jsonx.mismatch(item, "string", field=f"{_GO_STRUCT}.metadata"))
    return {key: item or "" for key, item in value.items()}
