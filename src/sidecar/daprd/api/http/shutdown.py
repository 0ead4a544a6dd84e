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
        stop(is_forced(request.header(b"dapr-force-shutdown")))
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


def is_forced(value: bytes | None) -> bool:
    """Whether ``dapr-force-shutdown`` asks to stop without grace."""
    return value is not None and value.strip().lower() in _TRUTHY
