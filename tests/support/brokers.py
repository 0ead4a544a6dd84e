"""Pub/sub components for tests: built, started and closed, and a handler that records what it is given."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping

from dapr_components.contract import ComponentContext, Metadata
from dapr_components.pubsub.contract import Message, PubSub
from dapr_components.registry import find

LIMIT = 20.0


class Inbox:
    """A message handler; ``refuse`` says which messages fail, ``hold`` keeps all handlers waiting while it is clear."""

    def __init__(self, refuse: Callable[[Message], bool] = lambda message: False) -> None:
        self.messages: list[Message] = []
        self.finished: list[bytes] = []
        self.running = 0
        self.most_running = 0
        self.refuse = refuse
        self.hold = asyncio.Event()
        self.hold.set()
        self._arrived = asyncio.Condition()

    async def __call__(self, message: Message) -> None:
        self.messages.append(message)
        self.running += 1
        self.most_running = max(self.most_running, self.running)
        try:
            async with self._arrived:
                self._arrived.notify_all()
            await self.hold.wait()
            if self.refuse(message):
                raise RuntimeError("not this one")
            self.finished.append(message.data)
            async with self._arrived:
                self._arrived.notify_all()
        finally:
            self.running -= 1

    @property
    def data(self) -> list[bytes]:
        return [message.data for message in self.messages]

    async def wait(self, count: int) -> list[bytes]:
        """The data of the first ``count`` messages that came."""
        await self.until(lambda: len(self.messages) >= count)
        return self.data[:count]

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait for a condition on this inbox, looked at whenever a message comes or is finished."""
        async with asyncio.timeout(LIMIT), self._arrived:
            await self._arrived.wait_for(condition)


@contextlib.asynccontextmanager
async def pubsub_component(
    component_type: str, metadata: Mapping[str, str] | None = None, *, name: str = "bus", app_id: str = "app"
) -> AsyncIterator[PubSub]:
    """A running component."""
    context = ComponentContext(name=name, type=component_type, version="v1", app_id=app_id)
    component = find(component_type, "v1", PubSub)(context)
    try:
        await component.init(Metadata(metadata or {}))
        yield component
    finally:
        await component.close()
