"""An authority in a Kubernetes cluster: its Secret and ConfigMap, and the sidecars among the pods.

The control plane is where the Configuration ``daprsystem`` is, as for the public CLI (cli-dashboard.md §13); where
there are several, the user says which.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

from dapr_cli.cluster.apps import ENDED, SIDECAR
from dapr_cli.cluster.connection import Cluster
from dapr_cli.cluster.resources import SYSTEM_CONFIGURATION
from dapr_cli.command import Failure
from dapr_cli.launch.arguments import TRUST_ANCHORS
from dapr_core.identity.bundle import TrustBundle
from dapr_core.identity.certificates import InvalidCertificateError
from dapr_core.identity.roots import Names
from dapr_core.identity.rotation.checking import Holder
from dapr_core.identity.rotation.cluster import TRUST_BUNDLE, ClusterStore
from dapr_core.identity.spiffe import InvalidSpiffeIdError, parse_trust_domain, workload_id
from dapr_core.kube import KubeClient, NotFoundError, Object, Selector
from dapr_core.kube.kinds import CONFIGURATION, POD
from dapr_core.kube.objects import key_of, section, text

from .place import Lives, Place

PROPAGATION = timedelta(minutes=2)
"""A kubelet brings a changed ConfigMap into its pods within its sync period and its cache's life, a minute each."""
NO_CONTROL_PLANE = "system configuration not found; is Dapr installed in the cluster of your kubeconfig?"


class ClusterPlace(Place):
    """The authority of a control plane in the cluster that the kubeconfig names.

    Args:
        namespace: of the control plane; empty looks for it.
        again: how the command that goes on with a rotation is called.
        cluster: see there; the place closes it.

    Raises Failure when the cluster cannot be reached, or holds no control plane.
    """

    where = "in your Kubernetes cluster"
    propagation = PROPAGATION

    def __init__(self, namespace: str, again: str, cluster: Cluster) -> None:
        self.again = again
        self._cluster = cluster
        self.client, self.run = cluster.client, cluster.run
        try:
            configuration = self.run(_system_configuration(self.client, namespace))
        except BaseException:
            cluster.close()
            raise
        self.namespace = key_of(configuration).namespace
        self._mtls = section(configuration, "spec", "mtls")
        self.lives = Lives.of(text(self._mtls, "workloadCertTTL"), text(self._mtls, "allowedClockSkew"))
        self.names = _names(text(self._mtls, "controlPlaneTrustDomain"), self.namespace)
        self.store = self._cluster_store = ClusterStore(self.client, self.namespace, cluster.attempt)

    def holders(self) -> Sequence[Holder]:
        return [*self._config_map(), *self.run(_sidecars(self.client))]

    def mtls_enabled(self) -> bool:
        return self._mtls.get("enabled") is True

    def close(self) -> None:
        self._cluster.close()

    def _config_map(self) -> Iterator[Holder]:
        bundle = _bundle(self._cluster_store.published().decode("utf-8", "replace"))
        if bundle is None:
            return
        yield Holder(f"the ConfigMap {TRUST_BUNDLE}", bundle, f"run `{self.again}`, which brings it up to date")


async def _system_configuration(client: KubeClient, namespace: str) -> Object:
    try:
        listing = await client.list(CONFIGURATION, namespace, selector=Selector.of_name(SYSTEM_CONFIGURATION))
    except NotFoundError as error:  # the kind is not known: Dapr is not installed
        raise Failure(NO_CONTROL_PLANE) from error
    if not listing.items:
        raise Failure(NO_CONTROL_PLANE)
    if len(listing.items) > 1:
        found = ", ".join(key_of(thing).namespace for thing in listing.items)
        raise Failure(f"there are several control planes, in {found}; choose one with --namespace")
    return listing.items[0]


async def _sidecars(client: KubeClient) -> list[Holder]:
    """The sidecars of all pods: each was told when its pod was made whom to trust, for the pod's life."""
    found, bundles = [], dict[str, TrustBundle | None]()
    async for page in client.pages(POD):
        for pod in page.items:
            if text(section(pod, "status"), "phase") in ENDED:
                continue
            pem = "".join(_anchors(pod))
            if pem not in bundles:  # thousands of pods were told a few bundles
                bundles[pem] = _bundle(pem)
            bundle = bundles[pem]
            if bundle is None:
                continue
            key = key_of(pod)
            remedy = (
                f"restart its workload, or `kubectl delete pod {key.name} -n {key.namespace}` if that brings it back"
            )
            found.append(Holder(f"the sidecar of pod {key}", bundle, remedy))
    return found


def _bundle(pem: str) -> TrustBundle | None:
    try:
        return TrustBundle.parse(pem.encode())
    except InvalidCertificateError:
        return None


def _anchors(pod: Object) -> Iterator[str]:
    spec = section(pod, "spec")
    for container in (*(spec.get("initContainers") or ()), *(spec.get("containers") or ())):
        if text(container, "name") != SIDECAR:
            continue
        for variable in container.get("env") or ():
            if text(variable, "name") == TRUST_ANCHORS:
                yield text(variable, "value")


def _names(trust_domain: str, namespace: str) -> Names:
    try:
        domain = parse_trust_domain(trust_domain or "cluster.local")
        return Names.of(domain, workload_id(domain, namespace, "dapr-sentry"))
    except InvalidSpiffeIdError as error:
        raise Failure(f"the Configuration {SYSTEM_CONFIGURATION} names no trust domain: {error}") from error
