"""Resources with each field wrong in turn: told of where their author looks, and no harm to any other.

A cluster's own definitions refuse nearly all of them (``crds/test_definitions.py``); here the definitions let all
pass, as older or hand-made ones do, on an API server of the module's own. For every kind, every field is
wrong in one object: of another type, missing, or out of bounds.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import pytest
import requests
from cluster.control_plane import Operator, system_configuration
from cluster.kube import apiserver, programs
from cluster.kube.apiserver import ApiServer
from cluster.kube.client import Client
from cluster.workload import connected, identity_of
from support import wrong_resources
from support.processes import Daprd, wait_until
from support.sentry_process import Sentry, sentry

from dapr_core.proto.gen.operator.v1 import operator_pb2 as pb
from dapr_core.resources import crds

Json = dict[str, Any]
APP: Final = "text"
"""The application in whose scope the samples are."""
SAMPLES: Final = wrong_resources.one_a_field()
"""``unit/operator/test_checking.py`` has every sample."""
pytestmark = pytest.mark.timeout(900)
LONG: Final = 240.0
"""Seconds for work on hundreds of objects on a busy machine."""


@dataclass
class World:
    """A control plane, and a namespace full of wrong resources."""

    server: ApiServer
    plane: str
    namespace: str
    authority: Sentry
    operator: Operator = field(init=False)

    @property
    def admin(self) -> Client:
        return self.server.admin

    def start_operator(self) -> None:
        anchors = self.authority.credentials / "ca.crt"
        self.operator = Operator(self.server, self.plane, anchors, ENABLE_WEBHOOKS="false")
        self.operator.wait_ready()

    def good(self, name: str) -> None:
        spec = {"type": "state.in-memory", "version": "v1", "metadata": []}
        component = {"apiVersion": "dapr.io/v1alpha1", "kind": "Component", "metadata": {"name": name}, "spec": spec}
        self.admin.create(component, namespace=self.namespace)

    def served(self) -> set[str]:
        """Names of the components that the operator gives the application."""

        async def main() -> list[bytes]:
            identity = identity_of(
                APP,
                self.namespace,
                sentry=self.authority.address,
                anchors=self.authority.credentials / "ca.crt",
                control_plane=self.plane,
            )
            async with asyncio.timeout(60), identity as mine, connected(mine, self.operator.port, self.plane) as stub:
                found = await stub.list_components(pb.ListComponentsRequest(namespace=self.namespace), timeout=20)
                return list(found.components)

        return {json.loads(each)["metadata"]["name"] for each in asyncio.run(main())}


@pytest.fixture(scope="module")
def lenient() -> Iterator[ApiServer]:
    """An API server whose definitions know no fields."""
    for program in programs.API_PROGRAMS:
        if programs.path(program) is None:
            pytest.skip(f"{program} is not installed; make test-cluster builds it (once, some minutes)")
    with apiserver.running() as server:
        for _, definition in crds.documents():
            definition["spec"]["conversion"] = {"strategy": "None"}
            for version in definition["spec"]["versions"]:
                anything = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
                version["schema"] = {"openAPIV3Schema": anything}
            server.admin.apply(definition)
        for _, definition in crds.documents():
            name = definition["metadata"]["name"]
            server.admin.wait_condition(definition["apiVersion"], definition["kind"], name, "Established")
        yield server


@pytest.fixture(scope="module")
def world(lenient: ApiServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    admin, folder = lenient.admin, tmp_path_factory.mktemp("credentials")
    plane, namespace = (f"{name}-{secrets.token_hex(4)}" for name in ("plane", "apps"))
    for name in (plane, namespace):
        admin.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
    with sentry(folder, "--trust-domain=cluster.local", env={"NAMESPACE": plane}) as authority:
        system_configuration(admin, plane, authority.address)
        made = World(lenient, plane, namespace, authority)
        made.start_operator()
        try:
            for sample in SAMPLES:
                admin.create(sample.value, namespace=namespace)
            yield made
        finally:
            code = made.operator.terminate()
        assert code == 0, made.operator.output[-5000:]
        assert "Traceback" not in made.operator.output, made.operator.output[-5000:]


def test_there_is_a_sample_for_every_kind_and_most_sorts() -> None:
    assert len({sample.kind for sample in SAMPLES}) == 7
    assert sum(sample.is_told for sample in SAMPLES) > 300


def _conditions(world: World) -> dict[str, str]:
    """The message of each wrong resource's condition."""
    found = {}
    for api_version, kind in {(sample.api_version, sample.kind) for sample in SAMPLES}:
        for thing in world.admin.list(api_version, kind, world.namespace):
            for condition in thing.get("status", {}).get("conditions", ()):
                assert (condition["type"], condition["reason"]) == ("Valid", "FieldsDoNotRead")
                assert condition["status"] == "False"
                found[f"{kind}/{thing['metadata']['name']}"] = condition["message"]
    return found


