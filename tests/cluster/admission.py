"""The injector's webhook at an API server that finds no Services: what the chart does, for a process on loopback."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cluster.control_plane import Injector, serving
from cluster.kube.apiserver import ApiServer
from cluster.kube.client import ApiError, Client
from cluster.kube.namespaces import own_namespace
from support.processes import wait_until
from support.sentry_process import Sentry, sentry

Json = dict[str, Any]

REGISTRATION = "dapr-sidecar-injector"
ADMISSION = "admissionregistration.k8s.io/v1"


@dataclass(frozen=True)
class Webhook:
    """An injector that the API server asks about every pod of ``namespace``, which is its control plane's as well."""

    admin: Client
    namespace: str
    authority: Sentry
    injector: Injector


@contextlib.contextmanager
def webhook(api_server: ApiServer, folder: Path, *sentry_flags: str, **env: str) -> Iterator[Webhook]:
    """A namespace with an injector of its own; ``folder`` takes sentry's credentials. Needs the definitions."""
    admin = api_server.admin
    with own_namespace(admin, "plane") as namespace:
        default_account(admin, namespace)
        with (
            registered(admin, namespace),
            sentry(folder, "--trust-domain=cluster.local", *sentry_flags, env={"NAMESPACE": namespace}) as authority,
            injector(api_server, authority, namespace, **env) as process,
        ):
            route(admin, namespace, process.port)
            wait_until(lambda: _answers(admin, namespace), what="the API server to ask the injector")
            yield Webhook(admin, namespace, authority, process)


@contextlib.contextmanager
def injector(api_server: ApiServer, authority: Sentry, namespace: str, **env: str) -> Iterator[Injector]:
    """A running injector of a control plane in ``namespace``; ``env`` is added to its environment."""
    anchors = authority.credentials / "ca.crt"
    with serving(Injector(api_server, namespace, anchors=anchors, sentry_address=authority.address, **env)) as process:
        yield process


@contextlib.contextmanager
def registered(admin: Client, namespace: str) -> Iterator[None]:
    """A registration for the pods of one namespace; without the injector none of them can be made."""
    admin.apply(
        {
            "apiVersion": ADMISSION,
            "kind": "MutatingWebhookConfiguration",
            "metadata": {"name": REGISTRATION},
            "webhooks": [
                {
                    "name": "sidecar-injector.dapr.io",
                    "rules": [
                        {"apiGroups": [""], "apiVersions": ["v1"], "resources": ["pods"], "operations": ["CREATE"]}
                    ],
                    "clientConfig": {
                        "service": {"name": REGISTRATION, "namespace": namespace, "path": "/mutate", "port": 443}
                    },
                    "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}},
                    "failurePolicy": "Fail",
                    "sideEffects": "NoneOnDryRun",
                    "admissionReviewVersions": ["v1"],
                }
            ],
        }
    )
    yield
    admin.delete(ADMISSION, "MutatingWebhookConfiguration", REGISTRATION)


def _answers(admin: Client, namespace: str) -> bool:
    """Whether the API server has heard where the injector is, and believes it."""
    annotations = {"dapr.io/enabled": "true", "dapr.io/app-id": "probe"}
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "probe", "namespace": namespace, "annotations": annotations},
        "spec": {"containers": [{"name": "app", "image": "app:1"}], "automountServiceAccountToken": False},
    }
    try:
        return len(admin.create(pod, dry_run=True)["spec"]["containers"]) == 2
    except ApiError:
        return False


def route(admin: Client, namespace: str, port: int) -> None:
    """Let the API server find the injector by its Service: ``localhost``, at its port."""
    admin.apply(
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": REGISTRATION, "namespace": namespace},
            "spec": {"type": "ExternalName", "externalName": "localhost", "ports": [{"port": port}]},
        }
    )
    patch_registration(admin, {"op": "replace", "path": "/webhooks/0/clientConfig/service/port", "value": port})


def patch_registration(admin: Client, operation: Json) -> None:
    path = f"/apis/{ADMISSION}/mutatingwebhookconfigurations/{REGISTRATION}"
    admin.request("PATCH", path, [operation], content_type="application/json-patch+json")


def default_account(admin: Client, namespace: str) -> None:
    """Where no controller makes it, pods need their service account made for them."""
    account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default", "namespace": namespace}}
    with contextlib.suppress(ApiError):
        admin.create(account)
