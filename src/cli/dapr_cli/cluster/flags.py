"""Flags that all commands on a cluster share, and which of a command's flags mean something without one."""

from __future__ import annotations

from collections.abc import Iterable

from dapr_cli.flags import Flag, Parsed, UsageError
from dapr_cli.outputs import LIST_OUTPUTS, TABLE_OUTPUTS

KUBERNETES = Flag("kubernetes", "Work on the Kubernetes cluster of your kubeconfig", "bool", "k", False)
REQUIRED_KUBERNETES = KUBERNETES._replace(required=True)
KUBECONFIG = Flag("kubeconfig", "The kubeconfig file (default $KUBECONFIG, or ~/.kube/config)", completes="file")
CONTEXT = Flag("context", "The context of the kubeconfig to use (default: its current one)", completes="context")
WHICH = (KUBECONFIG, CONTEXT)
"""Which cluster is meant."""
OUTPUT = Flag("output", "The form of the output", short="o", default="table", choices=TABLE_OUTPUTS)
LIST_OUTPUT = OUTPUT._replace(default="list", choices=LIST_OUTPUTS)
ALL_NAMESPACES = Flag("all-namespaces", "Look into all namespaces, which is the default", "bool", "A", False)


def check_place(parsed: Parsed, *, cluster: Iterable[str], machine: Iterable[str] = ()) -> bool:
    """Whether ``-k`` is given. Raises UsageError for a flag that then means nothing.

    Args:
        parsed: the command line.
        cluster: flags that are for a cluster only.
        machine: flags that are for this machine only.
    """
    on_cluster = parsed.switch("kubernetes")
    for name in machine if on_cluster else cluster:
        if name in parsed.given:
            where = "this machine, so it means nothing beside -k" if on_cluster else "a Kubernetes cluster; give -k too"
            raise UsageError(f"--{name} is for {where}")
    return on_cluster


def namespace_of(parsed: Parsed) -> str:
    """The namespace that is meant; empty for all. Raises UsageError when both are asked for."""
    namespace = parsed.text("namespace")
    if namespace and parsed.switch("all-namespaces"):
        raise UsageError("--namespace and --all-namespaces contradict each other; give one of them")
    return namespace