def _events(world: World) -> dict[str, str]:
    events = world.admin.list("events.k8s.io/v1", "Event", world.namespace)
    return {
        f"{event['regarding']['kind']}/{event['regarding']['name']}": event["note"]
        for event in events
        if event["reason"] == "FieldsDoNotRead"
    }


@pytest.mark.parametrize("where", [_conditions, _events], ids=["condition", "Event"])
def test_each_wrong_field_is_named_with_its_remedy(world: World, where: Any) -> None:
    wanted = {f"{sample.kind}/{sample.name}": sample for sample in SAMPLES if sample.is_told}
    what = "what is wrong to be told of each"
    wait_until(lambda: where(world).keys() >= wanted.keys(), what=what, timeout=LONG, pause=0.5)
    told = where(world)
    for name, sample in wanted.items():
        assert sample.case.path in told[name], f"{sample}: {told[name]}"
        assert "; write " in told[name] or "; add " in told[name], f"{sample}: {told[name]}"


def test_what_sidecars_read_all_the_same_is_left_alone(world: World) -> None:
    told = _conditions(world)
    for sample in SAMPLES:
        if sample.case.sort == "has an unknown field":
            assert f"{sample.kind}/{sample.name}" not in told, sample


def test_good_resources_are_served_among_the_wrong_ones(world: World) -> None:
    world.good("good")
    wait_until(lambda: "good" in world.served(), what="the good component", timeout=LONG)
    assert world.operator.popen.poll() is None


def test_an_operator_that_finds_them_at_its_start_serves_the_good_ones(world: World) -> None:
    world.good("waiting")
    assert world.operator.terminate() == 0
    assert "Traceback" not in world.operator.output
    world.start_operator()
    assert "waiting" in world.served()


def test_a_sidecar_is_in_service_among_wrong_resources_and_takes_good_ones(world: World) -> None:
    world.good("early")
    process = Daprd(
        APP,
        "--mode=kubernetes",
        f"--control-plane-address=127.0.0.1:{world.operator.port}",
        f"--sentry-address={world.authority.address}",
        "--enable-mtls",
        "--disable-builtin-k8s-secret-store",
        env={
            "NAMESPACE": world.namespace,
            "DAPR_TRUST_ANCHORS": world.authority.anchors.decode(),
            "DAPR_CONTROLPLANE_NAMESPACE": world.plane,
            "DAPR_CONTROLPLANE_TRUST_DOMAIN": "cluster.local",
            "DAPR_UNSAFE_SKIP_CONTAINER_UID_GID_CHECK": "true",
            "KUBECONFIG": str(world.server.kubeconfig),
        },
    )

    def usable(name: str) -> bool:
        url = f"http://127.0.0.1:{process.http_port}/v1.0/state/{name}"
        return requests.post(url, json=[{"key": "k", "value": 1}], timeout=10).status_code == 204

    try:
        process.wait_ready(timeout=LONG)
        assert usable("early")
        world.good("late")
        wait_until(lambda: usable("late"), what="the component that came later", timeout=LONG)
    finally:
        code = process.terminate()
    assert code == 0, process.output[-5000:]
    assert "Traceback" not in process.output, process.output[-5000:]


def test_definitions_of_the_public_project_which_know_no_status_are_lived_with(world: World) -> None:
    """After a switch back: the Event is all that can be written."""
    definition = next(each for _, each in crds.documents() if each["spec"]["names"]["kind"] == "Resiliency")
    path = f"/apis/apiextensions.k8s.io/v1/customresourcedefinitions/{definition['metadata']['name']}"
    drop = [{"op": "remove", "path": "/spec/versions/0/subresources"}]
    world.admin.request("PATCH", path, drop, content_type="application/json-patch+json")

    def known() -> bool:
        found = world.admin.request("GET", "/apis/dapr.io/v1alpha1")["resources"]
        return "resiliencies/status" in {each["name"] for each in found}

    wait_until(lambda: not known(), what="the status to be gone", timeout=LONG)
    wrong = {"apiVersion": "dapr.io/v1alpha1", "kind": "Resiliency", "metadata": {"name": "plain"}, "spec": ["x"]}
    world.admin.create(wrong, namespace=world.namespace)
    wait_until(lambda: "Resiliency/plain" in _events(world), what="the Event", timeout=LONG)
    assert "status" not in world.admin.get("dapr.io/v1alpha1", "Resiliency", "plain", world.namespace)
    world.good("after")
    wait_until(lambda: "after" in world.served(), what="the component that came after", timeout=LONG)
