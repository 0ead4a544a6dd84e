"""The application channel over HTTP/1.1, in the clear or over TLS (api.md §5.1, §5.2).

Every request leaves through one place, which gives it the head the application expects (the order of its fields and
the token included), waits for a slot, sends it, and words a failure as the original does. What a call means stays with
``topics`` and ``binding_events``. While health checks say that the application is down, only probes leave.
"""

from __future__ import annotations

import asyncio
import json
import logging
import ssl
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final, Literal

from dapr_components.middleware.contract import AsyncHandler
from dapr_core.quoting import quoted
from dapr_core.rpc.deferred import Deferred, detoured
from dapr_core.rpc.http1.client import HTTP1Client, Origin
from dapr_core.rpc.http1.errors import BadResponseError, ServerClosedError
from dapr_core.rpc.http1.fixed import FixedHeaders
from dapr_core.rpc.http1.limits import Limits
from dapr_core.rpc.messages import BodyBrokenError, BodyTooLargeError, Headers, Request, Response
from dapr_core.rpc.tls import client_context
from daprd.app import binding_events, topics
from daprd.app.answers import whole
from daprd.app.compression import unpacked
from daprd.app.contract import (
    AppChannel,
    AppChannelError,
    AppConfig,
    AppUnhealthyError,
    SubscriptionSpec,
    TopicEvent,
    Verdict,
)
from daprd.app.shared import SharedHeaders
from daprd.app.slots import Slots
from daprd.app.urls import target as url_target

if TYPE_CHECKING:
    from dapr_core.rpc.http2.client import HTTP2Client

TOKEN_HEADER: Final = b"dapr-api-token"
USER_AGENT: Final = (b"user-agent", b"Go-http-client/1.1")
"""What an application sees when the caller named no agent; applications know the original by it."""
_USER_AGENT_2: Final = (b"user-agent", b"Go-http-client/2.0")

_GZIP: Final = (b"accept-encoding", b"gzip")
_JSON: Final = (b"content-type", b"application/json")
_SUBSCRIBE_DELAYS: Final[Sequence[float]] = (0.5, 0.75, 1.0)
_name = itemgetter(0)
_log = logging.getLogger("dapr.runtime")

