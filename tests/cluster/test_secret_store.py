"""``secretstores.kubernetes`` against a real API server (components.md §2.8)."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from cluster.kube.apiserver import ApiServer
from cluster.kube.client import Client

from dapr_components import registry
from dapr_components.contract import ComponentContext, ComponentError, Metadata
from dapr_components.secretstores.contract import SecretStore

Use = Callable[[SecretStore], Awaitable[Any]]


def run(config: Path, use: Use) -> Any:
    async def main() -> Any:
        vendor = registry.find("secretstores.kubernetes", "v1", SecretStore)  # type: ignore[type-abstract]
        store = vendor(ComponentContext("kubernetes", "secretstores.kubernetes", "v1", "web"))
        await store.init(Metadata({"kubeconfigPath": str(config)}))
        try:
            return await asyncio.wait_for(use(store), 20)
        finally:
            await store.close()

    return asyncio.run(main())


def put(admin: Client, namespace: str, name: str, **data: str) -> None:
    encoded = {key: base64.b64encode(value.encode()).decode() for key, value in data.items()}
    metadata = {"name": name, "namespace": namespace}
    admin.apply({"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": encoded})


@pytest.fixture(autouse=True)
def nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NAMESPACE", raising=False)


def test_a_secret_is_all_its_entries(api_server: ApiServer, admin: Client, namespace: str) -> None:
    put(admin, namespace, "redis", user="me", password="sésame")
    found = run(api_server.kubeconfig, lambda store: store.get("redis", {"namespace": namespace}))
    assert found == {"user": "me", "password": "sésame"}


def test_all_secrets_of_a_namespace(
    api_server: ApiServer, admin: Client, namespace: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(admin, namespace, "a", x="1")
    put(admin, namespace, "b", y="2")
    monkeypatch.setenv("NAMESPACE", namespace)
    assert run(api_server.kubeconfig, lambda store: store.bulk_get({})) == {"a": {"x": "1"}, "b": {"y": "2"}}


def test_what_is_not_there_is_named(api_server: ApiServer, namespace: str) -> None:
    with pytest.raises(ComponentError, match=f"secret nobody not found in namespace {namespace}"):
        run(api_server.kubeconfig, lambda store: store.get("nobody", {"namespace": namespace}))


@pytest.mark.parametrize("name", ["", "a/b", "../x"])
def test_a_name_that_would_be_another_path_is_refused(api_server: ApiServer, namespace: str, name: str) -> None:
    with pytest.raises(ComponentError):
        run(api_server.kubeconfig, lambda store: store.get(name, {"namespace": namespace}))


def test_without_any_namespace_the_remedy_is_told(api_server: ApiServer) -> None:
    with pytest.raises(ComponentError, match="NAMESPACE"):
        run(api_server.kubeconfig, lambda store: store.get("x", {}))
