"""Control-plane services as real processes outside the cluster, with the administrator's rights."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from cluster.kube.apiserver import ApiServer
from cluster.kube.client import Client
from support.ports import free_ports
from support.processes import Process, http_status, wait_until

Json = dict[str, Any]


class Service(Process):
    """One service: its health port, its metrics port, and what else it listens on."""

    def __init__(self, module: str, api_server: ApiServer, flags: Mapping[str, str], env: Mapping[str, str]) -> None:
        self.healthz_port, self.metrics_port = free_ports(2)
        whole = {
            "healthz-port": str(self.healthz_port),
            "healthz-listen-address": "127.0.0.1",
            "metrics-port": str(self.metrics_port),
            "metrics-listen-address": "127.0.0.1",
            "kubeconfig": str(api_server.kubeconfig),
            **flags,
        }
        command = [sys.executable, "-m", module, *(f"--{name}={value}" for name, value in whole.items())]
        super().__init__(command, env=env)

    def wait_ready(self) -> None:
        def ready() -> bool:
            assert self.popen.poll() is None, self.output
            return http_status(self.healthz_port, "/healthz") == 200

        try:
            wait_until(ready, what="/healthz", timeout=90)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.output}") from None


S = TypeVar("S", bound=Service)


class Operator(Service):
    """One operator."""

    def __init__(self, api_server: ApiServer, namespace: str, anchors: Path, *flags: str, **env: str) -> None:
        self.port, self.webhook_port = free_ports(2)
        given = dict(flag.removeprefix("--").split("=", 1) for flag in flags)
        super().__init__(
            "dapr_operator.main",
            api_server,
            {
                "port": str(self.port),
                "listen-address": "127.0.0.1",
                "webhook-server-port": str(self.webhook_port),
                "webhook-server-listen-address": "127.0.0.1",
                "trust-anchors-file": str(anchors),
                **given,
            },
            {"NAMESPACE": namespace, **env},
        )


class Injector(Service):
    """One injector."""

    def __init__(
        self, api_server: ApiServer, namespace: str, *, anchors: Path, sentry_address: str, **env: str
    ) -> None:
        (self.port,) = free_ports(1)
        super().__init__(
            "dapr_injector.main",
            api_server,
            {"port": str(self.port), "listen-address": "127.0.0.1"},
            {
                "SIDECAR_IMAGE": "dapr/daprd:test",
                "NAMESPACE": namespace,
                "DAPR_TRUST_ANCHORS_FILE": str(anchors),
                "DAPR_SENTRY_ADDRESS": sentry_address,
                "KUBE_CLUSTER_DOMAIN": "cluster.local",
                **env,
            },
        )


@contextlib.contextmanager
def serving(process: S) -> Iterator[S]:
    """A started service, waited for; at the end it has to go in peace."""
    try:
        process.wait_ready()
        yield process
    finally:
        code = process.terminate()
    assert code == 0, process.output
    assert "Traceback" not in process.output, process.output


def system_configuration(admin: Client, namespace: str, sentry_address: str, *, mtls: bool = True) -> None:
    """The control plane's own Configuration, as the chart makes it."""
    admin.apply(
        {
            "apiVersion": "dapr.io/v1alpha1",
            "kind": "Configuration",
            "metadata": {"name": "daprsystem", "namespace": namespace},
            "spec": {
                "mtls": {
                    "enabled": mtls,
                    "sentryAddress": sentry_address,
                    "controlPlaneTrustDomain": "cluster.local",
                }
            },
        }
    )
