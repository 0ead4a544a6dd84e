"""The Service of a workload's sidecars, as it should be (control-plane.md §4.6)."""

from __future__ import annotations

import logging
from typing import Any, Final

from dapr_core.kube import Object
from dapr_core.kube.kinds import SERVICE
from dapr_core.kube.objects import section, text
from dapr_core.truth import is_truthy
from dapr_operator.workloads.workload import APP_ID, ENABLED, Workload

log = logging.getLogger("dapr.operator.handlers")

HTTP_PORT: Final = 3500
_MINE: Final = ("labels", "annotations", "ownerReferences")


def service_of(workload: Workload, *, mtls: bool) -> Object:
    """The whole object.

    Args:
        workload: whose.
        mtls: whether sidecars speak mTLS to one another.

    Raises:
        InvalidAppIdError: the application's id cannot name a Service.
    """
    return {
        "apiVersion": SERVICE.api_version,
        "kind": SERVICE.name,
        "metadata": {
            "name": workload.service_name,
            "namespace": workload.key.namespace,
            "labels": {ENABLED: "true"},
            "annotations": _annotations(workload),
            "ownerReferences": [_owner(workload)],
        },
        "spec": {
            "clusterIP": "None",
            "selector": dict(workload.selector),
            "ports": [
                _port("dapr-http", 80, HTTP_PORT, "http"),
                _same("dapr-grpc", workload.number("dapr.io/grpc-port", 50001), "grpc"),
                _same("dapr-internal", workload.number("dapr.io/internal-grpc-port", 50002), "tls" if mtls else "grpc"),
                _same("dapr-metrics", _metrics_port(workload), "http"),
            ],
        },
    }


def updated(present: Object, wanted: Object) -> Object | None:
    """A Service that is there, made what it should be; None when it is that already."""
    metadata = dict(section(present, "metadata"))
    changed = metadata | {name: wanted["metadata"][name] for name in _MINE}
    spec = dict(section(present, "spec"))
    new_spec = spec | {name: wanted["spec"][name] for name in ("selector", "ports")}
    if changed == metadata and new_spec == spec:
        return None
    return {**present, "metadata": changed, "spec": new_spec}


def refusal(present: Object, workload: Workload) -> str:
    """Why a Service of that name must not be taken over; empty when it is the workload's, or that of an earlier one
    of the same name."""
    owner = _controller(present)
    if owner is not None and (owner.get("kind"), owner.get("name")) != (workload.kind.name, workload.key.name):
        return f"it belongs to {owner.get('kind')} {owner.get('name')}; two workloads have the app id {workload.app_id}"
    if owner is None and not text(section(present, "metadata", "labels"), ENABLED):
        return "it was not made by Dapr; rename it, or choose another app id"
    return ""


def owned_by(service: Object) -> str:
    """The uid of the workload that a Service belongs to; empty for none."""
    return text(_controller(service) or {}, "uid")


def _controller(service: Object) -> dict[str, Any] | None:
    return next((one for one in _owners(service) if one.get("controller") is True), None)


def _owners(service: Object) -> list[dict[str, Any]]:
    owners = section(service, "metadata").get("ownerReferences")
    return [one for one in owners if isinstance(one, dict)] if isinstance(owners, list) else []


def _owner(workload: Workload) -> Object:
    return {
        "apiVersion": workload.kind.api_version,
        "kind": workload.kind.name,
        "name": workload.key.name,
        "uid": workload.uid,
        "controller": True,
        "blockOwnerDeletion": True,
    }


def _metrics_port(workload: Workload) -> int:
    return workload.number("dapr.io/metrics-port", 9090)


def _annotations(workload: Workload) -> dict[str, str]:
    found = {APP_ID: workload.app_id}
    asked = workload.annotations.get("dapr.io/enable-metrics", "")
    if not asked or is_truthy(asked):
        found |= {
            "prometheus.io/probe": "true",
            "prometheus.io/scrape": "true",
            "prometheus.io/port": str(_metrics_port(workload)),
            "prometheus.io/path": "/",
        }
    for item in workload.annotations.get("dapr.io/sidecar-svc-annotations", "").split(","):
        name, equals, value = (part.strip() for part in item.partition("="))
        if not name or not equals:
            continue
        if name in found:
            log.warning("The Service of %s keeps its own annotation %s", workload.app_id, name)
            continue
        found[name] = value
    return found


def _port(name: str, port: int, target: int, protocol: str) -> Object:
    return {"name": name, "protocol": "TCP", "appProtocol": protocol, "port": port, "targetPort": target}


def _same(name: str, port: int, protocol: str) -> Object:
    return _port(name, port, port, protocol)
