"""``secretstores.local.file`` (components.md §2.8)."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from dapr_components.contract import ComponentContext, ComponentError, Metadata
from dapr_components.secretstores.contract import Feature
from dapr_components.secretstores.local_file import LocalFileSecretStore

TREE = {
    "one": "first",
    "nested": {"a": "1", "b": {"c": "2"}},
    "list": ["x", {"y": "z"}],
    "number": 1,
    "float": 1.50,
    "yes": True,
    "nothing": None,
}


def opened(path: Path, text: str, **metadata: str) -> LocalFileSecretStore:
    path.write_text(text)
    store = LocalFileSecretStore(ComponentContext(name="s", type="secretstores.local.file", version="v1", app_id="a"))
    asyncio.run(store.init(Metadata({"secretsFile": str(path), **metadata})))
    return store


def every(store: LocalFileSecretStore) -> dict[str, dict[str, str]]:
    return asyncio.run(store.bulk_get({}))


def test_a_tree_is_flattened_with_list_indexes_as_names(tmp_path: Path) -> None:
    store = opened(tmp_path / "s.json", json.dumps(TREE))
    assert every(store) == {
        name: {name: value}
        for name, value in {
            "one": "first",
            "nested:a": "1",
            "nested:b:c": "2",
            "list:0": "x",
            "list:1:y": "z",
            "number": "1",
            "float": "1.5",
            "yes": "true",
            "nothing": "",
        }.items()
    }
    assert store.features == frozenset()


def test_the_separator_can_be_chosen(tmp_path: Path) -> None:
    assert list(every(opened(tmp_path / "s.json", '{"a": {"b": "c"}}', nestedSeparator="."))) == ["a.b"]


def test_numbers_keep_the_digits_of_the_file(tmp_path: Path) -> None:
    store = opened(tmp_path / "s.json", '{"pin": 1234567890123456789012, "pi": 3.140}')
    assert every(store) == {"pin": {"pin": "1234567890123456789012"}, "pi": {"pi": "3.140"}}


def test_multi_valued_secrets_are_maps_flattened_below_the_top(tmp_path: Path) -> None:
    store = opened(tmp_path / "s.json", json.dumps(TREE), multiValued="true")
    found = every(store)
    assert found["one"] == {"one": "first"}
    assert found["nested"] == {"a": "1", "b:c": "2"}
    assert found["list"] == {"0": "x", "1:y": "z"}
    assert store.features == {Feature.MULTIPLE_KEY_VALUES_PER_SECRET}


def test_the_parent_of_nested_secrets_is_none(tmp_path: Path) -> None:
    with pytest.raises(ComponentError, match="secret nested not found"):
        asyncio.run(opened(tmp_path / "s.json", json.dumps(TREE)).get("nested", {}))


@pytest.mark.parametrize(
    ("text", "complaint"),
    [("{", "is no JSON: unexpected end of JSON input"), ("[]", "must hold a JSON object"), ("", "is no JSON")],
)
def test_a_bad_file_is_named_with_its_field(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(ComponentError, match=f"'secretsFile': .*{complaint}"):
        opened(tmp_path / "s.json", text)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    store = LocalFileSecretStore(ComponentContext(name="s", type="t", version="v1", app_id="a"))
    with pytest.raises(ComponentError, match=r"cannot read .*none\.json: No such file"):
        asyncio.run(store.init(Metadata({"secretsFile": str(tmp_path / "none.json")})))


def test_the_field_is_required() -> None:
    store: Any = LocalFileSecretStore(ComponentContext(name="s", type="t", version="v1", app_id="a"))
    with pytest.raises(ComponentError, match="'secretsFile' is required"):
        asyncio.run(store.init(Metadata({})))
