"""The patch of a pod: what it becomes, and the bytes of the operations (control-plane.md §5.3–5.7)."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dapr_injector.patch.operations import encode
from dapr_injector.patch.pluggable import Component
from dapr_injector.patch.pod import InvalidPodError, read_pod
from dapr_injector.patch.settings import Admission, InjectionSettings, PlatformService
from dapr_injector.patch.sidecar import Patch, RefusedError, patch_pod

Json = dict[str, Any]

SETTINGS = InjectionSettings(image="dapr/daprd:1.0", namespace="dapr-system")
ADMISSION = Admission(namespace="shop", mtls=True, trust_anchors="PEM")
APP: Json = {"name": "app", "image": "app:1"}


def pod(*containers: Json, spec: Json | None = None, labels: Json | None = None, **annotations: str) -> Json:
    named = {f"dapr.io/{name.replace('_', '-')}": value for name, value in annotations.items()}
    return {
        "metadata": {"name": "web", "annotations": {"dapr.io/enabled": "true"} | named, "labels": labels or {}},
        "spec": {"containers": list(containers or [APP]), **(spec or {})},
    }


def patch(
    value: Json, settings: InjectionSettings = SETTINGS, admission: Admission = ADMISSION, *components: Component
) -> Patch:
    return patch_pod(read_pod(value), settings, admission, components)


def applied(value: Json, made: Patch) -> Json:
    """The pod after the patch, by RFC 6902's rules for ``add``; a missing parent is an error as there."""
    result = copy.deepcopy(value)
    for operation in json.loads(encode(made.operations)):
        assert operation["op"] == "add"
        *parents, last = [part.replace("~1", "/") for part in operation["path"].split("/")[1:]]
        target: Any = result
        for part in parents:
            target = target[int(part)] if isinstance(target, list) else target[part]
        if isinstance(target, list):
            target.insert(len(target) if last == "-" else int(last), operation["value"])
        else:
            target[last] = operation["value"]
    return result


def injected(
    value: Json, settings: InjectionSettings = SETTINGS, admission: Admission = ADMISSION, *components: Component
) -> Json:
    return applied(value, patch(value, settings, admission, *components))


def sidecar(value: Json, settings: InjectionSettings = SETTINGS, admission: Admission = ADMISSION) -> Json:
    spec = injected(value, settings, admission)["spec"]
    [found] = [c for c in (*spec["containers"], *spec.get("initContainers", [])) if c["name"] == "daprd"]
    return found


def arguments(value: Json, settings: InjectionSettings = SETTINGS, admission: Admission = ADMISSION) -> list[str]:
    return sidecar(value, settings, admission)["args"]


def value_of(flag: str, args: list[str]) -> str | None:
    return args[args.index(flag) + 1] if flag in args else None


def environment(container: Json) -> Json:
    return {entry["name"]: entry.get("value", entry.get("valueFrom", "")) for entry in container["env"]}


# --- Bytes


