"""What every secret store must do (building-blocks.md §4). Writing a vendor means passing this."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from support.pluggable_component import component_types

from dapr_components import registry
from dapr_components.contract import ComponentContext, ComponentError, Metadata
from dapr_components.secretstores.contract import SecretStore

VENDORS = ["secretstores.local.env", "secretstores.local.file", "secretstores.shelf"]
SECRETS = {"ONE": "first", "TWO": "zwei ☃", "EMPTY": ""}

Run = Callable[[Callable[[SecretStore], Awaitable[Any]]], Any]


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """``secretstores.shelf``, a component in a process of its own."""
    with component_types(tmp_path_factory.mktemp("sockets") / "shelf.sock", "SecretStore"):
        yield


@pytest.fixture(params=VENDORS)
def vendor(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def run(vendor: str, request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run ``use(store)`` against a store of each vendor that holds ``SECRETS``."""
    if vendor == "secretstores.local.env":
        for name, value in SECRETS.items():
            monkeypatch.setenv("CONFORMANCE_" + name, value)
        metadata = {"prefix": "CONFORMANCE_"}
    elif vendor == "secretstores.shelf":
        request.getfixturevalue("shelf")
        metadata = {"secrets": json.dumps(SECRETS)}
    else:
        path = tmp_path / "secrets.json"
        path.write_text(json.dumps(SECRETS))
        metadata = {"secretsFile": str(path)}

    def go(use: Callable[[SecretStore], Awaitable[Any]]) -> Any:
        async def main() -> Any:
            store = registry.find(vendor, "v1", SecretStore)(
                ComponentContext(name="store", type=vendor, version="v1", app_id="app")
            )
            await store.init(Metadata(metadata))
            try:
                return await asyncio.wait_for(use(store), 10)
            finally:
                await store.close()

        return asyncio.run(main())

    return go


def test_a_vendor_that_is_there_answers_a_ping(run: Run) -> None:
    run(lambda store: store.ping())


@pytest.mark.parametrize("name", list(SECRETS))
def test_a_secret_comes_under_its_name(run: Run, name: str) -> None:
    assert run(lambda store: store.get(name, {})) == {name: SECRETS[name]}


def test_bulk_gives_every_secret(run: Run) -> None:
    assert run(lambda store: store.bulk_get({})) == {name: {name: value} for name, value in SECRETS.items()}


def test_the_answer_is_the_callers_to_change(run: Run) -> None:
    async def use(store: SecretStore) -> None:
        first = await store.get("ONE", {})
        assert first is not None
        first["ONE"] = "changed"
        assert await store.get("ONE", {}) == {"ONE": "first"}

    run(use)


def test_a_missing_name_is_an_error_that_names_it_or_empty(run: Run, vendor: str) -> None:
    if vendor == "secretstores.local.env":
        assert run(lambda store: store.get("NOT_THERE", {})) == {"NOT_THERE": ""}
    else:
        with pytest.raises(ComponentError, match=r"^(rpc error: code = NotFound desc = )?secret NOT_THERE not found$"):
            run(lambda store: store.get("NOT_THERE", {}))
