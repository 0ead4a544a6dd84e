"""What happens in the cluster, by kopf: events of kinds, passed on to whoever keeps them.

kopf runs «standalone» and with event handlers only: it leaves no annotation and no finalizer on anybody's objects, and
looks for no peers, since a peer that yields stops to watch, and every replica has to serve what is true now.

kopf tells what comes, and what goes while it looks. When the API server has forgotten where it stood, kopf lists anew
and does not tell what has gone meanwhile; so each kind is listed by us at the start, and again whenever kopf lists.
"""

from __future__ import annotations

import asyncio
import base64
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import kopf

from dapr_core.kube import ClusterConfig, Kind, KubeClient, KubeError, NotFoundError, Object
from dapr_core.kube.backoff import Backoff
from dapr_core.kube.client import PAGE
from dapr_core.kube.objects import Key, key_of
from dapr_core.process.service import Service
from dapr_operator.voice import soften

log = logging.getLogger("dapr.operator.watch")

_LOGIN: Final = timedelta(minutes=5)
"""For how long kopf takes credentials to be good; the kubelet replaces tokens well before they expire."""
_LISTED: Final = 1.0
"""Seconds after kopf began to list anew until we do too: by then it has told all it found."""
_STOP: Final = 5.0


@dataclass(frozen=True, slots=True)
class Keeper:
    """Who keeps a kind.

    Attributes:
        kind: which.
        put: told of an object that is there.
        remove: told of one that is gone.
        keys: gives all that is kept.
    """

    kind: Kind
    put: Callable[[Object], None]
    remove: Callable[[Key], None]
    keys: Callable[[], list[Key]]


class Watching(Service):
    """Follows kinds. ``synced`` says that all there was at the start is kept.

    Args:
        client: for lists.
        config: how kopf reaches the cluster.
        keepers: who keeps what.
        namespace: the only one to look at; empty is all.
        rearm: called once kopf runs, which takes the process's signals for itself.
    """

    name = "watching"
    stop_limit = _STOP + 2.0

    def __init__(
        self,
        client: KubeClient,
        config: ClusterConfig,
        keepers: tuple[Keeper, ...],
        namespace: str,
        rearm: Callable[[], None],
    ) -> None:
        self._client = client
        self._config = config
        self._keepers = keepers
        self._namespace = namespace
        self._rearm = rearm
        self._stop = asyncio.Event()
        self._tasks: list[asyncio.Task[Any]] = []
        self._relisting: dict[Kind, asyncio.Task[None]] = {}
        self._gone: dict[Kind, set[Key]] = {keeper.kind: set() for keeper in keepers}

    async def start(self) -> None:
        """List everything, then follow; returns when everything that was there is kept."""
        await asyncio.gather(*(self._list_patiently(keeper) for keeper in self._keepers))
        soften(logging.getLogger().handlers)
        registry = kopf.OperatorRegistry()
        kopf.on.login(registry=registry, id="cluster")(self._login)
        for keeper in self._keepers:
            kind = keeper.kind
            kopf.on.event(kind.group, kind.version, kind.plural, registry=registry, id=kind.plural)(self._told(keeper))
        tasks = await kopf.spawn_tasks(
            registry=registry,
            settings=_settings(),
            standalone=True,
            clusterwide=not self._namespace,
            namespaces=[self._namespace] if self._namespace else (),
            stop_flag=self._stop,
        )
        self._rearm()
        self._tasks = list(tasks)

    async def wait_failed(self) -> None:
        """Wait until kopf ends by itself, and raise why."""
        done, _ = await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
        raise RuntimeError("the watching of the cluster ended")

    async def stop(self) -> None:
        """Follow no more."""
        self._stop.set()
        tasks = [*self._tasks, *self._relisting.values()]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=_STOP)

    # --- News

    def _told(self, keeper: Keeper) -> Callable[..., Awaitable[None]]:
        async def told(type: str | None, event: Mapping[str, Any], **_: Any) -> None:
            thing = dict(event["object"])
            if type == "DELETED":
                key = key_of(thing)
                self._gone[keeper.kind].add(key)
                keeper.remove(key)
                return
            keeper.put(thing)
            if type is None:
                self._relist_soon(keeper)

        return told

    def _relist_soon(self, keeper: Keeper) -> None:
        """kopf lists this kind; see afterwards what it cannot tell."""
        if keeper.kind not in self._relisting:
            self._relisting[keeper.kind] = asyncio.create_task(self._relist(keeper), name=f"list {keeper.kind}")

    async def _relist(self, keeper: Keeper) -> None:
        try:
            await asyncio.sleep(_LISTED)
            await self._list_patiently(keeper)
        finally:
            self._relisting.pop(keeper.kind, None)

    # --- Lists

    async def _list_patiently(self, keeper: Keeper) -> None:
        waits = Backoff()
        while True:
            try:
                await self._list(keeper)
            except NotFoundError:
                log.warning("CRD for %s not found, skipping it until it is there", keeper.kind)
                return
            except KubeError as error:
                wait = waits.next()
                log.error("Cannot list %s, trying again in %.1f s: %s", keeper.kind, wait, error)
                await asyncio.sleep(wait)
            else:
                return

    async def _list(self, keeper: Keeper) -> None:
        known = keeper.keys()
        listed: set[Key] = set()
        # What goes while we list may be in the list still.
        gone = self._gone[keeper.kind] = set()
        async for page in self._client.pages(keeper.kind, self._namespace):
            for thing in page.items:
                key = key_of(thing)
                listed.add(key)
                if key not in gone:
                    keeper.put(thing)
        for key in known:
            if key not in listed:
                keeper.remove(key)

    def _login(self, **_context: Any) -> kopf.ConnectionInfo:
        config = self._config
        ca, certificate, key = config.material()
        scheme, _, token = config.credential.authorization().decode("ascii").partition(" ")
        return kopf.ConnectionInfo(
            server=config.server.rstrip("/"),
            ca_data=base64.b64encode(ca).decode() if ca else None,
            insecure=not config.verify,
            scheme=scheme or None,
            token=token or None,
            certificate_data=base64.b64encode(certificate).decode() if certificate else None,
            private_key_data=base64.b64encode(key).decode() if key else None,
            default_namespace=config.namespace,
            expiration=datetime.now(UTC) + _LOGIN if token else None,
        )


def _settings() -> kopf.OperatorSettings:
    found = kopf.OperatorSettings()
    found.posting.enabled = False
    found.process.ultimate_exiting_timeout = None
    # Our kinds are there before we are, and following definitions and namespaces would need rights to list them all.
    found.scanning.disabled = True
    found.watching.chunk_size = PAGE
    return found
