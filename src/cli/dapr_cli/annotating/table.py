"""The command ``dapr annotate`` with its flags, and which annotation each of them sets (cli-dashboard.md §14)."""

from __future__ import annotations

from typing import Literal, NamedTuple

from dapr_cli.cluster.flags import KUBERNETES
from dapr_cli.command import Command, Failure
from dapr_cli.flags import Flag, Parsed

PREFIX = "dapr.io/"
ENABLED = f"{PREFIX}enabled"
APP_ID = f"{PREFIX}app-id"
LOG_AS_JSON = "log-as-json"


class Row(NamedTuple):
    """A flag and its annotation; of one name, unless another is given. A ``size`` is a quantity, written in bytes."""

    flag: str
    help: str
    kind: Literal["string", "int", "bool", "size"] = "string"
    annotation: str = ""
    short: str = ""

    @property
    def key(self) -> str:
        """The annotation's whole name."""
        return PREFIX + (self.annotation or self.flag)


def _probe(name: str) -> tuple[Row, ...]:
    long = f"sidecar-{name}-probe"
    return (
        Row(f"{name}-probe-delay", f"Seconds before the sidecar's first {name} probe", "int", f"{long}-delay-seconds"),
        Row(f"{name}-probe-timeout", f"Seconds a {name} probe may take", "int", f"{long}-timeout-seconds"),
        Row(f"{name}-probe-period", f"Seconds between {name} probes", "int", f"{long}-period-seconds"),
        Row(f"{name}-probe-threshold", f"Failed {name} probes in a row that count", "int", f"{long}-threshold"),
    )


ROWS = (
    Row("app-id", "The id of the application (default <namespace>-<kind>-<name>)", short="a"),
    Row("app-port", "The port on which the application listens", "int", short="p"),
    Row("config", "The name of the Configuration", short="c"),
    Row("app-protocol", "The protocol the application speaks: http, https, h2c, grpc or grpcs"),
    Row("app-max-concurrency", "How many calls the application gets at once; -1 for no limit", "int"),
    Row("app-token-secret", "The Secret with the token that the application asks of its sidecar"),
    Row("api-token-secret", "The Secret with the token that the sidecar asks of its callers"),
    Row("log-level", "How much the sidecar logs: debug, info, warn, error, fatal or panic"),
    Row("enable-api-logging", "Log every call of the sidecar's API", "bool"),
    Row("enable-profile", "Serve profiles", "bool", "enable-profiling"),
    Row("enable-metrics", "Serve metrics", "bool"),
    Row("metrics-port", "The sidecar's metrics port", "int"),
    Row("enable-debug", "Start the sidecar for a debugger", "bool"),
    Row("env", "Variables of the sidecar's environment: NAME=value, separated by commas"),
    Row("cpu-request", "The processor that the sidecar asks for", annotation="sidecar-cpu-request"),
    Row("cpu-limit", "The processor that the sidecar may use", annotation="sidecar-cpu-limit"),
    Row("memory-request", "The memory that the sidecar asks for", annotation="sidecar-memory-request"),
    Row("memory-limit", "The memory that the sidecar may use", annotation="sidecar-memory-limit"),
    Row("listen-addresses", "Addresses of the sidecar's API", annotation="sidecar-listen-addresses"),
    *_probe("liveness"),
    *_probe("readiness"),
    Row("dapr-image", "The image of the sidecar", annotation="sidecar-image"),
    Row("max-body-size", "The largest request body, as a quantity", "size"),
    Row("read-buffer-size", "The largest request header, as a quantity", "size"),
    Row("http-stream-request-body", "Hand request bodies on as they arrive", "bool"),
    Row("graceful-shutdown-seconds", "Seconds the sidecar has to end", "int"),
    Row("unix-domain-socket-path", "Serve the sidecar's API on sockets in this folder of the pod"),
    Row("volume-mounts", "Volumes of the pod to mount in the sidecar for reading: name:path, separated by commas"),
    Row("volume-mounts-rw", "Volumes of the pod to mount in the sidecar for reading and writing"),
    Row("disable-builtin-k8s-secret-store", "Leave out the secret store of Kubernetes' own Secrets", "bool"),
    Row("placement-host-address", "Where the placement service listens"),
)


def _flag(row: Row) -> Flag:
    if row.kind == "bool":
        return Flag(row.flag, row.help, "bool", row.short, False)
    if row.kind == "int":
        return Flag(row.flag, row.help, "int", row.short, 0)
    return Flag(row.flag, row.help, short=row.short)


def annotations_of(parsed: Parsed) -> dict[str, str]:
    """What the command line asks for; only flags that are given count. Raises Failure for what is no quantity."""
    found = {ENABLED: "true"}
    for row in ROWS:
        if row.flag in parsed.given:
            found[row.key] = _value(row, parsed)
    if LOG_AS_JSON in parsed.given:
        found[PREFIX + LOG_AS_JSON] = _word(parsed.switch(LOG_AS_JSON))
    return found


def _value(row: Row, parsed: Parsed) -> str:
    if row.kind == "bool":
        return _word(parsed.switch(row.flag))
    if row.kind == "int":
        return str(parsed.number(row.flag))
    if row.kind == "size":
        from dapr_cli.launch.quantity import size_in_bytes  # every command reads this table, few a quantity

        try:
            return str(size_in_bytes(parsed.text(row.flag)))
        except ValueError as error:
            raise Failure(f"error parsing value of {row.flag}: {error}") from None
    return parsed.text(row.flag)


def _word(switch: bool) -> str:
    return "true" if switch else "false"


ANNOTATE = Command(
    name="annotate",
    summary="Give a workload in a Kubernetes manifest the annotations of a sidecar",
    handler="annotate:annotate",
    usage="dapr annotate [flags] CONFIG-FILE",
    description="""\
Reads a file, the manifests below a folder, a URL, or standard input (-), annotates one workload in it (Pod, Deployment,
StatefulSet, DaemonSet, ReplicaSet, Job or CronJob; also as an item of a List), and prints everything on standard
output. Comments, order and all other documents stay as they are. It is the first workload, or the one that --resource
names; annotate several by a chain of commands. --log-as-json, given here, is an annotation too.""",
    examples="""\
  # Annotate the first Deployment found in the input
  kubectl get deploy -l app=node -o yaml | dapr annotate -k - | kubectl apply -f -

  # Annotate several by name, in a chain
  kubectl get deploy -o yaml | dapr annotate -k -r nodeapp - | dapr annotate -k -r pythonapp - | kubectl apply -f -

  # Annotate a Deployment of a namespace, in a file or a folder
  dapr annotate -k -r nodeapp -n shop --app-id orders --app-port 8080 deploy/ | kubectl apply -f -

  # From a URL
  dapr annotate -k -r nodeapp --log-level debug https://example.com/node.yaml | kubectl apply -f -""",
    max_args=1,
    args_complete="file",
    flags=(
        KUBERNETES._replace(help="Needed: manifests are of Kubernetes"),
        Flag("resource", "The name of the workload to annotate", short="r"),
        Flag("namespace", "The namespace of that workload", short="n"),
        *map(_flag, ROWS),
    ),
)
