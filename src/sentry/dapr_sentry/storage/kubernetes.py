"""The store of Kubernetes mode: the Secret and the ConfigMap ``dapr-trust-bundle`` (control-plane.md §1.7).

The Secret is the truth. It is written in one request that names the version which was read, so of several replicas
that find it empty exactly one stores its root, and the others find that. The ConfigMap, from which everybody else
takes the anchors, is made from the Secret: whatever a crash or somebody's hand left in it is mended, and never a reason
for a new root, as a root that differs there would be to the original.

The ConfigMap is read before the Secret and written only in the state that was read. So what is written was true after
that reading, and whoever changes the Secret later finds what we wrote and mends it. Written in the other order, an old
root could come back.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import logging
import os
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeVar

from dapr_core.identity.certificates import to_pem
from dapr_core.identity.issuer import InvalidIssuerError, Issuer, check
from dapr_core.identity.keys import to_pem as key_to_pem
from dapr_core.kube.client import KubeClient
from dapr_core.kube.errors import ConflictError, KubeError, NotFoundError
from dapr_core.kube.kinds import CONFIG_MAP, SECRET
from dapr_core.kube.objects import Object, section
from dapr_sentry.authority.jwtkeys import InvalidJwtKeysError, JwtKeys, check_jwt_keys
from dapr_sentry.storage.contract import Store, StoreError
from dapr_sentry.storage.kubernetes_changes import bundle_changes, fingerprint

log = logging.getLogger("dapr.sentry.ca")

TRUST_BUNDLE: Final = "dapr-trust-bundle"
ANCHORS: Final = "ca.crt"
"""What consumers read in the ConfigMap, whatever the item of the Secret is called."""
JWKS: Final = "jwks.json"
ATTEMPTS: Final = 20
"""Times that others may be faster in a row before we give up."""
_ROTATION: Final = ("issuer.next.crt", "issuer.next.key", "rotation.json")
"""What a rotation keeps of itself: of no meaning beside a new root."""

T = TypeVar("T")


def nowhere(_step: str) -> None:
    """The checkpoint of real life."""


@dataclass(frozen=True, slots=True)
class Items:
    """Names of the items in the Secret."""

    anchors: str = "ca.crt"
    certificate: str = "issuer.crt"
    key: str = "issuer.key"
    jwt_key: str = "jwt.key"
    jwks: str = "jwks.json"

    @classmethod
    def of(cls, *, anchors: str, certificate: str, key: str, jwt_key: str, jwks: str) -> Items:
        """The base names of the files that flags name; of the JWT's only those of absolute paths count."""
        return cls(
            os.path.basename(anchors),
            os.path.basename(certificate),
            os.path.basename(key),
            os.path.basename(jwt_key) if os.path.isabs(jwt_key) else "jwt.key",
            os.path.basename(jwks) if os.path.isabs(jwks) else "jwks.json",
        )

    @property
    def issuer(self) -> tuple[str, str, str]:
        """Those of the issuer."""
        return self.anchors, self.certificate, self.key


@dataclass(frozen=True, slots=True)
class Bundle:
    """Both objects as they were read, the ConfigMap first."""

    config_map: Object
    secret: Object

    def items(self) -> dict[str, bytes]:
        """What the Secret holds. Raises ``StoreError``."""
        try:
            data = section(self.secret, "data")
            return {name: base64.b64decode(str(value or ""), validate=True) for name, value in data.items()}
        except (binascii.Error, ValueError):
            raise StoreError(f"an item of the Secret {TRUST_BUNDLE} is no base64") from None


def published(names: Items, items: Mapping[str, bytes], before: Mapping[str, Any]) -> dict[str, Any]:
    """What the ConfigMap must hold: the anchors, the key set where JWTs are signed, and whatever else was there."""
    after = {name: value for name, value in before.items() if name not in (ANCHORS, JWKS)}
    after[ANCHORS] = items.get(names.anchors, b"").decode("utf-8", "replace")
    if items.get(names.jwt_key) and items.get(names.jwks):
        after[JWKS] = items[names.jwks].decode("utf-8", "replace")
    return after


