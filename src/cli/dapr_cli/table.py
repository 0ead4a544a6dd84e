"""Every command of the CLI with its flags, words and examples: the one table that parsing, help and completion read."""

from __future__ import annotations

from .annotating.table import ANNOTATE
from .cluster.flags import ALL_NAMESPACES, KUBERNETES, OUTPUT, WHICH
from .cluster.table import (
    COMPONENTS,
    CONFIGURATIONS,
    INSTALL_FLAGS,
    LOGS,
    MCPSERVERS,
    NAMESPACE,
    RUNTIME_VERSION,
    UNINSTALL_FLAGS,
    UPGRADE,
)
from .command import Command
from .flags import Flag, old_name
from .launch.table import RUN
from .mtls.table import MTLS

VERBS = ("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS")

HELP_FLAG = Flag("help", "Print this help message", "bool", "h", False)
GLOBAL_FLAGS = (
    Flag("log-as-json", "Print status lines, and the sidecar's log, as JSON", "bool", default=False),
    Flag("runtime-path", "Keep the .dapr folder below this path instead of the home folder", completes="directory"),
)
ROOT_FLAGS = (Flag("version", "Print the versions of the CLI and of the runtime", "bool", "v", False),)


INIT = Command(
    name="init",
    summary="Set up Dapr on this machine without Docker, or in a Kubernetes cluster",
    handler="init:init",
    description="""\
Writes the default resources and Configuration and starts a Redis-protocol server as the default state store and
message bus, and the placement service, which actors need. With --with-sentry it also starts a certificate authority,
which the sidecars of `dapr run` join: they speak mutual TLS to each other. Servers listen on loopback only and keep
their data in the .dapr folder. Running it again repairs what is missing; files that exist and are not ours are
never touched.

With -k it installs the control plane in a Kubernetes cluster instead, by the program helm and the chart that comes with
this command.""",
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
  dapr init --runtime-path ./sandbox

  # The control plane in a Kubernetes cluster; wait until it is ready
  dapr init -k --wait --timeout 600

  # Every service several times, with images from a registry of your own
  dapr init -k --enable-ha --image-registry registry.example.com/dapr

  # With values of the chart
  dapr init -k --values values.yaml --set global.logAsJson=true""",
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
        RUNTIME_VERSION,
        *INSTALL_FLAGS,
    ),
)

UNINSTALL = Command(
    name="uninstall",
    summary="Remove what `dapr init` set up",
    handler="uninstall:uninstall",
    description="""\
Stops the servers that `dapr init` started and removes the installed launcher. With --all, also the default resources,
the Configuration, the servers' data and the keys of the certificate authority. Files that `dapr init` did not write,
or that were edited since, stay.

With -k it removes the control plane from a Kubernetes cluster. The definitions and with them your resources stay there;
--all removes them too, --dev what `dapr init -k --dev` has added.""",
    examples="""\
  # Stop and remove the runtime; keep resources and data
  dapr uninstall

  # Remove everything that `dapr init` created
  dapr uninstall --all

  # Remove the control plane from a Kubernetes cluster
  dapr uninstall -k""",
    flags=(
        Flag("all", "Also remove resources, Configurations and data", "bool", default=False),
        *UNINSTALL_FLAGS,
    ),
)

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
        OUTPUT,
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
        OUTPUT,
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

  # Stop everything that a run file started, here or in a Kubernetes cluster
  dapr stop -f dapr.yaml
  dapr stop -k -f dapr.yaml""",
    max_args=-1,
    args_complete="app-id",
    flags=(
        Flag("app-id", "The id of the application to stop", short="a", completes="app-id"),
        Flag("run-file", "Stop the applications of this run file, or of <folder>/dapr.yaml", short="f",
             completes="file"),
        KUBERNETES._replace(help="With a run file: remove its applications from a Kubernetes cluster"),
        *WHICH,
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
        old_name("payload", "data"),
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
        old_name("payload", "data"),
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
    ANNOTATE, BUILD_INFO, COMPLETION, COMPONENTS, CONFIGURATIONS, HELP, INIT, INVOKE, LIST, LOGS, MCPSERVERS, MTLS,
    PUBLISH, RUN, STATUS, STOP, UNINSTALL, UPGRADE, VERSION,
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
NO_CLUSTER = "This command works on this machine only, not on a Kubernetes cluster; `dapr list -k` and others do."
ELSEWHERE = {
    "container-runtime": NO_CONTAINERS,
    "network": NO_CONTAINERS,
    "image-variant": NO_CONTAINERS,
    "redis-stack": NO_CONTAINERS,
    "scheduler-volume": NO_CONTAINERS,
    "from-dir": NO_CONTAINERS,
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
