"""Calls to services outside Dapr: a URL given as target, or an HTTPEndpoint resource (api.md §3.2).

Both are plain HTTP. A URL is called like the application is: redirects are passed back, and the application's token
goes along when there is one. An HTTPEndpoint has headers and TLS settings of its own, and redirects are followed.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Final
from urllib.parse import urljoin, urlsplit

from dapr_core.quoting import quoted
from dapr_core.rpc.http1.client import HTTP1Client, Origin
from dapr_core.rpc.http1.errors import BadResponseError, ServerClosedError
from dapr_core.rpc.http1.limits import Limits
from dapr_core.rpc.http1.userinfo import basic_credentials, without_userinfo
from dapr_core.rpc.messages import BodyBrokenError, BodyTooLargeError, Headers, Request, Response
from dapr_core.rpc.tls import client_context
from daprd.app.http import TOKEN_HEADER, USER_AGENT
from daprd.app.slots import Slots
from daprd.app.urls import target as url_target
from daprd.blocks.invoke import headers as rules
from daprd.blocks.invoke.envelope import Invocation
from daprd.blocks.invoke.remote import InvocationRecord
from daprd.blocks.invoke.service import ExternalError

_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_MAX_REDIRECTS: Final = 10
_REMEMBERED: Final = 512
_name = itemgetter(0)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An HTTPEndpoint, its secrets resolved. PEM texts are empty where the resource has none."""

    name: str
    base_url: str
    headers: Headers = field(default_factory=list)
    root_ca: str = ""
    certificate: str = ""
    private_key: str = ""
    max_concurrency: int = 0

    def __repr__(self) -> str:  # headers and the key are secrets
        return f"<Endpoint {self.name} {self.base_url}>"


@dataclass(slots=True)
class _Place:
    """Where calls go: the origin, the base URL's own path, and what is special about it."""

    origin: Origin
    base: bytes
    path: bytes
    endpoint: Endpoint | None = None
    slots: Slots | None = None
    credentials: bytes | None = None


