"""The Redis client against a real server, and against peers that misbehave."""

from __future__ import annotations

import asyncio
import gc
import signal
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import hiredis
import pytest
from support.ports import free_port
from support.redis_server import RedisServer, redis_server

from dapr_components.common.redis import (
    RedisClient,
    RedisError,
    RedisReplyError,
    RedisSettings,
    RedisTimeoutError,
    RedisUnavailableError,
    Script,
)
from dapr_components.contract import Metadata

FAST = {"redisMinRetryInterval": "5ms", "redisMaxRetryInterval": "20ms"}


@pytest.fixture(scope="module")
def server() -> Iterator[RedisServer]:
    with redis_server() as running:
        yield running


def run(address: str, use: Callable[[RedisClient], Awaitable[Any]], **fields: str) -> Any:
    async def main() -> Any:
        client = RedisClient(RedisSettings.from_metadata(Metadata({"redisHost": address, **FAST, **fields})))
        try:
            return await asyncio.wait_for(use(client), 20)
        finally:
            await client.close()

    result = asyncio.run(main())
    gc.collect()  # an exception nobody looked at would be reported here
    return result


def test_a_command_gives_its_reply(server: RedisServer) -> None:
    async def use(client: RedisClient) -> list[Any]:
        return [
            await client.execute(b"SET", "k", b"\x00\xff"),
            await client.execute(b"GET", "k"),
            await client.execute(b"GET", "none"),
            await client.execute(b"RPUSH", "list", 1, "zwei"),
            await client.execute(b"LRANGE", "list", 0, -1),
        ]

    assert run(server.address, use) == [b"OK", b"\x00\xff", None, 2, [b"1", b"zwei"]]


def test_replies_find_their_commands_whatever_the_load(server: RedisServer) -> None:
    async def use(client: RedisClient) -> None:
        async def echo(number: int) -> None:
            assert await client.execute(b"ECHO", number) == str(number).encode()

        await asyncio.gather(*(echo(number) for number in range(20_000)))

    run(server.address, use)


def test_commands_of_one_loop_turn_share_one_connection(server: RedisServer) -> None:
    async def use(client: RedisClient) -> int:
        ids = await asyncio.gather(*(client.execute(b"CLIENT", b"ID") for _ in range(50)))
        return len(set(ids))

    assert run(server.address, use) == 1


def test_a_refusal_is_raised_with_its_code(server: RedisServer) -> None:
    async def use(client: RedisClient) -> None:
        await client.execute(b"SET", "text", "x")
        with pytest.raises(RedisReplyError, match="wrong kind of value") as caught:
            await client.execute(b"HGET", "text", "f")
        assert caught.value.code == "WRONGTYPE"

    run(server.address, use)


def test_in_a_pipeline_a_refusal_takes_the_place_of_its_reply(server: RedisServer) -> None:
    async def use(client: RedisClient) -> list[Any]:
        return await client.pipeline([(b"SET", "p", 1), (b"HGET", "p", "f"), (b"INCR", "p")])

    ok, refused, two = run(server.address, use)
    assert (ok, type(refused), two) == (b"OK", hiredis.ReplyError, 2)


def test_a_script_is_sent_as_text_once(server: RedisServer) -> None:
    async def use(client: RedisClient) -> tuple[list[Any], bytes]:
        script = Script("return {KEYS[1], ARGV[1]} -- " + "sent once")
        await client.execute(b"CONFIG", b"RESETSTAT")
        replies = [await client.eval(script, ["k"], [n]) for n in range(3)]
        return replies, await client.execute(b"INFO", b"commandstats")

    replies, stats = run(server.address, use)
    assert replies == [[b"k", b"0"], [b"k", b"1"], [b"k", b"2"]]
    assert b"cmdstat_eval:calls=1," in stats


def test_a_blocking_command_on_its_own_connection_holds_nobody_up(server: RedisServer) -> None:
    async def use(client: RedisClient) -> Any:
        waiter = client.dedicated()
        blocked = asyncio.ensure_future(waiter.execute(b"BLPOP", "queue", 0))
        await client.execute(b"PING")
        await client.execute(b"RPUSH", "queue", "job")
        return await blocked

    assert run(server.address, use) == [b"queue", b"job"]


def test_closing_ends_what_is_blocked(server: RedisServer) -> None:
    async def use(client: RedisClient) -> None:
        waiter = client.dedicated()
        await waiter.ping()
        blocked = asyncio.ensure_future(waiter.execute(b"BLPOP", "nothing", 0))
        await asyncio.sleep(0)
        await client.close()
        with pytest.raises(RedisUnavailableError, match="closed"):
            await blocked

    run(server.address, use)


def test_a_cancelled_command_does_not_shift_the_replies(server: RedisServer) -> None:
    async def use(client: RedisClient) -> Any:
        await client.ping()
        lost = asyncio.ensure_future(client.execute(b"ECHO", "lost"))
        await asyncio.sleep(0)
        lost.cancel()
        return await client.execute(b"ECHO", "mine")

    assert run(server.address, use) == b"mine"


def test_the_database_is_selected(server: RedisServer) -> None:
    async def use(client: RedisClient) -> bytes:
        reply: bytes = await client.execute(b"CLIENT", b"INFO")
        return reply

    assert b" db=3 " in run(server.address, use, redisDB="3")


def test_user_and_password_log_in(server: RedisServer) -> None:
    server.command_line(b"ACL SETUSER alice on >s3cret ~* +@all")

    async def use(client: RedisClient) -> Any:
        return await client.execute(b"ACL", b"WHOAMI")

    assert run(server.address, use, redisUsername="alice", redisPassword="s3cret") == b"alice"


