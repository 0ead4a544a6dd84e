"""The gRPC project's interoperability cases: our server and client against each foreign implementation.

grpc-go brings its own programs; for grpc-js and grpc-java small peers stand in ``node`` and ``java``; grpcio, which is
C++ below, runs in a thread of this process. Each pairing runs in the clear and over TLS.
"""

from __future__ import annotations

import asyncio
import subprocess
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import grpc
import pytest
from support import foreign, interop
from support.authority import Authority, client_context, server_context, write
from support.ports import free_port
from support.processes import Process

from dapr_core.rpc.grpc import Channel, ChannelOptions, GrpcServer

pytestmark = pytest.mark.timeout(600)  # a cold machine builds the peers first


class Tls:
    """Certificates as files and as contexts."""

    def __init__(self, folder: Path) -> None:
        authority = Authority("ecdsa")
        pair = authority.leaf(kind="ecdsa")
        self.ca_text, self.pair = authority.pem, pair
        self.cert, self.key = write(folder, pair)
        self.ca = folder / "ca.pem"
        self.ca.write_text(authority.pem)


@pytest.fixture(params=["clear", "tls"])
def tls(request: pytest.FixtureRequest, tmp_path: Path) -> Tls | None:
    return Tls(tmp_path) if request.param == "tls" else None


@pytest.fixture
def descriptors(tmp_path: Path) -> Path:
    path = tmp_path / "testing.bin"
    path.write_bytes(interop.DESCRIPTORS)
    return path


# --- Our server, their client


@contextmanager
def our_server(tls: Tls | None) -> Iterator[int]:
    """Our server on a loop of its own; its port."""
    started: list[int] = []
    ready = threading.Event()
    stop: list[Callable[[], None]] = []

    async def main() -> None:
        loop, done = asyncio.get_running_loop(), asyncio.Event()
        server = GrpcServer()
        server.add_service(interop.TestService())
        options = {"ssl": server_context(tls.pair)} if tls is not None else {}
        (sock,) = await server.listen("127.0.0.1", 0, **options)
        started.append(sock.getsockname()[1])
        stop.append(lambda: loop.call_soon_threadsafe(done.set))
        ready.set()
        await done.wait()
        await server.stop(1.0)

    thread = threading.Thread(target=asyncio.run, args=(main(),))
    thread.start()
    try:
        assert ready.wait(10)
        yield started[0]
    finally:
        stop[0]()
        thread.join(10)


