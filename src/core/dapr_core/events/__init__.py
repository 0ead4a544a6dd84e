"""CloudEvents 1.0 as Dapr writes and reads them (building-blocks.md §1.3, §1.4, §1.10).

Pure: ids, the time and the trace context are arguments. Writing: ``wrap`` puts a payload into an envelope,
``adopt`` completes a payload that is an event already, ``compose`` picks one by content type; all give the bytes for
the broker, byte for byte as the public project's. Reading: ``receive`` turns a broker's message into an ``Incoming``
event; ``has_expired``, ``payload`` and ``extensions`` answer what delivery needs to know of it. ``metadata`` reads
the request metadata that concerns events (``rawPayload``, ``ttlInSeconds``, ``cloudevent.*``).
"""

from __future__ import annotations

from dapr_core.events.content_types import (
    CLOUDEVENTS_JSON,
    is_binary,
    is_cloudevent,
    is_json,
    is_string,
)
from dapr_core.events.envelope import EventError, Trace, adopt, compose, wrap
from dapr_core.events.incoming import Incoming, extensions, from_raw_payload, has_expired, payload, receive
from dapr_core.events.metadata import expiration, is_raw_payload, rfc3339

__all__ = [
    "CLOUDEVENTS_JSON",
    "EventError",
    "Incoming",
    "Trace",
    "adopt",
    "compose",
    "expiration",
    "extensions",
    "from_raw_payload",
    "has_expired",
    "is_binary",
    "is_cloudevent",
    "is_json",
    "is_raw_payload",
    "is_string",
    "payload",
    "receive",
    "rfc3339",
    "wrap",
]
