"""The two HTTP pipelines of a Configuration over the middleware components that are loaded now."""

from __future__ import annotations

from dapr_components.middleware.contract import AsyncHandler, Middleware
from dapr_core.resources.configuration import PipelineSpec
from dapr_core.rpc.messages import Request, Response


class Pipelines:
    """``api`` wraps what serves the HTTP API, ``app`` what calls the application."""

    def __init__(self, api: PipelineSpec, app: PipelineSpec) -> None:
        self._loaded: dict[str, tuple[str, str, Middleware]] = {}
        self._chains: list[_Chain] = []
        self._api = api
        self._app = app

    def add(self, name: str, kind: str, version: str, middleware: Middleware) -> None:
        """Offer a middleware; the chains that name it are built anew."""
        self._loaded[name] = (kind.lower(), version or "v1", middleware)
        self._rebuild()

    def remove(self, name: str) -> None:
        """Take a middleware away; requests that are in it finish."""
        self._loaded.pop(name, None)
        self._rebuild()

    def api(self, following: AsyncHandler) -> AsyncHandler:
        """The API's handler behind ``spec.httpPipeline``."""
        return self._wrap(self._api, following)

    def app(self, following: AsyncHandler) -> AsyncHandler:
        """What calls the application, behind ``spec.appHttpPipeline``."""
        return self._wrap(self._app, following) if self._app.handlers else following

    def _wrap(self, spec: PipelineSpec, following: AsyncHandler) -> AsyncHandler:
        chain = _Chain(spec, following)
        chain.build(self._loaded)
        self._chains.append(chain)
        return chain.handle

    def _rebuild(self) -> None:
        for chain in self._chains:
            chain.build(self._loaded)


class _Chain:
    """One pipeline around one handler: the first of the list is the outermost; what is not loaded is skipped."""

    def __init__(self, spec: PipelineSpec, following: AsyncHandler) -> None:
        self._spec = spec
        self._following = following
        self._current = following

    def build(self, loaded: dict[str, tuple[str, str, Middleware]]) -> None:
        handler = self._following
        for wanted in reversed(self._spec.handlers):
            found = loaded.get(wanted.name)
            if found is not None and found[:2] == (wanted.type.lower(), wanted.version or "v1"):
                handler = found[2].wrap(handler)
        self._current = handler

    async def handle(self, request: Request) -> Response:
        return await self._current(request)
