"""What each service account may do, asked of the API server and compared with a list that is reviewed.

``rights.txt`` has, for each account, every rule beyond what all authenticated users have. A change of the chart that
widens a right changes that list, and so is seen.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from cluster.kube.client import Client, Object
from cluster.kube.helm import Helm, nested

RIGHTS = Path(__file__).with_name("rights.txt")
ACCOUNTS = ("dapr-sentry", "dapr-operator", "dapr-injector", "dapr-placement")
KINDS = ("ServiceAccount", "ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding")
LARGEST = nested(global__ha__enabled=True, dapr_operator__watchInterval="10s")
"""Every duty that a service may have without further systems (Argo)."""


@pytest.fixture
def system(helm: Helm, admin: Client, namespace: str) -> Iterator[str]:
    """A namespace with the accounts and rights of the chart."""
    objects = [each for each in helm.render(LARGEST, namespace=namespace) if each["kind"] in KINDS]
    ours = [each for each in objects if each["metadata"].get("namespace", namespace) == namespace]
    for each in ours:
        admin.apply(each, namespace=namespace)
    yield namespace
    for each in ours:
        if each["kind"].startswith("ClusterRole"):
            admin.delete(each["apiVersion"], each["kind"], each["metadata"]["name"])


def _rules(client: Client, namespace: str) -> set[str]:
    review = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectRulesReview",
        "metadata": {},
        "spec": {"namespace": namespace},
    }
    status = client.create(review)["status"]
    assert not status.get("incomplete"), status
    return {line for rule in status["resourceRules"] for line in _lines(rule)}


def _lines(rule: Object) -> Iterator[str]:
    for group in rule["apiGroups"]:
        for resource in rule["resources"]:
            whole = f"{resource}.{group}" if group else resource
            for name in rule.get("resourceNames") or ["*"]:
                yield f"{whole} {name} {','.join(sorted(rule['verbs']))}"


def test_each_account_has_the_rights_of_the_list_and_no_more(admin: Client, system: str) -> None:
    told = []
    nobody = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "nobody"}}
    admin.create(nobody, namespace=system)
    everybody = admin.as_token(admin.token("nobody", system))
    common = {place: _rules(everybody, place) for place in (system, "default")}
    for account in ACCOUNTS:
        client = admin.as_token(admin.token(account, system))
        beyond = _rules(client, "default") - common["default"]
        told.append(f"== {account}, everywhere")
        told += sorted(beyond)
        told.append(f"== {account}, in the control plane's namespace")
        told += sorted(_rules(client, system) - common[system] - beyond)
        client.close()
    everybody.close()
    assert told == RIGHTS.read_text().splitlines(), "\n".join(told)


def test_nobody_may_read_secrets_but_the_operator_for_sidecars_and_sentry_its_own(admin: Client, system: str) -> None:
    may = {}
    for account in ACCOUNTS:
        for name in ("dapr-trust-bundle", "others"):
            may[account, name] = _may(admin, account, system, "get", "secrets", name)
    assert {key for key, allowed in may.items() if allowed} == {
        ("dapr-sentry", "dapr-trust-bundle"),
        ("dapr-operator", "dapr-trust-bundle"),
        ("dapr-operator", "others"),
    }
    assert not any(_may(admin, account, system, "list", "secrets", "") for account in ACCOUNTS)


def _may(admin: Client, account: str, namespace: str, verb: str, resource: str, name: str) -> bool:
    attributes = {"namespace": namespace, "verb": verb, "resource": resource, "name": name}
    spec = {"user": f"system:serviceaccount:{namespace}:{account}", "resourceAttributes": attributes}
    review = {"apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview", "metadata": {}, "spec": spec}
    return bool(admin.create(review)["status"]["allowed"])