def test_the_patch_of_a_plain_pod_has_the_documented_bytes() -> None:
    made = encode(patch(pod(app_id="web", app_port="8080")).operations)
    assert made == (
        b'[{"op":"add","path":"/metadata/labels","value":{}},'
        b'{"op":"add","path":"/spec/volumes","value":[{"name":"dapr-identity-token","projected":{"sources":'
        b'[{"serviceAccountToken":{"audience":"spiffe://cluster.local/ns/dapr-system/dapr-sentry",'
        b'"expirationSeconds":7200,"path":"token"}}],"defaultMode":420}}]},'
        b'{"op":"add","path":"/spec/containers/-","value":{"name":"daprd","image":"dapr/daprd:1.0","args":["/daprd",'
        b'"--dapr-http-port","3500","--dapr-grpc-port","50001","--dapr-internal-grpc-port","50002",'
        b'"--dapr-listen-addresses","[::1],127.0.0.1","--dapr-public-port","3501","--app-id","web",'
        b'"--app-protocol","http","--log-level","info","--dapr-graceful-shutdown-seconds","-1","--mode","kubernetes",'
        b'"--control-plane-address","dapr-api.dapr-system.svc.cluster.local:443",'
        b'"--sentry-address","dapr-sentry.dapr-system.svc.cluster.local:443","--app-port","8080",'
        b'"--enable-metrics","--metrics-port","9090",'
        b'"--placement-host-address","dapr-placement-server.dapr-system.svc.cluster.local:50005","--enable-mtls",'
        b'"--scheduler-host-address","dapr-scheduler-server-a.dapr-system.svc.cluster.local:443"],'
        b'"ports":[{"name":"dapr-http","containerPort":3500},{"name":"dapr-grpc","containerPort":50001},'
        b'{"name":"dapr-internal","containerPort":50002},{"name":"dapr-metrics","containerPort":9090}],'
        b'"env":[{"name":"NAMESPACE","value":"shop"},{"name":"DAPR_TRUST_ANCHORS","value":"PEM"},'
        b'{"name":"POD_NAME","valueFrom":{"fieldRef":{"fieldPath":"metadata.name"}}},'
        b'{"name":"DAPR_CONTROLPLANE_NAMESPACE","value":"dapr-system"},'
        b'{"name":"DAPR_CONTROLPLANE_TRUST_DOMAIN","value":"cluster.local"}],"resources":{},'
        b'"volumeMounts":[{"name":"dapr-identity-token","readOnly":true,'
        b'"mountPath":"/var/run/secrets/dapr.io/sentrytoken"}],'
        b'"livenessProbe":{"tcpSocket":{"port":3501},"initialDelaySeconds":180,"timeoutSeconds":3,"periodSeconds":10,'
        b'"failureThreshold":5},"readinessProbe":{"httpGet":{"path":"/v1.0/healthz","port":3501},'
        b'"initialDelaySeconds":1,"timeoutSeconds":1,"periodSeconds":1,"failureThreshold":5},'
        b'"imagePullPolicy":"Always","securityContext":{"runAsNonRoot":true,"readOnlyRootFilesystem":true,'
        b'"allowPrivilegeEscalation":false}}},'
        b'{"op":"add","path":"/metadata/labels/dapr.io~1sidecar-injected","value":"true"},'
        b'{"op":"add","path":"/metadata/labels/dapr.io~1app-id","value":"web"},'
        b'{"op":"add","path":"/metadata/labels/dapr.io~1metrics-enabled","value":"true"},'
        b'{"op":"add","path":"/spec/containers/0/env","value":[{"name":"DAPR_HTTP_PORT","value":"3500"},'
        b'{"name":"DAPR_GRPC_PORT","value":"50001"},{"name":"APP_PROTOCOL","value":"http"}]}]'
    )


def test_characters_that_html_could_trip_over_are_escaped() -> None:
    made = encode(patch(pod(env="A=<b>&c")).operations)
    assert b'"value":"\\u003cb\\u003e\\u0026c"' in made


# --- When


def test_a_pod_that_has_a_sidecar_is_left_alone() -> None:
    assert patch(pod(APP, {"name": "daprd"})).operations == ()
    assert patch(pod(spec={"initContainers": [{"name": "daprd"}]})).operations == ()


@pytest.mark.parametrize("app_id", ["Web", "web.shop", "-web", "web-", "a" * 59, "wéb", "a b"])
def test_an_app_id_that_cannot_name_a_service_is_refused(app_id: str) -> None:
    with pytest.raises(RefusedError, match="app id"):
        patch(pod(app_id=app_id))


def test_the_longest_app_id_is_taken() -> None:
    assert patch(pod(app_id="a" * 58)).app_id == "a" * 58


def test_without_an_app_id_the_pods_name_is_it() -> None:
    assert patch(pod()).app_id == "web"


def test_a_pod_without_any_name_is_told_to_annotate_one() -> None:
    nameless = pod()
    nameless["metadata"] |= {"name": "", "generateName": "web-7c9d-"}
    with pytest.raises(RefusedError, match=r"dapr\.io/app-id"):
        patch(nameless)


