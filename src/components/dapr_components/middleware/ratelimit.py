"""``middleware.http.ratelimit``: a bound on requests per second and client (building-blocks.md §7).

One token bucket per client address and path: it holds a second's worth of requests and refills steadily. The client is
the last ``X-Forwarded-For`` address, else ``X-Real-IP``, else the connection's peer; IPv6 clients count by their /64.
"""

from __future__ import annotations

import ipaddress
import math
import time
from collections import OrderedDict
from collections.abc import Callable

from dapr_components.contract import ComponentContext, ComponentError, Metadata
from dapr_components.middleware.contract import AsyncHandler, Middleware
from dapr_core.rpc.messages import Headers, Request, Response

MESSAGE = b"You have reached maximum request limit."
UNKNOWN_CLIENT = "0.0.0.0"
_FIELD = "maxRequestsPerSecond"
_DEFAULT_RATE = 100.0
_MAX_BUCKETS = 100_000


class RateLimitMiddleware(Middleware):
    """Answers 429 beyond the rate. Field: ``maxRequestsPerSecond``, 100 by default."""

    def __init__(self, context: ComponentContext) -> None:
        super().__init__(context)
        self._buckets = Buckets(_DEFAULT_RATE, time.monotonic)
        self._limit = b"100.00"

    async def init(self, metadata: Metadata) -> None:
        """Read the rate. Raises ``ComponentError`` when it is no positive number."""
        text = metadata.get(_FIELD, "").strip()
        try:
            rate = float(text) if text else _DEFAULT_RATE
        except ValueError:
            raise ComponentError(f"metadata property {_FIELD} must be a number: {text!r}") from None
        if not (rate > 0 and math.isfinite(rate)):
            raise ComponentError(f"metadata property {_FIELD} must be a positive value")
        self._buckets = Buckets(rate, time.monotonic)
        self._limit = f"{rate:.2f}".encode()

    def wrap(self, following: AsyncHandler) -> AsyncHandler:
        """See ``Middleware.wrap``."""
        buckets = self._buckets

        async def handle(request: Request) -> Response:
            client = _client(request)
            path = request.target.partition(b"?")[0]
            if buckets.take((client, path)):
                response = await following(request)
            else:
                response = Response(429, [(b"content-type", b"text/plain; charset=utf-8")], MESSAGE)
            response.headers.extend(self._headers(request))
            return response

        return handle

    def _headers(self, request: Request) -> Headers:
        """What tells the client of the limit, on every answer."""
        headers: Headers = [(b"x-rate-limit-limit", self._limit), (b"x-rate-limit-duration", b"1")]
        forwarded = request.header(b"x-forwarded-for")
        if forwarded and forwarded.strip():
            headers.append((b"x-rate-limit-request-forwarded-for", forwarded))
        peer = request.peer
        if peer is not None and peer.port:
            host = f"[{peer.address}]" if ":" in peer.address else peer.address
            headers.append((b"x-rate-limit-request-remote-addr", f"{host}:{peer.port}".encode()))
        return headers


class Buckets:
    """Token buckets by key. The clock, in seconds, is an argument; those unused for longest are forgotten."""

    __slots__ = ("_burst", "_clock", "_rate", "_tokens")

    def __init__(self, rate: float, clock: Callable[[], float]) -> None:
        self._rate = rate
        self._burst = max(1.0, math.floor(rate))
        self._clock = clock
        self._tokens: OrderedDict[tuple[str, bytes], tuple[float, float]] = OrderedDict()

    def take(self, key: tuple[str, bytes]) -> bool:
        """Take a token; False when the bucket is empty."""
        now = self._clock()
        tokens, since = self._tokens.pop(key, (self._burst, now))
        tokens = min(self._burst, tokens + (now - since) * self._rate)
        allowed = tokens >= 1
        self._tokens[key] = (tokens - 1 if allowed else tokens, now)
        if len(self._tokens) > _MAX_BUCKETS:
            self._tokens.popitem(last=False)
        return allowed


def _client(request: Request) -> str:
    forwarded = request.header(b"x-forwarded-for")
    if forwarded and (last := forwarded.rpartition(b",")[2].strip()):
        return _canonical(last.decode("latin-1"))
    real = request.header(b"x-real-ip")
    if real and real.strip():
        return _canonical(real.strip().decode("latin-1"))
    return _canonical(request.peer.address) if request.peer is not None else UNKNOWN_CLIENT


def _canonical(text: str) -> str:
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return text or UNKNOWN_CLIENT
    if address.version == 4:
        return str(address)
    return str(ipaddress.ip_network((address, 64), strict=False).network_address)
