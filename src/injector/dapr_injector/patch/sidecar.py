"""The whole patch of a pod, operations in the original's order (control-plane.md §5.3)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from dapr_injector.annotations import SidecarAnnotations, read_annotations
from dapr_injector.patch.container import sidecar_container
from dapr_injector.patch.environment import application_environment
from dapr_injector.patch.operations import (
    CONTAINERS,
    INIT_CONTAINERS,
    LABELS,
    Operation,
    Volumes,
    add,
    add_env,
    add_mounts,
)
from dapr_injector.patch.pluggable import SOCKETS_VOLUME as COMPONENT_SOCKETS_VOLUME
from dapr_injector.patch.pluggable import Component, containers_of, is_component, share_sockets
from dapr_injector.patch.pod import Json, Pod
from dapr_injector.patch.settings import Admission, InjectionSettings
from dapr_injector.patch.volumes import (
    SOCKETS_IN_SIDECAR,
    SOCKETS_VOLUME,
    annotated_mounts,
    mount,
    sockets_volume,
    token_mount,
    token_volume,
)

_LABEL: Final = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_SERVICE_SUFFIX: Final = "-dapr"
_LONGEST: Final = 63


class RefusedError(ValueError):
    """The pod asks for a sidecar that it cannot get; the text says why and what to write."""


@dataclass(frozen=True, slots=True)
class Patch:
    """What is done to a pod.

    Attributes:
        app_id: the application's id.
        operations: of the patch; empty when the pod has a sidecar already.
        complaints: what was asked for and left out, for whoever made the pod.
    """

    app_id: str
    operations: tuple[Operation, ...]
    complaints: tuple[str, ...]


def patch_pod(pod: Pod, settings: InjectionSettings, admission: Admission, components: Iterable[Component]) -> Patch:
    """Make the patch that gives a pod its sidecar.

    ``components`` are those of the pod's namespace; they count when the pod asks for their containers.

    Raises:
        RefusedError: the application's id cannot name a Service.
    """
    annotations, complaints = read_annotations(pod.annotations)
    app_id = annotations.app_id or pod.name
    if pod.has_sidecar:
        return Patch(app_id, (), ())
    check_app_id(app_id)
    return _Injection(pod, app_id, annotations, settings, admission, list(complaints)).patch(components)


def check_app_id(app_id: str) -> None:
    """Hold an id to what the Service ``<id>-dapr`` needs (RFC 1123 label).

    Raises:
        RefusedError: it cannot be.
    """
    if not app_id:
        raise RefusedError("the application has no id: annotate the pod with dapr.io/app-id")
    if len(app_id) + len(_SERVICE_SUFFIX) > _LONGEST:
        raise RefusedError(
            f"app id {app_id[:80]} is too long: with {_SERVICE_SUFFIX} it names a Service, "
            f"so it may have {_LONGEST - len(_SERVICE_SUFFIX)} characters"
        )
    if not _LABEL.fullmatch(app_id):
        raise RefusedError(
            f"app id {app_id} cannot name a Service: use lower case letters, digits and -, "
            "with a letter or digit at both ends"
        )


class _Injection:
    """One pod on its way to a patch."""

    def __init__(
        self,
        pod: Pod,
        app_id: str,
        annotations: SidecarAnnotations,
        settings: InjectionSettings,
        admission: Admission,
        complaints: list[str],
    ) -> None:
        self._pod = pod
        self._app_id = app_id
        self._annotations = annotations
        self._settings = settings
        self._admission = admission
        self._complaints = complaints
        native = annotations.native_sidecar
        self._native = settings.native_sidecar if native is None else native
        self._volumes = Volumes(pod.volumes)

    def patch(self, components: Iterable[Component]) -> Patch:
        injected = self._injected(components)
        folder = self._components_folder(injected)
        sidecar = self._sidecar(folder)
        operations = [
            *([] if self._pod.containers else [add(CONTAINERS, [])]),
            *([] if self._pod.labels else [add(LABELS, {})]),
            *self._volumes.add(self._new_volumes()),
            *self._place(sidecar),
            *self._labels(),
            *self._applications(),
        ]
        if folder is not None:
            operations += share_sockets(self._pod, self._annotations, injected, self._volumes, folder)
        return Patch(self._app_id, tuple(operations), tuple(self._complaints))

    # --- Parts

    def _injected(self, components: Iterable[Component]) -> list[Json]:
        if not self._annotations.inject_pluggable_components:
            return []
        containers, complaints = containers_of(self._app_id, components)
        self._complaints += complaints
        return containers

    def _components_folder(self, injected: list[Json]) -> str | None:
        named = any(is_component(container, self._annotations) for container in self._pod.containers)
        if not named and not injected:
            return None
        return self._annotations.pluggable_components_sockets_folder or self._settings.components_socket_folder

    def _sidecar(self, components_folder: str | None) -> Json:
        sockets = None if components_folder is None else (COMPONENT_SOCKETS_VOLUME, components_folder)
        container, complaints = sidecar_container(
            self._pod,
            self._app_id,
            self._annotations,
            self._settings,
            self._admission,
            native=self._native,
            mounts=self._mounts(),
            sockets=sockets,
        )
        self._complaints += complaints
        return container

    def _mounts(self) -> list[Json]:
        mounts: list[Json] = []
        for text, read_only in ((self._annotations.volume_mounts, True), (self._annotations.volume_mounts_rw, False)):
            found, complaints = annotated_mounts(self._pod, text, read_only=read_only)
            mounts += found
            self._complaints += complaints
        if self._annotations.unix_domain_socket_path:
            mounts.append(mount(SOCKETS_VOLUME, SOCKETS_IN_SIDECAR))
        if self._settings.token_volume:
            mounts.append(token_mount())
        return mounts

    def _new_volumes(self) -> list[Json]:
        volumes = [sockets_volume()] if self._annotations.unix_domain_socket_path else []
        return [*volumes, token_volume(self._settings)] if self._settings.token_volume else volumes

    def _place(self, sidecar: Json) -> list[Operation]:
        if not self._native:
            return [add(CONTAINERS + "/-", sidecar)]
        first = [] if self._pod.init_containers else [add(INIT_CONTAINERS, [])]
        return [*first, add(INIT_CONTAINERS + "/-", sidecar)]

    def _labels(self) -> list[Operation]:
        labels = {
            "sidecar-injected": "true",
            "app-id": self._app_id,
            "metrics-enabled": "true" if self._annotations.enable_metrics else "false",
        }
        return [add(f"{LABELS}/dapr.io~1{name}", value) for name, value in labels.items()]

    def _applications(self) -> list[Operation]:
        applications = [
            (container, index)
            for index, container in enumerate(self._pod.containers)
            if not is_component(container, self._annotations)
        ]
        variables = application_environment(self._annotations)
        operations = [item for container, index in applications for item in add_env(container, index, variables)]
        folder = self._annotations.unix_domain_socket_path
        if folder:
            sockets = mount(SOCKETS_VOLUME, folder)
            operations += [
                item for container, index in applications for item in add_mounts(container, index, [sockets])
            ]
        return operations