@pytest.mark.parametrize(
    "broken",
    [
        [],
        {"metadata": []},
        {"spec": {"containers": {}}},
        {"spec": {"containers": [1]}},
        {"metadata": {"annotations": {"a": 1}}},
        {"metadata": {"name": 3}},
    ],
)
def test_an_object_that_is_no_pod_is_refused_with_the_field(broken: Any) -> None:
    with pytest.raises(InvalidPodError, match="is no"):
        read_pod(broken)


# --- The command line

FLAGS = [
    ("config", "tracing", ["--config", "tracing"]),
    ("app_port", "80", ["--app-port", "80"]),
    ("app_protocol", "grpc", ["--app-protocol", "grpc"]),
    ("app_ssl", "true", ["--app-ssl"]),
    ("app_channel_address", "10.0.0.1", ["--app-channel-address", "10.0.0.1"]),
    ("app_max_concurrency", "5", ["--app-max-concurrency", "5"]),
    ("log_level", "debug", ["--log-level", "debug"]),
    ("log_as_json", "yes", ["--log-as-json"]),
    ("enable_profiling", "1", ["--enable-profiling"]),
    ("enable_api_logging", "true", ["--enable-api-logging=true"]),
    ("enable_api_logging", "off", ["--enable-api-logging=false"]),
    ("metrics_port", "9099", ["--metrics-port", "9099"]),
    ("grpc_port", "6001", ["--dapr-grpc-port", "6001"]),
    ("internal_grpc_port", "6002", ["--dapr-internal-grpc-port", "6002"]),
    ("sidecar_listen_addresses", "0.0.0.0", ["--dapr-listen-addresses", "0.0.0.0"]),
    ("http_max_request_size", "8", ["--dapr-http-max-request-size", "8"]),
    ("max_body_size", "16Mi", ["--max-body-size", "16Mi"]),
    ("http_read_buffer_size", "9", ["--dapr-http-read-buffer-size", "9"]),
    ("read_buffer_size", "9Ki", ["--read-buffer-size", "9Ki"]),
    ("graceful_shutdown_seconds", "30", ["--dapr-graceful-shutdown-seconds", "30"]),
    ("block_shutdown_duration", "1m", ["--dapr-block-shutdown-duration", "1m"]),
    ("unix_domain_socket_path", "/tmp/s", ["--unix-domain-socket", "/var/run/dapr-sockets"]),
    ("disable_builtin_k8s_secret_store", "true", ["--disable-builtin-k8s-secret-store"]),
    (
        "enable_app_health_check",
        "true",
        [
            "--enable-app-health-check",
            "--app-health-check-path",
            "/healthz",
            "--app-health-probe-interval",
            "5",
            "--app-health-probe-timeout",
            "500",
            "--app-health-threshold",
            "3",
        ],
    ),
    ("app_binding_options_timeout", "30s", ["--app-binding-options-timeout", "30s"]),
    ("placement_host_address", "p:1", ["--placement-host-address", "p:1"]),
    ("scheduler_host_address", "s:1", ["--scheduler-host-address", "s:1"]),
    ("scheduler_host_address", "", ["--scheduler-host-address", ""]),
    ("actors_disseminate_timeout", "5s", ["--actors-disseminate-timeout", "5s"]),
    ("sentry_request_jwt_audiences", "a,b", ["--sentry-request-jwt-audiences", "a,b"]),
    ("disable_init_endpoints", "config", ["--disable-init-endpoints", "config"]),
]


def stands_in(part: list[str], whole: list[str]) -> bool:
    return any(whole[start : start + len(part)] == part for start in range(len(whole)))


@pytest.mark.parametrize(("name", "value", "flags"), FLAGS, ids=[f"{name}={value}" for name, value, _ in FLAGS])
def test_an_annotation_becomes_flags(name: str, value: str, flags: list[str]) -> None:
    assert stands_in(flags, arguments(pod(**{name: value})))
    assert not stands_in(flags, arguments(pod()))


