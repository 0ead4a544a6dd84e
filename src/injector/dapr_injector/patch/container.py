"""The sidecar's container (control-plane.md §5.4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from dapr_core.resources.quantity import InvalidQuantityError, canonical_quantity
from dapr_injector.annotations import SidecarAnnotations
from dapr_injector.patch.arguments import command, flags
from dapr_injector.patch.environment import CERTIFICATES, complaints_of, sidecar_environment
from dapr_injector.patch.pod import SIDECAR, Json, Pod
from dapr_injector.patch.settings import HTTP_PORT, PUBLIC_PORT, Admission, InjectionSettings
from dapr_injector.patch.volumes import mount

_HEALTH: Final = "/v1.0/healthz"


def sidecar_container(
    pod: Pod,
    app_id: str,
    annotations: SidecarAnnotations,
    settings: InjectionSettings,
    admission: Admission,
    *,
    native: bool,
    mounts: Sequence[Json],
    sockets: tuple[str, str] | None,
) -> tuple[Json, list[str]]:
    """The container, and complaints. ``sockets`` is volume and folder of pluggable components."""
    environment = sidecar_environment(annotations, settings, admission, sockets[1] if sockets else None)
    program, before = command(annotations)
    arguments = [*before, *flags(app_id, annotations, settings, mtls=admission.mtls)]
    entrypoint = _tolerates(pod, settings.ignore_entrypoint_tolerations)
    resources, complaints = _resources(annotations)
    all_mounts = [*mounts, mount(*sockets)] if sockets else list(mounts)
    image = settings.image if annotations.image is None else annotations.image
    container: Json = {
        "name": SIDECAR,
        **({"image": image} if image else {}),
        **({"command": program} if entrypoint else {}),
        "args": arguments if entrypoint else [*program, *arguments],
        "ports": _ports(annotations),
        "env": environment,
        "resources": resources,
        **({"restartPolicy": "Always"} if native else {}),
        **({"volumeMounts": all_mounts} if all_mounts else {}),
        "livenessProbe": _liveness(annotations),
        "readinessProbe": _readiness(annotations),
        "imagePullPolicy": settings.image_pull_policy,
        "securityContext": _security(annotations, settings, environment),
    }
    return container, [*complaints_of(annotations), *complaints]


def _ports(annotations: SidecarAnnotations) -> list[Json]:
    ports = {
        "dapr-http": HTTP_PORT,
        "dapr-grpc": annotations.grpc_port,
        "dapr-internal": annotations.internal_grpc_port,
        "dapr-metrics": annotations.metrics_port,
    }
    if annotations.enable_debug:
        ports["dapr-debug"] = annotations.debug_port
    return [{"name": name, "containerPort": port} for name, port in ports.items()]


def _liveness(annotations: SidecarAnnotations) -> Json:
    return {"tcpSocket": {"port": PUBLIC_PORT}} | _timing(
        annotations.liveness_delay,
        annotations.liveness_timeout,
        annotations.liveness_period,
        annotations.liveness_threshold,
    )


def _readiness(annotations: SidecarAnnotations) -> Json:
    return {"httpGet": {"path": _HEALTH, "port": PUBLIC_PORT}} | _timing(
        annotations.readiness_delay,
        annotations.readiness_timeout,
        annotations.readiness_period,
        annotations.readiness_threshold,
    )


def _timing(delay: int, timeout: int, period: int, threshold: int) -> Json:
    """Kubernetes leaves out zeros, and puts its own defaults there."""
    numbers = {
        "initialDelaySeconds": delay,
        "timeoutSeconds": timeout,
        "periodSeconds": period,
        "failureThreshold": threshold,
    }
    return {name: number for name, number in numbers.items() if number}


def _resources(annotations: SidecarAnnotations) -> tuple[Json, list[str]]:
    wanted = {
        "limits": {"cpu": annotations.cpu_limit, "memory": annotations.memory_limit},
        "requests": {"cpu": annotations.cpu_request, "memory": annotations.memory_request},
    }
    found: Json = {}
    for side, quantities in wanted.items():
        try:
            given = {name: canonical_quantity(text) for name, text in quantities.items() if text}
        except InvalidQuantityError as error:
            return {}, [f"no {side} or other resources are set for the sidecar: {error}"]
        if given:
            found[side] = given
    return found, []


def _security(annotations: SidecarAnnotations, settings: InjectionSettings, environment: Sequence[Json]) -> Json:
    # On Windows the certificates of SSL_CERT_DIR are installed by an administrator, and nothing here tells on which
    # system the pod will run.
    installs = any(variable["name"] == CERTIFICATES for variable in environment)
    context: dict[str, Any] = {}
    if settings.drop_all_capabilities:
        context["capabilities"] = {"drop": ["ALL"]}
    if installs:
        context["windowsOptions"] = {"runAsUserName": "ContainerAdministrator"}
    else:
        ids = {"runAsUser": settings.run_as_user, "runAsGroup": settings.run_as_group}
        context |= {name: number for name, number in ids.items() if number is not None}
    context["runAsNonRoot"] = settings.run_as_non_root and not installs
    context["readOnlyRootFilesystem"] = settings.read_only_root_filesystem and not installs
    context["allowPrivilegeEscalation"] = False
    if annotations.seccomp_profile_type:
        context["seccompProfile"] = {"type": annotations.seccomp_profile_type}
    return context


def _tolerates(pod: Pod, tolerations: Sequence[Mapping[str, Any]]) -> bool:
    return any(toleration == mine for toleration in tolerations for mine in pod.tolerations)
