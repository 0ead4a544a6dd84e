"""``/v1.0/healthz`` and ``/v1.0/healthz/outbound`` (api.md §6.2).

The first asks whether the sidecar and its application can work together, the second only whether the sidecar's own
APIs do; applications poll the second before they call.
"""

from __future__ import annotations

from typing import Protocol

from dapr_core.errors import DaprError
from dapr_core.rpc.messages import Request, Response
from daprd.api.http.render import no_content, query_pairs
from daprd.api.http.routing import Params, Route
from daprd.catalogue import common


class Readiness(Protocol):
    """What the runtime knows about its parts."""

    def unready(self) -> list[str] | None:
        """Names of the parts that are not ready, in order; empty when all are; None while there is no part at all."""

    def outbound_ready(self) -> bool:
        """Whether components and servers are up. Does not wait for the application."""


def routes(app_id: str, readiness: Readiness) -> list[Route]:
    """Both checks; always allowed, also on the public port."""

    def healthz(request: Request, params: Params) -> Response:
        unready = readiness.unready()
        if unready is None or unready:
            raise DaprError(common.HEALTH_NOT_READY, targets=f"[{' '.join(unready or [])}]")
        asked = _asked_app_id(request)
        if asked is not None and asked != app_id:
            raise DaprError(common.HEALTH_APPID_NOT_MATCH)
        return no_content()

    def outbound(request: Request, params: Params) -> Response:
        if not readiness.outbound_ready():
            raise DaprError(common.OUTBOUND_HEALTH_NOT_READY)
        return no_content()

    return [
        Route(
            methods=("GET",),
            template=template,
            endpoint=endpoint,
            group="healthz",
            version="v1",
            name=name,
            always_allowed=True,
            public=True,
        )
        for template, endpoint, name in (
            ("v1.0/healthz", healthz, "Healthz"),
            ("v1.0/healthz/outbound", outbound, "HealthzOutbound"),
        )
    ]


def _asked_app_id(request: Request) -> str | None:
    query = request.target.partition(b"?")[2]
    if not query:
        return None
    return next((value for name, value in query_pairs(query) if name == "appid" and value), None)
