"""What the API and the runtime hold of bindings."""

from __future__ import annotations

from dapr_components.bindings.contract import InputBinding, InvokeRequest, InvokeResult, OutputBinding
from dapr_components.contract import Component, Metadata
from daprd.blocks.bindings.invoking import OutputBindings
from daprd.blocks.bindings.observer import BindingsObserver, Unobserved
from daprd.blocks.bindings.reading import InputBindings, Source
from daprd.policy.contract import Policies

INPUT, OUTPUT = "input", "output"


class BindingsBlock:
    """Bindings of one application.

    ``invoke`` is what the API calls; ``inputs`` is what the runtime starts when the application is healthy and stops
    when it is not.
    """

    def __init__(self, policies: Policies, *, observer: BindingsObserver | None = None) -> None:
        told = observer or Unobserved()
        self._outputs = OutputBindings(policies, told)
        self.inputs = InputBindings(policies, told)

    async def invoke(self, name: str, request: InvokeRequest) -> InvokeResult:
        """Call an output binding. Raises ``OutputBindingError``."""
        return await self._outputs.invoke(name, request)

    async def add(self, name: str, component: Component, metadata: Metadata) -> None:
        """Take a started component into service, in the directions that it has and its manifest permits."""
        directions = permitted_directions(metadata)
        if isinstance(component, OutputBinding) and (not directions or OUTPUT in directions):
            if name in self._outputs.registry:
                await self._outputs.registry.replace(name, component)
            else:
                self._outputs.registry.add(name, component)
        if isinstance(component, InputBinding) and (not directions or INPUT in directions):
            await self.inputs.remove(name)
            route = _exact(metadata, "route") or name
            await self.inputs.add(Source(name, route, component, asked=INPUT not in directions))

    async def remove(self, name: str) -> None:
        """Take a component out of service; what is in flight finishes. Unknown names are ignored."""
        await self.inputs.remove(name)
        await self._outputs.registry.remove(name)

    def capabilities(self, name: str) -> list[str]:
        """What ``/v1.0/metadata`` says of a binding (building-blocks.md §6.7)."""
        found = ["INPUT_BINDING"] if name in self.inputs else []
        return [*found, "OUTPUT_BINDING"] if name in self._outputs.registry else found


def permitted_directions(metadata: Metadata) -> frozenset[str]:
    """The directions a manifest names; empty when it leaves them open (building-blocks.md §2.1)."""
    return frozenset(part for word in metadata.get("direction", "").split(",") if (part := word.strip().lower()))


def _exact(metadata: Metadata, key: str) -> str:
    """A value whose key is compared as written."""
    return metadata[key] if key in tuple(metadata) else ""
