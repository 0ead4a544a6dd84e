"""Secrets over gRPC (api.md §4)."""

from __future__ import annotations

from dapr_core.proto.gen.runtime.v1 import secret_pb2 as pb
from daprd.api.grpc.blocks import Blocks
from daprd.api.grpc.calls import EMPTY, Rpc, Unary, UnaryCall


def rpcs(blocks: Blocks) -> dict[str, Rpc]:
    """The methods of secrets."""
    block = blocks.secrets

    async def get(request: pb.GetSecretRequest, call: UnaryCall) -> bytes:
        found = await block.get(request.store_name, request.key, metadata=dict(request.metadata))
        return EMPTY if found is None else bytes(pb.GetSecretResponse(data=found).SerializeToString())

    async def bulk_get(request: pb.GetBulkSecretRequest, call: UnaryCall) -> bytes:
        answer = pb.GetBulkSecretResponse()
        for key, secret in (await block.bulk_get(request.store_name, metadata=dict(request.metadata))).items():
            answer.data[key].secrets.update(secret)
        return bytes(answer.SerializeToString())

    return {"GetSecret": Unary(pb.GetSecretRequest, get), "GetBulkSecret": Unary(pb.GetBulkSecretRequest, bulk_get)}
