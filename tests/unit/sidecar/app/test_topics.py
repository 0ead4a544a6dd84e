"""How topic events look on an HTTP application, and what its answers mean."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dapr_core.rpc.messages import Response
from daprd.app.contract import AppAnswerError, Rule, SubscriptionSpec, TopicEvent, Verdict
from daprd.app.topics import (
    SubscriptionsError,
    bulk_topic_event_request,
    bulk_verdicts_of,
    event_headers,
    parse_subscriptions,
    subscriptions_of,
    target_of,
    topic_event_request,
    traceparent_of,
    verdict_of,
)

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
ZEROS = b"00-00000000000000000000000000000000-0000000000000000-00"


def subscriptions(*entries: Any) -> list[SubscriptionSpec]:
    return parse_subscriptions(json.dumps(entries).encode())


# -- subscriptions


@pytest.mark.parametrize(
    ("entry", "rules"),
    [
        ({"route": "/r"}, [("", "/r")]),
        ({"routes": {"default": "/d"}}, [("", "/d")]),
        ({"route": "/r", "routes": {"default": "/d"}}, [("", "/d")]),
        ({"route": "/r", "routes": {"rules": [{"match": "m", "path": "/m"}]}}, [("m", "/m"), ("", "/r")]),
        ({"routes": {"rules": [{"match": "m", "path": "/m"}, {"path": "/n"}]}}, [("m", "/m"), ("", "/n")]),
        ({"Routes": {"RULES": [{"MATCH": "m", "Path": "/m"}]}}, [("m", "/m")]),
    ],
    ids=["route", "default", "default beats route", "rules then route", "rules only", "keys in any case"],
)
def test_routes_are_rules_with_the_default_last(entry: dict[str, Any], rules: list[tuple[str, str]]) -> None:
    (spec,) = subscriptions({"pubsubname": "bus", "topic": "t", **entry})
    assert spec.rules == tuple(Rule(match, path) for match, path in rules)


def test_every_field_of_a_subscription_is_read() -> None:
    (spec,) = subscriptions(
        {
            "pubsubname": "bus", "topic": "t", "route": "/r", "deadLetterTopic": "dead", "metadata": {"k": "v"},
            "bulkSubscribe": {"enabled": True, "maxMessagesCount": 5, "maxAwaitDurationMs": 10}, "unknown": 1,
        }
    )  # fmt: skip
    assert spec == SubscriptionSpec(
        "bus", "t", (Rule("", "/r"),), "dead", {"k": "v"}, bulk_enabled=True, bulk_max_messages=5, bulk_max_await_ms=10
    )


def test_a_subscription_without_a_route_is_dropped(caplog: pytest.LogCaptureFixture) -> None:
    assert subscriptions({"pubsubname": "bus", "topic": "noroute"}) == []
    assert "topic noroute has an empty routes. removing from subscriptions list" in caplog.text


@pytest.mark.parametrize("body", [b"", b"  ", b"null", b"[]"], ids=repr)
def test_no_list_means_no_subscriptions(body: bytes) -> None:
    assert parse_subscriptions(body) == []


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"not json", "invalid character 'o' in literal null"),
        (b"{}", "must be a JSON array"),
        (b'[{"topic":1}]', "subscription.topic must be a JSON string"),
        (b'[{"routes":[]}]', "subscription.routes must be a JSON object"),
        (b'[{"metadata":{"k":1}}]', "metadata k must be a JSON string"),
        (b'[{"bulkSubscribe":{"maxMessagesCount":true}}]', "must be a JSON whole number"),
        (b"[" * 100_000, "exceeded max depth"),
    ],
    ids=["garbage", "an object", "topic a number", "routes a list", "metadata a number", "count a boolean", "too deep"],
)
def test_a_list_that_cannot_be_read_is_explained(body: bytes, text: str) -> None:
    with pytest.raises(SubscriptionsError, match=text):
        parse_subscriptions(body)


@given(st.binary(max_size=300))
def test_any_body_is_read_or_refused(body: bytes) -> None:
    try:
        found = parse_subscriptions(body)
    except SubscriptionsError:
        return
    assert all(spec.rules for spec in found)


@pytest.mark.parametrize("status", [204, 404, 500, 302])
def test_other_answers_than_200_mean_no_subscriptions(status: int) -> None:
    assert subscriptions_of(Response(status, body=b'[{"pubsubname":"b","topic":"t","route":"r"}]')) == []


# -- events


def event(envelope: dict[str, Any], **more: Any) -> TopicEvent:
    return TopicEvent("/t", "bus", "t", envelope, b"body", "application/cloudevents+json", **more)


def test_an_event_is_posted_with_its_type_metadata_and_trace() -> None:
    request = topic_event_request(event({"traceparent": PARENT}, metadata={"pubsubName": "bus", "Foo": "bar"}))
    assert (request.method, request.target, request.body) == ("POST", b"/t", b"body")
    assert request.headers == [
        (b"content-type", b"application/cloudevents+json"), (b"foo", b"bar"), (b"pubsubname", b"bus"),
        (b"traceparent", PARENT.encode()),
    ]  # fmt: skip


def test_without_tracing_no_trace_is_sent() -> None:
    assert topic_event_request(event({"traceparent": PARENT}), tracing=False).header(b"traceparent") is None


@pytest.mark.parametrize(
    ("envelope", "expected"),
    [
        ({"traceparent": PARENT}, PARENT.encode()),
        ({"traceid": PARENT}, PARENT.encode()),
        ({"traceparent": "", "traceid": PARENT}, ZEROS),
        ({"traceparent": "other"}, ZEROS),
        ({"traceparent": 5}, None),
        ({"traceparent": None, "traceid": None}, None),
        ({}, None),
    ],
    ids=["traceparent", "traceid", "traceparent first", "no trace parent", "a number", "null", "absent"],
)
def test_the_trace_of_an_event(envelope: dict[str, Any], expected: bytes | None) -> None:
    assert traceparent_of(envelope) == expected


@given(st.dictionaries(st.text(), st.text()))
def test_no_metadata_can_break_a_header_or_set_one_of_ours(metadata: dict[str, str]) -> None:
    headers = event_headers(
        {**metadata, "Content-Length": "1", "Host": "x", "A\r\nB": "c", "D": "e\r\nf"}, "text/plain"
    )
    names = [name for name, _ in headers]
    assert names.count(b"content-type") == 1
    assert not {b"content-length", b"host", b"connection", b"dapr-api-token"} & set(names)
    assert not any(set(b"\r\n\0") & set(name + value) for name, value in headers)


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("/t", b"/t"), ("t", b"/t"), ("//t", b"/t"), ("", b"/"), ("/a b", b"/a%20b"), ("/a%20b?q=1", b"/a%20b?q=1"),
        ("/ü", b"/%C3%BC"), ("/a\r\nb", b"/a%0D%0Ab"), ("/a#b", b"/a%23b"),
    ],
    ids=repr,
)  # fmt: skip
def test_a_route_becomes_a_request_target(path: str, target: bytes) -> None:
    assert target_of(path) == target


# -- verdicts


@pytest.mark.parametrize(
    ("status", "body", "verdict"),
    [
        (200, b"", Verdict.SUCCESS), (299, b"anything", Verdict.SUCCESS), (200, b'{"status":"RETRY"}', Verdict.RETRY),
        (200, b' {"Status":"DROP"}', Verdict.DROP), (200, b'{"status":"retry"}', Verdict.RETRY),
        (200, b'{"status":null}', Verdict.SUCCESS), (404, b"", Verdict.DROP),
    ],
    ids=repr,
)  # fmt: skip
def test_what_an_answer_means(status: int, body: bytes, verdict: Verdict) -> None:
    assert verdict_of(Response(status, body=body)) is verdict


@pytest.mark.parametrize("status", [100, 199, 300, 400, 429, 500, 599])
def test_any_other_status_may_be_tried_again_by_its_code(status: int) -> None:
    with pytest.raises(AppAnswerError, match=f"status code returned: {status}") as caught:
        verdict_of(Response(status, body=b"why\nnot"), event({"id": "7"}))
    assert caught.value.code == status
    assert "event 7, topic: t, body: why not." in str(caught.value)


def test_an_unread_answer_is_a_mistake_of_ours() -> None:
    async def stream() -> Any:
        yield b""

    with pytest.raises(TypeError, match="must be read"):
        verdict_of(Response(200, body=stream()))


@given(st.binary(max_size=100))
def test_any_body_of_a_success_gets_a_verdict(body: bytes) -> None:
    assert verdict_of(Response(200, body=body)) in Verdict
    assert set(bulk_verdicts_of(Response(200, body=body), ["1", "2"])) == {"1", "2"}


def test_a_batch_s_answer_names_its_entries() -> None:
    statuses = [
        {"entryId": "1", "status": "SUCCESS"}, {"entryId": "2", "status": "DROP"}, {"entryId": "3", "status": "RETRY"},
        {"entryId": "4", "status": ""}, {"entryId": "5", "status": "WHAT"}, {"entryId": "unknown", "status": "SUCCESS"},
    ]  # fmt: skip
    body = json.dumps({"statuses": statuses}).encode()
    assert bulk_verdicts_of(Response(200, body=body), [*"123456"]) == {
        "1": Verdict.SUCCESS, "2": Verdict.DROP, "3": Verdict.RETRY, "4": Verdict.RETRY, "5": Verdict.RETRY,
        "6": Verdict.RETRY,
    }  # fmt: skip


def test_a_batch_carries_the_trace_it_is_given() -> None:
    assert bulk_topic_event_request("/t", b"{}", {"traceparent": PARENT}).header(b"traceparent") == PARENT.encode()
    assert bulk_topic_event_request("/t", b"{}", {"traceparent": ""}).header(b"traceparent") == ZEROS
    assert bulk_topic_event_request("/t", b"{}", {}).header(b"traceparent") is None
