"""Workloads whose pods ask for sidecars, and the Services that they get."""

from __future__ import annotations

from typing import Any

from cluster.kube.client import ApiError, Client
from support.processes import wait_until

Json = dict[str, Any]


def workload(namespace: str, name: str, kind: str = "Deployment", **annotations: str) -> Json:
    named = {f"dapr.io/{key.replace('_', '-')}": value for key, value in annotations.items()}
    spec: Json = {
        "selector": {"matchLabels": {"app": name}},
        "template": {
            "metadata": {
                "labels": {"app": name},
                "annotations": {"dapr.io/enabled": "true", "dapr.io/app-id": name} | named,
            },
            "spec": {"containers": [{"name": "app", "image": "app:1"}]},
        },
    }
    if kind == "StatefulSet":
        spec["serviceName"] = name
    version = "argoproj.io/v1alpha1" if kind == "Rollout" else "apps/v1"
    return {"apiVersion": version, "kind": kind, "metadata": {"name": name, "namespace": namespace}, "spec": spec}


def service(admin: Client, namespace: str, name: str) -> Json | None:
    try:
        return admin.get("v1", "Service", name, namespace)
    except ApiError as error:
        if error.status == 404:
            return None
        raise


def made_service(admin: Client, namespace: str, app_id: str) -> Json:
    wait_until(lambda: service(admin, namespace, f"{app_id}-dapr") is not None, what=f"the Service of {app_id}")
    found = service(admin, namespace, f"{app_id}-dapr")
    assert found is not None
    return found


def ports(found: Json) -> dict[str, tuple[int, int, str]]:
    return {port["name"]: (port["port"], port["targetPort"], port["appProtocol"]) for port in found["spec"]["ports"]}
