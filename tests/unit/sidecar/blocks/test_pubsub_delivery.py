"""From the broker to the application: verdicts, retries, dead letters, routes, batches."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from support.app_channel import FakeApp, unreachable
from support.brokers import pubsub_component
from support.policies import ComponentPolicies, Retries
from support.replay import NoPolicies

from dapr_components.contract import Metadata
from dapr_components.pubsub.contract import BulkEntry, Message
from dapr_core.rpc.messages import Request, Response
from daprd.app.contract import Rule, SubscriptionSpec
from daprd.blocks.pubsub import PubSubBlock
from daprd.blocks.pubsub.bulk_delivery import BulkDelivery
from daprd.blocks.pubsub.delivery import Delivery, DeliveryError, Desk
from daprd.policy.contract import Policies
from daprd.policy.rules import BadExpressionError

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)


class Tally:
    """An observer that keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[Any, ...]] = []

    def egress(self, component: str, topic: str, success: bool, elapsed_ms: float) -> None:
        self.told.append(("egress", topic, success))

    def bulk_egress(self, component: str, topic: str, success: bool, elapsed_ms: float) -> None:
        self.told.append(("bulk egress", topic, success))

    def ingress(self, component: str, topic: str, processing: str, status: str, elapsed_ms: float) -> None:
        self.told.append(("ingress", topic, processing, status))

    def bulk_ingress(self, component: str, topic: str, processing: str, events: int, elapsed_ms: float) -> None:
        self.told.append(("bulk ingress", topic, processing, events))


class Setting:
    """A delivery of one subscription over an in-memory bus, and what ends up on the topic ``graves``."""

    def __init__(
        self, block: PubSubBlock, delivery: Delivery, app: FakeApp, tally: Tally, graves: list[Message]
    ) -> None:
        self.block = block
        self.delivery = delivery
        self.app = app
        self.tally = tally
        self.graves = graves

    async def deliver(self, event: Any, **message: Any) -> None:
        data = event if isinstance(event, bytes) else json.dumps(event).encode()
        await self.delivery(Message("t", data, **message))

    async def deliver_many(self, *events: Any) -> dict[str, Exception | None]:
        entries = [
            BulkEntry(str(at), event if isinstance(event, bytes) else json.dumps(event).encode())
            for at, event in enumerate(events)
        ]
        return await BulkDelivery(self.delivery, self.app)("t", entries, {})

    async def buried(self, count: int) -> list[bytes]:
        async with asyncio.timeout(5):
            while len(self.graves) < count:
                await asyncio.sleep(0)
        return [message.data for message in self.graves]


@asynccontextmanager
async def setting(
    answer: Callable[[Request], Response] = lambda request: Response(200),
    *,
    rules: tuple[Rule, ...] = (Rule("", "/t"),),
    dead_letter: bool = False,
    metadata: dict[str, str] | None = None,
    policies: Policies | None = None,
    component_metadata: dict[str, str] | None = None,
    namespaced: bool = False,
) -> AsyncIterator[Setting]:
    tally, app, graves = Tally(), FakeApp(answer), list[Message]()
    block = PubSubBlock("app", "ns", policies or NoPolicies(), observer=tally)

    async def bury(message: Message) -> None:
        graves.append(message)

    async with pubsub_component("pubsub.in-memory", name="bus") as bus:
        await block.add("bus", bus, Metadata(component_metadata or {}), namespaced=namespaced)
        await bus.subscribe("nsgraves" if namespaced else "graves", {}, bury)
        spec = SubscriptionSpec("bus", "t", rules, "graves" if dead_letter else "", metadata or {})
        desk = Desk(block.publisher, policies or NoPolicies(), tally, new_id=lambda: "new-id", now=lambda: NOW)
        service = block.registry.get("bus")
        assert service is not None
        yield Setting(block, Delivery(spec, service, app, desk), app, tally, graves)


def status(text: str) -> Callable[[Request], Response]:
    return lambda request: Response(200, body=json.dumps({"status": text}).encode())


# -- one message


