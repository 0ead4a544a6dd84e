"""Call output bindings (building-blocks.md §2.4)."""

from __future__ import annotations

import time
from collections.abc import Mapping

from dapr_components.bindings.contract import BindingError, InvokeRequest, InvokeResult, OutputBinding
from dapr_components.contract import ComponentError
from dapr_core.errors import DaprError
from daprd.blocks.bindings.observer import BindingsObserver
from daprd.blocks.failures import failure_text, root_cause
from daprd.blocks.registry import ComponentRegistry
from daprd.catalogue import bindings as rows
from daprd.policy.contract import Policies


class OutputBindingError(DaprError):
    """An operation failed. ``metadata`` is what the binding answered nevertheless; the API shows it all the same."""

    def __init__(self, name: str, cause: BaseException) -> None:
        root = root_cause(cause)
        self.metadata: Mapping[str, str] = root.metadata if isinstance(root, BindingError) else {}
        super().__init__(rows.INVOKE_OUTPUT_BINDING, name=name, error=failure_text(cause))


class OutputBindings:
    """The output bindings in service."""

    def __init__(self, policies: Policies, observer: BindingsObserver) -> None:
        self.registry: ComponentRegistry[OutputBinding] = ComponentRegistry()
        self._policies = policies
        self._observer = observer

    async def invoke(self, name: str, request: InvokeRequest) -> InvokeResult:
        """Perform one operation under the component's outbound policy.

        Raises:
            OutputBindingError: the binding or its operation is unknown, or the operation failed.
        """
        started = time.perf_counter()
        success = False
        try:
            result = await self._invoke(name, request)
            success = True
        except Exception as error:
            raise OutputBindingError(name, error) from error
        finally:
            elapsed = (time.perf_counter() - started) * 1000
            self._observer.output(name, request.operation, success, elapsed)
        return result

    async def _invoke(self, name: str, request: InvokeRequest) -> InvokeResult:
        if not request.operation:
            raise ComponentError("operation field is missing from request")
        entry = self.registry.find(name)
        if entry is None:
            raise ComponentError(f"couldn't find output binding {name}")
        with entry as binding:
            known = binding.operations()
            if request.operation not in known:
                raise ComponentError(
                    f"binding {name} does not support operation {request.operation}. "
                    f"supported operations:{' '.join(known)}"
                )
            policy = self._policies.component(name, "Binding", "outbound")
            if policy is None:
                return await binding.invoke(request)
            return await policy.run(lambda: binding.invoke(request))