def test_metrics_that_are_off_leave_out_their_flags_and_say_so_in_the_label() -> None:
    off = pod(enable_metrics="false")
    assert "--enable-metrics" not in arguments(off)
    assert "--metrics-port" not in arguments(off)
    assert injected(off)["metadata"]["labels"]["dapr.io/metrics-enabled"] == "false"


def test_an_empty_placement_address_takes_the_sidecar_out_of_placement() -> None:
    assert "--placement-host-address" not in arguments(pod(placement_host_address='""'))


def test_where_actors_are_off_an_annotated_address_still_counts() -> None:
    off = InjectionSettings(image="i", namespace="n", actors=None)
    assert "--placement-host-address" not in arguments(pod(), off)
    assert value_of("--placement-host-address", arguments(pod(placement_host_address="p:1"), off)) == "p:1"


def test_another_actors_service_is_named_with_its_address() -> None:
    other = InjectionSettings(image="i", namespace="n", actors=PlatformService("mine", "svc", 7))
    assert value_of("--actors-service", arguments(pod(), other)) == "mine:svc.n.svc.cluster.local:7"


def test_a_reminders_service_is_named_with_its_address() -> None:
    with_one = InjectionSettings(image="i", namespace="n", reminders=PlatformService("r", "svc", 7))
    assert value_of("--reminders-service", arguments(pod(), with_one)) == "r:svc.n.svc.cluster.local:7"


def test_without_a_scheduler_none_is_named() -> None:
    without = InjectionSettings(image="i", namespace="n", scheduler=False)
    assert "--scheduler-host-address" not in arguments(pod(), without)


def test_without_mtls_the_flag_is_missing() -> None:
    assert "--enable-mtls" not in arguments(pod(), SETTINGS, Admission(namespace="shop", mtls=False, trust_anchors=""))


def test_debugging_puts_the_debugger_before_the_sidecar() -> None:
    container = sidecar(pod(enable_debug="true", debug_port="4000"))
    assert container["args"][:10] == [
        "/dlv",
        "--listen",
        ":4000",
        "--accept-multiclient",
        "--headless=true",
        "--log",
        "--api-version=2",
        "exec",
        "/daprd",
        "--",
    ]
    assert {"name": "dapr-debug", "containerPort": 4000} in container["ports"]


def test_a_toleration_in_the_list_makes_the_program_a_command() -> None:
    toleration = {"key": "virtual-kubelet.io/provider", "operator": "Exists"}
    settings = InjectionSettings(image="i", namespace="n", ignore_entrypoint_tolerations=(toleration,))
    container = sidecar(pod(spec={"tolerations": [dict(toleration)]}), settings)
    assert container["command"] == ["/daprd"]
    assert container["args"][0] == "--dapr-http-port"
    assert "command" not in sidecar(pod(), settings)


# --- The container


def test_resources_are_what_is_annotated_in_kubernetes_own_form() -> None:
    container = sidecar(pod(sidecar_cpu_limit="0.5", sidecar_memory_request="1024Mi"))
    assert container["resources"] == {"limits": {"cpu": "500m"}, "requests": {"memory": "1Gi"}}


def test_one_bad_quantity_drops_all_resources_and_is_complained_of() -> None:
    value = pod(sidecar_cpu_limit="0.5", sidecar_memory_request="much")
    assert sidecar(value)["resources"] == {}
    assert "much" in patch(value).complaints[0]


def test_the_security_context_is_what_the_settings_say() -> None:
    settings = InjectionSettings(
        image="i",
        namespace="n",
        run_as_non_root=False,
        run_as_user=1000,
        run_as_group=2000,
        read_only_root_filesystem=False,
        drop_all_capabilities=True,
    )
    assert sidecar(pod(sidecar_seccomp_profile_type="RuntimeDefault"), settings)["securityContext"] == {
        "capabilities": {"drop": ["ALL"]},
        "runAsUser": 1000,
        "runAsGroup": 2000,
        "runAsNonRoot": False,
        "readOnlyRootFilesystem": False,
        "allowPrivilegeEscalation": False,
        "seccompProfile": {"type": "RuntimeDefault"},
    }


