"""From flags, Configuration and environment to what sentry acts on (control-plane.md §1.4, §1.8).

What reads Configurations, speaks to clusters or fetches keys is imported where it is needed: each costs a megabyte or
more of a process that mostly needs none of them.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from dapr_core.identity.sentry import SENTRY
from dapr_core.identity.spiffe import InvalidSpiffeIdError, SpiffeId, TrustDomain, parse_trust_domain, workload_id
from dapr_core.timing.duration import InvalidDurationError, parse_seconds
from dapr_sentry.authority.leaves import DEFAULT_SKEW, DEFAULT_TTL, Validity
from dapr_sentry.options import DEFAULT_CONFIG, Options

if TYPE_CHECKING:
    from dapr_core.kube.client import KubeClient
    from dapr_sentry.validators.jwks import JwksOptions

DEFAULT_NAMESPACE = "default"


class SettingsError(ValueError):
    """Sentry cannot run with these settings; the message says which, and what to write."""


@dataclass(frozen=True, slots=True)
class MtlsSection:
    """What a Configuration says to sentry (``spec.mtls``): durations as written, options of each ``jwks`` validator."""

    workload_cert_ttl: str = ""
    allowed_clock_skew: str = ""
    validators: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Settings:
    """What is in force.

    Attributes:
        identity: sentry's own id, which also tells trust domain and namespace of the control plane.
        namespace: that namespace.
        validity: of certificates.
        jwks: settings of the ``jwks`` validator; None is none: then the one of the mode is alone.
        cluster_domain: domain of names in the cluster; the trust domain outside one.
    """

    identity: SpiffeId
    namespace: str
    validity: Validity
    jwks: JwksOptions | None
    cluster_domain: TrustDomain

    @property
    def trust_domain(self) -> TrustDomain:
        """Trust domain of the control plane."""
        return self.identity.trust_domain


def settings_of(options: Options, environment: Mapping[str, str]) -> Settings:
    """Read everything, outside a cluster.

    Raises:
        SettingsError: something does not fit.
    """
    namespace = environment.get("NAMESPACE") or DEFAULT_NAMESPACE
    identity = _identity(options, namespace)
    return _settings(identity, namespace, _mtls(options, environment), identity.trust_domain)


async def settings_in_cluster(options: Options, environment: Mapping[str, str], client: KubeClient) -> Settings:
    """Read everything, the Configuration from the cluster.

    Raises:
        SettingsError: something does not fit.
        KubeError: the cluster cannot be asked.
    """
    from dapr_sentry import cluster

    namespace = namespace_in_cluster(environment)
    identity = _identity(options, namespace)
    section = await cluster.mtls_section(client, options.config, namespace)
    return _settings(identity, namespace, section, await cluster.cluster_domain(identity.trust_domain))


def namespace_in_cluster(environment: Mapping[str, str]) -> str:
    """The namespace of the control plane. Raises ``SettingsError``: nobody has told it."""
    namespace = environment.get("NAMESPACE", "")
    if not namespace:
        raise SettingsError("the variable NAMESPACE is not set; in mode kubernetes it names the namespace of sentry")
    return namespace


def _identity(options: Options, namespace: str) -> SpiffeId:
    try:
        return workload_id(parse_trust_domain(options.trust_domain), namespace, SENTRY)
    except InvalidSpiffeIdError as error:
        raise SettingsError(f"sentry has no SPIFFE ID by --trust-domain and the variable NAMESPACE: {error}") from None


def _settings(identity: SpiffeId, namespace: str, section: MtlsSection | None, cluster_domain: TrustDomain) -> Settings:
    if section is None:
        return Settings(identity, namespace, Validity(), None, cluster_domain)
    validity = Validity(
        _duration(section.workload_cert_ttl, "workloadCertTTL", DEFAULT_TTL, least=timedelta(microseconds=1)),
        _duration(section.allowed_clock_skew, "allowedClockSkew", DEFAULT_SKEW, least=timedelta(0)),
    )
    return Settings(identity, namespace, validity, _jwks(section), cluster_domain)


def _mtls(options: Options, environment: Mapping[str, str]) -> MtlsSection | None:
    # The default is the name of a resource in Kubernetes; taken as a path it only counts when somebody made that file.
    if options.config == DEFAULT_CONFIG and not os.path.exists(options.config):
        return None
    from dapr_core.resources.configload import load_configurations
    from dapr_core.resources.problems import ResourceError

    try:
        spec = load_configurations([options.config], environment).spec.mtls
    except ResourceError as error:
        raise SettingsError(str(error)) from None
    if spec is None:
        return None
    return MtlsSection(
        spec.workload_cert_ttl, spec.allowed_clock_skew, tuple(each.options for each in spec.token_validators)
    )


def _jwks(section: MtlsSection) -> JwksOptions | None:
    # No other validator can be configured: the schema of the Configuration takes this name alone.
    if not section.validators:
        return None
    if len(section.validators) > 1:
        raise SettingsError("the token validator 'jwks' is configured twice; keep one")
    from dapr_sentry.validators.jwks import JwksOptions, JwksOptionsError

    try:
        return JwksOptions.read(section.validators[0])
    except JwksOptionsError as error:
        raise SettingsError(str(error)) from None


def _duration(text: str, name: str, default: timedelta, *, least: timedelta) -> timedelta:
    if not text:
        return default
    try:
        value = timedelta(seconds=parse_seconds(text))
    except (InvalidDurationError, OverflowError):
        raise SettingsError(f"error parsing {name} duration: {text[:60]!r} is none; write 24h") from None
    if value < least:
        raise SettingsError(f"{name} is {text}; it must be {'positive' if least else '0 or more'}")
    return value
