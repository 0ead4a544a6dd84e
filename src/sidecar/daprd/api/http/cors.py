"""Cross-origin requests, when ``--allowed-origins`` names origins (api.md §1.1).

A preflight is answered here and needs no token; an actual request gets its headers on whatever answer it has. What
the origin may not do is simply not granted: the browser enforces it, the status stays 200.
"""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Final

from dapr_core.rpc.fields import canonical
from dapr_core.rpc.messages import Handler, Headers, Request, Response
from daprd.api.http.chain import Step, then

_METHODS: Final = frozenset({"HEAD", "GET", "POST", "PUT", "PATCH", "DELETE"})
_VARY_ORIGIN: Final = (b"vary", b"Origin")


def cors(allowed_origins: str) -> Step:
    """The step for a comma-separated list of origins; ``*`` allows all of them."""
    origins = _Origins(allowed_origins)

    def step(following: Handler) -> Handler:
        def handle(request: Request) -> Response | Awaitable[Response]:
            if request.method == "OPTIONS" and (wanted := request.header(b"access-control-request-method")):
                return Response(200, _preflight(request, wanted, origins))
            granted = _granted(request, origins)
            return then(following(request), lambda response: response.headers.extend(granted))

        return handle

    return step


class _Origins:
    """Which origins are allowed, compared without case; one ``*`` in an origin stands for anything."""

    def __init__(self, listed: str) -> None:
        items = [item.strip().lower() for item in listed.split(",") if item.strip()]
        self.all = "*" in items
        self._exact = frozenset(item.encode() for item in items if "*" not in item)
        self._patterns = [
            (item.partition("*")[0].encode(), item.partition("*")[2].encode()) for item in items if "*" in item
        ]

    def allow(self, origin: bytes) -> bool:
        folded = origin.lower()
        return (
            self.all
            or folded in self._exact
            or any(
                len(folded) >= len(start) + len(end) and folded.startswith(start) and folded.endswith(end)
                for start, end in self._patterns
            )
        )

    def answer(self, origin: bytes) -> tuple[bytes, bytes]:
        return b"access-control-allow-origin", b"*" if self.all else origin


def _granted(request: Request, origins: _Origins) -> Headers:
    """What an actual request's answer gains."""
    origin = request.header(b"origin")
    if not origin or not origins.allow(origin) or request.method not in (*_METHODS, "OPTIONS"):
        return [_VARY_ORIGIN]
    return [_VARY_ORIGIN, origins.answer(origin)]


def _preflight(request: Request, wanted: bytes, origins: _Origins) -> Headers:
    headers: Headers = [
        _VARY_ORIGIN,
        (b"vary", b"Access-Control-Request-Method"),
        (b"vary", b"Access-Control-Request-Headers"),
    ]
    origin = request.header(b"origin")
    method = wanted.decode("latin-1").upper()
    if not origin or not origins.allow(origin) or method not in (*_METHODS, "OPTIONS"):
        return headers
    headers += [origins.answer(origin), (b"access-control-allow-methods", method.encode())]
    names = [canonical(name.strip()) for name in (request.header(b"access-control-request-headers") or b"").split(b",")]
    if any(names):
        headers.append((b"access-control-allow-headers", b", ".join(name for name in names if name)))
    return headers
