"""The commands that work on a cluster only, with their flags and words: a part of the command table."""

from __future__ import annotations

from dapr_cli.command import Command
from dapr_cli.flags import Flag

from .flags import ALL_NAMESPACES, KUBERNETES, LIST_OUTPUT, REQUIRED_KUBERNETES, WHICH

NAMESPACE = Flag("namespace", "Look into this namespace only", short="n")

COMPONENTS = Command(
    name="components",
    summary="List the Components in a Kubernetes cluster",
    handler="components:components",
    examples="""\
  # As a table
  dapr components -k

  # One component, as it is written
  dapr components -k --name statestore -o yaml

  # Those of one namespace
  dapr components -k --namespace shop""",
    flags=(
        REQUIRED_KUBERNETES,
        Flag("name", "List the Component of this name only", short="n"),
        NAMESPACE._replace(short=""),
        ALL_NAMESPACES,
        LIST_OUTPUT,
        *WHICH,
    ),
)

CONFIGURATIONS = Command(
    name="configurations",
    summary="List the Configurations in a Kubernetes cluster",
    handler="components:configurations",
    description="Lists the Configurations of applications in a Kubernetes cluster; that of the control plane, "
    "daprsystem, is not among them.",
    examples="""\
  # As a table
  dapr configurations -k

  # One Configuration, for programs
  dapr configurations -k --name tracing -o json""",
    flags=(
        REQUIRED_KUBERNETES,
        Flag("name", "List the Configuration of this name only", short="n"),
        NAMESPACE._replace(short=""),
        ALL_NAMESPACES,
        LIST_OUTPUT,
        *WHICH,
    ),
)

MCPSERVERS = Command(
    name="mcpservers",
    summary="List the MCPServers in a Kubernetes cluster, or in the resources of this machine",
    handler="components:mcpservers",
    examples="""\
  # In the default resources of this machine, or in another folder
  dapr mcpservers
  dapr mcpservers --resources-path ./resources

  # In a Kubernetes cluster
  dapr mcpservers -k""",
    flags=(
        KUBERNETES,
        Flag("name", "List the MCPServer of this name only", short="n"),
        NAMESPACE._replace(short=""),
        ALL_NAMESPACES,
        LIST_OUTPUT,
        Flag("resources-path", "A folder with resources; may be repeated (default <root>/components)", "list",
             default=[], completes="directory"),
        *WHICH,
    ),
)  # fmt: skip

LOGS = Command(
    name="logs",
    summary="Print the log of an application's sidecar in a Kubernetes cluster",
    handler="logs:logs",
    examples="""\
  # What the sidecar has written
  dapr logs -k --app-id orders --namespace shop

  # What it writes, as it writes it
  dapr logs -k --app-id orders --follow

  # Of one of several pods, the last lines
  dapr logs -k --app-id orders --pod-name orders-6c5b9d7f4-x2x7q --tail 20""",
    flags=(
        REQUIRED_KUBERNETES,
        Flag("app-id", "The id of the application", short="a", required=True),
        Flag("pod-name", "The pod, where the application has several", short="p"),
        Flag("namespace", "The namespace of the application", short="n", default="default"),
        Flag("follow", "Go on with what the sidecar writes, until it ends", "bool", "f", False),
        Flag("tail", "Only so many of the last lines; -1 for all", "int", default=-1),
        *WHICH,
    ),
)

SYSTEM_NAMESPACE = Flag("namespace", "The namespace of the control plane", short="n", default="dapr-system")
TIMEOUT = Flag("timeout", "Seconds that installing and removing may take", "int", default=300)
RUNTIME_VERSION = Flag("runtime-version", "The version to install; it is this command's own", default="latest")
_REGISTRY = Flag("image-registry", "Where the images of the control plane are (default: the chart's)")
_VALUES = Flag("values", "A file of values for the chart; may be repeated", "array", default=[], completes="file")
_SET = Flag("set", "A value for the chart, key=value; may be repeated", "array", default=[])

INSTALL_FLAGS = (
    KUBERNETES,
    SYSTEM_NAMESPACE,
    Flag("wait", "Wait until the control plane is ready", "bool", default=False),
    TIMEOUT,
    Flag("enable-mtls", "Have sidecars speak mutual TLS", "bool", default=True),
    Flag("enable-ha", "Run every service of the control plane several times", "bool", default=False),
    _SET,
    _VALUES,
    _REGISTRY,
    Flag("ca-root-certificate", "The root certificate to start from", completes="file"),
    Flag("issuer-public-certificate", "The issuer's certificate to start from", completes="file"),
    Flag("issuer-private-key", "The issuer's key to start from", completes="file"),
    Flag("dev", "Add a Redis and a Zipkin, and resources that use them, to the namespace default", "bool",
         default=False),
    *WHICH,
)  # fmt: skip
INSTALL_ONLY = tuple(flag.name for flag in INSTALL_FLAGS if flag is not KUBERNETES)
UNINSTALL_FLAGS = (
    KUBERNETES,
    SYSTEM_NAMESPACE,
    TIMEOUT,
    Flag("dev", "Also remove what `dapr init -k --dev` has added", "bool", default=False),
    *WHICH,
)
UNINSTALL_ONLY = tuple(flag.name for flag in UNINSTALL_FLAGS if flag is not KUBERNETES)

UPGRADE = Command(
    name="upgrade",
    summary="Upgrade the control plane in a Kubernetes cluster",
    handler="upgrade:upgrade",
    description="""\
Brings the definitions and the control plane in a Kubernetes cluster to the version of this command, by the program
helm. What the installation was told by values stays as it is, and so do root and issuer. Sidecars keep their version
until their pods are restarted.""",
    examples="""\
  # To the version of this command
  dapr upgrade -k

  # With another value
  dapr upgrade -k --set global.logAsJson=true

  # Images from a registry of your own
  dapr upgrade -k --image-registry registry.example.com/dapr""",
    flags=(
        REQUIRED_KUBERNETES,
        RUNTIME_VERSION,
        Flag("namespace", "The namespace of the control plane (default: where it is)", short="n"),
        TIMEOUT,
        Flag("wait", "Wait until the control plane is ready", "bool", default=True),
        _SET,
        _VALUES,
        _REGISTRY,
        *WHICH,
    ),
)
