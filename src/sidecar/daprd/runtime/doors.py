"""Two doors to the outside that come and go with their resources: name resolution and HTTPEndpoints."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from dapr_components.contract import ComponentContext, ComponentError, Metadata
from dapr_components.nameresolution.contract import NameResolver, Registration
from dapr_components.registry import UnknownComponentError, find
from dapr_core.process.logs import component_logger
from dapr_core.resources.configuration import NameResolutionSpec
from dapr_core.resources.httpendpoint import HTTPEndpoint, TLSDocument
from dapr_core.resources.metadata import json_text
from daprd.blocks.invoke.external import Endpoint

log = logging.getLogger("dapr.runtime")


class Resolution:
    """The vendor of name resolution: what the Configuration names, or ``default``."""

    def __init__(self, spec: NameResolutionSpec | None, default: str) -> None:
        self._spec = spec
        self._default = default
        self.resolver: NameResolver | None = None

    async def run(self, registration: Registration) -> None:
        """Start the vendor and announce this sidecar. A failure is logged: the sidecar works without it."""
        spec = self._spec
        name = spec.component if spec is not None and spec.component else self._default
        version = spec.version if spec is not None and spec.version else "v1"
        try:
            vendor = find(f"nameresolution.{name}", version, NameResolver)  # type: ignore[type-abstract]
            context = ComponentContext(
                "nr", name, version, registration.app_id, registration.namespace,
                logger=component_logger(f"nr ({name}/{version})"),
            )  # fmt: skip
            resolver = vendor(context)
            await resolver.init(_settings(spec))
            self.resolver = resolver
            await resolver.register(registration)
        except UnknownComponentError:
            log.warning("error getting name resolution component: %s/%s is not known to this build", name, version)
        except (ComponentError, OSError, ImportError) as error:
            log.warning("failed to init name resolution %s: %s", name, error)
        else:
            log.info("Initialized name resolution to %s", name)

    async def close(self) -> None:
        """Withdraw the announcement."""
        if self.resolver is not None:
            await self.resolver.close()
            self.resolver = None


def _settings(spec: NameResolutionSpec | None) -> Metadata:
    configuration = spec.configuration if spec is not None else None
    if not isinstance(configuration, Mapping):
        return Metadata()
    return Metadata({str(key): json_text(value) for key, value in configuration.items()})


class Endpoints:
    """The HTTPEndpoint resources in service, by name."""

    def __init__(self) -> None:
        self._endpoints: dict[str, Endpoint] = {}

    def get(self, name: str) -> Endpoint | None:
        """The endpoint of that name."""
        return self._endpoints.get(name)

    def add(self, endpoint: Endpoint) -> None:
        """Take one into service."""
        self._endpoints[endpoint.name] = endpoint


def endpoint_of(
    resource: HTTPEndpoint, headers: Mapping[str, str], pem: Mapping[str, str], max_concurrency: int
) -> Endpoint:
    """A resource as invocation needs it; ``headers`` and ``pem`` have their secrets resolved.

    ``max_concurrency`` bounds each endpoint's calls by itself, as it does the application's; 0 or less is no limit
    (api.md §5.4).
    """
    return Endpoint(
        name=resource.name,
        base_url=resource.spec.base_url,
        headers=[(name.lower().encode(), value.encode()) for name, value in headers.items()],
        root_ca=pem.get("rootCA", ""),
        certificate=pem.get("certificate", ""),
        private_key=pem.get("privateKey", ""),
        max_concurrency=max_concurrency,
    )


def tls_documents(resource: HTTPEndpoint) -> dict[str, TLSDocument]:
    """The PEM texts that a resource names, by their field."""
    tls = resource.spec.client_tls
    if tls is None:
        return {}
    found = {"rootCA": tls.root_ca, "certificate": tls.certificate, "privateKey": tls.private_key}
    return {name: document for name, document in found.items() if document is not None}
