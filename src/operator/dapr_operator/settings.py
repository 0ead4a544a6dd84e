"""From flags, environment and the control plane's Configuration to what the operator acts on (§3.3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dapr_core.identity.spiffe import InvalidSpiffeIdError, TrustDomain, parse_trust_domain
from dapr_core.kube import KubeClient, NotFoundError, Object
from dapr_core.kube.kinds import CONFIGURATION
from dapr_core.kube.objects import section, text
from dapr_operator.options import Options
from dapr_operator.workloads.watchdog import Interval, InvalidIntervalError, read_interval


class SettingsError(ValueError):
    """The operator cannot run with these settings; the message says which, and what to write."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What is in force.

    Attributes:
        namespace: of the control plane.
        interval: how often the watchdog looks; None is never.
        webhooks: whether the conversion webhook is served.
        sentry_address: ``host:port`` of sentry.
        trust_domain: of the control plane.
    """

    namespace: str
    interval: Interval | None
    webhooks: bool
    sentry_address: str
    trust_domain: TrustDomain


async def settings_of(options: Options, environment: Mapping[str, str], client: KubeClient) -> Settings:
    """Read everything.

    Raises:
        SettingsError: something does not fit.
        KubeError: the Configuration cannot be read.
    """
    namespace = environment.get("NAMESPACE", "")
    if not namespace:
        raise SettingsError("the variable NAMESPACE is not set; name the namespace of the control plane")
    try:
        interval = read_interval(options.watch_interval)
    except InvalidIntervalError as error:
        raise SettingsError(str(error)) from None
    try:
        configuration = await client.get(CONFIGURATION, options.config, namespace)
    except NotFoundError:
        raise SettingsError(
            f"there is no Configuration {options.config} in namespace {namespace}; the chart makes it, or name another "
            "by --config"
        ) from None
    webhooks = environment.get("ENABLE_WEBHOOKS", "").lower() != "false"
    mtls = section(configuration, "spec", "mtls")
    try:
        trust_domain = parse_trust_domain(text(mtls, "controlPlaneTrustDomain"))
    except InvalidSpiffeIdError as error:
        raise SettingsError(f"spec.mtls.controlPlaneTrustDomain of {options.config} is none: {error}") from None
    address = text(mtls, "sentryAddress")
    if not address:
        raise SettingsError(f"spec.mtls.sentryAddress of {options.config} is empty; write host:port")
    return Settings(namespace, interval, webhooks, address, trust_domain)


def speaks_mtls(configuration: Object | Mapping[str, object] | None) -> bool:
    """Whether the control plane's Configuration has sidecars speak mTLS; yes, unless it says otherwise."""
    return configuration is None or section(configuration, "spec", "mtls").get("enabled") is not False
