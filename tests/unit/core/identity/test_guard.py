"""Connections end with what admitted them, and are left before that."""

from __future__ import annotations

import asyncio
import datetime

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given
from hypothesis import strategies as st
from support.identities import HOUR, Authority

from dapr_core.identity.bundle import TrustBundle
from dapr_core.identity.guard import ConnectionGuard, Side
from dapr_core.identity.peer import AuthenticatedPeer
from dapr_core.identity.spiffe import parse_spiffe_id

IDENTITY = parse_spiffe_id("spiffe://public/ns/default/app")
OLD, NEW = Authority("old").certificate, Authority("new").certificate
FAR = 4e9


class Connection:
    """Notes what is done with it, in order."""

    def __init__(self) -> None:
        self.events: list[str] = []
        self.closed = asyncio.Event()

    def leave(self) -> None:
        self.events.append("left")

    def close(self, reason: str) -> None:
        self.events.append(reason)
        self.closed.set()


def peer(anchor: bytes = b"", left: datetime.timedelta = HOUR) -> AuthenticatedPeer:
    return AuthenticatedPeer(IDENTITY, datetime.datetime.now(datetime.UTC) + left, anchor)


@pytest.mark.parametrize("side", Side)
def test_a_connection_is_left_and_then_ends_with_the_certificate_of_its_peer(side: Side) -> None:
    async def main() -> list[str]:
        guard, connection = ConnectionGuard(TrustBundle.of(OLD)), Connection()
        guard.admit(peer(left=datetime.timedelta(milliseconds=200)), connection, side, FAR)
        await asyncio.wait_for(connection.closed.wait(), 5)
        assert len(guard) == 0
        return connection.events

    assert asyncio.run(main()) == ["left", f"the certificate of {IDENTITY} has expired"]


def test_a_connection_is_left_before_our_own_certificate_expires() -> None:
    async def main() -> None:
        clock = [1_000_000_000.0]
        guard, connection = ConnectionGuard(TrustBundle.of(OLD), lambda: clock[0], lambda: 0.0), Connection()
        guard.admit(peer(), connection, Side.CLIENT, clock[0] + 0.05)
        clock[0] += 0.05
        async with asyncio.timeout(5):
            while not connection.events:
                await asyncio.sleep(0.01)
        assert connection.events == ["left"]
        assert len(guard) == 1
        guard.close()

    asyncio.run(main())


@given(left=st.floats(0.01, 1e8), client=st.floats(0, 1), server=st.floats(0, 1))
def test_clients_leave_before_servers_send_them_away_and_both_in_time(
    left: float, client: float, server: float
) -> None:
    assert 0 < Side.SERVER.lead(left, server) < Side.CLIENT.lead(left, client) < left / 2
    assert Side.CLIENT.lead(left, client) <= 120


def test_a_clock_that_was_set_back_lets_it_live_on() -> None:
    async def main() -> None:
        # The timer is set by a clock that is an hour ahead.
        clock = [datetime.datetime.now(datetime.UTC).timestamp() + 3600]
        guard, connection = ConnectionGuard(TrustBundle.of(OLD), lambda: clock[0]), Connection()
        guard.admit(peer(left=HOUR), connection, Side.SERVER, FAR)
        clock[0] -= 3600
        await asyncio.sleep(0.02)
        assert (connection.events, len(guard)) == ([], 1)
        guard.close()

    asyncio.run(main())


def test_connections_end_with_the_anchor_that_vouched_for_them() -> None:
    async def main() -> None:
        guard = ConnectionGuard(TrustBundle.of(OLD, NEW))
        old, new, unknown = Connection(), Connection(), Connection()
        guard.admit(peer(OLD.public_bytes(Encoding.DER)), old, Side.SERVER, FAR)
        guard.admit(peer(NEW.public_bytes(Encoding.DER)), new, Side.SERVER, FAR)
        guard.admit(peer(), unknown, Side.SERVER, FAR)
        guard.trust(TrustBundle.of(NEW))
        assert old.events == [f"the trust anchor that vouched for {IDENTITY} has been withdrawn"]
        assert (new.events, unknown.events, len(guard)) == ([], [], 2)
        guard.close()

    asyncio.run(main())


def test_an_anchor_that_was_withdrawn_during_the_handshake_does_not_slip_in() -> None:
    async def main() -> None:
        guard, connection = ConnectionGuard(TrustBundle.of(NEW)), Connection()
        guard.admit(peer(OLD.public_bytes(Encoding.DER)), connection, Side.SERVER, FAR)
        await asyncio.wait_for(connection.closed.wait(), 5)
        assert "withdrawn" in connection.events[0]
        assert len(guard) == 0

    asyncio.run(main())


def test_a_connection_that_is_gone_is_not_closed_again() -> None:
    async def main() -> None:
        guard, connection = ConnectionGuard(TrustBundle.of(OLD)), Connection()
        guard.admit(peer(OLD.public_bytes(Encoding.DER)), connection, Side.SERVER, FAR)
        guard.forget(connection)
        guard.trust(TrustBundle.of(NEW))
        assert connection.events == []

    asyncio.run(main())


def test_a_connection_that_is_gone_when_it_is_left_is_not_watched_further() -> None:
    async def main() -> None:
        guard = ConnectionGuard(TrustBundle.of(OLD))

        class Gone(Connection):
            def leave(self) -> None:
                super().leave()
                guard.forget(self)

        connection = Gone()
        guard.admit(peer(left=datetime.timedelta(milliseconds=100)), connection, Side.CLIENT, FAR)
        await asyncio.sleep(0.2)
        assert (connection.events, len(guard)) == (["left"], 0)

    asyncio.run(main())
