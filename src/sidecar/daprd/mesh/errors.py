"""How a call between sidecars fails, in the words of the wire."""

from __future__ import annotations

from typing import Final

from daprd.catalogue.invoke import grpc_name

UNKNOWN: Final = 2
INVALID_ARGUMENT: Final = 3
DEADLINE_EXCEEDED: Final = 4
PERMISSION_DENIED: Final = 7
UNIMPLEMENTED: Final = 12
INTERNAL: Final = 13
UNAVAILABLE: Final = 14
UNAUTHENTICATED: Final = 16

RECONNECT: Final = frozenset({UNAVAILABLE, UNAUTHENTICATED})
"""Codes after which the connection is made anew before the call is tried again (api.md §3.6)."""


class RpcError(Exception):
    """A call ended with a gRPC status. ``str`` is how Go prints it, which is what clients read in messages."""

    def __init__(self, code: int, text: str, details: bytes = b"") -> None:
        self.code = code
        self.text = text
        self.details = details
        super().__init__(f"rpc error: code = {grpc_name(code)} desc = {text}")


class ResolveError(Exception):
    """No address was found for an application; the text names it."""


class SendError(Exception):
    """A call could not be put on the wire; the text says why."""
