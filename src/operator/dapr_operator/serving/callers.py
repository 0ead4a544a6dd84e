"""Whom a call comes from, and whether the namespace it asks for is its own (control-plane.md §4.2)."""

from __future__ import annotations

from dapr_core.identity.spiffe import InvalidSpiffeIdError, Workload, parse_spiffe_id, workload_of
from dapr_core.rpc.grpc import Code, GrpcError
from dapr_core.rpc.grpc.service import ServerContext


def authorised(context: ServerContext, namespace: str) -> Workload:
    """The caller, once it has proved to be of the namespace that it asks for.

    Raises:
        GrpcError: it is of another one, or nobody knows of which (PERMISSION_DENIED).
    """
    try:
        caller = workload_of(parse_spiffe_id(context.peer.spiffe_id or ""))
    except InvalidSpiffeIdError:
        raise GrpcError(Code.PERMISSION_DENIED, "failed to determine identity") from None
    if not namespace or caller.namespace != namespace:
        raise GrpcError(
            Code.PERMISSION_DENIED,
            f"identity does not match requested namespace exp={caller.namespace} got={namespace[:80]}",
        )
    return caller