def results(command: list[str]) -> dict[str, str]:
    """What a client that runs every case says of each."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    lines = [line.split(" ", 1) for line in done.stdout.splitlines() if " " in line]
    assert lines, done.stderr
    return {line[0]: line[1] for line in lines}


def all_ok(found: dict[str, str]) -> None:
    assert found == dict.fromkeys(interop.CASES, "ok")


def test_grpc_go_calls_our_server(tls: Tls | None) -> None:
    client = foreign.go_program("client")
    with our_server(tls) as port:
        flags = (
            ["-use_tls", "-use_test_ca", f"-ca_file={tls.ca}", "-server_host_override=localhost"]
            if tls is not None
            else []
        )
        running = {
            name: subprocess.Popen(
                [client, "-server_host=localhost", f"-server_port={port}", f"-test_case={name}", *flags],
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
            for name in interop.CASES
        }
        found = {name: (process.communicate(timeout=60)[0], process.returncode) for name, process in running.items()}
    assert {name: output for name, (output, code) in found.items() if code} == {}


def test_grpc_js_calls_our_server(tls: Tls | None) -> None:
    folder = foreign.node_folder()
    with our_server(tls) as port:
        extra = [str(tls.ca)] if tls is not None else []
        all_ok(results(["node", str(folder / "client.js"), str(interop.PROTO), str(port), *extra]))


def test_grpc_java_calls_our_server(tls: Tls | None, descriptors: Path) -> None:
    java = foreign.java_command()
    with our_server(tls) as port:
        extra = [str(tls.ca)] if tls is not None else []
        all_ok(results([*java, "interop.Client", str(descriptors), str(port), *extra]))


# --- Our client, their server


def call_every_case(port: int, tls: Tls | None) -> None:
    """Our client runs every case and names those that fail."""

    async def main() -> dict[str, str]:
        context = client_context(tls.ca_text) if tls is not None else None
        channel = Channel(f"localhost:{port}", ChannelOptions(ssl=context))
        cases, found = interop.Cases(channel), {}
        for name in interop.CASES:
            try:
                await cases.run(name)
                found[name] = "ok"
            except Exception as error:
                found[name] = repr(error)
        await channel.close()
        return found

    all_ok(asyncio.run(main()))


@contextmanager
def their_server(command: list[str]) -> Iterator[int]:
    """A server that prints ``port N`` and runs until its input ends."""
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        try:
            line = process.stdout.readline()
            assert line.startswith("port "), line
            yield int(line.split()[1])
        finally:
            process.stdin.close()
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()


def test_we_call_grpc_go(tls: Tls | None) -> None:
    port = free_port()
    flags = ["-use_tls", f"-tls_cert_file={tls.cert}", f"-tls_key_file={tls.key}"] if tls is not None else []
    server = Process([foreign.go_program("server"), f"-port={port}", *flags])
    try:
        wait_for_port(port)
        call_every_case(port, tls)
    finally:
        server.terminate()


def wait_for_port(port: int) -> None:
    """Return once something listens there."""

    async def main() -> None:
        channel = Channel(f"localhost:{port}", ChannelOptions(backoff_base=0.02, backoff_max=0.05))
        async with asyncio.timeout(20):
            while True:
                try:
                    _, writer = await asyncio.open_connection("localhost", port)
                except OSError:
                    await asyncio.sleep(0.02)
                else:
                    writer.close()
                    break
        await channel.close()

    asyncio.run(main())


def test_we_call_grpc_js(tls: Tls | None) -> None:
    extra = [str(tls.cert), str(tls.key)] if tls is not None else []
    with their_server(["node", str(foreign.node_folder() / "server.js"), str(interop.PROTO), *extra]) as port:
        call_every_case(port, tls)


def test_we_call_grpc_java(tls: Tls | None, descriptors: Path) -> None:
    extra = [str(tls.cert), str(tls.key)] if tls is not None else []
    with their_server([*foreign.java_command(), "interop.Server", str(descriptors), *extra]) as port:
        call_every_case(port, tls)


# --- grpcio on both sides, TLS with ECDSA (its BoringSSL takes no Ed25519)


@asynccontextmanager
async def grpcio_echo(tls: Tls | None) -> AsyncIterator[int]:
    class Echo(grpc.GenericRpcHandler):  # type: ignore[misc]
        def service(self, details: Any) -> Any:
            return grpc.unary_unary_rpc_method_handler(self.unary)

        async def unary(self, request: bytes, context: Any) -> bytes:
            return interop.SimpleResponse(payload=interop.SimpleRequest.FromString(request).payload).SerializeToString()

    server = grpc.aio.server()
    server.add_generic_rpc_handlers((Echo(),))
    if tls is None:
        port = server.add_insecure_port("127.0.0.1:0")
    else:
        credentials = grpc.ssl_server_credentials([(tls.pair.key.encode(), tls.pair.cert.encode())])
        port = server.add_secure_port("127.0.0.1:0", credentials)
    await server.start()
    try:
        yield port
    finally:
        await server.stop(None)


def test_we_call_grpcio(tls: Tls | None) -> None:
    async def main() -> None:
        async with grpcio_echo(tls) as port:
            context = client_context(tls.ca_text) if tls is not None else None
            channel = Channel(f"localhost:{port}", ChannelOptions(ssl=context))
            request = interop.SimpleRequest(payload=interop.Payload(body=bytes(300_000)))
            answer = await interop.Cases(channel).unary(request)
            assert answer.payload == request.payload
            await channel.close()

    asyncio.run(main())


def test_grpcio_calls_our_server(tls: Tls | None) -> None:
    async def main(port: int) -> None:
        target = f"localhost:{port}"
        if tls is None:
            channel = grpc.aio.insecure_channel(target)
        else:
            channel = grpc.aio.secure_channel(target, grpc.ssl_channel_credentials(tls.ca_text.encode()))
        async with channel:
            call = channel.unary_unary(f"/{interop.SERVICE}/UnaryCall")
            request = interop.SimpleRequest(response_size=314159, payload=interop.Payload(body=bytes(271828)))
            answer = interop.SimpleResponse.FromString(await call(request.SerializeToString()))
            assert len(answer.payload.body) == 314159

    with our_server(tls) as port:
        asyncio.run(main(port))
