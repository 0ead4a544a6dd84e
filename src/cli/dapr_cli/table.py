"""Every command of the CLI with its flags, words and examples: the one table that parsing, help and completion read."""

from __future__ import annotations

from .annotating.table import ANNOTATE
from .cluster.flags import ALL_NAMESPACES, KUBERNETES, WHICH
from .cluster.table import COMPONENTS, CONFIGURATIONS, LOGS, NAMESPACE
from .command import Command
from .flags import Flag
from .mtls.table import MTLS

LOG_LEVELS = ("debug", "info", "warn", "error", "fatal", "panic")
APP_PROTOCOLS = ("grpc", "grpcs", "http", "https", "h2c")
OUTPUTS = ("table", "json", "yaml")
VERBS = ("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS")

HELP_FLAG = Flag("help", "Print this help message", "bool", "h", False)
GLOBAL_FLAGS = (
    Flag("log-as-json", "Print status lines, and the sidecar's log, as JSON", "bool", default=False),
    Flag("runtime-path", "Keep the .dapr folder below this path instead of the home folder", completes="directory"),
)
ROOT_FLAGS = (Flag("version", "Print the versions of the CLI and of the runtime", "bool", "v", False),)


def _old(name: str, target: str, kind: str = "string") -> Flag:
    """A name of earlier years that still works."""
    return Flag(name, f"Old name of --{target}", "int" if kind == "int" else "string", hidden=True, alias_of=target)


INIT = Command(
    name="init",
    summary="Set up Dapr on this machine, without Docker",
    handler="init:init",
    description="""\
Writes the default resources and Configuration and starts a Redis-protocol server as the default state store and
message bus, and the placement service, which actors need. With --with-sentry it also starts a certificate authority,
which the sidecars of `dapr run` join: they speak mutual TLS to each other. Servers listen on loopback only and keep
their data in the .dapr folder. Running it again repairs what is missing; files that exist and are not ours are
never touched.""",
    examples="""\
  # Set up everything
  dapr init

  # Only the sidecar: no server, no default resources
  dapr init --slim

  # Use a Redis that already runs instead of starting one
  dapr init --redis-host localhost:6379

  # With a certificate authority: sidecars speak mutual TLS
  dapr init --with-sentry

  # Keep the installation in a folder of its own
  dapr init --runtime-path ./sandbox""",
    flags=(
        Flag("slim", "Start no server and write no default resources", "bool", "s", False),
        Flag("redis-host", "Use the Redis at this host:port instead of starting one"),
        Flag(
            "redis-port", "Port of the server to start (default 6379, or another when that is taken)", "int", default=0
        ),
        Flag(
            "with-sentry", "Start a certificate authority too, so that sidecars speak mutual TLS", "bool", default=False
        ),
        Flag("sentry-port", "Port of that authority (default 50001, or another when that is taken)", "int", default=0),
        Flag(
            "placement-port",
            "Port of the placement service (default 50005, or another when that is taken)",
            "int",
            default=0,
        ),
    ),
)

UNINSTALL = Command(
    name="uninstall",
    summary="Remove what `dapr init` set up",
    handler="uninstall:uninstall",
    description="""\
Stops the servers that `dapr init` started and removes the installed launcher. With --all, also the default resources,
the Configuration, the servers' data and the keys of the certificate authority. Files that `dapr init` did not write,
or that were edited since, stay.""",
    examples="""\
  # Stop and remove the runtime; keep resources and data
  dapr uninstall

  # Remove everything that `dapr init` created
  dapr uninstall --all""",
    flags=(Flag("all", "Also remove default resources, Configuration and data", "bool", default=False),),
)

