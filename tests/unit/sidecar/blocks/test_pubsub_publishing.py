"""Publishing: who may, how often it is tried, and what a failing bulk publish says."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.policies import ComponentPolicies, Retries
from support.replay import NoPolicies, call

from dapr_components.contract import ComponentContext, ComponentError, Metadata
from dapr_components.pubsub.contract import (
    BulkEntry,
    Feature,
    MessageHandler,
    PublishRequest,
    PubSub,
    Subscription,
)
from dapr_core.rpc.messages import BodyStream, BodyTooLargeError, Request
from daprd.api.http.pubsub import routes
from daprd.blocks.pubsub import PubSubBlock
from daprd.blocks.pubsub.scopes import TopicScopes
from daprd.policy.contract import Policies


class Broker(PubSub):
    """Takes what it is given, except what ``refuse`` names, each as often as it says."""

    def __init__(self, refuse: dict[str, int] | None = None) -> None:
        super().__init__(ComponentContext(name="bus", type="pubsub.test", version="v1", app_id="app"))
        self.refuse = refuse or {}
        self.published: list[PublishRequest] = []
        self.rounds: list[list[str]] = []

    async def init(self, metadata: Metadata) -> None:
        return

    async def publish(self, request: PublishRequest) -> None:
        self._admit(request.topic)
        self.published.append(request)

    async def bulk_publish(
        self, topic: str, entries: Sequence[BulkEntry], metadata: Mapping[str, str]
    ) -> dict[str, Exception]:
        self.rounds.append([entry.entry_id for entry in entries])
        failed: dict[str, Exception] = {}
        for entry in entries:
            try:
                self._admit(entry.entry_id)
            except ComponentError as error:
                failed[entry.entry_id] = error
        return failed

    def _admit(self, name: str) -> None:
        left = self.refuse.get(name, 0)
        if left:
            self.refuse[name] = left - 1
            raise ComponentError(f"broker refuses {name}\r\n")

    async def subscribe(self, topic: str, metadata: Mapping[str, str], handler: MessageHandler) -> Subscription:
        raise ComponentError("no subscriptions here")


def publish(
    broker: PubSub,
    target: str,
    body: bytes = b"1",
    *,
    policies: Policies | None = None,
    metadata: dict[str, str] | None = None,
    namespaced: bool = False,
    **headers: str,
) -> tuple[int, dict[str, Any], dict[str, str]]:
    async def main() -> tuple[int, dict[str, Any], dict[str, str]]:
        block = PubSubBlock("app", "ns", policies or NoPolicies())
        await block.add("bus", broker, Metadata(metadata or {}), namespaced=namespaced)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        response = await call(routes(block), "POST", target, body, named)
        text = await response.read()
        fields = {name.decode(): value.decode() for name, value in response.headers}
        return response.status, json.loads(text) if text else {}, fields

    return asyncio.run(main())


ENTRIES = json.dumps(
    [{"entryId": name, "event": name, "contentType": "text/plain"} for name in ("a", "b", "c")]
).encode()


def test_a_broker_that_fails_is_named_with_topic_and_cause() -> None:
    status, body, _ = publish(Broker({"t": 9}), "/v1.0/publish/bus/t")
    assert status == 500
    assert body["errorCode"] == "ERR_PUBSUB_PUBLISH_MESSAGE"
    assert body["message"] == "error when publishing to topic t in pubsub bus: broker refuses t\r\n"


@pytest.mark.parametrize(("failures", "status"), [(2, 204), (4, 500)], ids=["passing", "lasting"])
def test_the_outbound_policy_tries_again(failures: int, status: int) -> None:
    policies = ComponentPolicies(Retries(3), "outbound")
    got, body, _ = publish(Broker({"t": failures}), "/v1.0/publish/bus/t", policies=policies)
    assert got == status
    assert got == 204 or body["message"].endswith("broker refuses t\r\n")


def test_a_bulk_publish_that_fails_in_part_says_which_entries() -> None:
    status, body, headers = publish(Broker({"b": 9}), "/v1.0/publish/bulk/bus/t", ENTRIES)
    assert status == 500
    assert body == {
        "failedEntries": [{"entryId": "b", "error": "broker refuses b\r\n"}],
        "errorCode": "ERR_PUBSUB_PUBLISH_MESSAGE",
    }
    assert json.loads(headers["metadata.responsedata"]) == body
    assert headers["metadata.error"].startswith(
        "api error: code = Internal desc = error when publishing to topic t in pubsub bus: broker refuses b"
    )
    assert not any("\n" in value or "\r" in value for value in headers.values())


def test_a_retry_of_a_bulk_publish_sends_only_what_failed() -> None:
    broker = Broker({"b": 2, "c": 1})
    policies = ComponentPolicies(Retries(5), "outbound")
    status, _, _ = publish(broker, "/v1.0/publish/bulk/bus/t", ENTRIES, policies=policies)
    assert status == 204
    assert broker.rounds == [["a", "b", "c"], ["b", "c"], ["b"]]


def test_retries_of_a_bulk_publish_end_with_what_failed_last() -> None:
    broker = Broker({"b": 9})
    status, body, _ = publish(
        broker, "/v1.0/publish/bulk/bus/t", ENTRIES, policies=ComponentPolicies(Retries(2), "outbound")
    )
    assert status == 500
    assert [entry["entryId"] for entry in body["failedEntries"]] == ["b"]
    assert len(broker.rounds) == 3


def test_topics_carry_the_namespace_at_the_broker_and_not_in_the_envelope() -> None:
    broker = Broker()
    assert publish(broker, "/v1.0/publish/bus/t", namespaced=True)[0] == 204
    assert broker.published[0].topic == "nst"
    assert json.loads(broker.published[0].data)["topic"] == "t"


def test_a_valid_trace_context_enters_the_envelope() -> None:
    broker = Broker()
    parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    publish(broker, "/v1.0/publish/bus/t", traceparent=parent, tracestate="a=b")
    event = json.loads(broker.published[0].data)
    assert (event["traceid"], event["traceparent"], event["tracestate"]) == (parent, parent, "a=b")


@pytest.mark.parametrize(
    "parent", ["", "nonsense", "00-" + "0" * 32 + "-b7ad6b7169203331-01"], ids=["empty", "nonsense", "zeros"]
)
def test_an_invalid_trace_context_is_left_out(parent: str) -> None:
    broker = Broker()
    publish(broker, "/v1.0/publish/bus/t", traceparent=parent)
    assert json.loads(broker.published[0].data)["traceparent"] == ""


def test_a_broker_that_keeps_time_to_live_gets_no_expiration() -> None:
    class Keeping(Broker):
        features = frozenset({Feature.MESSAGE_TTL})

    for broker, expires in ((Broker(), True), (Keeping(), False)):
        publish(broker, "/v1.0/publish/bus/t?metadata.ttlInSeconds=60")
        assert ("expiration" in json.loads(broker.published[0].data)) is expires
        assert broker.published[0].metadata == {"ttlInSeconds": "60"}


def test_a_body_over_the_limit_is_a_failed_publish_of_a_known_topic() -> None:
    class Endless(BodyStream):
        def __aiter__(self) -> Any:
            raise BodyTooLargeError

    async def main() -> None:
        block = PubSubBlock("app", "", NoPolicies())
        await block.add("bus", Broker(), Metadata())
        route = routes(block)[0]
        request = Request("POST", b"/v1.0/publish/bus/t", [], Endless(), length=None)
        with pytest.raises(Exception, match="error when publishing to topic t in pubsub bus: stream too large"):
            await route.endpoint(request, {"pubsubname": "bus", "*": "t"})  # type: ignore[misc]

    asyncio.run(main())


# -- scopes


@pytest.mark.parametrize(
    ("metadata", "allowed"),
    [
        ({}, {"a", "b"}),
        ({"publishingScopes": "app=a"}, {"a"}),
        ({"publishingScopes": "app=a, b ; other=c"}, {"a", "b"}),
        ({"publishingScopes": "app="}, set()),
        ({"publishingScopes": "app"}, {"a", "b"}),
        ({"publishingScopes": "other=a"}, {"a", "b"}),
        ({"PUBLISHINGSCOPES": "app=a"}, {"a"}),
        ({"allowedTopics": "a"}, {"a"}),
        ({"allowedTopics": "a", "publishingScopes": "app=b"}, set()),
        ({"protectedTopics": "a"}, {"b"}),
        ({"protectedTopics": "a", "publishingScopes": "app=a"}, {"a"}),
        ({"subscriptionScopes": "app=a"}, {"a", "b"}),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else None,
)
def test_scopes_decide_who_may_publish(metadata: dict[str, str], allowed: set[str]) -> None:
    scopes = TopicScopes.from_metadata(Metadata(metadata))
    assert {topic for topic in ("a", "b") if scopes.may_publish("app", topic)} == allowed
    mirrored = {key.replace("publishing", "subscription"): value for key, value in metadata.items()}
    if mirrored != metadata and "SCOPES" not in str(metadata):
        swapped = TopicScopes.from_metadata(Metadata(mirrored))
        assert {topic for topic in ("a", "b") if swapped.may_subscribe("app", topic)} == allowed


@given(st.text(), st.text(), st.text())
def test_any_text_is_read_as_scopes(scopes: str, topics: str, topic: str) -> None:
    read = TopicScopes.from_metadata(Metadata({"publishingScopes": scopes, "allowedTopics": topics}))
    assert read.may_publish("app", topic) in (True, False)


@given(st.binary(max_size=200))
def test_any_body_of_a_bulk_publish_gets_a_documented_answer(body: bytes) -> None:
    status, answer, _ = publish(Broker(), "/v1.0/publish/bulk/bus/t", body)
    assert status in (204, 400)
    assert status == 204 or answer["errorCode"] == "ERR_PUBSUB_EVENTS_SER"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)
FIELDS = st.sampled_from(["entryId", "event", "contentType", "metadata", "ENTRYID"])


@given(st.lists(st.dictionaries(FIELDS, JSON) | JSON, max_size=4))
def test_any_entries_of_a_bulk_publish_get_a_documented_answer(entries: Any) -> None:
    status, answer, _ = publish(Broker(), "/v1.0/publish/bulk/bus/t", json.dumps(entries).encode())
    assert status in (204, 400)
    assert status == 204 or answer["errorCode"] == "ERR_PUBSUB_EVENTS_SER"
