"""From nothing to a running control plane and back, by Helm, on a cluster that runs pods."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest
import yaml
from cluster.kube.apiserver import ApiServer
from cluster.kube.client import ApiError, Client, Object
from cluster.kube.helm import CHART, Helm
from cluster.kube.release import Release, namespace_for
from images.services import SERVICES

CLUSTER_WIDE = (
    ("rbac.authorization.k8s.io/v1", "ClusterRole"),
    ("rbac.authorization.k8s.io/v1", "ClusterRoleBinding"),
    ("admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration"),
)
NAMESPACED = (
    ("v1", "Pod"),
    ("v1", "Service"),
    ("v1", "Secret"),
    ("v1", "ConfigMap"),
    ("v1", "ServiceAccount"),
    ("apps/v1", "Deployment"),
    ("apps/v1", "StatefulSet"),
    ("batch/v1", "Job"),
    ("policy/v1", "PodDisruptionBudget"),
    ("coordination.k8s.io/v1", "Lease"),
    ("rbac.authorization.k8s.io/v1", "Role"),
    ("rbac.authorization.k8s.io/v1", "RoleBinding"),
    ("dapr.io/v1alpha1", "Configuration"),
)
MADE_BY_KUBERNETES = {("ConfigMap", "kube-root-ca.crt"), ("ServiceAccount", "default")}
CRDS = CHART / "crds"
IN_TIME = 60.0

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def release(cluster: ApiServer, helm: Helm, image: Callable[[str], str]) -> Iterator[Release]:
    """A namespace for one release."""
    for name in SERVICES:
        image(name)
    with namespace_for(cluster, helm) as made:
        yield made


def test_install_makes_all_pods_ready_and_uninstall_leaves_nothing(release: Release) -> None:
    release.install()
    ready = {each["metadata"]["labels"]["app"]: each for each in release.pods()}
    assert sorted(ready) == ["dapr-operator", "dapr-placement-server", "dapr-sentry", "dapr-sidecar-injector"]
    for name, pod in ready.items():
        conditions = {each["type"]: each["status"] for each in pod["status"]["conditions"]}
        assert conditions["Ready"] == "True", name
        assert sum(each["restartCount"] for each in pod["status"]["containerStatuses"]) == 0, name
    release.uninstall()
    _wait_for(lambda: _left(release), set())


def test_the_control_plane_needs_no_right_that_it_has_not(release: Release) -> None:
    """With its own rights each service gets past every start; what is refused would be in its log."""
    release.install()
    _wait_for(lambda: bool(_conversion(release.admin).get("caBundle")), True)
    for pod in release.pods():
        log = release.log(pod)
        assert "orbidden" not in log, log
        assert "level=error" not in log, log


def test_high_availability_runs_every_service_several_times(release: Release) -> None:
    release.install(global__ha__enabled=True, global__ha__replicaCount=2)
    apps = sorted(each["metadata"]["labels"]["app"] for each in release.pods())
    assert apps == [
        *["dapr-operator"] * 2,
        *["dapr-placement-server"] * 3,
        *["dapr-sentry"] * 2,
        *["dapr-sidecar-injector"] * 2,
    ]
    for name in ("operator.dapr.io", "dapr-placement"):
        lease = release.admin.get("coordination.k8s.io/v1", "Lease", name, release.namespace)
        assert lease["spec"]["holderIdentity"], name


def test_an_upgrade_keeps_the_root_and_brings_definitions_up_to_date(release: Release) -> None:
    release.install()
    before = release.admin.get("v1", "Secret", "dapr-trust-bundle", release.namespace)["data"]
    assert before["ca.crt"]
    _wait_for(lambda: bool(_conversion(release.admin).get("caBundle")), True)
    _make_old(release.admin, "components.dapr.io")
    reached = _conversion(release.admin)
    release.upgrade(global__logAsJson=True)
    assert release.admin.get("v1", "Secret", "dapr-trust-bundle", release.namespace)["data"] == before
    columns = _definition(release.admin, "components.dapr.io")["spec"]["versions"][0]["additionalPrinterColumns"]
    assert [each["name"] for each in columns] == ["Type", "Version", "Valid", "Age"]
    assert _conversion(release.admin) == reached, "subscriptions are converted all the while"
    assert not [each for each in _left(release) if "crd-upgrade" in each[1]]


def test_an_installation_that_finds_the_public_projects_definitions_brings_them_up_to_date(release: Release) -> None:
    for path in sorted(CRDS.glob("*.yaml")):
        definition = yaml.safe_load(path.read_text())
        release.admin.apply(definition)
        _make_old(release.admin, definition["metadata"]["name"])
    version, kind = "dapr.io/v1alpha1", "Component"
    spec = {"type": "state.in-memory", "version": "v1", "metadata": []}
    made = {"apiVersion": version, "kind": kind, "metadata": {"name": "before"}, "spec": spec}
    release.admin.create(made, namespace=release.namespace)
    release.install()
    for path in sorted(CRDS.glob("*.yaml")):
        name = yaml.safe_load(path.read_text())["metadata"]["name"]
        for each in _definition(release.admin, name)["spec"]["versions"]:
            assert each["subresources"] == {"status": {}}, name
    assert release.admin.get(version, kind, "before", release.namespace)["spec"] == spec


def _left(release: Release) -> set[tuple[str, str]]:
    """What is in the namespace or belongs to a release, by kind and name, beside what Kubernetes makes."""
    found = {
        (kind, each["metadata"]["name"])
        for version, kind in NAMESPACED
        for each in release.admin.list(version, kind, release.namespace)
    }
    for version, kind in CLUSTER_WIDE:
        ours = release.admin.list(version, kind, labelSelector="app.kubernetes.io/part-of=dapr")
        found |= {(kind, each["metadata"]["name"]) for each in ours}
    return found - MADE_BY_KUBERNETES


def _wait_for(look: Callable[[], object], wanted: object) -> None:
    deadline = time.monotonic() + IN_TIME
    while (found := look()) != wanted:
        assert time.monotonic() < deadline, f"{found!r} and not {wanted!r} after {IN_TIME:.0f} s"
        time.sleep(0.2)


def _definition(admin: Client, name: str) -> Object:
    return admin.get("apiextensions.k8s.io/v1", "CustomResourceDefinition", name)


def _conversion(admin: Client) -> Object:
    return dict(_definition(admin, "subscriptions.dapr.io")["spec"]["conversion"]["webhook"]["clientConfig"])


def _make_old(admin: Client, name: str) -> None:
    """A definition as an older version left it: without status and columns."""
    path = admin.path("apiextensions.k8s.io/v1", "CustomResourceDefinition", "", name)

    def written() -> bool:
        old = _definition(admin, name)
        for version in old["spec"]["versions"]:
            version.pop("subresources", None)
            version.pop("additionalPrinterColumns", None)
            version["schema"]["openAPIV3Schema"]["properties"].pop("status", None)
        try:
            admin.request("PUT", path, old)
        except ApiError as error:
            if error.status != 409:
                raise
            return False  # the server itself, or an operator, was faster
        return True

    _wait_for(written, True)
