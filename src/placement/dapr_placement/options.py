"""Placement's command line: every flag of the original (actors-placement.md §1.1), typed, and those of its leadership.

The raft flags of the original are read, since charts and scripts give them: ``--id`` names this placement and
``--initial-cluster`` tells how many there are. What raft did for several is done by an engine that elects
(``--etcd-client-endpoints``, or a Lease with ``--mode=kubernetes``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from dapr_core.process.flags import flag
from dapr_core.process.flagtypes import BOOL, DURATION, INT, LIST, PORT, STRING
from dapr_core.timing.duration import format_seconds

DEFAULT_NAMESPACE: Final = "default"
KUBERNETES: Final = "kubernetes"
STANDALONE: Final = "standalone"
TRUST_ANCHORS: Final = "/var/run/secrets/dapr.io/tls/ca.crt"
METADATA_VARIABLE: Final = "DAPR_PLACEMENT_METADATA_ENABLED"
ETCD_PASSWORD_VARIABLE: Final = "DAPR_PLACEMENT_ETCD_PASSWORD"

_CLUSTER = "Leadership"
_SERVER = "Server"
_ROUNDS = "Dissemination"
_SECURITY = "Security"
_PROCESS = "Process"
_IDLE = "it has no effect"
_KEEPALIVE: Final = (1.0, 10.0)
_TRUTHY: Final = ("y", "yes", "true", "t", "on", "1")


def control_plane_namespace(environment: Mapping[str, str]) -> str:
    """Namespace of the control plane."""
    return environment.get("NAMESPACE") or DEFAULT_NAMESPACE


class OptionsError(ValueError):
    """Flags that contradict each other or a rule."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What placement was told on its command line. Times are in seconds."""

    port: int = flag("port", PORT, "Port of the gRPC server.", group=_SERVER, default=50005)
    listen_address: str = flag(
        "listen-address", STRING, "Address of the gRPC and the metrics server; empty is all.", group=_SERVER, default=""
    )
    healthz_port: int = flag("healthz-port", PORT, "Port of /healthz.", group=_SERVER, default=8080)
    healthz_listen_address: str = flag(
        "healthz-listen-address", STRING, "Address of /healthz; empty is all.", group=_SERVER, default=""
    )
    metadata_enabled: bool | None = flag(
        "metadata-enabled",
        BOOL,
        "Serve /placement/state on the port of /healthz: every host and actor type, to whoever asks. "
        f"Environment: {METADATA_VARIABLE}.",
        group=_SERVER,
    )
    keepalive_time: float = flag(
        "keepalive-time", DURATION, "Silence after which a sidecar is probed; 1s to 10s.", group=_SERVER, default=2.0
    )
    keepalive_timeout: float = flag(
        "keepalive-timeout", DURATION, "How long its answer may take; 1s to 10s.", group=_SERVER, default=3.0
    )

    replication_factor: int = flag(
        "replicationFactor", INT, "Virtual nodes of a host on the ring.", group=_ROUNDS, default=100
    )
    disseminate_timeout: float = flag(
        "disseminate-timeout",
        DURATION,
        "How long a round may take; sidecars that have not acknowledged by then are cut off.",
        group=_ROUNDS,
        default=8.0,
    )
    coalesce_window: float = flag(
        "disseminate-coalesce-window",
        DURATION,
        "How long comings and goings gather after a round; 0 begins the next at once.",
        group=_ROUNDS,
        default=0.0,
    )

    id: str = flag("id", STRING, "Name of this placement.", group=_CLUSTER, default="dapr-placement-0")
    initial_cluster: tuple[str, ...] | None = flag(
        "initial-cluster",
        LIST,
        "All placements, as id=host:port; without it this one is alone. Ports are not used: there is no raft. Several "
        "need something that elects their leader: etcd, or a Lease in Kubernetes.",
        group=_CLUSTER,
    )
    etcd_endpoints: tuple[str, ...] = flag(
        "etcd-client-endpoints",
        LIST,
        "Members of an etcd cluster, as http://host:2379, by which several placements elect their leader.",
        group=_CLUSTER,
        default=(),
    )
    etcd_username: str = flag("etcd-client-username", STRING, "User of etcd.", group=_CLUSTER, default="")
    etcd_password: str = flag(
        "etcd-client-password", STRING, "Its password.", group=_CLUSTER, default="", env=ETCD_PASSWORD_VARIABLE
    )
    etcd_ca_file: str = flag(
        "etcd-client-ca-file",
        STRING,
        "File of the authorities that vouch for https members; empty is those of the system.",
        group=_CLUSTER,
        default="",
    )
    etcd_cert_file: str = flag(
        "etcd-client-cert-file", STRING, "File of a certificate to show to them.", group=_CLUSTER, default=""
    )
    etcd_key_file: str = flag("etcd-client-key-file", STRING, "File of its key.", group=_CLUSTER, default="")
    inmem_store: bool = flag(
        "inmem-store-enabled", BOOL, "Nothing is stored in any case.", group=_CLUSTER, default=True, hidden=True
    )
    raft_logstore_path: str = flag(
        "raft-logstore-path", STRING, "Not used: there is no raft, and nothing is stored.", group=_CLUSTER, default=""
    )
    max_api_level: int = flag(
        "max-api-level", INT, "Not used.", group=_ROUNDS, default=10, hidden=True, deprecated=_IDLE
    )
    min_api_level: int = flag(
        "min-api-level", INT, "Not used.", group=_ROUNDS, default=0, hidden=True, deprecated=_IDLE
    )

    tls_enabled: bool = flag("tls-enabled", BOOL, "Serve by mutual TLS.", group=_SECURITY, default=False)
    trust_domain: str = flag(
        "trust-domain", STRING, "Trust domain of the control plane.", group=_SECURITY, default="localhost"
    )
    trust_anchors_file: str = flag(
        "trust-anchors-file", STRING, "File of the trust anchors.", group=_SECURITY, default=TRUST_ANCHORS
    )
    sentry_address: str = flag(
        "sentry-address",
        STRING,
        "Address of sentry (default dapr-sentry.<NAMESPACE>.svc:443).",
        group=_SECURITY,
        default="",
    )
    mode: str = flag("mode", STRING, "Where placement runs: standalone or kubernetes.", group=_PROCESS,
                     default=STANDALONE)  # fmt: skip

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
    metrics_listen_address: str | None = flag(
        "metrics-listen-address",
        STRING,
        "Address of metrics; without it that of --listen-address.",
        group=_PROCESS,
    )
    version: bool = flag("version", BOOL, "Print the version and exit.", group=_PROCESS, default=False)

    def check(self) -> None:
        """Hold the rules that span flags or bound a value.

        Raises:
            OptionsError: one is broken.
        """
        if self.mode not in (STANDALONE, KUBERNETES):
            raise OptionsError(f"invalid mode: {self.mode}; it is {STANDALONE} or {KUBERNETES}")
        least, most = _KEEPALIVE
        for name, value in (("time", self.keepalive_time), ("timeout", self.keepalive_timeout)):
            if not least <= value <= most:
                raise OptionsError(
                    f"invalid value for keepalive-{name}: value should be between {format_seconds(least)} and "
                    f"{format_seconds(most)}, got {format_seconds(value)}"
                )
        if self.replication_factor < 1:
            raise OptionsError(f"--replicationFactor must be 1 or more, got {self.replication_factor}")
        if self.disseminate_timeout <= 0:
            raise OptionsError("--disseminate-timeout must be positive")
        if self.coalesce_window < 0:
            raise OptionsError("--disseminate-coalesce-window must be 0 or more")
        self._check_cluster()

    def _check_cluster(self) -> None:
        if self.id not in self.peers:
            known = ", ".join(self.initial_cluster or ())
            raise OptionsError(
                f"address for node {self.id} not found in raft peers {known}; "
                f"name it: --initial-cluster={self.id}=127.0.0.1:8201"
            )
        if len(self.peers) > 1 and not self.etcd_endpoints and self.mode != KUBERNETES:
            raise OptionsError(
                f"--initial-cluster names {len(self.peers)} placements, and nothing elects their leader: there is no "
                "raft here. Give --etcd-client-endpoints=http://host:2379, or --mode=kubernetes where a Lease does it, "
                "or run one placement"
            )

    def serves_state(self, environment: Mapping[str, str]) -> bool:
        """Whether tables may be looked at: by the flag, or by the environment where the flag is not given."""
        if self.metadata_enabled is not None:
            return self.metadata_enabled
        return environment.get(METADATA_VARIABLE, "").strip().lower() in _TRUTHY

    @property
    def peers(self) -> tuple[str, ...]:
        """Ids of all placements of ``--initial-cluster``; entries that are none are passed over."""
        if self.initial_cluster is None:
            return (self.id,)
        pairs = [entry.split("=") for entry in self.initial_cluster]
        return tuple(pair[0].strip() for pair in pairs if len(pair) == 2)
