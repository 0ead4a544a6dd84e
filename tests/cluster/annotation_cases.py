"""Annotations of a pod, and the difference that each makes to the pod that the API server has (control-plane.md §6)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from cluster.podview import GONE, View

SOCKETS: Final = "/tmp/dapr-components-sockets"
FOLDER_OF_SOCKETS: Final = "DAPR_COMPONENT_SOCKETS_FOLDER"
COMPONENTS_VOLUME: Final = "dapr-components-unix-domain-socket"
OF_THE_OPERATOR: Final = frozenset({"dapr.io/sidecar-svc-annotations"})
"""Of no effect on the pod."""


class Case(NamedTuple):
    """Annotations (without ``dapr.io/``), and the difference that they make."""

    annotations: Mapping[str, str]
    difference: View

    def __str__(self) -> str:
        return ",".join(f"{name}={value}" for name, value in self.annotations.items())[:60]


def one(name: str, value: str, **difference: Any) -> Case:
    return Case({name: value}, difference)


def flag(annotation: str, value: str, name: str = "", told: str | None = None) -> Case:
    """An annotation that is a flag of the sidecar's with its value."""
    return Case({annotation: value}, {f"flag --{name or annotation}": value if told is None else told})


def switch(annotation: str, name: str = "") -> Iterator[Case]:
    """An annotation that is a flag without value where it says yes, in any word for it."""
    for word in ("true", "TRUE", "y", "yes", "on", "1", "t"):
        yield Case({annotation: word}, {f"flag --{name or annotation}": None})
    for word in ("false", "no", "0", "off", "", "certainly"):
        yield Case({annotation: word}, {})


def probe(kind: str, name: str, field: str) -> Iterator[Case]:
    yield Case({f"sidecar-{kind}-probe-{name}": "7"}, {f"{kind}Probe.{field}": 7})


def protocol(annotations: Mapping[str, str], spoken: str, **more: Any) -> Case:
    """What the containers of the application are told of how the sidecar speaks to it."""
    told = {f"{container} env APP_PROTOCOL": spoken for container in ("app", "store")}
    return Case(
        annotations, told | {name.replace("_", " --", 1).replace("_", "-"): value for name, value in more.items()}
    )


def secret(name: str, key: str) -> View:
    return {"secretKeyRef": {"name": name, "key": key}}


