"""Typed services and stubs. Generated from dapr/proto/components/v1/secretstore.proto by tools/generate_protos.py: do not edit."""

from __future__ import annotations

from dapr_core.proto.gen.components.v1 import common_pb2 as _components_v1_common_pb2
from dapr_core.proto.gen.components.v1 import secretstore_pb2 as _components_v1_secretstore_pb2
from dapr_core.rpc.grpc.stub import UnaryUnary, Channel
from dapr_core.rpc.grpc.service import Method, ServerContext, Service, unimplemented


class SecretStoreBase(Service):
    """Serves dapr.proto.components.v1.SecretStore; override what you serve, the rest answers UNIMPLEMENTED."""

    SERVICE = "dapr.proto.components.v1.SecretStore"

    async def init(self, request: _components_v1_secretstore_pb2.SecretStoreInitRequest, context: ServerContext) -> _components_v1_secretstore_pb2.SecretStoreInitResponse:
        raise unimplemented("Init")

    async def features(self, request: _components_v1_common_pb2.FeaturesRequest, context: ServerContext) -> _components_v1_common_pb2.FeaturesResponse:
        raise unimplemented("Features")

    async def get(self, request: _components_v1_secretstore_pb2.GetSecretRequest, context: ServerContext) -> _components_v1_secretstore_pb2.GetSecretResponse:
        raise unimplemented("Get")

    async def bulk_get(self, request: _components_v1_secretstore_pb2.BulkGetSecretRequest, context: ServerContext) -> _components_v1_secretstore_pb2.BulkGetSecretResponse:
        raise unimplemented("BulkGet")

    async def ping(self, request: _components_v1_common_pb2.PingRequest, context: ServerContext) -> _components_v1_common_pb2.PingResponse:
        raise unimplemented("Ping")

    def methods(self) -> tuple[Method, ...]:
        return (
            Method("Init", self.init, _components_v1_secretstore_pb2.SecretStoreInitRequest, _components_v1_secretstore_pb2.SecretStoreInitResponse, False, False),
            Method("Features", self.features, _components_v1_common_pb2.FeaturesRequest, _components_v1_common_pb2.FeaturesResponse, False, False),
            Method("Get", self.get, _components_v1_secretstore_pb2.GetSecretRequest, _components_v1_secretstore_pb2.GetSecretResponse, False, False),
            Method("BulkGet", self.bulk_get, _components_v1_secretstore_pb2.BulkGetSecretRequest, _components_v1_secretstore_pb2.BulkGetSecretResponse, False, False),
            Method("Ping", self.ping, _components_v1_common_pb2.PingRequest, _components_v1_common_pb2.PingResponse, False, False),
        )


class SecretStoreStub:
    """Calls dapr.proto.components.v1.SecretStore on a channel."""

    def __init__(self, channel: Channel) -> None:
        self.init: UnaryUnary[_components_v1_secretstore_pb2.SecretStoreInitRequest, _components_v1_secretstore_pb2.SecretStoreInitResponse] = UnaryUnary(
            channel, "/dapr.proto.components.v1.SecretStore/Init", _components_v1_secretstore_pb2.SecretStoreInitResponse
        )
        self.features: UnaryUnary[_components_v1_common_pb2.FeaturesRequest, _components_v1_common_pb2.FeaturesResponse] = UnaryUnary(
            channel, "/dapr.proto.components.v1.SecretStore/Features", _components_v1_common_pb2.FeaturesResponse
        )
        self.get: UnaryUnary[_components_v1_secretstore_pb2.GetSecretRequest, _components_v1_secretstore_pb2.GetSecretResponse] = UnaryUnary(
            channel, "/dapr.proto.components.v1.SecretStore/Get", _components_v1_secretstore_pb2.GetSecretResponse
        )
        self.bulk_get: UnaryUnary[_components_v1_secretstore_pb2.BulkGetSecretRequest, _components_v1_secretstore_pb2.BulkGetSecretResponse] = UnaryUnary(
            channel, "/dapr.proto.components.v1.SecretStore/BulkGet", _components_v1_secretstore_pb2.BulkGetSecretResponse
        )
        self.ping: UnaryUnary[_components_v1_common_pb2.PingRequest, _components_v1_common_pb2.PingResponse] = UnaryUnary(
            channel, "/dapr.proto.components.v1.SecretStore/Ping", _components_v1_common_pb2.PingResponse
        )
