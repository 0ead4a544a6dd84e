"""Fixtures of the tests that talk to a real Kubernetes API.

``KUBECONFIG`` in the environment names the cluster to use (kind, k3d, a cloud's); otherwise the tests start an API
server of their own (``kube``), which ``make test-cluster`` builds first.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml
from cluster.kube import apiserver, node, programs
from cluster.kube.apiserver import ApiServer
from cluster.kube.client import Client, Object
from cluster.kube.helm import Helm
from cluster.kube.namespaces import own_namespace
from cluster.kube.pods import Pods
from images.services import REGISTRY

ROOT = Path(__file__).resolve().parents[2]
CRDS = ROOT / "deploy" / "crds"
VERSION = str(tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"])


@pytest.fixture(scope="session")
def api_server() -> Iterator[ApiServer]:
    """An API server with its administrator: one for the whole run, so each test keeps to its own namespace."""
    named = os.environ.get("KUBECONFIG")
    if named:
        with apiserver.given(Path(named)) as server:
            yield server
        return
    for program in programs.API_PROGRAMS:
        if programs.path(program) is None:
            pytest.skip(f"{program} is not installed; make test-cluster builds it (once, some minutes)")
    with apiserver.running() as server:
        yield server


@pytest.fixture
def admin(api_server: ApiServer) -> Client:
    """The administrator's client."""
    return api_server.admin


@pytest.fixture
def namespace(admin: Client) -> Iterator[str]:
    """A namespace of the test's own, deleted after it."""
    with own_namespace(admin, "test") as name:
        yield name


@pytest.fixture(scope="session")
def crds(api_server: ApiServer) -> list[Object]:
    """The definitions of ``deploy/crds``, established on the server.

    Conversion is set to None, for without an operator nobody answers the webhook: a Subscription can be used in
    either version, but is not converted.
    """
    admin = api_server.admin
    definitions = [yaml.safe_load(path.read_text()) for path in sorted(CRDS.glob("*.yaml"))]
    for definition in definitions:
        admin.apply(definition | {"spec": {**definition["spec"], "conversion": {"strategy": "None"}}})
    for definition in definitions:
        name = definition["metadata"]["name"]
        admin.wait_condition(definition["apiVersion"], definition["kind"], name, "Established")
    return definitions


@pytest.fixture(scope="session")
def cluster() -> Iterator[ApiServer]:
    """A cluster that runs pods: ``KUBECONFIG``'s, else the node of this machine (``make cluster``)."""
    named = os.environ.get("KUBECONFIG")
    if not named and not node.runs():
        pytest.skip("no node runs here: a running one is missing; make cluster brings it up, as root")
    with apiserver.given(Path(named) if named else node.config()) as server:
        yield server


@pytest.fixture
def pods(cluster: ApiServer) -> Iterator[Pods]:
    """A namespace of the cluster for the test's pods, gone with them after it."""
    with own_namespace(cluster.admin, "test") as name:
        cluster.admin.wait_for("v1", "ServiceAccount", "default", name)
        yield Pods(cluster.admin, name)


@pytest.fixture(scope="session")
def image(cluster: ApiServer) -> Callable[[str], str]:
    """The reference of a service's image: of ``DAPR_TEST_REGISTRY`` and ``DAPR_TEST_TAG`` where they are set.

    Those of ``make images`` are imported into the node of this machine; into another cluster whoever runs the tests
    brings them.
    """
    loaded: set[str] = set()
    registry = os.environ.get("DAPR_TEST_REGISTRY", REGISTRY)
    tag = os.environ.get("DAPR_TEST_TAG", VERSION)

    def of(name: str) -> str:
        if "KUBECONFIG" not in os.environ and name not in loaded:
            archive = ROOT / "dist" / "images" / f"{name}.tar"
            if not archive.exists():
                pytest.skip(f"the image of {name} is missing; make images builds it")
            node.load(archive)
            loaded.add(name)
        return f"{registry}/{name}:{tag}"

    return of


@pytest.fixture(scope="session")
def helm() -> Helm:
    """Helm, to render the chart."""
    program = programs.path("helm")
    if program is None:
        pytest.skip("helm is not installed; make test-cluster builds it")
    return Helm(program)