RUN = Command(
    name="run",
    summary="Run an application beside its sidecar, or several from a run file",
    handler="run:run",
    usage="dapr run [flags] [--] [command args...]",
    description="""\
Starts a sidecar and, when a command is given, the application beside it. Ctrl-C stops both, the application first.
Everything listens on loopback only unless a flag asks otherwise.
Put `--` before the command, so that its flags stay its own.""",
    examples="""\
  # A Python application that listens on port 5000
  dapr run --app-id orders --app-port 5000 -- python3 orders.py

  # Choose the ports of the sidecar
  dapr run --app-id orders --app-port 5000 --dapr-http-port 3500 --dapr-grpc-port 50001 -- node orders.js

  # A gRPC application
  dapr run --app-id ledger --app-port 5001 --app-protocol grpc -- ./ledger

  # Only the sidecar
  dapr run --app-id probe --dapr-http-port 3500

  # All applications of a run file, or of ./dapr.yaml
  dapr run -f dapr.yaml
  dapr run -f .""",
    max_args=-1,
    args_complete="file",
    flags=(
        Flag("app-id", "The id of the application, by which others call it", short="a"),
        Flag("app-port", "The port on which the application listens", "int", "p", -1),
        Flag("config", "The Configuration file (default <root>/config.yaml)", short="c", completes="file"),
        Flag("dapr-http-port", "The sidecar's HTTP port; -1 takes a free one", "int", "H", -1),
        Flag("dapr-grpc-port", "The sidecar's gRPC port; -1 takes a free one", "int", "G", -1),
        Flag("dapr-internal-grpc-port", "The sidecar's port for other sidecars; -1 takes a free one", "int", "I", -1),
        Flag("metrics-port", "The sidecar's metrics port; -1 takes a free one", "int", "M", -1),
        Flag("profile-port", "The sidecar's profiling port; -1 takes a free one", "int", default=-1),
        Flag("enable-profiling", "Serve profiles on the profiling port", "bool", default=False),
        Flag("log-level", "How much the sidecar logs", default="info", choices=LOG_LEVELS),
        Flag("app-max-concurrency", "How many calls the application gets at once; -1 for no limit", "int", default=-1),
        Flag("app-protocol", "The protocol the application speaks", short="P", default="http", choices=APP_PROTOCOLS),
        Flag("resources-path", "A folder with resources; may be repeated (default <root>/components)", "list",
             default=[], completes="directory"),
        Flag("components-path", "Old name of --resources-path", "list", "d", hidden=True, alias_of="resources-path"),
        Flag("component-path", "Old name of --resources-path", "list", hidden=True, alias_of="resources-path"),
        Flag("placement-host-address", "Where the placement service listens; empty turns actors off, localhost means "
             "port 50005 if somebody listens there", default="localhost"),
        Flag("scheduler-host-address", "Where the scheduler service listens; empty turns jobs off, localhost means "
             "port 50006 if somebody listens there", default="localhost"),
        Flag("app-ssl", "Old form of --app-protocol https or grpcs", "bool", default=False, hidden=True),
        Flag("max-body-size", "The largest request body, as a quantity", default="4Mi"),
        Flag("read-buffer-size", "The largest request header, as a quantity", default="4Ki"),
        Flag("unix-domain-socket", "Serve the sidecar's API on sockets in this folder instead of ports", short="u",
             completes="directory"),
        Flag("enable-app-health-check", "Ask the application for its health", "bool", default=False),
        Flag("app-health-check-path", "The path of the health check (default /healthz)"),
        Flag("app-health-probe-interval", "Seconds between health checks (default 5)", "int", default=0),
        Flag("app-health-probe-timeout", "Milliseconds a health check may take (default 500)", "int", default=0),
        Flag("app-health-threshold", "Failures in a row before the application counts as unhealthy (default 3)", "int",
             default=0),
        Flag("enable-api-logging", "Log every call of the sidecar's API", "bool", default=False),
        Flag("dapr-listen-addresses", "Addresses of the sidecar's API (default 127.0.0.1 and ::1)"),
        Flag("metrics-listen-address", "Address of the sidecar's metrics (default 127.0.0.1)"),
        Flag("app-channel-address", "The address on which the application listens", default="127.0.0.1"),
        Flag("run-file", "Run the apps of this file, of <folder>/dapr.yaml, or of standard input (-)", short="f",
             completes="file"),
        _old("port", "dapr-http-port", "int"),
        _old("grpc-port", "dapr-grpc-port", "int"),
        _old("protocol", "app-protocol"),
        _old("max-concurrency", "app-max-concurrency", "int"),
    ),
)  # fmt: skip