@pytest.mark.parametrize(
    "response",
    [
        Response(200), Response(204), Response(201, body=b"text"), Response(200, body=b'{"status":"SUCCESS"}'),
        Response(200, body=b'{"status":""}'), Response(200, body=b"{}"), Response(200, body=b"[1]"),
        Response(200, body=b'{"status":7}'), Response(200, body=b'{"STATUS":"SUCCESS"}'),
    ],
    ids=lambda response: f"{response.status} {response.body.decode()}",
)  # fmt: skip
def test_an_answer_of_success_acknowledges(response: Response) -> None:
    async def main() -> None:
        async with setting(lambda request: response) as s:
            await s.deliver({"id": "1"})
            assert s.tally.told == [("ingress", "t", "success", "success")]

    asyncio.run(main())


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (status("RETRY"), "RETRY status returned from app"),
        (status("WHAT"), "RETRY status returned from app"),
        (lambda request: Response(500, body=b"no"), "body: no. status code returned: 500"),
        (lambda request: Response(302), "status code returned: 302"),
        (unreachable, "connection refused"),
    ],
    ids=["RETRY", "unknown status", "500", "302", "not reachable"],
)
def test_a_failure_asks_the_broker_for_the_message_again(answer: Callable[[Request], Response], text: str) -> None:
    async def main() -> None:
        async with setting(answer) as s:
            with pytest.raises(DeliveryError, match=f"retriable error occurred: .*{text}"):
                await s.deliver({"id": "1"})
            assert s.tally.told == [("ingress", "t", "retry", "retry")]

    asyncio.run(main())


@pytest.mark.parametrize("answer", [status("DROP"), lambda request: Response(404)], ids=["DROP", "404"])
def test_what_the_application_drops_is_acknowledged(answer: Callable[[Request], Response]) -> None:
    async def main() -> None:
        async with setting(answer) as s:
            await s.deliver({"id": "1"})
            assert s.tally.told == [("ingress", "t", "drop", "drop")]

    asyncio.run(main())


@pytest.mark.parametrize(
    ("answer", "event"),
    [
        (status("DROP"), {"id": "1"}),
        (lambda request: Response(404), {"id": "1"}),
        (lambda request: Response(500), {"id": "1"}),
        (status("RETRY"), {"id": "1"}),
        (unreachable, {"id": "1"}),
        (lambda request: Response(200), b"no event"),
        (lambda request: Response(200), b"[]"),
        (lambda request: Response(200), {"id": "1", "expiration": "2026-11-25T11:59:59Z"}),
    ],
    ids=["DROP", "404", "500", "RETRY", "not reachable", "no JSON", "no object", "expired"],
)
def test_what_is_not_delivered_goes_to_the_dead_letter_topic(answer: Callable[[Request], Response], event: Any) -> None:
    async def main() -> None:
        async with setting(answer, dead_letter=True) as s:
            data = event if isinstance(event, bytes) else json.dumps(event).encode()
            await s.deliver(data, metadata={"k": "v"})
            assert await s.buried(1) == [data]
            assert s.graves[0].metadata == {"k": "v", "pubsubName": "bus"}
            assert ("ingress", "t", "drop", "success") in s.tally.told

    asyncio.run(main())


def test_a_dead_letter_that_cannot_be_published_gives_the_message_back() -> None:
    async def main() -> None:
        async with setting(status("DROP"), dead_letter=True, component_metadata={"allowedTopics": "t"}) as s:
            with pytest.raises(DeliveryError, match="dead letter topic graves: topic graves is not allowed"):
                await s.deliver({"id": "1"})

    asyncio.run(main())


@pytest.mark.parametrize("event", [b"no event", b"[]", b'"text"'], ids=["no JSON", "an array", "a string"])
def test_what_can_never_become_an_event_is_dropped(event: bytes) -> None:
    async def main() -> None:
        async with setting() as s:
            await s.deliver(event)
            assert s.app.requests == []
            assert s.tally.told == [("ingress", "t", "drop", "drop")]

    asyncio.run(main())


@pytest.mark.parametrize(
    ("expiration", "sent"),
    [
        ((NOW - timedelta(seconds=1)).isoformat(), 0),
        ((NOW + timedelta(seconds=1)).isoformat(), 1),
        ("2026-11-25T13:30:00+02:00", 0),
        ("never", 1),
        (17, 1),
    ],
    ids=["past", "future", "past in another zone", "no time", "a number"],
)
def test_an_expired_event_is_not_delivered(expiration: Any, sent: int) -> None:
    async def main() -> None:
        async with setting() as s:
            await s.deliver({"id": "1", "expiration": expiration})
            assert len(s.app.requests) == sent

    asyncio.run(main())


def test_content_type_and_metadata_of_a_message_are_passed_on() -> None:
    async def main() -> None:
        async with setting() as s:
            metadata = {
                "Foo": "bar",
                "Content-Length": "9999",
                "trace-bin": "x",
                "bad name": "x",
                "dapr-api-token": "x",
            }
            await s.deliver(b'{"id":"1"}', metadata=metadata, content_type="application/json")
            (request,) = s.app.requests
            assert request.headers == [
                (b"content-type", b"application/cloudevents+json"), (b"foo", b"bar"), (b"pubsubname", b"bus"),
            ]  # fmt: skip
            assert request.length == len(b'{"id":"1"}')

    asyncio.run(main())


