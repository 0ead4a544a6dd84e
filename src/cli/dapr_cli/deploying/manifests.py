"""An application of a run file as objects of a cluster (cli-dashboard.md §7).

Fields of the run file become annotations, from which the injector makes the sidecar; those that name something of this
machine (paths, the command, the sidecar's HTTP port) mean nothing there.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from dapr_cli.cluster.owned import MANAGED
from dapr_cli.command import Failure
from dapr_cli.launch.quantity import size_in_bytes
from dapr_cli.launch.spec import AppSpec
from dapr_core.kube import Object

NAMESPACE = "default"
CONFIGURATION = "appconfig"
"""The Configuration that applications get where there is one, as `dapr init -k --dev` makes it."""
PULL_POLICIES = ("Always", "IfNotPresent", "Never")
OUTER_PORT = 80
ANNOTATIONS = {
    "app_protocol": "app-protocol",
    "app_max_concurrency": "app-max-concurrency",
    "app_ssl": "app-ssl",
    "log_level": "log-level",
    "enable_api_logging": "enable-api-logging",
    "enable_profiling": "enable-profiling",
    "max_body_size": "max-body-size",
    "read_buffer_size": "read-buffer-size",
    "dapr_listen_addresses": "sidecar-listen-addresses",
    "dapr_grpc_port": "grpc-port",
    "dapr_internal_grpc_port": "internal-grpc-port",
    "metrics_port": "metrics-port",
    "unix_domain_socket": "unix-domain-socket-path",
    "placement_host_address": "placement-host-address",
    "scheduler_host_address": "scheduler-host-address",
    "enable_app_health_check": "enable-app-health-check",
    "app_health_check_path": "app-health-check-path",
    "app_health_probe_interval": "app-health-probe-interval",
    "app_health_probe_timeout": "app-health-probe-timeout",
    "app_health_threshold": "app-health-threshold",
}
"""Fields of a run file with their annotations; one that is not set leaves the injector its own default."""
SIZES = ("max_body_size", "read_buffer_size")
_DEFAULTS = {field.name: field.default for field in dataclasses.fields(AppSpec)}


def check(spec: AppSpec) -> None:
    """Raise Failure for an application that cannot be one of a cluster."""
    if not spec.container_image:
        raise Failure(f'the app "{spec.app_id}" has no containerImage, and a cluster starts nothing else')
    if spec.image_pull_policy not in PULL_POLICIES:
        raise Failure(
            f'invalid containerImagePullPolicy "{spec.image_pull_policy}" of the app "{spec.app_id}": '
            f"it takes {', '.join(PULL_POLICIES)}"
        )
    if spec.create_service and spec.app_port <= 0:
        raise Failure(f'the app "{spec.app_id}" asks for a Service (createService) and has no appPort')


def annotations_of(spec: AppSpec, *, configuration: bool) -> dict[str, str]:
    """The annotations of an application's pod; ``configuration`` tells whether there is one of the usual name."""
    found = {"dapr.io/enabled": "true", "dapr.io/app-id": spec.app_id}
    if spec.app_port > 0:
        found["dapr.io/app-port"] = str(spec.app_port)
    if configuration:
        found["dapr.io/config"] = CONFIGURATION
    for attribute, annotation in ANNOTATIONS.items():
        value = getattr(spec, attribute)
        if value != _DEFAULTS[attribute]:
            found[f"dapr.io/{annotation}"] = _word(attribute, value)
    return found


def deployment(spec: AppSpec, *, configuration: bool) -> Object:
    """The Deployment of an application."""
    container: dict[str, Any] = {
        "name": spec.app_id,
        "image": spec.container_image,
        "imagePullPolicy": spec.image_pull_policy,
        "env": [{"name": name, "value": value} for name, value in spec.env.items()],
    }
    if spec.app_port > 0:
        container["ports"] = [{"containerPort": spec.app_port}]
    labels = {"app": spec.app_id}
    pod = {"labels": {**labels, **MANAGED}, "annotations": annotations_of(spec, configuration=configuration)}
    template = {"metadata": pod, "spec": {"containers": [container]}}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": _metadata(spec),
        "spec": {"replicas": 1, "selector": {"matchLabels": labels}, "template": template},
    }


def service(spec: AppSpec) -> Object:
    """The Service that leads to an application from outside the cluster."""
    port = {"protocol": "TCP", "port": OUTER_PORT, "targetPort": spec.app_port}
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": _metadata(spec),
        "spec": {"type": "LoadBalancer", "selector": {"app": spec.app_id}, "ports": [port]},
    }


def _metadata(spec: AppSpec) -> dict[str, Any]:
    return {"name": spec.app_id, "namespace": NAMESPACE, "labels": {"app": spec.app_id, **MANAGED}}


def _word(attribute: str, value: object) -> str:
    if attribute in SIZES:
        return str(size_in_bytes(str(value)))
    return str(value).lower() if isinstance(value, bool) else str(value)
