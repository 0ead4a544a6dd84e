"""Play a recorded gRPC conversation against a server of ours, and say where the two differ.

The client is our own callback client, since it sends any bytes and shows the order of what comes back; that foreign
clients work is for ``tests/sdk`` to show. Messages are compared as decoded values, statuses with their details decoded,
and what no two runs share is named as in ``recordings``.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import DecodeError, Message
from google.protobuf.message_factory import GetMessageClass

from dapr_core.proto.gen.google.rpc import error_details_pb2, status_pb2
from dapr_core.proto.gen.runtime.v1 import dapr_pb2
from dapr_core.rpc.grpc.client import Channel
from dapr_core.rpc.grpc.client_stream import ResponseListener
from dapr_core.rpc.grpc.status import Status, decode_binary
from support.recordings import Translation, neutral

LIMIT = 10.0
NO_TRACE = "AAAAAAAAAAAAAAAAAAAAAAAAAQAAAAAAAAAAAgA"
_OURS = frozenset(
    {":path", ":authority", ":method", ":scheme", "content-type", "te", "user-agent", "grpc-accept-encoding"}
)
_SERVICE = dapr_pb2.DESCRIPTOR.services_by_name["Dapr"]


def types_of(path: str) -> tuple[type[Message], type[Message]] | None:
    """Request and answer of a method of the Dapr service; None for any other path."""
    service, _, name = path[1:].partition("/")
    method = _SERVICE.methods_by_name.get(name) if service == _SERVICE.full_name else None
    if method is None:
        return None
    return GetMessageClass(method.input_type), GetMessageClass(method.output_type)


@dataclass
class Seen(ResponseListener):
    """What came back, as events like those of the recordings."""

    events: list[dict[str, Any]] = field(default_factory=list)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    def on_headers(self, fields: list[tuple[bytes, bytes]]) -> None:
        self._add(headers=texts(fields))

    def on_message(self, message: bytes) -> None:
        self._add(message=message)

    def on_close(self, status: Status) -> None:
        self._add(trailers=texts(status.trailers), status=status)

    def _add(self, **event: Any) -> None:
        self.events.append(event)
        self.arrived.set()

    async def count(self, wanted: int) -> None:
        """Wait for so many events, or the end."""
        while len(self.events) < wanted and not any("trailers" in event for event in self.events):
            self.arrived.clear()
            await asyncio.wait_for(self.arrived.wait(), LIMIT)


def texts(fields: list[tuple[bytes, bytes]]) -> list[list[str]]:
    """Fields as the recordings have them."""
    return [[name.decode("latin-1"), value.decode("latin-1")] for name, value in fields]


Before = Callable[[dict[str, Any]], Awaitable[None]]
After = Callable[[dict[str, Any], bytes], None]


async def play(
    channel: Channel,
    call: Mapping[str, Any],
    words: Translation,
    *,
    before_message: Before | None = None,
    after_message: After | None = None,
) -> list[dict[str, Any]]:
    """Send what the recorded client sent, waiting for the server where it did; what the server sent.

    The hooks are told of each message that the server is to send, and then of the one that came.
    """
    seen = Seen()
    connection = await channel.connect()
    kinds = types_of(call["method"])
    metadata = [
        (name.encode(), words.to_live(value).encode())
        for name, value in call["request_headers"]
        if name not in _OURS and name != "grpc-timeout"
    ]
    stream = connection.start(call["method"], metadata, seen, timeout=LIMIT)
    expected = 0
    try:
        for event in call["events"]:
            if event["from"] == "server":
                if "rst_stream" in event:
                    continue
                if before_message is not None and "base64" in event:
                    await before_message(event)
                expected += 1
                if "trailers" not in event:
                    await seen.count(expected)
                if after_message is not None and "base64" in event and len(seen.events) >= expected:
                    after_message(event, seen.events[expected - 1].get("message", b""))
                continue
            # What the server has to say first must be there before the client goes on.
            if "rst_stream" in event:
                stream.cancel()
            elif "base64" in event:
                stream.send_message(live_message(base64.b64decode(event["base64"]), kinds, words))
            elif event.get("end_stream"):
                stream.end()
        await seen.count(1_000)
    except TimeoutError:
        seen.events.append({"timeout": f"after {LIMIT} s"})
    finally:
        stream.cancel()
    return seen.events


def live_message(recorded: bytes, kinds: tuple[type[Message], type[Message]] | None, words: Translation) -> bytes:
    """A recorded request with today's values in its texts."""
    if kinds is None:
        return recorded
    try:
        message = kinds[0].FromString(recorded)
    except DecodeError:
        return recorded  # it was meant to be no message
    _translate(message, words)
    return message.SerializeToString()


