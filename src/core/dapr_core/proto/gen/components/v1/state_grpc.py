"""Typed services and stubs. Generated from dapr/proto/components/v1/state.proto by tools/generate_protos.py: do not edit."""

from __future__ import annotations

from dapr_core.proto.gen.components.v1 import common_pb2 as _components_v1_common_pb2
from dapr_core.proto.gen.components.v1 import state_pb2 as _components_v1_state_pb2
from dapr_core.rpc.grpc.stub import UnaryUnary, Channel
from dapr_core.rpc.grpc.service import Method, ServerContext, Service, unimplemented


class QueriableStateStoreBase(Service):
    """Serves dapr.proto.components.v1.QueriableStateStore; override what you serve, the rest answers UNIMPLEMENTED."""

    SERVICE = "dapr.proto.components.v1.QueriableStateStore"

    async def query(self, request: _components_v1_state_pb2.QueryRequest, context: ServerContext) -> _components_v1_state_pb2.QueryResponse:
        raise unimplemented("Query")

    def methods(self) -> tuple[Method, ...]:
        return (
            Method("Query", self.query, _components_v1_state_pb2.QueryRequest, _components_v1_state_pb2.QueryResponse, False, False),
        )


class QueriableStateStoreStub:
    """Calls dapr.proto.components.v1.QueriableStateStore on a channel."""

    def __init__(self, channel: Channel) -> None:
        self.query: UnaryUnary[_components_v1_state_pb2.QueryRequest, _components_v1_state_pb2.QueryResponse] = UnaryUnary(
            channel, "/dapr.proto.components.v1.QueriableStateStore/Query", _components_v1_state_pb2.QueryResponse
        )


class TransactionalStateStoreBase(Service):
    """Serves dapr.proto.components.v1.TransactionalStateStore; override what you serve, the rest answers UNIMPLEMENTED."""

    SERVICE = "dapr.proto.components.v1.TransactionalStateStore"

    async def transact(self, request: _components_v1_state_pb2.TransactionalStateRequest, context: ServerContext) -> _components_v1_state_pb2.TransactionalStateResponse:
        raise unimplemented("Transact")

    def methods(self) -> tuple[Method, ...]:
        return (
            Method("Transact", self.transact, _components_v1_state_pb2.TransactionalStateRequest, _components_v1_state_pb2.TransactionalStateResponse, False, False),
        )


class TransactionalStateStoreStub:
    """Calls dapr.proto.components.v1.TransactionalStateStore on a channel."""

    def __init__(self, channel: Channel) -> None:
        self.transact: UnaryUnary[_components_v1_state_pb2.TransactionalStateRequest, _components_v1_state_pb2.TransactionalStateResponse] = UnaryUnary(
            channel, "/dapr.proto.components.v1.TransactionalStateStore/Transact", _components_v1_state_pb2.TransactionalStateResponse
        )


class StateStoreBase(Service):
    """Serves dapr.proto.components.v1.StateStore; override what you serve, the rest answers UNIMPLEMENTED."""

    SERVICE = "dapr.proto.components.v1.StateStore"

    async def init(self, request: _components_v1_state_pb2.InitRequest, context: ServerContext) -> _components_v1_state_pb2.InitResponse:
        raise unimplemented("Init")

    async def features(self, request: _components_v1_common_pb2.FeaturesRequest, context: ServerContext) -> _components_v1_common_pb2.FeaturesResponse:
        raise unimplemented("Features")

    async def delete(self, request: _components_v1_state_pb2.DeleteRequest, context: ServerContext) -> _components_v1_state_pb2.DeleteResponse:
        raise unimplemented("Delete")

    async def get(self, request: _components_v1_state_pb2.GetRequest, context: ServerContext) -> _components_v1_state_pb2.GetResponse:
        raise unimplemented("Get")

    async def set(self, request: _components_v1_state_pb2.SetRequest, context: ServerContext) -> _components_v1_state_pb2.SetResponse:
        raise unimplemented("Set")

    async def ping(self, request: _components_v1_common_pb2.PingRequest, context: ServerContext) -> _components_v1_common_pb2.PingResponse:
        raise unimplemented("Ping")

    async def bulk_delete(self, request: _components_v1_state_pb2.BulkDeleteRequest, context: ServerContext) -> _components_v1_state_pb2.BulkDeleteResponse:
        raise unimplemented("BulkDelete")

    async def bulk_get(self, request: _components_v1_state_pb2.BulkGetRequest, context: ServerContext) -> _components_v1_state_pb2.BulkGetResponse:
        raise unimplemented("BulkGet")

    async def bulk_set(self, request: _components_v1_state_pb2.BulkSetRequest, context: ServerContext) -> _components_v1_state_pb2.BulkSetResponse:
        raise unimplemented("BulkSet")

    def methods(self) -> tuple[Method, ...]:
        return (
            Method("Init", self.init, _components_v1_state_pb2.InitRequest, _components_v1_state_pb2.InitResponse, False, False),
            Method("Features", self.features, _components_v1_common_pb2.FeaturesRequest, _components_v1_common_pb2.FeaturesResponse, False, False),
            Method("Delete", self.delete, _components_v1_state_pb2.DeleteRequest, _components_v1_state_pb2.DeleteResponse, False, False),
            Method("Get", self.get, _components_v1_state_pb2.GetRequest, _components_v1_state_pb2.GetResponse, False, False),
            Method("Set", self.set, _components_v1_state_pb2.SetRequest, _components_v1_state_pb2.SetResponse, False, False),
            Method("Ping", self.ping, _components_v1_common_pb2.PingRequest, _components_v1_common_pb2.PingResponse, False, False),
            Method("BulkDelete", self.bulk_delete, _components_v1_state_pb2.BulkDeleteRequest, _components_v1_state_pb2.BulkDeleteResponse, False, False),
            Method("BulkGet", self.bulk_get, _components_v1_state_pb2.BulkGetRequest, _components_v1_state_pb2.BulkGetResponse, False, False),
            Method("BulkSet", self.bulk_set, _components_v1_state_pb2.BulkSetRequest, _components_v1_state_pb2.BulkSetResponse, False, False),
        )


