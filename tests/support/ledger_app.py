"""A program: an application whose actors enter the ids of their calls into a ledger, each id once.

An actor keeps ``{"version": n, "ids": [...]}`` under its state, and beside it how many ids there are, both written in
one transaction. The version counts the writes, as Redis does, so it is the ETag of the next one. What an actor has read
it keeps in memory until it is deactivated, as SDKs do; a write that is refused makes it read again.

Whatever happens is noted with the machine's monotonic time in a file, a line each, which outlives ``kill -9``: begin
and end of each turn (``B``, ``E``), and what became of each write (``W``). See ``support.ledger`` for their reader.

    python ledger_app.py --port 8088 --sidecar 3500 --notes notes.txt --name host-1 --types Cat,Dog
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import time
from itertools import count
from typing import Any

import aiohttp
from aiohttp import web

NEVER_WRITTEN = "-1"
"""An ETag that fits no version: a write with it succeeds only where there is nothing yet."""
REFUSED = "failed to set key"
"""How Redis tells that an ETag of a transaction does not fit."""
TRIES = 3
LONGEST = 0.02
"""Seconds of work in one turn, at most."""
PATIENCE = 20.0


class RefusedError(Exception):
    """Somebody else has written since this actor read."""


class Notes:
    """The file. Every line is with the kernel before the next thing happens."""

    def __init__(self, path: str) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def add(self, kind: str, actor: str, *rest: object) -> None:
        line = " ".join([kind, repr(time.monotonic()), actor, *map(str, rest)])
        os.write(self._file, line.encode() + b"\n")


class Ledger:
    """The actors of this process, and what they remember."""

    def __init__(self, name: str, types: list[str], sidecar: int, notes: Notes) -> None:
        self.name = name
        self._types = types
        self._state = f"http://127.0.0.1:{sidecar}/v1.0/actors"
        self._notes = notes
        self._turns = count()
        self._running: dict[str, asyncio.Task[Any]] = {}
        self._memory: dict[str, dict[str, Any]] = {}
        self._session: aiohttp.ClientSession | None = None

    async def start(self, _: web.Application) -> None:
        self._session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=PATIENCE), connector=aiohttp.TCPConnector(limit=0)
        )

    async def stop(self, _: web.Application) -> None:
        assert self._session is not None
        await self._session.close()

    async def configuration(self, _: web.Request) -> web.Response:
        return web.json_response({"entities": self._types})

    async def health(self, _: web.Request) -> web.Response:
        return web.Response()

    async def deactivate(self, request: web.Request) -> web.Response:
        actor = _actor(request)
        running = self._running.get(actor)
        if running is not None:
            running.cancel()
            await asyncio.wait([running])
        self._memory.pop(actor, None)
        return web.Response()

    async def enter(self, request: web.Request) -> web.Response:
        """One turn. It ends, too, when the sidecar gives it up and closes the connection."""
        actor, turn = _actor(request), next(self._turns)
        task = asyncio.current_task()
        assert task is not None
        self._notes.add("B", actor, turn)
        self._running[actor] = task
        try:
            identity = (await request.read()).decode()
            await asyncio.sleep(random.random() * LONGEST)
            return web.Response(status=200 if await self._entered(actor, identity) else 500, text=self.name)
        finally:
            if self._running.get(actor) is task:
                del self._running[actor]
            self._notes.add("E", actor, turn)

    async def _entered(self, actor: str, identity: str) -> bool:
        for _ in range(TRIES):
            try:
                page = await self._page(actor)
                if identity not in page["ids"]:
                    await self._write(actor, page, identity)
            except RefusedError:
                self._memory.pop(actor, None)
            except (aiohttp.ClientError, TimeoutError):
                self._memory.pop(actor, None)
                return False
            else:
                return True
        return False

    async def _page(self, actor: str) -> dict[str, Any]:
        page = self._memory.get(actor)
        if page is None:
            assert self._session is not None
            async with self._session.get(f"{self._state}/{actor}/state/page") as answer:
                answer.raise_for_status()
                text = await answer.read()
            page = self._memory[actor] = json.loads(text) if text else {"version": 0, "ids": []}
        return page

    async def _write(self, actor: str, page: dict[str, Any], identity: str) -> None:
        base = page["version"]
        later = {"version": base + 1, "ids": [*page["ids"], identity]}
        upserts: list[dict[str, Any]] = [
            {"key": "page", "value": later, "etag": str(base) if base else NEVER_WRITTEN},
            {"key": "count", "value": len(later["ids"])},
        ]
        outcome = "unknown"
        assert self._session is not None
        try:
            operations = [{"operation": "upsert", "request": each} for each in upserts]
            async with self._session.post(f"{self._state}/{actor}/state", json=operations) as answer:
                text = await answer.text()
                if answer.status == 204:
                    outcome = "kept"
                elif REFUSED in text:
                    outcome = "refused"
                    raise RefusedError
                else:
                    answer.raise_for_status()
        except asyncio.CancelledError:
            self._memory.pop(actor, None)  # it may have been written
            raise
        finally:
            self._notes.add("W", actor, base, outcome)
        self._memory[actor] = later


def _actor(request: web.Request) -> str:
    return f"{request.match_info['type']}/{request.match_info['id']}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--sidecar", type=int, required=True, help="its HTTP port")
    parser.add_argument("--notes", required=True)
    parser.add_argument("--name", required=True, help="what calls are answered with")
    parser.add_argument("--types", required=True)
    given = parser.parse_args()
    ledger = Ledger(given.name, given.types.split(","), given.sidecar, Notes(given.notes))
    app = web.Application()
    app.on_startup.append(ledger.start)
    app.on_cleanup.append(ledger.stop)
    app.router.add_get("/dapr/config", ledger.configuration)
    app.router.add_get("/healthz", ledger.health)
    app.router.add_put("/actors/{type}/{id}/method/enter", ledger.enter)
    app.router.add_delete("/actors/{type}/{id}", ledger.deactivate)
    web.run_app(app, host="127.0.0.1", port=given.port, print=None, access_log=None, handler_cancellation=True)


if __name__ == "__main__":
    main()
