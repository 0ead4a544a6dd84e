"""Who is told anything by the operator: nobody without the identity that the asked namespace belongs to (§4.2).

Every method is called by every wrong caller. The authority is the tests' own, which sentry and operator take for
theirs, so that a caller can show a certificate that no sentry would make.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
import ssl
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import pytest
from cluster.control_plane import Operator, system_configuration
from cluster.kube.apiserver import ApiServer
from cluster.kube.client import Client
from cluster.workload import CLUSTER
from cryptography import x509
from google.protobuf.message import Message
from support import credentials
from support.identities import HOUR, Authority, key_pem, now, pem
from support.sentry_process import sentry

from dapr_core.identity.bundle import TrustBundle
from dapr_core.identity.tls import client_context
from dapr_core.proto.gen.google.protobuf.empty_pb2 import Empty
from dapr_core.proto.gen.operator.v1 import operator_pb2 as pb
from dapr_core.rpc.grpc import Channel, ChannelOptions, Code, GrpcError
from dapr_core.rpc.grpc.stub import UnaryStream, UnaryUnary
from dapr_core.rpc.tls import load_identity

Json = dict[str, Any]

METHODS: Final = {method.name: method for method in pb.DESCRIPTOR.services_by_name["Operator"].methods}
LIMIT: Final = 20.0
"""Seconds for a refusal or an answer."""
DECLARED: Final = {
    "Component": {"type": "state.in-memory", "version": "v1", "metadata": []},
    "Configuration": {"tracing": {"samplingRate": "1"}},
    "Subscription": {"pubsubname": "p", "topic": "t", "routes": {"default": "/t"}},
    "Resiliency": {"policies": {}, "targets": {}},
    "HTTPEndpoint": {"baseUrl": "http://a"},
    "MCPServer": {"endpoint": {"streamableHTTP": {"url": "http://a"}}},
    "WorkflowAccessPolicy": {
        "rules": [{"callers": [{"appID": "a"}], "workflows": [{"name": "*", "operations": ["schedule"]}]}]
    },
}


@dataclass
class World:
    """An operator, the authority it trusts, and a namespace that has one resource of each kind."""

    admin: Client
    plane: str
    namespace: str
    root: Authority
    operator: Operator

    @property
    def owner(self) -> str:
        """The id to which the namespace belongs."""
        return f"spiffe://{CLUSTER.name}/ns/{self.namespace}/web"

    def shown(self, *uris: str, signer: Authority | None = None, **properties: Any) -> ssl.SSLContext:
        """The context of a client that shows a certificate with these URIs."""
        leaf, key = (signer or self.root).issue(*uris, **properties)
        context = client_context(TrustBundle.parse(pem(self.root.certificate)))
        load_identity(context, pem(leaf), key_pem(key))
        return context

    def declare(self, kind: str, name: str) -> None:
        version = "dapr.io/v2alpha1" if kind == "Subscription" else "dapr.io/v1alpha1"
        metadata = {"name": name, "namespace": self.namespace}
        self.admin.apply({"apiVersion": version, "kind": kind, "metadata": metadata, "spec": DECLARED[kind]})


@pytest.fixture(scope="module")
def world(api_server: ApiServer, crds: object, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    admin = api_server.admin
    plane, namespace = (f"{name}-{secrets.token_hex(4)}" for name in ("plane", "apps"))
    for name in (plane, namespace):
        admin.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
    folder = tmp_path_factory.mktemp("credentials")
    root = Authority()
    credentials.put(folder, root, root)
    with sentry(folder, f"--trust-domain={CLUSTER.name}", env={"NAMESPACE": plane}) as authority:
        system_configuration(admin, plane, authority.address)
        operator = Operator(api_server, plane, folder / "ca.crt", ENABLE_WEBHOOKS="false")
        made = World(admin, plane, namespace, root, operator)
        for kind in DECLARED:
            made.declare(kind, "here")
        try:
            operator.wait_ready()
            yield made
        finally:
            assert operator.terminate() == 0, operator.output
    for name in (plane, namespace):
        admin.delete("v1", "Namespace", name)


WRONG: Final[dict[str, Callable[[World], ssl.SSLContext | None]]] = {
    "without TLS": lambda world: None,
    "without a certificate": lambda world: client_context(TrustBundle.parse(pem(world.root.certificate))),
    "of another authority": lambda world: world.shown(world.owner, signer=Authority("other")),
    "expired": lambda world: world.shown(world.owner, start=now() - 2 * HOUR, end=now() - HOUR),
    "not yet valid": lambda world: world.shown(world.owner, start=now() + HOUR, end=now() + 2 * HOUR),
    "with a certificate of an authority": lambda world: world.shown(
        world.owner, constraints=x509.BasicConstraints(True, None)
    ),
    "with a name and no id": lambda world: world.shown(dns=["web.apps.svc"]),
    "with two ids": lambda world: world.shown(world.owner, f"{world.owner}2"),
    "with a URI that is no id": lambda world: world.shown(f"https://ns/{world.namespace}/web"),
    "with a trust domain for an id": lambda world: world.shown(f"spiffe://{CLUSTER.name}"),
    "with an id that is no workload's": lambda world: world.shown(f"spiffe://{CLUSTER.name}/{world.namespace}/web"),
    "of another namespace": lambda world: world.shown(f"spiffe://{CLUSTER.name}/ns/elsewhere/web"),
    "of a namespace that begins alike": lambda world: world.shown(f"spiffe://{CLUSTER.name}/ns/{world.namespace}2/web"),
    "of the control plane": lambda world: world.shown(f"spiffe://{CLUSTER.name}/ns/{world.plane}/dapr-operator"),
}


def request(method: str, namespace: str) -> Message:
    name = METHODS[method].input_type.name
    if name == "Empty":
        return Empty()
    made = getattr(pb, name)(namespace=namespace)
    if "name" in made.DESCRIPTOR.fields_by_name:
        made.name = "here"
    return made  # type: ignore[no-any-return]


async def first(channel: Channel, method: str, namespace: str) -> Message:
    """The answer, or the first event of a stream."""
    described = METHODS[method]
    path, answer = f"/dapr.proto.operator.v1.Operator/{method}", getattr(pb, described.output_type.name)
    if not described.server_streaming:
        return await UnaryUnary(channel, path, answer)(request(method, namespace), timeout=LIMIT)
    async for event in UnaryStream(channel, path, answer)(request(method, namespace), timeout=LIMIT):
        return event  # type: ignore[no-any-return]
    raise AssertionError("the stream ended without a word")


def run(world: World, context: ssl.SSLContext | None, work: Callable[[Channel], Awaitable[Any]]) -> Any:
    async def main() -> Any:
        # A refused connection is told of at once, and tried again for the next call.
        options = ChannelOptions(ssl=context, backoff_base=0.001, backoff_max=0.001)
        channel = Channel(f"127.0.0.1:{world.operator.port}", options)
        try:
            return await work(channel)
        finally:
            await channel.close()

    return asyncio.run(main())


def refusals(world: World, context: ssl.SSLContext | None, namespace: str) -> dict[str, Code]:
    async def ask(channel: Channel) -> dict[str, Code]:
        found: dict[str, Code] = {}
        for method in METHODS:
            with pytest.raises(GrpcError) as refusal:
                pytest.fail(f"{method} answered {await first(channel, method, namespace)}")
            found[method] = refusal.value.code
        return found

    return dict(run(world, context, ask))


@pytest.mark.parametrize("caller", WRONG)
def test_no_method_tells_anything_to_a_caller(world: World, caller: str) -> None:
    found = refusals(world, WRONG[caller](world), world.namespace)
    assert set(found) == set(METHODS)
    # Who is somebody is told that he may not; who is nobody does not get as far as a call.
    expected = {Code.PERMISSION_DENIED} if caller.startswith("of ") and "authority" not in caller else set(Code)
    assert set(found.values()) <= expected - {Code.DEADLINE_EXCEEDED, Code.CANCELLED, Code.OK}, found


def test_no_method_tells_anything_for_no_namespace(world: World) -> None:
    assert set(refusals(world, world.shown(world.owner), "").values()) == {Code.PERMISSION_DENIED}


def test_the_owner_is_told_by_every_method(world: World) -> None:
    """All the tests above would pass if the operator were silent altogether."""

    async def ask(channel: Channel) -> dict[str, str]:
        told = {}
        for method, described in METHODS.items():
            if not described.server_streaming and method != "ListSubscriptions":
                told[method] = str(await first(channel, method, world.namespace))
        return told

    told = run(world, world.shown(world.owner), ask)
    assert len(told) == 8
    for method, text in told.items():
        assert '\\"name\\":\\"here\\"' in text, method


def test_the_owner_hears_of_changes_by_every_stream(world: World) -> None:
    streams = {name for name, method in METHODS.items() if method.server_streaming}
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": "web",
            "namespace": world.namespace,
            "annotations": {"dapr.io/enabled": "true", "dapr.io/app-id": "web", "dapr.io/config": "fresh"},
        },
        "spec": {"containers": [{"name": "app", "image": "app:1"}], "automountServiceAccountToken": False},
    }
    account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default"}}
    world.admin.apply(account, namespace=world.namespace)
    world.admin.apply(pod)

    async def follow(channel: Channel, stream: str) -> str:
        """A stream that heard of nothing, or of another Configuration yet, is taken up again."""
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(3):
                    event = await first(channel, stream, world.namespace)
                    return next(json.loads(value)["metadata"]["name"] for _, value in event.ListFields() if value)

    async def declare() -> None:
        while True:
            for kind in DECLARED:
                await asyncio.to_thread(world.declare, kind, "fresh")
                version = "dapr.io/v2alpha1" if kind == "Subscription" else "dapr.io/v1alpha1"
                await asyncio.to_thread(world.admin.delete, version, kind, "fresh", world.namespace)
            await asyncio.sleep(0.2)

    async def ask(channel: Channel) -> list[str]:
        declaring = asyncio.create_task(declare())
        try:
            async with asyncio.timeout(60):
                return await asyncio.gather(*(follow(channel, stream) for stream in streams))
        finally:
            declaring.cancel()
            await asyncio.gather(declaring, return_exceptions=True)

    assert set(run(world, world.shown(world.owner), ask)) == {"fresh"}