def test_a_binary_event_takes_its_attributes_from_metadata() -> None:
    async def main() -> None:
        async with setting(rules=(Rule('event.type == "special"', "/special"), Rule("", "/t"))) as s:
            await s.deliver(b"\x00\x01", metadata={"CE_type": "special"}, content_type="application/octet-stream")
            (request,) = s.app.requests
            assert (request.target, request.body) == (b"/special", b"\x00\x01")

    asyncio.run(main())


@pytest.mark.parametrize("value", [5, True, {"a": 1}, ["x"], None], ids=str)
def test_trace_fields_that_are_no_text_do_not_hold_up_delivery(value: Any) -> None:
    async def main() -> None:
        async with setting() as s:
            await s.deliver({"id": "1", "traceparent": value, "traceid": value, "tracestate": value})
            (request,) = s.app.requests
            assert request.header(b"traceparent") is None

    asyncio.run(main())


# -- routes


RULES = (
    Rule('event.type == "a"', "/a"),
    Rule('event.type == "b"', "/b"),
    Rule("event.data.n > 5", "/big"),
)


@pytest.mark.parametrize(
    ("rules", "event", "target"),
    [
        (RULES, {"type": "a"}, b"/a"),
        (RULES, {"type": "b", "data": {"n": 9}}, b"/b"),
        (RULES, {"type": "c", "data": {"n": 9}}, b"/big"),
        ((*RULES, Rule("", "/rest")), {"type": "c", "data": {"n": 1}}, b"/rest"),
        ((Rule("  ", "first"), Rule("", "/rest")), {"type": "c"}, b"/first"),
    ],
    ids=["first", "in order", "by data", "default", "blank match"],
)
def test_the_first_rule_that_matches_chooses_the_path(
    rules: tuple[Rule, ...], event: dict[str, Any], target: bytes
) -> None:
    async def main() -> None:
        async with setting(rules=rules) as s:
            await s.deliver({"id": "1", **event})
            assert [request.target for request in s.app.requests] == [target]

    asyncio.run(main())


def test_an_event_that_no_rule_wants_is_dropped() -> None:
    async def main() -> None:
        async with setting(rules=RULES) as s:
            await s.deliver({"id": "1", "type": "c", "data": {"n": 1}})
            assert s.app.requests == []
            assert s.tally.told == [("ingress", "t", "drop", "drop")]

    asyncio.run(main())


@pytest.mark.parametrize("match", ["event.data.n > 5", "event.type"], ids=["missing key", "no boolean"])
def test_a_rule_that_cannot_be_decided_gives_the_message_back(match: str) -> None:
    async def main() -> None:
        async with setting(rules=(Rule(match, "/a"),)) as s:
            with pytest.raises(DeliveryError):
                await s.deliver({"id": "1", "type": "x"})

    asyncio.run(main())


def test_a_rule_that_does_not_compile_is_refused() -> None:
    async def main() -> None:
        with pytest.raises(BadExpressionError):
            async with setting(rules=(Rule("event.type ==", "/a"),)):
                pass

    asyncio.run(main())


# -- policies


@pytest.mark.parametrize(
    ("failures", "codes", "attempts", "delivered"),
    [(2, None, 3, True), (9, None, 4, False), (2, frozenset({503}), 1, False), (2, frozenset({500}), 3, True)],
    ids=["within the retries", "beyond them", "a code that is not retried", "a code that is"],
)
def test_the_inbound_policy_governs_attempts(
    failures: int, codes: frozenset[int] | None, attempts: int, delivered: bool
) -> None:
    async def main() -> None:
        policy = Retries(3, codes)
        app_failures = iter(range(failures))

        def answer(request: Request) -> Response:
            return Response(500 if next(app_failures, None) is not None else 200)

        async with setting(answer, policies=ComponentPolicies(policy, "inbound"), dead_letter=True) as s:
            await s.deliver({"id": "1"})
            assert policy.attempts == attempts
            assert len(s.graves) == 0 if delivered else await s.buried(1) != []

    asyncio.run(main())


def test_a_wish_for_another_attempt_is_granted_by_the_policy() -> None:
    async def main() -> None:
        answers = iter(["RETRY", "RETRY", "SUCCESS"])
        policy = Retries(5, frozenset())
        async with setting(
            lambda request: status(next(answers))(request), policies=ComponentPolicies(policy, "inbound")
        ) as s:
            await s.deliver({"id": "1"})
            assert policy.attempts == 3

    asyncio.run(main())


# -- namespaces