def test_nobody_listening_is_said_with_the_address() -> None:
    port = free_port()

    async def use(client: RedisClient) -> None:
        with pytest.raises(RedisUnavailableError, match=f"redis: connection refused at 127.0.0.1:{port}"):
            await client.ping()

    run(f"127.0.0.1:{port}", use)


def scripted(answer: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]) -> Callable[..., Any]:
    """Run ``use(client)`` against a peer that behaves as told."""

    def go(use: Callable[[RedisClient], Awaitable[Any]], **fields: str) -> Any:
        async def main() -> Any:
            async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                try:
                    await answer(reader, writer)
                except ConnectionError:
                    pass
                finally:
                    writer.close()

            peer = await asyncio.start_server(serve, "127.0.0.1", 0)
            port = peer.sockets[0].getsockname()[1]
            client = RedisClient(
                RedisSettings.from_metadata(Metadata({"redisHost": f"127.0.0.1:{port}", **FAST, **fields}))
            )
            try:
                return await asyncio.wait_for(use(client), 20)
            finally:
                await client.close()
                peer.close()
                await peer.wait_closed()

        return asyncio.run(main())

    return go


def test_silence_ends_in_a_time_out() -> None:
    async def mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async def use(client: RedisClient) -> None:
        with pytest.raises(RedisTimeoutError, match=r"no reply from .* within 0\.1s"):
            await client.ping()

    scripted(mute)(use, readTimeout="100", redisMaxRetries="-1")


def test_a_peer_that_never_accepts_the_login_ends_in_a_time_out() -> None:
    async def mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async def use(client: RedisClient) -> None:
        with pytest.raises(RedisTimeoutError, match="no connection"):
            await client.ping()

    scripted(mute)(use, dialTimeout="100", redisPassword="x", redisMaxRetries="-1")


@pytest.mark.parametrize("bytes_sent", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"+ONE\r\n+TWO\r\n", b"$-7\r\n"])
def test_a_peer_that_is_no_redis_is_an_error(bytes_sent: bytes) -> None:
    async def babble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(10)
        writer.write(bytes_sent)
        await reader.read()

    async def use(client: RedisClient) -> None:
        replies = [client.execute(b"PING"), client.execute(b"PING")]
        results = await asyncio.gather(*replies, return_exceptions=True)
        for _ in range(3):
            if any(isinstance(result, RedisError) for result in results):
                return
            results = await asyncio.gather(*(client.execute(b"PING") for _ in range(3)), return_exceptions=True)
        assert all(not isinstance(result, BaseException) or isinstance(result, RedisError) for result in results)

    scripted(babble)(use, redisMaxRetries="-1", readTimeout="200")


def test_a_broken_connection_is_tried_again_on_a_new_one() -> None:
    served = 0

    async def drops_twice(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal served
        served += 1
        await reader.readuntil(b"PING\r\n")
        if served > 2:
            writer.write(b"+PONG\r\n")
            await reader.read()

    async def use(client: RedisClient) -> Any:
        return await client.execute(b"PING")

    assert scripted(drops_twice)(use) == b"PONG"
    assert served == 3


def test_a_passing_refusal_is_tried_again() -> None:
    async def loading(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for reply in (b"-LOADING dataset\r\n", b"+PONG\r\n"):
            await reader.readuntil(b"PING\r\n")
            writer.write(reply)
        await reader.read()

    async def use(client: RedisClient) -> Any:
        return await client.execute(b"PING")

    assert scripted(loading)(use) == b"PONG"


def test_a_lasting_refusal_is_not_tried_again() -> None:
    asked = 0

    async def refuses(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal asked
        while True:
            await reader.readuntil(b"PING\r\n")
            asked += 1
            writer.write(b"-NOPERM no\r\n")

    async def use(client: RedisClient) -> None:
        with pytest.raises(RedisReplyError, match="NOPERM"):
            await client.ping()

    scripted(refuses)(use)
    assert asked == 1


def test_a_wrong_password_is_refused_without_naming_it() -> None:
    async def refuses(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"hunter2\r\n")
        writer.write(b"-WRONGPASS invalid username-password pair\r\n")
        await reader.read()

    async def use(client: RedisClient) -> None:
        with pytest.raises(RedisReplyError, match="refused the login: WRONGPASS") as caught:
            await client.ping()
        assert "hunter2" not in str(caught.value)

    scripted(refuses)(use, redisPassword="hunter2")


def test_a_server_that_is_killed_and_comes_back_is_found_again(tmp_path: Any) -> None:
    first = RedisServer(directory=tmp_path)
    first.wait_ready()

    async def use(client: RedisClient) -> bytes:
        await client.execute(b"SET", "kept", "yes")
        first.terminate(signal.SIGKILL)
        with pytest.raises(RedisUnavailableError):
            await client.execute(b"GET", "kept")
        second = RedisServer(port=first.port, directory=tmp_path)
        try:
            await asyncio.to_thread(second.wait_ready)
            reply: bytes = await client.execute(b"GET", "kept")
            return reply
        finally:
            second.terminate()

    assert run(first.address, use) == b"yes"


def test_sentinel_names_the_primary(server: RedisServer) -> None:
    async def sentinel(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"main\r\n")
        port = str(server.port).encode()
        writer.write(b"*2\r\n$9\r\n127.0.0.1\r\n$%d\r\n%s\r\n" % (len(port), port))
        await reader.read()

    async def use(client: RedisClient) -> Any:
        return await client.execute(b"ECHO", "through")

    assert scripted(sentinel)(use, failover="true", sentinelMasterName="main") == b"through"
