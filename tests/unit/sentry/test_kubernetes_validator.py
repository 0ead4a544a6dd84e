"""What the kubernetes validator makes of pods and of answers that no API server of the tests gives."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.fake_kube import Answer, Asked, BreakOff, FakeApi, Stream, fake_api, listing, pieces, refusal

from dapr_core.identity.spiffe import TrustDomain, workload_id
from dapr_core.kube import Key, KubeClient, UnreachableError
from dapr_core.kube.kinds import SECRET
from dapr_core.kube.tokenreview import TokenReview
from dapr_core.process.health import HealthRegistry
from dapr_sentry.authority.images import ContainerImage, images_extension
from dapr_sentry.cluster import _patiently, domain_of, mtls_of, mtls_section
from dapr_sentry.settings import MtlsSection, SettingsError
from dapr_sentry.validators.contract import Claim, Proof, RefusedError
from dapr_sentry.validators.kubernetes import KubernetesValidator, holder_of
from dapr_sentry.validators.kubernetes_pods import Pod, digest_of, expected_of, pod_of

SENTRY = workload_id(TrustDomain("cluster.local"), "dapr-system", "dapr-sentry")
TOKEN = json.dumps({"kubernetes.io": {"pod": {"name": "mypod"}}})
GOOD: dict[str, Any] = {
    "authenticated": True,
    "audiences": [str(SENTRY)],
    "user": {"username": "system:serviceaccount:apps:app"},
}


def pod(name: str = "mypod", namespace: str = "apps", account: str = "app", **annotations: str) -> dict[str, Any]:
    notes = {f"dapr.io/{key.replace('_', '-')}": value for key, value in annotations.items()}
    return {
        "metadata": {"name": name, "namespace": namespace, "uid": "u", "resourceVersion": "1", "annotations": notes},
        "spec": {"serviceAccountName": account, "containers": [{"name": "app", "image": "local/app:1"}]},
    }


class Cluster:
    """Answers as an API server would that knows these pods and gives this verdict."""

    def __init__(self, verdict: Any, *pods: dict[str, Any], watched: bool = True) -> None:
        self.verdict = verdict
        self.pods = list(pods)
        self.watched = watched

    def __call__(self, asked: Asked) -> Answer | Stream:
        if asked.path.endswith("/tokenreviews"):
            return self.verdict if isinstance(self.verdict, Answer) else Answer({"status": self.verdict})
        if asked.watches:
            return Stream(pieces(hold=True))
        if asked.path == "/api/v1/pods":
            return listing(*(self.pods if self.watched else []), version="5")
        if "/pods/" in asked.path:
            name = asked.path.rpartition("/")[2]
            return next(
                (Answer(each) for each in self.pods if each["metadata"]["name"] == name), refusal(404, "NotFound")
            )
        return listing(version="5")


def validate(
    cluster: Cluster, app_id: str = "mypod", namespace: str = "apps", token: str = TOKEN
) -> tuple[Proof, FakeApi]:
    async def story() -> tuple[Proof, FakeApi]:
        async with asyncio.timeout(30), fake_api(cluster) as server, KubeClient(server.config()) as client:
            health = HealthRegistry()
            validator = KubernetesValidator(client, SENTRY, "dapr-system", health.target("t"))
            await validator.start()
            try:
                await health.wait_healthy()
                return await validator.validate(Claim(app_id, namespace, token=token)), server
            finally:
                await validator.stop()

    return asyncio.run(story())


def test_the_api_server_is_asked_about_both_audiences_in_their_order() -> None:
    proof, server = validate(Cluster(GOOD, pod()))
    assert str(proof.identity) == "spiffe://public/ns/apps/mypod"
    assert proof.images == (ContainerImage("app", "app", "local/app:1"),)
    (review,) = [asked for asked in server.asked if asked.path.endswith("/tokenreviews")]
    assert review.object["spec"] == {"token": TOKEN, "audiences": ["dapr.io/sentry", str(SENTRY)]}
    assert not [asked for asked in server.asked if "/pods/" in asked.path]


def test_a_pod_that_no_watch_has_told_of_is_asked_for() -> None:
    proof, server = validate(Cluster(GOOD, pod(), watched=False))
    assert str(proof.identity) == "spiffe://public/ns/apps/mypod"
    assert [asked.path for asked in server.asked if "/pods/" in asked.path] == ["/api/v1/namespaces/apps/pods/mypod"]


@pytest.mark.parametrize(
    ("verdict", "reason"),
    [
        (refusal(403, "Forbidden", "no right to ask"), "token review failed: no right to ask"),
        (Answer(raw=b"nonsense"), "token review failed: "),
        ({**GOOD, "error": "expired"}, "invalid token: expired"),
        ({**GOOD, "authenticated": False}, "authentication failed"),
        ({**GOOD, "authenticated": "true"}, "authentication failed"),
        ({}, "authentication failed"),
        ({**GOOD, "audiences": ["api"]}, "for none of the audiences of sentry"),
        ({**GOOD, "user": {"username": "admin"}}, "not a properly structured service account token"),
        ({**GOOD, "user": {"username": "system:node:apps:app"}}, "not a properly structured service account token"),
        ({**GOOD, "user": {"username": "system:serviceaccount::app"}}, "not a properly structured"),
        ({**GOOD, "user": {"username": "system:serviceaccount:apps:other"}}, "pod service account mismatch"),
        ({**GOOD, "user": {"username": "system:serviceaccount:else:app"}}, "namespace mismatch"),
    ],
    ids=[
        "forbidden", "nonsense", "error", "not authenticated", "a word for yes", "empty",
        "another audience", "a user", "a node", "no namespace", "another account", "another namespace",
    ],
)  # fmt: skip
def test_a_verdict_that_is_no_clear_yes_is_a_no(verdict: Any, reason: str) -> None:
    with pytest.raises(RefusedError, match="(?i)" + reason):
        validate(Cluster(verdict, pod()))


@pytest.mark.parametrize(
    ("token", "reason"),
    [
        ("", "does not contain a token"),
        ("x" * 70_000, "longer than 65536 bytes"),
        ("{}", "claim is missing"),
        ('{"kubernetes.io":{"pod":{"name":5}}}', "claim is missing"),
        ("{" * 100_000, "longer than"),
        ('{"a":' * 9000, "no JSON"),
        ("opaque", "failed to parse Kubernetes token"),
        ('{"kubernetes.io":{"pod":{"name":"gone"}}}', "failed to get pod of identity"),
        ('{"kubernetes.io":{"pod":{"name":"../secrets/x"}}}', "failed to get pod of identity"),
        ('{"kubernetes.io":{"pod":{"name":"mypod","uid":"another"}}}', "the pod of the token is gone"),
    ],
    ids=range(10),
)
def test_a_token_that_names_no_pod_of_the_cluster_is_refused(token: str, reason: str) -> None:
    with pytest.raises(RefusedError, match=reason):
        validate(Cluster(GOOD, pod()), token=token)


def test_before_pods_are_known_every_request_is_refused() -> None:
    async def story() -> None:
        async with fake_api(lambda _asked: refusal(503)) as server, KubeClient(server.config()) as client:
            health = HealthRegistry()
            validator = KubernetesValidator(client, SENTRY, "dapr-system", health.target("t"))
            await validator.start()
            with pytest.raises(RefusedError, match="validator not ready"):
                await validator.validate(Claim("mypod", "apps", token=TOKEN))
            assert not health.healthy
            await validator.stop()

    asyncio.run(story())


def test_what_the_server_says_of_the_pod_must_not_contradict_the_token() -> None:
    review = TokenReview(
        True,
        username="system:serviceaccount:apps:app",
        extra={"authentication.kubernetes.io/pod-name": ("another",)},
    )
    with pytest.raises(RefusedError, match="names another pod"):
        holder_of(TOKEN, review, ["us"])


@pytest.mark.parametrize(
    ("told", "aud", "good"),
    [
        ((), None, True),
        ((), "us", True),
        ((), ["others", "us"], True),
        ((), "others", False),
        ((), ["others"], False),
        ((), [], False),
        ((), 5, False),
        (("us",), "others", True),
    ],
    ids=["nothing", "us", "us too", "others", "only others", "nobody", "nonsense", "the server knows better"],
)
def test_where_the_server_tells_no_audience_the_tokens_own_counts(
    told: tuple[str, ...], aud: object, good: bool
) -> None:
    """A server that knows none takes tokens that were meant for others; the public project's test server tells none."""
    review = TokenReview(True, audiences=told, username="system:serviceaccount:apps:app")
    claims = {"kubernetes.io": {"pod": {"name": "mypod"}}, **({} if aud is None else {"aud": aud})}
    if good:
        assert holder_of(json.dumps(claims), review, ["us", "dapr.io/sentry"]).pod == "mypod"
        return
    with pytest.raises(RefusedError, match="for none of the audiences of sentry"):
        holder_of(json.dumps(claims), review, ["us", "dapr.io/sentry"])


