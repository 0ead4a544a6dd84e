"""Service invocation over HTTP: reading the target out of a request, in its three forms (api.md §3.1).

This is not a route but the API's fallback: the header form calls any path that no route takes. The path is read
decoded, as it was sent, because cleaning would turn ``http://host`` into ``http:/host``.

Clients repeat themselves: what a head without a credential means is kept, within bounds, with what others make of it.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Awaitable, Callable
from typing import Final
from urllib.parse import unquote_plus, unquote_to_bytes

from dapr_core.errors import DaprError
from dapr_core.rpc.messages import Handler, Headers, Request, Response
from daprd.api.http.paths import path_of
from daprd.api.http.recurring import Recurring
from daprd.blocks.invoke.envelope import MARKED, Invocation, Marks
from daprd.blocks.invoke.headers import APP_ID, NOT_FROM_CLIENTS
from daprd.blocks.invoke.method import clean
from daprd.catalogue.invoke import NO_APP_ID
from daprd.mesh.codec import VERBS

_PREFIX: Final = b"/v1.0/invoke/"
_SPLIT: Final = b"/method/"
_REMEMBERED: Final = 1024
_REMEMBERED_PATH: Final = 256
_destinations: dict[bytes, tuple[str, str]] = {}
"""What paths name; callers repeat themselves. Bounded in number and length."""
_LOOKED_AT: Final = NOT_FROM_CLIENTS | MARKED | {APP_ID, b"authorization"}


def handler(invoke: Callable[[str, Invocation], Awaitable[Response]]) -> Handler:
    """The fallback handler over a block's ``invoke``."""

    heads = Heads()

    def handle(request: Request) -> Response | Awaitable[Response]:
        target, call = heads.read(request)
        if not target:
            raise DaprError(NO_APP_ID)
        return invoke(target, call)

    return handle


class Heads:
    """The heads of requests that were read, for those that come again (``recurring``); with a query none is kept."""

    def __init__(self) -> None:
        self._heads = Recurring[tuple[str, Invocation]]()

    def read(self, request: Request) -> tuple[str, Invocation]:
        """See ``read_call``. Calls of equal heads share their list of headers: it is not to be changed."""
        key = (request.method, request.target, *request.headers)
        known = self._heads.get(key)
        if known is not None:
            target, first = known
            return target, first.again(request.body, request.length)
        target, call = read_call(request)
        if self._heads.worthwhile(key, request.headers, len(request.target)) and b"?" not in request.target:
            call.notes = {}
            self._heads.keep(key, (target, call.again(b"", 0)))
        return target, call


def read_call(request: Request) -> tuple[str, Invocation]:
    """The target of a request, decoded (empty when it names none), and the request as a neutral call.

    The header form wins over basic authentication, and both over the path. Verbs that Dapr does not know become POST.
    """
    headers: Headers = []
    marks = Marks()
    app_id = authorization = b""
    for pair in request.headers:
        name = pair[0]
        if name in _LOOKED_AT:
            if name == APP_ID:
                app_id = app_id or pair[1]
                continue
            if name in NOT_FROM_CLIENTS:
                continue
            if name == b"authorization":
                authorization = authorization or pair[1]
            else:
                marks.see(name, pair[1])
        headers.append(pair)
    target, method = _destination(path_of(request.target), app_id, authorization)
    return target, Invocation(
        method,
        request.method if request.method in VERBS else "POST",
        headers,
        query=request.target.partition(b"?")[2],
        body=request.body,
        length=request.length,
        marks=marks,
    )


def _destination(path: bytes, app_id: bytes, authorization: bytes) -> tuple[str, str]:
    named = app_id.decode("utf-8", "replace") if app_id else ""
    if authorization and not named:
        named = _from_basic(authorization)
    if named:
        return named, clean(_decoded(path))
    return _destinations.get(path) or _remember(path)


def _remember(path: bytes) -> tuple[str, str]:
    destination = _from_path(path)
    if len(path) <= _REMEMBERED_PATH:
        if len(_destinations) >= _REMEMBERED:
            _destinations.clear()
        _destinations[path] = destination
    return destination


def _from_basic(authorization: bytes) -> str:
    if not authorization.startswith(b"Basic "):
        return ""
    try:
        user, colon, password = base64.b64decode(authorization[6:], validate=True).partition(b":")
    except (binascii.Error, ValueError):
        return ""
    if not colon or b":" in password or user.lower() != APP_ID:
        return ""
    return password.decode("utf-8", "replace")


def _from_path(path: bytes) -> tuple[str, str]:
    if b"%" not in path and path.startswith(_PREFIX):
        rest = path[len(_PREFIX) :]
    else:
        rest = _after_prefix(unquote_to_bytes(path))
    target, found, method = rest.partition(_SPLIT)
    if not found or not target:
        return "", ""
    name = target.decode("utf-8", "surrogateescape")
    if "%" in name or "+" in name:
        name = unquote_plus(name) or name
    return name, method.decode("utf-8", "surrogateescape")


def _after_prefix(path: bytes) -> bytes:
    """What follows ``v1.0/invoke/``, whatever number of slashes stands before and between; empty without it."""
    rest = path
    for word in (b"v1.0", b"invoke"):
        rest = rest.lstrip(b"/")
        if not rest.startswith(word + b"/"):
            return b""
        rest = rest[len(word) :]
    return rest.lstrip(b"/")


def _decoded(path: bytes) -> str:
    return (unquote_to_bytes(path) if b"%" in path else path).decode("utf-8", "surrogateescape")
