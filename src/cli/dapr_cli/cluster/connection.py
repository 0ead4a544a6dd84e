"""The way to a cluster: one client on one loop, and what went wrong told with its cause and a remedy."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Coroutine, Mapping
from types import TracebackType
from typing import Any, Self, TypeVar

from dapr_cli.command import Failure
from dapr_cli.flags import Parsed
from dapr_core.kube import (
    ClusterConfig,
    ConfigError,
    ForbiddenError,
    KubeClient,
    KubeError,
    UnauthorizedError,
    UnreachableError,
    load_config,
)
from dapr_core.kube.config import default_kubeconfig
from dapr_core.kube.credentials import CredentialError
from dapr_core.kube.kubeconfig import read_kubeconfig

AGENT = "dapr-cli"
T = TypeVar("T")


class Cluster:
    """A cluster as a command uses it; close it, or use it as a context manager.

    Args:
        kubeconfig: path of the file; empty is ``KUBECONFIG``, then ``~/.kube/config``.
        context: which context of it; empty is the current one.

    Raises Failure where there is no kubeconfig that can be used.
    """

    def __init__(self, kubeconfig: str = "", context: str = "") -> None:
        self._runner = asyncio.Runner()
        try:
            self.client = self.run(_client(kubeconfig, context))
        except BaseException:
            self._runner.close()
            raise

    @classmethod
    def of(cls, flags: Parsed) -> Self:
        """The cluster that ``--kubeconfig`` and ``--context`` name."""
        return cls(flags.text("kubeconfig"), flags.text("context"))

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Carry something out on the client's loop. Raises Failure when the cluster refuses it or is not there."""
        try:
            return self._runner.run(work)
        except KubeError as error:
            raise Failure(explained(error)) from error
        except ValueError as error:  # a name that cannot be one, which was never sent
            raise Failure(str(error)) from error

    def attempt(self, work: Coroutine[Any, Any, T]) -> T:
        """The same, for work whose failure the caller knows how to take. Raises KubeError."""
        return self._runner.run(work)

    def close(self) -> None:
        """Let go of the cluster."""
        try:
            self._runner.run(self.client.close())
        finally:
            self._runner.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def explained(error: KubeError) -> str:
    """What the user hears of an error: its cause, and what to do about it."""
    if isinstance(error, ConfigError):
        return f"it is not clear which Kubernetes cluster is meant: {error}"
    if isinstance(error, CredentialError):
        return f"there are no credentials for the Kubernetes cluster: {error}"
    if isinstance(error, UnreachableError):
        return (
            f"the Kubernetes cluster cannot be reached: {error}; see that it runs and that its address is right "
            "(kubectl cluster-info), or name another one with --kubeconfig or --context"
        )
    if isinstance(error, UnauthorizedError):
        return (
            f"the Kubernetes cluster does not know your credentials: {error}; log in to it again, or use another "
            "context with --context"
        )
    if isinstance(error, ForbiddenError):
        return f"you may not do this in the Kubernetes cluster: {error}; ask its administrator for a Role that may"
    return f"the Kubernetes cluster does not answer as it should: {error}"


async def _client(kubeconfig: str, context: str) -> KubeClient:
    return KubeClient(config_of(os.environ, kubeconfig, context), user_agent=AGENT)


def config_of(environment: Mapping[str, str], kubeconfig: str, context: str) -> ClusterConfig:
    """Which cluster is meant: as for Helm, so that both work on one, a pod's own comes behind any kubeconfig.

    Raises:
        KubeError: none can be used.
    """
    paths = kubeconfig or environment.get("KUBECONFIG", "")
    default = default_kubeconfig(environment)
    if paths or context or os.path.exists(default):
        return read_kubeconfig((paths or default).split(os.pathsep), context, programs=True)
    return load_config(environment)
