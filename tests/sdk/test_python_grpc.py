"""The official Python SDK, unmodified, works with our sidecar over gRPC: both of its clients.

Whatever the SDK gains must get its place in the table of ``support.sdk_table``, so nothing is skipped in silence.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import queue
import threading
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import grpc
import pytest
from dapr.actor import ActorProxy
from dapr.aio.clients import DaprClient as AioDaprClient
from dapr.clients import DaprActorHttpClient, DaprClient
from dapr.clients.grpc._request import TransactionalStateOperation, TransactionOperationType
from dapr.clients.grpc._response import TopicEventResponse
from dapr.clients.grpc._state import Concurrency, Consistency, StateItem, StateOptions
from dapr.conf import settings
from dapr.ext.workflow import DaprWorkflowClient
from dapr.ext.workflow.aio import DaprWorkflowClient as AioDaprWorkflowClient
from support.calls import call
from support.cli import unique_id
from support.echo_app import EchoApp, echo_app
from support.manifests import component, folder
from support.ports import free_ports
from support.processes import Daprd, daprd, http_status, wait_until
from support.sdk_table import PYTHON

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:dapr", "ignore:.*deprecated:DeprecationWarning")

NO_REQUEST = {"get_credentials"}
PREFIXED = (DaprActorHttpClient, DaprWorkflowClient, ActorProxy)
ASYNCHRONOUS = ((AioDaprClient, DaprClient), (AioDaprWorkflowClient, DaprWorkflowClient))


class Stage(NamedTuple):
    sidecar: Daprd
    app: EchoApp
    files: Path


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    files = tmp_path_factory.mktemp("files")
    (files / "secrets.json").write_text(json.dumps({"one": "first", "two": "second"}))
    directory = folder(
        tmp_path_factory.mktemp("resources"),
        component("mem", "state.in-memory"),
        component("bus", "pubsub.in-memory"),
        component("disk", "bindings.localstorage", rootPath=str(files)),
        component("vault", "secretstores.local.file", secretsFile=str(files / "secrets.json")),
    )
    with echo_app() as app, daprd("sdkapp", app_port=app.port, resources=directory) as sidecar:
        yield Stage(sidecar, app, files)


@pytest.fixture
def client(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Iterator[DaprClient]:
    point_at(stage.sidecar, monkeypatch)
    with DaprClient(f"127.0.0.1:{stage.sidecar.grpc_port}") as opened:
        yield opened


def point_at(sidecar: Daprd, monkeypatch: pytest.MonkeyPatch) -> None:
    """The SDK reads its settings from the process, not from its constructor."""
    monkeypatch.setattr(settings, "DAPR_HTTP_PORT", sidecar.http_port)
    monkeypatch.setattr(settings, "DAPR_GRPC_PORT", sidecar.grpc_port)


def offered(client: type) -> set[str]:
    """The public methods of a client."""
    return {name for name, _ in inspect.getmembers(client, inspect.isfunction) if not name.startswith("_")}


def test_every_request_of_the_sdk_stands_in_the_table() -> None:
    others = {f"{client.__name__}.{name}" for client in PREFIXED for name in offered(client) - {"close"}}
    assert (offered(DaprClient) - NO_REQUEST) | others == PYTHON.uses - {"WorkflowRuntime"}


@pytest.mark.parametrize(("asynchronous", "blocking"), ASYNCHRONOUS, ids=lambda client: client.__module__)
def test_the_clients_of_asyncio_offer_the_same(asynchronous: type, blocking: type) -> None:
    assert offered(asynchronous) - offered(blocking) == set()


def test_state_is_kept_changed_and_deleted(client: DaprClient) -> None:
    client.save_state("mem", "k", b"v1")
    got = client.get_state("mem", "k")
    assert got.data == b"v1"

    client.save_state("mem", "k", b"v2", etag=got.etag, options=StateOptions(consistency=Consistency.strong))
    with pytest.raises(grpc.RpcError) as failure:
        client.save_state("mem", "k", b"v3", etag=got.etag, options=StateOptions(concurrency=Concurrency.first_write))
    assert failure.value.code() is grpc.StatusCode.ABORTED
    client.delete_state("mem", "k")
    assert client.get_state("mem", "k").data == b""


def test_state_goes_in_bulk_and_in_transactions(client: DaprClient) -> None:
    client.save_bulk_state("mem", [StateItem("a", b"1"), StateItem("b", b"2")])
    client.execute_state_transaction(
        "mem",
        [
            TransactionalStateOperation("a", b"3", operation_type=TransactionOperationType.upsert),
            TransactionalStateOperation("b", b"", operation_type=TransactionOperationType.delete),
        ],
    )
    items = client.get_bulk_state("mem", ["a", "b"]).items
    assert {item.key: item.data for item in items} == {"a": b"3", "b": b""}


def test_a_store_that_cannot_query_says_so(client: DaprClient) -> None:
    with pytest.warns(UserWarning, match="State Store Query API"), pytest.raises(grpc.RpcError) as failure:
        client.query_state("mem", "{}")
    assert failure.value.code() is grpc.StatusCode.INTERNAL
    assert "does not support querying" in failure.value.details()


def test_secrets_are_read(client: DaprClient) -> None:
    assert client.get_secret("vault", "one").secret == {"one": "first"}
    assert client.get_bulk_secret("vault").secrets == {"one": {"one": "first"}, "two": {"two": "second"}}


def test_a_binding_writes_and_reads_a_file(client: DaprClient) -> None:
    client.invoke_binding("disk", "create", b"content", {"fileName": "x.txt"})
    assert client.invoke_binding("disk", "get", binding_metadata={"fileName": "x.txt"}).data == b"content"


def test_the_application_is_invoked(client: DaprClient, stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "DAPR_API_METHOD_INVOCATION_PROTOCOL", "grpc")
    with DaprClient(f"127.0.0.1:{stage.sidecar.grpc_port}") as over_grpc:
        answer = over_grpc.invoke_method("sdkapp", "echo", b"body", content_type="text/plain", http_verb="POST")
    assert (answer.data, answer.content_type) == (b"body", "text/plain")
    assert stage.app.received[-1].line == "POST /echo HTTP/1.1"


def test_the_application_is_invoked_over_http_by_the_same_client(client: DaprClient) -> None:
    answer = asyncio.run(client.invoke_method_async("sdkapp", "echo", b"body", "text/plain", http_verb="POST"))
    assert answer.data == b"body"


def test_metadata_is_read_and_extended(client: DaprClient) -> None:
    client.set_metadata("colour", "blue")
    known = client.get_metadata()
    assert known.application_id == "sdkapp"
    assert known.extended_metadata["colour"] == "blue"
    assert {item.name for item in known.registered_components} == {"mem", "bus", "disk", "vault"}


def test_the_client_waits_for_the_sidecar(client: DaprClient) -> None:
    client.wait(5)


def test_a_subscription_gets_what_is_published(client: DaprClient) -> None:
    subscription = client.subscribe("bus", "single")
    try:
        client.publish_event("bus", "single", json.dumps({"n": 1}), data_content_type="application/json")
        message = subscription.next_message()
        assert (message.data(), message.topic()) == ({"n": 1}, "single")
        subscription.respond_success(message)
        client.publish_events("bus", "single", ["a", "b"], data_content_type="text/plain")
        texts = set()
        for _ in range(2):
            message = subscription.next_message()
            texts.add(message.data())
            subscription.respond_success(message)
        assert texts == {"a", "b"}
    finally:
        subscription.close()


def test_a_subscriptions_handler_may_drop_and_ask_again(client: DaprClient) -> None:
    seen: list[Any] = []
    enough = threading.Event()

    def handler(message: Any) -> TopicEventResponse:
        seen.append(message.data())
        if len(seen) == 2:
            enough.set()
        return TopicEventResponse("drop")

    stop = client.subscribe_with_handler("bus", "handled", handler, dead_letter_topic="graves")
    graves = client.subscribe("bus", "graves")
    try:
        client.publish_event("bus", "handled", "one", data_content_type="text/plain")
        client.publish_event("bus", "handled", "two", data_content_type="text/plain")
        assert enough.wait(10)
        for _ in range(2):
            graves.respond_success(graves.next_message())
    finally:
        stop()
        graves.close()
    assert seen == ["one", "two"]


def test_a_subscription_goes_on_when_its_sidecar_starts_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    resources = folder(tmp_path, component("bus", "pubsub.in-memory"))
    http_port, grpc_port = free_ports(2)
    flags = (f"--dapr-http-port={http_port}", f"--dapr-grpc-port={grpc_port}")
    monkeypatch.setattr(settings, "DAPR_HTTP_PORT", http_port)
    monkeypatch.setattr(settings, "DAPR_GRPC_PORT", grpc_port)
    heard: queue.Queue[Any] = queue.Queue()

    def handler(message: Any) -> TopicEventResponse:
        heard.put(message.data())
        return TopicEventResponse("success")

    def publish_when_subscribed(text: str) -> None:
        wait_until(lambda: subscribed(http_port), what="the subscription")
        address = "/v1.0/publish/bus/lasting"
        assert call(http_port, "POST", address, text, {"Content-Type": "text/plain"}).status == 204

    with daprd(unique_id("before"), *flags, resources=resources, ready=None) as sidecar:
        sidecar.wait_for_line("dapr initialized")
        client = DaprClient(f"127.0.0.1:{grpc_port}")
        stop = client.subscribe_with_handler("bus", "lasting", handler)
        publish_when_subscribed("before")
        assert heard.get(timeout=20) == "before"
    try:
        with daprd(unique_id("after"), *flags, resources=resources, ready=None):
            publish_when_subscribed("after")
            assert heard.get(timeout=30) == "after"
            stop()
    finally:
        client.close()


def subscribed(http_port: int) -> bool:
    """Whether a sidecar is there and has a subscription."""
    if http_status(http_port, "/v1.0/healthz/outbound") != 204:
        return False
    return bool(call(http_port, "GET", "/v1.0/metadata").json.get("subscriptions"))


async def asynchronous_state(client: AioDaprClient) -> None:
    await client.save_state("mem", "async", b"v1")
    got = await client.get_state("mem", "async")
    await client.save_state("mem", "async", b"v2", etag=got.etag)
    with pytest.raises(grpc.RpcError) as failure:
        await client.delete_state("mem", "async", etag=got.etag)
    assert failure.value.code() is grpc.StatusCode.ABORTED
    await client.save_bulk_state("mem", [StateItem("async-1", b"1"), StateItem("async-2", b"2")])
    delete = TransactionalStateOperation("async-1", b"", operation_type=TransactionOperationType.delete)
    await client.execute_state_transaction("mem", [delete])
    items = (await client.get_bulk_state("mem", ["async", "async-1", "async-2"])).items
    assert {item.key: item.data for item in items} == {"async": b"v2", "async-1": b"", "async-2": b"2"}


async def asynchronous_events(client: AioDaprClient) -> None:
    subscription = await client.subscribe("bus", "asynchronous")
    await client.publish_event("bus", "asynchronous", "one", data_content_type="text/plain")
    await client.publish_events("bus", "asynchronous", ["two"], data_content_type="text/plain")
    for wanted in ("one", "two"):
        message = await subscription.next_message()
        assert message.data() == wanted
        await subscription.respond_success(message)
    await subscription.close()
    heard: asyncio.Queue[Any] = asyncio.Queue()

    async def handler(message: Any) -> TopicEventResponse:
        heard.put_nowait(message.data())
        return TopicEventResponse("success")

    stop = await client.subscribe_with_handler("bus", "handled-by-asyncio", handler)
    await client.publish_event("bus", "handled-by-asyncio", "three", data_content_type="text/plain")
    assert await asyncio.wait_for(heard.get(), 20) == "three"
    await stop()


async def asynchronous_rest(client: AioDaprClient) -> None:
    assert (await client.get_secret("vault", "one")).secret == {"one": "first"}
    assert (await client.get_bulk_secret("vault")).secrets["two"] == {"two": "second"}
    await client.invoke_binding("disk", "create", b"content", {"fileName": "async.txt"})
    assert (await client.invoke_binding("disk", "get", binding_metadata={"fileName": "async.txt"})).data == b"content"
    answer = await client.invoke_method("sdkapp", "echo", b"x", content_type="text/plain", http_verb="PUT")
    assert answer.data == b"x"
    await client.set_metadata("shape", "round")
    assert (await client.get_metadata()).extended_metadata["shape"] == "round"
    await client.wait(5)


@pytest.mark.parametrize("use", [asynchronous_state, asynchronous_events, asynchronous_rest])
def test_the_asynchronous_client_does_the_same(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, use: Callable[[AioDaprClient], Awaitable[None]]
) -> None:
    point_at(stage.sidecar, monkeypatch)
    monkeypatch.setattr(settings, "DAPR_API_METHOD_INVOCATION_PROTOCOL", "grpc")

    async def main() -> None:
        async with AioDaprClient(f"127.0.0.1:{stage.sidecar.grpc_port}") as client:
            await use(client)

    asyncio.run(main())


def test_the_client_ends_the_sidecar(monkeypatch: pytest.MonkeyPatch) -> None:
    with daprd("sdkends", ready="/v1.0/healthz/outbound") as sidecar:
        point_at(sidecar, monkeypatch)
        with DaprClient(f"127.0.0.1:{sidecar.grpc_port}") as client:
            client.shutdown()
        assert sidecar.popen.wait(15) == 0
