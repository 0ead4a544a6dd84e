"""The contract of an HTTP middleware (building-blocks.md §7): a component that wraps a handler."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from dapr_components.contract import Component
from dapr_core.rpc.messages import Request, Response

AsyncHandler: TypeAlias = Callable[[Request], Awaitable[Response]]


class Middleware(Component):
    """A vendor of middleware: ``wrap`` is called once per pipeline, the result once per request."""

    @abstractmethod
    def wrap(self, following: AsyncHandler) -> AsyncHandler:
        """The handler that does this middleware's work and calls ``following`` (or answers in its place)."""
