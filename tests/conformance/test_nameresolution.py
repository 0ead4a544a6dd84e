"""What every name resolver does, whatever it stands on."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from dapr_components.contract import ComponentContext, ComponentError, Metadata
from dapr_components.nameresolution.contract import NameResolver, Registration
from dapr_components.registry import find

VENDORS = ["mdns", "sqlite"]
Make: TypeAlias = Callable[..., Awaitable[NameResolver]]


@pytest.fixture(params=VENDORS)
def vendor(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def run(vendor: str, directory: Path, scenario: Callable[[Make], Awaitable[Any]]) -> Any:
    """Run a scenario with a maker of resolvers that share one network or file; all are closed at the end."""

    async def main() -> Any:
        made: list[NameResolver] = []

        async def make(app_id: str = "", port: int = 50001, address: str = "127.0.0.1") -> NameResolver:
            kind = find(f"nameresolution.{vendor}", "v1", NameResolver)  # type: ignore[type-abstract]
            resolver = kind(ComponentContext(vendor, f"nameresolution.{vendor}", "v1", app_id))
            made.append(resolver)
            await resolver.init(
                Metadata({"connectionString": str(directory / "hosts.db")} if vendor == "sqlite" else {})
            )
            if app_id:
                await resolver.register(Registration(app_id, "default", address, port, 3500, 50001))
            return resolver

        try:
            return await scenario(make)
        finally:
            for resolver in made:
                await resolver.close()

    return asyncio.run(main())


def new_id() -> str:
    return f"app-{uuid.uuid4().hex[:12]}"


def test_a_registered_application_is_found_by_others_and_by_itself(vendor: str, tmp_path: Path) -> None:
    async def scenario(make: Make) -> None:
        app_id = new_id()
        mine, other = await make(app_id), await make()
        assert await other.resolve(app_id, "default") == ["127.0.0.1:50001"]
        assert await mine.resolve(app_id, "default") == ["127.0.0.1:50001"]

    run(vendor, tmp_path, scenario)


def test_applications_are_told_apart(vendor: str, tmp_path: Path) -> None:
    async def scenario(make: Make) -> None:
        one, two = new_id(), new_id()
        await make(one, 50001)
        await make(two, 50002)
        caller = await make()
        assert await caller.resolve(one, "") == ["127.0.0.1:50001"]
        assert await caller.resolve(two, "") == ["127.0.0.1:50002"]

    run(vendor, tmp_path, scenario)


def test_an_unknown_application_is_an_error(vendor: str, tmp_path: Path) -> None:
    async def scenario(make: Make) -> None:
        caller = await make()
        with pytest.raises(ComponentError):
            await caller.resolve(new_id(), "")

    run(vendor, tmp_path, scenario)


def test_an_application_that_closed_is_found_no_more_by_new_callers(vendor: str, tmp_path: Path) -> None:
    async def scenario(make: Make) -> None:
        app_id = new_id()
        gone = await make(app_id)
        await gone.close()
        caller = await make()
        with pytest.raises(ComponentError):
            await caller.resolve(app_id, "")

    run(vendor, tmp_path, scenario)


def test_an_application_that_comes_later_is_found_then(vendor: str, tmp_path: Path) -> None:
    async def scenario(make: Make) -> None:
        app_id = new_id()
        caller = await make()
        with pytest.raises(ComponentError):
            await caller.resolve(app_id, "")
        await make(app_id)
        assert await caller.resolve(app_id, "") == ["127.0.0.1:50001"]

    run(vendor, tmp_path, scenario)


def test_closing_is_safe_after_a_failed_start(vendor: str, tmp_path: Path) -> None:
    async def main() -> None:
        kind = find(f"nameresolution.{vendor}", "", NameResolver)  # type: ignore[type-abstract]
        await kind(ComponentContext(vendor, f"nameresolution.{vendor}", "v1", "a")).close()

    asyncio.run(main())
