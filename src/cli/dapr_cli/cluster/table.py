"""The commands that work on a cluster only, with their flags and words: a part of the command table."""

from __future__ import annotations

from dapr_cli.command import Command
from dapr_cli.flags import Flag

from .flags import ALL_NAMESPACES, OUTPUT, REQUIRED_KUBERNETES, WHICH

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
        OUTPUT,
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
        OUTPUT,
        *WHICH,
    ),
)

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
