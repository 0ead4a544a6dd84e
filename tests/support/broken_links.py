"""A TCP proxy whose link can be cut and slowed: a network between two processes of one machine.

A link that is cut swallows what is sent, as a network does whose cable was pulled: nobody is told. What was swallowed
is gone, so connections that lived through it are closed when it heals; those that came meanwhile waited for it.
"""

from __future__ import annotations

import asyncio
import contextlib

_CHUNK = 1 << 16


class Link:
    """One way from a port of its own to ``target``; start and close it inside the loop."""

    def __init__(self, target: int) -> None:
        self.port = 0
        self.delay = 0.0
        """Seconds that each piece of data takes longer."""
        self._target = target
        self._whole = asyncio.Event()
        self._whole.set()
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self._doomed: set[asyncio.StreamWriter] = set()
        self._serving: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        assert self._server is not None
        self._server.close()
        self.heal()
        for writer in list(self._open):
            writer.transport.abort()
        if self._serving:
            await asyncio.wait(self._serving)

    def cut(self) -> None:
        """Swallow everything from now on."""
        self._whole.clear()
        self._doomed |= self._open

    def heal(self) -> None:
        """Let new connections through, and end those that lost data."""
        self._whole.set()
        for writer in self._doomed:
            writer.transport.abort()
        self._doomed.clear()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._serving.add(task)
        self._open.add(writer)
        ends = [writer]
        try:
            await self._whole.wait()
            there, back = await asyncio.open_connection("127.0.0.1", self._target)
            ends.append(back)
            self._open.add(back)
            ways = [asyncio.ensure_future(self._pass(reader, back)), asyncio.ensure_future(self._pass(there, writer))]
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            for way in ways:
                way.cancel()
            await asyncio.wait(ways)
        except OSError:
            pass  # nobody listens there now; the one who came sees its connection end
        finally:
            for end in ends:
                self._open.discard(end)
                self._doomed.discard(end)
                end.transport.abort()
                with contextlib.suppress(OSError):
                    await end.wait_closed()
            self._serving.discard(task)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(_CHUNK):
                if self.delay:
                    await asyncio.sleep(self.delay)
                if writer in self._doomed:
                    continue
                writer.write(data)
                await writer.drain()
            if writer in self._doomed:
                await self._whole.wait()  # the end of a connection is not told either
