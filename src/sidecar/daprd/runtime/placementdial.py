"""The way to placement: which of several is next, and how its silence is noticed (actors-placement.md §3.3).

Only the leader serves, so every attempt takes the next address in turn. In a cluster there is one name for all of them,
which is resolved anew each time.

A stream that hangs must be given up before another leader may tell others that this sidecar's actors live elsewhere
(docs/placement.md). So placement is asked often. One that sends clients away for that, as the public project's does,
is asked half as often from then on; its own questions, two seconds apart, keep the connection from being silent.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Sequence
from typing import Final

from dapr_core.rpc.grpc import Channel, ChannelOptions, Code, GrpcError, KeepAlive

SERVICE: Final = "dapr-placement"
TABLE_LIMIT: Final = 64 << 20
"""Bytes that a placement table may have."""
CONNECT_TIMEOUT: Final = 5.0
"""Seconds: a name may lead to a pod that has just gone, and the next address may be a living one's."""
PROBING: Final = KeepAlive(interval=1.2, timeout=1.0)
"""Silence is noticed within 2.8 s."""

Secure = Callable[[ChannelOptions, str], ChannelOptions]
"""Gives the options by which only one service of the control plane is connected to."""


class PlacementDial:
    """Dials placement.

    Args:
        addresses: ``host:port`` of each.
        secure: see there; None where nothing is proved.
        resolve: whether the first address is one name for all (in a cluster).
    """

    def __init__(self, addresses: Sequence[str], secure: Secure | None, *, resolve: bool = False) -> None:
        self._addresses = addresses
        self._secure = secure
        self._resolve = resolve
        self._attempts = 0
        self._probing: dict[str, KeepAlive] = {}
        self._last: tuple[str, Channel] | None = None

    async def __call__(self) -> Channel:
        """A connected channel to the next of them. Raises ``GrpcError``."""
        self._learn()
        addresses = await self._resolved() if self._resolve else self._addresses
        address = addresses[self._attempts % len(addresses)]
        self._attempts += 1
        options = ChannelOptions(
            message_limit=TABLE_LIMIT,
            connect_timeout=CONNECT_TIMEOUT,
            keepalive=self._probing.get(address, PROBING),
        )
        channel = Channel(address, options if self._secure is None else self._secure(options, SERVICE))
        self._last = address, channel
        try:
            await channel.connect()
        except BaseException:
            await channel.close()
            raise
        return channel

    def _learn(self) -> None:
        """How often the last placement let itself be asked."""
        if self._last is not None:
            address, channel = self._last
            if channel.keepalive != PROBING:
                self._probing[address] = channel.keepalive

    async def _resolved(self) -> list[str]:
        host, _, port = self._addresses[0].rpartition(":")
        loop = asyncio.get_running_loop()
        try:
            found = await loop.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise GrpcError(Code.UNAVAILABLE, f"placement's name {host} does not resolve: {error}") from None
        hosts = sorted({info[4][0] for info in found})
        return [f"[{each}]:{port}" if ":" in each else f"{each}:{port}" for each in map(str, hosts)]
