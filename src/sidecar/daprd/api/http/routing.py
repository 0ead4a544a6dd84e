"""Routes of the HTTP API and how a path finds one.

A block's module gives a list of ``Route``; the server builds one ``Router`` from all of them, leaving out what the
Configuration's allow and deny lists forbid. Matching works on the *escaped* path after cleaning (api.md §1.1): static
segments win over parameters, and a parameter's value is unescaped only when its route has matched.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from dapr_core.rpc.messages import Request, Response

Params: TypeAlias = Mapping[str, str]
"""Values of the route's parameters, unescaped; the wildcard ``*`` is under its own name."""

Endpoint: TypeAlias = Callable[[Request, Params], Response | Awaitable[Response]]
"""What serves a route. A ``DaprError`` it raises becomes the documented answer (see ``render``)."""

ANY_METHOD: tuple[str, ...] = ()
"""A route with no methods answers every method."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One route of the API.

    ``template`` has no leading slash: ``v1.0/state/{storeName}/{key}``, or ``v1.0/publish/{pubsubname}/*`` with a
    wildcard for the rest. ``group`` and ``version`` (``state``, ``v1``) are what allow lists name (api.md §6.4);
    ``name`` (``GetState``) is what metrics and obfuscated API logs show.
    """

    methods: tuple[str, ...]
    template: str
    endpoint: Endpoint
    group: str
    version: str
    name: str
    always_allowed: bool = False
    public: bool = False
