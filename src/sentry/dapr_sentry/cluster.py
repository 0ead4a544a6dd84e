"""The cluster that sentry serves: how it is reached, and what sentry is told there (control-plane.md §1.5, §1.8)."""

from __future__ import annotations

import asyncio
import logging
import socket
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from dapr_core.identity.spiffe import InvalidSpiffeIdError, TrustDomain, parse_trust_domain
from dapr_core.kube.backoff import Backoff
from dapr_core.kube.client import KubeClient
from dapr_core.kube.config import load_config
from dapr_core.kube.errors import NotFoundError, UnreachableError
from dapr_core.kube.kinds import CONFIGURATION
from dapr_core.kube.objects import Object, section
from dapr_core.process.version import package_version
from dapr_sentry.settings import MtlsSection, SettingsError

log = logging.getLogger("dapr.sentry")

_API_SERVER: Final = "kubernetes.default.svc"
REACHED_WITHIN: Final = 10.0
"""Seconds for the network of a pod that has just started to lead to the API server."""
DNS_WITHIN: Final = 2.0
"""Seconds to ask for the domain of the cluster."""


def connect(kubeconfig: str, environment: Mapping[str, str]) -> KubeClient:
    """The client of the cluster: by the pod's own credentials, else by kubeconfig. Nothing is sent yet.

    Raises:
        ConfigError: there are no credentials that can be used.
    """
    return KubeClient(load_config(environment, kubeconfig), user_agent=f"dapr-sentry/{package_version()}")


async def mtls_section(client: KubeClient, name: str, namespace: str) -> MtlsSection | None:
    """The section ``mtls`` of a Configuration; None when there is no such Configuration, or no such section.

    Raises:
        SettingsError: a field of it does not fit.
        KubeError: the cluster cannot be asked.
    """
    try:
        thing = await _patiently(lambda: client.get(CONFIGURATION, name, namespace))
    except NotFoundError:
        log.warning("There is no Configuration %s in namespace %s: sentry runs with its defaults", name, namespace)
        return None
    try:
        return mtls_of(thing)
    except SettingsError as error:
        raise SettingsError(f"the Configuration {name} in namespace {namespace}: {error}") from None


async def _patiently(ask: Callable[[], Awaitable[Object]], within: float = REACHED_WITHIN) -> Object:
    """Ask again for some seconds while the cluster cannot be reached: a restart would take the kubelet longer."""
    until = time.monotonic() + within
    backoff = Backoff(maximum=2.0)
    while True:
        try:
            return await ask()
        except UnreachableError as error:
            wait = backoff.next()
            if time.monotonic() + wait > until:
                raise
            log.warning("Cannot reach the Kubernetes API yet: %s", error)
            await asyncio.sleep(wait)


def mtls_of(configuration: Object) -> MtlsSection | None:
    """What sentry reads of a Configuration. The cluster has held it to its schema already; the models of all resources,
    which hold files to it, would cost two megabytes here.

    Raises:
        SettingsError: a field does not fit all the same.
    """
    mtls = section(configuration, "spec", "mtls")
    if not mtls:
        return None
    validators = mtls.get("tokenValidators") or []
    if not isinstance(validators, list) or not all(isinstance(each, Mapping) for each in validators):
        raise SettingsError("spec.mtls.tokenValidators is no list of validators")
    for each in validators:
        _check_name(str(each.get("name", "")))
    return MtlsSection(
        _words(mtls, "workloadCertTTL"),
        _words(mtls, "allowedClockSkew"),
        tuple(dict(section(each, "options")) for each in validators),
    )


def _check_name(name: str) -> None:
    if name in ("kubernetes", "insecure"):
        raise SettingsError(
            "invalid token validator: the built-in 'kubernetes' and 'insecure' validators cannot be configured manually"
        )
    if name != "jwks":
        raise SettingsError(f"invalid token validator name: '{name[:60]}'; supported values: 'jwks'")


def _words(mtls: Mapping[str, Any], name: str) -> str:
    value = mtls.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise SettingsError(f"spec.mtls.{name} is no text; write 24h")
    return value


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
