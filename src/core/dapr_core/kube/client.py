"""Objects of a cluster: read, listed, watched, written.

Writes carry what makes them safe: ``update`` the resourceVersion that was read, so that it is refused with
``ConflictError`` when somebody was faster; ``apply`` a field manager; ``delete`` preconditions.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from enum import Enum
from types import TracebackType
from typing import Final, Self

from dapr_core.kube.config import ClusterConfig
from dapr_core.kube.errors import BadAnswerError, UnreachableError
from dapr_core.kube.kinds import POD, TOKEN_REVIEW, Kind
from dapr_core.kube.objects import Object, key_of, section, text
from dapr_core.kube.paths import Query, Selector, collection, single, with_query
from dapr_core.kube.tokenreview import TokenReview, review_of
from dapr_core.kube.transport import JSON, TIMEOUT, Transport
from dapr_core.kube.watching import WatchEvent, WatchReader
from dapr_core.rpc.messages import BodyBrokenError

PAGE: Final = 100
"""Objects of a page: some hundred kilobytes of pods, decoded in a few milliseconds."""
WATCH_SECONDS: Final = 300
"""How long the server is asked to go on with a watch."""
SILENCE: Final = 100.0
"""Seconds after which a silent watch is given up: a server sends a bookmark every minute."""

_METADATA: Final = b"application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"
_METADATA_LIST: Final = b"application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"


class Patch(Enum):
    """How a patch is meant; the value is its content type."""

    JSON = b"application/json-patch+json"
    MERGE = b"application/merge-patch+json"
    STRATEGIC = b"application/strategic-merge-patch+json"
    APPLY = b"application/apply-patch+yaml"


@dataclass(frozen=True, slots=True)
class Listing:
    """Objects, and the state of the cluster that they are of; ``proceed`` asks for the next page, empty on the last."""

    items: list[Object]
    resource_version: str
    proceed: str = ""


class KubeClient:
    """Speaks to one cluster on one loop; ``close`` it there, or use it as an async context manager.

    Objects that a method takes are sent as they are, and what is given is the server's. Every method raises
    ``KubeError`` in one of its kinds, and ``ValueError`` for a name that cannot be one.
    """

    def __init__(self, config: ClusterConfig, *, user_agent: str = "dapr", timeout: float = TIMEOUT) -> None:
        self._transport = Transport(config, user_agent=user_agent)
        self._timeout = timeout
        self.namespace = config.namespace
        """Where things are when nothing else is said: the pod's own, or the context's."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close all connections; what is under way fails."""
        await self._transport.close()

    # --- Reading

    async def get(self, kind: Kind, name: str, namespace: str = "", *, subresource: str = "") -> Object:
        """One object."""
        return await self._send("GET", single(kind, name, namespace, subresource))

    async def list(
        self, kind: Kind, namespace: str = "", *, selector: Selector | None = None, metadata_only: bool = False
    ) -> Listing:
        """All objects of a kind in a namespace, or in all of them. For kinds with many objects take ``pages``."""
        items: list[Object] = []
        version = ""
        async with aclosing(self.pages(kind, namespace, selector=selector, metadata_only=metadata_only)) as pages:
            async for page in pages:
                items += page.items
                version = page.resource_version
        return Listing(items, version)

    async def pages(
        self,
        kind: Kind,
        namespace: str = "",
        *,
        selector: Selector | None = None,
        metadata_only: bool = False,
        size: int = PAGE,
    ) -> AsyncGenerator[Listing]:
        """The same page by page, all of one state of the cluster.

        Args:
            kind, namespace: which collection.
            selector: which of its objects.
            metadata_only: leave out everything but ``metadata``.
            size: objects a page; 0 gives all at once.

        Raises:
            GoneError: the cluster has forgotten that state before the last page; begin again.
        """
        chosen = selector or Selector()
        accept = _METADATA_LIST if metadata_only else JSON
        proceed = ""
        while True:
            query: Query = {
                "labelSelector": chosen.labels,
                "fieldSelector": chosen.fields,
                "limit": size,
                "continue": proceed,
            }
            answer = await self._send("GET", with_query(collection(kind, namespace), query), accept=accept)
            page = _page(answer, kind)
            yield page
            if not page.proceed:
                return
            proceed = page.proceed

    async def watch(
        self,
        kind: Kind,
        namespace: str = "",
        *,
        since: str = "",
        selector: Selector | None = None,
        metadata_only: bool = False,
        seconds: int = WATCH_SECONDS,
        silence: float = SILENCE,
    ) -> AsyncGenerator[WatchEvent]:
        """What happens after a state of the cluster; ends when the server ends it, which it does.

        Args:
            kind, namespace, selector, metadata_only: as in ``pages``.
            since: the resourceVersion of a list or of the last event. Empty begins with all there is, which only
                servers whose etcd is of 2023 or newer can give.
            seconds: how long the server should go on.
            silence: seconds without any event, bookmarks included, after which the connection is taken for dead.

        Raises:
            GoneError: that state is too long ago; list again.
            UnreachableError: the connection broke.
        """
        chosen = selector or Selector()
        query: Query = {
            "watch": True,
            "allowWatchBookmarks": True,
            "resourceVersion": since,
            "timeoutSeconds": seconds,
            "labelSelector": chosen.labels,
            "fieldSelector": chosen.fields,
        }
        target = with_query(collection(kind, namespace), query)
        accept = _METADATA if metadata_only else JSON
        body = await self._transport.open(target, accept=accept, timeout=self._timeout)
        reader = WatchReader()
        pieces = aiter(body)
        try:
            while True:
                try:
                    async with asyncio.timeout(silence):
                        piece = await anext(pieces)
                except StopAsyncIteration:
                    return
                except TimeoutError:
                    raise UnreachableError(f"a watch of {kind} was silent for {silence:g} seconds") from None
                except BodyBrokenError as error:
                    raise UnreachableError(f"a watch of {kind} broke off: {error}") from None
                for event in reader.feed(piece):
                    yield event
        finally:
            body.close()

    async def logs(
        self, pod: str, namespace: str, *, container: str = "", follow: bool = False, tail: int | None = None
    ) -> AsyncGenerator[bytes]:
        """What a container has written, in pieces as they come, which end anywhere; nothing of a pod without a node.

        Args:
            pod, namespace: whose.
            container: which; empty where the pod has only one.
            follow: go on with what it writes from now on, until it ends.
            tail: only the last lines, so many.

        Raises:
            InvalidObjectError: the pod has no such container, or it has not started.
            UnreachableError: the connection broke.
        """
        query: Query = {
            "container": container,
            "follow": follow,
            "tailLines": tail if tail is None else str(tail),  # a number that is 0 says something here
        }
        target = with_query(single(POD, pod, namespace, "log"), query)
        async with aclosing(self._transport.pieces(target, timeout=self._timeout)) as pieces:
            async for piece in pieces:
                yield piece

    # --- Writing

    async def create(self, kind: Kind, thing: Mapping[str, object], *, name: str = "", subresource: str = "") -> Object:
        """Make an object, or with ``name`` and ``subresource`` what is made below one.

        Raises:
            AlreadyExistsError: it is there already.
        """
        namespace = key_of(thing).namespace
        path = single(kind, name, namespace, subresource) if subresource else collection(kind, namespace)
        if kind.namespaced and not namespace:
            raise ValueError(f"{kind} live in namespaces, and the object names none")
        return await self._send("POST", path, thing)

    async def update(self, kind: Kind, thing: Mapping[str, object], *, subresource: str = "") -> Object:
        """Replace an object that was read by what became of it.

        Raises:
            ConflictError: it is another one since.
            ValueError: it has no resourceVersion, so that another's change would be lost.
        """
        if not text(section(thing, "metadata"), "resourceVersion"):
            raise ValueError("an object is replaced by its resourceVersion, and it has none; read it first, or apply")
        key = key_of(thing)
        return await self._send("PUT", single(kind, key.name, key.namespace, subresource), thing)

    async def patch(
        self,
        kind: Kind,
        name: str,
        change: Mapping[str, object] | Sequence[object],
        namespace: str = "",
        *,
        form: Patch = Patch.MERGE,
        subresource: str = "",
    ) -> Object:
        """Change a part of an object."""
        if form is Patch.APPLY:
            raise ValueError("server-side apply needs a field manager; use apply")
        path = single(kind, name, namespace, subresource)
        return await self._send("PATCH", path, change, content_type=form.value)

    async def apply(
        self,
        kind: Kind,
        thing: Mapping[str, object],
        *,
        manager: str,
        force: bool = False,
        dry_run: bool = False,
        subresource: str = "",
    ) -> Object:
        """Server-side apply: make or change an object so that these fields are as given, and are the manager's.

        Raises:
            ConflictError: another manager owns one of them, and ``force`` is not given.
        """
        key = key_of(thing)
        whole = {"apiVersion": kind.api_version, "kind": kind.name, **thing}
        query: Query = {"fieldManager": manager, "force": force, "dryRun": "All" if dry_run else ""}
        path = with_query(single(kind, key.name, key.namespace, subresource), query)
        return await self._send("PATCH", path, whole, content_type=Patch.APPLY.value)

    async def delete(
        self,
        kind: Kind,
        name: str,
        namespace: str = "",
        *,
        uid: str = "",
        resource_version: str = "",
        grace: int | None = None,
        propagation: str = "",
    ) -> Object:
        """Delete an object.

        Args:
            kind, name, namespace: which.
            uid, resource_version: only if it is still this one, in this state.
            grace: seconds it has to end; None is its own.
            propagation: what becomes of what it owns: ``Foreground``, ``Background``, ``Orphan``.

        Raises:
            ConflictError: it is another one.
        """
        options: dict[str, object] = {"apiVersion": "v1", "kind": "DeleteOptions"}
        conditions = {"uid": uid, "resourceVersion": resource_version}
        if any(conditions.values()):
            options["preconditions"] = {name: value for name, value in conditions.items() if value}
        if grace is not None:
            options["gracePeriodSeconds"] = grace
        if propagation:
            options["propagationPolicy"] = propagation
        return await self._send("DELETE", single(kind, name, namespace), options)

    async def review_token(self, token: str, audiences: Sequence[str]) -> TokenReview:
        """Let the server say whose token this is, and whether it is for one of these audiences."""
        thing = {
            "apiVersion": TOKEN_REVIEW.api_version,
            "kind": TOKEN_REVIEW.name,
            "spec": {"token": token, "audiences": [*audiences]},
        }
        return review_of(await self.create(TOKEN_REVIEW, thing))

    async def _send(
        self, method: str, target: str, body: object = None, *, content_type: bytes = JSON, accept: bytes = JSON
    ) -> Object:
        return await self._transport.send(
            method, target, body, content_type=content_type, accept=accept, timeout=self._timeout
        )


def _page(answer: Object, kind: Kind) -> Listing:
    items = answer.get("items")
    if items is None:
        items = []
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise BadAnswerError(f"the list of {kind} is no list of objects")
    found = section(answer, "metadata")
    return Listing(items, text(found, "resourceVersion"), text(found, "continue"))
