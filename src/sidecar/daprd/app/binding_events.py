"""How events of input bindings look on an HTTP application (building-blocks.md §2.2, §2.3)."""

from __future__ import annotations

from collections.abc import Mapping

from dapr_core.rpc.messages import Request, Response
from daprd.app.contract import AppAnswerError
from daprd.app.topics import ZERO_TRACEPARENT, event_headers, target_of, traceparent_of

_TRACE_FIELDS = frozenset({"traceparent", "tracestate"})


def discovery_request(path: str) -> Request:
    """The ``OPTIONS`` that asks whether the application takes a binding's events."""
    return Request("OPTIONS", target_of(path), [(b"content-type", b"application/json")])


def is_wanted(response: Response) -> bool:
    """Whether the answer to the discovery means yes: any 2xx, or 405 (a route that only knows POST)."""
    return 200 <= response.status < 300 or response.status == 405


def binding_event_request(path: str, data: bytes, metadata: Mapping[str, str], *, tracing: bool = True) -> Request:
    """The request that carries an event; its metadata become header fields.

    ``tracing`` off (sampling off) leaves ``traceparent`` out; else it is the event's own, or all zeros.
    """
    plain = {key: value for key, value in metadata.items() if key.lower() not in _TRACE_FIELDS}
    headers = event_headers(plain, "application/json")
    if tracing:
        given = {key.lower(): value for key, value in metadata.items()}
        headers.append((b"traceparent", traceparent_of(given) or ZERO_TRACEPARENT))
        if given.get("tracestate"):
            headers.append((b"tracestate", given["tracestate"].encode("utf-8", "replace")))
    return Request("POST", target_of(path), headers, data)


def answer_of(response: Response) -> bytes:
    """The application's answer (its body read), which goes back to the binding.

    Raises:
        AppAnswerError: a status outside 2xx.
    """
    if not isinstance(response.body, bytes):
        raise TypeError("the answer's body must be read before it is judged")
    if 200 <= response.status < 300:
        return response.body
    text = response.body[:1024].decode("utf-8", "replace")
    raise AppAnswerError(
        f"fails to send binding event to http app channel, status code: {response.status} body: {text}", response.status
    )