# --- Whom a pod may be


@pytest.mark.parametrize(
    ("annotations", "namespace", "expected"),
    [
        ({}, "apps", ("mypod", False)),
        ({"app_id": "a"}, "apps", ("a", False)),
        ({"app_id": ""}, "apps", ("", False)),
        ({"control_plane": "operator"}, "dapr-system", ("dapr-operator", True)),
        ({"control_plane": "scheduler"}, "dapr-system", ("dapr-scheduler", True)),
        ({"control_plane": "operator"}, "apps", "in namespace 'apps' is not allowed"),
        ({"control_plane": "dashboard"}, "dapr-system", "unknown control plane service 'mypod'"),
        ({"control_plane": ""}, "dapr-system", "unknown control plane service"),
        ({"control_plane": "operator", "app_id": "a"}, "dapr-system", "cannot have annotation 'dapr.io/app-id'"),
    ],
    ids=str,
)
def test_whom_a_pod_may_be(annotations: dict[str, str], namespace: str, expected: tuple[str, bool] | str) -> None:
    found = pod_of(pod(**annotations))
    if isinstance(expected, str):
        with pytest.raises(RefusedError, match=expected):
            expected_of(Key(namespace, "mypod"), found, "dapr-system")
        return
    answer = expected_of(Key(namespace, "mypod"), found, "dapr-system")
    assert (answer.app_id, answer.control_plane) == expected


