"""Sets the control plane up in a cluster, upgrades it and removes it again (cli-dashboard.md §4, §5).

Definitions are brought to this version first, by the same code as the chart's own hook: an installation of the public
project has older ones, and Helm never touches one that is there. Then Helm installs the chart of this package.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from dapr_cli import certificates
from dapr_cli.command import Context, Failure
from dapr_cli.flags import Parsed, UsageError
from dapr_core.kube import KubeClient, NotFoundError
from dapr_core.kube.kinds import CRD, DEPLOYMENT
from dapr_core.process.version import runtime_version
from dapr_core.resources import crds, crdupgrade

from . import dev, plane
from .chart import NAME, Chart, chart
from .connection import Cluster
from .helm import Change, Helm, Release
from .rollouts import is_rolled_out
from .versions import is_older

DOCS_URL = "https://docs.dapr.io/getting-started"
PUBLIC_REGISTRIES = ("docker.io/daprio", "daprio", "ghcr.io/dapr")
"""Where the public project's images are; ours are not there."""
LOCAL = "docker.io/local/"
"""What images are called that were never pushed to a registry."""
POLL = 0.5


def install(context: Context) -> None:
    """``dapr init -k``. Raises Failure and UsageError."""
    flags, console = context.flags, context.console
    ours = chart()
    change = Change(
        flags.text("namespace"),
        install_values(flags),
        flags.items("values"),
        flags.items("set"),
        flags.switch("wait"),
        seconds(flags),
    )
    helm = Helm.of(flags, ours.folder)
    console.pending("Making the jump to hyperspace...")
    with Cluster.of(flags) as cluster:
        if any(row["namespace"] == change.namespace for row in _present(cluster, change.namespace)):
            raise Failure(
                f"Dapr is installed in namespace {change.namespace} already; bring it to this version with "
                f"`dapr upgrade -k`, or remove it first with `dapr uninstall -k -n {change.namespace}`"
            )
        console.info(images_note(flags.text("image-registry"), ours))
        with console.step(f"Deploying the Dapr control plane with {runtime_version()} version to your cluster..."):
            cluster.run(crdupgrade.upgrade(cluster.client))
            helm.install(NAME, ours.folder, change)
        if flags.switch("dev"):
            _add_dev(context, cluster)
    console.success(
        f"Success! Dapr has been installed to namespace {change.namespace}. To verify, run `dapr status -k' in your "
        f"terminal. To get started, go here: {DOCS_URL}"
    )


def upgrade(context: Context) -> None:
    """``dapr upgrade -k``. Raises Failure and UsageError."""
    flags, console = context.flags, context.console
    ours = chart()
    timeout = seconds(flags)
    helm = Helm.of(flags, ours.folder)
    with Cluster.of(flags) as cluster:
        found = _present(cluster, flags.text("namespace"))
        namespace, version = one_plane(found)
        console.info(f"Dapr control plane version {version} detected in namespace {namespace}")
        release = _release(helm, namespace)
        if release is None:
            raise Failure(
                f"the control plane in namespace {namespace} was not installed by Helm; upgrade it by the means that "
                "installed it"
            )
        values = upgrade_values(helm.values(release.name, namespace), ours, flags.text("image-registry"))
        console.info("Starting upgrade...")
        if is_older(ours.tag, version) and cluster.run(_has_our_definitions(cluster.client)):
            console.info("Downgrade detected, skipping CRDs.")
        else:
            cluster.run(crdupgrade.upgrade(cluster.client))
        sets = flags.items("set")
        change = Change(namespace, values, flags.items("values"), sets, flags.switch("wait"), timeout)
        with console.step(f"Upgrading the Dapr control plane to version {ours.version}..."):
            helm.upgrade(release.name, ours.folder, change)
    console.success(
        f"Dapr control plane successfully upgraded to version {ours.version}. Make sure your deployments are restarted "
        "to pick up the latest sidecar version."
    )


def uninstall(context: Context) -> None:
    """``dapr uninstall -k``. Raises Failure and UsageError."""
    flags, console = context.flags, context.console
    namespace, timeout = flags.text("namespace"), seconds(flags)
    helm = Helm.of(flags, chart().folder)
    console.info("Removing Dapr from your cluster...")
    with Cluster.of(flags) as cluster:
        release = _release(helm, namespace)
        if release is None:
            console.warning(f"WARNING: {NAME} release does not exist in namespace {namespace}")
        else:
            helm.uninstall(release.name, namespace, timeout)
        if flags.switch("dev"):
            removed = cluster.run(dev.remove(cluster.client))
            console.info(f"Removed {', '.join(removed)}" if removed else "There was nothing of --dev to remove")
        if flags.switch("all"):
            for name in cluster.run(remove_definitions(cluster.client)):
                console.info(f"Removed the definition {name}, and all resources of that kind")
    console.success("Dapr has been removed successfully")