def test_a_folder_of_certificates_needs_an_administrator_on_windows() -> None:
    settings = InjectionSettings(image="i", namespace="n", run_as_user=1000)
    context = sidecar(pod(env="SSL_CERT_DIR=/certs"), settings)["securityContext"]
    assert context["windowsOptions"] == {"runAsUserName": "ContainerAdministrator"}
    assert "runAsUser" not in context
    assert context["runAsNonRoot"] is False


def test_probes_are_timed_as_annotated() -> None:
    container = sidecar(pod(sidecar_liveness_probe_delay_seconds="0", sidecar_readiness_probe_threshold="9"))
    assert "initialDelaySeconds" not in container["livenessProbe"]
    assert container["readinessProbe"]["failureThreshold"] == 9


def test_a_native_sidecar_is_an_init_container_that_stays() -> None:
    spec = injected(pod(enable_native_sidecar="true", spec={"initContainers": [{"name": "migrate"}]}))["spec"]
    assert [container["name"] for container in spec["initContainers"]] == ["migrate", "daprd"]
    assert spec["initContainers"][1]["restartPolicy"] == "Always"
    assert [container["name"] for container in spec["containers"]] == ["app"]


def test_a_pod_may_decline_the_native_sidecar_that_is_the_default() -> None:
    settings = InjectionSettings(image="i", namespace="n", native_sidecar=True)
    assert "initContainers" in injected(pod(), settings)["spec"]
    assert "initContainers" not in injected(pod(enable_native_sidecar="false"), settings)["spec"]


def test_secrets_become_references_and_are_never_read() -> None:
    found = environment(sidecar(pod(api_token_secret="a", app_token_secret="b")))
    assert found["DAPR_API_TOKEN"] == {"secretKeyRef": {"name": "a", "key": "token"}}
    assert found["APP_API_TOKEN"] == {"secretKeyRef": {"name": "b", "key": "token"}}


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("A=1, B=2", {"A": "1", "B": "2"}),
        ("A=1,2,3,B=x", {"A": "1,2,3", "B": "x"}),
        ("A=1 , B= 2", {"A": "1", "B": " 2"}),
        ("A=b=c, D=e==", {"A": "b=c", "D": "e=="}),
        ("A, D=e", {"D": "e"}),
        ("=x, D=e", {"D": "e"}),
        ("A=", {"A": ""}),
    ],
)
def test_annotated_variables(text: str, pairs: dict[str, str]) -> None:
    found = environment(sidecar(pod(env=text)))
    assert {name: found[name] for name in pairs} == pairs
    assert found["DAPR_ENV_KEYS"] == " ".join(pairs)


def test_variables_that_are_none_are_complained_of_without_their_values() -> None:
    complaints = patch(pod(env="A, =hidden1,D=e", env_from_secret="B=a:hidden2:c, =hidden3")).complaints
    assert complaints == (
        "annotation dapr.io/env: 'A, ' is left out: write NAME=value",
        "annotation dapr.io/env-from-secret: B is left out: write NAME=secret:key",
    )
    [complaint] = patch(pod(env="=hidden")).complaints
    assert complaint == "annotation dapr.io/env: a part without a name is left out: write NAME=value"


def test_variables_from_secrets() -> None:
    found = environment(sidecar(pod(env_from_secret="A=s:k, B=t, C=a:b:c")))
    assert found["A"] == {"secretKeyRef": {"name": "s", "key": "k"}}
    assert found["B"] == {"secretKeyRef": {"name": "t", "key": "t"}}
    assert "C" not in found
    assert found["DAPR_ENV_KEYS"] == "A B C"