def _translate(message: Message, words: Translation) -> None:
    for descriptor, value in message.ListFields():
        if descriptor.type == FieldDescriptor.TYPE_MESSAGE:
            if is_map(descriptor):
                if descriptor.message_type.fields_by_name["value"].type == FieldDescriptor.TYPE_STRING:
                    for key in list(value):
                        value[key] = words.to_live(value[key])
            elif descriptor.is_repeated:
                for item in value:
                    _translate(item, words)
            else:
                _translate(value, words)
        elif descriptor.type == FieldDescriptor.TYPE_STRING and not descriptor.is_repeated:
            setattr(message, descriptor.name, words.to_live(value))


def is_map(descriptor: FieldDescriptor) -> bool:
    return descriptor.message_type is not None and descriptor.message_type.GetOptions().map_entry


def plain(message: Message) -> dict[str, Any]:
    """A message as plain values; bytes as text where they are."""
    shown: dict[str, Any] = {}
    for descriptor, value in message.ListFields():
        if is_map(descriptor):
            shown[descriptor.name] = {str(key): _value(item) for key, item in sorted(value.items())}
        elif descriptor.is_repeated:
            shown[descriptor.name] = [_value(item) for item in value]
        else:
            shown[descriptor.name] = _value(value)
    return shown


def _value(value: Any) -> Any:
    if isinstance(value, Message):
        return plain(value)
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    return value


def details_of(value: str) -> Any:
    """A ``grpc-status-details-bin`` as plain values."""
    status = status_pb2.Status.FromString(decode_binary(value.encode()))
    details = []
    for detail in status.details:
        kind = getattr(error_details_pb2, detail.type_url.rpartition(".")[2])
        details.append({"@type": detail.type_url, **plain(kind.FromString(detail.value))})
    return {"code": status.code, "message": status.message, "details": details}


def shown_events(
    events: list[dict[str, Any]], answer: type[Message] | None, words: Translation | None = None
) -> list[tuple[str, Any]]:
    """Events of the server in the form in which they are compared."""
    shown: list[tuple[str, Any]] = []
    for event in events:
        if "rst_stream" in event:
            continue
        if "headers" in event:
            shown.append(("headers", _fields(event["headers"], words)))
        elif "trailers" in event:
            shown.append(("trailers", _fields(event["trailers"], words)))
        elif "base64" in event or "message" in event:
            raw = base64.b64decode(event["base64"]) if "base64" in event else event["message"]
            shown.append(("message", raw if answer is None else plain(answer.FromString(raw))))
        else:
            shown.append(("other", str({name: value for name, value in event.items() if name != "from"})))
    return shown


def _fields(fields: list[list[str]], words: Translation | None) -> list[tuple[str, Any]]:
    shown: list[tuple[str, Any]] = []
    for name, value in fields:
        if name == ":status":  # every answer of gRPC has 200, and our client does not show it
            continue
        text = words.to_recorded(value) if words is not None else value
        if name == "grpc-status-details-bin":
            shown.append((name, neutral(str(details_of(value)))))
        elif name == "grpc-trace-bin":
            shown.append((name, value if value.rstrip("=") == NO_TRACE else "<trace>"))
        else:
            shown.append((name, neutral(text)))
    return sorted(shown, key=str)
