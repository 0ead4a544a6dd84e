"""Redis is killed and comes back under load: documented errors, nothing hangs, nothing acknowledged is lost."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

import pytest
from support.ports import free_port
from support.redis_server import RedisServer

from dapr_components.contract import ComponentContext, ComponentError, Metadata
from dapr_components.state.contract import DeleteRequest, SetRequest
from dapr_components.state.redis import RedisStateStore

CONTEXT = ComponentContext(name="store", type="state.redis", version="v1", app_id="app")
FAST = {"redisMinRetryInterval": "5ms", "redisMaxRetryInterval": "20ms", "readTimeout": "1s"}


def test_a_store_that_nobody_serves_does_not_start_and_says_where() -> None:
    port = free_port()

    async def main() -> None:
        store = RedisStateStore(CONTEXT)
        try:
            with pytest.raises(ComponentError, match=f"redis: connection refused at 127.0.0.1:{port}"):
                await store.init(Metadata({"redisHost": f"127.0.0.1:{port}", **FAST}))
        finally:
            await store.close()

    asyncio.run(main())


def test_killed_and_restarted_under_load_it_recovers_and_loses_nothing_acknowledged(tmp_path: Path) -> None:
    first = RedisServer(directory=tmp_path, options=("--appendfsync", "always"))
    first.wait_ready()

    async def main() -> None:
        store = RedisStateStore(CONTEXT)
        await store.init(Metadata({"redisHost": first.address, **FAST}))
        acknowledged: dict[str, bytes] = {}
        errors: list[ComponentError] = []
        stop = asyncio.Event()

        async def write(worker: int) -> None:
            number = 0
            while not stop.is_set():
                number += 1
                key, value = f"w{worker}", str(number).encode()
                try:
                    await asyncio.wait_for(store.set(SetRequest(key, value, is_json=True)), 10)
                except ComponentError as error:
                    errors.append(error)
                else:
                    acknowledged[key] = value

        workers = [asyncio.ensure_future(write(number)) for number in range(16)]
        while len(acknowledged) < 16:
            await asyncio.sleep(0.01)
        await asyncio.to_thread(first.terminate, signal.SIGKILL)
        while not errors:
            await asyncio.sleep(0.01)
        second = RedisServer(port=first.port, directory=tmp_path, options=("--appendfsync", "always"))
        try:
            await asyncio.to_thread(second.wait_ready)
            before = dict(acknowledged)
            while any(acknowledged[key] == value for key, value in before.items()):
                await asyncio.sleep(0.01)
            stop.set()
            await asyncio.gather(*workers)
            for key, value in acknowledged.items():
                # A write whose acknowledgement was lost may have been carried out after it.
                found = (await store.get(key, metadata={})).data
                assert found is not None
                assert int(found) >= int(value)
            # Gone, or back but still reading its data.
            strange = [text for text in map(str, errors) if not text.startswith(("redis: ", "LOADING "))]
            assert not strange
        finally:
            stop.set()
            await asyncio.gather(*workers)
            await store.close()
            second.terminate()

    asyncio.run(asyncio.wait_for(main(), 60))


def test_while_it_is_away_every_operation_fails_in_bounded_time() -> None:
    server = RedisServer()
    server.wait_ready()

    async def main() -> None:
        store = RedisStateStore(CONTEXT)
        await store.init(Metadata({"redisHost": server.address, **FAST}))
        await asyncio.to_thread(server.terminate, signal.SIGKILL)
        operations = [
            store.get("k", metadata={}),
            store.set(SetRequest("k", b"1")),
            store.delete(DeleteRequest("k")),
            store.transact([SetRequest("k", b"1")], metadata={}),
            store.ping(),
        ]
        results = await asyncio.wait_for(asyncio.gather(*operations, return_exceptions=True), 5)
        assert all(isinstance(result, ComponentError) for result in results), results
        items = await asyncio.wait_for(store.bulk_get(["a", "b"], metadata={}), 5)
        assert all("redis: " in item.error for item in items)
        await store.close()

    asyncio.run(main())


def test_a_server_that_stops_answering_ends_in_a_time_out_and_is_found_again() -> None:
    server = RedisServer()
    server.wait_ready()

    async def main() -> None:
        store = RedisStateStore(CONTEXT)
        fields = {**FAST, "readTimeout": "200ms", "dialTimeout": "200ms", "redisMaxRetries": "1"}
        await store.init(Metadata({"redisHost": server.address, **fields}))
        server.popen.send_signal(signal.SIGSTOP)
        try:
            with pytest.raises(ComponentError, match=r"redis: no (reply|connection)"):
                await asyncio.wait_for(store.get("k", metadata={}), 5)
        finally:
            server.popen.send_signal(signal.SIGCONT)
        await asyncio.wait_for(store.set(SetRequest("k", b"1")), 5)
        assert (await store.get("k", metadata={})).data == b"1"
        await store.close()

    try:
        asyncio.run(main())
    finally:
        server.terminate()
