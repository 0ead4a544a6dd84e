"""Component: one building block's vendor, its settings and who may use it (crds-helm-config.md §1.1)."""

from __future__ import annotations

from typing import ClassVar, Final

from dapr_core.resources.metadata import Auth, NameValuePair, ObjectMeta
from dapr_core.resources.modelling import model
from dapr_core.resources.schema import BOOL, DURATION, STRING, attr, list_of
from dapr_core.timing.duration import InvalidDurationError, parse_seconds

DEFAULT_INIT_TIMEOUT: Final = 5.0
"""Seconds a component may take to start when its manifest names no valid, positive time."""


@model
class ComponentSpec:
    """What the component is and how it is set up."""

    type: str = attr("type", STRING, "Category and vendor, for example state.redis.", required=True)
    version: str = attr("version", STRING, "Version of the vendor's contract, for example v1.", required=True)
    metadata: tuple[NameValuePair, ...] = attr(
        "metadata", list_of(NameValuePair), "Settings of the vendor.", required=True
    )
    ignore_errors: bool = attr("ignoreErrors", BOOL, "Log a failed start and go on without the component.")
    init_timeout: str = attr("initTimeout", DURATION, "Time the start may take, as a Go duration; 5s when not valid.")


@model
class Component:
    """A component describes one vendor of a building block and its settings."""

    KIND: ClassVar[str] = "Component"
    API_VERSIONS: ClassVar[tuple[str, ...]] = ("dapr.io/v1alpha1",)

    metadata: ObjectMeta = attr("metadata", ObjectMeta, "Standard object metadata.")
    spec: ComponentSpec = attr("spec", ComponentSpec, "What the component is and how it is set up.")
    auth: Auth = attr("auth", Auth, "Which secret store resolves secretKeyRef.")
    scopes: tuple[str, ...] = attr("scopes", list_of(STRING), "App ids that may use it; empty means every app.")

    @property
    def name(self) -> str:
        """The component's name, by which API calls address it."""
        return self.metadata.name

    @property
    def type(self) -> str:
        """Category and vendor: ``state.redis``."""
        return self.spec.type

    @property
    def version(self) -> str:
        """The version as written; may be empty."""
        return self.spec.version

    @property
    def category(self) -> str:
        """The part of the type before its first dot."""
        return self.spec.type.partition(".")[0]

    @property
    def log_name(self) -> str:
        """How logs and errors name it: ``name (type/version)`` (building-blocks.md §6.2)."""
        return f"{self.name} ({self.type}/{self.version})" if self.version else f"{self.name} ({self.type})"

    @property
    def init_timeout(self) -> float:
        """Seconds the start may take."""
        try:
            seconds = parse_seconds(self.spec.init_timeout)
        except InvalidDurationError:
            return DEFAULT_INIT_TIMEOUT
        return seconds if seconds > 0 else DEFAULT_INIT_TIMEOUT

    @property
    def namespace_scoped(self) -> bool:
        """Whether a setting refers to ``{namespace}``, so that topics get the namespace as prefix (§1.7)."""
        return any("{namespace}" in pair.text for pair in self.spec.metadata)