class StateStoreStub:
    """Calls dapr.proto.components.v1.StateStore on a channel."""

    def __init__(self, channel: Channel) -> None:
        self.init: UnaryUnary[_components_v1_state_pb2.InitRequest, _components_v1_state_pb2.InitResponse] = UnaryUnary(
            channel, "/dapr.proto.components.v1.StateStore/Init", _components_v1_state_pb2.InitResponse
        )
        self.features: UnaryUnary[_components_v1_common_pb2.FeaturesRequest, _components_v1_common_pb2.FeaturesResponse] = UnaryUnary(
            channel, "/dapr.proto.components.v1.StateStore/Features", _components_v1_common_pb2.FeaturesResponse
        )
        self.delete: UnaryUnary[_components_v1_state_pb2.DeleteRequest, _components_v1_state_pb2.DeleteResponse] = UnaryUnary(
            channel, "/dapr.proto.components.v1.StateStore/Delete", _components_v1_state_pb2.DeleteResponse
        )
        self.get: UnaryUnary[_components_v1_state_pb2.GetRequest, _components_v1_state_pb2.GetResponse] = UnaryUnary(
            channel, "/dapr.proto.components.v1.StateStore/Get", _components_v1_state_pb2.GetResponse
        )
        self.set: UnaryUnary[_components_v1_state_pb2.SetRequest, _components_v1_state_pb2.SetResponse] = UnaryUnary(
            channel, "/dapr.proto.components.v1.StateStore/Set", _components_v1_state_pb2.SetResponse
        )
        self.ping: UnaryUnary[_components_v1_common_pb2.PingRequest, _components_v1_common_pb2.PingResponse] = UnaryUnary(
            channel, "/dapr.proto.components.v1.StateStore/Ping", _components_v1_common_pb2.PingResponse
        )
        self.bulk_delete: UnaryUnary[_components_v1_state_pb2.BulkDeleteRequest, _components_v1_state_pb2.BulkDeleteResponse] = UnaryUnary(
            channel, "/dapr.proto.components.v1.StateStore/BulkDelete", _components_v1_state_pb2.BulkDeleteResponse
        )
        self.bulk_get: UnaryUnary[_components_v1_state_pb2.BulkGetRequest, _components_v1_state_pb2.BulkGetResponse] = UnaryUnary(
            channel, "/dapr.proto.components.v1.StateStore/BulkGet", _components_v1_state_pb2.BulkGetResponse
        )
        self.bulk_set: UnaryUnary[_components_v1_state_pb2.BulkSetRequest, _components_v1_state_pb2.BulkSetResponse] = UnaryUnary(
            channel, "/dapr.proto.components.v1.StateStore/BulkSet", _components_v1_state_pb2.BulkSetResponse
        )


class TransactionalStoreMultiMaxSizeBase(Service):
    """Serves dapr.proto.components.v1.TransactionalStoreMultiMaxSize; override what you serve, the rest answers UNIMPLEMENTED."""

    SERVICE = "dapr.proto.components.v1.TransactionalStoreMultiMaxSize"

    async def multi_max_size(self, request: _components_v1_state_pb2.MultiMaxSizeRequest, context: ServerContext) -> _components_v1_state_pb2.MultiMaxSizeResponse:
        raise unimplemented("MultiMaxSize")

    def methods(self) -> tuple[Method, ...]:
        return (
            Method("MultiMaxSize", self.multi_max_size, _components_v1_state_pb2.MultiMaxSizeRequest, _components_v1_state_pb2.MultiMaxSizeResponse, False, False),
        )


class TransactionalStoreMultiMaxSizeStub:
    """Calls dapr.proto.components.v1.TransactionalStoreMultiMaxSize on a channel."""

    def __init__(self, channel: Channel) -> None:
        self.multi_max_size: UnaryUnary[_components_v1_state_pb2.MultiMaxSizeRequest, _components_v1_state_pb2.MultiMaxSizeResponse] = UnaryUnary(
            channel, "/dapr.proto.components.v1.TransactionalStoreMultiMaxSize/MultiMaxSize", _components_v1_state_pb2.MultiMaxSizeResponse
        )
