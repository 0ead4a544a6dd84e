"""The Dapr API, and that of 2020, on a server: each method with its handler, found when it is first called."""

from __future__ import annotations

from functools import partial
from importlib import import_module

from dapr_core.rpc.grpc.server import GrpcServer
from dapr_core.rpc.grpc.server_stream import CallListener, ServerStream
from daprd.api.grpc.blocks import Blocks
from daprd.api.grpc.calls import ApiMethod, Rpc
from daprd.api.grpc.edge import AccessList, Edge, not_available
from daprd.api.grpc.table import METHODS, METHODS_2020, SERVICE, SERVICE_2020


class DaprApi:
    """The API over the blocks of one runtime. ``register`` it on a server."""

    def __init__(self, blocks: Blocks, edge: Edge, access: AccessList) -> None:
        self._blocks = blocks
        self._edge = edge
        self._access = access
        self._loaded: dict[str, dict[str, Rpc]] = {}

    def register(self, server: GrpcServer) -> None:
        """Serve every method; those that the lists refuse answer that they are not available."""
        for name, (module, group) in METHODS.items():
            self._register(server, SERVICE + name, module, group)
        for name, group in METHODS_2020.items():
            self._register(server, SERVICE_2020 + name, "edition2020", group)

    def _register(self, server: GrpcServer, path: str, module: str, group: str) -> None:
        if self._access.permits(group):
            name = path.rpartition("/")[2]
            server.register(path, ApiMethod(path, self._edge, partial(self._find, module, name)))
        else:
            server.register(path, refused)

    def _find(self, module: str, name: str) -> Rpc:
        found = self._loaded.get(module)
        if found is None:
            found = self._loaded[module] = import_module(f"daprd.api.grpc.{module}").rpcs(self._blocks)
        return found[name]


def refused(stream: ServerStream) -> CallListener:
    """What serves a method that must not be called."""
    raise not_available()
