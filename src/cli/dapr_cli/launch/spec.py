"""What is to be started: one application with its sidecar, all choices made but the automatic ports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias

Destination: TypeAlias = Literal["console", "file", "fileAndConsole"]
DESTINATIONS: tuple[Destination, ...] = ("console", "file", "fileAndConsole")

DEFAULT_MAX_BODY_SIZE, DEFAULT_READ_BUFFER_SIZE = "4Mi", "4Ki"
DEFAULT_PLACEMENT_PORT, DEFAULT_SCHEDULER_PORT = 50005, 50006
LOOPBACK = "127.0.0.1"
DEFAULT_SERVICE_HOST = "localhost"
"""Where placement and scheduler are when nobody says otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AppSpec:
    """One application and its sidecar, with the names of the run flags (cli-dashboard.md §6, §7).

    A port of 0 or less is chosen when it starts. ``command`` may be empty: the sidecar then runs alone.
    """

    app_id: str
    command: Sequence[str] = ()
    folder: Path | None = None
    """Working folder of both processes; None keeps the current one."""
    env: Mapping[str, str] = field(default_factory=dict)
    app_port: int = -1
    app_protocol: str = "http"
    app_channel_address: str = LOOPBACK
    app_max_concurrency: int = -1
    app_ssl: bool = False
    config: Path | None = None
    resources_paths: Sequence[Path] = ()
    dapr_http_port: int = -1
    dapr_grpc_port: int = -1
    dapr_internal_grpc_port: int = -1
    metrics_port: int = -1
    profile_port: int = -1
    enable_profiling: bool = False
    log_level: str = "info"
    placement_host_address: str = DEFAULT_SERVICE_HOST
    scheduler_host_address: str = DEFAULT_SERVICE_HOST
    max_body_size: str = DEFAULT_MAX_BODY_SIZE
    read_buffer_size: str = DEFAULT_READ_BUFFER_SIZE
    unix_domain_socket: str = ""
    enable_app_health_check: bool = False
    app_health_check_path: str = ""
    app_health_probe_interval: int = 0
    app_health_probe_timeout: int = 0
    app_health_threshold: int = 0
    enable_api_logging: bool = False
    dapr_listen_addresses: str = ""
    metrics_listen_address: str = ""
    sentry_address: str = ""
    """Where the certificate authority is; empty: no mutual TLS."""
    trust_anchors: Path | None = None
    """File of the roots to trust, which is followed; None leaves that to the environment."""
    container_image: str = ""
    """Image of the application, for a run in a cluster."""
    image_pull_policy: str = "Always"
    create_service: bool = False
    """Whether the cluster should get a Service that leads to the application from outside."""
    app_log_destination: Destination = "console"
    daprd_log_destination: Destination = "console"

    @property
    def effective_protocol(self) -> str:
        """The protocol with the old ``--app-ssl`` applied, in lower case."""
        protocol = self.app_protocol.lower()
        return {"http": "https", "grpc": "grpcs"}.get(protocol, protocol) if self.app_ssl else protocol