@pytest.mark.parametrize(
    ("image_id", "digest"),
    [
        ("docker.io/x@sha256:1", "sha256:1"),
        ("docker-pullable://a@b@sha256:1", "sha256:1"),
        ("sha256:1", "sha256:1"),
        ("docker.io/x:tag", ""),
        ("", ""),
    ],
)
def test_a_digest_is_found_in_every_form(image_id: str, digest: str) -> None:
    assert digest_of(image_id) == digest


def test_native_sidecars_come_first_and_other_init_containers_never() -> None:
    thing = pod()
    thing["spec"]["initContainers"] = [
        {"name": "setup", "image": "s"},
        {"name": "daprd", "image": "d", "restartPolicy": "Always"},
    ]
    thing["status"] = {"initContainerStatuses": [{"name": "daprd", "imageID": "d@sha256:2"}], "containerStatuses": None}
    assert pod_of(thing).images == (
        ContainerImage("daprd", "daprd", "d", "sha256:2"),
        ContainerImage("app", "app", "local/app:1"),
    )


def test_images_beyond_what_a_certificate_can_hold_are_left_out() -> None:
    thing = pod()
    thing["spec"]["containers"] = [{"name": f"c{number}", "image": "x" * 200} for number in range(100)]
    assert pod_of(thing).images == ()