class HttpExternal:
    """``service.External`` over HTTP/1.1. Create it inside a running loop; ``close`` it there.

    Args:
        endpoint: gives the HTTPEndpoint of a name now, or None.
        token: ``APP_API_TOKEN``; goes along to URLs only.
    """

    def __init__(
        self,
        endpoint: Callable[[str], Endpoint | None],
        *,
        token: str = "",
        tracing: bool = True,
        read_buffer_size: int = 4096,
        record: InvocationRecord | None = None,
    ) -> None:
        self._endpoint = endpoint
        self._token = (TOKEN_HEADER, token.encode()) if token else None
        self._tracing = tracing
        self._record = record
        self._client = HTTP1Client(limits=Limits(max_header_bytes=read_buffer_size), connect_timeout=15.0)
        self._tls: ssl.SSLContext | None = None
        self._urls: dict[str, _Place] = {}
        self._endpoints: dict[str, _Place] = {}
        self._contexts: dict[str, tuple[Endpoint, ssl.SSLContext]] = {}

    def is_endpoint(self, name: str) -> bool:
        """See ``service.External``."""
        return self._endpoint(name) is not None

    async def call(self, target: str, call: Invocation) -> Response:
        """See ``service.External``."""
        endpoint = self._endpoint(target)
        place = self._url(target) if endpoint is None else self._place(endpoint)
        kind = "unary" if call.replayable else "streaming"
        if self._record is not None:
            self._record.request_sent(target, kind)
        started = time.perf_counter()
        response = await self._limited(place, self._request(place, call))
        if self._record is not None:
            elapsed = (time.perf_counter() - started) * 1000
            self._record.response_received(target, response.status, elapsed, kind)
        response.headers = rules.answer_headers(response.headers)
        return response

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()

    # --- Where to

    def _url(self, url: str) -> _Place:
        place = self._urls.get(url)
        if place is None:
            if len(self._urls) >= _REMEMBERED:
                self._urls.clear()
            place = self._urls[url] = self._parse(url)
        return place

    def _place(self, endpoint: Endpoint) -> _Place:
        place = self._endpoints.get(endpoint.name)
        if place is None or place.endpoint is not endpoint:
            place = self._parse(endpoint.base_url, endpoint)
            if endpoint.max_concurrency > 0:
                place.slots = Slots(endpoint.max_concurrency)
            self._endpoints[endpoint.name] = place
        return place

    def _parse(self, url: str, endpoint: Endpoint | None = None) -> _Place:
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port
            base = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}".encode()
            path = parts.path.rstrip("/").encode()
        except ValueError as error:
            raise ExternalError(f"parse {quoted(without_userinfo(url))}: {error}") from None
        if parts.scheme not in ("http", "https") or not host:
            raise ExternalError(f"parse {quoted(without_userinfo(url))}: the URL needs http:// or https:// and a host")
        tls = self._context(endpoint) if parts.scheme == "https" else None
        try:
            origin = Origin(host, port or (443 if tls is not None else 80), tls=tls)
        except UnicodeError:
            shown = quoted(without_userinfo(url))
            raise ExternalError(f"parse {shown}: the host is no domain name (RFC 5890)") from None
        return _Place(origin, base, path, endpoint, credentials=basic_credentials(parts))

    def _context(self, endpoint: Endpoint | None) -> ssl.SSLContext:
        if endpoint is not None and (endpoint.root_ca or endpoint.certificate or endpoint.private_key):
            return self._context_of(endpoint)
        if self._tls is None:
            self._tls = client_context(verify=True)
        return self._tls

    def _context_of(self, endpoint: Endpoint) -> ssl.SSLContext:
        """One context for an endpoint, so that redirected calls find the connections of those before."""
        known, context = self._contexts.get(endpoint.name, (None, None))
        if context is None or known is not endpoint:
            try:
                context = client_context(True, endpoint.root_ca, endpoint.certificate, endpoint.private_key)
            except ValueError as error:
                raise ExternalError(f"HTTPEndpoint {endpoint.name}: {error}") from None
            self._contexts[endpoint.name] = (endpoint, context)
        return context

    # --- What and how

    def _request(self, place: _Place, call: Invocation) -> Request:
        headers = rules.app_headers(call.headers, call.content_type)
        endpoint, override = place.endpoint, Headers()
        if endpoint is not None:
            override = endpoint.headers
        elif self._token is not None:
            override = [self._token]
        if override:
            names = {name for name, _ in override}
            headers = [pair for pair in headers if pair[0] not in names] + override
        if place.credentials is not None and all(name != b"authorization" for name, _ in headers):
            headers.append((b"authorization", place.credentials))
        if self._tracing and call.traceparent is None:
            headers.append((b"traceparent", b"00-00000000000000000000000000000000-0000000000000000-00"))
        agent = next((pair for pair in headers if pair[0] == b"user-agent"), USER_AGENT)
        headers = [pair for pair in headers if pair[0] != b"user-agent"]
        headers.sort(key=_name)
        headers.insert(0, agent)
        path = place.path + b"/" + call.method.encode("utf-8", "surrogateescape")
        return Request(call.verb, url_target(place.base, path, call.query), headers, call.body, length=call.length)

    async def _limited(self, place: _Place, request: Request) -> Response:
        if place.slots is None:
            return await self._send(place, request)
        await place.slots.take()
        try:
            response = await self._send(place, request)
        except BaseException:
            place.slots.give()
            raise
        return place.slots.hold(response)

    async def _send(self, place: _Place, request: Request) -> Response:
        for _ in range(_MAX_REDIRECTS):
            response = await self._exchange(place, request)
            if place.endpoint is None or response.status not in _REDIRECTS:
                return response
            where = response.header(b"location")
            if where is None or not _repeatable(request, response.status):
                return response
            await _drop(response)
            place, request = self._redirected(place, request, response.status, where)
        raise ExternalError(f"{_said(place, request)}: stopped after {_MAX_REDIRECTS} redirects")

    def _redirected(self, place: _Place, request: Request, status: int, where: bytes) -> tuple[_Place, Request]:
        """The next hop (RFC 9110 §15.4): other methods become GET unless the status keeps them."""
        try:
            url = urljoin((place.base + request.target).decode("latin-1"), where.decode("latin-1"))
            parts = urlsplit(url)
        except ValueError as error:
            location = quoted(where.decode("latin-1"))
            raise ExternalError(f"{_said(place, request)}: the redirect's Location {location}: {error}") from None
        hop = self._parse(url.partition("?")[0], place.endpoint)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        keeps = status in (307, 308) or request.method in ("GET", "HEAD")
        headers = request.headers
        if hop.origin.host != place.origin.host:
            # Credentials are for the host they were given for.
            headers = [pair for pair in headers if pair[0] not in (b"authorization", b"cookie")]
        if not keeps:
            headers = [pair for pair in headers if pair[0] != b"content-type"]
        method = request.method if keeps else "GET"
        return hop, Request(method, target.encode("latin-1"), headers, request.body if keeps else b"")

    async def _exchange(self, place: _Place, request: Request) -> Response:
        try:
            return await self._client.request(place.origin, request)
        except ConnectionRefusedError as error:
            where = f"{place.origin.host}:{place.origin.port}"
            raise ExternalError(f"{_said(place, request)}: dial tcp {where}: connect: connection refused") from error
        except ServerClosedError as failure:
            raise ExternalError(f"{_said(place, request)}: {failure.cause}") from failure
        except (BadResponseError, OSError, ValueError, BodyTooLargeError, BodyBrokenError) as refusal:
            raise ExternalError(f"{_said(place, request)}: {refusal or type(refusal).__name__}") from refusal


def _repeatable(request: Request, status: int) -> bool:
    return isinstance(request.body, bytes) or status not in (307, 308)


async def _drop(response: Response) -> None:
    """Read a redirect's body away, so that its connection can be used again."""
    try:
        await response.read()
    except BodyBrokenError:
        return


def _said(place: _Place, request: Request) -> str:
    """Verb and URL, as Go's client begins its errors."""
    url = (place.base + request.target).decode("utf-8", "replace")
    return f"{request.method.capitalize()} {quoted(url)}"
