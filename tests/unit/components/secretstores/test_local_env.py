"""``secretstores.local.env`` (components.md §2.8)."""

from __future__ import annotations

import asyncio

import pytest

from dapr_components.contract import ComponentContext, Metadata
from dapr_components.secretstores.local_env import LocalEnvSecretStore

ENVIRONMENT = {
    "A": "1",
    "MY_A": "2",
    "DAPR_API_TOKEN": "secret",
    "dapr_x": "secret",
    "APP_API_TOKEN": "secret",
    "MY_APP_API_TOKEN": "3",
}


def store(prefix: str = "") -> LocalEnvSecretStore:
    made = LocalEnvSecretStore(ComponentContext(name="s", type="t", version="v1", app_id="a"), ENVIRONMENT)
    asyncio.run(made.init(Metadata({"prefix": prefix} if prefix else {})))
    return made


@pytest.mark.parametrize(("prefix", "name", "value"), [("", "A", "1"), ("MY_", "A", "2"), ("", "NONE", "")])
def test_a_variable_is_found_under_prefix_and_name(prefix: str, name: str, value: str) -> None:
    assert asyncio.run(store(prefix).get(name, {})) == {name: value}


@pytest.mark.parametrize(
    ("prefix", "name"),
    [
        ("", "DAPR_API_TOKEN"),
        ("", "dapr_x"),
        ("", "APP_API_TOKEN"),
        ("DAPR_", "API_TOKEN"),
        ("APP_", "API_TOKEN"),
        ("MY_", "APP_API_TOKEN"),
    ],
)
def test_the_sidecars_own_settings_are_hidden(prefix: str, name: str) -> None:
    assert asyncio.run(store(prefix).get(name, {})) == {name: ""}


@pytest.mark.parametrize(
    ("prefix", "names"), [("", ["A", "MY_A", "MY_APP_API_TOKEN"]), ("MY_", ["A"]), ("DAPR_", []), ("APP_", [])]
)
def test_bulk_leaves_them_out_too(prefix: str, names: list[str]) -> None:
    assert sorted(asyncio.run(store(prefix).bulk_get({}))) == names