CASES: Final = (
    Case({"app-id": "shop"}, {"flag --app-id": "shop", "label dapr.io/app-id": "shop"}),
    flag("app-port", "8080"),
    one("app-port", "0"),
    one("app-port", "-1"),
    Case({"app-protocol": "http"}, {}),
    protocol({"app-protocol": "grpc"}, "grpc", flag_app_protocol="grpc"),
    protocol({"app-protocol": "h2c"}, "h2c", flag_app_protocol="h2c"),
    protocol({"app-protocol": "HTTPS"}, "https", flag_app_protocol="HTTPS"),
    protocol({"app-protocol": "grpcs"}, "grpcs", flag_app_protocol="grpcs"),
    protocol({"app-protocol": "smoke"}, GONE, flag_app_protocol="smoke"),
    protocol({"app-ssl": "true"}, "https", flag_app_ssl=None),
    protocol({"app-ssl": "yes", "app-protocol": "grpc"}, "grpcs", flag_app_ssl=None, flag_app_protocol="grpc"),
    one("app-ssl", "false"),
    flag("app-channel-address", "10.0.0.7"),
    flag("app-max-concurrency", "3"),
    flag("app-max-concurrency", "-1"),
    flag("config", "tracing"),
    flag("log-level", "debug"),
    *switch("log-as-json"),
    *switch("enable-profiling"),
    flag("enable-api-logging", "yes", told="true"),
    flag("enable-api-logging", "no", told="false"),
    one("enable-metrics", "true"),
    Case(
        {"enable-metrics": "false"},
        {"flag --enable-metrics": GONE, "flag --metrics-port": GONE, "label dapr.io/metrics-enabled": "false"},
    ),
    Case({"metrics-port": "9191"}, {"flag --metrics-port": "9191", "port dapr-metrics": 9191}),
    Case(
        {"grpc-port": "50011"},
        {
            "flag --dapr-grpc-port": "50011", "port dapr-grpc": 50011,
            "app env DAPR_GRPC_PORT": "50011", "store env DAPR_GRPC_PORT": "50011",
        },
    ),
    Case({"internal-grpc-port": "50012"}, {"flag --dapr-internal-grpc-port": "50012", "port dapr-internal": 50012}),
    flag("sidecar-listen-addresses", "0.0.0.0", "dapr-listen-addresses"),
    Case({"api-token-secret": "mine"}, {"env DAPR_API_TOKEN": secret("mine", "token")}),
    Case({"app-token-secret": "its"}, {"env APP_API_TOKEN": secret("its", "token")}),
    Case(
        {"env": "A=1, B_2=x,y;z , C=, D=e=="},
        {"env A": "1", "env B_2": "x,y;z", "env C": None, "env D": "e==", "env DAPR_ENV_KEYS": "A B_2 C D"},
    ),
    Case(
        {"env-from-secret": "A=mine:key, B=own"},
        {"env A": secret("mine", "key"), "env B": secret("own", "own"), "env DAPR_ENV_KEYS": "A B"},
    ),
    Case({"env-from-secret": "A=a:b:c"}, {"env DAPR_ENV_KEYS": "A"}),
    Case(
        {"env": "SSL_CERT_DIR=/certificates"},
        {
            "env SSL_CERT_DIR": "/certificates", "env DAPR_ENV_KEYS": "SSL_CERT_DIR",
            "securityContext.windowsOptions.runAsUserName": "ContainerAdministrator",
            "securityContext.runAsNonRoot": False, "securityContext.readOnlyRootFilesystem": False,
        },
    ),
    Case(
        {"enable-debug": "true"},
        {
            "port dapr-debug": 40000,
            "program": "/dlv --listen :40000 --accept-multiclient --headless=true --log --api-version=2 exec /daprd --",
        },
    ),
    Case(
        {"enable-debug": "true", "debug-port": "40001"},
        {
            "port dapr-debug": 40001,
            "program": "/dlv --listen :40001 --accept-multiclient --headless=true --log --api-version=2 exec /daprd --",
        },
    ),
    one("debug-port", "40001"),
    Case({"sidecar-image": "mine/daprd:2"}, {"image": "mine/daprd:2"}),
    Case(
        {"sidecar-cpu-request": "100m", "sidecar-cpu-limit": "2"},
        {"resources.requests.cpu": "100m", "resources.limits.cpu": "2"},
    ),
    Case(
        {"sidecar-memory-request": "64Mi", "sidecar-memory-limit": "1G"},
        {"resources.requests.memory": "64Mi", "resources.limits.memory": "1G"},
    ),
    # The API server asks for as much as may be used where nothing is asked for.
    Case({"sidecar-memory-limit": "128Mi"}, {"resources.requests.memory": "128Mi", "resources.limits.memory": "128Mi"}),
    Case({"sidecar-seccomp-profile-type": "RuntimeDefault"}, {"securityContext.seccompProfile.type": "RuntimeDefault"}),
    *(case for kind in ("liveness", "readiness") for case in (
        *probe(kind, "delay-seconds", "initialDelaySeconds"),
        *probe(kind, "timeout-seconds", "timeoutSeconds"),
        *probe(kind, "period-seconds", "periodSeconds"),
        *probe(kind, "threshold", "failureThreshold"),
    )),
    # A zero is left out, and Kubernetes has defaults of its own.
    Case({"sidecar-liveness-probe-delay-seconds": "0"}, {"livenessProbe.initialDelaySeconds": GONE}),
    Case({"sidecar-liveness-probe-timeout-seconds": "0"}, {"livenessProbe.timeoutSeconds": 1}),
    flag("http-max-request-size", "8", "dapr-http-max-request-size"),
    flag("max-body-size", "8Mi"),
    flag("http-read-buffer-size", "8", "dapr-http-read-buffer-size"),
    flag("read-buffer-size", "8Ki"),
    flag("graceful-shutdown-seconds", "30", "dapr-graceful-shutdown-seconds"),
    flag("block-shutdown-duration", "5s", "dapr-block-shutdown-duration"),
    Case(
        {"unix-domain-socket-path": "/run/dapr"},
        {
            "flag --unix-domain-socket": "/var/run/dapr-sockets",
            "volume dapr-unix-domain-socket": {"emptyDir": {"medium": "Memory"}},
            "mount dapr-unix-domain-socket": {"mountPath": "/var/run/dapr-sockets"},
            "app mount dapr-unix-domain-socket": {"mountPath": "/run/dapr"},
            "store mount dapr-unix-domain-socket": {"mountPath": "/run/dapr"},
        },
    ),
    Case({"volume-mounts": "data:/data"}, {"mount data": {"mountPath": "/data", "readOnly": True}}),
    Case(
        {"volume-mounts": "data:/data", "volume-mounts-rw": "more:/more"},
        {"mount data": {"mountPath": "/data", "readOnly": True}, "mount more": {"mountPath": "/more"}},
    ),
    *switch("disable-builtin-k8s-secret-store"),
    Case(
        {"enable-app-health-check": "true"},
        {
            "flag --enable-app-health-check": None, "flag --app-health-check-path": "/healthz",
            "flag --app-health-probe-interval": "5", "flag --app-health-probe-timeout": "500",
            "flag --app-health-threshold": "3",
        },
    ),
    Case(
        {
            "enable-app-health-check": "true", "app-health-check-path": "/up", "app-health-probe-interval": "9",
            "app-health-probe-timeout": "100", "app-health-threshold": "2",
        },
        {
            "flag --enable-app-health-check": None, "flag --app-health-check-path": "/up",
            "flag --app-health-probe-interval": "9", "flag --app-health-probe-timeout": "100",
            "flag --app-health-threshold": "2",
        },
    ),
    one("app-health-check-path", "/up"),
    flag("app-binding-options-timeout", "30s"),
    flag("placement-host-address", "mine:1,other:2"),
    flag("placement-host-address", " 'mine:1' ", told="mine:1"),
    Case({"placement-host-address": ""}, {"flag --placement-host-address": GONE}),
    Case({"placement-host-address": '""'}, {"flag --placement-host-address": GONE}),
    flag("scheduler-host-address", "mine:1"),
    flag("scheduler-host-address", '""', told=""),
    flag("actors-disseminate-timeout", "45s"),
    flag("sentry-request-jwt-audiences", "a,b"),
    flag("disable-init-endpoints", "config,subscribe"),
    flag("disable-init-endpoints", ""),
    Case({"enable-native-sidecar": "true"}, {"place": "initContainers[0]", "restartPolicy": "Always"}),
    one("enable-native-sidecar", "false"),
    Case(
        {"pluggable-components": "store"},
        {
            f"volume {COMPONENTS_VOLUME}": {"emptyDir": {}}, f"mount {COMPONENTS_VOLUME}": {"mountPath": SOCKETS},
            f"env {FOLDER_OF_SOCKETS}": SOCKETS, f"store env {FOLDER_OF_SOCKETS}": SOCKETS,
            f"store mount {COMPONENTS_VOLUME}": {"mountPath": SOCKETS},
            "store env DAPR_HTTP_PORT": GONE, "store env DAPR_GRPC_PORT": GONE, "store env APP_PROTOCOL": GONE,
        },
    ),
    Case(
        {"pluggable-components": "store, nobody", "pluggable-components-sockets-folder": "/run/components"},
        {
            f"volume {COMPONENTS_VOLUME}": {"emptyDir": {}},
            f"mount {COMPONENTS_VOLUME}": {"mountPath": "/run/components"},
            f"env {FOLDER_OF_SOCKETS}": "/run/components", f"store env {FOLDER_OF_SOCKETS}": "/run/components",
            f"store mount {COMPONENTS_VOLUME}": {"mountPath": "/run/components"},
            "store env DAPR_HTTP_PORT": GONE, "store env DAPR_GRPC_PORT": GONE, "store env APP_PROTOCOL": GONE,
        },
    ),
    one("pluggable-components", "nobody"),
    Case(
        {"inject-pluggable-components": "true"},
        {
            f"volume {COMPONENTS_VOLUME}": {"emptyDir": {}}, f"mount {COMPONENTS_VOLUME}": {"mountPath": SOCKETS},
            f"env {FOLDER_OF_SOCKETS}": SOCKETS,
            "printer image": "printer:1", "printer env MODE": "fast", f"printer env {FOLDER_OF_SOCKETS}": SOCKETS,
            "printer mount cache": {"mountPath": "/cache"}, "volume cache": {"emptyDir": {}},
            f"printer mount {COMPONENTS_VOLUME}": {"mountPath": SOCKETS},
        },
    ),
    one("inject-pluggable-components", "false"),
    one("sidecar-svc-annotations", "a=b"),
    # Those of 2020 are no annotations any more.
    *(one(name, "7") for name in ("id", "port", "protocol", "max-concurrency", "profiling")),
)  # fmt: skip