def test_topics_carry_the_namespace_at_the_broker_only() -> None:
    async def main() -> None:
        async with setting(status("DROP"), dead_letter=True, namespaced=True, metadata={"rawPayload": "true"}) as s:
            await s.delivery(Message("nst", b"raw"))
            (request,) = s.app.requests
            assert json.loads(request.body)["topic"] == "t"
            assert await s.buried(1) == [b"raw"]
            assert ("ingress", "t", "drop", "success") in s.tally.told

    asyncio.run(main())


# -- batches


def bulk_answer(verdicts: dict[str, str], code: int = 200) -> Callable[[Request], Response]:
    """Answers by the events' ids."""

    def answer(request: Request) -> Response:
        entries = json.loads(request.body)["entries"]
        statuses = [
            {"entryId": entry["entryId"], "status": verdicts[entry["event"]["id"]]}
            for entry in entries
            if entry["event"]["id"] in verdicts
        ]
        return Response(code, body=json.dumps({"statuses": statuses}).encode())

    return answer


def test_each_entry_of_a_batch_has_its_own_fate() -> None:
    async def main() -> None:
        verdicts = {"a": "SUCCESS", "b": "RETRY", "c": "DROP", "d": "WHAT", "e": ""}
        async with setting(bulk_answer(verdicts)) as s:
            answers = await s.deliver_many(*({"id": name} for name in "abcdef"))
            assert {key: value is None for key, value in answers.items()} == {
                "0": True, "1": False, "2": True, "3": False, "4": False, "5": False,
            }  # fmt: skip
            assert sorted(s.tally.told) == [
                ("bulk ingress", "t", "drop", 1),
                ("bulk ingress", "t", "retry", 4),
                ("bulk ingress", "t", "success", 1),
            ]  # fmt: skip

    asyncio.run(main())


def test_entries_of_a_batch_that_are_not_taken_become_dead_letters() -> None:
    async def main() -> None:
        async with setting(bulk_answer({"a": "SUCCESS", "b": "RETRY", "c": "DROP"}), dead_letter=True) as s:
            answers = await s.deliver_many({"id": "a"}, {"id": "b"}, {"id": "c"}, b"no event")
            assert set(answers.values()) == {None}
            assert sorted(await s.buried(3)) == [b"no event", b'{"id": "b"}', b'{"id": "c"}']

    asyncio.run(main())


@pytest.mark.parametrize(
    ("answer", "acknowledged"),
    [
        (lambda request: Response(404), True),
        (lambda request: Response(500), False),
        (lambda request: Response(200, body=b"thanks"), False),
        (unreachable, False),
    ],
    ids=["404", "500", "unreadable", "not reachable"],
)
def test_an_answer_for_the_whole_batch_counts_for_every_entry(
    answer: Callable[[Request], Response], acknowledged: bool
) -> None:
    async def main() -> None:
        async with setting(answer) as s:
            answers = await s.deliver_many({"id": "a"}, {"id": "b"})
            assert [value is None for value in answers.values()] == [acknowledged] * 2

    asyncio.run(main())


def test_a_batch_is_split_by_route() -> None:
    async def main() -> None:
        answer = bulk_answer(dict.fromkeys("abcd", "SUCCESS"))
        async with setting(answer, rules=(Rule('event.type == "x"', "/x"), Rule('event.type == "y"', "/y"))) as s:
            answers = await s.deliver_many(
                {"id": "a", "type": "x"}, {"id": "b", "type": "y"}, {"id": "c", "type": "x"}, {"id": "d", "type": "z"}
            )
            assert set(answers.values()) == {None}
            sent = {
                request.target: [entry["event"]["id"] for entry in json.loads(request.body)["entries"]]
                for request in s.app.requests
            }
            assert sent == {b"/x": ["a", "c"], b"/y": ["b"]}

    asyncio.run(main())


def test_a_retry_of_a_batch_sends_only_what_is_left() -> None:
    async def main() -> None:
        rounds = iter([{"a": "SUCCESS"}, {"b": "SUCCESS"}, {"c": "SUCCESS"}])
        async with setting(
            lambda request: bulk_answer(next(rounds))(request), policies=ComponentPolicies(Retries(5), "inbound")
        ) as s:
            answers = await s.deliver_many({"id": "a"}, {"id": "b"}, {"id": "c"})
            assert set(answers.values()) == {None}
            sizes = [len(json.loads(request.body)["entries"]) for request in s.app.requests]
            assert sizes == [3, 2, 1]

    asyncio.run(main())


def test_rules_of_a_raw_batch_see_the_payload_as_text() -> None:
    async def main() -> None:
        rules = (Rule('event == "left"', "/left"), Rule("", "/right"))
        async with setting(rules=rules, metadata={"rawPayload": "true"}) as s:
            await s.deliver_many(b"left", b"\xff")
            assert sorted(request.target for request in s.app.requests) == [b"/left", b"/right"]

    asyncio.run(main())