def test_the_downward_address_is_the_pods() -> None:
    settings = InjectionSettings(image="i", namespace="n", downward_host_ip=True)
    assert environment(sidecar(pod(), settings))["DAPR_HOST_IP"] == {"fieldRef": {"fieldPath": "status.podIP"}}


# --- Volumes


def test_mounts_of_the_pods_volumes_join_and_unknown_ones_are_complained_of() -> None:
    value = pod(
        volume_mounts="a:/a, x:/x, bad", volume_mounts_rw="b:/b", spec={"volumes": [{"name": "a"}, {"name": "b"}]}
    )
    made = patch(value)
    assert sidecar(value)["volumeMounts"][:2] == [
        {"name": "a", "readOnly": True, "mountPath": "/a"},
        {"name": "b", "mountPath": "/b"},
    ]
    assert len(made.complaints) == 2


def test_sockets_are_shared_in_memory() -> None:
    spec = injected(pod(unix_domain_socket_path="/run/dapr"))["spec"]
    assert spec["volumes"][0] == {"name": "dapr-unix-domain-socket", "emptyDir": {"medium": "Memory"}}
    assert spec["containers"][0]["volumeMounts"] == [{"name": "dapr-unix-domain-socket", "mountPath": "/run/dapr"}]


def test_an_application_keeps_its_own_variables_and_mounts() -> None:
    app = APP | {
        "env": [{"name": "DAPR_HTTP_PORT", "value": "1"}],
        "volumeMounts": [{"name": "own", "mountPath": "/run/dapr"}],
    }
    spec = injected(pod(app, unix_domain_socket_path="/run/dapr"))["spec"]
    assert environment(spec["containers"][0])["DAPR_HTTP_PORT"] == "1"
    assert spec["containers"][0]["volumeMounts"] == [{"name": "own", "mountPath": "/run/dapr"}]


def test_without_a_token_of_its_own_the_injector_projects_none() -> None:
    spec = injected(pod(), InjectionSettings(image="i", namespace="n", token_volume=False))["spec"]
    assert "volumes" not in spec
    assert "volumeMounts" not in spec["containers"][1]


@pytest.mark.parametrize(
    ("protocol", "ssl", "told"),
    [
        ("http", False, "http"),
        ("HTTP", True, "https"),
        ("grpc", True, "grpcs"),
        ("h2c", True, "h2c"),
        ("grpcs", False, "grpcs"),
        ("", True, "http"),
        ("carrier-pigeon", False, None),
    ],
)
def test_the_application_is_told_its_protocol(protocol: str, ssl: bool, told: str | None) -> None:
    spec = injected(pod(app_protocol=protocol, app_ssl=str(ssl).lower()))["spec"]
    assert environment(spec["containers"][0]).get("APP_PROTOCOL") == told


# --- Pluggable components

REDIS = Component("store", json.dumps({"image": "store:1", "volumeMounts": [{"name": "data", "mountPath": "/d"}]}), ())


def test_named_containers_share_the_sockets_with_the_sidecar() -> None:
    spec = injected(pod(APP, {"name": "store"}, pluggable_components="other, store"))["spec"]
    socket = {"name": "dapr-components-unix-domain-socket", "mountPath": "/tmp/dapr-components-sockets"}
    assert socket in spec["containers"][1]["volumeMounts"]
    assert socket in spec["containers"][2]["volumeMounts"]
    assert environment(spec["containers"][1]) == {"DAPR_COMPONENT_SOCKETS_FOLDER": socket["mountPath"]}
    assert environment(spec["containers"][2])["DAPR_COMPONENT_SOCKETS_FOLDER"] == socket["mountPath"]


def test_the_folder_of_sockets_may_be_annotated() -> None:
    spec = injected(pod(APP, {"name": "store"}, pluggable_components="store", pluggable_components_sockets_folder="/s"))
    assert environment(spec["spec"]["containers"][1]) == {"DAPR_COMPONENT_SOCKETS_FOLDER": "/s"}


