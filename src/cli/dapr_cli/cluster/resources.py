"""Resources of a cluster for the listing commands: which, and what their columns say (cli-dashboard.md §12)."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from dapr_cli.command import Failure
from dapr_core.kube import Kind, KubeClient, NotFoundError, Object
from dapr_core.kube.kinds import COMPONENT, CONFIGURATION
from dapr_core.kube.objects import key_of, section, text

from .moments import age_of, created_at, created_column

SYSTEM_CONFIGURATION = "daprsystem"
MCP_SERVER = Kind("dapr.io", "v1alpha1", "mcpservers", "MCPServer")
TRANSPORTS = {"streamableHTTP": ("streamable_http", "url"), "sse": ("sse", "url"), "stdio": ("stdio", "command")}
"""Members of an MCPServer's endpoint: what the column calls each, and which of its fields says where it is."""


class Columns(NamedTuple):
    """How resources of a kind are listed: the headings, and the cells but for age and creation."""

    headings: tuple[str, ...]
    cells: Callable[[Object], dict[str, str]]


async def fetch(client: KubeClient, kind: Kind, namespace: str = "", name: str = "") -> list[Object]:
    """Resources of a kind, those of the last namespace first; a name counts in any case.

    Raises:
        Failure: the cluster does not know the kind.
        KubeError: it cannot be asked.
    """
    try:
        items = (await client.list(kind, namespace)).items
    except NotFoundError as error:
        raise Failure(
            f"the cluster does not know {kind}: Dapr is not installed in it, or is too old; run `dapr init -k`"
        ) from error
    return ordered(items, kind, name)


def ordered(items: Sequence[Object], kind: Kind, name: str = "") -> list[Object]:
    """Those that are meant, of the last namespace first; a name counts in any case."""
    kept = [thing for thing in items if _is_meant(thing, kind, name)]
    kept.sort(key=lambda thing: key_of(thing).name)
    kept.sort(key=lambda thing: key_of(thing).namespace, reverse=True)
    return kept


def details(things: Sequence[Object]) -> list[dict[str, Any]]:
    """What ``-o json`` and ``-o yaml`` print."""
    return [
        {"name": key_of(thing).name, "namespace": key_of(thing).namespace, "spec": dict(section(thing, "spec"))}
        for thing in things
    ]


def table_of(things: Sequence[Object], columns: Columns, now: float) -> tuple[list[str], list[list[str]]]:
    """Headings and rows of the table."""
    rows = []
    for thing in things:
        created = created_at(thing)
        cells = {
            "NAMESPACE": key_of(thing).namespace,
            "NAME": key_of(thing).name,
            "CREATED": created_column(created),
            "AGE": age_of(created, now),
            **columns.cells(thing),
        }
        rows.append([cells[heading] for heading in columns.headings])
    return list(columns.headings), rows


def tracing_is_enabled(spec: Mapping[str, Any]) -> bool:
    """Whether any call is sampled."""
    try:
        rate = float(text(section(spec, "tracing"), "samplingRate") or "0")
    except ValueError:
        return False
    return math.isfinite(rate) and rate > 0


def metrics_are_enabled(spec: Mapping[str, Any]) -> bool:
    """``metrics.enabled``, else ``metric.enabled`` of earlier years, else on."""
    for name in ("metrics", "metric"):
        enabled = section(spec, name).get("enabled")
        if isinstance(enabled, bool):
            return enabled
    return True


def _is_meant(thing: Object, kind: Kind, name: str) -> bool:
    own = key_of(thing).name
    if kind == CONFIGURATION and own == SYSTEM_CONFIGURATION:
        return False
    return not name or own.casefold() == name.casefold()


def _component(thing: Object) -> dict[str, str]:
    spec = section(thing, "spec")
    return {"TYPE": text(spec, "type"), "VERSION": text(spec, "version"), "SCOPES": _scopes(thing)}


def _configuration(thing: Object) -> dict[str, str]:
    spec = section(thing, "spec")
    return {
        "TRACING-ENABLED": str(tracing_is_enabled(spec)).lower(),
        "METRICS-ENABLED": str(metrics_are_enabled(spec)).lower(),
    }


def _mcp_server(thing: Object) -> dict[str, str]:
    endpoint = section(thing, "spec", "endpoint")
    for member, (transport, where) in TRANSPORTS.items():
        if member in endpoint:
            place = text(section(endpoint, member), where)
            return {"TRANSPORT": transport, "URL": place, "SCOPES": _scopes(thing)}
    return {"TRANSPORT": "", "URL": "", "SCOPES": _scopes(thing)}


def _scopes(thing: Object) -> str:
    scopes = thing.get("scopes") or []
    return ",".join(map(str, scopes)) if isinstance(scopes, list) else ""


LISTED: Mapping[Kind, Columns] = {
    COMPONENT: Columns(("NAMESPACE", "NAME", "TYPE", "VERSION", "SCOPES", "CREATED", "AGE"), _component),
    CONFIGURATION: Columns(
        ("NAMESPACE", "NAME", "TRACING-ENABLED", "METRICS-ENABLED", "AGE", "CREATED"), _configuration
    ),
    MCP_SERVER: Columns(("NAMESPACE", "NAME", "TRANSPORT", "URL", "SCOPES", "CREATED", "AGE"), _mcp_server),
}
