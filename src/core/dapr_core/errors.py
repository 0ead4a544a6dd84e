"""Typed failures of building blocks: a row of the catalogue, and the parameters that fill it.

A block raises ``DaprError(ROW, name="orders")`` and never sees HTTP or gRPC. Each edge renders the same row in its own
way, since status, text and details differ between the two (api.md §1.3, §2). Rows live beside the blocks that raise
them, in ``daprd.catalogue``; this module only says what a row is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

Transport: TypeAlias = Literal["http", "grpc"]
Details: TypeAlias = Callable[[Mapping[str, Any], Transport], list[dict[str, Any]]]
"""Builds the ``details`` of a rich error: google.rpc values as JSON objects with their ``@type``."""

DETAIL_PREFIX = "type.googleapis.com/google.rpc."


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorRow:
    """One kind of failure and how each transport shows it.

    ``tag`` is the ``errorCode`` of the HTTP body; when empty, ``reason`` takes its place. ``message`` (and
    ``grpc_message`` where gRPC words it otherwise) are ``str.format`` templates over the parameters. ``grpc_code`` is
    the number of google.rpc.Code.
    """

    http_status: int
    grpc_code: int
    message: str
    tag: str = ""
    reason: str = ""
    grpc_message: str = ""
    details: Details | None = None
    category: str = "common"


class DaprError(Exception):
    """A block refused or failed; the edge turns it into the documented answer.

    ``cause_text`` is what goes into log lines and into the message; parameters never hold secrets.
    """

    def __init__(self, row: ErrorRow, /, **params: Any) -> None:
        self.row = row
        self.params = params
        super().__init__(row.message.format_map(params))

    def message(self, transport: Transport) -> str:
        """The text a client of this transport reads."""
        template = self.row.grpc_message if transport == "grpc" and self.row.grpc_message else self.row.message
        return template.format_map(self.params)

    def details(self, transport: Transport) -> list[dict[str, Any]]:
        """The rich details for this transport; empty for a flat error."""
        return self.row.details(self.params, transport) if self.row.details is not None else []


def error_info(reason: str, metadata: Mapping[str, str] | None) -> dict[str, Any]:
    """A google.rpc.ErrorInfo as JSON; the domain is always ``dapr.io`` (api.md §1.3)."""
    return {
        "@type": DETAIL_PREFIX + "ErrorInfo",
        "reason": reason,
        "domain": "dapr.io",
        "metadata": dict(metadata) if metadata is not None else None,
    }


def resource_info(kind: str, name: str, *, owner: str = "", description: str = "") -> dict[str, Any]:
    """A google.rpc.ResourceInfo as JSON."""
    return {
        "@type": DETAIL_PREFIX + "ResourceInfo",
        "resource_type": kind,
        "resource_name": name,
        "owner": owner,
        "description": description,
    }
