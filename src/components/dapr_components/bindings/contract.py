"""The contract of bindings (components.md §2.4, building-blocks.md §2): input, output, or both in one class."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from dapr_components.contract import Component, ComponentError


class BindingError(ComponentError):
    """An operation failed and still has something to say: ``metadata`` reaches the caller beside the error."""

    def __init__(self, text: str, metadata: Mapping[str, str] | None = None) -> None:
        self.metadata: Mapping[str, str] = dict(metadata or {})
        super().__init__(text)


@dataclass(frozen=True, slots=True)
class InvokeRequest:
    """A call of an output binding: ``operation`` as the vendor names it (``create``, ``get`` …)."""

    operation: str
    data: bytes = b""
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class InvokeResult:
    """What an output binding gives back; ``data`` None: nothing (the API answers 204)."""

    data: bytes | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    content_type: str | None = None


@dataclass(frozen=True, slots=True)
class ReadEvent:
    """An event of an input binding."""

    data: bytes
    metadata: Mapping[str, str] = field(default_factory=dict)
    content_type: str | None = None


ReadHandler: TypeAlias = Callable[[ReadEvent], Awaitable[bytes | None]]
"""Called per event; the application's answer comes back, raising says that the event was not handled."""


class OutputBinding(Component):
    """A binding the application calls."""

    @abstractmethod
    def operations(self) -> tuple[str, ...]:
        """The operations ``invoke`` knows."""

    @abstractmethod
    async def invoke(self, request: InvokeRequest) -> InvokeResult:
        """Perform one operation. Raises ``ComponentError``; a ``BindingError`` carries response metadata as well."""


class InputBinding(Component):
    """A binding that calls the application."""

    @abstractmethod
    async def read(self, handler: ReadHandler) -> None:
        """Start delivering events; returns once it runs. ``close`` (or ``stop_reading``) ends it."""

    @abstractmethod
    async def stop_reading(self) -> None:
        """Stop delivering; events in flight finish. The binding can be read again afterwards."""
