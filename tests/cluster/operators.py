"""A control plane with operators as real processes, for the tests of what they write into a cluster."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cluster.control_plane import Operator, serving, system_configuration
from cluster.kube.apiserver import ApiServer
from cluster.kube.client import Client
from cluster.kube.namespaces import own_namespace
from support.sentry_process import Sentry, sentry


@dataclass
class Plane:
    """A control plane in a namespace of its own."""

    api_server: ApiServer
    namespace: str
    authority: Sentry

    @property
    def admin(self) -> Client:
        return self.api_server.admin

    @property
    def anchors(self) -> Path:
        return self.authority.credentials / "ca.crt"

    def operator(self, *flags: str, **env: str) -> Operator:
        """A started operator, not yet ready; without conversion webhook unless ``ENABLE_WEBHOOKS`` says so."""
        return Operator(self.api_server, self.namespace, self.anchors, *flags, **{"ENABLE_WEBHOOKS": "false", **env})

    @contextlib.contextmanager
    def running(self, *flags: str, **env: str) -> Iterator[Operator]:
        """A ready operator, ended afterwards."""
        with serving(self.operator(*flags, **env)) as process:
            yield process


@contextlib.contextmanager
def plane(api_server: ApiServer, folder: Path) -> Iterator[Plane]:
    """A control plane; ``folder`` takes sentry's credentials. Needs the definitions."""
    admin = api_server.admin
    with (
        own_namespace(admin, "plane") as namespace,
        sentry(folder, "--trust-domain=cluster.local", env={"NAMESPACE": namespace}) as authority,
    ):
        system_configuration(admin, namespace, authority.address)
        yield Plane(api_server, namespace, authority)
