"""An application channel without a wire: requests as an HTTP application would see them, answers by a rule."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence

from dapr_core.rpc.messages import Request, Response
from daprd.app import binding_events, topics
from daprd.app.contract import AppChannel, AppChannelError, AppConfig, SubscriptionSpec, TopicEvent, Verdict

LIMIT = 20.0


class FakeApp(AppChannel):
    """``answer`` gives the response to a request; raising ``AppChannelError`` there means: not reachable."""

    protocol = "http"

    def __init__(
        self,
        answer: Callable[[Request], Response | Awaitable[Response]] = lambda request: Response(200),
        *,
        subscribe: bytes = b"[]",
    ) -> None:
        self.answer = answer
        self.subscribe = subscribe
        self.requests: list[Request] = []
        self.asked = 0
        self._arrived = asyncio.Condition()

    async def _send(self, request: Request) -> Response:
        self.requests.append(request)
        async with self._arrived:
            self._arrived.notify_all()
        response = self.answer(request)
        return response if isinstance(response, Response) else await response

    async def wait(self, count: int, path: str | None = None) -> list[Request]:
        """The first ``count`` requests (of a path) that came."""

        def found() -> list[Request]:
            return [r for r in self.requests if path is None or r.target == path.encode()]

        async with asyncio.timeout(LIMIT), self._arrived:
            await self._arrived.wait_for(lambda: len(found()) >= count)
        return found()[:count]

    async def invoke(self, request: Request) -> Response:
        return await self._send(request)

    async def topic_event(self, event: TopicEvent) -> Verdict:
        return topics.verdict_of(await self._send(topics.topic_event_request(event)), event)

    async def bulk_topic_event(
        self, path: str, body: bytes, entry_ids: Sequence[str], metadata: Mapping[str, str]
    ) -> Mapping[str, Verdict]:
        response = await self._send(topics.bulk_topic_event_request(path, body, metadata))
        return topics.bulk_verdicts_of(response, entry_ids)

    async def binding_event(self, path: str, data: bytes, metadata: Mapping[str, str], name: str = "") -> bytes:
        return binding_events.answer_of(await self._send(binding_events.binding_event_request(path, data, metadata)))

    async def wants_binding(self, path: str, name: str = "") -> bool:
        return binding_events.is_wanted(await self._send(binding_events.discovery_request(path)))

    async def subscriptions(self) -> list[SubscriptionSpec]:
        self.asked += 1
        return topics.parse_subscriptions(self.subscribe)

    async def config(self) -> AppConfig:
        return AppConfig()

    async def probe(self) -> bool:
        return True

    async def close(self) -> None:
        return


def unreachable(request: Request) -> Response:
    """The answer of an application that is not there."""
    raise AppChannelError("connection refused")
