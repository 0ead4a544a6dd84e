"""Which headers pass from a caller to an application and back (api.md §3.4, §3.5).

What becomes of a header depends on its name alone, so each name is judged once and remembered; the memory is bounded.
"""

from __future__ import annotations

from typing import Final

from dapr_core.rpc.fields import HOP_BY_HOP, nominated
from dapr_core.rpc.messages import Headers

CALLER_APP_ID: Final = b"dapr-caller-app-id"
CALLER_NAMESPACE: Final = b"dapr-caller-namespace"
CALLEE_APP_ID: Final = b"dapr-callee-app-id"
DESTINATION_APP_ID: Final = b"destination-app-id"
APP_ID: Final = b"dapr-app-id"

CALLER: Final = frozenset({CALLER_APP_ID, CALLER_NAMESPACE})
IDENTITY: Final = CALLER | {CALLEE_APP_ID, DESTINATION_APP_ID}
"""Who calls and who is called: only sidecars write these; what a client sent under these names goes no further."""

NOT_FROM_CLIENTS: Final = IDENTITY | {b"host", b"transfer-encoding"}
"""What never enters an ``Invocation``: identities, and fields of the client's own connection."""

_MISSING: Final = object()
_REMEMBERED: Final = 2048
_to_app: dict[bytes, bytes | None] = {}
_to_caller: dict[bytes, bytes | None] = {}


def app_headers(headers: Headers, content_type: bytes) -> Headers:
    """A call's headers as its application shall see them, in no particular order.

    Dropped are hop-by-hop fields and those that ``Connection`` names, ``*-bin``, Dapr's own addressing and the body's
    framing; fields that gRPC reserves get a ``dapr-`` before their name; only the first ``baggage`` passes.
    """
    kept: Headers = []
    listed = frozenset[bytes]()
    baggage: bytes | None = None
    for pair in headers:
        name = pair[0]
        known = _to_app.get(name, _MISSING)
        passed = _learn(_to_app, name, _judge_request(name)) if known is _MISSING else known
        if passed is not None:
            kept.append(pair if passed == name else (passed, pair[1]))  # type: ignore[arg-type]
        elif name == b"connection":
            listed |= nominated(pair[1])
        elif name == b"baggage" and baggage is None:
            baggage = pair[1]
    if listed:
        kept = [pair for pair in kept if pair[0] not in listed]
    if baggage is not None:
        kept.append((b"baggage", baggage))
    if content_type:
        kept.append((b"content-type", content_type))
    return kept


def answer_headers(headers: Headers) -> Headers:
    """An application's headers as they leave its sidecar: without hop-by-hop fields and the body's framing."""
    kept = [pair for pair in headers if pair[0] not in HOP_BY_HOP and pair[0] != b"content-length"]
    if len(kept) < len(headers):
        for name, value in headers:
            if name == b"connection":
                listed = nominated(value)
                kept = [pair for pair in kept if pair[0] not in listed]
    return kept


def caller_headers(headers: Headers) -> Headers:
    """The same headers as the caller's client gets them over HTTP: no ``*-bin``, gRPC's own names with ``dapr-``."""
    kept: Headers = []
    for pair in headers:
        name = pair[0]
        known = _to_caller.get(name, _MISSING)
        passed = _learn(_to_caller, name, _judge_answer(name)) if known is _MISSING else known
        if passed is not None:
            kept.append(pair if passed == name else (passed, pair[1]))  # type: ignore[arg-type]
    return kept


def _judge_request(name: bytes) -> bytes | None:
    if name in HOP_BY_HOP or name.endswith(b"-bin"):
        return None
    if name in (b"host", b"content-length", b"content-type", b"baggage", APP_ID, DESTINATION_APP_ID):
        return None
    return _renamed(name)


def _judge_answer(name: bytes) -> bytes | None:
    if name in HOP_BY_HOP or name == b"content-length" or name.endswith(b"-bin"):
        return None
    return _renamed(name)


def _renamed(name: bytes) -> bytes:
    if name.startswith(b":"):
        return b"dapr-" + name[1:]
    return b"dapr-" + name if name.startswith(b"grpc-") else name


def _learn(memory: dict[bytes, bytes | None], name: bytes, passed: bytes | None) -> bytes | None:
    if len(memory) >= _REMEMBERED:
        memory.clear()
    memory[name] = passed
    return passed
