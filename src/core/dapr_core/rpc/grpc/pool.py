"""Channels by target and by who may be at the other end: made on demand, closed when nobody has used them for long."""

from __future__ import annotations

import asyncio

from dapr_core.rpc.grpc.client import Channel, ChannelOptions

_Key = str | tuple[str, ChannelOptions]


class ChannelPool:
    """Channels by target and options, made on demand, closed after ``idle`` seconds without a call.

    Options decide who may be at the other end and who we are there, so that two identities never share a connection.
    """

    def __init__(self, options: ChannelOptions | None = None, *, idle: float = 300.0) -> None:
        self.options = options or ChannelOptions()
        self._idle = idle
        self._channels: dict[_Key, Channel] = {}
        self._used: dict[_Key, float] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._closing: set[asyncio.Task[None]] = set()

    def get(self, target: str, options: ChannelOptions | None = None) -> Channel:
        """The channel of a target, with the pool's options or with others (another identity)."""
        loop = asyncio.get_running_loop()
        key: _Key = target if options is None else (target, options)
        self._used[key] = loop.time()
        channel = self._channels.get(key)
        if channel is None:
            channel = self._channels[key] = Channel(target, options or self.options)
            if self._timer is None:
                self._timer = loop.call_later(self._idle, self._sweep)
        return channel

    def _sweep(self) -> None:
        """Close what nobody has asked for lately; what still works on calls stays."""
        loop = asyncio.get_running_loop()
        horizon = loop.time() - self._idle
        for key, channel in list(self._channels.items()):
            if self._used[key] <= horizon and not channel.active:
                del self._channels[key], self._used[key]
                task = loop.create_task(channel.close(), name=f"close idle channel {channel.target}")
                self._closing.add(task)
                task.add_done_callback(self._closing.discard)
        self._timer = loop.call_later(self._idle, self._sweep) if self._channels else None

    async def close(self, grace: float = 0.0) -> None:
        """Close every channel (see ``Channel.close``)."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        channels = list(self._channels.values())
        self._channels.clear()
        self._used.clear()
        await asyncio.gather(*[channel.close(grace) for channel in channels], *self._closing)
