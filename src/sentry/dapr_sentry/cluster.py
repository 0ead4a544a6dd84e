"""The cluster that sentry serves: how it is reached, and what sentry is told there (control-plane.md §1.5, §1.8)."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Mapping
from typing import Final

from dapr_core.identity.spiffe import InvalidSpiffeIdError, TrustDomain, parse_trust_domain
from dapr_core.kube.client import KubeClient
from dapr_core.kube.config import load_config
from dapr_core.kube.errors import NotFoundError
from dapr_core.kube.kinds import CONFIGURATION
from dapr_core.process.version import package_version
from dapr_core.resources.configuration import Configuration, MTLSSpec
from dapr_core.resources.decoding import DecodeError, decode

log = logging.getLogger("dapr.sentry")

_API_SERVER: Final = "kubernetes.default.svc"
DNS_WITHIN: Final = 2.0
"""Seconds to ask for the domain of the cluster."""


class ClusterConfigurationError(Exception):
    """The Configuration in the cluster does not fit; the message names the fields."""


def connect(kubeconfig: str, environment: Mapping[str, str]) -> KubeClient:
    """The client of the cluster: by the pod's own credentials, else by kubeconfig. Nothing is sent yet.

    Raises:
        ConfigError: there are no credentials that can be used.
    """
    return KubeClient(load_config(environment, kubeconfig), user_agent=f"dapr-sentry/{package_version()}")


async def mtls_section(client: KubeClient, name: str, namespace: str) -> MTLSSpec | None:
    """The section ``mtls`` of a Configuration; None when there is no such Configuration, or no such section.

    Raises:
        ClusterConfigurationError: a field of it does not fit.
        KubeError: the cluster cannot be asked.
    """
    try:
        thing = await client.get(CONFIGURATION, name, namespace)
    except NotFoundError:
        log.warning("There is no Configuration %s in namespace %s: sentry runs with its defaults", name, namespace)
        return None
    try:
        return decode(Configuration, thing).spec.mtls
    except DecodeError as error:
        raise ClusterConfigurationError(f"the Configuration {name} in namespace {namespace}: {error}") from None


async def cluster_domain(otherwise: TrustDomain, within: float = DNS_WITHIN) -> TrustDomain:
    """The domain of the cluster's names, as ``cluster.local``; ``otherwise`` when DNS does not tell it in time."""
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(within):
            answers = await loop.getaddrinfo(_API_SERVER, None, type=socket.SOCK_STREAM, flags=socket.AI_CANONNAME)
    except (OSError, TimeoutError):
        answers = []
    name = next((answer[3] for answer in answers if answer[3]), "")
    return domain_of(name) or otherwise


def domain_of(name: str) -> TrustDomain | None:
    """What stands behind the service in the full name of the API server; None when nothing does."""
    if not name.startswith(_API_SERVER + "."):
        return None
    try:
        return parse_trust_domain(name.removeprefix(_API_SERVER).strip("."))
    except InvalidSpiffeIdError:
        return None