LIST = Command(
    name="list",
    summary="List the running sidecars and their applications",
    handler="list:list_instances",
    examples="""\
  # As a table
  dapr list

  # For programs
  dapr list -o json

  # Those in a Kubernetes cluster, or in one namespace of it
  dapr list -k
  dapr list -k --namespace shop""",
    flags=(
        Flag("output", "The form of the output", short="o", default="table", choices=OUTPUTS),
        KUBERNETES,
        NAMESPACE,
        ALL_NAMESPACES,
        *WHICH,
    ),
)

STATUS = Command(
    name="status",
    summary="Show the servers of this machine, or the control plane in a Kubernetes cluster",
    handler="status:status",
    description="""\
Shows the servers that `dapr init` has set up on this machine, or with -k the services of the control plane in a
Kubernetes cluster: one that is not healthy is told by what its pod waits for.""",
    examples="""\
  # As a table
  dapr status

  # For programs
  dapr status -o json

  # The control plane in a cluster
  dapr status -k""",
    flags=(
        Flag("output", "The form of the output", short="o", default="table", choices=OUTPUTS),
        KUBERNETES,
        NAMESPACE,
        *WHICH,
    ),
)

STOP = Command(
    name="stop",
    summary="Stop running applications and their sidecars",
    handler="stop:stop",
    usage="dapr stop [app-id...] [flags]",
    examples="""\
  # Stop one application, or several
  dapr stop orders
  dapr stop --app-id orders

  # Stop everything that a run file started
  dapr stop -f dapr.yaml""",
    max_args=-1,
    args_complete="app-id",
    flags=(
        Flag("app-id", "The id of the application to stop", short="a", completes="app-id"),
        Flag("run-file", "Stop the applications of this run file, or of <folder>/dapr.yaml", short="f",
             completes="file"),
    ),
)  # fmt: skip

INVOKE = Command(
    name="invoke",
    summary="Call a method of a running application through its sidecar",
    handler="invoke:invoke",
    examples="""\
  # POST with a body
  dapr invoke --app-id orders --method create --data '{"id": 7}'

  # GET
  dapr invoke --app-id orders --method orders/7 --verb GET

  # The body from a file
  dapr invoke --app-id orders --method create --data-file order.json""",
    flags=(
        Flag("app-id", "The id of the application to call", short="a", required=True, completes="app-id"),
        Flag("method", "The method to call; may hold a path and a query", short="m", required=True),
        Flag("data", "The JSON body", short="d"),
        Flag("data-file", "A file that holds the body; - reads standard input", short="f", completes="file"),
        Flag("verb", "The HTTP verb", short="v", default="POST", choices=VERBS),
        Flag("unix-domain-socket", "The folder of the sidecar's sockets", short="u", completes="directory"),
        _old("payload", "data"),
    ),
)

PUBLISH = Command(
    name="publish",
    summary="Publish a message to a topic through a running sidecar",
    handler="publish:publish",
    examples="""\
  # Publish to a topic
  dapr publish --publish-app-id orders --pubsub pubsub --topic created --data '{"id": 7}'

  # The message from a file, with metadata
  dapr publish -i orders -p pubsub -t created -f order.json --metadata '{"ttlInSeconds": "60"}'""",
    flags=(
        Flag("publish-app-id", "The id of the publishing application", short="i", required=True, completes="app-id"),
        Flag("pubsub", "The name of the pub/sub component", short="p", required=True),
        Flag("topic", "The topic", short="t", required=True),
        Flag("data", "The JSON message, or a whole CloudEvent", short="d"),
        Flag("data-file", "A file that holds the message; - reads standard input", short="f", completes="file"),
        Flag("metadata", "Metadata of the message, a JSON object of strings", short="m"),
        Flag("unix-domain-socket", "The folder of the sidecar's sockets", short="u", completes="directory"),
        _old("payload", "data"),
    ),
)

