"""What the tests on a node share: an installed control plane, and a namespace of one's own for applications."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import pytest
from cluster.kube import applications, node
from cluster.kube.apiserver import ApiServer
from cluster.kube.helm import Helm
from cluster.kube.namespaces import own_namespace
from cluster.kube.release import Release, namespace_for
from cluster.kube.stage import Stage
from images.services import SERVICES


@pytest.fixture(scope="session")
def application(cluster: ApiServer) -> Callable[[str], str]:
    """The reference of a test application's image, which is on the node then.

    Into another cluster whoever runs the tests brings it: ``python -m cluster.kube applications`` writes the archives.
    """
    loaded: set[str] = set()

    def of(reference: str) -> str:
        if "KUBECONFIG" not in os.environ and reference not in loaded:
            try:
                node.load(applications.image(reference))
            except applications.NoNodeError as error:
                pytest.skip(str(error))
            loaded.add(reference)
        return reference

    return of


@pytest.fixture(scope="session")
def every_image(image: Callable[[str], str], application: Callable[[str], str]) -> None:
    """The images of all services and of the stagehand are on the node."""
    for name in SERVICES:
        image(name)
    application(applications.STAGEHAND)


@pytest.fixture(scope="module")
def system(cluster: ApiServer, helm: Helm, every_image: None) -> Iterator[Release]:
    """The control plane, installed once for a module's tests with the chart's own values."""
    with namespace_for(cluster, helm) as release:
        release.install()
        release.wait_injecting()
        yield release


@pytest.fixture
def stage(cluster: ApiServer) -> Iterator[Stage]:
    """A namespace for the test's applications, gone with them after it."""
    with own_namespace(cluster.admin, "apps") as name:
        cluster.admin.wait_for("v1", "ServiceAccount", "default", name)
        yield Stage(cluster.admin, name)
