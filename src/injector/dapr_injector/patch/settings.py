"""What the injector knows when it patches a pod, beside the pod itself: its own settings and the cluster's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

HTTP_PORT: Final = 3500
PUBLIC_PORT: Final = 3501
PLACEMENT: Final = "placement"


@dataclass(frozen=True, slots=True)
class PlatformService:
    """A service that a sidecar is told of by kind and address, as ``placement`` at ``dapr-placement-server:50005``."""

    name: str
    service: str
    port: int


@dataclass(frozen=True, slots=True, kw_only=True)
class InjectionSettings:
    """Settings that hold for every pod (control-plane.md §3.4, §5.4).

    Attributes:
        image: of the sidecar, unless a pod names another.
        image_pull_policy: ``Always``, ``IfNotPresent`` or ``Never``.
        namespace: of the control plane.
        trust_domain: of the control plane.
        cluster_domain: what the DNS names of Services end with.
        actors: the service that places actors; None where actors are off.
        reminders: the service for reminders, if there is one.
        scheduler: whether sidecars are told of the scheduler.
        ignore_entrypoint_tolerations: a pod with one of these gets ``/daprd`` as its command.
        run_as_user, run_as_group: ids, or None for the image's own.
        downward_host_ip: whether ``DAPR_HOST_IP`` is the pod's address.
        native_sidecar: whether the sidecar is an init container that stays, unless a pod says otherwise.
        token_volume: whether a projected token for sentry is mounted.
        components_socket_folder: where sockets of pluggable components lie, unless a pod says otherwise.
    """

    image: str
    image_pull_policy: str = "Always"
    namespace: str
    trust_domain: str = "cluster.local"
    cluster_domain: str = "cluster.local"
    actors: PlatformService | None = field(default=PlatformService(PLACEMENT, "dapr-placement-server", 50005))
    reminders: PlatformService | None = None
    scheduler: bool = True
    ignore_entrypoint_tolerations: tuple[Mapping[str, Any], ...] = field(default=())
    run_as_non_root: bool = True
    run_as_user: int | None = None
    run_as_group: int | None = None
    read_only_root_filesystem: bool = True
    drop_all_capabilities: bool = False
    downward_host_ip: bool = False
    native_sidecar: bool = False
    token_volume: bool = True
    components_socket_folder: str = "/tmp/dapr-components-sockets"

    @property
    def sentry_id(self) -> str:
        """SPIFFE id of sentry, which is the audience of sidecars' tokens."""
        return f"spiffe://{self.trust_domain}/ns/{self.namespace}/dapr-sentry"

    def address(self, service: str, port: int) -> str:
        """Address of a Service of the control plane; a name with a dot in it is complete already."""
        if "." in service:
            return f"{service}:{port}"
        return f"{service}.{self.namespace}.svc.{self.cluster_domain}:{port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """What belongs to one request.

    Attributes:
        namespace: the pod's.
        mtls: whether sidecars speak mTLS to one another.
        trust_anchors: PEM.
    """

    namespace: str
    mtls: bool
    trust_anchors: str
