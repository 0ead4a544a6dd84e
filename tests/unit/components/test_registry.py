"""Vendors are found by type and version: ours from a table, others by entry point."""

from __future__ import annotations

import importlib
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from dapr_components.middleware.contract import Middleware
from dapr_components.nameresolution.contract import NameResolver
from dapr_components.registry import BUILTIN, UnknownComponentError, find, is_known
from dapr_components.state.contract import StateStore

VENDOR = """
from dapr_components.middleware.contract import Middleware

class Acme(Middleware):
    async def init(self, metadata): ...
    def wrap(self, following): return following

class AcmeTwo(Acme): ...

not_a_class = 5
"""


@pytest.fixture
def acme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """An installed distribution of a third party; gives the name of its module."""
    module = f"acme_{uuid.uuid4().hex[:8]}"
    (tmp_path / f"{module}.py").write_text(VENDOR)
    info = tmp_path / f"{module}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[dapr.components]\n"
        f"middleware.http.{module} = {module}:Acme\n"
        f"middleware.http.{module}/v2 = {module}:AcmeTwo\n"
        f"middleware.http.{module}-odd = {module}:not_a_class\n"
        f"state.redis = {module}:Acme\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    importlib.invalidate_caches()
    yield module
    sys.modules.pop(module, None)


def name_of(kind: str, version: str) -> str:
    return find(kind, version, Middleware).__name__  # type: ignore[type-abstract]


@pytest.mark.parametrize(("version", "found"), [("", "Acme"), ("v1", "Acme"), ("V0", "Acme"), ("v2", "AcmeTwo")])
def test_a_third_partys_vendor_is_found_by_its_entry_point(acme: str, version: str, found: str) -> None:
    assert name_of(f"middleware.http.{acme}", version) == found
    assert name_of(f"Middleware.HTTP.{acme}", version) == found


@pytest.mark.parametrize("suffix", ["-odd", "-missing"])
def test_what_is_no_component_is_unknown(acme: str, suffix: str) -> None:
    with pytest.raises(UnknownComponentError):
        name_of(f"middleware.http.{acme}{suffix}", "v1")


def test_an_unknown_version_is_unknown(acme: str) -> None:
    with pytest.raises(UnknownComponentError, match=f"middleware.http.{acme}/v3"):
        name_of(f"middleware.http.{acme}", "v3")


def test_a_vendor_of_another_kind_is_unknown(acme: str) -> None:
    assert is_known(f"middleware.http.{acme}", "v1", Middleware)
    assert not is_known(f"middleware.http.{acme}", "v1", StateStore)


def test_an_entry_point_does_not_replace_a_vendor_of_ours(acme: str) -> None:
    assert find("state.redis", "v1", StateStore).__module__ == "dapr_components.state.redis"  # type: ignore[type-abstract]


def test_a_module_that_is_not_asked_for_is_not_imported(acme: str) -> None:
    find("nameresolution.mdns", "v1", NameResolver)  # type: ignore[type-abstract]
    assert acme not in sys.modules


@pytest.mark.parametrize("kind", [name for name in BUILTIN if name.startswith(("middleware.", "nameresolution."))])
def test_every_vendor_of_the_table_loads(kind: str) -> None:
    contract = Middleware if kind.startswith("middleware.") else NameResolver
    assert find(kind, "v1", contract)  # type: ignore[type-var]
