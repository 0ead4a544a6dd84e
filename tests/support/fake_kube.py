"""An HTTP server that misbehaves on demand, in the place of the Kubernetes API.

Only for faults that a real API server cannot be brought to at will. A script answers each request: with an ``Answer``,
with pieces over time (``Stream``), or by breaking off.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from dapr_core.kube.config import ClusterConfig
from dapr_core.kube.credentials import Credential, NoToken


@dataclass
class Asked:
    """A request."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def watches(self) -> bool:
        return self.query.get("watch") == "true"

    @property
    def object(self) -> Any:
        return json.loads(self.body)


@dataclass
class Answer:
    """A whole answer."""

    value: object = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    raw: bytes | None = None

    @property
    def body(self) -> bytes:
        return self.raw if self.raw is not None else json.dumps(self.value).encode()


@dataclass
class Stream:
    """An answer in chunks; ``cut`` ends it without its last chunk."""

    pieces: AsyncIterator[bytes]
    cut: bool = False


class BreakOff:
    """No answer: the connection is closed."""


Script = Callable[[Asked], "Answer | Stream | BreakOff | Awaitable[Answer | Stream | BreakOff]"]


class FakeApi:
    """The server. ``asked`` holds what came; ``script`` may be exchanged at any time."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.asked: list[Asked] = []
        self.port = 0
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[Any]] = set()

    def config(self, credential: Credential | None = None, path: str = "") -> ClusterConfig:
        return ClusterConfig(server=f"http://127.0.0.1:{self.port}{path}", credential=credential or NoToken())

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Stop listening and break all connections; ``open`` listens on the same port again."""
        assert self._server is not None
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            while await self._answer(reader, writer):
                pass
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        first, *lines = head.rstrip().split("\r\n")
        method, target, _version = first.split(" ")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        parts = urlsplit(target)
        query = {name: values[0] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
        asked = Asked(method, parts.path, query, headers, body)
        self.asked.append(asked)
        given = self.script(asked)
        answer = given if isinstance(given, Answer | Stream | BreakOff) else await given
        if isinstance(answer, BreakOff):
            return False
        if isinstance(answer, Answer):
            more = "".join(f"{name}: {value}\r\n" for name, value in answer.headers.items())
            writer.write(f"HTTP/1.1 {answer.status} X\r\n{more}Content-Length: {len(answer.body)}\r\n\r\n".encode())
            writer.write(answer.body)
            await writer.drain()
            return True
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        await writer.drain()
        async for piece in answer.pieces:
            writer.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            await writer.drain()
        if answer.cut:
            return False
        writer.write(b"0\r\n\r\n")
        await writer.drain()
        return True


@asynccontextmanager
async def fake_api(script: Script) -> AsyncIterator[FakeApi]:
    """A running server."""
    server = FakeApi(script)
    await server.open()
    try:
        yield server
    finally:
        await server.close()


@contextmanager
def fake_api_in_thread(script: Script) -> Iterator[FakeApi]:
    """A running server beside a test that is no coroutine, for processes to talk to."""
    server = FakeApi(script)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    asyncio.run_coroutine_threadsafe(server.open(), loop).result(10)
    try:
        yield server
    finally:
        asyncio.run_coroutine_threadsafe(server.close(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


def status(code: int, reason: str = "", message: str = "", **details: object) -> dict[str, object]:
    """A ``Status`` object of a failure."""
    return {"kind": "Status", "status": "Failure", "code": code, "reason": reason, "message": message,
            "details": details}  # fmt: skip


def refusal(code: int, reason: str = "", message: str = "", **headers: str) -> Answer:
    """An answer that refuses."""
    return Answer(
        status(code, reason, message), code, {name.replace("_", "-"): value for name, value in headers.items()}
    )


def listing(*items: dict[str, Any], version: str = "1", proceed: str = "") -> Answer:
    """A list."""
    metadata = {"resourceVersion": version, **({"continue": proceed} if proceed else {})}
    return Answer({"kind": "List", "metadata": metadata, "items": list(items)})


def thing(name: str, version: str = "1", namespace: str = "n", **fields: Any) -> dict[str, Any]:
    """An object."""
    return {"metadata": {"name": name, "namespace": namespace, "resourceVersion": version}, **fields}


def event(kind: str, value: dict[str, Any]) -> bytes:
    """A line of a watch."""
    return json.dumps({"type": kind, "object": value}).encode() + b"\n"


async def pieces(*parts: bytes, hold: bool = False) -> AsyncIterator[bytes]:
    """These pieces; ``hold`` then says nothing more and does not end."""
    for part in parts:
        yield part
    if hold:
        await asyncio.Event().wait()
