"""Components in processes of their own: what is handed over, and what happens when the process dies and comes back."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import pytest
from support.brokers import Inbox
from support.pluggable_component import component

from dapr_components.bindings.contract import InputBinding, InvokeRequest, OutputBinding, ReadEvent
from dapr_components.contract import Component, ComponentContext, ComponentError, Metadata
from dapr_components.pluggable.connection import PluggableComponent
from dapr_components.pluggable.discovery import discover
from dapr_components.pubsub.contract import BulkEntry, Feature, PublishRequest, PubSub
from dapr_components.secretstores.contract import SecretStore
from dapr_components.state.contract import DeleteRequest, ETagError, SetRequest, StateStore
from dapr_core.errors import DaprError

C = TypeVar("C", bound=Component)
LIMIT = 20.0


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of one component that is all kinds at once."""
    folder = tmp_path_factory.mktemp("sockets")
    with component(folder / "shelf.sock"):
        yield folder


async def made(folder: Path, kind: str, _contract: type[C], name: str = "mine") -> C:
    vendor = (await discover(folder))[f"{kind}.shelf"]
    built = vendor(ComponentContext(name=name, type=f"{kind}.shelf", version="v1", app_id="app"))
    assert isinstance(built, _contract)
    return built


async def asked(output: OutputBinding, operation: str, **metadata: str) -> bytes:
    return (await output.invoke(InvokeRequest(operation, b"", metadata))).data or b""


def test_init_hands_over_the_manifests_metadata_and_each_call_the_instances_name(shelf: Path) -> None:
    async def main() -> None:
        output = await made(shelf, "bindings", OutputBinding, name="drawer")  # type: ignore[type-abstract]
        await output.init(Metadata({"Size": "3", "empty": ""}))
        inits, instances = json.loads(await asked(output, "inits"))
        assert inits[-2:] == [{"Size": "3", "empty": ""}] * 2  # both directions
        assert instances[-2:] == ["drawer", "drawer"]
        await output.ping()
        await output.close()

    asyncio.run(main())


def test_a_refused_init_tells_the_components_reason(shelf: Path) -> None:
    async def main() -> None:
        store = await made(shelf, "state", StateStore)  # type: ignore[type-abstract]
        with pytest.raises(ComponentError, match="code = InvalidArgument desc = refuseInit is set to yes"):
            await store.init(Metadata({"refuseInit": "yes"}))
        await store.close()

    asyncio.run(main())


def test_only_features_that_the_protocol_can_carry_are_reported(shelf: Path) -> None:
    async def main() -> None:
        store = await made(shelf, "state", StateStore)  # type: ignore[type-abstract]
        broker = await made(shelf, "pubsub", PubSub)  # type: ignore[type-abstract]
        secrets = await made(shelf, "secretstores", SecretStore)  # type: ignore[type-abstract]
        for each in (store, broker, secrets):
            await each.init(Metadata({}))
        assert {str(each) for each in store.features} == {"ETAG", "TRANSACTIONAL", "TTL", "QUERY_API"}
        assert store.max_transaction_size({}) == 7
        assert set(broker.features) == {Feature.BULK_PUBSUB}
        assert {str(each) for each in secrets.features} == {"MULTIPLE_KEY_VALUES_PER_SECRET"}
        for each in (store, broker, secrets):
            await each.ping()
            await each.close()

    asyncio.run(main())


def test_a_store_without_the_optional_services_has_neither_transactions_nor_queries(tmp_path: Path) -> None:
    async def main() -> None:
        store = await made(tmp_path, "state", StateStore)  # type: ignore[type-abstract]
        await store.init(Metadata({}))
        assert {str(each) for each in store.features} == {"ETAG", "TTL"}
        assert type(store).query is StateStore.query
        assert store.max_transaction_size({}) == -1
        await store.close()

    tmp_path.chmod(0o755)
    with component(tmp_path / "shelf.sock", "StateStore"):
        asyncio.run(main())