@pytest.mark.parametrize(
    ("mtls", "reason"),
    [
        ({"tokenValidators": [{"name": "kubernetes"}]}, "cannot be configured manually"),
        ({"tokenValidators": [{"name": "insecure"}]}, "cannot be configured manually"),
        ({"tokenValidators": [{"name": "ldap"}]}, "invalid token validator name: 'ldap'; supported values: 'jwks'"),
        ({"tokenValidators": "jwks"}, "no list of validators"),
        ({"workloadCertTTL": 5}, "workloadCertTTL is no text"),
    ],
    ids=["kubernetes", "insecure", "unknown", "no list", "number"],
)
def test_a_configuration_that_the_cluster_should_have_refused_is_refused(mtls: dict[str, Any], reason: str) -> None:
    with pytest.raises(SettingsError, match=reason):
        mtls_of({"spec": {"mtls": mtls}})


def test_a_configuration_is_read_for_what_sentry_needs() -> None:
    assert mtls_of({"spec": {}}) is None
    mtls = {"enabled": True, "workloadCertTTL": "1h", "tokenValidators": [{"name": "jwks", "options": {"source": "x"}}]}
    assert mtls_of({"spec": {"mtls": mtls}}) == MtlsSection("1h", "", ({"source": "x"},))


def test_a_cluster_that_cannot_be_reached_at_once_is_asked_again() -> None:
    answers: list[Any] = [BreakOff(), BreakOff(), Answer({"spec": {"mtls": {"workloadCertTTL": "1h"}}})]

    async def story() -> None:
        async with fake_api(lambda _asked: answers.pop(0)) as server, KubeClient(server.config()) as client:
            assert await mtls_section(client, "daprsystem", "dapr-system") == MtlsSection("1h")

    asyncio.run(story())


def test_a_cluster_that_stays_unreachable_is_an_error_at_last() -> None:
    async def story() -> None:
        async with fake_api(lambda _asked: BreakOff()) as server, KubeClient(server.config()) as client:
            with pytest.raises(UnreachableError):
                await _patiently(lambda: client.get(SECRET, "s", "n"), within=1.0)
            assert 2 <= len(server.asked) <= 10

    asyncio.run(story())


def test_a_configuration_that_is_not_there_means_defaults() -> None:
    async def story() -> None:
        async with fake_api(lambda _asked: refusal(404, "NotFound")) as server, KubeClient(server.config()) as client:
            assert await mtls_section(client, "daprsystem", "dapr-system") is None

    asyncio.run(story())


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=10,
)


@given(st.dictionaries(st.sampled_from(["metadata", "spec", "status"]), ANY_JSON))
def test_whatever_a_server_calls_a_pod_can_be_read(thing: dict[str, Any]) -> None:
    assert isinstance(pod_of(thing), Pod)


@given(st.lists(st.builds(ContainerImage, st.just("app"), st.text(max_size=40), st.text(max_size=300)), max_size=12))
def test_the_extension_is_an_octet_string_of_json_in_der(images: list[ContainerImage]) -> None:
    value = images_extension(images).value
    assert value[0] == 0x04
    if value[1] < 0x80:
        length, start = value[1], 2
    else:
        start = 2 + (value[1] & 0x7F)
        length = int.from_bytes(value[2:start], "big")
        assert length >= 0x80
        assert value[2] != 0
    assert length == len(value) - start
    told = json.loads(value[start:])
    assert [each["containerName"] for each in told] == [each.container for each in images]
    assert all(list(each)[:3] == ["role", "containerName", "image"] for each in told)


@pytest.mark.parametrize(
    ("name", "domain"),
    [
        ("kubernetes.default.svc.cluster.local", "cluster.local"),
        ("kubernetes.default.svc.k8s.example.", "k8s.example"),
        ("kubernetes.default.svc", None),
        ("other.default.svc.cluster.local", None),
        ("", None),
        ("kubernetes.default.svc.Bad Name", None),
    ],
)
def test_the_domain_of_a_cluster_stands_behind_the_service_of_its_api(name: str, domain: str | None) -> None:
    found = domain_of(name)
    assert (None if found is None else found.name) == domain
