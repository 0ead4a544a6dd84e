"""Credentials in a cluster: the Secret of sentry, and the ConfigMap from which everybody else takes the anchors.

The Secret is the truth and is replaced in one request, which the server refuses when somebody was faster. The ConfigMap
follows it; a crash between the two leaves it behind, and the next ``replace`` of anybody brings it up to date.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Coroutine
from typing import Any, Final, Protocol, TypeVar

from dapr_core.identity.rotation.material import FILE_NAMES, MAX_ITEM, Material
from dapr_core.identity.rotation.store import ChangedMeanwhileError, TrustStore, TrustStoreError
from dapr_core.kube.client import KubeClient
from dapr_core.kube.errors import ConflictError, KubeError, NotFoundError
from dapr_core.kube.kinds import CONFIG_MAP, SECRET
from dapr_core.kube.objects import Object, section

TRUST_BUNDLE: Final = "dapr-trust-bundle"
"""Name of both objects (control-plane.md §1.7)."""
ANCHORS: Final = FILE_NAMES["anchors"]
_ATTEMPTS: Final = 10

T = TypeVar("T")


class Run(Protocol):
    """Carries out a coroutine on the loop of the client, and blocks until it is done."""

    def __call__(self, work: Coroutine[Any, Any, T], /) -> T: ...


class ClusterStore(TrustStore):
    """The store of a control plane.

    Args:
        client: of its cluster.
        namespace: where the control plane is.
        run: see there.
    """

    def __init__(self, client: KubeClient, namespace: str, run: Run) -> None:
        self._client = client
        self._namespace = namespace
        self._run = run
        self.name = f"the Secret {TRUST_BUNDLE} in namespace {namespace}"

    def read(self) -> Material:
        return self._run(self._guarded(self._read))

    def replace(self, before: Material, after: Material) -> None:
        self._run(self._guarded(lambda: self._replace(before, after)))

    def published(self) -> bytes:
        """The anchors in the ConfigMap; empty when there are none. Raises ``TrustStoreError``."""
        return self._run(self._guarded(self._published))

    async def _read(self) -> Material:
        return _material(await self._client.get(SECRET, TRUST_BUNDLE, self._namespace))

    async def _published(self) -> bytes:
        thing = await self._client.get(CONFIG_MAP, TRUST_BUNDLE, self._namespace)
        return str(section(thing, "data").get(ANCHORS, "")).encode()

    async def _replace(self, before: Material, after: Material) -> None:
        secret = await self._client.get(SECRET, TRUST_BUNDLE, self._namespace)
        if _material(secret) != before:
            raise ChangedMeanwhileError(f"{self.name} was changed by somebody else just now")
        if after != before:
            items = {key: base64.b64encode(value).decode("ascii") for key, value in after.files.items() if value}
            # What else is in there, such as the key that signs JWTs, is not ours.
            others = {key: value for key, value in _data(secret).items() if key not in after.files}
            try:
                await self._client.update(SECRET, {**secret, "data": {**others, **items}})
            except ConflictError:
                raise ChangedMeanwhileError(f"{self.name} was changed by somebody else just now") from None
        await self._publish()

    async def _publish(self) -> None:
        """Bring the ConfigMap to what the Secret holds now, whoever has put that there.

        The ConfigMap is read first and written only in the state that was read: whoever changes the Secret after our
        reading publishes after it, and is never overwritten by what was true before.
        """
        for _ in range(_ATTEMPTS):
            thing = await self._client.get(CONFIG_MAP, TRUST_BUNDLE, self._namespace)
            anchors = (await self._read()).anchors.decode("ascii", "replace")
            if section(thing, "data").get(ANCHORS) == anchors:
                return
            try:
                await self._client.update(CONFIG_MAP, {**thing, "data": {**_data(thing), ANCHORS: anchors}})
            except ConflictError:
                continue
        raise TrustStoreError(
            f"the ConfigMap {TRUST_BUNDLE} in namespace {self._namespace} changes all the time; run this again"
        )

    async def _guarded(self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        try:
            return await work()
        except NotFoundError as error:
            raise TrustStoreError(f"{error}; is Dapr installed in namespace {self._namespace}?") from None
        except KubeError as error:
            raise TrustStoreError(f"{self.name} cannot be read or written: {error}") from None


def _data(thing: Object) -> dict[str, Any]:
    return dict(section(thing, "data"))


def _material(secret: Object) -> Material:
    """Raises ``TrustStoreError``: an item is no base64, or endless."""
    found = {}
    for name in FILE_NAMES.values():
        try:
            found[name] = base64.b64decode(str(section(secret, "data").get(name) or ""), validate=True)
        except binascii.Error:
            raise TrustStoreError(f"the item {name} of the Secret {TRUST_BUNDLE} is no base64") from None
        if len(found[name]) > MAX_ITEM:
            raise TrustStoreError(f"the item {name} of the Secret {TRUST_BUNDLE} is longer than {MAX_ITEM} bytes")
    return Material.of(found)
