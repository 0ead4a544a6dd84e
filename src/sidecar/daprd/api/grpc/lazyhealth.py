"""The health service's methods, whose modules load with the first call: a sidecar starts without protobuf."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from dapr_core.rpc.grpc.server_stream import CallListener, MethodFactory, ServerStream

_SERVICE: Final = "/grpc.health.v1.Health/"
_METHODS: Final = ("Check", "List", "Watch")


def health_methods(serving: Callable[[], bool]) -> dict[str, MethodFactory]:
    """What serves each method, by its path; ``serving`` says whether applications may call now."""
    loaded: dict[str, MethodFactory] = {}

    def serve(stream: ServerStream) -> CallListener:
        if not loaded:
            from dapr_core.rpc.grpc.service import listener_factory
            from daprd.api.grpc.health import ApiHealth

            for method in ApiHealth(serving).methods():
                loaded[_SERVICE + method.name] = listener_factory(method)
        return loaded[stream.head.path.decode()](stream)

    return {_SERVICE + name: serve for name in _METHODS}
