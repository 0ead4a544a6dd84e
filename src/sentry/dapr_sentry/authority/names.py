"""DNS names in the certificates of control-plane services (control-plane.md §1.5)."""

from __future__ import annotations

from typing import Final

from dapr_core.identity.spiffe import TrustDomain

SCHEDULERS: Final = 3


def dns_names(
    app_id: str, namespace: str, control_plane_namespace: str, cluster_domain: TrustDomain
) -> tuple[str, ...]:
    """The names by which others call a service of the control plane; none for anybody else.

    Args:
        app_id, namespace: whose certificate it is.
        control_plane_namespace: where services must be to get names.
        cluster_domain: domain of the cluster; the trust domain outside Kubernetes.
    """
    if namespace != control_plane_namespace:
        return ()
    if app_id == "dapr-injector":
        return (f"dapr-sidecar-injector.{namespace}.svc",)
    if app_id == "dapr-operator":
        return (f"dapr-webhook.{namespace}.svc",)
    if app_id == "dapr-scheduler":
        service = f"dapr-scheduler-server.{namespace}.svc.{cluster_domain}"
        return tuple(f"dapr-scheduler-server-{number}.{service}" for number in range(SCHEDULERS))
    return ()