class KubernetesStore(Store):
    """The store. Make it on the loop of its client; the methods are called on other threads and wait for that loop.

    Args:
        client: of the cluster.
        namespace: of the control plane.
        names: of the items.
        jwt_algorithm, jwt_kid: what the JWT key must be for, and be called.
        checkpoint: called between any two steps that change the cluster; tests kill the process there.
    """

    def __init__(
        self,
        client: KubeClient,
        namespace: str,
        names: Items,
        *,
        jwt_algorithm: str = "RS256",
        jwt_kid: str = "",
        checkpoint: Callable[[str], None] = nowhere,
    ) -> None:
        self._client = client
        self._namespace = namespace
        self._names = names
        self._jwt_algorithm = jwt_algorithm
        self._jwt_kid = jwt_kid
        self._checkpoint = checkpoint
        self._loop = asyncio.get_running_loop()
        self._where = f"the Secret {TRUST_BUNDLE} in namespace {namespace}"
        self.unsure = asyncio.Event()
        """The cluster could not be asked, so that a change may not be in force."""

    def load_issuer(self, at: datetime) -> Issuer | None:
        return self._run(self._load(lambda items: self._issuer(items, at)))

    def ensure_issuer(self, make: Callable[[], Issuer], at: datetime) -> tuple[Issuer, bool]:
        def items_of(issuer: Issuer) -> dict[str, bytes | None]:
            anchors, certificate, key = self._names.issuer
            return {
                **dict.fromkeys(_ROTATION),
                anchors: issuer.anchors.pem,
                certificate: to_pem(issuer.chain),
                key: key_to_pem(issuer.key),
            }

        return self._run(self._ensure("the issuer", lambda items: self._issuer(items, at), make, items_of))

    @property
    def issuer_gone(self) -> bool:
        items = self._run(self._load(lambda items: items, publish=False))
        return not any(items.get(name) for name in self._names.issuer)

    def load_jwt_keys(self) -> JwtKeys | None:
        return self._run(self._load(self._jwt_keys))

    def ensure_jwt_keys(self, make: Callable[[], JwtKeys]) -> JwtKeys:
        def items_of(keys: JwtKeys) -> dict[str, bytes | None]:
            return {self._names.jwt_key: keys.key_pem, self._names.jwks: keys.jwks}

        return self._run(self._ensure("the JWT key", self._jwt_keys, make, items_of))[0]

    def changes(self) -> AsyncIterator[object]:
        return bundle_changes(self._client, TRUST_BUNDLE, self._namespace, self._fingerprint, self.unsure)

    # --- In the cluster

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(self._guarded(work), self._loop).result()

    async def _guarded(self, work: Coroutine[Any, Any, T]) -> T:
        try:
            return await work
        except NotFoundError as error:
            raise StoreError(
                f"failed to get trust bundle secret: {error}; the Helm chart makes Secret and ConfigMap, both empty, "
                "and sentry fills them"
            ) from None
        except KubeError as error:
            self.unsure.set()
            raise StoreError(f"{self._where} cannot be read or written: {error}") from None

    async def _read(self) -> Bundle:
        config_map = await self._client.get(CONFIG_MAP, TRUST_BUNDLE, self._namespace)
        return Bundle(config_map, await self._client.get(SECRET, TRUST_BUNDLE, self._namespace))

    async def _fingerprint(self) -> str:
        """Tells two states of the Secret apart without keeping its content."""
        return fingerprint(await self._client.get(SECRET, TRUST_BUNDLE, self._namespace))

    async def _load(self, read: Callable[[Mapping[str, bytes]], T], *, publish: bool = True) -> T:
        for _ in range(ATTEMPTS):
            bundle = await self._read()
            items = bundle.items()
            found = read(items)
            if found is None or not publish or not items.get(self._names.anchors):
                return found
            try:
                await self._publish(bundle)
            except ConflictError:
                continue
            return found
        raise StoreError(f"the ConfigMap {TRUST_BUNDLE} changes all the time; somebody else seems to write it")

    async def _ensure(
        self,
        what: str,
        read: Callable[[Mapping[str, bytes]], T | None],
        make: Callable[[], T],
        items_of: Callable[[T], Mapping[str, bytes | None]],
    ) -> tuple[T, bool]:
        """Read, or make and store: whoever is not the first to store takes what the first one has stored."""
        made: T | None = None
        stored = False
        for _ in range(ATTEMPTS):
            bundle = await self._read()
            found = read(bundle.items())
            try:
                if found is None:
                    self._warn_of_replaced(bundle)
                    made = made if made is not None else await asyncio.to_thread(make)
                    self._checkpoint(f"made {what}")
                    bundle = Bundle(bundle.config_map, await self._store(bundle.secret, items_of(made)))
                    self._checkpoint(f"stored {what}")
                    found, stored = made, True
                await self._publish(bundle)
            except ConflictError:
                continue
            return found, stored
        raise StoreError(f"{self._where} changes all the time; somebody else seems to write it")

    async def _store(self, secret: Object, items: Mapping[str, bytes | None]) -> Object:
        data = dict(section(secret, "data"))
        for name, value in items.items():
            data.pop(name, None)
            if value is not None:
                data[name] = base64.b64encode(value).decode("ascii")
        return await self._client.update(SECRET, {**secret, "data": data})

    async def _publish(self, bundle: Bundle) -> None:
        """Bring the ConfigMap to what the Secret holds. Raises ``ConflictError``: read both again."""
        before = section(bundle.config_map, "data")
        after = published(self._names, bundle.items(), before)
        if after == before:
            return
        await self._client.update(CONFIG_MAP, {**bundle.config_map, "data": after})
        self._checkpoint("published the anchors")

    # --- What the items mean

    def _issuer(self, items: Mapping[str, bytes], at: datetime) -> Issuer | None:
        anchors, chain, key = (items.get(name, b"") for name in self._names.issuer)
        if not anchors or not chain or not key:
            return None
        try:
            return check(anchors, chain, key, at)
        except InvalidIssuerError as error:
            raise StoreError(f"the issuer in {self._where} cannot be used: {error}") from None

    def _jwt_keys(self, items: Mapping[str, bytes]) -> JwtKeys | None:
        key, jwks = items.get(self._names.jwt_key), items.get(self._names.jwks)
        if not key:
            return None
        if not jwks:
            raise StoreError(f"{self._where} holds {self._names.jwt_key} and no {self._names.jwks}; give both")
        try:
            return check_jwt_keys(key, jwks, algorithm=self._jwt_algorithm, kid=self._jwt_kid)
        except InvalidJwtKeysError as error:
            raise StoreError(f"{error} (in {self._where})") from None

    def _warn_of_replaced(self, bundle: Bundle) -> None:
        there = [name for name in self._names.issuer if section(bundle.secret, "data").get(name)]
        if there and len(there) < len(self._names.issuer):
            log.warning("An issuer needs three items and only %s is there; making a new root", ", ".join(there))
