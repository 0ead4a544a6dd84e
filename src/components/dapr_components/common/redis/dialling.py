"""Open a connection and log in: TCP or TLS, AUTH, SELECT; with Sentinel, ask first who the primary is."""

from __future__ import annotations

import asyncio
import ssl
import tempfile

import hiredis

from dapr_components.common.redis.connection import Command, RedisConnection, describe
from dapr_components.common.redis.errors import RedisReplyError, RedisTimeoutError, RedisUnavailableError
from dapr_components.common.redis.settings import RedisSettings

Address = tuple[str, int]


async def dial(settings: RedisSettings, read_timeout: float | None) -> RedisConnection:
    """A connection that is logged in and ready.

    Raises:
        RedisUnavailableError: nobody answers there, or not in time.
        RedisReplyError: the server refuses the user, the password or the database.
    """
    try:
        async with asyncio.timeout(settings.dial_timeout):
            return await _dial(settings, read_timeout)
    except TimeoutError:
        host, port = settings.addresses[0]
        raise RedisTimeoutError(f"redis: no connection to {host}:{port} within {settings.dial_timeout:g}s") from None


async def _dial(settings: RedisSettings, read_timeout: float | None) -> RedisConnection:
    context = tls_context(settings) if settings.tls else None
    address = await _primary(settings, context) if settings.sentinel_master else settings.addresses[0]
    hello = _login(settings.username, settings.password)
    if settings.db:
        hello.append((b"SELECT", settings.db))
    return await _open(address, context, hello, read_timeout, settings.max_in_flight)


async def _open(
    address: Address, context: ssl.SSLContext | None, hello: list[Command], read_timeout: float | None, bound: int
) -> RedisConnection:
    host, port = address
    peer = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    loop = asyncio.get_running_loop()
    try:
        _, connection = await loop.create_connection(
            lambda: RedisConnection(peer, read_timeout, bound),
            host,
            port,
            ssl=context,
            server_hostname=host if context is not None else None,
        )
    except OSError as error:
        raise RedisUnavailableError(f"redis: {describe(error)} at {peer}") from error
    try:
        for future in connection.send_many(hello):
            reply = await future
            if isinstance(reply, hiredis.ReplyError):
                raise RedisReplyError(str(reply), context=f"redis: {peer} refused the login: ")
    except BaseException:
        connection.close()
        raise
    return connection


def _login(username: str, password: str) -> list[Command]:
    if username and password:
        return [(b"AUTH", username, password)]
    return [(b"AUTH", password)] if password else []


async def _primary(settings: RedisSettings, context: ssl.SSLContext | None) -> Address:
    """The primary that the first answering Sentinel names."""
    login = _login(settings.sentinel_username, settings.sentinel_password)
    failure: Exception | None = None
    for address in settings.addresses:
        try:
            sentinel = await _open(address, context, login, settings.read_timeout, settings.max_in_flight)
        except (RedisUnavailableError, RedisReplyError) as error:
            failure = error
            continue
        try:
            reply = await sentinel.send((b"SENTINEL", b"get-master-addr-by-name", settings.sentinel_master))
        except RedisUnavailableError as error:
            failure = error
            continue
        finally:
            sentinel.close()
        if isinstance(reply, list) and len(reply) == 2:
            return reply[0].decode(), int(reply[1])
        failure = RedisUnavailableError(
            f"redis: sentinel {sentinel.peer} knows no primary named {settings.sentinel_master!r}"
        )
    assert failure is not None
    raise failure


def tls_context(settings: RedisSettings) -> ssl.SSLContext:
    """The client's TLS settings. Raises ``RedisUnavailableError`` when certificate or key cannot be read."""
    context = ssl.create_default_context()
    if settings.tls_skip_verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if settings.client_cert:
        with tempfile.NamedTemporaryFile(prefix="dapr-", suffix=".pem") as file:  # mode 0600; ssl reads files only
            file.write(f"{settings.client_cert}\n{settings.client_key}\n".encode())
            file.flush()
            try:
                context.load_cert_chain(file.name)
            except ssl.SSLError as error:
                raise RedisUnavailableError(
                    f"redis: metadata fields 'clientCert' and 'clientKey' are no matching PEM pair: {error.reason}"
                ) from error
    return context
