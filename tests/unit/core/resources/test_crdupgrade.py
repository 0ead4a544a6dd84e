"""What becomes of a definition that is there already. On a real API server: ``tests/cluster/crds``."""

from __future__ import annotations

from typing import Any

from dapr_core.resources import crds
from dapr_core.resources.crdupgrade import merged

WANTED = dict(crds.documents())


def _present(**metadata: Any) -> dict[str, Any]:
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "subscriptions.dapr.io", "resourceVersion": "7", **metadata},
        "spec": {"group": "dapr.io", "conversion": {"strategy": "None"}, "versions": [{"name": "v1alpha1"}]},
        "status": {"storedVersions": ["v1alpha1"]},
    }


def _reached(namespace: str) -> dict[str, Any]:
    service = {"namespace": namespace, "name": "dapr-webhook", "path": "/convert", "port": 443}
    return {"strategy": "Webhook", "webhook": {"clientConfig": {"service": service, "caBundle": "Q0E="}}}


def test_the_versions_become_ours_and_the_rest_of_the_object_stays() -> None:
    result = merged(_present(annotations={"a": "b"}), WANTED["subscription"])
    assert result["spec"] == WANTED["subscription"]["spec"]
    assert result["metadata"]["resourceVersion"] == "7"
    assert result["metadata"]["annotations"] == {"a": "b"}
    assert result["status"] == {"storedVersions": ["v1alpha1"]}


def test_labels_of_others_stay_beside_ours() -> None:
    labels = merged(_present(labels={"team": "x"}), WANTED["subscription"])["metadata"]["labels"]
    assert labels == {"team": "x", "app.kubernetes.io/part-of": "dapr"}


def test_how_the_operator_is_reached_stays() -> None:
    present = _present()
    present["spec"]["conversion"] = _reached("dapr-system")
    conversion = merged(present, WANTED["subscription"])["spec"]["conversion"]
    assert conversion["webhook"]["clientConfig"] == _reached("dapr-system")["webhook"]["clientConfig"]
    assert conversion["webhook"]["conversionReviewVersions"] == ["v1", "v2alpha1"]


def test_an_address_that_no_operator_wrote_does_not_stay() -> None:
    present = _present()
    present["spec"]["conversion"] = _reached("replaceme")
    assert merged(present, WANTED["subscription"])["spec"] == WANTED["subscription"]["spec"]


def test_nothing_is_converted_where_there_is_one_version() -> None:
    assert "conversion" not in merged(_present(), WANTED["components"])["spec"]
