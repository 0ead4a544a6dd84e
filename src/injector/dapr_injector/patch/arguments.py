"""The sidecar's command line, flags in the original's order (control-plane.md §5.4)."""

from __future__ import annotations

from typing import Final

from dapr_injector.annotations import SidecarAnnotations
from dapr_injector.patch.settings import HTTP_PORT, PLACEMENT, PUBLIC_PORT, InjectionSettings, PlatformService
from dapr_injector.patch.volumes import SOCKETS_IN_SIDECAR

_DEBUGGER: Final = (
    "--accept-multiclient",
    "--headless=true",
    "--log",
    "--api-version=2",
    "exec",
    "/daprd",
    "--",
)


def command(annotations: SidecarAnnotations) -> tuple[list[str], list[str]]:
    """The program, and what stands before the sidecar's own flags."""
    if not annotations.enable_debug:
        return ["/daprd"], []
    return ["/dlv"], ["--listen", f":{annotations.debug_port}", *_DEBUGGER]


def flags(app_id: str, annotations: SidecarAnnotations, settings: InjectionSettings, *, mtls: bool) -> list[str]:
    """All flags of ``daprd``; a flag and its value are two items."""
    return [
        *_always(app_id, annotations, settings),
        *_optional("--app-port", annotations.app_port if annotations.app_port > 0 else None),
        *(["--enable-metrics", "--metrics-port", str(annotations.metrics_port)] if annotations.enable_metrics else []),
        *_unless_empty("--config", annotations.config),
        *_unless_empty("--app-channel-address", annotations.app_channel_address),
        *_actors(annotations, settings),
        *_unless_empty("--sentry-request-jwt-audiences", annotations.sentry_request_jwt_audiences),
        *_api_logging(annotations),
        *_if(annotations.disable_builtin_k8s_secret_store, "--disable-builtin-k8s-secret-store"),
        *_app_health(annotations),
        *_unless_empty("--app-binding-options-timeout", annotations.app_binding_options_timeout),
        *_if(annotations.log_as_json, "--log-as-json"),
        *_if(annotations.enable_profiling, "--enable-profiling"),
        *_if(mtls, "--enable-mtls"),
        *_if(annotations.app_ssl, "--app-ssl"),
        *_optional("--app-max-concurrency", annotations.app_max_concurrency),
        *_optional("--dapr-http-max-request-size", annotations.http_max_request_size),
        *_unless_empty("--max-body-size", annotations.max_body_size),
        *_optional("--dapr-http-read-buffer-size", annotations.http_read_buffer_size),
        *_unless_empty("--read-buffer-size", annotations.read_buffer_size),
        *(["--unix-domain-socket", SOCKETS_IN_SIDECAR] if annotations.unix_domain_socket_path else []),
        *_optional("--dapr-block-shutdown-duration", annotations.block_shutdown_duration),
        *_unless_empty("--actors-disseminate-timeout", annotations.actors_disseminate_timeout),
        *_scheduler(annotations, settings),
        *_optional("--disable-init-endpoints", annotations.disable_init_endpoints),
    ]


def _always(app_id: str, annotations: SidecarAnnotations, settings: InjectionSettings) -> list[str]:
    return [
        "--dapr-http-port",
        str(HTTP_PORT),
        "--dapr-grpc-port",
        str(annotations.grpc_port),
        "--dapr-internal-grpc-port",
        str(annotations.internal_grpc_port),
        "--dapr-listen-addresses",
        annotations.listen_addresses,
        "--dapr-public-port",
        str(PUBLIC_PORT),
        "--app-id",
        app_id,
        "--app-protocol",
        annotations.app_protocol,
        "--log-level",
        annotations.log_level,
        "--dapr-graceful-shutdown-seconds",
        str(annotations.graceful_shutdown_seconds),
        "--mode",
        "kubernetes",
        "--control-plane-address",
        settings.address("dapr-api", 443),
        "--sentry-address",
        settings.address("dapr-sentry", 443),
    ]


def _actors(annotations: SidecarAnnotations, settings: InjectionSettings) -> list[str]:
    found: list[str] = []
    asked, actors = annotations.placement_host_address, settings.actors
    if asked:
        found += ["--placement-host-address", asked]
    elif actors is not None and actors.name != PLACEMENT:
        found += ["--actors-service", _named(actors, settings)]
    elif actors is not None and asked is None:
        found += ["--placement-host-address", settings.address(actors.service, actors.port)]
    if settings.reminders is not None:
        found += ["--reminders-service", _named(settings.reminders, settings)]
    return found


def _named(service: PlatformService, settings: InjectionSettings) -> str:
    return f"{service.name}:{settings.address(service.service, service.port)}"


def _scheduler(annotations: SidecarAnnotations, settings: InjectionSettings) -> list[str]:
    asked = annotations.scheduler_host_address
    if asked is None and settings.scheduler:
        asked = settings.address("dapr-scheduler-server-a", 443)
    return _optional("--scheduler-host-address", asked)


def _api_logging(annotations: SidecarAnnotations) -> list[str]:
    # Only said when it is annotated: without the flag the pod's Configuration decides.
    if annotations.enable_api_logging is None:
        return []
    return [f"--enable-api-logging={'true' if annotations.enable_api_logging else 'false'}"]


def _app_health(annotations: SidecarAnnotations) -> list[str]:
    if not annotations.enable_app_health_check:
        return []
    return [
        "--enable-app-health-check",
        "--app-health-check-path",
        annotations.app_health_check_path,
        "--app-health-probe-interval",
        str(annotations.app_health_probe_interval),
        "--app-health-probe-timeout",
        str(annotations.app_health_probe_timeout),
        "--app-health-threshold",
        str(annotations.app_health_threshold),
    ]


def _if(asked: bool, flag: str) -> list[str]:
    return [flag] if asked else []


def _unless_empty(flag: str, value: str) -> list[str]:
    return [flag, value] if value else []


def _optional(flag: str, value: str | int | None) -> list[str]:
    return [] if value is None else [flag, str(value)]
