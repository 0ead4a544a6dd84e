"""Bindings for tests: built, started and closed."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Mapping
from typing import TypeVar

from dapr_components.contract import Component, ComponentContext, Metadata
from dapr_components.registry import find

C = TypeVar("C", bound=Component)


@contextlib.asynccontextmanager
async def binding(component_type: str, contract: type[C], metadata: Mapping[str, str]) -> AsyncIterator[C]:
    """A running binding."""
    context = ComponentContext(name="b", type=component_type, version="v1", app_id="app")
    component = find(component_type, "v1", contract)(context)
    try:
        await component.init(Metadata(metadata))
        yield component
    finally:
        await component.close()
