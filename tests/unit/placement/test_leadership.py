"""Who holds the key leads, and stops before anybody else could (times are half of the real ones)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

import pytest

from dapr_placement.leadership import etcd as etcd_module
from dapr_placement.leadership.contract import Alone, LeadershipError
from dapr_placement.leadership.etcd import EtcdLeadership
from dapr_placement.leadership.gateway import EtcdError, EtcdGateway, EtcdSettings, Held

LEASE = 2.0
MARGIN = 0.5


@pytest.fixture(autouse=True)
def short_times(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"LEASE": LEASE, "MARGIN": MARGIN, "RENEW": 0.2, "LOOK": 0.02, "PATIENCE": 0.5}.items():
        monkeypatch.setattr(etcd_module, name, value)


class FakeEtcd:
    """Leases and one key, in memory: a lease is gone when its time has passed, and its key with it."""

    def __init__(self) -> None:
        self.ends: dict[str, float] = {}
        self.key: Held | None = None
        self.reachable = True
        self.delay = 0.0
        self.revoked: list[str] = []
        self._next = 0

    async def _answer(self, timeout: float) -> None:
        if not self.reachable or self.delay > timeout:
            await asyncio.sleep(timeout)
            raise EtcdError("no answer")
        await asyncio.sleep(self.delay)
        self._expire()

    def _expire(self) -> None:
        now = time.monotonic()
        self.ends = {lease: end for lease, end in self.ends.items() if end > now}
        if self.key is not None and self.key.lease not in self.ends:
            self.key = None

    async def close(self) -> None: ...

    async def grant(self, ttl: float, timeout: float) -> str:
        await self._answer(timeout)
        self._next += 1
        self.ends[str(self._next)] = time.monotonic() + ttl
        return str(self._next)

    async def keep_alive(self, lease: str, timeout: float) -> int:
        await self._answer(timeout)
        if lease not in self.ends:
            return 0
        self.ends[lease] = time.monotonic() + LEASE
        return 1

    async def revoke(self, lease: str, timeout: float) -> None:
        await self._answer(timeout)
        self.revoked.append(lease)
        self.ends.pop(lease, None)
        self._expire()

    async def take(self, key: str, value: str, lease: str, timeout: float) -> Held:
        await self._answer(timeout)
        if self.key is None:
            self.key = Held(lease, value)
        return self.key

    async def holder(self, key: str, timeout: float) -> Held | None:
        await self._answer(timeout)
        return self.key


class Candidate:
    """One placement that stands, and when it led."""

    def __init__(self, etcd: FakeEtcd, name: str) -> None:
        self.name = name
        self.leadership = EtcdLeadership(etcd, "key", name)  # type: ignore[arg-type]
        self.led: list[tuple[str, float]] = []
        self.task = asyncio.ensure_future(self.leadership.run(self._gained, self._lost))

    def _gained(self) -> None:
        assert self.leadership.leads
        self.led.append(("gained", time.monotonic()))

    def _lost(self) -> None:
        self.led.append(("lost", time.monotonic()))

    @property
    def leads(self) -> bool:
        return bool(self.led) and self.led[-1][0] == "gained"

    async def end(self) -> None:
        self.task.cancel()
        await asyncio.wait([self.task])
        await self.leadership.resign()


def run(work: Callable[[FakeEtcd], Awaitable[None]]) -> None:
    async def main() -> None:
        async with asyncio.timeout(60):
            await work(FakeEtcd())

    asyncio.run(main())


async def until(check: Callable[[], object]) -> None:
    while not check():
        await asyncio.sleep(0.005)


def test_the_first_leads_and_the_second_waits() -> None:
    async def work(etcd: FakeEtcd) -> None:
        a = Candidate(etcd, "a")
        await until(lambda: a.leads)
        b = Candidate(etcd, "b")
        await asyncio.sleep(1.5 * LEASE)
        assert (a.leads, b.leads, etcd.key and etcd.key.value) == (True, False, "a")
        await a.end()
        await b.end()

    run(work)


def test_one_that_resigns_is_followed_without_waiting_for_its_lease() -> None:
    async def work(etcd: FakeEtcd) -> None:
        a = Candidate(etcd, "a")
        await until(lambda: a.leads)
        b = Candidate(etcd, "b")
        await asyncio.sleep(0.05)
        await a.end()
        assert etcd.key is None or etcd.key.value == "b"
        assert [what for what, _ in a.led] == ["gained", "lost"]
        await until(lambda: b.leads)
        await b.end()

    run(work)


@pytest.mark.parametrize("how", ["unreachable", "slow"])
def test_one_that_cannot_renew_stops_before_its_lease_ends(how: str) -> None:
    async def work(etcd: FakeEtcd) -> None:
        a = Candidate(etcd, "a")
        await until(lambda: a.leads)
        await asyncio.sleep(LEASE / 2)
        if how == "slow":
            etcd.delay = 10.0
        else:
            etcd.reachable = False
        assert etcd.key is not None
        could_lead = etcd.ends[etcd.key.lease]
        assert a.leadership.until <= could_lead - MARGIN
        await until(lambda: not a.leads)
        assert not a.leadership.leads
        etcd.reachable, etcd.delay = True, 0.0
        await until(lambda: a.leads)
        await a.end()

    run(work)


def test_one_whose_key_was_removed_stops_at_its_next_look() -> None:
    async def work(etcd: FakeEtcd) -> None:
        a = Candidate(etcd, "a")
        await until(lambda: a.leads)
        etcd.key = Held("0", "somebody")
        etcd.ends["0"] = time.monotonic() + 60
        await until(lambda: not a.leads)
        await a.end()

    run(work)


def test_one_that_stood_still_does_not_believe_that_it_leads() -> None:
    now = [1000.0]

    async def work(etcd: FakeEtcd) -> None:
        leadership = EtcdLeadership(etcd, "key", "a", clock=lambda: now[0])  # type: ignore[arg-type]
        task = asyncio.ensure_future(leadership.run(lambda: None, lambda: None))
        await until(lambda: leadership.leads)
        now[0] += 10 * LEASE  # no task has run meanwhile
        assert not leadership.leads
        task.cancel()
        await asyncio.wait([task])

    run(work)


def test_a_single_placement_leads_at_once_and_for_good() -> None:
    told: list[str] = []
    alone = Alone()
    asyncio.run(alone.run(lambda: told.append("gained"), lambda: told.append("lost")))
    assert (told, alone.leads) == (["gained"], True)


@pytest.mark.parametrize("endpoint", ["", "ftp://x", "http://", "http://x:99999", "http://x:1/path", "http://[::1"])
def test_an_endpoint_that_is_none_is_named(endpoint: str) -> None:
    with pytest.raises(LeadershipError, match="etcd-client-endpoints"):
        EtcdGateway(EtcdSettings((endpoint,)))


@pytest.mark.parametrize("endpoint", ["x", "x:2379", "http://x", "https://x:2379/", "http://[::1]:2379"])
def test_an_endpoint_may_leave_out_what_goes_without_saying(endpoint: str) -> None:
    EtcdGateway(EtcdSettings((endpoint,)))


def test_a_password_is_not_shown() -> None:
    assert "secret" not in repr(EtcdSettings(("x",), "user", "secret"))
