"""The sidecar's command line: every flag of the original, typed (control-plane.md §3.2, api.md §7.3, §7.4).

``Options`` is the flag table. ``check`` holds the rules that span flags; properties give the values in force where
several flags, or a default that depends on another, decide one thing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from dapr_core.process.flags import flag
from dapr_core.process.flagtypes import BOOL, DURATION, INT, LIST, PORT, QUANTITY, STRING, UINT
from dapr_core.timing.duration import format_seconds

PROTOCOLS: Final = ("http", "https", "grpc", "grpcs", "h2c")
INIT_ENDPOINTS: Final = ("config", "subscribe")
DEFAULT_BODY_BYTES: Final = 4 * 1024 * 1024
DEFAULT_READ_BUFFER_BYTES: Final = 4 * 1024

_APP = "Application"
_API = "Dapr API"
_RESOURCES = "Resources and configuration"
_CONTROL = "Control plane"
_HEALTH = "Application health"
_LIFE = "Process"
_OBSERVE = "Logs, metrics and profiling"


class OptionsError(ValueError):
    """Flags that contradict each other or a rule; the text is the one Dapr's users know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the sidecar was told on its command line. Times are in seconds, sizes in bytes, ports 0 when not given."""

    app_id: str = flag("app-id", STRING, "Id by which other applications call this one.", group=_APP, default="")
    app_port: int = flag("app-port", PORT, "Port the application listens on.", group=_APP, default=0)
    app_protocol: str = flag(
        "app-protocol",
        STRING,
        "How to speak to the application: http, https, grpc, grpcs or h2c.",
        group=_APP,
        default="http",
    )
    app_channel_address: str = flag(
        "app-channel-address", STRING, "Address the application listens on.", group=_APP, default="127.0.0.1"
    )
    app_max_concurrency: int = flag(
        "app-max-concurrency", INT, "Calls to the application at once; -1 is no limit.", group=_APP, default=-1
    )
    app_ssl: bool = flag(
        "app-ssl",
        BOOL,
        "Speak TLS to the application.",
        group=_APP,
        default=False,
        deprecated="use --app-protocol=https or --app-protocol=grpcs",
    )
    app_binding_options_timeout: float = flag(
        "app-binding-options-timeout",
        DURATION,
        "Time the application may take to say whether it wants a binding.",
        group=_APP,
        default=3.0,
    )
    disable_init_endpoints: tuple[str, ...] = flag(
        "disable-init-endpoints", LIST, "Start-up calls to leave out: config, subscribe.", group=_APP, default=()
    )

    dapr_http_port: int = flag("dapr-http-port", PORT, "Port of the HTTP API.", group=_API, default=3500)
    dapr_grpc_port: int = flag("dapr-grpc-port", PORT, "Port of the gRPC API.", group=_API, default=50001)
    dapr_internal_grpc_port: int = flag(
        "dapr-internal-grpc-port",
        PORT,
        "Port for other sidecars; 0 takes one that stays the same for this app.",
        group=_API,
        default=0,
    )
    dapr_internal_grpc_listen_address: str = flag(
        "dapr-internal-grpc-listen-address",
        STRING,
        "Address for other sidecars; empty is all.",
        group=_API,
        default="",
    )
    dapr_listen_addresses: tuple[str, ...] = flag(
        "dapr-listen-addresses", LIST, "Addresses of the HTTP and gRPC API; empty is all.", group=_API, default=()
    )
    dapr_public_port: int = flag(
        "dapr-public-port",
        PORT,
        "Port that serves health and metadata only; off when not given.",
        group=_API,
        default=0,
    )
    dapr_public_listen_address: str = flag(
        "dapr-public-listen-address", STRING, "Address of the public port; empty is all.", group=_API, default=""
    )
    unix_domain_socket: str = flag(
        "unix-domain-socket",
        STRING,
        "Directory for Unix sockets that take the place of the API ports.",
        group=_API,
        default="",
    )
    allowed_origins: str = flag(
        "allowed-origins",
        STRING,
        "Origins browsers may call the HTTP API from, separated by commas.",
        group=_API,
        default="",
    )
    max_body_size: int | None = flag(
        "max-body-size", QUANTITY, "Largest request body, as in 4Mi; -1 is the default of 4Mi.", group=_API
    )
    dapr_http_max_request_size: int | None = flag(
        "dapr-http-max-request-size",
        INT,
        "Largest request body in MiB.",
        group=_API,
        deprecated="use --max-body-size",
    )
    read_buffer_size: int | None = flag(
        "read-buffer-size",
        QUANTITY,
        "Size of the read buffer, which bounds headers, as in 4Ki (the default).",
        group=_API,
    )
    dapr_http_read_buffer_size: int | None = flag(
        "dapr-http-read-buffer-size",
        INT,
        "Size of the read buffer in KiB.",
        group=_API,
        deprecated="use --read-buffer-size",
    )

    mode: str = flag("mode", STRING, "standalone or kubernetes.", group=_RESOURCES, default="standalone")
    resources_paths: tuple[str, ...] = flag(
        "resources-path",
        LIST,
        "Directories with resources (components, subscriptions...).",
        group=_RESOURCES,
        default=(),
    )
    components_path: str = flag(
        "components-path",
        STRING,
        "Directory with resources.",
        group=_RESOURCES,
        default="",
        deprecated="use --resources-path",
    )
    config: tuple[str, ...] = flag(
        "config",
        LIST,
        "Configuration files, the later over the earlier; a resource name in kubernetes mode.",
        group=_RESOURCES,
        default=(),
    )
    hot_reload_reconcile_interval: float = flag(
        "hot-reload-reconcile-interval",
        DURATION,
        "Pause between full comparisons of resources; 0 is 60s.",
        group=_RESOURCES,
        default=0.0,
    )

    enable_app_health_check: bool = flag(
        "enable-app-health-check",
        BOOL,
        "Probe the application and send it nothing while it is unhealthy.",
        group=_HEALTH,
        default=False,
    )
    app_health_check_path: str = flag(
        "app-health-check-path", STRING, "Path of the probe.", group=_HEALTH, default="/healthz"
    )
    app_health_probe_interval: int = flag(
        "app-health-probe-interval", INT, "Seconds between probes.", group=_HEALTH, default=5
    )
    app_health_probe_timeout: int = flag(
        "app-health-probe-timeout", INT, "Milliseconds a probe may take.", group=_HEALTH, default=500
    )
    app_health_threshold: int = flag(
        "app-health-threshold",
        INT,
        "Failures in a row that make the application unhealthy.",
        group=_HEALTH,
        default=3,
    )

    placement_host_address: str = flag(
        "placement-host-address",
        STRING,
        "Addresses of placement, separated by commas; actors are off without.",
        group=_CONTROL,
        default="",
    )
    scheduler_host_address: tuple[str, ...] = flag(
        "scheduler-host-address",
        LIST,
        "Addresses of the scheduler.",
        group=_CONTROL,
        default=(),
        env="DAPR_SCHEDULER_HOST_ADDRESS_DNS_A",
    )
    scheduler_job_streams: int = flag(
        "scheduler-job-streams", UINT, "Streams to each scheduler.", group=_CONTROL, default=3
    )
    actors_disseminate_timeout: float = flag(
        "actors-disseminate-timeout", DURATION, "Time a new placement table may take.", group=_CONTROL, default=30.0
    )
    actors_service: str = flag("actors-service", STRING, "Without effect.", group=_CONTROL, default="", hidden=True)
    reminders_service: str = flag(
        "reminders-service", STRING, "Without effect.", group=_CONTROL, default="", hidden=True
    )
    control_plane_address: str = flag(
        "control-plane-address", STRING, "Address of the operator.", group=_CONTROL, default=""
    )
    control_plane_namespace: str = flag(
        "control-plane-namespace",
        STRING,
        "Namespace of the control plane.",
        group=_CONTROL,
        default="default",
        env="DAPR_CONTROLPLANE_NAMESPACE",
    )
    control_plane_trust_domain: str = flag(
        "control-plane-trust-domain",
        STRING,
        "Trust domain of the control plane.",
        group=_CONTROL,
        default="localhost",
        env="DAPR_CONTROLPLANE_TRUST_DOMAIN",
    )
    sentry_address: str = flag("sentry-address", STRING, "Address of sentry, the CA.", group=_CONTROL, default="")
    sentry_request_jwt_audiences: tuple[str, ...] = flag(
        "sentry-request-jwt-audiences", LIST, "Audiences of the token to ask sentry for.", group=_CONTROL, default=()
    )
    enable_mtls: bool = flag("enable-mtls", BOOL, "Speak mutual TLS to other sidecars.", group=_CONTROL, default=False)
    disable_builtin_k8s_secret_store: bool = flag(
        "disable-builtin-k8s-secret-store",
        BOOL,
        "Leave out the secret store that kubernetes mode brings.",
        group=_CONTROL,
        default=False,
    )

    dapr_graceful_shutdown_seconds: int = flag(
        "dapr-graceful-shutdown-seconds", INT, "Seconds the stop may take; 0 is no limit.", group=_LIFE, default=5
    )
    dapr_block_shutdown_duration: float | None = flag(
        "dapr-block-shutdown-duration",
        DURATION,
        "Time to go on serving before the stop, or until the application is unhealthy.",
        group=_LIFE,
    )
    version: bool = flag("version", BOOL, "Print the version and exit.", group=_LIFE, default=False)
    build_info: bool = flag("build-info", BOOL, "Print how it was built and exit.", group=_LIFE, default=False)
    wait: bool = flag(
        "wait", BOOL, "Wait until the sidecar on --dapr-http-port is ready, and exit.", group=_LIFE, default=False
    )

    log_level: str = flag("log-level", STRING, "debug, info, warn, error or fatal.", group=_OBSERVE, default="info")
    log_as_json: bool = flag("log-as-json", BOOL, "Write logs as JSON.", group=_OBSERVE, default=False)
    log_file: str = flag(
        "log-file", STRING, "File to append logs to; standard output when not given.", group=_OBSERVE, default=""
    )
    enable_api_logging: bool | None = flag(
        "enable-api-logging", BOOL, "Log each API call; when not given, the Configuration decides.", group=_OBSERVE
    )
    enable_metrics: bool = flag("enable-metrics", BOOL, "Serve metrics.", group=_OBSERVE, default=True)
    metrics_port: int = flag("metrics-port", PORT, "Port of the metrics.", group=_OBSERVE, default=9090)
    metrics_listen_address: str = flag(
        "metrics-listen-address", STRING, "Address of the metrics.", group=_OBSERVE, default="0.0.0.0"
    )
    enable_profiling: bool = flag("enable-profiling", BOOL, "Serve profiles.", group=_OBSERVE, default=False)
    profile_port: int = flag("profile-port", INT, "Port of the profiles.", group=_OBSERVE, default=7777)
    """Any number reads: `dapr run` sends -1 beside profiling that is off (cli-dashboard.md §6)."""

    @property
    def body_limit(self) -> int:
        """Largest request body, in bytes."""
        if self.max_body_size is not None:
            return self.max_body_size if self.max_body_size > 0 else DEFAULT_BODY_BYTES
        old = self.dapr_http_max_request_size
        return old * 1024 * 1024 if old is not None and old > 0 else DEFAULT_BODY_BYTES

    @property
    def read_buffer(self) -> int:
        """Size of the read buffer, which bounds the headers of a request, in bytes."""
        if self.read_buffer_size is not None:
            return self.read_buffer_size if self.read_buffer_size > 0 else DEFAULT_READ_BUFFER_BYTES
        old = self.dapr_http_read_buffer_size
        return old * 1024 if old is not None and old > 0 else DEFAULT_READ_BUFFER_BYTES

    @property
    def resource_directories(self) -> tuple[str, ...]:
        """Directories to load resources from; the deprecated flag counts only without the new one."""
        return self.resources_paths or ((self.components_path,) if self.components_path else ())

    @property
    def application_protocol(self) -> str:
        """The protocol in force: lower case, ``--app-ssl`` applied."""
        protocol = self.app_protocol.lower()
        return protocol + "s" if self.app_ssl and protocol in ("http", "grpc") else protocol

    @property
    def listen_addresses(self) -> tuple[str, ...]:
        """Addresses of the APIs, an IPv6 address without the brackets it may be written in; empty is all."""
        return tuple(each.strip().removeprefix("[").removesuffix("]") for each in self.dapr_listen_addresses)

    @property
    def shutdown_limit(self) -> float | None:
        """Seconds the stop may take; None is no limit."""
        seconds = self.dapr_graceful_shutdown_seconds
        return None if seconds == 0 else float(seconds if seconds > 0 else 5)

    @property
    def probe_interval(self) -> float:
        """Seconds between probes of the application."""
        return float(self.app_health_probe_interval if self.app_health_probe_interval > 0 else 5)

    @property
    def probe_timeout(self) -> float:
        """Seconds a probe may take."""
        return (self.app_health_probe_timeout if self.app_health_probe_timeout > 0 else 500) / 1000

    @property
    def health_threshold(self) -> int:
        """Failures in a row that make the application unhealthy."""
        return self.app_health_threshold if self.app_health_threshold > 0 else 3

    @property
    def binding_options_timeout(self) -> float:
        """Seconds the application may take to say whether it wants a binding."""
        return self.app_binding_options_timeout if self.app_binding_options_timeout > 0 else 3.0

    @property
    def reconcile_interval(self) -> float:
        """Seconds between full comparisons of resources."""
        return self.hot_reload_reconcile_interval if self.hot_reload_reconcile_interval > 0 else 60.0

    @property
    def placement_addresses(self) -> tuple[str, ...]:
        """Addresses of placement."""
        return tuple(each.strip() for each in self.placement_host_address.split(",") if each.strip())

    def check(self) -> None:
        """Apply the rules that span flags.

        Raises:
            OptionsError: the first rule that is broken.
        """
        for broken in self._broken():
            raise OptionsError(broken)

    def _broken(self) -> Iterator[str]:
        if self.mode not in ("standalone", "kubernetes"):
            yield f"invalid value for 'mode': {self.mode}; it is standalone or kubernetes"
        if self.mode == "standalone" and not self.app_id:
            yield "parameter app-id cannot be empty"
        if self.mode == "standalone" and "." in self.app_id:
            yield "parameter app-id cannot contain dots"
        if self.app_port and self.app_port == self.dapr_http_port:
            yield f"the 'dapr-http-port' argument value {self.dapr_http_port} conflicts with 'app-port'"
        if self.app_port and self.app_port == self.dapr_grpc_port:
            yield f"the 'dapr-grpc-port' argument value {self.dapr_grpc_port} conflicts with 'app-port'"
        if self.app_protocol.lower() not in PROTOCOLS:
            yield f"invalid value for 'app-protocol': {self.app_protocol}"
        if self.enable_app_health_check and self.probe_timeout > self.probe_interval:
            yield "value for 'health-probe-timeout' must be smaller than 'health-probe-interval'"
        if self.actors_disseminate_timeout <= 0:
            shown = format_seconds(self.actors_disseminate_timeout)
            yield f"invalid value for 'actors-disseminate-timeout' option: must be positive, got {shown}"
        unknown = next((each for each in self.disable_init_endpoints if each not in INIT_ENDPOINTS), None)
        if unknown is not None:
            yield f"invalid value for 'disable-init-endpoints': {unknown}"