def test_bulk_calls_that_a_component_lacks_are_made_key_by_key(tmp_path: Path) -> None:
    async def main() -> None:
        store = await made(tmp_path, "state", StateStore)  # type: ignore[type-abstract]
        await store.init(Metadata({}))
        for _ in range(2):
            await store.bulk_set([SetRequest("a", b"1"), SetRequest("b", b"2")])
            assert [item.data for item in await store.bulk_get(["b", "a"], metadata={})] == [b"2", b"1"]
            await store.bulk_delete([DeleteRequest("a"), DeleteRequest("b")])
            assert (await store.get("a", metadata={})).data is None
        await store.close()

    lacking = [f"StateStore/{name}" for name in ("BulkGet", "BulkSet", "BulkDelete")]
    tmp_path.chmod(0o755)
    with component(tmp_path / "shelf.sock", "StateStore", unimplemented=lacking):
        asyncio.run(main())


def test_a_query_goes_over_with_its_filter_order_and_page(shelf: Path) -> None:
    async def main() -> None:
        store = await made(shelf, "state", StateStore)  # type: ignore[type-abstract]
        await store.init(Metadata({"empty": ""}))
        for number, colour in enumerate(("red", "blue", "red", "red")):
            await store.set(SetRequest(f"k{number}", json.dumps({"n": number, "colour": colour}).encode()))
        document = {
            "filter": {"EQ": {"colour": "red"}},
            "sort": [{"key": "n", "order": "DESC"}],
            "page": {"limit": 2, "token": "1"},
        }
        page = await store.query(document, metadata={"m": "1"})
        assert [item.key for item in page.items] == ["k2", "k0"]
        assert page.items[0].etag
        assert (page.token, dict(page.metadata)) == ("2", {"asked": "m"})
        for broken in ({"filter": []}, {"sort": {}}, {"page": {"limit": "x"}}, {"page": {"limit": -1}}):
            with pytest.raises(ComponentError, match="failed to parse JSON query body"):
                await store.query(broken, metadata={})
        await store.close()

    asyncio.run(main())


def test_a_state_stores_refusals_arrive_as_the_errors_of_the_contract(shelf: Path) -> None:
    async def main() -> None:
        store = await made(shelf, "state", StateStore)  # type: ignore[type-abstract]
        await store.init(Metadata({"empty": ""}))
        with pytest.raises(ETagError) as invalid:
            await store.set(SetRequest("k", b"1", etag="not an etag"))
        assert (invalid.value.mismatch, str(invalid.value)) == (False, "invalid etag value: it is no number")
        with pytest.raises(ComponentError, match=r"^delete affected only 0 rows, expected 1$"):
            await store.bulk_delete([DeleteRequest("none", metadata={"strict": "yes"})])
        with pytest.raises(DaprError, match=r"no room on \{the\} shelf") as structured:
            await store.set(SetRequest("k", b"1", metadata={"refuse": "structured"}))
        assert structured.value.row.http_status == 507
        await store.close()

    asyncio.run(main())


def test_entries_that_a_bulk_publish_refuses_are_named(shelf: Path) -> None:
    async def main() -> None:
        broker = await made(shelf, "pubsub", PubSub)  # type: ignore[type-abstract]
        await broker.init(Metadata({}))
        failed = await broker.bulk_publish("t", [BulkEntry("1", b"x"), BulkEntry("2", b"refused")], {})
        assert {name: str(error) for name, error in failed.items()} == {"2": "refused as asked"}
        await broker.close()

    asyncio.run(main())


def test_events_are_handled_side_by_side_and_their_answers_and_failures_go_back(shelf: Path) -> None:
    async def main() -> None:
        both = await made(shelf, "bindings", InputBinding)  # type: ignore[type-abstract]
        assert isinstance(both, OutputBinding)
        await both.init(Metadata({"empty": ""}))
        together = asyncio.Barrier(2)

        async def handle(event: ReadEvent) -> bytes | None:
            await together.wait()  # only two at once get past this
            if event.data == b"bad":
                raise ValueError("not this one")
            return b"answer to " + event.data

        await both.read(handle)
        for data in (b"good", b"bad"):
            await both.invoke(InvokeRequest("create", data, {"name": data.decode()}))
        async with asyncio.timeout(LIMIT):
            while len(acks := json.loads(await asked(both, "acks"))) < 2:
                await asyncio.sleep(0.02)
        assert sorted(acks, key=str) == [
            {"data": "", "error": "not this one"},
            {"data": "answer to good", "error": ""},
        ]
        await both.stop_reading()
        await both.read(handle)
        await both.close()

    asyncio.run(main())


