"""Components are exchanged while requests run."""

from __future__ import annotations

import asyncio

import pytest

from daprd.blocks.registry import ComponentRegistry


def test_a_name_finds_its_component() -> None:
    registry: ComponentRegistry[str] = ComponentRegistry()
    registry.add("a", "first")
    with registry.use("a") as component:
        assert component == "first"
    assert (list(registry), len(registry), "a" in registry, registry.get("b"), registry.find("b")) == (
        ["a"],
        1,
        True,
        None,
        None,
    )


def test_a_taken_name_is_refused() -> None:
    registry: ComponentRegistry[str] = ComponentRegistry()
    registry.add("a", "first")
    with pytest.raises(ValueError, match="already in service"):
        registry.add("a", "second")


def test_a_replaced_component_comes_back_when_its_last_lease_ends() -> None:
    async def main() -> list[str]:
        registry: ComponentRegistry[str] = ComponentRegistry()
        registry.add("a", "old")
        told: list[str] = []
        lease, other = registry.use("a"), registry.use("a")
        with lease as first:
            other.__enter__()
            replacing = asyncio.ensure_future(registry.replace("a", "new"))
            await asyncio.sleep(0)
            with registry.use("a") as current:
                told.append(current)
            told.append(first)
            assert not replacing.done()
        assert not replacing.done()
        other.__exit__(None, None, None)
        told.append(str(await replacing))
        return told

    assert asyncio.run(main()) == ["new", "old", "old"]


def test_an_idle_component_comes_back_at_once() -> None:
    async def main() -> str | None:
        registry: ComponentRegistry[str] = ComponentRegistry()
        registry.add("a", "old")
        return await registry.remove("a")

    assert asyncio.run(main()) == "old"


def test_a_lease_that_does_not_end_delays_the_return_only_so_long() -> None:
    async def main() -> str | None:
        registry: ComponentRegistry[str] = ComponentRegistry()
        registry.add("a", "old")
        with registry.use("a"):
            return await registry.remove("a", timeout=0.01)

    assert asyncio.run(main()) == "old"


def test_removing_what_is_not_there_gives_none() -> None:
    assert asyncio.run(ComponentRegistry[str]().remove("a")) is None
