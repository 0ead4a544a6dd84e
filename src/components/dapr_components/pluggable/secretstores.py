"""Secret stores in a process of their own: ``dapr.proto.components.v1.SecretStore``."""

from __future__ import annotations

from collections.abc import Mapping

from dapr_components.contract import ComponentContext
from dapr_components.pluggable.connection import PluggableComponent
from dapr_components.secretstores.contract import Feature, SecretStore
from dapr_core.proto.gen.components.v1 import secretstore_pb2 as pb
from dapr_core.proto.gen.components.v1.common_pb2 import FeaturesRequest, MetadataRequest, PingRequest
from dapr_core.proto.gen.components.v1.secretstore_grpc import SecretStoreStub


class PluggableSecretStore(PluggableComponent, SecretStore):
    """A secret store behind a socket."""

    def __init__(self, context: ComponentContext) -> None:
        super().__init__(context)
        self._stub = SecretStoreStub(self.connection.channel)

    async def hello(self) -> None:
        metadata = MetadataRequest(properties=self.properties)
        await self.connection.raw(self._stub.init, pb.SecretStoreInitRequest(metadata=metadata))
        answer = await self.connection.raw(self._stub.features, FeaturesRequest())
        self.features = frozenset(each for each in Feature if each in answer.features)

    async def ping(self) -> None:
        await self._ping(self._stub.ping, PingRequest())

    async def get(self, name: str, metadata: Mapping[str, str]) -> dict[str, str] | None:
        answer = await self.connection.call(self._stub.get, pb.GetSecretRequest(key=name, metadata=metadata))
        return dict(answer.data) or None

    async def bulk_get(self, metadata: Mapping[str, str]) -> dict[str, dict[str, str]]:
        answer = await self.connection.call(self._stub.bulk_get, pb.BulkGetSecretRequest(metadata=metadata))
        return {name: dict(found.secrets) for name, found in answer.data.items()}
