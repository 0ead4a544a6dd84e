"""The Redis client's bounds on memory, and its TLS."""

from __future__ import annotations

import asyncio
import dataclasses
import datetime
import ssl
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from dapr_components.common.redis import RedisClient, RedisError, RedisSettings
from dapr_components.contract import Metadata

FAST = {"redisMaxRetries": "-1", "readTimeout": "2s", "dialTimeout": "2s"}


async def pong(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answers every PING."""
    try:
        while await reader.readuntil(b"PING\r\n"):
            writer.write(b"+PONG\r\n")
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


def against(
    serve: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
    use: Callable[[RedisClient], Awaitable[Any]],
    *,
    tls: ssl.SSLContext | None = None,
    max_in_flight: int = 8192,
    **fields: str,
) -> Any:
    """Run ``use(client)`` with ``serve`` on the other side."""

    async def main() -> Any:
        server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
        port = server.sockets[0].getsockname()[1]
        settings = RedisSettings.from_metadata(Metadata({"redisHost": f"localhost:{port}", **FAST, **fields}))
        client = RedisClient(dataclasses.replace(settings, max_in_flight=max_in_flight))
        try:
            return await asyncio.wait_for(use(client), 20)
        finally:
            await client.close()
            server.close()
            await server.wait_closed()

    return asyncio.run(main())


def test_no_more_commands_are_in_flight_than_the_bound() -> None:
    unanswered = most = 0

    async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal unanswered, most
        try:
            while True:
                data = await reader.read(65536)
                if not data:
                    break
                unanswered += data.count(b"PING")
                most = max(most, unanswered)
                await asyncio.sleep(0.002)
                writer.write(b"+PONG\r\n" * unanswered)
                unanswered = 0
        finally:
            writer.close()

    async def use(client: RedisClient) -> list[Any]:
        return await asyncio.gather(*(client.execute(b"PING") for _ in range(100)))

    assert against(slow, use, max_in_flight=8) == [b"PONG"] * 100
    assert 1 < most <= 8


def test_commands_that_wait_for_room_fail_with_the_connection() -> None:
    async def hangs_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"PING\r\n")
        await asyncio.sleep(0.01)
        writer.close()

    async def use(client: RedisClient) -> list[Any]:
        return await asyncio.gather(*(client.execute(b"PING") for _ in range(20)), return_exceptions=True)

    results = against(hangs_up, use, max_in_flight=2)
    assert len(results) == 20
    assert all(isinstance(result, RedisError) for result in results)


@pytest.fixture(scope="module")
def pem(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for ``localhost`` and its key, as files."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    directory = tmp_path_factory.mktemp("pem")
    cert_file, key_file = directory / "cert.pem", directory / "key.pem"
    cert_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return cert_file, key_file


def server_context(pem: tuple[Path, Path], *, asks_for_certificate: bool = False) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*pem)
    if asks_for_certificate:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(pem[0])
    return context


async def ping(client: RedisClient) -> Any:
    return await client.execute(b"PING")


def test_tls_refuses_a_certificate_it_does_not_know(pem: tuple[Path, Path]) -> None:
    with pytest.raises(RedisError, match="certificate verify failed"):
        against(pong, ping, tls=server_context(pem), enableTLS="true")


def test_tls_takes_any_certificate_when_told_so(pem: tuple[Path, Path]) -> None:
    got = against(pong, ping, tls=server_context(pem), enableTLS="true", insecureSkipTLSVerify="true")
    assert got == b"PONG"


def test_the_client_shows_its_certificate(pem: tuple[Path, Path]) -> None:
    got = against(
        pong,
        ping,
        tls=server_context(pem, asks_for_certificate=True),
        enableTLS="true",
        insecureSkipTLSVerify="true",
        clientCert=pem[0].read_text(),
        clientKey=pem[1].read_text(),
    )
    assert got == b"PONG"


def test_a_certificate_that_is_none_is_named_by_its_field(pem: tuple[Path, Path]) -> None:
    with pytest.raises(RedisError, match="'clientCert' and 'clientKey' are no matching PEM pair"):
        against(pong, ping, tls=server_context(pem), enableTLS="true", clientCert="x", clientKey="y")
