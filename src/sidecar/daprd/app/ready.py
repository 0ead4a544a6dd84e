"""Waiting for the application to listen on its port (api.md §7.1)."""

from __future__ import annotations

import asyncio
import logging
import ssl
from typing import Final

from dapr_core.rpc.tls import client_context

_log = logging.getLogger("dapr.runtime")

_DIAL_TIMEOUT: Final = 0.5
_PAUSE: Final = 0.1
_REMIND_EVERY: Final = 100

TLS_PROTOCOLS: Final = frozenset({"https", "grpcs"})


async def wait_for_app(host: str, port: int, protocol: str, *, pause: float = _PAUSE) -> None:
    """Return once the port accepts connections (and speaks TLS, for protocols over it). Waits for ever.

    Args:
        host: ``--app-channel-address``.
        pause: seconds between two attempts.
    """
    _log.info(
        "application protocol: %s. waiting on port %d.  This will block until the app is listening on that port.",
        protocol,
        port,
    )
    context = client_context(verify=False) if protocol in TLS_PROTOCOLS else None
    attempts = 0
    while not await _accepts(host, port, context):
        attempts += 1
        if attempts % _REMIND_EVERY == 0:
            _log.info("waiting for application to listen on port %d", port)
        await asyncio.sleep(pause)
    _log.info("application discovered on port %d", port)


async def _accepts(host: str, port: int, context: ssl.SSLContext | None) -> bool:
    try:
        async with asyncio.timeout(_DIAL_TIMEOUT):
            _, writer = await asyncio.open_connection(host, port, ssl=context)
    except (OSError, TimeoutError):
        return False
    writer.close()
    try:
        await writer.wait_closed()
    except OSError:
        _log.debug("the app closed its side first")
    return True
