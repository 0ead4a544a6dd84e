"""What a pod's annotations ask of its sidecar: one typed table (control-plane.md §6).

A missing annotation leaves the default; one that is there counts even when it is empty. A number that does not read
leaves the default too and is complained of, for a pod should not fail to start because of a tuning knob.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from dapr_core.truth import is_truthy

PREFIX: Final = "dapr.io/"
ENABLED: Final = PREFIX + "enabled"
COMPONENT_CONTAINER: Final = PREFIX + "component-container"
"""On a Component: the container that serves it, as JSON."""

_ROW: Final = "annotation"
_INTEGER: Final = re.compile(r"[+-]?[0-9]{1,19}")
_INT32: Final = range(-(2**31), 2**31)


class _Unreadable(ValueError):
    """The value is of another type."""


def asks_for_sidecar(annotations: Mapping[str, str]) -> bool:
    """Whether ``dapr.io/enabled`` is literally ``true``: other words for yes do not count here, as in the original."""
    return annotations.get(ENABLED, "").lower() == "true"


def _integer(text: str) -> int:
    if not _INTEGER.fullmatch(text) or int(text) not in _INT32:
        raise _Unreadable
    return int(text)


def _address(text: str) -> str:
    # Helm and shells tend to leave quotes around an empty value.
    return text.strip(" \t\"'")


def _row(name: str, read: Callable[[str], Any], default: Any) -> Any:
    return dataclasses.field(default=default, metadata={_ROW: (PREFIX + name, read)})


def _text(name: str, default: str | None = "", *, read: Callable[[str], str] = str) -> Any:
    return _row(name, read, default)


def _number(name: str, default: int | None = None) -> Any:
    return _row(name, _integer, default)


def _switch(name: str, default: bool | None = False) -> Any:
    return _row(name, is_truthy, default)


@dataclass(frozen=True, slots=True, kw_only=True)
class SidecarAnnotations:
    """Every annotation of a pod that has a say in its sidecar. ``None`` is «not annotated», where that matters.

    Probe times, ``app_health_probe_interval`` and ``graceful_shutdown_seconds`` are in seconds,
    ``app_health_probe_timeout`` is in milliseconds.
    """

    app_id: str = _text("app-id")
    app_port: int = _number("app-port", 0)
    app_protocol: str = _text("app-protocol", "http")
    app_ssl: bool = _switch("app-ssl")
    app_channel_address: str = _text("app-channel-address")
    app_max_concurrency: int | None = _number("app-max-concurrency")
    app_token_secret: str = _text("app-token-secret")
    app_binding_options_timeout: str = _text("app-binding-options-timeout")
    config: str = _text("config")

    log_level: str = _text("log-level", "info")
    log_as_json: bool = _switch("log-as-json")
    enable_profiling: bool = _switch("enable-profiling")
    enable_api_logging: bool | None = _switch("enable-api-logging", None)
    enable_metrics: bool = _switch("enable-metrics", True)
    enable_debug: bool = _switch("enable-debug")
    api_token_secret: str = _text("api-token-secret")

    metrics_port: int = _number("metrics-port", 9090)
    debug_port: int = _number("debug-port", 40000)
    grpc_port: int = _number("grpc-port", 50001)
    internal_grpc_port: int = _number("internal-grpc-port", 50002)
    listen_addresses: str = _text("sidecar-listen-addresses", "[::1],127.0.0.1")

    env: str = _text("env")
    env_from_secret: str = _text("env-from-secret")
    image: str | None = _text("sidecar-image", None)
    cpu_request: str = _text("sidecar-cpu-request")
    cpu_limit: str = _text("sidecar-cpu-limit")
    memory_request: str = _text("sidecar-memory-request")
    memory_limit: str = _text("sidecar-memory-limit")
    seccomp_profile_type: str = _text("sidecar-seccomp-profile-type")
    native_sidecar: bool | None = _switch("enable-native-sidecar", None)

    liveness_delay: int = _number("sidecar-liveness-probe-delay-seconds", 180)
    liveness_timeout: int = _number("sidecar-liveness-probe-timeout-seconds", 3)
    liveness_period: int = _number("sidecar-liveness-probe-period-seconds", 10)
    liveness_threshold: int = _number("sidecar-liveness-probe-threshold", 5)
    readiness_delay: int = _number("sidecar-readiness-probe-delay-seconds", 1)
    readiness_timeout: int = _number("sidecar-readiness-probe-timeout-seconds", 1)
    readiness_period: int = _number("sidecar-readiness-probe-period-seconds", 1)
    readiness_threshold: int = _number("sidecar-readiness-probe-threshold", 5)

    http_max_request_size: int | None = _number("http-max-request-size")
    max_body_size: str = _text("max-body-size")
    http_read_buffer_size: int | None = _number("http-read-buffer-size")
    read_buffer_size: str = _text("read-buffer-size")
    graceful_shutdown_seconds: int = _number("graceful-shutdown-seconds", -1)
    block_shutdown_duration: str | None = _text("block-shutdown-duration", None)
    unix_domain_socket_path: str = _text("unix-domain-socket-path")
    volume_mounts: str = _text("volume-mounts")
    volume_mounts_rw: str = _text("volume-mounts-rw")
    disable_builtin_k8s_secret_store: bool = _switch("disable-builtin-k8s-secret-store")

    enable_app_health_check: bool = _switch("enable-app-health-check")
    app_health_check_path: str = _text("app-health-check-path", "/healthz")
    app_health_probe_interval: int = _number("app-health-probe-interval", 5)
    app_health_probe_timeout: int = _number("app-health-probe-timeout", 500)
    app_health_threshold: int = _number("app-health-threshold", 3)

    placement_host_address: str | None = _text("placement-host-address", None, read=_address)
    scheduler_host_address: str | None = _text("scheduler-host-address", None, read=_address)
    actors_disseminate_timeout: str = _text("actors-disseminate-timeout")
    sentry_request_jwt_audiences: str = _text("sentry-request-jwt-audiences")
    disable_init_endpoints: str | None = _text("disable-init-endpoints", None)

    pluggable_components: str = _text("pluggable-components")
    pluggable_components_sockets_folder: str = _text("pluggable-components-sockets-folder")
    inject_pluggable_components: bool = _switch("inject-pluggable-components")


_ROWS: Final = tuple((field.name, *field.metadata[_ROW]) for field in dataclasses.fields(SidecarAnnotations))

NAMES: Final = tuple(annotation for _, annotation, _ in _ROWS)
"""Every annotation that is read."""


def read_annotations(annotations: Mapping[str, str]) -> tuple[SidecarAnnotations, tuple[str, ...]]:
    """Read a pod's annotations; also gives one complaint for each value that was left out of account."""
    found: dict[str, Any] = {}
    complaints: list[str] = []
    for field, name, read in _ROWS:
        text = annotations.get(name)
        if text is None:
            continue
        try:
            found[field] = read(text)
        except _Unreadable:
            complaints.append(f'annotation {name}: "{text[:40]}" is no whole number; the default is used')
    return SidecarAnnotations(**found), tuple(complaints)