def install_values(flags: Parsed) -> dict[str, Any]:
    """The values that the flags of an installation ask for. Raises Failure for certificates that cannot be used."""
    common: dict[str, Any] = {}
    if "enable-ha" in flags.given:
        common["ha"] = {"enabled": flags.switch("enable-ha")}
    if "enable-mtls" in flags.given:
        common["mtls"] = {"enabled": flags.switch("enable-mtls")}
    if flags.text("image-registry"):
        common["registry"] = flags.text("image-registry")
    values: dict[str, Any] = {"global": common} if common else {}
    return {**values, **_certificates(flags)}


def images_note(registry: str, ours: Chart) -> str:
    """Where the images will come from; that of the chart stands for images that somebody brought to the nodes."""
    said = f"Container images will be pulled from {registry or ours.registry}"
    if registry or not ours.registry.startswith(LOCAL):
        return said
    return f"{said}, which your nodes must have already (`make images`); --image-registry names a registry"


def upgrade_values(told: Mapping[str, Any], ours: Chart, registry: str) -> dict[str, Any]:
    """What a release that was told ``told`` has to be told besides, so that it takes the images of this version."""
    before = told.get("global")
    former = before.get("registry") if isinstance(before, Mapping) else None
    common = {"tag": ours.tag}
    if registry or former in PUBLIC_REGISTRIES:
        common["registry"] = registry or ours.registry
    return {"global": common}


def one_plane(found: list[dict[str, Any]]) -> tuple[str, str]:
    """Namespace and version of the control plane. Raises Failure where there is none, or more than one."""
    namespaces = sorted({row["namespace"] for row in found})
    if not namespaces:
        raise Failure("there is no Dapr control plane in your cluster to upgrade; `dapr init -k` installs one")
    if len(namespaces) > 1:
        raise Failure(f"there are several control planes, in {', '.join(namespaces)}; choose one with --namespace")
    versions = [row["version"] for row in found if row["version"]]
    return namespaces[0], versions[0] if versions else "unknown"


def seconds(flags: Parsed) -> int:
    """``--timeout``. Raises UsageError."""
    timeout = flags.number("timeout")
    if timeout <= 0:
        raise UsageError(f"invalid --timeout {timeout}: it takes seconds")
    return timeout


def _certificates(flags: Parsed) -> dict[str, Any]:
    files = certificates.given(flags)
    if not files:
        return {}
    _, texts = certificates.checked(files, datetime.now(UTC))
    root, chain, key = (text.decode() for text in texts)
    return {"dapr_sentry": {"tls": {"root": {"certPEM": root}, "issuer": {"certPEM": chain, "keyPEM": key}}}}


def _present(cluster: Cluster, namespace: str) -> list[dict[str, Any]]:
    """The rows of a control plane that is there."""
    return plane.rows(cluster.run(plane.look(cluster.client, namespace)), time.time())


def _release(helm: Helm, namespace: str) -> Release | None:
    """The control plane's release: it may have been given another name."""
    found = [each for each in helm.releases(namespace) if each.chart.rpartition("-")[0] == NAME]
    return next((each for each in found if each.name == NAME), found[0] if found else None)


def _add_dev(context: Context, cluster: Cluster) -> None:
    console = context.console
    with console.step(f"Deploying a Redis and a Zipkin to namespace {dev.NAMESPACE}..."):
        present = cluster.run(dev.add(cluster.client))
        if context.flags.switch("wait"):
            cluster.run(_wait_for_dev(cluster.client, time.monotonic() + seconds(context.flags)))
    for name in present:
        console.info(f"Kept the {name} that is there")


async def _wait_for_dev(client: KubeClient, deadline: float) -> None:
    import asyncio

    for name in (dev.REDIS_SERVICE, dev.ZIPKIN):
        while not is_rolled_out(await client.get(DEPLOYMENT, name, dev.NAMESPACE)):
            if time.monotonic() > deadline:
                raise Failure(f"deploy/{name} was not ready in time; `kubectl describe deploy {name}` says why")
            await asyncio.sleep(POLL)


async def _has_our_definitions(client: KubeClient) -> bool:
    """Whether the definitions are of this project: the public one's have no status."""
    try:
        component = await client.get(CRD, f"components.{crds.GROUP}")
    except NotFoundError:
        return False
    return any("status" in (version.get("subresources") or {}) for version in component["spec"]["versions"])


async def remove_definitions(client: KubeClient) -> list[str]:
    """Remove all definitions, and with them all resources; gives the names of those that were there."""
    removed = []
    for _, definition in crds.documents():
        name = str(definition["metadata"]["name"])
        try:
            await client.delete(CRD, name)
        except NotFoundError:
            continue
        removed.append(name)
    return removed
