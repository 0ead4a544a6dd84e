"""What each value of the chart does, by the public project's names and effects (crds-helm-config.md §4)."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
import yaml
from cluster.kube.client import Object
from cluster.kube.helm import CHART, SYSTEM, Helm, HelmError, container, find, names, nested

DEPLOYMENTS = ["dapr-operator", "dapr-sentry", "dapr-sidecar-injector"]
PLACEMENT = "dapr-placement-server"
WORKLOADS = [("Deployment", name) for name in DEPLOYMENTS] + [("StatefulSet", PLACEMENT)]
SUBCHARTS = {
    "dapr-operator": "dapr_operator",
    "dapr-sentry": "dapr_sentry",
    "dapr-sidecar-injector": "dapr_sidecar_injector",
    PLACEMENT: "dapr_placement",
}
EXTRA_KEYS = {
    "dapr-operator": "operator",
    "dapr-sentry": "sentry",
    "dapr-sidecar-injector": "injector",
    PLACEMENT: "placement",
}
EVERY_WORKLOAD = pytest.mark.parametrize(("kind", "name"), WORKLOADS, ids=[name for _, name in WORKLOADS])


def _workload(helm: Helm, kind: str, name: str, **values: Any) -> Object:
    return find(helm.render(nested(**values)), kind, name)


def _args(workload: Object) -> str:
    return " ".join(container(workload)["args"])


def _env(workload: Object) -> dict[str, Any]:
    return {each["name"]: each.get("value", each.get("valueFrom")) for each in container(workload)["env"]}


def _pod(workload: Object) -> Any:
    return workload["spec"]["template"]["spec"]


@pytest.mark.parametrize(
    "values",
    [{}, nested(global__ha__enabled=True), nested(global__rbac__namespaced=True, dapr_operator__watchInterval="once")],
    ids=["default", "ha", "namespaced"],
)
def test_helm_finds_no_fault(helm: Helm, values: dict[str, Any]) -> None:
    assert "0 chart(s) failed" in helm.lint(values)


def test_the_chart_installs_these_objects(helm: Helm) -> None:
    objects = helm.render()
    kinds = {kind: names(objects, kind) for kind in sorted({each["kind"] for each in objects})}
    assert kinds == yaml.safe_load("""
        ClusterRole: [dapr-crd-upgrade, dapr-injector, dapr-operator-admin, dapr-operator-conversion,
          dapr-operator-services, dapr-sentry]
        ClusterRoleBinding: [dapr-crd-upgrade, dapr-injector, dapr-operator-admin, dapr-operator-conversion,
          dapr-operator-services, dapr-sentry]
        ConfigMap: [dapr-trust-bundle]
        Configuration: [daprsystem]
        Deployment: [dapr-operator, dapr-sentry, dapr-sidecar-injector]
        Job: [dapr-crd-upgrade]
        Lease: [operator.dapr.io]
        MutatingWebhookConfiguration: [dapr-sidecar-injector]
        Role: [dapr-injector, dapr-operator, dapr-sentry, secret-reader]
        RoleBinding: [dapr-injector, dapr-operator, dapr-secret-reader, dapr-sentry]
        Secret: [dapr-trust-bundle]
        Service: [dapr-api, dapr-placement-server, dapr-sentry, dapr-sidecar-injector, dapr-webhook]
        ServiceAccount: [dapr-crd-upgrade, dapr-injector, dapr-operator, dapr-placement, dapr-sentry]
        StatefulSet: [dapr-placement-server]
    """)


def test_every_object_has_the_labels_that_kubernetes_recommends(helm: Helm) -> None:
    for each in helm.render():
        labels = each["metadata"]["labels"]
        assert labels["app.kubernetes.io/name"] == "dapr"
        assert labels["app.kubernetes.io/part-of"] == "dapr"
        assert labels["app.kubernetes.io/managed-by"] == "Helm"
        assert labels["app.kubernetes.io/version"] == "0.1.0"
        assert labels["app.kubernetes.io/component"]


def test_labels_of_all_objects_are_templates(helm: Helm) -> None:
    labels = {"team": "{{ .Release.Namespace }}-{{ .Values.component }}"}
    sentry = _workload(helm, "Deployment", "dapr-sentry", global__k8sLabels=labels)
    assert sentry["metadata"]["labels"]["team"] == "dapr-system-sentry"


# --- What all workloads share


@EVERY_WORKLOAD
def test_the_pod_keeps_the_restricted_profile(helm: Helm, kind: str, name: str) -> None:
    security = container(_workload(helm, kind, name))["securityContext"]
    assert security == {
        "runAsNonRoot": True,
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
        "seccompProfile": {"type": "RuntimeDefault"},
    }


@EVERY_WORKLOAD
def test_both_probes_ask_healthz(helm: Helm, kind: str, name: str) -> None:
    probe = {"initialDelaySeconds": 7, "periodSeconds": 8, "failureThreshold": 9}
    subchart = SUBCHARTS[name]
    default = container(_workload(helm, kind, name))
    assert default["livenessProbe"] == {
        "httpGet": {"path": "/healthz", "port": 8080},
        "initialDelaySeconds": 180,
        "periodSeconds": 10,
        "failureThreshold": 5,
    }
    assert default["readinessProbe"]["failureThreshold"] == 3
    given = {f"{subchart}__{which}Probe": probe for which in ("liveness", "readiness")}
    other = container(_workload(helm, kind, name, **given))
    for which in ("liveness", "readiness"):
        assert {key: other[f"{which}Probe"][key] for key in probe} == probe


@EVERY_WORKLOAD
def test_an_image_is_registry_name_and_tag_or_a_whole_reference(helm: Helm, kind: str, name: str) -> None:
    chosen = {"global__registry": "registry.example/dapr", "global__tag": "1.2.3", "global__imagePullPolicy": "Always"}
    found = container(_workload(helm, kind, name, **chosen))
    assert found["image"].startswith("registry.example/dapr/")
    assert found["image"].endswith(":1.2.3")
    assert found["imagePullPolicy"] == "Always"
    key = "injectorImage" if name == "dapr-sidecar-injector" else "image"
    whole = {f"{SUBCHARTS[name]}__{key}__name": "other.example/x@sha256:00"}
    assert container(_workload(helm, kind, name, **whole))["image"] == "other.example/x@sha256:00"


@EVERY_WORKLOAD
@pytest.mark.parametrize(
    ("secrets", "expected"),
    [
        ("", None),
        ("one", [{"name": "one"}]),
        (["one", "two"], [{"name": "one"}, {"name": "two"}]),
        ([{"name": "one"}], [{"name": "one"}]),
    ],
    ids=["none", "a name", "names", "references"],
)
def test_pull_secrets_are_given_in_three_forms(helm: Helm, kind: str, name: str, secrets: Any, expected: Any) -> None:
    assert _pod(_workload(helm, kind, name, global__imagePullSecrets=secrets)).get("imagePullSecrets") == expected


@EVERY_WORKLOAD
def test_logs_and_metrics_are_arguments(helm: Helm, kind: str, name: str) -> None:
    default = _workload(helm, kind, name)
    assert "--log-level info" in _args(default)
    assert "--log-as-json" not in _args(default)
    assert "--enable-metrics --metrics-port 9090" in _args(default)
    level = {f"{SUBCHARTS[name]}__logLevel": "debug"}
    other = _workload(helm, kind, name, global__logAsJson=True, global__prometheus__port=9191, **level)
    assert "--log-level debug --log-as-json --enable-metrics --metrics-port 9191" in _args(other)
    assert other["spec"]["template"]["metadata"]["annotations"]["prometheus.io/port"] == "9191"
    assert {"name": "metrics", "containerPort": 9191, "protocol": "TCP"} in container(other)["ports"]


@EVERY_WORKLOAD
def test_without_metrics_nothing_of_them_is_left(helm: Helm, kind: str, name: str) -> None:
    workload = _workload(helm, kind, name, global__prometheus__enabled=False)
    assert "--enable-metrics=false" in _args(workload)
    assert "metrics" not in [each["name"] for each in container(workload)["ports"]]
    assert not [key for key in workload["spec"]["template"]["metadata"]["annotations"] if "prometheus" in key]


@EVERY_WORKLOAD
def test_pods_run_where_the_values_say(helm: Helm, kind: str, name: str) -> None:
    tolerations = [{"key": "a", "operator": "Exists"}]
    pod = _pod(
        _workload(
            helm,
            kind,
            name,
            global__nodeSelector={"pool": "system"},
            global__tolerations=tolerations,
            global__priorityClassName="high",
            global__daprControlPlaneArch="arm64",
        )
    )
    assert pod["nodeSelector"] == {"pool": "system"}
    assert pod["tolerations"] == tolerations
    assert pod["priorityClassName"] == "high"
    [term] = pod["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]["nodeSelectorTerms"]
    assert [(each["key"], each["values"]) for each in term["matchExpressions"]] == [
        ("kubernetes.io/os", ["linux"]),
        ("kubernetes.io/arch", ["arm64"]),
    ]


@EVERY_WORKLOAD
def test_more_volumes_containers_and_variables_are_added(helm: Helm, kind: str, name: str) -> None:
    key = EXTRA_KEYS[name]
    volume = {"name": "more", "emptyDir": {}}
    mount = {"name": "more", "mountPath": "/more"}
    beside = {"name": "beside", "image": "x"}
    workload = _workload(
        helm,
        kind,
        name,
        global__extraVolumes={key: [volume]},
        global__extraVolumeMounts={key: [mount]},
        global__extraContainers={key: [beside]},
        global__initContainers={key: [beside]},
        **{f"{SUBCHARTS[name]}__extraEnvVars": {"A": "b"}, f"{SUBCHARTS[name]}__resources": {"limits": {"cpu": 1}}},
    )
    pod = _pod(workload)
    assert volume in pod["volumes"]
    assert mount in container(workload)["volumeMounts"]
    assert beside in pod["containers"]
    assert pod["initContainers"] == [beside]
    assert _env(workload)["A"] == "b"
    assert container(workload)["resources"] == {"limits": {"cpu": 1}}


@EVERY_WORKLOAD
def test_pods_get_more_labels_and_workloads_annotations(helm: Helm, kind: str, name: str) -> None:
    annotations = "statefulsetAnnotations" if kind == "StatefulSet" else "deploymentAnnotations"
    given = {f"{SUBCHARTS[name]}__{annotations}": {"a": "b"}}
    workload = _workload(helm, kind, name, global__labels={"team": "x"}, **given)
    assert workload["spec"]["template"]["metadata"]["labels"]["team"] == "x"
    assert workload["metadata"]["annotations"] == {"a": "b"}


@EVERY_WORKLOAD
def test_a_debugger_of_go_is_refused(helm: Helm, kind: str, name: str) -> None:
    with pytest.raises(HelmError, match=r"debug\.enabled is true, but the images of this chart are no Go programs"):
        helm.render(nested(**{f"{SUBCHARTS[name]}__debug__enabled": True}))


@EVERY_WORKLOAD
def test_who_has_to_prove_itself_to_sentry_has_a_token_for_it(helm: Helm, kind: str, name: str) -> None:
    workload = _workload(helm, kind, name, global__mtls__controlPlaneTrustDomain="example.org")
    volumes = {each["name"]: each for each in _pod(workload).get("volumes", [])}
    if name == "dapr-sentry":
        assert not volumes, "sentry reads its credentials by the API and proves itself to nobody"
        return
    [source] = volumes["dapr-identity-token"]["projected"]["sources"]
    assert source["serviceAccountToken"] == {
        "path": "token",
        "expirationSeconds": 600,
        "audience": "spiffe://example.org/ns/dapr-system/dapr-sentry",
    }
    mounts = {each["name"]: each["mountPath"] for each in container(workload)["volumeMounts"]}
    assert mounts == {
        "dapr-trust-bundle": "/var/run/secrets/dapr.io/tls",
        "dapr-identity-token": "/var/run/secrets/dapr.io/sentrytoken",
    }
    without = _pod(_workload(helm, kind, name, global__mtls__mountSentryVolume=False))
    assert [each["name"] for each in without["volumes"]] == ["dapr-trust-bundle"]


# --- High availability


def test_high_availability_runs_several_replicas_apart(helm: Helm) -> None:
    objects = helm.render(nested(global__ha__enabled=True, global__ha__replicaCount=5, global__ha__topologyKey="rack"))
    for name in DEPLOYMENTS:
        workload = find(objects, "Deployment", name)
        assert workload["spec"]["replicas"] == 5
        [term] = _pod(workload)["affinity"]["podAntiAffinity"]["preferredDuringSchedulingIgnoredDuringExecution"]
        assert term["podAffinityTerm"]["topologyKey"] == "rack"
        assert term["podAffinityTerm"]["labelSelector"] == {"matchLabels": {"app": name}}
    placement = find(objects, "StatefulSet", PLACEMENT)
    assert placement["spec"]["replicas"] == 3
    peers = container(placement)["args"][container(placement)["args"].index("--initial-cluster") + 1].split(",")
    assert peers[2] == (
        "dapr-placement-server-2=dapr-placement-server-2.dapr-placement-server.dapr-system.svc.cluster.local:8201"
    )
    assert "dapr-placement" in names(objects, "Lease")


def test_high_availability_bounds_disruption(helm: Helm) -> None:
    objects = helm.render(nested(global__ha__enabled=True, global__labels={"team": "x"}))
    assert names(objects, "PodDisruptionBudget") == [
        "dapr-operator-disruption-budget",
        "dapr-placement-server-disruption-budget",
        "dapr-sentry-budget",
        "dapr-sidecar-injector-disruption-budget",
    ]
    for budget in (each for each in objects if each["kind"] == "PodDisruptionBudget"):
        assert budget["spec"]["maxUnavailable"] == "25%"
        labels = budget["spec"]["selector"]["matchLabels"]
        workload = next(
            each
            for each in objects
            if each["kind"] in ("Deployment", "StatefulSet") and each["metadata"]["name"] == labels["app"]
        )
        assert labels == workload["spec"]["template"]["metadata"]["labels"]


def test_a_budget_has_one_bound(helm: Helm) -> None:
    given = {"global__ha__enabled": True, "global__ha__disruption__minimumAvailable": 2}
    budget = find(helm.render(nested(**given)), "PodDisruptionBudget", "dapr-sentry-budget")
    assert budget["spec"]["minAvailable"] == 2
    assert "maxUnavailable" not in budget["spec"]
    with pytest.raises(HelmError, match="set minimumAvailable or maximumUnavailable, not both"):
        helm.render(nested(**given, global__ha__disruption__maximumUnavailable=1))


def test_replicas_of_placement_may_be_required_to_be_apart(helm: Helm) -> None:
    policy = "requiredDuringSchedulingIgnoredDuringExecution"
    placement = _workload(
        helm, "StatefulSet", PLACEMENT, global__ha__enabled=True, global__ha__podAntiAffinityPolicy=policy
    )
    [term] = _pod(placement)["affinity"]["podAntiAffinity"][policy]
    assert term["topologyKey"] == "topology.kubernetes.io/zone"
    with pytest.raises(HelmError, match="podAntiAffinityPolicy"):
        helm.render(nested(global__ha__podAntiAffinityPolicy="anywhere"))


# --- Sentry


def test_sentry_is_told_its_trust_domain_and_files(helm: Helm) -> None:
    filenames = {"ca": "anchors.pem", "cert": "chain.pem", "key": "key.pem"}
    sentry = _workload(
        helm,
        "Deployment",
        "dapr-sentry",
        global__mtls__controlPlaneTrustDomain="example.org",
        global__issuerFilenames=filenames,
        dapr_sentry__extraArgs=["--port=50001"],
    )
    args = _args(sentry)
    assert "--mode kubernetes" in args
    assert "--trust-domain example.org" in args
    assert (
        "--issuer-ca-filename anchors.pem --issuer-certificate-filename chain.pem --issuer-key-filename key.pem" in args
    )
    assert args.endswith("--port=50001")
    assert "--jwt-enabled" not in args
    assert "--oidc-enabled" not in args


def test_sentry_issues_tokens_and_serves_their_keys_where_asked(helm: Helm) -> None:
    objects = helm.render(
        nested(
            dapr_sentry__jwt={"enabled": True, "issuer": "https://x", "signingAlgorithm": "ES256", "keyID": "k"},
            dapr_sentry__oidc={
                "enabled": True,
                "server": {"port": 9444, "jwksURI": "https://x/j", "pathPrefix": "/p", "allowedHosts": ["a", "b"]},
                "tls": {"enabled": False},
            },
        )
    )
    args = _args(find(objects, "Deployment", "dapr-sentry"))
    assert "--jwt-enabled=true --jwt-issuer=https://x --jwt-signing-algorithm=ES256 --jwt-key-id=k" in args
    assert "--oidc-enabled=true --oidc-server-listen-address=0.0.0.0 --oidc-server-listen-port=9444" in args
    assert "--oidc-server-tls-enabled=false --oidc-jwks-uri=https://x/j --oidc-path-prefix=/p" in args
    assert "--oidc-allowed-hosts=a,b" in args
    ports = {each["name"]: each for each in find(objects, "Service", "dapr-sentry")["spec"]["ports"]}
    assert (ports["oidc"]["port"], ports["oidc"]["appProtocol"]) == (9444, "http")


def test_the_trust_bundle_is_empty_so_that_an_upgrade_leaves_what_sentry_wrote(helm: Helm) -> None:
    objects = helm.render()
    assert "data" not in find(objects, "Secret", "dapr-trust-bundle")
    assert "data" not in find(objects, "ConfigMap", "dapr-trust-bundle")


def test_an_issuer_can_be_given(helm: Helm) -> None:
    tls = {"root": {"certPEM": "ROOT"}, "issuer": {"certPEM": "CHAIN", "keyPEM": "KEY"}}
    objects = helm.render(nested(dapr_sentry__tls=tls))
    data = find(objects, "Secret", "dapr-trust-bundle")["data"]
    assert data == {"ca.crt": "Uk9PVA==", "issuer.crt": "Q0hBSU4=", "issuer.key": "S0VZ"}
    assert find(objects, "ConfigMap", "dapr-trust-bundle")["data"] == {"ca.crt": "ROOT"}
    with pytest.raises(HelmError, match="an issuer needs root"):
        helm.render(nested(dapr_sentry__tls__issuer__certPEM="CHAIN", dapr_sentry__tls__root__certPEM="ROOT"))


# --- Operator


def test_the_operators_duties_are_arguments(helm: Helm) -> None:
    operator = _workload(
        helm,
        "Deployment",
        "dapr-operator",
        dapr_operator__watchInterval="10s",
        dapr_operator__watchNamespace="shop",
        dapr_operator__maxPodRestartsPerMinute=7,
        dapr_operator__serviceReconciler__enabled=False,
        global__argoRolloutServiceReconciler__enabled=True,
        global__operator__watchdogCanPatchPodLabels=True,
    )
    args = _args(operator)
    assert args.startswith("--watch-interval 10s --max-pod-restarts-per-minute 7")
    assert "--trust-anchors-file /var/run/secrets/dapr.io/tls/ca.crt" in args
    assert "--watch-namespace shop" in args
    for flag in (
        "--disable-service-reconciler",
        "--enable-argo-rollout-service-reconciler",
        "--watchdog-can-patch-pod-labels",
    ):
        assert flag in args
        assert flag not in _args(_workload(helm, "Deployment", "dapr-operator"))


def test_sidecars_find_the_operator_where_they_always_did(helm: Helm) -> None:
    ports = {each["name"]: each for each in find(helm.render(), "Service", "dapr-api")["spec"]["ports"]}
    assert (ports["grpc"]["port"], ports["grpc"]["targetPort"], ports["grpc"]["appProtocol"]) == (443, 6500, "tls")
    assert (ports["legacy"]["port"], ports["legacy"]["targetPort"]) == (80, 6500)
    on_80 = find(helm.render(nested(dapr_operator__ports__port=80)), "Service", "dapr-api")
    assert [each["name"] for each in on_80["spec"]["ports"]] == ["grpc", "metrics"]
    [webhook] = find(helm.render(), "Service", "dapr-webhook")["spec"]["ports"]
    assert (webhook["port"], webhook["targetPort"]) == (443, 19443)


def _rules(objects: list[Object], name: str) -> list[str]:
    kinds = ("ClusterRole", "Role")
    return [
        f"{resource} {','.join(rule['verbs'])}"
        for each in objects
        if each["kind"] in kinds and each["metadata"]["name"].startswith(name)
        for rule in each["rules"]
        for resource in rule["resources"]
    ]


def test_rights_come_and_go_with_the_duties_that_need_them(helm: Helm) -> None:
    default = _rules(helm.render(), "dapr-operator")
    assert "services get,list,watch,create,update" in default
    assert "pods delete" not in default
    idle = _rules(helm.render(nested(dapr_operator__serviceReconciler__enabled=False)), "dapr-operator")
    assert not [each for each in idle if each.startswith(("services", "deployments", "statefulsets"))]
    watching = _rules(helm.render(nested(dapr_operator__watchInterval="once")), "dapr-operator")
    assert "pods delete" in watching
    labelling = nested(dapr_operator__watchInterval="1m", global__operator__watchdogCanPatchPodLabels=True)
    assert "pods delete,patch" in _rules(helm.render(labelling), "dapr-operator")
    rollouts = _rules(helm.render(nested(global__argoRolloutServiceReconciler__enabled=True)), "dapr-operator")
    assert "rollouts get,list,watch" in rollouts


def test_rights_can_end_at_the_namespace(helm: Helm) -> None:
    objects = helm.render(nested(global__rbac__namespaced=True, dapr_operator__watchInterval="once"))
    wide = {each["metadata"]["name"]: each["rules"] for each in objects if each["kind"] == "ClusterRole"}
    beyond = sorted({resource for rules in wide.values() for rule in rules for resource in rule["resources"]})
    assert beyond == ["customresourcedefinitions", "mutatingwebhookconfigurations", "tokenreviews"]
    assert "--watch-namespace dapr-system" in _args(find(objects, "Deployment", "dapr-operator"))


# --- Injector


def test_the_injector_is_told_how_the_sidecar_looks(helm: Helm) -> None:
    assert _env(_workload(helm, "Deployment", "dapr-sidecar-injector")) == {
        "NAMESPACE": {"fieldRef": {"fieldPath": "metadata.namespace"}},
        "DAPR_TRUST_ANCHORS_FILE": "/var/run/secrets/dapr.io/tls/ca.crt",
        "DAPR_CONTROL_PLANE_TRUST_DOMAIN": "cluster.local",
        "DAPR_SENTRY_ADDRESS": "dapr-sentry.dapr-system.svc.cluster.local:443",
        "KUBE_CLUSTER_DOMAIN": "cluster.local",
        "SIDECAR_IMAGE": "docker.io/local/dapr/daprd:0.1.0",
        "SIDECAR_IMAGE_PULL_POLICY": "IfNotPresent",
        "SIDECAR_RUN_AS_NON_ROOT": "true",
        "SIDECAR_READ_ONLY_ROOT_FILESYSTEM": "true",
        "SIDECAR_DROP_ALL_CAPABILITIES": "false",
        "ENABLE_K8S_DOWNWARD_APIS": "false",
        "NATIVE_SIDECAR_ENABLED": "false",
        "IGNORE_ENTRYPOINT_TOLERATIONS": (
            '[{"effect":"NoSchedule","key":"alibabacloud.com/eci"},{"effect":"NoSchedule","key":"azure.com/aci"},'
            '{"effect":"NoSchedule","key":"aws"},{"effect":"NoSchedule","key":"huawei.com/cci"}]'
        ),
        "ACTORS_ENABLED": "true",
        "ACTORS_SERVICE_NAME": "placement",
        "ACTORS_SERVICE_ADDRESS": "dapr-placement-server:50005",
    }


def test_each_setting_of_the_sidecar_is_a_variable_of_the_injector(helm: Helm) -> None:
    given = {
        "sidecarImagePullPolicy": ("Always", "SIDECAR_IMAGE_PULL_POLICY"),
        "sidecarReadOnlyRootFilesystem": (False, "SIDECAR_READ_ONLY_ROOT_FILESYSTEM"),
        "sidecarDropALLCapabilities": (True, "SIDECAR_DROP_ALL_CAPABILITIES"),
        "sidecarRunAsUser": (1000, "SIDECAR_RUN_AS_USER"),
        "sidecarRunAsGroup": (3000, "SIDECAR_RUN_AS_GROUP"),
        "enableK8sDownwardAPIs": (True, "ENABLE_K8S_DOWNWARD_APIS"),
        "nativeSidecar": (True, "NATIVE_SIDECAR_ENABLED"),
        "allowedServiceAccounts": ("a:b", "ALLOWED_SERVICE_ACCOUNTS"),
        "allowedServiceAccountsPrefixNames": ("a:b*", "ALLOWED_SERVICE_ACCOUNTS_PREFIX_NAMES"),
        "ignoreEntrypointTolerations": ("[]", "IGNORE_ENTRYPOINT_TOLERATIONS"),
        "kubeClusterDomain": ("example.org", "KUBE_CLUSTER_DOMAIN"),
    }
    values = {f"dapr_sidecar_injector__{key}": value for key, (value, _) in given.items()}
    env = _env(_workload(helm, "Deployment", "dapr-sidecar-injector", **values))
    for value, variable in given.values():
        assert env[variable] == (str(value).lower() if isinstance(value, bool) else str(value))


@pytest.mark.parametrize(("user", "non_root"), [(0, True), (-1, True), (1000, False)])
def test_a_user_that_contradicts_non_root_is_refused(helm: Helm, user: int, non_root: bool) -> None:
    with pytest.raises(HelmError, match="sidecarRunAsUser is"):
        helm.render(
            nested(dapr_sidecar_injector__sidecarRunAsUser=user, dapr_sidecar_injector__sidecarRunAsNonRoot=non_root)
        )


def test_the_webhook_is_asked_about_the_pods_that_the_values_select(helm: Helm) -> None:
    [webhook] = find(helm.render(), "MutatingWebhookConfiguration", "dapr-sidecar-injector")["webhooks"]
    assert webhook["failurePolicy"] == "Ignore"
    assert webhook["reinvocationPolicy"] == "IfNeeded"
    assert webhook["clientConfig"] == {
        "service": {"name": "dapr-sidecar-injector", "namespace": SYSTEM, "path": "/mutate"}
    }
    selector = {"matchLabels": {"dapr": "yes"}}
    given = {"webhookFailurePolicy": "Fail", "objectSelector": selector, "namespaceSelector": selector}
    values = {f"dapr_sidecar_injector__{key}": value for key, value in given.items()}
    [webhook] = find(helm.render(nested(**values)), "MutatingWebhookConfiguration", "dapr-sidecar-injector")["webhooks"]
    assert (webhook["failurePolicy"], webhook["objectSelector"], webhook["namespaceSelector"]) == (
        "Fail",
        selector,
        selector,
    )


def test_a_webhook_without_which_no_pod_is_made_leaves_out_the_control_plane(helm: Helm) -> None:
    values = nested(dapr_sidecar_injector__webhookFailurePolicy="Fail")
    objects = helm.render(values)
    [webhook] = find(objects, "MutatingWebhookConfiguration", "dapr-sidecar-injector")["webhooks"]
    [rule] = webhook["objectSelector"]["matchExpressions"]
    apps = {
        each["spec"]["template"]["metadata"]["labels"]["app"] for each in objects if "template" in each.get("spec", {})
    }
    assert (rule["key"], rule["operator"], set(rule["values"])) == ("app", "NotIn", apps)
    [other] = find(helm.render(), "MutatingWebhookConfiguration", "dapr-sidecar-injector")["webhooks"]
    assert "objectSelector" not in other


def test_the_injector_can_be_left_out(helm: Helm) -> None:
    objects = helm.render(nested(dapr_sidecar_injector__enabled=False, global__ha__enabled=True))
    left = [each for each in objects if each["metadata"]["name"].startswith("dapr-sidecar-injector")]
    assert left == []


def test_the_injector_can_use_the_hosts_network_and_another_health_port(helm: Helm) -> None:
    injector = _workload(
        helm,
        "Deployment",
        "dapr-sidecar-injector",
        dapr_sidecar_injector__hostNetwork=True,
        dapr_sidecar_injector__healthzPort=8181,
    )
    assert (_pod(injector)["hostNetwork"], _pod(injector)["dnsPolicy"]) == (True, "ClusterFirstWithHostNet")
    assert "--healthz-port 8181" in _args(injector)
    assert container(injector)["readinessProbe"]["httpGet"]["port"] == 8181


def test_sidecars_are_told_of_no_scheduler_until_there_is_one(helm: Helm) -> None:
    assert "--scheduler-enabled=false" in _args(_workload(helm, "Deployment", "dapr-sidecar-injector"))
    given = {"global__scheduler__enabled": True, "global__reminders__serviceName": "scheduler"}
    injector = _workload(helm, "Deployment", "dapr-sidecar-injector", **given)
    assert "--scheduler-enabled=true" in _args(injector)
    assert _env(injector)["REMINDERS_SERVICE_ADDRESS"] == "dapr-scheduler-server:50006"


# --- Placement


def test_placement_is_told_its_times(helm: Helm) -> None:
    given = {
        "keepAliveTime": "3s",
        "keepAliveTimeout": "4s",
        "disseminateTimeout": "9s",
        "disseminateCoalesceWindow": "1s",
        "replicationFactor": 10,
        "metadataEnabled": True,
    }
    args = _args(_workload(helm, "StatefulSet", PLACEMENT, **{f"dapr_placement__{key}": v for key, v in given.items()}))
    assert "--metadata-enabled --replicationFactor=10 --keepalive-time=3s --keepalive-timeout=4s" in args
    assert "--disseminate-timeout=9s --disseminate-coalesce-window=1s" in args
    assert "--sentry-address=dapr-sentry.dapr-system.svc.cluster.local:443 --mode=kubernetes" in args


@pytest.mark.parametrize(
    ("values", "replicas"),
    [
        ({}, 1),
        (nested(dapr_placement__ha=True), 3),
        (nested(global__ha__enabled=True), 3),
        (nested(dapr_placement__scaleZero=True, global__ha__enabled=True), 0),
    ],
    ids=["one", "its own ha", "ha", "none"],
)
def test_how_many_placements_there_are(helm: Helm, values: dict[str, Any], replicas: int) -> None:
    objects = helm.render(values)
    placement = find(objects, "StatefulSet", PLACEMENT)
    assert placement["spec"]["replicas"] == replicas
    assert _pod(placement)["automountServiceAccountToken"] is bool(values)
    assert ("dapr-placement" in names(objects, "Role")) is bool(values)


def test_without_actors_there_is_no_placement(helm: Helm) -> None:
    objects = helm.render(nested(global__actors__enabled=False, global__ha__enabled=True))
    assert not [each for each in objects if "placement" in each["metadata"]["name"]]
    assert _env(find(objects, "Deployment", "dapr-sidecar-injector"))["ACTORS_ENABLED"] == "false"


# --- The rest


def test_the_configuration_of_the_control_plane(helm: Helm) -> None:
    mtls = {
        "enabled": False,
        "workloadCertTTL": "1h",
        "allowedClockSkew": "1m",
        "controlPlaneTrustDomain": "example.org",
        "sentryAddress": "elsewhere:443",
    }
    values = nested(global__mtls=mtls, dapr_config__dapr_default_system_config_name="other")
    assert find(helm.render(values), "Configuration", "other")["spec"] == {"mtls": mtls}


def test_secrets_are_read_in_one_namespace(helm: Helm) -> None:
    values = nested(dapr_rbac__secretReader__namespace="shop")
    role = find(helm.render(values), "Role", "secret-reader")
    assert (role["metadata"]["namespace"], role["rules"][0]["verbs"]) == ("shop", ["get"])
    assert "secret-reader" not in names(helm.render(nested(dapr_rbac__secretReader__enabled=False)), "Role")


@pytest.mark.parametrize("service", ["injector", "operator", "placement", "sentry"])
def test_accounts_can_be_annotated(helm: Helm, service: str) -> None:
    values = nested(**{f"dapr_rbac__serviceAccount__{service}__annotations": {"cloud": "role"}})
    account = find(helm.render(values), "ServiceAccount", f"dapr-{service}")
    assert account["metadata"]["annotations"] == {"cloud": "role"}


def test_the_systems_priority_classes_need_a_quota(helm: Helm) -> None:
    assert names(helm.render(), "ResourceQuota") == []
    quota = helm.render(nested(global__priorityClassName="system-cluster-critical"))
    assert names(quota, "ResourceQuota") == ["system-critical-quota"]


def test_definitions_are_upgraded_by_a_hook_that_leaves_nothing_behind(helm: Helm) -> None:
    hook = [each for each in helm.render() if each["metadata"]["name"] == "dapr-crd-upgrade"]
    assert [each["kind"] for each in hook] == ["ServiceAccount", "ClusterRole", "ClusterRoleBinding", "Job"]
    for each in hook:
        annotations = each["metadata"]["annotations"]
        assert annotations["helm.sh/hook"] == "pre-upgrade"
        assert annotations["helm.sh/hook-delete-policy"] == "before-hook-creation,hook-succeeded"
    assert not [
        each for each in helm.render(nested(crds__upgrade=False)) if each["metadata"]["name"] == "dapr-crd-upgrade"
    ]


def test_the_charts_version_is_the_projects() -> None:
    project = tomllib.loads((CHART.parents[1] / "pyproject.toml").read_text())["project"]["version"]
    charts = [CHART, *(CHART / "charts").iterdir()]
    for chart in charts:
        about = yaml.safe_load((chart / "Chart.yaml").read_text())
        assert (about["version"], about["appVersion"]) == (project, project), chart
    assert yaml.safe_load((CHART / "values.yaml").read_text())["global"]["tag"] == project
