"""gRPC under TLS: versions, kinds of keys, mutual authentication by SPIFFE id, and certificates exchanged in flight."""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Awaitable, Callable
from typing import Any, cast

import pytest
import uvloop
from support.authority import KINDS, Authority, client_context, server_context

from dapr_core.identity.tls import switching_context
from dapr_core.rpc.grpc import (
    CallListener,
    Channel,
    ChannelOptions,
    Code,
    GrpcError,
    GrpcServer,
    ResponseListener,
    ServerStream,
    Status,
)
from dapr_core.rpc.h2.protocol import PART, Admission, H2Protocol, _write_in_parts

ROOT = Authority()
APP = "spiffe://public/ns/default/app"
OTHER = "spiffe://public/ns/default/other"
_new_loop: Callable[[], asyncio.AbstractEventLoop] = asyncio.new_event_loop


@pytest.fixture(params=[asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"], autouse=True)
def every_loop(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test holds on both loops."""
    monkeypatch.setitem(globals(), "_new_loop", request.param)


class WhoAmI(CallListener):
    """Answers with the id that its caller has proved."""

    __slots__ = ("stream",)

    def __init__(self, stream: ServerStream) -> None:
        self.stream = stream

    def on_end(self) -> None:
        self.stream.send_message((self.stream.peer.spiffe_id or "nobody").encode())
        self.stream.finish()


class Answer(ResponseListener):
    def __init__(self) -> None:
        self.message = b""
        self.done: asyncio.Future[Status] = asyncio.get_running_loop().create_future()

    def on_message(self, message: bytes) -> None:
        self.message = message

    def on_close(self, status: Status) -> None:
        self.done.set_result(status)


async def ask(channel: Channel) -> str:
    """One call; who we are in the server's eyes. Raises GrpcError."""
    answer = Answer()
    (await channel.connect()).start("/s/WhoAmI", (), answer).send_message(b"", end=True)
    status = await answer.done
    if not status.ok:
        raise GrpcError.of(status)
    return answer.message.decode()


def accept(*ids: str) -> Callable[[Any], None]:
    """A policy: only these ids may be at the other end."""

    def admit(tls: Any) -> None:
        names = [value for kind, value in tls.getpeercert().get("subjectAltName", ()) if kind == "URI"]
        if names not in [[identity] for identity in ids]:
            raise ConnectionError(f"unexpected ID {names}")

    return admit


def serve(
    context: ssl.SSLContext, test: Callable[[str], Awaitable[None]], admit: Callable[[Any], None] | None = None
) -> None:
    async def main() -> None:
        server = GrpcServer(admit=admit)
        server.register("/s/WhoAmI", WhoAmI)
        (sock,) = await server.listen("127.0.0.1", 0, ssl=context)
        try:
            async with asyncio.timeout(20):
                await test(f"127.0.0.1:{sock.getsockname()[1]}")
        finally:
            await server.stop(0)

    with asyncio.Runner(loop_factory=_new_loop) as runner:
        runner.run(main())


def options(context: ssl.SSLContext, **others: Any) -> ChannelOptions:
    return ChannelOptions(ssl=context, backoff_base=0.01, connect_timeout=5, **others)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=["TLS 1.2", "TLS 1.3"])
def test_both_ends_prove_who_they_are_with_every_kind_of_key(kind: str, version: ssl.TLSVersion) -> None:
    root = Authority(kind)
    context = server_context(root.leaf(OTHER, kind=kind), ca=root.pem)
    mine = client_context(root.pem, root.leaf(APP, kind=kind))
    mine.minimum_version = mine.maximum_version = version

    async def test(address: str) -> None:
        channel = Channel(address, options(mine, admit=accept(OTHER)))
        assert await ask(channel) == APP
        await channel.close()

    serve(context, test, accept(APP))


def test_older_versions_are_not_spoken() -> None:
    old = client_context(ROOT.pem)
    old.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        old.maximum_version = ssl.TLSVersion.TLSv1_1

    async def test(address: str) -> None:
        channel = Channel(address, options(old))
        with pytest.raises(GrpcError) as raised:
            await ask(channel)
        assert raised.value.code is Code.UNAVAILABLE
        await channel.close()

    serve(server_context(ROOT.leaf()), test)


def refused(client: ssl.SSLContext, policy: Callable[[Any], None] | None = None, **others: Any) -> str:
    """Why a client cannot call a server that demands certificates of ROOT; fails if it can."""
    texts: list[str] = []

    async def test(address: str) -> None:
        channel = Channel(address, options(client, **others))
        with pytest.raises(GrpcError) as raised:
            await ask(channel)
        assert raised.value.code is Code.UNAVAILABLE
        texts.append(raised.value.message)
        await channel.close()

    serve(server_context(ROOT.leaf(OTHER), ca=ROOT.pem), test, policy)
    return texts[0]


def test_a_client_without_a_certificate_is_refused() -> None:
    refused(client_context(ROOT.pem))


def test_a_client_of_another_authority_is_refused() -> None:
    refused(client_context(ROOT.pem, Authority().leaf(APP)))


def test_a_client_that_the_policy_does_not_name_is_refused() -> None:
    refused(client_context(ROOT.pem, ROOT.leaf(OTHER)), accept(APP))


@pytest.mark.parametrize("uris", [(), (APP, OTHER)], ids=["none", "two"])
def test_a_certificate_must_hold_one_id(uris: tuple[str, ...]) -> None:
    refused(client_context(ROOT.pem, ROOT.leaf(*uris)), accept(APP))


def test_a_server_that_is_not_the_one_called_is_refused_before_a_byte() -> None:
    text = refused(client_context(ROOT.pem, ROOT.leaf(APP)), accept(APP), admit=accept(APP))
    assert "transport: authentication handshake failed: unexpected ID" in text


def test_a_server_of_another_name_is_refused_where_names_count() -> None:
    text = refused(client_context(ROOT.pem, ROOT.leaf(APP)), server_hostname="elsewhere.test")
    assert "certificate" in text.lower()


def test_several_ids_prove_none() -> None:
    async def test(address: str) -> None:
        channel = Channel(address, options(client_context(ROOT.pem, ROOT.leaf(APP, OTHER))))
        assert await ask(channel) == "nobody"
        await channel.close()

    serve(server_context(ROOT.leaf(), ca=ROOT.pem), test)


def test_certificates_are_exchanged_under_a_live_server_and_no_connection_drops() -> None:
    new_root, fresh = Authority("ed25519"), "spiffe://public/ns/default/fresh"
    context = switching_context(server_context(ROOT.leaf(OTHER), ca=ROOT.pem))
    mine = client_context(ROOT.pem, ROOT.leaf(APP))
    theirs = client_context(new_root.pem, new_root.leaf(APP, kind="ed25519"))

    async def test(address: str) -> None:
        before = Channel(address, options(mine, admit=accept(OTHER)))
        assert await ask(before) == APP
        connection = before.connection
        context.switch(server_context(new_root.leaf(fresh, kind="ed25519"), ca=new_root.pem))
        after = Channel(address, options(theirs, admit=accept(fresh)))
        assert await ask(after) == APP
        late = Channel(address, options(mine))
        with pytest.raises(GrpcError):
            await ask(late)
        await late.close()
        assert await ask(before) == APP
        assert before.connection is connection
        await before.close()
        await after.close()

    serve(context.front, test)


def test_a_renewed_identity_is_shown_from_the_next_connection_on() -> None:
    """The context is asked for when a connection is made, and never before."""
    shown = [client_context(ROOT.pem, ROOT.leaf(APP))]

    async def test(address: str) -> None:
        channel = Channel(address, ChannelOptions(ssl=lambda: shown[-1], backoff_base=0.01, connect_timeout=5))
        assert await ask(channel) == APP
        shown.append(client_context(ROOT.pem, ROOT.leaf(OTHER)))
        assert await ask(channel) == APP
        assert channel.connection is not None
        channel.connection.leave()
        assert await ask(channel) == OTHER
        await channel.close()

    serve(server_context(ROOT.leaf(), ca=ROOT.pem), test)


class Stay(Admission):
    """Notes how long a connection lived; ``connection`` is what it may end."""

    def __init__(self) -> None:
        self.connection: H2Protocol | None = None
        self.gone = asyncio.Event()

    def begun(self, connection: H2Protocol) -> None:
        self.connection = connection

    def over(self) -> None:
        self.gone.set()


class Slow(WhoAmI):
    """Answers once it is allowed to."""

    __slots__ = ()
    allowed: asyncio.Event

    def on_end(self) -> None:
        async def later() -> None:
            await self.allowed.wait()
            WhoAmI.on_end(self)

        self.stream.server.loop.create_task(later())


@pytest.mark.parametrize("side", ["client", "server"])
def test_who_let_a_peer_in_may_end_the_connection_without_losing_a_call(side: str) -> None:
    stays: list[Stay] = []

    def admit(_: Any) -> Stay:
        stays.append(Stay())
        return stays[-1]

    async def main() -> None:
        Slow.allowed = asyncio.Event()
        server = GrpcServer(admit=admit if side == "server" else None)
        server.register("/s/WhoAmI", WhoAmI)
        server.register("/s/Slow", Slow)
        (sock,) = await server.listen("127.0.0.1", 0, ssl=server_context(ROOT.leaf(), ca=ROOT.pem))
        mine = options(client_context(ROOT.pem, ROOT.leaf(APP)), admit=admit if side == "client" else None)
        channel = Channel(f"127.0.0.1:{sock.getsockname()[1]}", mine)
        async with asyncio.timeout(20):
            slow, first = Answer(), await channel.connect()
            first.start("/s/Slow", (), slow).send_message(b"", end=True)
            assert await ask(channel) == APP
            assert stays[0].connection is not None
            stays[0].connection.leave()
            while channel.connection is first:  # until a server's GOAWAY is here
                await asyncio.sleep(0.01)
            assert await ask(channel) == APP
            assert len(stays) == 2
            assert not stays[0].gone.is_set()
            Slow.allowed.set()
            assert (await slow.done).ok
            assert slow.message == APP.encode()
            await stays[0].gone.wait()
            assert stays[1].connection is not None
            stays[1].connection.close("time is up")
            await stays[1].gone.wait()
        await channel.close()
        await server.stop(0)

    with asyncio.Runner(loop_factory=_new_loop) as runner:
        runner.run(main())


def test_who_does_not_begin_as_http2_begins_is_told_of() -> None:
    heard: list[str] = []

    async def main() -> None:
        server = GrpcServer(handshake_timeout=0.2)
        server.register("/s/WhoAmI", WhoAmI)
        server.on_stranger = heard.append
        (sock,) = await server.listen("127.0.0.1", 0)
        address = sock.getsockname()
        async with asyncio.timeout(20):
            for hello in (bytes([0x16, 3, 1]), b"GET / HTTP/1.1\r\n\r\n", b""):
                reader, writer = await asyncio.open_connection(*address)
                writer.write(hello)
                with contextlib.suppress(ConnectionError):
                    await reader.read()
                writer.close()
            channel = Channel(f"127.0.0.1:{address[1]}", ChannelOptions())
            await ask(channel)
            await channel.close()
        await server.stop(0)

    with asyncio.Runner(loop_factory=_new_loop) as runner:
        runner.run(main())
    assert [text.partition(": ")[2] or text for text in heard] == [
        "a TLS handshake, where clear text is spoken",
        "not an HTTP/2 preface",
        "peer did not begin HTTP/2 in time",
    ]


def test_a_handshake_that_never_ends_is_given_up() -> None:
    async def main() -> bytes:
        server = GrpcServer(handshake_timeout=0.2)
        bound = socket.create_server(("127.0.0.1", 0))
        await server.listen_on(bound, tls=server_context(ROOT.leaf()))
        reader, _ = await asyncio.open_connection(*bound.getsockname())
        async with asyncio.timeout(10):
            try:
                return await reader.read()
            except ConnectionError:
                return b""
            finally:
                await server.stop(0)

    with asyncio.Runner(loop_factory=_new_loop) as runner:
        assert runner.run(main()) == b""


class Writes:
    """A transport as far as it is written to."""

    def __init__(self) -> None:
        self.seen: list[bytes] = []

    def write(self, data: bytes | memoryview) -> None:
        self.seen.append(bytes(data))


@pytest.mark.parametrize("size", [1, PART, PART + 1, 5 * PART - 1])
def test_what_is_long_is_encrypted_in_parts_for_a_connection_keeps_the_memory_of_the_longest(size: int) -> None:
    transport, data = Writes(), bytes(range(256)) * (size // 256 + 1)
    _write_in_parts(cast(asyncio.Transport, transport), data[:size])
    assert b"".join(transport.seen) == data[:size]
    assert max(map(len, transport.seen)) <= PART


def test_a_long_answer_arrives_whole() -> None:
    context = server_context(ROOT.leaf(OTHER), ca=ROOT.pem)
    long = bytes(range(256)) * 8_000

    class Long(CallListener):
        def __init__(self, stream: ServerStream) -> None:
            self.stream = stream

        def on_end(self) -> None:
            self.stream.send_message(long)
            self.stream.finish()

    async def main() -> None:
        server = GrpcServer()
        server.register("/s/Long", Long)
        (sock,) = await server.listen("127.0.0.1", 0, ssl=context)
        channel = Channel(f"127.0.0.1:{sock.getsockname()[1]}", options(client_context(ROOT.pem, ROOT.leaf(APP))))
        answer = Answer()
        (await channel.connect()).start("/s/Long", (), answer).send_message(b"", end=True)
        assert (await asyncio.wait_for(answer.done, 20)).ok
        assert answer.message == long
        await channel.close()
        await server.stop(0)

    with asyncio.Runner(loop_factory=_new_loop) as runner:
        runner.run(main())
