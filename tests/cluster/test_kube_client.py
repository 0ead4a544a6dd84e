"""Our client of the Kubernetes API against a real one: objects, pages, watches, conflicts, tokens, refusals."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Coroutine
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from cluster.kube.apiserver import ApiServer
from cluster.kube.client import ApiError as RawApiError
from cluster.kube.client import Client

from dapr_core.kube import (
    AlreadyExistsError,
    ClusterConfig,
    ConflictError,
    ForbiddenError,
    InvalidObjectError,
    KubeClient,
    NotFoundError,
    Object,
    Patch,
    Selector,
    UnauthorizedError,
    UnreachableError,
    load_config,
)
from dapr_core.kube.config import Pem
from dapr_core.kube.credentials import Token, TokenFile
from dapr_core.kube.kinds import CONFIG_MAP, SERVICE, SERVICE_ACCOUNT, Kind
from dapr_core.kube.watching import EventType, WatchEvent


def run(work: Coroutine[Any, Any, Any]) -> Any:
    async def bounded() -> Any:
        async with asyncio.timeout(60):
            return await work

    return asyncio.run(bounded())


@asynccontextmanager
async def connected(api_server: ApiServer) -> AsyncIterator[KubeClient]:
    async with KubeClient(load_config({}, str(api_server.kubeconfig))) as client:
        yield client


def config_map(namespace: str, name: str, **data: str) -> Object:
    return {"metadata": {"name": name, "namespace": namespace}, "data": data}


def account(admin: Client, namespace: str, name: str = "app") -> None:
    admin.create({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name}}, namespace=namespace)


def bearer(api_server: ApiServer, credential: Token | TokenFile) -> ClusterConfig:
    ca = Pem(path=str(api_server.ca_file)) if api_server.ca_file else Pem()
    return ClusterConfig(server=api_server.url, credential=credential, ca=ca)


def test_an_object_is_made_read_replaced_patched_and_deleted(api_server: ApiServer, namespace: str) -> None:
    async def story() -> None:
        async with connected(api_server) as client:
            made = await client.create(CONFIG_MAP, config_map(namespace, "c", a="1"))
            assert (await client.get(CONFIG_MAP, "c", namespace)) == made
            updated = await client.update(CONFIG_MAP, {**made, "data": {"a": "2"}})
            assert updated["data"] == {"a": "2"}
            merged = await client.patch(CONFIG_MAP, "c", {"data": {"a": None, "b": "3"}}, namespace)
            assert merged["data"] == {"b": "3"}
            change = [{"op": "add", "path": "/data/c", "value": "4"}]
            patched = await client.patch(CONFIG_MAP, "c", change, namespace, form=Patch.JSON)
            assert patched["data"] == {"b": "3", "c": "4"}
            await client.delete(CONFIG_MAP, "c", namespace)
            with pytest.raises(NotFoundError, match='configmaps "c" not found'):
                await client.get(CONFIG_MAP, "c", namespace)

    run(story())


def test_a_change_by_somebody_else_in_between_is_a_conflict(api_server: ApiServer, namespace: str) -> None:
    async def story() -> None:
        async with connected(api_server) as client:
            read = await client.create(CONFIG_MAP, config_map(namespace, "c", a="1"))
            await client.update(CONFIG_MAP, {**read, "data": {"a": "theirs"}})
            with pytest.raises(ConflictError):
                await client.update(CONFIG_MAP, {**read, "data": {"a": "ours"}})
            with pytest.raises(AlreadyExistsError):
                await client.create(CONFIG_MAP, config_map(namespace, "c"))
            with pytest.raises(ConflictError):
                await client.delete(CONFIG_MAP, "c", namespace, resource_version=read["metadata"]["resourceVersion"])
            with pytest.raises(ConflictError):
                await client.delete(CONFIG_MAP, "c", namespace, uid="another")
            assert (await client.get(CONFIG_MAP, "c", namespace))["data"] == {"a": "theirs"}

    run(story())


def test_fields_belong_to_whoever_applied_them(api_server: ApiServer, namespace: str) -> None:
    async def story() -> None:
        async with connected(api_server) as client:
            await client.apply(CONFIG_MAP, config_map(namespace, "c", a="1"), manager="first")
            await client.apply(CONFIG_MAP, config_map(namespace, "c", b="2"), manager="second")
            with pytest.raises(ConflictError, match='conflict with "first"'):
                await client.apply(CONFIG_MAP, config_map(namespace, "c", a="9", b="2"), manager="second")
            await client.apply(CONFIG_MAP, config_map(namespace, "c", a="9", b="2"), manager="second", force=True)
            assert (await client.get(CONFIG_MAP, "c", namespace))["data"] == {"a": "9", "b": "2"}
            dry = await client.apply(CONFIG_MAP, config_map(namespace, "d", a="1"), manager="first", dry_run=True)
            assert dry["data"] == {"a": "1"}
            with pytest.raises(NotFoundError):
                await client.get(CONFIG_MAP, "d", namespace)

    run(story())


def test_an_object_that_breaks_a_rule_is_refused_with_its_fields(api_server: ApiServer, namespace: str) -> None:
    async def story() -> None:
        async with connected(api_server) as client:
            wrong = {
                "metadata": {"name": "s", "namespace": namespace},
                "spec": {"ports": [{"port": 80, "nodePort": 70000}]},
            }
            with pytest.raises(InvalidObjectError) as refused:
                await client.create(SERVICE, wrong)
            assert list(dict(refused.value.status.causes)) == ["spec.ports[0].nodePort"]

    run(story())


def test_a_list_comes_in_pages_of_one_state(api_server: ApiServer, admin: Client, namespace: str) -> None:
    async def story() -> None:
        async with connected(api_server) as client:
            for number in range(7):
                await client.create(CONFIG_MAP, config_map(namespace, f"c{number}", n=str(number)))
            sizes, names, versions = [], [], set()
            async with aclosing(client.pages(CONFIG_MAP, namespace, size=3)) as pages:
                async for page in pages:
                    sizes.append(len(page.items))
                    names += [each["metadata"]["name"] for each in page.items]
                    versions.add(page.resource_version)
                    admin.delete("v1", "ConfigMap", "c6", namespace)
            assert sizes == [3, 3, 1]
            assert sorted(names)[:7] == [f"c{number}" for number in range(7)]
            assert len(versions) == 1

    run(story())


def test_a_list_can_be_narrowed_and_made_light(api_server: ApiServer, namespace: str) -> None:
    async def story() -> None:
        async with connected(api_server) as client:
            thing = config_map(namespace, "one", secret="x")
            thing["metadata"]["labels"] = {"app": "a"}
            await client.create(CONFIG_MAP, thing)
            await client.create(CONFIG_MAP, config_map(namespace, "two"))
            for selector in (Selector(labels="app=a"), Selector.of_name("one")):
                found = await client.list(CONFIG_MAP, namespace, selector=selector)
                assert [each["metadata"]["name"] for each in found.items] == ["one"]
            light = await client.list(CONFIG_MAP, namespace, metadata_only=True)
            assert all("data" not in each for each in light.items)

    run(story())


def test_a_watch_tells_what_happens_after_a_list(api_server: ApiServer, namespace: str) -> None:
    async def story() -> None:
        async with connected(api_server) as client:
            await client.create(CONFIG_MAP, config_map(namespace, "before"))
            listing = await client.list(CONFIG_MAP, namespace)
            made = await client.create(CONFIG_MAP, config_map(namespace, "c", a="1"))
            await client.update(CONFIG_MAP, {**made, "data": {"a": "2"}})
            await client.delete(CONFIG_MAP, "c", namespace)
            seen: list[WatchEvent] = []
            async with aclosing(client.watch(CONFIG_MAP, namespace, since=listing.resource_version)) as events:
                async for event in events:
                    seen.append(event)
                    if event.type is EventType.DELETED:
                        break
            assert [(each.type, each.object["metadata"]["name"]) for each in seen] == [
                (EventType.ADDED, "c"),
                (EventType.MODIFIED, "c"),
                (EventType.DELETED, "c"),
            ]

    run(story())


def test_a_watch_ends_in_good_order_when_its_time_is_over(api_server: ApiServer, namespace: str) -> None:
    async def story() -> None:
        async with connected(api_server) as client:
            listing = await client.list(CONFIG_MAP, namespace)
            watch = client.watch(CONFIG_MAP, namespace, since=listing.resource_version, seconds=1)
            assert {event.type async for event in watch} <= {EventType.BOOKMARK}

    run(story())


def test_a_role_that_is_missing_is_said_to_be(api_server: ApiServer, admin: Client, namespace: str) -> None:
    account(admin, namespace)
    token = admin.token("app", namespace)

    async def story() -> None:
        async with KubeClient(bearer(api_server, Token(token))) as client:
            with pytest.raises(ForbiddenError, match="cannot list resource") as refused:
                await client.list(CONFIG_MAP, namespace)
            assert token not in str(refused.value)

    run(story())


def test_a_token_that_is_none_is_refused_and_never_told(api_server: ApiServer, namespace: str) -> None:
    async def story() -> None:
        async with KubeClient(bearer(api_server, Token("not-a-token"))) as client:
            with pytest.raises(UnauthorizedError) as refused:
                await client.list(CONFIG_MAP, namespace)
            assert "not-a-token" not in str(refused.value)

    run(story())


def test_a_token_that_was_replaced_in_its_file_is_taken_at_once(
    api_server: ApiServer, admin: Client, namespace: str, tmp_path: Path
) -> None:
    account(admin, namespace)
    file = tmp_path / "token"
    file.write_text("expired-long-ago")

    async def story() -> None:
        credential = TokenFile(str(file))
        async with KubeClient(bearer(api_server, credential)) as client:
            with pytest.raises(UnauthorizedError):
                await client.list(CONFIG_MAP, namespace)
            credential.authorization()
            file.write_text(admin.token("app", namespace))
            with pytest.raises(ForbiddenError):  # known now, though it may do nothing
                await client.list(CONFIG_MAP, namespace)

    run(story())


def test_a_server_of_another_authority_is_not_spoken_to_until_the_file_is_right(
    api_server: ApiServer, namespace: str, tmp_path: Path
) -> None:
    if api_server.ca_file is None:
        pytest.skip("the cluster's authority is one of the system's")
    from support.identities import Authority, pem

    file = tmp_path / "ca.crt"
    file.write_bytes(pem(Authority().certificate))

    async def story() -> None:
        config = ClusterConfig(server=api_server.url, credential=Token("x"), ca=Pem(path=str(file)))
        async with KubeClient(config) as client:
            with pytest.raises(UnreachableError, match="CERTIFICATE_VERIFY_FAILED"):
                await client.list(CONFIG_MAP, namespace)
            shutil.copy(str(api_server.ca_file), file)
            with pytest.raises(UnauthorizedError):
                await client.list(CONFIG_MAP, namespace)

    run(story())


def test_whose_a_token_is_can_be_asked(api_server: ApiServer, admin: Client, namespace: str) -> None:
    account(admin, namespace)

    async def story() -> None:
        async with connected(api_server) as client:
            request = {"metadata": {"namespace": namespace}, "spec": {"audiences": ["here"]}}
            answer = await client.create(SERVICE_ACCOUNT, request, name="app", subresource="token")
            token = answer["status"]["token"]
            good = await client.review_token(token, ["elsewhere", "here"])
            assert good.authenticated
            assert good.audiences == ("here",)
            assert good.username == f"system:serviceaccount:{namespace}:app"
            other = await client.review_token(token, ["elsewhere"])
            assert not other.authenticated
            assert "audience" in other.error
            assert token not in repr(other)

    run(story())


def test_a_kind_that_the_cluster_does_not_know_is_not_found(api_server: ApiServer, namespace: str) -> None:
    async def story() -> None:
        async with connected(api_server) as client:
            with pytest.raises(NotFoundError):
                await client.list(Kind("example.org", "v1", "unicorns", "Unicorn"), namespace)

    run(story())


def test_the_raw_client_of_the_tests_sees_the_same(api_server: ApiServer, admin: Client, namespace: str) -> None:
    async def story() -> None:
        async with connected(api_server) as client:
            await client.create(CONFIG_MAP, config_map(namespace, "c", a="ä\n\u2028"))

    run(story())
    assert admin.get("v1", "ConfigMap", "c", namespace)["data"] == {"a": "ä\n\u2028"}
    with pytest.raises(RawApiError):
        admin.get("v1", "ConfigMap", "d", namespace)
