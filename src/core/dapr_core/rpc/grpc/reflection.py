"""Ask a gRPC server which services it has (gRPC's server reflection protocol).

Servers offer the protocol as ``v1alpha``, ``v1`` or both; the two have the same messages under two names. The older one
is asked first, because the components of today offer it for certain.
"""

from __future__ import annotations

from dapr_core.proto.gen.grpc.reflection.v1 import reflection_pb2 as v1
from dapr_core.proto.gen.grpc.reflection.v1.reflection_grpc import ServerReflectionStub as StubV1
from dapr_core.proto.gen.grpc.reflection.v1alpha import reflection_pb2 as v1alpha
from dapr_core.proto.gen.grpc.reflection.v1alpha.reflection_grpc import ServerReflectionStub as StubV1Alpha
from dapr_core.rpc.grpc.client import Channel
from dapr_core.rpc.grpc.status import Code, GrpcError


async def list_services(channel: Channel, *, timeout: float | None = None) -> list[str]:
    """The full names of a server's services, reflection itself included, in the server's order.

    ``timeout`` is in seconds, for each of at most two questions.

    Raises:
        GrpcError: the server cannot be reached or refuses; UNIMPLEMENTED when it has no reflection.
    """
    try:
        return await _list_v1alpha(channel, timeout)
    except GrpcError as error:
        if error.code is not Code.UNIMPLEMENTED:
            raise
    return await _list_v1(channel, timeout)


async def _list_v1alpha(channel: Channel, timeout: float | None) -> list[str]:
    async with StubV1Alpha(channel).server_reflection_info(timeout=timeout) as call:
        await call.send(v1alpha.ServerReflectionRequest(list_services="*"))
        await call.end()
        return _names([answer async for answer in call])


async def _list_v1(channel: Channel, timeout: float | None) -> list[str]:
    async with StubV1(channel).server_reflection_info(timeout=timeout) as call:
        await call.send(v1.ServerReflectionRequest(list_services="*"))
        await call.end()
        return _names([answer async for answer in call])


def _names(answers: list[v1.ServerReflectionResponse] | list[v1alpha.ServerReflectionResponse]) -> list[str]:
    for answer in answers:
        if answer.HasField("error_response"):
            refused = answer.error_response
            raise GrpcError(Code(refused.error_code) if refused.error_code in _CODES else Code.UNKNOWN,
                            refused.error_message)  # fmt: skip
    return [service.name for answer in answers for service in answer.list_services_response.service]


_CODES = frozenset(int(code) for code in Code) - {int(Code.OK)}
