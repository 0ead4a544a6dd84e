"""Whether a sidecar may say what it says: the checks of every message, in the original's order (§1.3).

Under mutual TLS a sidecar speaks for itself alone: id and namespace must be those of its certificate. With TLS or
without, actor types of the runtime itself (workflows) belong to the application whose id they carry.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from dapr_core.identity.spiffe import InvalidSpiffeIdError, parse_spiffe_id, workload_of
from dapr_core.proto.gen.placement.v1.placement_pb2 import Host
from dapr_core.rpc.grpc import Code, GrpcError
from dapr_placement.dissemination.reports import UNKNOWN

CONTRIBUTION_LIMIT: Final = 4_194_304
"""Bytes that one host may add to a table. A host lists all its types under each of them, so the sum grows with their
square; beyond gRPC's default limit of a message no sidecar could receive the table."""

_ENTRY_OVERHEAD: Final = 16


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is at the other end of a stream, as its certificate proves it."""

    namespace: str
    app_id: str


def caller_of(spiffe_id: str | None) -> Caller:
    """The caller on a connection under mutual TLS.

    Raises:
        GrpcError: UNAUTHENTICATED, the certificate names no workload.
    """
    try:
        workload = workload_of(parse_spiffe_id(spiffe_id or ""))
    except InvalidSpiffeIdError:
        raise GrpcError(Code.UNAUTHENTICATED, "failed to get client ID from context") from None
    return Caller(workload.namespace, workload.app_id)


def check(host: Host, caller: Caller | None) -> None:
    """Hold a message to the rules.

    Args:
        host: the message.
        caller: whose stream it is; None without TLS, where every id is believed.

    Raises:
        GrpcError: it breaks one; the status ends the stream.
    """
    if host.operation == UNKNOWN and host.HasField("version"):
        raise _invalid("both operation and version must be set or both must be unset")
    if not host.id or not host.namespace:
        raise _invalid("host ID and namespace must be provided")
    if caller is not None:
        _check_caller(host, caller)
    if host.entities:
        _check_entities(host)


def _check_caller(host: Host, caller: Caller) -> None:
    if host.id != caller.app_id:
        raise _denied(f"provided app ID {host.id} doesn't match the one in the SPIFFE ID ({caller.app_id})")
    if host.namespace != caller.namespace:
        raise _denied(
            f"provided client namespace {host.namespace} doesn't match the one in the SPIFFE ID ({caller.namespace})"
        )


def _check_entities(host: Host) -> None:
    for entity in host.entities:
        if entity.startswith("dapr.internal") and not _own(entity.split("."), host.namespace, host.id):
            raise _denied(f"entity {entity} is not allowed for app ID {host.id} in namespace {host.namespace}")
    size = contribution(host.entities, host.ByteSize())
    if size > CONTRIBUTION_LIMIT:
        raise GrpcError(
            Code.RESOURCE_EXHAUSTED,
            f"{len(host.entities)} actor types of one host take {size} bytes of a table, and the limit is "
            f"{CONTRIBUTION_LIMIT}: register fewer types, or spread them over several applications",
        )


def _own(parts: Sequence[str], namespace: str, app_id: str) -> bool:
    """Whether a type of the runtime belongs to this application. Types that only begin alike are nobody's concern.

    Ids of applications hold no dots; one that does is one part of the name to nobody, and so is refused.
    """
    if parts[:2] != ["dapr", "internal"]:
        return True
    return len(parts) >= 4 and parts[2] == namespace and parts[3] == app_id


def contribution(entities: Sequence[str], host_size: int) -> int:
    """Bytes that a host of this size adds to a table."""
    return len(entities) * (host_size + _ENTRY_OVERHEAD) + sum(map(len, entities))


def _invalid(text: str) -> GrpcError:
    return GrpcError(Code.INVALID_ARGUMENT, text)


def _denied(text: str) -> GrpcError:
    return GrpcError(Code.PERMISSION_DENIED, text)
