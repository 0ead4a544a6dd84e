"""Connections end with what admitted them."""

from __future__ import annotations

import asyncio
import datetime

from cryptography.hazmat.primitives.serialization import Encoding
from support.identities import HOUR, Authority, now

from dapr_core.identity.bundle import TrustBundle
from dapr_core.identity.guard import ConnectionGuard
from dapr_core.identity.peer import AuthenticatedPeer
from dapr_core.identity.spiffe import parse_spiffe_id

IDENTITY = parse_spiffe_id("spiffe://public/ns/default/app")
OLD, NEW = Authority("old").certificate, Authority("new").certificate


def peer(anchor: bytes = b"", left: datetime.timedelta = HOUR) -> AuthenticatedPeer:
    return AuthenticatedPeer(IDENTITY, datetime.datetime.now(datetime.UTC) + left, anchor)


def test_a_connection_ends_when_its_certificate_expires() -> None:
    async def main() -> str:
        guard = ConnectionGuard(TrustBundle.of(OLD))
        closed: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        guard.admit(peer(left=datetime.timedelta(milliseconds=30)), closed.set_result)
        reason = await asyncio.wait_for(closed, 5)
        assert len(guard) == 0
        return reason

    assert asyncio.run(main()) == f"the certificate of {IDENTITY} has expired"


def test_a_clock_that_was_set_back_lets_it_live_on() -> None:
    async def main() -> None:
        clock = [now().timestamp() + 3600]
        guard = ConnectionGuard(TrustBundle.of(OLD), lambda: clock[0])
        closed: list[str] = []
        guard.admit(peer(left=HOUR), closed.append)
        clock[0] -= 3600
        await asyncio.sleep(0.02)
        assert (closed, len(guard)) == ([], 1)
        guard.close()

    asyncio.run(main())


def test_connections_end_with_the_anchor_that_vouched_for_them() -> None:
    async def main() -> None:
        guard = ConnectionGuard(TrustBundle.of(OLD, NEW))
        old: list[str] = []
        new: list[str] = []
        unknown: list[str] = []
        guard.admit(peer(OLD.public_bytes(Encoding.DER)), old.append)
        guard.admit(peer(NEW.public_bytes(Encoding.DER)), new.append)
        guard.admit(peer(), unknown.append)
        guard.trust(TrustBundle.of(NEW))
        assert old == [f"the trust anchor that vouched for {IDENTITY} has been withdrawn"]
        assert (new, unknown, len(guard)) == ([], [], 2)
        guard.close()

    asyncio.run(main())


def test_a_connection_that_is_gone_is_not_closed_again() -> None:
    async def main() -> None:
        guard = ConnectionGuard(TrustBundle.of(OLD))
        closed: list[str] = []
        guard.admit(peer(OLD.public_bytes(Encoding.DER)), closed.append)
        guard.forget(closed.append)
        guard.trust(TrustBundle.of(NEW))
        assert closed == []

    asyncio.run(main())
