"""The injector's command line, typed (control-plane.md §3.4)."""

from __future__ import annotations

from dataclasses import dataclass

from dapr_core.process.flags import flag
from dapr_core.process.flagtypes import BOOL, PORT, STRING

_SERVER = "Server"
_CLUSTER = "Cluster"
_PROCESS = "Process"


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the injector was told on its command line."""

    port: int = flag("port", PORT, "Port of the webhook.", group=_SERVER, default=4000)
    listen_address: str = flag(
        "listen-address", STRING, "Address of the webhook; empty is all.", group=_SERVER, default=""
    )
    healthz_port: int = flag("healthz-port", PORT, "Port of /healthz.", group=_SERVER, default=8080)
    healthz_listen_address: str = flag(
        "healthz-listen-address", STRING, "Address of /healthz; empty is all.", group=_SERVER, default=""
    )

    scheduler_enabled: bool = flag(
        "scheduler-enabled", BOOL, "Tell sidecars where the scheduler is.", group=_CLUSTER, default=True
    )
    kubeconfig: str = flag(
        "kubeconfig",
        STRING,
        "How to reach the cluster from outside of it.",
        group=_CLUSTER,
        default="",
        env="KUBECONFIG",
    )

    log_level: str = flag(
        "log-level",
        STRING,
        "Least level of log lines: debug, info, warn, error, fatal.",
        group=_PROCESS,
        default="info",
    )
    log_as_json: bool = flag("log-as-json", BOOL, "Write log lines as JSON.", group=_PROCESS, default=False)
    log_file: str = flag("log-file", STRING, "File to append log lines to.", group=_PROCESS, default="")
    enable_metrics: bool = flag("enable-metrics", BOOL, "Serve metrics.", group=_PROCESS, default=True)
    metrics_port: int = flag("metrics-port", PORT, "Port of metrics.", group=_PROCESS, default=9090)
    metrics_listen_address: str = flag(
        "metrics-listen-address", STRING, "Address of metrics.", group=_PROCESS, default="0.0.0.0"
    )
    version: bool = flag("version", BOOL, "Print the version and exit.", group=_PROCESS, default=False)
