"""How events of input bindings look on an HTTP application."""

from __future__ import annotations

import pytest

from dapr_core.rpc.messages import Response
from daprd.app.binding_events import answer_of, binding_event_request, discovery_request, is_wanted
from daprd.app.contract import AppAnswerError

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def test_discovery_asks_by_options() -> None:
    request = discovery_request("cron")
    assert (request.method, request.target, request.headers) == (
        "OPTIONS", b"/cron", [(b"content-type", b"application/json")],
    )  # fmt: skip


@pytest.mark.parametrize(("status", "wanted"), [(200, True), (299, True), (405, True), (404, False), (500, False)])
def test_what_the_answer_to_discovery_means(status: int, wanted: bool) -> None:
    assert is_wanted(Response(status)) is wanted


def test_an_event_carries_its_own_trace_once() -> None:
    request = binding_event_request("/b", b"", {"traceparent": PARENT, "TraceState": "a=b", "k": "v"})
    assert request.headers == [
        (b"content-type", b"application/json"), (b"k", b"v"), (b"traceparent", PARENT.encode()),
        (b"tracestate", b"a=b"),
    ]  # fmt: skip


def test_without_tracing_no_trace_is_sent() -> None:
    names = [name for name, _ in binding_event_request("/b", b"", {"traceparent": PARENT}, tracing=False).headers]
    assert names == [b"content-type"]


@pytest.mark.parametrize("status", [200, 201, 204, 299])
def test_a_success_gives_the_body_back(status: int) -> None:
    assert answer_of(Response(status, body=b"answer")) == b"answer"


@pytest.mark.parametrize("status", [199, 300, 404, 500])
def test_a_failure_names_status_and_body(status: int) -> None:
    with pytest.raises(AppAnswerError, match=f"status code: {status} body: why") as caught:
        answer_of(Response(status, body=b"why"))
    assert caught.value.code == status
