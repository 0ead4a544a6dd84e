"""The two HTTP pipelines of a Configuration over the middlewares that are loaded now (building-blocks.md §7).

``httpPipeline`` wraps what serves the API, ``appHttpPipeline`` what calls the application. A handler of the list that
is not loaded, or is loaded with another type or version, is skipped. When a middleware comes or goes the chains are
built anew and exchanged in one step: a request runs to its end in the chain it began with.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from dapr_components.middleware.contract import AsyncHandler, Middleware
from dapr_core.rpc.messages import Request, Response

DEFAULT_VERSION = "v1"


class Wanted(Protocol):
    """A handler as the Configuration lists it."""

    @property
    def name(self) -> str:
        """The middleware component's name."""

    @property
    def type(self) -> str:
        """Its type, as ``middleware.http.uppercase``."""

    @property
    def version(self) -> str:
        """Its version; empty is v1."""


class Wants(Protocol):
    """A pipeline as the Configuration has it."""

    @property
    def handlers(self) -> Sequence[Wanted]:
        """Middlewares, the first outermost."""


class Loaded(NamedTuple):
    """A middleware component in service."""

    type: str
    version: str
    middleware: Middleware


class Pipeline:
    """One list of handlers around one innermost handler."""

    __slots__ = ("_following", "_wanted", "handler")

    def __init__(self, wanted: Sequence[Wanted], following: AsyncHandler) -> None:
        self._wanted = wanted
        self._following = following
        self.handler: AsyncHandler = following
        """The chain in force; look it up for each request."""

    def rebuild(self, components: Mapping[str, Loaded]) -> None:
        """Put the chain together from the components loaded now, by name."""
        handler = self._following
        for wanted in reversed(self._wanted):
            loaded = components.get(wanted.name)
            if loaded is not None and _same(wanted, loaded):
                handler = loaded.middleware.wrap(handler)
        self.handler = handler

    async def __call__(self, request: Request) -> Response:
        """Serve a request by the chain in force now."""
        return await self.handler(request)


class Pipelines:
    """Both pipelines of a sidecar, and the middlewares they are made of."""

    def __init__(self, api: Wants, app: Wants) -> None:
        self._api = api
        self._app = app
        self._loaded: dict[str, Loaded] = {}
        self._pipelines: list[Pipeline] = []

    def add(self, name: str, kind: str, version: str, middleware: Middleware) -> None:
        """Offer a middleware to the pipelines."""
        self._loaded[name] = Loaded(kind, version, middleware)
        self._rebuild()

    def remove(self, name: str) -> None:
        """Take a middleware away; requests that are in it finish."""
        self._loaded.pop(name, None)
        self._rebuild()

    def api(self, following: AsyncHandler) -> AsyncHandler:
        """The API's handler behind ``spec.httpPipeline``; the handler itself when nothing is listed."""
        return self._around(self._api.handlers, following)

    def app(self, following: AsyncHandler) -> AsyncHandler:
        """What calls the application, behind ``spec.appHttpPipeline``; itself when nothing is listed."""
        return self._around(self._app.handlers, following)

    def _around(self, wanted: Sequence[Wanted], following: AsyncHandler) -> AsyncHandler:
        if not wanted:
            return following
        pipeline = Pipeline(wanted, following)
        pipeline.rebuild(self._loaded)
        self._pipelines.append(pipeline)
        return pipeline

    def _rebuild(self) -> None:
        for pipeline in self._pipelines:
            pipeline.rebuild(self._loaded)


def _same(wanted: Wanted, loaded: Loaded) -> bool:
    return wanted.type.lower() == loaded.type.lower() and (wanted.version or DEFAULT_VERSION) == (
        loaded.version or DEFAULT_VERSION
    )
