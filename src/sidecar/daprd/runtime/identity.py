"""The sidecar's identity over the lives of its runtimes.

A runtime that is built anew in the same process (SIGHUP, a changed Configuration) goes on with the identity that is
there, as long as it asks for the same one: a sentry that is away at that moment must not take the sidecar down.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from dapr_core.resources.accesscontrol import AccessControl
from dapr_core.telemetry.metrics import Registry
from daprd.options import Options
from daprd.runtime.settings import Surroundings

if TYPE_CHECKING:
    from daprd.runtime.security import Security

log = logging.getLogger("dapr.runtime.security")


class IdentityError(Exception):
    """The sidecar cannot have the identity that it was told to have; the text says why."""


class KeptIdentity:
    """Holds the identity from its first use to the end of the process."""

    def __init__(self) -> None:
        self._security: Security | None = None
        self._trust_domain = ""

    async def obtain(
        self, options: Options, surroundings: Surroundings, access: AccessControl | None, registry: Registry
    ) -> Security | None:
        """The identity in force; None where nobody asks for one. Waits for sentry, with nothing listening.

        Options and surroundings are those of the process; ``access`` may have changed since the last time.

        Raises:
            IdentityError: see there.
        """
        if not options.enable_mtls and options.mode != "kubernetes":
            log.warning("mTLS is disabled. Skipping certificate request and tls validation")
            return None
        # Only who wants an identity loads what proves it.
        from daprd.runtime.security import AnchorsError, InitialIdentityError, SecurityError, metrics_of, security

        trust_domain = access.trust_domain if access is not None else ""
        if self._security is not None and trust_domain == self._trust_domain:
            self._security.identity.count_by(metrics_of(options, registry))
            return self._security
        await self.stop()
        try:
            found = security(options, surroundings, access, registry)
            await _started(found)
        except (SecurityError, AnchorsError, InitialIdentityError) as error:
            raise IdentityError(str(error)) from error
        self._security, self._trust_domain = found, trust_domain
        return found

    async def stop(self) -> None:
        """Give the identity up."""
        kept, self._security = self._security, None
        if kept is not None:
            await kept.identity.stop()


async def _started(found: Security) -> None:
    """Start it, or leave nothing behind: somebody may give up while it waits for sentry."""
    try:
        await found.identity.start()
    except BaseException:
        await found.identity.stop()
        raise
