"""The log of API calls (``--enable-api-logging``; api.md §6.5).

One line per answered call, written at info level whatever the log level is. The path can be left out for privacy:
then the endpoint's name stands for it.
"""

from __future__ import annotations

import logging

from dapr_core.process.logs import fields
from dapr_core.rpc.messages import Request, Response
from daprd.api.http.chain import size_of
from daprd.api.http.invoke import read_call
from daprd.api.http.routing import Route

_log = logging.getLogger("dapr.runtime.http-info")
_HEALTH_NAMES = ("Healthz", "HealthzOutbound")


class ApiLogger:
    """Writes the lines. Callable as ``server.ApiLog``."""

    def __init__(self, *, obfuscate_urls: bool = False, omit_health_checks: bool = False) -> None:
        self._obfuscate = obfuscate_urls
        self._omit_health = omit_health_checks
        _log.setLevel(logging.INFO)

    def __call__(self, request: Request, route: Route | None, response: Response, elapsed_ms: float) -> None:
        """Log one call; ``elapsed_ms`` is rounded down to whole milliseconds."""
        if self._omit_health and route is not None and route.name in _HEALTH_NAMES:
            return
        agent = request.header(b"user-agent") or b""
        _log.info(
            "HTTP API Called",
            extra=fields(
                method=self._method(request, route),
                useragent=agent.decode("latin-1"),
                code=response.status,
                size=size_of(response),
                duration=int(elapsed_ms),
            ),
        )

    def _method(self, request: Request, route: Route | None) -> str:
        if not self._obfuscate:
            return f"{request.method} {request.target.partition(b'?')[0].decode('latin-1')}"
        return f"InvokeService/{read_call(request)[0]}" if route is None else route.name
