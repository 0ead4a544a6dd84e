"""Pods that are wrong in each documented way, and what becomes of them (control-plane.md §5.2, §5.4, §5.6).

What keeps an application from being reached at all refuses its pod, and names why. What is only a wish that cannot be
read is left out, and whoever made the pod is told by a warning, which kubectl shows.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from cluster import admission
from cluster.admission import Webhook, default_account
from cluster.kube.apiserver import ApiServer
from cluster.kube.client import ApiError, Client
from support.processes import wait_until

from dapr_injector.annotations import SidecarAnnotations, read_annotations

Json = dict[str, Any]
NUMBERS = sorted(
    field.metadata["annotation"][0].removeprefix("dapr.io/")
    for field in dataclasses.fields(SidecarAnnotations)
    if read_annotations({field.metadata["annotation"][0]: "many"})[1]
)
"""Annotations that are whole numbers."""


@pytest.fixture(scope="module")
def webhook(api_server: ApiServer, crds: object, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Webhook]:
    with admission.webhook(api_server, tmp_path_factory.mktemp("credentials")) as made:
        yield made


def pod(webhook: Webhook, *, name: str = "web", **annotations: str) -> Json:
    named = {f"dapr.io/{key.replace('_', '-')}": value for key, value in annotations.items()}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": webhook.namespace, "annotations": {"dapr.io/enabled": "true"} | named},
        "spec": {"containers": [{"name": "app", "image": "app:1"}], "automountServiceAccountToken": False},
    }


def sidecar(made: Json) -> Json:
    return dict(next(each for each in made["spec"]["containers"] if each["name"] == "daprd"))


def refused(webhook: Webhook, wanted: Json) -> str:
    with pytest.raises(ApiError) as error:
        webhook.admin.create(wanted, dry_run=True)
    return error.value.message


# --- Refused by the injector


@pytest.mark.parametrize(
    ("app_id", "reason"),
    [
        ("Web", "app id Web cannot name a Service: use lower case letters, digits and -"),
        ("web.shop", "app id web.shop cannot name a Service"),
        ("web_shop", "app id web_shop cannot name a Service"),
        ("-web", "app id -web cannot name a Service"),
        ("web-", "app id web- cannot name a Service"),
        ("wéb", "app id wéb cannot name a Service"),
        ("a" * 59, "is too long: with -dapr it names a Service, so it may have 58 characters"),
    ],
)
def test_an_id_that_cannot_name_a_service(webhook: Webhook, app_id: str, reason: str) -> None:
    message = refused(webhook, pod(webhook, app_id=app_id))
    assert message.startswith('admission webhook "sidecar-injector.dapr.io" denied the request')
    assert reason in message


def test_the_longest_id_is_taken(webhook: Webhook) -> None:
    made = webhook.admin.create(pod(webhook, app_id="a" * 58), dry_run=True)
    assert made["metadata"]["labels"]["dapr.io/app-id"] == "a" * 58


def test_a_pod_whose_name_cannot_name_a_service_needs_an_id(webhook: Webhook) -> None:
    assert "app id web.shop cannot name a Service" in refused(webhook, pod(webhook, name="web.shop"))
    assert webhook.admin.create(pod(webhook, name="web.shop", app_id="shop"), dry_run=True)


def test_a_refused_pod_leaves_an_event_at_its_controller_and_counts_in_a_metric(webhook: Webhook) -> None:
    owner = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "shop", "uid": "0-1", "controller": True}
    wanted = pod(webhook, app_id="Not.One")
    wanted["metadata"]["ownerReferences"] = [owner]
    with pytest.raises(ApiError, match="cannot name a Service"):
        webhook.admin.create(wanted)

    def events() -> list[Json]:
        found = webhook.admin.list("events.k8s.io/v1", "Event", webhook.namespace)
        return [event for event in found if event["regarding"]["name"] == "shop"]

    wait_until(lambda: bool(events()), what="an Event")
    [event, *_] = events()
    assert (event["type"], event["reason"], event["regarding"]["kind"]) == (
        "Warning",
        "SidecarNotInjected",
        "ReplicaSet",
    )
    assert "app id Not.One cannot name a Service" in event["note"]
    page = requests.get(f"http://127.0.0.1:{webhook.injector.metrics_port}/metrics", timeout=10).text
    assert 'dapr_injector_sidecar_injection_failed_total{app_id="Not.One",reason="patch"}' in page


# --- Refused by the API server, by what the injector made of the annotation


@pytest.mark.parametrize(
    ("annotations", "field"),
    [
        ({"grpc_port": "70000"}, "containerPort"),
        ({"metrics_port": "0"}, "containerPort"),
        ({"internal_grpc_port": "-1"}, "containerPort"),
        ({"sidecar_seccomp_profile_type": "Loose"}, "seccompProfile.type"),
        ({"sidecar_liveness_probe_delay_seconds": "-1"}, "livenessProbe.initialDelaySeconds"),
        ({"sidecar_readiness_probe_period_seconds": "-1"}, "readinessProbe.periodSeconds"),
        ({"sidecar_cpu_request": "2", "sidecar_cpu_limit": "1"}, "resources.requests"),
        ({"sidecar_image": " "}, "image"),
    ],
)
def test_what_is_no_pod_in_the_end(webhook: Webhook, annotations: dict[str, str], field: str) -> None:
    message = refused(webhook, pod(webhook, **annotations))
    assert "spec.containers[1]" in message
    assert field in message


# --- Left out, with a warning


@pytest.mark.parametrize("annotation", NUMBERS)
def test_a_number_that_is_none_is_left_out_with_a_warning(webhook: Webhook, annotation: str) -> None:
    plain = sidecar(webhook.admin.create(pod(webhook), dry_run=True))
    for value in ("many", "1.5", "", "99999999999"):
        wanted = pod(webhook)
        wanted["metadata"]["annotations"][f"dapr.io/{annotation}"] = value
        assert sidecar(webhook.admin.create(wanted, dry_run=True)) == plain, value
        assert f"annotation dapr.io/{annotation}: " in webhook.admin.warnings, value
        assert "is no whole number; the default is used" in webhook.admin.warnings


@pytest.mark.parametrize(
    ("annotations", "warning"),
    [
        ({"sidecar_cpu_limit": "much"}, "no limits or other resources are set for the sidecar"),
        ({"sidecar_memory_request": "1Zi"}, "no requests or other resources are set for the sidecar"),
        ({"volume_mounts": "data"}, "is skipped: write volume:path"),
        ({"volume_mounts": "nobody:/x"}, "volume mount nobody:/x is skipped: the pod has no volume nobody"),
        ({"volume_mounts_rw": "nobody:/x"}, "volume mount nobody:/x is skipped: the pod has no volume nobody"),
        ({"env": "JUST_A_NAME"}, "annotation dapr.io/env: "),
        ({"env_from_secret": "A=a:b:c"}, "annotation dapr.io/env-from-secret: "),
        ({"enabled": "yes"}, "no Dapr sidecar was injected: the annotation dapr.io/enabled is"),
    ],
)
def test_a_wish_that_cannot_be_read_is_left_out_with_a_warning(
    webhook: Webhook, annotations: dict[str, str], warning: str
) -> None:
    webhook.admin.create(pod(webhook, **annotations), dry_run=True)
    assert warning in webhook.admin.warnings.replace('\\"', '"')


def test_a_pod_that_is_as_it_should_be_is_not_warned_of(webhook: Webhook) -> None:
    webhook.admin.create(pod(webhook, app_id="shop", app_port="8080"), dry_run=True)
    assert not webhook.admin.warnings


def test_a_container_of_a_component_that_is_no_json_is_left_out_with_a_warning(webhook: Webhook) -> None:
    metadata = {
        "name": "broken",
        "namespace": webhook.namespace,
        "annotations": {"dapr.io/component-container": "{image: x}"},
    }
    spec = {"type": "bindings.broken", "version": "v1", "metadata": []}
    webhook.admin.create({"apiVersion": "dapr.io/v1alpha1", "kind": "Component", "metadata": metadata, "spec": spec})
    made = webhook.admin.create(pod(webhook, inject_pluggable_components="true"), dry_run=True)
    assert [each["name"] for each in made["spec"]["containers"]] == ["app", "daprd"]
    assert "component broken: annotation dapr.io/component-container is no JSON object" in webhook.admin.warnings


# --- Left as they are


def test_a_pod_that_has_a_sidecar_keeps_its_own(webhook: Webhook) -> None:
    own = {"name": "daprd", "image": "mine:1"}
    wanted = pod(webhook)
    wanted["spec"]["containers"].append(own)
    made = webhook.admin.create(wanted, dry_run=True)
    assert sidecar(made)["image"] == "mine:1"
    assert "labels" not in made["metadata"]
    native = pod(webhook)
    native["spec"]["initContainers"] = [own | {"restartPolicy": "Always"}]
    made = webhook.admin.create(native, dry_run=True)
    assert [each["name"] for each in made["spec"]["containers"]] == ["app"]


def test_a_pod_of_somebody_who_is_not_on_the_list_is_made_without(webhook: Webhook) -> None:
    someone = _maker(webhook.admin, webhook.namespace)
    made = someone.create(pod(webhook), dry_run=True)
    assert [each["name"] for each in made["spec"]["containers"]] == ["app"]
    assert "is not on the list of allowed controller accounts" in someone.warnings
    assert "dapr_sidecar_injector.allowedServiceAccounts" in someone.warnings


def _maker(admin: Client, namespace: str) -> Client:
    """An account that may make pods."""
    default_account(admin, namespace)
    rbac = "rbac.authorization.k8s.io/v1"
    metadata = {"name": "pods", "namespace": namespace}
    rules = [{"apiGroups": [""], "resources": ["pods"], "verbs": ["create"]}]
    role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "pods"}
    subjects = [{"kind": "ServiceAccount", "name": "default", "namespace": namespace}]
    admin.apply({"apiVersion": rbac, "kind": "Role", "metadata": metadata, "rules": rules})
    admin.apply(
        {"apiVersion": rbac, "kind": "RoleBinding", "metadata": metadata, "roleRef": role, "subjects": subjects}
    )
    return admin.as_token(admin.token("default", namespace))


def test_while_the_injector_is_away_the_registrations_policy_counts(
    webhook: Webhook, api_server: ApiServer, crds: object
) -> None:
    """``Fail``, as registered here; ``Ignore`` lets the pod through, and the watchdog finds it."""
    change = {"op": "replace", "path": "/webhooks/0/clientConfig/service/port", "value": 1}
    back = change | {"value": webhook.injector.port}
    ignore = {"op": "replace", "path": "/webhooks/0/failurePolicy", "value": "Ignore"}

    def outcome() -> str:
        try:
            made = webhook.admin.create(pod(webhook), dry_run=True)
        except ApiError as error:
            return "refused" if "failed calling webhook" in error.message else error.message
        return "with" if len(made["spec"]["containers"]) == 2 else "without"

    try:
        admission.patch_registration(webhook.admin, change)
        wait_until(lambda: outcome() == "refused", what="refusals")
        admission.patch_registration(webhook.admin, ignore)
        wait_until(lambda: outcome() == "without", what="pods without sidecar")
    finally:
        admission.patch_registration(webhook.admin, ignore | {"value": "Fail"})
        admission.patch_registration(webhook.admin, back)
    wait_until(lambda: outcome() == "with", what="the injector to be asked again")