def test_containers_of_components_are_added_when_asked_for() -> None:
    value = pod(inject_pluggable_components="true")
    spec = injected(value, SETTINGS, ADMISSION, REDIS)["spec"]
    [added] = [container for container in spec["containers"] if container["name"] == "store"]
    assert added["image"] == "store:1"
    assert {"name": "data", "emptyDir": {}} in spec["volumes"]
    assert not any(c["name"] == "store" for c in injected(pod(), SETTINGS, ADMISSION, REDIS)["spec"]["containers"])


def test_no_volume_is_lost_or_doubled_when_components_join() -> None:
    value = pod(inject_pluggable_components="true")
    twin = Component("twin", json.dumps({"image": "t", "volumeMounts": [{"name": "data", "mountPath": "/e"}]}), ())
    names = [volume["name"] for volume in injected(value, SETTINGS, ADMISSION, REDIS, twin)["spec"]["volumes"]]
    assert names == ["dapr-identity-token", "dapr-components-unix-domain-socket", "data"]


def test_only_components_in_scope_count_one_an_image_and_bad_ones_are_complained_of() -> None:
    value = pod(inject_pluggable_components="true")
    foreign = Component("foreign", '{"image": "f"}', ("other",))
    same = Component("same", '{"image": "store:1"}', ("web",))
    bad = Component("bad", "{", ())
    made = patch(value, SETTINGS, ADMISSION, REDIS, foreign, same, bad)
    names = [container["name"] for container in applied(value, made)["spec"]["containers"]]
    assert names == ["app", "daprd", "store"]
    assert len(made.complaints) == 1
    assert "bad" in made.complaints[0]


# --- For any pod

names = st.sampled_from(["app", "store", "side", "x"])
variables = st.lists(st.sampled_from(["A", "DAPR_HTTP_PORT", "APP_PROTOCOL"]).map(lambda n: {"name": n, "value": "1"}))
mounts = st.lists(st.sampled_from(["a", "b"]).map(lambda n: {"name": n, "mountPath": f"/{n}"}))
containers = st.lists(
    st.fixed_dictionaries({"name": names}, optional={"env": variables, "volumeMounts": mounts}),
    max_size=4,
    unique_by=lambda container: container["name"],
)
volumes = st.lists(st.sampled_from(["a", "b", "dapr-identity-token"]), unique=True).map(
    lambda names: [{"name": name} for name in names]
)
toggles = st.fixed_dictionaries(
    {},
    optional={
        "dapr.io/enable-native-sidecar": st.just("true"),
        "dapr.io/unix-domain-socket-path": st.just("/u"),
        "dapr.io/pluggable-components": names,
        "dapr.io/inject-pluggable-components": st.just("true"),
        "dapr.io/volume-mounts": st.just("a:/a,b:/b"),
        "dapr.io/enable-debug": st.just("true"),
    },
)


@given(containers, volumes, toggles, st.dictionaries(names, names, max_size=2))
def test_a_patch_applies_to_any_pod_once_and_takes_nothing_away(
    app: list[Json], present: list[Json], annotations: dict[str, str], labels: dict[str, str]
) -> None:
    value = {
        "metadata": {"name": "web", "annotations": annotations, **({"labels": labels} if labels else {})},
        "spec": {**({"containers": app} if app else {}), **({"volumes": present} if present else {})},
    }
    result = injected(value, SETTINGS, ADMISSION, REDIS)
    spec = result["spec"]
    everywhere = [*spec["containers"], *spec.get("initContainers", [])]
    assert sum(container["name"] == "daprd" for container in everywhere) == 1
    declared = [volume["name"] for volume in spec.get("volumes", [])]
    assert len(declared) == len(set(declared))
    assert spec.get("volumes", [])[: len(present)] == present
    for before, after in zip(app, spec["containers"], strict=False):
        assert after["name"] == before["name"]
        assert after.get("env", [])[: len(before.get("env", []))] == before.get("env", [])
    mounted = {mount["name"] for container in everywhere for mount in container.get("volumeMounts", [])}
    assert mounted - {"a", "b"} <= set(declared)
    assert patch(result).operations == ()