# -- lives and deaths


def test_a_process_that_comes_back_is_initialised_again_before_it_is_asked(tmp_path: Path) -> None:
    socket = tmp_path / "shelf.sock"
    tmp_path.chmod(0o755)

    async def main() -> None:
        with component(socket) as first:
            output = await made(tmp_path, "bindings", OutputBinding)  # type: ignore[type-abstract]
            await output.init(Metadata({"k": "v"}))
            pid = (await output.invoke(InvokeRequest("get"))).metadata["pid"]
            first.popen.kill()
            await asyncio.to_thread(first.popen.wait)
            with pytest.raises(ComponentError, match="code = Unavailable"):
                await output.invoke(InvokeRequest("get"))
            with pytest.raises(ComponentError, match="code = Unavailable"):
                await output.ping()
        socket.unlink(missing_ok=True)
        with pytest.raises(ComponentError, match="the component's process is not there"):
            await output.invoke(InvokeRequest("get"))
        with component(socket):
            socket.chmod(0o755)
            async with asyncio.timeout(LIMIT):
                while True:
                    try:
                        again = await output.invoke(InvokeRequest("get"))
                        break
                    except ComponentError:  # the channel's back-off runs
                        await asyncio.sleep(0.05)
            assert again.metadata["pid"] != pid
            inits, _ = json.loads(await asked(output, "inits"))
            assert inits == [{"k": "v"}, {"k": "v"}]
            await output.ping()
        await output.close()

    asyncio.run(main())


def test_a_socket_that_has_changed_hands_is_not_used_again(tmp_path: Path) -> None:
    socket = tmp_path / "shelf.sock"
    tmp_path.chmod(0o755)

    async def main() -> None:
        with component(socket):
            secrets = await made(tmp_path, "secretstores", SecretStore)  # type: ignore[type-abstract]
            await secrets.init(Metadata({"secrets": "{}"}))
            assert isinstance(secrets, PluggableComponent)
        async with asyncio.timeout(LIMIT):
            while secrets.connection.channel.connection is not None:
                await asyncio.sleep(0.01)
        with component(socket):
            socket.chmod(0o777)
            with pytest.raises(ComponentError, match="is writable by everybody"):
                await secrets.get("x", {})
        await secrets.close()

    asyncio.run(main())


def test_a_subscription_goes_on_when_its_broker_comes_back(tmp_path: Path) -> None:
    socket = tmp_path / "shelf.sock"
    tmp_path.chmod(0o755)

    async def main() -> None:
        inbox = Inbox()
        with component(socket):
            broker = await made(tmp_path, "pubsub", PubSub)  # type: ignore[type-abstract]
            await broker.init(Metadata({}))
            subscription = await broker.subscribe("t", {}, inbox)
            await broker.publish(PublishRequest("t", b"before"))
            await inbox.wait(1)
        with component(socket):
            socket.chmod(0o755)
            async with asyncio.timeout(LIMIT):
                while True:
                    try:
                        await broker.publish(PublishRequest("t", b"after"))
                        break
                    except ComponentError:
                        await asyncio.sleep(0.05)
            assert await inbox.wait(2) == [b"before", b"after"]
            await subscription.close()
        await broker.close()

    asyncio.run(main())


def test_closing_while_the_broker_is_away_does_not_wait_for_it(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)

    async def main() -> None:
        with component(tmp_path / "shelf.sock"):
            broker = await made(tmp_path, "pubsub", PubSub)  # type: ignore[type-abstract]
            await broker.init(Metadata({}))
            await broker.subscribe("t", {}, Inbox())
        async with asyncio.timeout(3):
            await broker.close()

    asyncio.run(main())
