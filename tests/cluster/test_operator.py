"""The operator as a real process: what is declared reaches the sidecars of its namespace, and nobody else."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from cluster import operators
from cluster.control_plane import Operator
from cluster.kube.apiserver import ApiServer
from cluster.kube.client import ApiError, Client
from cluster.operators import Plane
from cluster.workload import connected, identity_of
from support.processes import wait_until

from dapr_core.proto.gen.operator.v1 import operator_pb2 as pb
from dapr_core.proto.gen.operator.v1.operator_grpc import OperatorStub
from dapr_core.rpc.grpc import Code, GrpcError

Json = dict[str, Any]
DAPR = "dapr.io/v1alpha1"
ATTEMPTS = 3
"""For what has to take less than a second, of which a busy machine may take one."""


@dataclass
class Bench:
    """An operator, and a namespace with applications."""

    admin: Client
    plane: Plane
    operator: Operator
    namespace: str

    @contextlib.asynccontextmanager
    async def sidecar(self, app_id: str, namespace: str = "") -> AsyncIterator[OperatorStub]:
        plane = self.plane
        fetched = identity_of(
            app_id,
            namespace or self.namespace,
            sentry=plane.authority.address,
            anchors=plane.anchors,
            control_plane=plane.namespace,
        )
        async with fetched as identity, connected(identity, self.operator.port, plane.namespace) as stub:
            yield stub

    def run(self, work: Callable[[OperatorStub], Awaitable[Any]], app_id: str = "web", namespace: str = "") -> Any:
        async def main() -> Any:
            async with asyncio.timeout(60), self.sidecar(app_id, namespace) as stub:
                return await work(stub)

        return asyncio.run(main())

    def declare(self, kind: str, name: str, spec: Json | None = None, version: str = DAPR, **more: Any) -> Json:
        metadata = {"name": name, "namespace": self.namespace}
        whole = {"apiVersion": version, "kind": kind, "metadata": metadata, **more}
        return self.admin.apply(whole | ({"spec": spec} if spec is not None else {}))

    def component(self, name: str, *metadata: Json, **more: Any) -> Json:
        spec = {"type": "state.in-memory", "version": "v1", "metadata": list(metadata)}
        return self.declare("Component", name, spec, **more)

    def components(self, app_id: str = "web") -> dict[str, Json]:
        async def ask(stub: OperatorStub) -> list[bytes]:
            found = await stub.list_components(pb.ListComponentsRequest(namespace=self.namespace), timeout=20)
            return list(found.components)

        return {item["metadata"]["name"]: item for item in map(json.loads, self.run(ask, app_id))}


@pytest.fixture(scope="module")
def plane(api_server: ApiServer, crds: object, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plane]:
    with operators.plane(api_server, tmp_path_factory.mktemp("credentials")) as made:
        yield made


@pytest.fixture(scope="module")
def operator(plane: Plane) -> Iterator[Operator]:
    with plane.running() as process:
        yield process


@pytest.fixture
def bench(admin: Client, plane: Plane, operator: Operator, namespace: str) -> Bench:
    return Bench(admin, plane, operator, namespace)


@contextlib.asynccontextmanager
async def following(bench: Bench, events: AsyncIterator[Any], what: str) -> AsyncIterator[asyncio.Queue[Any]]:
    """The events of a stream, once the operator has taken it."""
    told: asyncio.Queue[Any] = asyncio.Queue()

    async def pump() -> None:
        async for event in events:
            told.put_nowait(event)

    pumping = asyncio.create_task(pump())
    try:
        taken = f"sidecar connected for {what}: {bench.namespace}/"
        await asyncio.to_thread(bench.operator.wait_for_line, taken)
        yield told
    finally:
        pumping.cancel()


def succeeds(work: Callable[[], Any]) -> bool:
    try:
        work()
    except GrpcError:
        return False
    return True


# --- Lists


def test_components_are_listed_with_their_kind(bench: Bench) -> None:
    made = bench.component("store", {"name": "a", "value": "b"})
    wait_until(lambda: "store" in bench.components(), what="the component to be served")
    found = bench.components()["store"]
    assert (found["apiVersion"], found["kind"], found["spec"]) == (DAPR, "Component", made["spec"])


def test_components_in_the_scope_of_others_are_not_listed(bench: Bench) -> None:
    bench.component("mine", scopes=["web"])
    bench.component("theirs", scopes=["other"])
    wait_until(lambda: "mine" in bench.components(), what="the component to be served")
    assert set(bench.components()) == {"mine"}
    assert set(bench.components("other")) == {"theirs"}


def test_values_of_secrets_come_as_base64_and_are_new_in_the_next_list(bench: Bench) -> None:
    def put(value: bytes) -> None:
        bench.admin.apply(
            {
                "apiVersion": "v1",
                "kind": "Secret",
                "metadata": {"name": "redis", "namespace": bench.namespace},
                "data": {"password": base64.b64encode(value).decode()},
            }
        )

    put(b"one")
    reference = {"name": "redis", "key": "password"}
    bench.component("store", {"name": "password", "secretKeyRef": reference})
    wait_until(lambda: "store" in bench.components(), what="the component to be served")
    [item] = bench.components()["store"]["spec"]["metadata"]
    assert item == {"name": "password", "secretKeyRef": reference, "value": base64.b64encode(b"one").decode()}
    put(b"two")
    wanted = base64.b64encode(b"two").decode()

    def renewed() -> bool:
        return bool(bench.components()["store"]["spec"]["metadata"][0]["value"] == wanted)

    wait_until(renewed, what="the new value of the secret")


def test_every_kind_that_may_takes_values_from_secrets(bench: Bench) -> None:
    data = {"token": base64.b64encode(b"sesame").decode()}
    metadata = {"name": "own", "namespace": bench.namespace}
    bench.admin.apply({"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": data})
    reference = {"secretKeyRef": {"name": "own", "key": "token"}}
    headers = [{"name": "x-token", **reference}]
    bench.declare("HTTPEndpoint", "h", {"baseUrl": "http://a", "headers": headers, "clientTLS": {"rootCA": reference}})
    bench.declare("MCPServer", "m", {"endpoint": {"streamableHTTP": {"url": "http://a", "headers": headers}}})
    otel = {"endpointAddress": "a:1", "isSecure": False, "protocol": "grpc", "headers": headers}
    bench.declare("Configuration", "c", {"tracing": {"samplingRate": "1", "otel": otel}})

    async def ask(stub: OperatorStub) -> tuple[Json, Json, Json]:
        where = bench.namespace
        endpoints = await stub.list_http_endpoints(pb.ListHTTPEndpointsRequest(namespace=where))
        servers = await stub.list_mcp_servers(pb.ListMCPServersRequest(namespace=where))
        single = await stub.get_configuration(pb.GetConfigurationRequest(name="c", namespace=where))
        raw = (endpoints.http_endpoints[0], servers.mcp_servers[0], single.configuration)
        endpoint, server, configuration = (json.loads(each)["spec"] for each in raw)
        return endpoint, server["endpoint"]["streamableHTTP"], configuration["tracing"]["otel"]

    def all_there() -> bool:
        with contextlib.suppress(GrpcError, IndexError):
            bench.run(ask)
            return True
        return False

    wait_until(all_there, what="all three resources")
    endpoint, server, tracing = bench.run(ask)
    encoded = base64.b64encode(b"sesame").decode()
    assert (endpoint["headers"][0]["value"], endpoint["clientTLS"]["rootCA"]["value"]) == (encoded, encoded)
    assert server["headers"][0]["value"] == encoded
    assert tracing["headers"][0]["value"] == "sesame", "a Configuration has it as it is"


def test_a_missing_secret_hides_no_other_component(bench: Bench) -> None:
    bench.component("good")
    bench.component("broken", {"name": "x", "secretKeyRef": {"name": "nobody", "key": "k"}})
    wait_until(lambda: len(bench.components()) == 2, what="both components")
    assert "value" not in bench.components()["broken"]["spec"]["metadata"][0]


def test_every_kind_is_listed(bench: Bench) -> None:
    bench.declare("Resiliency", "r", {"policies": {}, "targets": {}})
    bench.declare("HTTPEndpoint", "h", {"baseUrl": "http://a"})
    bench.declare(
        "Subscription",
        "s",
        {"pubsubname": "p", "topic": "t", "routes": {"default": "/t"}},
        version="dapr.io/v2alpha1",
    )

    async def ask(stub: OperatorStub) -> list[list[bytes]]:
        where = bench.namespace
        return [
            list((await stub.list_resiliency(pb.ListResiliencyRequest(namespace=where))).resiliencies),
            list((await stub.list_http_endpoints(pb.ListHTTPEndpointsRequest(namespace=where))).http_endpoints),
            list((await stub.list_subscriptions_v2(pb.ListSubscriptionsRequest(namespace=where))).subscriptions),
        ]

    wait_until(lambda: all(bench.run(ask)), what="all three resources")
    names = [[json.loads(item)["metadata"]["name"] for item in found] for found in bench.run(ask)]
    assert names == [["r"], ["h"], ["s"]]

    async def rest(stub: OperatorStub) -> list[int]:
        where = bench.namespace
        servers = await stub.list_mcp_servers(pb.ListMCPServersRequest(namespace=where))
        policies = await stub.list_workflow_access_policy(pb.ListWorkflowAccessPolicyRequest(namespace=where))
        return [len(servers.mcp_servers), len(policies.policies)]

    assert bench.run(rest) == [0, 0]


def test_single_objects_and_what_is_missing(bench: Bench) -> None:
    async def ask(stub: OperatorStub) -> Json:
        request = pb.GetConfigurationRequest(name="mine", namespace=bench.namespace)
        return dict(json.loads((await stub.get_configuration(request)).configuration))

    bench.declare("Configuration", "mine", {"tracing": {"samplingRate": "1"}})
    wait_until(lambda: succeeds(lambda: bench.run(ask)), what="the Configuration")
    assert bench.run(ask)["metadata"]["name"] == "mine"

    async def missing(stub: OperatorStub) -> None:
        await stub.get_configuration(pb.GetConfigurationRequest(name="nobody", namespace=bench.namespace))

    with pytest.raises(GrpcError, match="error getting configuration") as raised:
        bench.run(missing)
    assert raised.value.code is Code.UNKNOWN


# --- Who may ask


def test_nobody_hears_of_another_namespace(bench: Bench) -> None:
    async def ask(stub: OperatorStub) -> None:
        await stub.list_components(pb.ListComponentsRequest(namespace=bench.namespace))

    with pytest.raises(GrpcError, match="identity does not match requested namespace") as raised:
        bench.run(ask, namespace="elsewhere")
    assert raised.value.code is Code.PERMISSION_DENIED

    async def stream(stub: OperatorStub) -> None:
        async for _ in stub.component_update(pb.ComponentUpdateRequest(namespace=bench.namespace)):
            raise AssertionError("something was told")

    with pytest.raises(GrpcError, match="identity does not match"):
        bench.run(stream, namespace="elsewhere")


# --- Streams


def test_a_change_is_streamed_within_a_second(bench: Bench) -> None:
    async def follow(stub: OperatorStub) -> list[tuple[int, str, float]]:
        told: list[tuple[int, str, float]] = []
        events = stub.component_update(pb.ComponentUpdateRequest(namespace=bench.namespace))
        steps: list[Callable[[], Any]] = [
            lambda: bench.component("c", {"name": "a", "value": "1"}),
            lambda: bench.component("c", {"name": "a", "value": "2"}),
            lambda: bench.admin.delete(DAPR, "Component", "c", bench.namespace),
        ]
        async with following(bench, events, "component updates") as arriving:
            for step in steps * ATTEMPTS:
                await asyncio.to_thread(step)
                done = time.monotonic()
                event = await arriving.get()
                told.append((event.type, json.loads(event.component)["metadata"]["name"], time.monotonic() - done))
        return told

    told = bench.run(follow)
    assert [(event, name) for event, name, _ in told] == [(1, "c"), (2, "c"), (3, "c")] * ATTEMPTS
    for kind in (1, 2, 3):
        assert min(after for event, _, after in told if event == kind) < 1, told


def test_coming_into_scope_is_a_creation_and_leaving_it_a_deletion(bench: Bench) -> None:
    bench.component("c", scopes=["other"])
    wait_until(lambda: "c" in bench.components("other"), what="the component to be served")

    async def follow(stub: OperatorStub) -> list[int]:
        events = stub.component_update(pb.ComponentUpdateRequest(namespace=bench.namespace))
        async with following(bench, events, "component updates") as arriving:
            await asyncio.to_thread(lambda: bench.component("c", scopes=["other", "web"]))
            came = await arriving.get()
            await asyncio.to_thread(lambda: bench.component("c", scopes=["other"]))
            went = await arriving.get()
        return [came.type, went.type]

    assert bench.run(follow) == [1, 3]


def test_a_sidecar_hears_of_its_own_configuration_only(bench: Bench) -> None:
    bench.admin.create(
        {
            "apiVersion": "v1",
            "kind": "ServiceAccount",
            "metadata": {"name": "default", "namespace": bench.namespace},
        }
    )
    annotations = {"dapr.io/enabled": "true", "dapr.io/app-id": "web", "dapr.io/config": "mine"}
    bench.admin.create(
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": "web", "namespace": bench.namespace, "annotations": annotations},
            "spec": {"containers": [{"name": "app", "image": "app:1"}], "automountServiceAccountToken": False},
        }
    )

    def declare(rate: int) -> None:
        for name in ("other", "mine"):
            bench.declare("Configuration", name, {"tracing": {"samplingRate": str(rate)}})

    async def follow(stub: OperatorStub) -> str:
        # The pod is seen by a watch that tells nobody outside; a stream that began before hears of nothing.
        for turn in range(10):
            events = stub.configuration_update(pb.ConfigurationUpdateRequest(namespace=bench.namespace))
            async with following(bench, events, "configuration updates") as arriving:
                await asyncio.to_thread(declare, turn)
                with contextlib.suppress(TimeoutError):
                    event = await asyncio.wait_for(arriving.get(), 3)
                    return str(json.loads(event.configuration)["metadata"]["name"])
        raise AssertionError("no stream told of anything")

    assert bench.run(follow) == "mine"


# --- Services


def deployment(namespace: str, name: str = "web", **annotations: str) -> Json:
    named = {f"dapr.io/{key.replace('_', '-')}": value for key, value in annotations.items()}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {
            "selector": {"matchLabels": {"app": name}},
            "template": {
                "metadata": {"labels": {"app": name}, "annotations": {"dapr.io/enabled": "true"} | named},
                "spec": {"containers": [{"name": "app", "image": "app:1"}]},
            },
        },
    }


def service(bench: Bench, name: str) -> Json | None:
    try:
        return bench.admin.get("v1", "Service", name, bench.namespace)
    except ApiError as error:
        if error.status == 404:
            return None
        raise


def test_a_workload_gets_a_service_for_its_sidecars(bench: Bench) -> None:
    made = bench.admin.create(deployment(bench.namespace, app_id="shop", metrics_port="9191"))
    wait_until(lambda: service(bench, "shop-dapr") is not None, what="the Service")
    found = service(bench, "shop-dapr")
    assert found is not None
    assert found["spec"]["clusterIP"] == "None"
    assert found["spec"]["selector"] == {"app": "web"}
    ports = {port["name"]: (port["port"], port["targetPort"], port["appProtocol"]) for port in found["spec"]["ports"]}
    assert ports == {
        "dapr-http": (80, 3500, "http"),
        "dapr-grpc": (50001, 50001, "grpc"),
        "dapr-internal": (50002, 50002, "tls"),
        "dapr-metrics": (9191, 9191, "http"),
    }
    assert found["metadata"]["ownerReferences"][0]["uid"] == made["metadata"]["uid"]
    assert found["metadata"]["annotations"]["prometheus.io/port"] == "9191"


def test_a_service_that_somebody_changes_or_deletes_comes_back(bench: Bench) -> None:
    bench.admin.create(deployment(bench.namespace, app_id="shop"))
    wait_until(lambda: service(bench, "shop-dapr") is not None, what="the Service")
    bench.admin.delete("v1", "Service", "shop-dapr", bench.namespace)
    wait_until(lambda: service(bench, "shop-dapr") is not None, what="the Service to come back")
    bench.admin.merge("v1", "Service", "shop-dapr", {"spec": {"selector": {"app": "wrong"}}}, bench.namespace)

    def right() -> bool:
        found = service(bench, "shop-dapr")
        return found is not None and found["spec"]["selector"] == {"app": "web"}

    wait_until(right, what="the selector to come back")


def test_a_service_of_somebody_else_is_left_alone_and_an_event_says_so(bench: Bench) -> None:
    bench.admin.create(
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": "shop-dapr", "namespace": bench.namespace},
            "spec": {"selector": {"own": "thing"}, "ports": [{"port": 1}]},
        }
    )
    bench.admin.create(deployment(bench.namespace, app_id="shop"))

    def events() -> list[Json]:
        found = bench.admin.list("events.k8s.io/v1", "Event", bench.namespace)
        return [event for event in found if event["reason"] == "NoServiceForSidecars"]

    wait_until(lambda: bool(events()), what="an Event")
    assert "not made by Dapr" in events()[0]["note"]
    found = service(bench, "shop-dapr")
    assert found is not None
    assert found["spec"]["selector"] == {"own": "thing"}


def test_the_operator_leaves_nothing_on_objects(bench: Bench) -> None:
    bench.component("c")
    made = bench.admin.create(deployment(bench.namespace, app_id="shop"))
    wait_until(lambda: service(bench, "shop-dapr") is not None, what="the Service")
    component = bench.admin.get(DAPR, "Component", "c", bench.namespace)
    workload = bench.admin.get("apps/v1", "Deployment", "web", bench.namespace)
    for thing in (component, workload):
        assert "finalizers" not in thing["metadata"]
        assert "annotations" not in thing["metadata"]
    assert workload["metadata"]["resourceVersion"] == made["metadata"]["resourceVersion"]


# --- Several replicas


def test_a_replica_that_does_not_lead_serves_a_fresh_component_within_a_second_and_writes_nothing(bench: Bench) -> None:
    bench.operator.wait_for_line("Leading by the lease")
    with bench.plane.running() as second:
        other = Bench(bench.admin, bench.plane, second, bench.namespace)

        async def follow(stub: OperatorStub) -> list[float]:
            took = []
            events = stub.component_update(pb.ComponentUpdateRequest(namespace=bench.namespace))
            async with following(other, events, "component updates") as arriving:
                for number in range(ATTEMPTS):
                    begun = time.monotonic()
                    await asyncio.to_thread(bench.component, f"fresh-{number}")
                    await arriving.get()
                    took.append(time.monotonic() - begun)
            return took

        took = other.run(follow)
        assert min(took) < 1, took
        assert set(other.components()) == {f"fresh-{number}" for number in range(ATTEMPTS)}
        assert not any("Leading by the lease" in line for line in second.lines)


# --- Two versions of Subscriptions


def test_a_subscription_of_the_older_version_is_converted_by_the_operator(
    admin: Client, plane: Plane, namespace: str
) -> None:
    crd, name = "apiextensions.k8s.io/v1", "subscriptions.dapr.io"
    path = f"/apis/{crd}/customresourcedefinitions/{name}"
    process = Operator(plane.api_server, plane.namespace, plane.anchors, "--disable-leader-election=true")
    admin.apply(
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": "dapr-webhook", "namespace": plane.namespace},
            "spec": {"type": "ExternalName", "externalName": "localhost", "ports": [{"port": process.webhook_port}]},
        }
    )
    webhook = {
        "strategy": "Webhook",
        "webhook": {
            "clientConfig": {
                "service": {
                    "namespace": "replaceme",
                    "name": "dapr-webhook",
                    "path": "/convert",
                    "port": process.webhook_port,
                }
            },
            "conversionReviewVersions": ["v1", "v2alpha1"],
        },
    }
    put = [{"op": "replace", "path": "/spec/conversion", "value": webhook}]
    admin.request("PATCH", path, put, content_type="application/json-patch+json")
    try:
        process.wait_ready()
        old = {
            "apiVersion": DAPR,
            "kind": "Subscription",
            "metadata": {"name": "s", "namespace": namespace},
            "spec": {"pubsubname": "p", "topic": "t", "route": "/orders"},
        }

        def made() -> bool:
            try:
                admin.apply(old)
            except ApiError as error:
                # The API server hears a moment later than the operator of whom to ask, and by which authority.
                if "conversion webhook" not in error.message:
                    raise
                return False
            return True

        wait_until(made, what="a Subscription of the older version")
        new = admin.get("dapr.io/v2alpha1", "Subscription", "s", namespace)
        assert new["spec"]["routes"] == {"default": "/orders"}
        assert admin.get(DAPR, "Subscription", "s", namespace)["spec"]["route"] == "/orders"
    finally:
        assert process.terminate() == 0, process.output
        none = [{"op": "replace", "path": "/spec/conversion", "value": {"strategy": "None"}}]
        admin.request("PATCH", path, none, content_type="application/json-patch+json")
