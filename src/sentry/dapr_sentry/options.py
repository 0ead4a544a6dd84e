"""Sentry's command line: every flag of the original that means something here, typed (control-plane.md §1.10)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from dapr_core.identity.algorithms import ALGORITHMS
from dapr_core.process.flags import flag
from dapr_core.process.flagtypes import BOOL, DURATION, LIST, PORT, STRING

STANDALONE: Final = "standalone"
KUBERNETES: Final = "kubernetes"
DEFAULT_CONFIG: Final = "daprsystem"

_CREDENTIALS = "Credentials"
_SERVER = "Server"
_JWT = "JWT and OIDC"
_PROCESS = "Process"


class OptionsError(ValueError):
    """Flags that contradict each other or a rule."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What sentry was told on its command line. Times are in seconds."""

    config: str = flag(
        "config",
        STRING,
        "File with a Configuration; in mode kubernetes the name of one in sentry's namespace.",
        group=_PROCESS,
        default=DEFAULT_CONFIG,
    )
    mode: str = flag("mode", STRING, "Where sentry runs: standalone, kubernetes.", group=_PROCESS, default=STANDALONE)
    kubeconfig: str = flag(
        "kubeconfig",
        STRING,
        "kubeconfig for mode kubernetes outside a pod; empty is KUBECONFIG, then ~/.kube/config.",
        group=_PROCESS,
        default="",
    )
    trust_domain: str = flag(
        "trust-domain", STRING, "Trust domain of the control plane.", group=_CREDENTIALS, default="localhost"
    )
    issuer_credentials: str = flag(
        "issuer-credentials",
        STRING,
        "Directory with the trust anchors, the issuer's certificate and its key; made there when they are missing. "
        "In mode kubernetes they are in the Secret dapr-trust-bundle.",
        group=_CREDENTIALS,
        default="/var/run/secrets/dapr.io/credentials",
    )
    issuer_ca_filename: str = flag(
        "issuer-ca-filename", STRING, "File of the trust anchors.", group=_CREDENTIALS, default="ca.crt"
    )
    issuer_certificate_filename: str = flag(
        "issuer-certificate-filename", STRING, "File of the issuer's chain.", group=_CREDENTIALS, default="issuer.crt"
    )
    issuer_key_filename: str = flag(
        "issuer-key-filename", STRING, "File of the issuer's key.", group=_CREDENTIALS, default="issuer.key"
    )

    port: int = flag("port", PORT, "Port of the gRPC server.", group=_SERVER, default=50001)
    listen_address: str = flag(
        "listen-address", STRING, "Address of the gRPC server; empty is all.", group=_SERVER, default=""
    )
    healthz_port: int = flag("healthz-port", PORT, "Port of /healthz.", group=_SERVER, default=8080)
    healthz_listen_address: str = flag(
        "healthz-listen-address", STRING, "Address of /healthz; empty is all.", group=_SERVER, default=""
    )

    jwt_enabled: bool = flag("jwt-enabled", BOOL, "Issue JWTs beside certificates.", group=_JWT, default=False)
    jwt_key_filename: str = flag(
        "jwt-key-filename", STRING, "File of the key that signs JWTs, if absolute.", group=_JWT, default="jwt.key"
    )
    jwks_filename: str = flag(
        "jwks-filename", STRING, "File of its JWKS, if absolute.", group=_JWT, default="jwks.json"
    )
    jwt_issuer: str | None = flag("jwt-issuer", STRING, "Claim iss of JWTs.", group=_JWT)
    jwt_signing_algorithm: str = flag(
        "jwt-signing-algorithm", STRING, "How JWTs are signed.", group=_JWT, default="RS256"
    )
    jwt_key_id: str = flag("jwt-key-id", STRING, "Id of the key that signs JWTs.", group=_JWT, default="")
    jwt_ttl: float = flag("jwt-ttl", DURATION, "How long JWTs are valid.", group=_JWT, default=86_400.0)
    oidc_enabled: bool = flag("oidc-enabled", BOOL, "Serve OIDC discovery.", group=_JWT, default=False)
    oidc_port: int = flag("oidc-server-listen-port", PORT, "Port of OIDC discovery.", group=_JWT, default=9080)
    oidc_address: str = flag(
        "oidc-server-listen-address", STRING, "Address of OIDC discovery.", group=_JWT, default="localhost"
    )
    oidc_tls: bool = flag("oidc-server-tls-enabled", BOOL, "Serve OIDC discovery by TLS.", group=_JWT, default=True)
    oidc_tls_cert: str = flag("oidc-server-tls-cert-file", STRING, "Certificate for that.", group=_JWT, default="")
    oidc_tls_key: str = flag("oidc-server-tls-key-file", STRING, "Key for that.", group=_JWT, default="")
    oidc_jwks_uri: str = flag("oidc-jwks-uri", STRING, "Where the JWKS is said to be.", group=_JWT, default="")
    oidc_path_prefix: str = flag("oidc-path-prefix", STRING, "What paths begin with.", group=_JWT, default="")
    oidc_allowed_hosts: tuple[str, ...] = flag(
        "oidc-allowed-hosts", LIST, "Hosts that requests may name; * is any.", group=_JWT, default=()
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

    def check(self) -> None:
        """Hold the rules that span flags.

        Raises:
            OptionsError: one is broken.
        """
        if self.mode not in (STANDALONE, KUBERNETES):
            raise OptionsError(f"invalid mode: {self.mode}; it is {STANDALONE} or {KUBERNETES}")
        if self.jwt_issuer is not None and not self.jwt_enabled:
            raise OptionsError("--jwt-issuer is given and JWTs are not enabled; add --jwt-enabled")
        if self.jwt_signing_algorithm not in ALGORITHMS:
            known = ", ".join(ALGORITHMS)
            raise OptionsError(f"invalid --jwt-signing-algorithm: {self.jwt_signing_algorithm}; it is one of {known}")
        if self.jwt_ttl <= 0:
            raise OptionsError("--jwt-ttl must be positive")
        if self.serves_oidc and self.oidc_tls:
            for name, value in (("cert", self.oidc_tls_cert), ("key", self.oidc_tls_key)):
                if not value:
                    raise OptionsError(
                        f"oidc-server-tls-{name}-file is required when OIDC HTTP server is enabled with TLS; "
                        "give it, or --oidc-server-tls-enabled=false"
                    )

    @property
    def kubernetes(self) -> bool:
        """Whether sentry serves a cluster."""
        return self.mode == KUBERNETES

    @property
    def serves_oidc(self) -> bool:
        """Whether discovery is served: it makes no sense without JWTs."""
        return self.oidc_enabled and self.jwt_enabled
