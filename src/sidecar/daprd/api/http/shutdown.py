"""``/v1.0/shutdown`` (api.md §1.10, §7.2): the answer goes out first, then the sidecar stops."""

from __future__ import annotations

from collections.abc import Callable

from dapr_core.rpc.messages import Request, Response
from daprd.api.http.render import no_content
from daprd.api.http.routing import Params, Route

_TRUTHY = frozenset({b"true", b"1", b"t", b"y", b"yes", b"on"})


def routes(stop: Callable[[bool], None]) -> list[Route]:
    """The shutdown endpoint. ``stop`` must return at once; its argument says whether to stop without grace."""

    def shutdown(request: Request, params: Params) -> Response:
        force = (request.header(b"dapr-force-shutdown") or b"").strip().lower() in _TRUTHY
        stop(force)
        return no_content()

    return [
        Route(
            methods=("POST",),
            template="v1.0/shutdown",
            endpoint=shutdown,
            group="shutdown",
            version="v1",
            name="Shutdown",
        )
    ]
