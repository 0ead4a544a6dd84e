"""The operator's command line, typed (control-plane.md §3.3)."""

from __future__ import annotations

from dataclasses import dataclass

from dapr_core.process.flags import flag
from dapr_core.process.flagtypes import BOOL, DURATION, INT, PORT, STRING

_SERVER = "Server"
_CLUSTER = "Cluster"
_WORKLOADS = "Workloads"
_PROCESS = "Process"


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the operator was told on its command line. Times are in seconds."""

    config: str = flag(
        "config", STRING, "Name of the control plane's Configuration.", group=_CLUSTER, default="daprsystem"
    )
    port: int = flag("port", PORT, "Port of the gRPC server.", group=_SERVER, default=6500)
    listen_address: str = flag(
        "listen-address", STRING, "Address of the gRPC server; empty is all.", group=_SERVER, default=""
    )
    healthz_port: int = flag("healthz-port", PORT, "Port of /healthz.", group=_SERVER, default=8080)
    healthz_listen_address: str = flag(
        "healthz-listen-address", STRING, "Address of /healthz; empty is all.", group=_SERVER, default=""
    )
    webhook_port: int = flag(
        "webhook-server-port", PORT, "Port of the conversion webhook.", group=_SERVER, default=19443
    )
    webhook_address: str = flag(
        "webhook-server-listen-address",
        STRING,
        "Address of the conversion webhook; empty is all.",
        group=_SERVER,
        default="",
    )
    trust_anchors_file: str = flag(
        "trust-anchors-file",
        STRING,
        "File with the trust anchors; followed.",
        group=_SERVER,
        default="/var/run/secrets/dapr.io/tls/ca.crt",
    )

    watch_namespace: str = flag(
        "watch-namespace", STRING, "The only namespace to look at; empty is all.", group=_CLUSTER, default=""
    )
    disable_leader_election: bool = flag(
        "disable-leader-election", BOOL, "Write without holding the Lease.", group=_CLUSTER, default=False
    )
    cache_sync_period: float = flag(
        "cache-sync-period",
        DURATION,
        "Accepted for old manifests; what is watched is compared with a list whenever a watch begins anew.",
        group=_CLUSTER,
        default=0.0,
    )
    kubeconfig: str = flag(
        "kubeconfig",
        STRING,
        "How to reach the cluster from outside of it.",
        group=_CLUSTER,
        default="",
        env="KUBECONFIG",
    )

    disable_services: bool = flag(
        "disable-service-reconciler", BOOL, "Make no Services for workloads.", group=_WORKLOADS, default=False
    )
    argo_rollouts: bool = flag(
        "enable-argo-rollout-service-reconciler",
        BOOL,
        "Make Services for Argo Rollouts too.",
        group=_WORKLOADS,
        default=False,
    )
    watch_interval: str = flag(
        "watch-interval",
        STRING,
        "How often pods without their sidecar are looked for: 0 is never, or once, or a time.",
        group=_WORKLOADS,
        default="0",
    )
    restarts_per_minute: int = flag(
        "max-pod-restarts-per-minute",
        INT,
        "How many of them are deleted a minute; 0 is no limit.",
        group=_WORKLOADS,
        default=20,
    )
    patch_labels: bool = flag(
        "watchdog-can-patch-pod-labels",
        BOOL,
        "Mark pods that are as they should be, so as not to look at them again.",
        group=_WORKLOADS,
        default=False,
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
