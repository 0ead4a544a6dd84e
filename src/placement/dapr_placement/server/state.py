"""``GET /placement/state``: who runs which actor types, for people and tools (actors-placement.md §1.9).

The JSON is what Go makes of the messages ``StatePlacementTables`` and ``Host``: their fields in order, zero values left
out, numbers as numbers.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Final

from dapr_core.proto.gen.placement.v1.placement_pb2 import Host
from dapr_core.rpc.messages import Request, Response
from dapr_placement.dissemination.tables import HostTable
from dapr_placement.server.board import Board
from dapr_placement.server.service import PlacementService

PATH: Final = b"/placement/state"
_JSON: Final = [(b"content-type", b"application/json")]
_FIELDS: Final = ("name", "port", "load", "entities", "id", "pod", "api_level", "namespace", "operation")
_ESCAPED: Final = str.maketrans(
    {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
)


class StateEndpoint:
    """Answers for a board. A placement that does not lead knows nothing and says ``null``, as the original's do."""

    def __init__(self, board: Board, service: PlacementService) -> None:
        self._board = board
        self._service = service

    def handle(self, request: Request) -> Response:
        """Answer a request."""
        if request.method not in ("GET", "HEAD"):
            return Response(405, [(b"allow", b"GET, HEAD")])
        if not self._service.serves:
            return Response(200, list(_JSON), b"null")
        tables = {name: _table(version, table) for name, version, table in sorted(self._board.tables(), key=_name)}
        text = json.dumps({"tables": tables} if tables else {}, separators=(",", ":"), ensure_ascii=False)
        return Response(200, list(_JSON), text.translate(_ESCAPED).encode("utf-8", "replace"))


def _name(row: tuple[str, int, HostTable]) -> str:
    return row[0]


def _table(version: int, table: HostTable) -> dict[str, Any]:
    found: dict[str, Any] = {}
    hosts = [Host.FromString(host.report.encoded) for host in table]
    if hosts:
        found["hosts"] = [_host(host) for host in sorted(hosts, key=lambda host: host.name)]
    if version:
        found["version"] = version
    return found


def _host(host: Host) -> dict[str, Any]:
    found = {name: _plain(getattr(host, name)) for name in _FIELDS}
    found = {name: value for name, value in found.items() if value}
    if host.HasField("version"):
        found["version"] = host.version
    return found


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, Iterable) and not isinstance(value, str) else value
