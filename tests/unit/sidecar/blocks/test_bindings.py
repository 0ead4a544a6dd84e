"""Bindings: what the application calls, and what calls the application."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.app_channel import FakeApp, unreachable
from support.policies import ComponentPolicies, Retries
from support.replay import NoPolicies, call

from dapr_components.bindings.contract import (
    BindingError,
    InputBinding,
    InvokeRequest,
    InvokeResult,
    OutputBinding,
    ReadEvent,
    ReadHandler,
)
from dapr_components.contract import ComponentContext, ComponentError, Metadata
from dapr_core.rpc.messages import Request, Response
from daprd.api.http.bindings import routes
from daprd.app.contract import AppAnswerError
from daprd.blocks.bindings import BindingsBlock
from daprd.blocks.bindings.block import permitted_directions

MISMATCH = "json: cannot unmarshal {} into Go struct field OutputBindingRequest.{} of type {}"


class Both(InputBinding, OutputBinding):
    """A binding in both directions whose events the test makes."""

    def __init__(self, name: str = "b", results: list[InvokeResult | Exception] | None = None) -> None:
        super().__init__(ComponentContext(name=name, type="bindings.test", version="v1", app_id="app"))
        self.handler: ReadHandler | None = None
        self.reads = 0
        self.stops = 0
        self.results = results or []
        self.requests: list[InvokeRequest] = []
        self.read_failures = 0

    async def init(self, metadata: Metadata) -> None:
        return

    async def read(self, handler: ReadHandler) -> None:
        if self.read_failures:
            self.read_failures -= 1
            raise ComponentError("not yet")
        self.reads += 1
        self.handler = handler

    async def stop_reading(self) -> None:
        self.stops += 1

    async def fire(self, data: bytes = b"event", **metadata: str) -> bytes | None:
        assert self.handler is not None
        return await self.handler(ReadEvent(data, metadata))

    def operations(self) -> tuple[str, ...]:
        return ("create", "get")

    async def invoke(self, request: InvokeRequest) -> InvokeResult:
        self.requests.append(request)
        result = self.results.pop(0) if self.results else InvokeResult()
        if isinstance(result, Exception):
            raise result
        return result


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


def targets(app: FakeApp, method: str) -> list[bytes]:
    return [request.target for request in app.requests if request.method == method]


# -- input


@pytest.mark.parametrize(("status", "reads"), [(200, 1), (204, 1), (405, 1), (404, 0), (500, 0), (301, 0)], ids=str)
def test_the_application_s_answer_to_options_decides(status: int, reads: int) -> None:
    async def main() -> None:
        block, binding = BindingsBlock(NoPolicies()), Both()
        app = FakeApp(lambda request: Response(status))
        await block.add("b", binding, Metadata())
        await block.inputs.start(app)
        await settle()
        assert binding.reads == reads
        assert targets(app, "OPTIONS") == [b"/b"]
        await block.inputs.stop()

    asyncio.run(main())


@pytest.mark.parametrize("direction", ["input", "input, output", " INPUT "], ids=repr)
def test_a_manifest_that_says_input_spares_the_question(direction: str) -> None:
    async def main() -> None:
        block, binding, app = BindingsBlock(NoPolicies()), Both(), FakeApp(lambda request: Response(500))
        await block.add("b", binding, Metadata({"direction": direction}))
        await block.inputs.start(app)
        await settle()
        assert binding.reads == 1
        assert app.requests == []
        await block.inputs.stop()

    asyncio.run(main())


def test_an_application_that_cannot_be_asked_does_not_hold_up_the_others() -> None:
    async def main() -> None:
        def answer(request: Request) -> Response:
            return unreachable(request) if request.target == b"/b" else Response(200)

        block, app = BindingsBlock(NoPolicies()), FakeApp(answer)
        bindings = {name: Both(name) for name in "abc"}
        for name, binding in bindings.items():
            await block.add(name, binding, Metadata())
        await block.inputs.start(app)
        await settle()
        assert {name: binding.reads for name, binding in bindings.items()} == {"a": 1, "b": 0, "c": 1}
        await block.inputs.stop()

    asyncio.run(main())


@pytest.mark.parametrize(
    ("metadata", "target"),
    [
        ({}, b"/b"),
        ({"route": "/custom/route"}, b"/custom/route"),
        ({"route": "plain"}, b"/plain"),
        ({"Route": "x"}, b"/b"),
    ],
    ids=["name", "absolute route", "relative route", "another case"],
)
def test_events_go_to_the_route(metadata: dict[str, str], target: bytes) -> None:
    async def main() -> None:
        block, binding, app = BindingsBlock(NoPolicies()), Both(), FakeApp()
        await block.add("b", binding, Metadata(metadata))
        await block.inputs.start(app)
        await settle()
        await binding.fire()
        assert targets(app, "OPTIONS") == [target]
        assert targets(app, "POST") == [target]
        await block.inputs.stop()

    asyncio.run(main())


def test_an_event_arrives_with_its_metadata_and_its_answer_goes_back() -> None:
    async def main() -> None:
        block, binding = BindingsBlock(NoPolicies()), Both()
        app = FakeApp(lambda request: Response(201, body=b"answer"))
        await block.add("b", binding, Metadata())
        await block.inputs.start(app)
        await settle()
        assert await binding.fire(b"data", readTimeUTC="now", timeZone="Local") == b"answer"
        request = app.requests[-1]
        assert request.body == b"data"
        assert request.headers == [
            (b"content-type", b"application/json"), (b"readtimeutc", b"now"), (b"timezone", b"Local"),
            (b"traceparent", b"00-00000000000000000000000000000000-0000000000000000-00"),
        ]  # fmt: skip
        await block.inputs.stop()

    asyncio.run(main())


def test_a_failure_of_the_application_reaches_the_binding() -> None:
    async def main() -> None:
        block, binding = BindingsBlock(NoPolicies()), Both()
        app = FakeApp(lambda request: Response(200 if request.method == "OPTIONS" else 500, body=b"no"))
        await block.add("b", binding, Metadata())
        await block.inputs.start(app)
        await settle()
        text = "fails to send binding event to http app channel, status code: 500 body: no"
        with pytest.raises(AppAnswerError, match=text):
            await binding.fire()
        await block.inputs.stop()

    asyncio.run(main())


@pytest.mark.parametrize(("failures", "succeeds"), [(2, True), (9, False)], ids=["within the retries", "beyond them"])
def test_the_inbound_policy_tries_again(failures: int, succeeds: bool) -> None:
    async def main() -> None:
        left = iter(range(failures))
        policies = ComponentPolicies(Retries(3), "inbound")
        block, binding = BindingsBlock(policies), Both()
        app = FakeApp(lambda request: Response(500 if next(left, None) is not None else 200, body=b"done"))
        await block.add("b", binding, Metadata({"direction": "input"}))
        await block.inputs.start(app)
        await settle()
        if succeeds:
            assert await binding.fire() == b"done"
        else:
            with pytest.raises(AppAnswerError):
                await binding.fire()
        await block.inputs.stop()

    asyncio.run(main())


def test_stopping_waits_for_events_in_flight_and_refuses_later_ones() -> None:
    async def main() -> None:
        gate = asyncio.Event()

        async def slow(request: Request) -> Response:
            await gate.wait()
            return Response(200, body=b"done")

        block, binding, app = BindingsBlock(NoPolicies()), Both(), FakeApp(slow)
        await block.add("b", binding, Metadata({"direction": "input"}))
        await block.inputs.start(app)
        await settle()
        event = asyncio.create_task(binding.fire())
        await settle()
        stopping = asyncio.create_task(block.inputs.stop())
        await settle()
        assert not stopping.done()
        with pytest.raises(ComponentError, match="input binding is closed"):
            await binding.fire()
        gate.set()
        await stopping
        assert await event == b"done"
        assert binding.stops == 1

    asyncio.run(main())


def test_bindings_read_again_when_the_application_is_healthy_again() -> None:
    async def main() -> None:
        block, binding, app = BindingsBlock(NoPolicies()), Both(), FakeApp()
        await block.add("b", binding, Metadata())
        for _ in range(2):
            await block.inputs.start(app)
            await settle()
            await binding.fire()
            await block.inputs.stop()
        assert binding.reads == 2
        assert targets(app, "POST") == [b"/b", b"/b"]

    asyncio.run(main())


def test_a_binding_added_while_reading_is_on_reads_at_once_and_ends_when_removed() -> None:
    async def main() -> None:
        block, binding, app = BindingsBlock(NoPolicies()), Both(), FakeApp()
        await block.inputs.start(app)
        await block.add("b", binding, Metadata())
        await settle()
        assert binding.reads == 1
        await block.remove("b")
        assert binding.stops == 1
        assert block.capabilities("b") == []
        await block.inputs.stop()

    asyncio.run(main())


def test_a_start_that_fails_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("daprd.blocks.bindings.reading.FIRST_PAUSE", 0.001)

    async def main() -> None:
        block, binding = BindingsBlock(NoPolicies()), Both()
        binding.read_failures = 2
        await block.add("b", binding, Metadata({"direction": "input"}))
        await block.inputs.start(FakeApp())
        async with asyncio.timeout(5):
            while not binding.reads:
                await asyncio.sleep(0.001)
        await block.inputs.stop()

    asyncio.run(main())


@pytest.mark.parametrize(
    ("direction", "capabilities"),
    [
        ("", ["INPUT_BINDING", "OUTPUT_BINDING"]), ("input", ["INPUT_BINDING"]), ("output", ["OUTPUT_BINDING"]),
        ("Output , input", ["INPUT_BINDING", "OUTPUT_BINDING"]), (",", ["INPUT_BINDING", "OUTPUT_BINDING"]),
    ],
    ids=repr,
)  # fmt: skip
def test_direction_says_which_sides_of_a_binding_serve(direction: str, capabilities: list[str]) -> None:
    async def main() -> None:
        block = BindingsBlock(NoPolicies())
        await block.add("b", Both(), Metadata({"direction": direction}))
        assert block.capabilities("b") == capabilities

    asyncio.run(main())


@given(st.text())
def test_any_text_is_read_as_directions(text: str) -> None:
    assert all(word == word.strip().lower() for word in permitted_directions(Metadata({"direction": text})))


# -- output


def invoke(
    binding: OutputBinding, body: Any, *, policies: NoPolicies | None = None, **headers: str
) -> tuple[int, bytes, dict[str, str]]:
    async def main() -> tuple[int, bytes, dict[str, str]]:
        block = BindingsBlock(policies or NoPolicies())
        await block.add("b", binding, Metadata())
        text = body if isinstance(body, bytes) else json.dumps(body).encode()
        response = await call(routes(block), "POST", "/v1.0/bindings/b", text, headers)
        return response.status, await response.read(), {k.decode(): v.decode() for k, v in response.headers}

    return asyncio.run(main())


@pytest.mark.parametrize(
    ("result", "status", "body"),
    [
        (InvokeResult(), 204, b""), (InvokeResult(b""), 200, b""), (InvokeResult(b"data"), 200, b"data"),
    ],
    ids=["nothing", "empty data", "data"],
)  # fmt: skip
def test_what_a_binding_answers_is_the_answer(result: InvokeResult, status: int, body: bytes) -> None:
    got = invoke(Both(results=[result]), {"operation": "get"})
    assert got[:2] == (status, body)


def test_response_metadata_are_headers_also_beside_an_error() -> None:
    error = BindingError("refused", {"statusCode": "404", "X-Long": "a\r\nb"})
    status, body, headers = invoke(Both(results=[error]), {"operation": "get"})
    assert status == 500
    assert json.loads(body)["message"] == "error invoking output binding b: refused"
    assert headers == {
        "content-type": "application/json", "metadata.statuscode": "404", "metadata.x-long": "a  b",
    }  # fmt: skip


def test_metadata_of_a_failure_survive_the_policy() -> None:
    error = BindingError("refused", {"statusCode": "404"})
    policies = ComponentPolicies(Retries(1), "outbound")
    status, body, headers = invoke(Both(results=[error, error]), {"operation": "get"}, policies=policies)
    assert (status, headers["metadata.statuscode"]) == (500, "404")
    assert json.loads(body)["message"].endswith("refused")


def test_the_outbound_policy_tries_again() -> None:
    binding = Both(results=[ComponentError("once"), InvokeResult(b"then")])
    policies = ComponentPolicies(Retries(1), "outbound")
    assert invoke(binding, {"operation": "get"}, policies=policies)[:2] == (200, b"then")


@pytest.mark.parametrize(
    ("data", "sent"),
    [
        ("text", b'"text"'), ({"b": 1, "a": [1.50, "<"]}, b'{"a":[1.5,"\\u003c"],"b":1}'), (None, b"null"), (12, b"12"),
        (12345678901234567890, b"12345678901234567890"),
    ],
    ids=repr,
)  # fmt: skip
def test_data_reach_the_binding_as_json(data: Any, sent: bytes) -> None:
    binding = Both()
    invoke(binding, {"operation": "create", "data": data, "metadata": {"k": "v"}})
    (request,) = binding.requests
    assert (request.operation, request.data, request.metadata) == ("create", sent, {"k": "v"})


def test_missing_data_is_null_and_keys_ignore_case() -> None:
    binding = Both()
    invoke(binding, {"Operation": "create", "METADATA": {"k": "v"}})
    assert (binding.requests[0].data, binding.requests[0].metadata) == (b"null", {"k": "v"})


def test_the_caller_s_trace_reaches_the_binding_as_metadata() -> None:
    binding = Both()
    invoke(binding, {"operation": "create"}, traceparent="p", tracestate="s", baggage="a=1")
    assert binding.requests[0].metadata == {"traceparent": "p", "tracestate": "s", "baggage": "a=1"}


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"", "EOF"), (b"[]", "json: cannot unmarshal array into Go value of type http.OutputBindingRequest"),
        ({"operation": 1}, MISMATCH.format("number", "operation", "string")),
        ({"metadata": []}, MISMATCH.format("array", "metadata", "map[string]string")),
    ],
    ids=["empty", "an array", "operation a number", "metadata an array"],
)  # fmt: skip
def test_a_body_that_does_not_fit_is_explained(body: Any, text: str) -> None:
    status, answer, _ = invoke(Both(), body)
    assert status == 400
    assert json.loads(answer) == {
        "errorCode": "ERR_MALFORMED_REQUEST", "message": f"failed deserializing HTTP body: {text}",
    }  # fmt: skip


@given(st.binary(max_size=100))
def test_any_body_gets_a_documented_answer(body: bytes) -> None:
    status, answer, _ = invoke(Both(), body)
    assert status in (400, 500)
    assert json.loads(answer)["errorCode"] in ("ERR_MALFORMED_REQUEST", "ERR_INVOKE_OUTPUT_BINDING")


def test_a_component_that_is_replaced_serves_at_once() -> None:
    async def main() -> None:
        block = BindingsBlock(NoPolicies())
        await block.add("b", Both(results=[InvokeResult(b"old")]), Metadata())
        await block.add("b", Both(results=[InvokeResult(b"new")]), Metadata())
        assert (await block.invoke("b", InvokeRequest("get"))).data == b"new"

    asyncio.run(main())


def observed(action: Callable[[BindingsBlock], Any]) -> list[tuple[Any, ...]]:
    class Tally:
        def __init__(self) -> None:
            self.told: list[tuple[Any, ...]] = []

        def output(self, component: str, operation: str, success: bool, elapsed_ms: float) -> None:
            self.told.append(("output", component, operation, success))

        def input(self, component: str, success: bool, elapsed_ms: float) -> None:
            self.told.append(("input", component, success))

    tally = Tally()
    asyncio.run(action(BindingsBlock(NoPolicies(), observer=tally)))
    return tally.told


def test_metrics_hear_of_every_operation_also_of_unknown_bindings() -> None:
    async def action(block: BindingsBlock) -> None:
        binding = Both()
        await block.add("b", binding, Metadata({"direction": "input,output"}))
        await block.invoke("b", InvokeRequest("get"))
        for name, operation in (("nobind", "get"), ("b", "")):
            with pytest.raises(Exception, match="error invoking output binding"):
                await block.invoke(name, InvokeRequest(operation))
        await block.inputs.start(FakeApp())
        await settle()
        await binding.fire()
        await block.inputs.stop()

    assert observed(action) == [
        ("output", "b", "get", True), ("output", "nobind", "get", False), ("output", "b", "", False),
        ("input", "b", True),
    ]  # fmt: skip
