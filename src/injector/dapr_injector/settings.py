"""From flags and environment to what the injector acts on (control-plane.md §3.4)."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

from dapr_core.identity.spiffe import InvalidSpiffeIdError, TrustDomain, parse_trust_domain
from dapr_core.identity.tokens import KUBERNETES_TOKEN, LEGACY_TOKEN
from dapr_core.truth import is_truthy
from dapr_injector.callers import AllowedCallers, InvalidPatternError, allowed_callers
from dapr_injector.options import Options
from dapr_injector.patch.settings import PLACEMENT, InjectionSettings, PlatformService

log = logging.getLogger("dapr.injector")

RESOLVER: Final = "/etc/resolv.conf"
DEFAULT_ANCHORS: Final = "/var/run/dapr.io/tls/ca.crt"
_POLICIES: Final = ("Always", "Never", "IfNotPresent")
_ANOTHER_POLICY: Final = "IfNotPresent"

T = TypeVar("T")


class SettingsError(ValueError):
    """The injector cannot run with these settings; the message names the variable and what to write."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What is in force.

    Attributes:
        injection: what holds for every pod.
        callers: who may have pods injected.
        trust_domain: of the control plane.
        anchors_file: file with the trust anchors.
        sentry_address: ``host:port`` of sentry for the injector itself; empty is its Service.
    """

    injection: InjectionSettings
    callers: AllowedCallers
    trust_domain: TrustDomain
    anchors_file: str
    sentry_address: str


def settings_of(
    options: Options,
    environment: Mapping[str, str],
    *,
    resolver: str = RESOLVER,
    tokens: tuple[str, ...] = (KUBERNETES_TOKEN, LEGACY_TOKEN),
) -> Settings:
    """Read everything. ``resolver`` and ``tokens`` are files of the pod.

    Raises:
        SettingsError: something does not fit.
    """
    read = _Reader(environment)
    trust_domain = read.trust_domain("DAPR_CONTROL_PLANE_TRUST_DOMAIN", "cluster.local")
    image = read.required("SIDECAR_IMAGE", "name the image of the sidecar")
    namespace = read.required("NAMESPACE", "name the namespace of the control plane")
    injection = InjectionSettings(
        image=image,
        image_pull_policy=read.pull_policy("SIDECAR_IMAGE_PULL_POLICY"),
        namespace=namespace,
        trust_domain=trust_domain.name,
        cluster_domain=environment.get("KUBE_CLUSTER_DOMAIN") or cluster_domain(resolver),
        actors=read.service("ACTORS_SERVICE_NAME", "ACTORS_SERVICE_ADDRESS", _PLACEMENT_SERVICE)
        if read.switch("ACTORS_ENABLED", True)
        else None,
        reminders=read.service("REMINDERS_SERVICE_NAME", "REMINDERS_SERVICE_ADDRESS", None),
        scheduler=options.scheduler_enabled,
        ignore_entrypoint_tolerations=read.tolerations("IGNORE_ENTRYPOINT_TOLERATIONS"),
        run_as_non_root=read.switch("SIDECAR_RUN_AS_NON_ROOT", True),
        run_as_user=read.number("SIDECAR_RUN_AS_USER"),
        run_as_group=read.number("SIDECAR_RUN_AS_GROUP"),
        read_only_root_filesystem=read.switch("SIDECAR_READ_ONLY_ROOT_FILESYSTEM", True),
        drop_all_capabilities=read.switch("SIDECAR_DROP_ALL_CAPABILITIES", False),
        downward_host_ip=read.switch("ENABLE_K8S_DOWNWARD_APIS", False),
        native_sidecar=read.switch("NATIVE_SIDECAR_ENABLED", False),
        # A cluster that gives the injector itself a token gives one to others too.
        token_volume=any(Path(token).exists() for token in tokens),
        components_socket_folder=environment.get("DAPR_COMPONENT_SOCKETS_FOLDER") or "/tmp/dapr-components-sockets",
    )
    return Settings(
        injection,
        read.callers("ALLOWED_SERVICE_ACCOUNTS", "ALLOWED_SERVICE_ACCOUNTS_PREFIX_NAMES"),
        trust_domain,
        environment.get("DAPR_TRUST_ANCHORS_FILE") or DEFAULT_ANCHORS,
        environment.get("DAPR_SENTRY_ADDRESS") or injection.address("dapr-sentry", 443),
    )


def cluster_domain(resolver: str) -> str:
    """The domain of Services by a pod's resolver file: what stands behind ``svc.`` in its search list."""
    try:
        lines = Path(resolver).read_text().splitlines()
    except (OSError, UnicodeDecodeError):
        return _DOMAIN
    for line in lines:
        words = line.split()
        if words[:1] == ["search"]:
            for domain in sorted(words[1:]):
                _, svc, behind = f".{domain}".partition(".svc.")
                if svc:
                    return behind
    return _DOMAIN


_DOMAIN: Final = "cluster.local"
_PLACEMENT_SERVICE: Final = PlatformService(PLACEMENT, "dapr-placement-server", 50005)


class _Reader:
    """Variables by type."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment

    def required(self, name: str, remedy: str) -> str:
        found = self._environment.get(name, "")
        if not found:
            raise SettingsError(f"the variable {name} is not set; {remedy}")
        return found

    def switch(self, name: str, default: bool) -> bool:
        found = self._environment.get(name, "")
        return is_truthy(found) if found else default

    def number(self, name: str) -> int | None:
        found = self._environment.get(name, "")
        if not found:
            return None
        if not found.isascii() or not found.isdigit() or len(found) > 10:
            raise SettingsError(f"the variable {name} is {found[:40]!r}; write an id such as 1000, or leave it unset")
        return int(found)

    def pull_policy(self, name: str) -> str:
        found = self._environment.get(name) or _POLICIES[0]
        return found if found in _POLICIES else _ANOTHER_POLICY

    def service(self, name: str, address: str, default: PlatformService | None) -> PlatformService | None:
        kind = self._environment.get(name, "")
        where = self._environment.get(address, "")
        if not kind and not where:
            return default
        host, colon, port = where.rpartition(":")
        if not colon or not host or not port.isascii() or not port.isdigit() or int(port) > 65535:
            raise SettingsError(f"invalid value for {address}: {where[:80]!r}; write name:port")
        return PlatformService(kind or PLACEMENT, host, int(port))

    def tolerations(self, name: str) -> tuple[Mapping[str, Any], ...]:
        text = self._environment.get(name, "")
        if not text:
            return ()
        try:
            found = json.loads(text)
        except ValueError:
            found = None
        if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
            log.warning("The variable %s is no JSON list of tolerations; it is left out of account", name)
            return ()
        return tuple(found)

    def callers(self, *names: str) -> AllowedCallers:
        return self._or_error(
            " and ".join(names),
            InvalidPatternError,
            lambda: allowed_callers(*(self._environment.get(n, "") for n in names)),
        )

    def trust_domain(self, name: str, default: str) -> TrustDomain:
        text = self._environment.get(name) or default
        return self._or_error(name, InvalidSpiffeIdError, lambda: parse_trust_domain(text))

    @staticmethod
    def _or_error(name: str, error: type[ValueError], read: Callable[[], T]) -> T:
        try:
            return read()
        except error as problem:
            raise SettingsError(f"the variable {name} does not read: {problem}") from None