VERSION = Command(
    name="version",
    summary="Print the versions of the CLI and of the runtime",
    handler="version:version",
    examples="  dapr version\n  dapr version -o json",
    flags=(Flag("output", "The form of the output", short="o", choices=("json",)),),
)

BUILD_INFO = Command(
    name="build-info",
    summary="Print how the CLI and the runtime were built",
    handler="version:build_info",
    examples="  dapr build-info",
)


def _completion(shell: str, load_line: str) -> Command:
    return Command(
        name=shell,
        summary=f"Print the completion script for {shell}",
        handler=f"completion:{shell}",
        examples=f"  # Complete in this and every new shell\n{load_line}",
    )


COMPLETION = Command(
    name="completion",
    summary="Print a script that completes commands, flags and app ids in your shell",
    examples="  source <(dapr completion bash)",
    commands=(
        _completion("bash", "  echo 'source <(dapr completion bash)' >> ~/.bashrc"),
        _completion("zsh", "  echo 'source <(dapr completion zsh)' >> ~/.zshrc"),
        _completion("fish", "  dapr completion fish > ~/.config/fish/completions/dapr.fish"),
        _completion("powershell", "  dapr completion powershell | Out-String | Invoke-Expression"),
    ),
)

HELP = Command(name="help", summary="Print the help of a command", usage="dapr help [command]", max_args=-1)

COMMANDS = (
    ANNOTATE, BUILD_INFO, COMPLETION, COMPONENTS, CONFIGURATIONS, HELP, INIT, INVOKE, LIST, LOGS, MTLS, PUBLISH, RUN,
    STATUS, STOP, UNINSTALL, VERSION,
)  # fmt: skip
ROOT_COMMAND = Command(
    name="dapr",
    summary="Dapr, the distributed application runtime",
    usage="dapr [command]",
    examples="""\
  dapr init                                            # set up this machine
  dapr run --app-id orders --app-port 5000 -- python3 orders.py
  dapr list                                            # what is running?""",
    flags=ROOT_FLAGS,
    commands=COMMANDS,
)


NO_CONTAINERS = "Nothing runs in containers here: the runtime and its Redis server come with the Python packages."
NO_CLUSTER = "This command works on this machine only, not on a Kubernetes cluster."
ELSEWHERE = {
    "container-runtime": NO_CONTAINERS,
    "network": NO_CONTAINERS,
    "image-registry": NO_CONTAINERS,
    "image-variant": NO_CONTAINERS,
    "redis-stack": NO_CONTAINERS,
    "scheduler-volume": NO_CONTAINERS,
    "from-dir": NO_CONTAINERS,
    "runtime-version": "The runtime is the installed package; pip chooses its version: pip install dapr-runtime==…",
    "kubernetes": NO_CLUSTER,
    "namespace": NO_CLUSTER,
    "all-namespaces": NO_CLUSTER,
}
"""Flags of the public CLI that mean nothing here, and why; what a user of it needs to hear instead of a guess."""


def elsewhere(message: str) -> str:
    """The explanation for a usage error about a flag that only the public CLI has; empty for any other."""
    if message.startswith("unknown shorthand flag: 'k'"):
        return NO_CLUSTER
    return ELSEWHERE.get(message.removeprefix("unknown flag: --"), "")


def find(parent: Command, name: str) -> Command | None:
    """The sub-command of this name, or of this other name for it."""
    return next((command for command in parent.commands if name in (command.name, *command.aliases)), None)
