"""The credentials in force: from the store to the desk, again whenever files change (control-plane.md §1.7).

What is in force stays when what lies in the store cannot be used. A new root is made at the start when there is none,
and later only when all three files are gone: that is how somebody asks for one. A single missing file is taken for a
replacement under way.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Final

from dapr_core.identity.certificates import signed_by
from dapr_core.identity.issuer import Issuer
from dapr_core.identity.roots import generate_issuer
from dapr_core.identity.spiffe import SpiffeId
from dapr_sentry.authority.desk import Desk, DeskHolder
from dapr_sentry.authority.jwtkeys import JwtKeys, generate_jwt_keys
from dapr_sentry.authority.leaves import LeafSigner, Validity
from dapr_sentry.authority.tokens import TokenIssuer
from dapr_sentry.metrics import SentryMetrics
from dapr_sentry.storage.contract import Store, StoreError

log = logging.getLogger("dapr.sentry.ca")

SOON: Final = timedelta(days=30)
"""When an issuer ends sooner, the log says so."""
REMINDER: Final = 86_400.0
"""Seconds after which it says so again."""

MakeTokens = Callable[[JwtKeys], TokenIssuer]


class Credentials:
    """Loads, makes and follows.

    Args:
        store: where they lie.
        identity: sentry's own id, for the names in a new root and issuer.
        validity: of leaves; its skew also of a new root.
        tokens: makes the issuer of JWTs; None where they are not enabled.
        jwt_kid: id of a JWT key that is made.
        metrics: what is counted.
    """

    def __init__(
        self,
        store: Store,
        identity: SpiffeId,
        validity: Validity,
        tokens: MakeTokens | None,
        jwt_kid: str,
        metrics: SentryMetrics,
    ) -> None:
        self._store = store
        self._identity = identity
        self._validity = validity
        self._tokens = tokens
        self._jwt_kid = jwt_kid
        self._metrics = metrics
        self._changes: AsyncIterator[object]
        self._issuer: Issuer
        self.jwt_keys: JwtKeys | None = None
        self.desk: DeskHolder

    async def open(self) -> None:
        """Put what is in the store into force, or make it.

        Raises:
            StoreError: it cannot be used, or not be made.
        """
        self._changes = self._store.changes()
        issuer, jwt_keys = await asyncio.to_thread(self._ensure)
        self.desk = DeskHolder(self._adopt(issuer, jwt_keys))
        log.info("CA certificate key pair ready")

    async def follow(self, changed: Callable[[], None]) -> None:
        """Put changes into force as they come, for ever; ``changed`` hears of each."""
        async for _ in self._changes:
            try:
                issuer, jwt_keys = await asyncio.to_thread(self._reload)
            except StoreError as error:
                log.error("Keeping the credentials in force: %s", error)
                continue
            if issuer == self._issuer and jwt_keys == self.jwt_keys:
                continue
            log.info("Issuer credentials changed; reloading")
            log.info("%d trust anchors are handed out from now on", len(issuer.anchors.anchors))
            if issuer != self._issuer:
                self._metrics.issuer_changed.inc()
            self.desk.current = self._adopt(issuer, jwt_keys)
            changed()

    async def tell_of_end(self, pause: float = REMINDER) -> None:
        """Say it once a day while the end of the issuer is near, for ever."""
        while True:
            await asyncio.sleep(pause)
            self._warn_of_end(datetime.now(UTC))

    def _ensure(self) -> tuple[Issuer, JwtKeys | None]:
        now = datetime.now(UTC)
        issuer, made = self._store.ensure_issuer(lambda: self._generate(now), now)
        if made:
            log.info("Root and issuer certs not found: generating self signed CA")
            self._metrics.issuer_changed.inc()
        return issuer, self._ensure_jwt_keys()

    def _reload(self) -> tuple[Issuer, JwtKeys | None]:
        now = datetime.now(UTC)
        if self._store.issuer_gone:
            log.info("All files of the issuer are gone: generating self signed CA")
            return self._store.ensure_issuer(lambda: self._generate(now), now)[0], self._ensure_jwt_keys()
        issuer = self._store.load_issuer(now)
        if issuer is None:
            raise StoreError("one of the three files of the issuer is missing; put all of them in place")
        return issuer, self._ensure_jwt_keys()

    def _ensure_jwt_keys(self) -> JwtKeys | None:
        """Keys that are there are checked in any case; made are they only where JWTs are issued."""
        if self._tokens is None:
            return self._store.load_jwt_keys()
        return self._store.ensure_jwt_keys(lambda: generate_jwt_keys(self._jwt_kid))

    def _generate(self, now: datetime) -> Issuer:
        return generate_issuer(self._identity.trust_domain, self._identity, self._validity.skew, now)

    def _adopt(self, issuer: Issuer, jwt_keys: JwtKeys | None) -> Desk:
        self._issuer, self.jwt_keys = issuer, jwt_keys
        self._metrics.issuer_expires.set(issuer.certificate.not_valid_after_utc.timestamp())
        self._warn_of_end(datetime.now(UTC))
        tokens = self._tokens(jwt_keys) if self._tokens is not None and jwt_keys is not None else None
        return Desk(LeafSigner(issuer, self._validity), tokens)

    def _warn_of_end(self, at: datetime) -> None:
        ends = end_of(self._issuer)
        shown = f"{ends:%Y-%m-%d %H:%MZ}"
        if ends <= at:
            log.error("The issuer certificate, or its root, has expired on %s: no peer accepts what it signs; "
                      "`dapr mtls renew-certificate --force` replaces both at once", shown)  # fmt: skip
        elif ends - at < SOON:
            log.warning("The issuer certificate, or its root, expires on %s; `dapr mtls renew-certificate` gives a new "
                        "root without an outage", shown)  # fmt: skip


def end_of(issuer: Issuer) -> datetime:
    """When the first certificate between a leaf and its root ends; of several roots with one key the last counts."""
    last = issuer.chain[-1]
    roots = [anchor for anchor in issuer.anchors.anchors if anchor == last or signed_by(last, anchor)]
    moments = [certificate.not_valid_after_utc for certificate in issuer.chain]
    return min(*moments, max(root.not_valid_after_utc for root in roots)) if roots else min(moments)
