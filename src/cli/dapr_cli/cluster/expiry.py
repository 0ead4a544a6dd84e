"""The word below a listing when the root of a cluster's control plane soon ends (cli-dashboard.md §12).

It is read from the ConfigMap that everybody may trust by, not from the Secret beside it: a listing has no use for the
issuer's key, and who may list pods need not be allowed to read it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from dapr_cli.console import Console
from dapr_core.kube import KubeClient, KubeError, NotFoundError, Selector
from dapr_core.kube.kinds import CONFIG_MAP, CONFIGURATION
from dapr_core.kube.objects import key_of, section, text

from .connection import Cluster
from .resources import SYSTEM_CONFIGURATION

BUNDLE = "dapr-trust-bundle"
WARNING_DAYS = 30
RFC_1123 = "%a, %d %b %Y %H:%M:%S UTC"


def warn_of_expiry(cluster: Cluster, console: Console) -> None:
    """Tell when the root has less than 30 days left; what cannot be seen is no reason to fail."""
    try:
        bundles = cluster.attempt(_bundles(cluster.client))
    except KubeError:
        return  # the command has done its work, and its user may not look there
    for line in filter(None, (warning(bundle, datetime.now(UTC), "your Kubernetes cluster") for bundle in bundles)):
        console.warning(line)


def warning(bundle: str, now: datetime, whose: str) -> str:
    """What to say of a trust bundle; empty while there is time. Of several roots the one that lasts longest counts."""
    from dapr_core.identity.bundle import TrustBundle
    from dapr_core.identity.certificates import InvalidCertificateError

    try:
        anchors = TrustBundle.parse(bundle.encode()).anchors
    except InvalidCertificateError:
        return ""
    return expiry_line(max(anchor.not_valid_after_utc for anchor in anchors), now, whose)


def expiry_line(ends: datetime, now: datetime, whose: str) -> str:
    """The line about a root that ends then; empty when that is 30 days away or more."""
    left = ends - now
    if left.days >= WARNING_DAYS:
        return ""
    if left.total_seconds() < 0:
        said = "has expired."
    else:
        said = "expires today." if left.days == 0 else f"expires in {left.days} days."
    return (
        f"Dapr root certificate of {whose} {said} Expiry date: {ends:{RFC_1123}}. \n Please see docs.dapr.io "
        "for certificate renewal instructions to avoid service interruptions."
    )


async def _bundles(client: KubeClient) -> Iterable[str]:
    system = (await client.list(CONFIGURATION, selector=Selector.of_name(SYSTEM_CONFIGURATION))).items
    namespaces = sorted({key_of(thing).namespace for thing in system})
    found = []
    for namespace in namespaces:
        try:
            published = await client.get(CONFIG_MAP, BUNDLE, namespace)
        except NotFoundError:  # no sentry has been there yet
            continue
        found.append(text(section(published, "data"), "ca.crt"))
    return found