Record = Callable[[str, bytes, int, float, int, int], None]
"""Told about each call: method, target, status (500 for none), milliseconds, bytes sent, bytes received."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpAppSettings:
    """How the application is reached.

    Attributes:
        protocol: ``http``, ``https`` (TLS 1.2 or newer, the certificate not verified), or ``h2c`` (HTTP/2 in the clear,
            with prior knowledge).
        token: ``APP_API_TOKEN``; empty for none.
        max_concurrency: 0 or less for no limit.
        read_buffer_size: bound of an answer's head in bytes.
        body_limit: bound in bytes of an answer that is read whole (see ``answers``); None for none.
        skipped: ``--disable-init-endpoints``: ``config``, ``subscribe``.
        tracing: whether events carry a trace context (off when the sampling rate is zero).
        binding_timeout: seconds for the discovery of an input binding.
    """

    app_id: str
    host: str = "127.0.0.1"
    port: int
    protocol: Literal["http", "https", "h2c"] = "http"
    token: str = ""
    max_concurrency: int = 0
    health_path: str = "/healthz"
    read_buffer_size: int = 4096
    body_limit: int | None = 4 * 1024 * 1024
    skipped: frozenset[str] = frozenset()
    tracing: bool = True
    binding_timeout: float = 3.0

    def __repr__(self) -> str:  # the token is a secret
        return f"<HttpAppSettings {self.protocol}://{self.host}:{self.port}>"


def _client(settings: HttpAppSettings) -> HTTP1Client | HTTP2Client:
    limits = Limits(max_header_bytes=settings.read_buffer_size)
    if settings.protocol != "h2c":
        return HTTP1Client(limits=limits)
    from dapr_core.rpc.http2.client import HTTP2Client  # only sidecars of such applications load it

    return HTTP2Client(limits=limits)


class HttpAppChannel(AppChannel):
    """One application. Create it inside a running loop.

    ``pipeline`` wraps what sends every call but probes (``spec.appHttpPipeline``). ``healthy`` is for whoever runs the
    health checks to set; without checks it stays true.
    """

    def __init__(
        self,
        settings: HttpAppSettings,
        *,
        pipeline: Callable[[AsyncHandler], AsyncHandler] | None = None,
        record: Record | None = None,
    ) -> None:
        self.protocol = settings.protocol
        self.healthy = True
        self._settings = settings
        tls: ssl.SSLContext | None = client_context(verify=False) if settings.protocol == "https" else None
        self._origin = Origin(settings.host, settings.port, tls=tls)
        self._base = str(self._origin).encode()
        if tls is None and settings.port == 80:
            self._base = f"http://{settings.host}:80".encode()
        self._client = _client(settings)
        self._agent = _USER_AGENT_2 if settings.protocol == "h2c" else USER_AGENT
        self._token = (TOKEN_HEADER, settings.token.encode()) if settings.token else None
        self._slots = Slots(settings.max_concurrency) if settings.max_concurrency > 0 else None
        self._record = record
        exchange: AsyncHandler = self._exchange if self._slots is None else self._exchange_in_slot
        self._send = exchange if pipeline is None else pipeline(exchange)
        # Middlewares may change a request's headers; without any, headers that calls share stay shared.
        self._piped = self._send is not exchange
        direct = self._slots is None and not self._piped
        self._direct = self._client if direct and isinstance(self._client, HTTP1Client) else None
        """What begins calls, where nothing stands before it that a call may have to wait for."""

    # --- What blocks ask

    async def invoke(self, request: Request) -> Response:
        """See ``AppChannel``. The target's path is decoded; it is escaped here, which may fail with ``UrlError``."""
        if not self.healthy:
            raise AppUnhealthyError
        if self._piped:
            request.headers = list(request.headers)
        return await self._send(request)

    def begin(self, request: Request) -> Deferred[Response]:
        """See ``AppChannel``."""
        if self._direct is None:
            return detoured(self.invoke(request))
        if not self.healthy:
            raise AppUnhealthyError
        offered = self._dress(request)
        started = time.perf_counter() if self._record is not None else 0.0
        begun = self._direct.begin(self._origin, request)
        begun.after(partial(self._exchanged, request, offered, started))
        return begun

    async def topic_event(self, event: TopicEvent) -> Verdict:
        """See ``AppChannel``."""
        response = await self._answered(topics.topic_event_request(event, tracing=self._settings.tracing))
        return topics.verdict_of(response, event)

    async def bulk_topic_event(
        self, path: str, body: bytes, entry_ids: Sequence[str], metadata: Mapping[str, str]
    ) -> Mapping[str, Verdict]:
        """See ``AppChannel``."""
        response = await self._answered(topics.bulk_topic_event_request(path, body, metadata))
        return topics.bulk_verdicts_of(response, entry_ids)

    async def binding_event(self, path: str, data: bytes, metadata: Mapping[str, str], name: str = "") -> bytes:
        """See ``AppChannel``."""
        tracing = self._settings.tracing
        response = await self._answered(binding_events.binding_event_request(path, data, metadata, tracing=tracing))
        return binding_events.answer_of(response)

    async def wants_binding(self, path: str, name: str = "") -> bool:
        """See ``AppChannel``."""
        limit = self._settings.binding_timeout
        try:
            async with asyncio.timeout(limit):
                response = await self._answered(binding_events.discovery_request(path))
        except TimeoutError:
            raise AppChannelError(
                f"the app did not answer OPTIONS {path} within {limit:g}s; raise --app-binding-options-timeout"
            ) from None
        return binding_events.is_wanted(response)

    async def subscriptions(self) -> list[SubscriptionSpec]:
        """See ``AppChannel``. Only an application that does not answer is asked again."""
        if "subscribe" in self._settings.skipped:
            return []
        delays = iter(_SUBSCRIBE_DELAYS)
        while True:
            try:
                response = await self._answered(self._init_request(topics.SUBSCRIBE_PATH))
                return topics.subscriptions_of(response)
            except topics.SubscriptionsError as error:
                _log.error("%s", error)
                return []
            except AppChannelError:
                delay = next(delays, None)
                if delay is None:
                    raise
            await asyncio.sleep(delay)

    async def config(self) -> AppConfig:
        """See ``AppChannel``."""
        if "config" in self._settings.skipped:
            _log.info("Skipping programmatic dapr configuration loading (see 'disable-init-endpoints' flag/annotation)")
            return AppConfig()
        response = await self._answered(self._init_request("/dapr/config"))
        if response.status != 200 or not isinstance(response.body, bytes) or not response.body.strip():
            return AppConfig()
        try:
            values: Any = json.loads(response.body)
        except (ValueError, RecursionError) as error:
            raise AppChannelError(f"the app's answer to GET /dapr/config is no JSON: {error}") from None
        return AppConfig(values) if isinstance(values, dict) else AppConfig()

    async def probe(self) -> bool:
        """See ``AppChannel``. Goes out without token, slot and pipeline."""
        path = "/" + self._settings.health_path.lstrip("/")
        request = Request("GET", path.encode(), [self._agent, _GZIP])
        try:
            response = await self._client.request(self._origin, request)
            await whole(response, self._settings.body_limit)
        except BodyTooLargeError:
            pass  # what it says beside its status is of no interest
        except (OSError, TimeoutError, BodyBrokenError, ValueError):
            return False
        return 200 <= response.status < 300

    async def close(self, grace: float = 0.0) -> None:
        """See ``AppChannel``; calls under way get ``grace`` seconds."""
        await self._client.close(grace)

    # --- How a request leaves

    def _init_request(self, path: str) -> Request:
        return Request("GET", path.encode(), [_JSON, (b"dapr-app-id", self._settings.app_id.encode())])

    async def _answered(self, request: Request) -> Response:
        """The answer with its whole body."""
        if not self.healthy:
            raise AppUnhealthyError
        response = await self._send(request)
        try:
            await whole(response, self._settings.body_limit)
        except BodyBrokenError as error:
            raise self._failure(request, str(error) or "unexpected EOF") from error
        except BodyTooLargeError as failure:
            limit = self._settings.body_limit
            cause = f"{failure}: the application's answer has more than {limit} bytes (--max-body-size)"
            raise self._failure(request, cause) from None
        return response

    async def _exchange_in_slot(self, request: Request) -> Response:
        slots = self._slots
        assert slots is not None
        await slots.take()
        try:
            response = await self._exchange(request)
        except BaseException:
            slots.give()
            raise
        return slots.hold(response)

    async def _exchange(self, request: Request) -> Response:
        offered = self._dress(request)
        started = time.perf_counter() if self._record is not None else 0.0
        try:
            response = await self._client.request(self._origin, request)
        except BaseException as error:  # noqa: BLE001 - it is recorded and worded there, and raised again
            return self._exchanged(request, offered, started, None, error)
        return self._exchanged(request, offered, started, response, None)

    def _dress(self, request: Request) -> bool:
        """Give the request the target and the head that the wire wants; whether gzip was offered on our own account."""
        path, _, query = request.target.partition(b"?")
        request.target = url_target(self._base, path, query)
        request.headers, offered = self._fields(request)
        return offered

    def _exchanged(
        self, request: Request, offered: bool, started: float, response: Response | None, error: BaseException | None
    ) -> Response:
        """The step behind every exchange: it is recorded, and its failure worded."""
        if self._record is not None:
            self._record(
                request.method,
                request.target,
                500 if response is None else response.status,
                (time.perf_counter() - started) * 1000,
                request.length or 0,
                0 if response is None else response.length or 0,
            )
        if response is not None:
            return unpacked(response) if offered else response
        assert error is not None
        if not isinstance(error, Exception):
            raise error
        raise self._failure(request, self._cause(error)) from error

    def _cause(self, error: Exception) -> str:
        """Why an exchange failed, as Go's client words it."""
        if isinstance(error, ConnectionRefusedError):
            return f"dial tcp {self._settings.host}:{self._settings.port}: connect: connection refused"
        if isinstance(error, ServerClosedError):
            return error.cause
        if isinstance(error, BadResponseError):
            return f"net/http: HTTP/1.x transport connection broken: {error.detail}"
        if isinstance(error, TimeoutError):
            return str(error) or "context deadline exceeded"
        # What reading a streamed body raised, or the operating system: its text is the cause.
        return str(error) or type(error).__name__

    def _fields(self, request: Request) -> tuple[Headers, bool]:
        """The request's fields in the order the wire wants, and whether gzip was offered on our own account."""
        given = request.headers
        if type(given) is not SharedHeaders:
            return self._arranged(request)
        prepared = given.prepared
        if prepared is None or prepared[0] is not self:
            headers, offered = self._arranged(request)
            prepared = given.prepared = (self, (FixedHeaders(headers), offered))
        arranged: tuple[Headers, bool] = prepared[1]
        return arranged

    def _arranged(self, request: Request) -> tuple[Headers, bool]:
        agent, token = None, self._token
        offer = request.method != "HEAD"
        kept: Headers = []
        for pair in request.headers:
            name = pair[0]
            if name == b"user-agent":
                agent = pair if agent is None else agent
                continue
            if name == TOKEN_HEADER and token is not None:
                continue
            if name in (b"accept-encoding", b"range"):
                offer = False
            kept.append(pair)
        if token is not None:
            kept.append(token)
        kept.sort(key=_name)
        kept.insert(0, self._agent if agent is None else agent)
        if offer:
            kept.append(_GZIP)
        return kept, offer

    def _failure(self, request: Request, cause: str) -> AppChannelError:
        """What went wrong, as Go's client words it: verb, URL, cause."""
        url = (self._base + request.target).decode("utf-8", "replace")
        return AppChannelError(f"{request.method.capitalize()} {quoted(url)}: {cause}")


def supervised(
    channel: HttpAppChannel, changed: Callable[[bool], Awaitable[None]]
) -> Callable[[bool], Awaitable[None]]:
    """For ``AppHealth``: opens or shuts the channel before anybody else is told about a change."""
    channel.healthy = False

    async def tell(healthy: bool) -> None:
        channel.healthy = healthy
        await changed(healthy)

    return tell
