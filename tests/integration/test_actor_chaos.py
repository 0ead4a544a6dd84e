"""Whatever is killed, frozen or cut off: no acknowledged call of an actor is lost, and none counts twice.

Callers send ids to actors, through whichever sidecar, each id again until it is acknowledged. Actors enter them into
ledgers (``support.ledger_app``) while first hosts, sidecars, applications and placement's leaders are killed, and then
sidecars are suspended too, and cut off from placement. At the end a checker reads each turn that any actor ever had.

``make chaos`` takes ten minutes for it, five hosts and 2,000 actors; the form in the suite half a minute.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import re
import signal
import statistics
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import redis
from support.broken_links import Link
from support.ledger import Overlap, Records, Turn, overlaps, until_death
from support.ledger_cluster import APP_ID, LedgerCluster, LedgerHost

SECONDS = float(os.environ.get("DAPR_CHAOS_SECONDS", "16"))
"""The first half of it kills, the second also suspends and cuts."""
HOSTS = int(os.environ.get("DAPR_CHAOS_HOSTS", "3"))
PLACEMENTS = int(os.environ.get("DAPR_CHAOS_PLACEMENTS", "2"))
ACTORS = int(os.environ.get("DAPR_CHAOS_ACTORS", "60"))
RATE = float(os.environ.get("DAPR_CHAOS_RATE", "100"))
"""Calls a second of all callers, while nothing holds them up."""
SEED = int(os.environ.get("DAPR_CHAOS_SEED", str(random.randrange(1 << 30))))

TYPES = ("Cat", "Dog", "Eel")
CALLERS = 16
SAMPLE = 20
"""Actors of a dead host that are asked for at once, to see when they answer."""
PATIENCE = 30.0
BEYOND_HOPE = 4 * PATIENCE
"""Seconds in which an actor has to answer again while others are suspended and cut off: a leader may be lost, the next
one suspended as soon as it leads, and its successor's first round held up by a suspended host."""
DETECTION = 2.8
"""Seconds in which a sidecar notices that placement is silent (``daprd.runtime.placementdial``)."""
DRAIN = 2.0
"""Seconds that turns under way have when it has noticed."""
SLACK = 2.0
"""For a machine that does other things."""
CUT_OFF = DETECTION + DRAIN + SLACK + 2.0


Fault = Callable[[], Coroutine[Any, Any, None]]


class Callers:
    """Who calls, and what was acknowledged."""

    def __init__(self, cluster: LedgerCluster, session: aiohttp.ClientSession, dice: random.Random) -> None:
        self.actors = [f"{TYPES[number % len(TYPES)]}/{number}" for number in range(ACTORS)]
        self.acknowledged: defaultdict[str, set[str]] = defaultdict(set)
        self.homes: dict[str, str] = {}
        self.failures: Counter[str] = Counter()
        self.recoveries: defaultdict[str, list[float]] = defaultdict(list)
        self._cluster = cluster
        self._session = session
        self._dice = dice
        self.amid = ""
        """What measurements are told with: what else goes on."""
        self._stopped = False
        self._probes: set[asyncio.Task[None]] = set()

    async def call(self, actor: str, identity: str) -> bool:
        """One attempt through any sidecar that is there."""
        ports = [self._cluster.client.http_port, *(host.http_port for host in self._cluster.hosts if host.answering)]
        url = f"http://127.0.0.1:{self._dice.choice(ports)}/v1.0/actors/{actor}/method/enter"
        try:
            async with self._session.put(url, data=identity) as answer:
                text = await answer.text()
                if answer.status != 200:
                    self.failures[_reason(text)] += 1
                    return False
        except (aiohttp.ClientError, TimeoutError) as error:
            self.failures[type(error).__name__] += 1
            return False
        self.acknowledged[actor].add(identity)
        self.homes[actor] = text
        return True

    async def insist(self, actor: str, identity: str, until: Callable[[], bool]) -> bool:
        """The same id again and again."""
        while not await self.call(actor, identity):
            if until():
                return False
            await asyncio.sleep(0.05)
        return True

    async def work(self, number: int) -> None:
        sent = 0
        while not self._stopped:
            sent += 1
            await self.insist(self._dice.choice(self.actors), f"{number}-{sent}", lambda: self._stopped)
            await asyncio.sleep(self._dice.random() * 2 * CALLERS / RATE)

    def measure(self, kind: str, died: float, home: str | None) -> None:
        """See when actors answer again that lived on a host, or anywhere."""
        kind += self.amid
        at_home = [actor for actor, last in self.homes.items() if home in (None, last)]
        for actor in self._dice.sample(at_home, min(SAMPLE, len(at_home))):
            probe = asyncio.ensure_future(self._measured(kind, died, actor))
            self._probes.add(probe)
            probe.add_done_callback(self._probes.discard)

    async def _measured(self, kind: str, died: float, actor: str) -> None:
        if await self.insist(actor, f"{kind}-{died}", lambda: time.monotonic() - died > BEYOND_HOPE):
            self.recoveries[kind].append(time.monotonic() - died)
        else:
            self.recoveries[kind].append(float("inf"))

    async def measured(self) -> None:
        """Wait until all that is measured has been."""
        if self._probes:
            await asyncio.wait(self._probes)

    def give_up(self) -> None:
        for probe in self._probes:
            probe.cancel()

    async def finish(self, workers: list[asyncio.Task[None]]) -> None:
        """Let calls under way end, and have a last word with every actor."""
        self._stopped = True
        await asyncio.gather(*workers, *self._probes)
        deadline = time.monotonic() + 2 * PATIENCE
        gate = asyncio.Semaphore(CALLERS)

        async def last(actor: str) -> bool:
            async with gate:
                return await self.insist(actor, "last", lambda: time.monotonic() > deadline)

        assert all(await asyncio.gather(*map(last, self.actors))), "actors that do not answer any more"


def _reason(text: str) -> str:
    """An error's text without what names one actor, one port or one moment."""
    return re.sub(r"\d+", "#", re.sub(r"actors/\w+", "actors/T", text))[:250]


class Chaos:
    """What is done to whom: at most one thing at a time to one host."""

    def __init__(self, cluster: LedgerCluster, callers: Callers, dice: random.Random) -> None:
        self.done: Counter[str] = Counter()
        self._cluster = cluster
        self._callers = callers
        self._dice = dice
        self._well = list(cluster.hosts)

    @property
    def deadly(self) -> list[Fault]:
        return [self.kill_host, self.kill_sidecar, self.kill_app, self.kill_leader]

    async def go_on(self, faults: list[Fault], until: float) -> None:
        """One fault after another, each of them before any comes again."""
        while time.monotonic() < until or not all(self.done[fault.__name__] for fault in faults):
            for fault in self._dice.sample(faults, len(faults)):
                if time.monotonic() < until or not self.done[fault.__name__]:
                    self.done[fault.__name__] += 1
                    await fault()
                    if not self._callers.amid:
                        await self._callers.measured()
                    self.check_alive()
                    await asyncio.sleep(self._dice.random())

    def check_alive(self) -> None:
        """Nobody has ended who was not told to."""
        for host in self._well:
            for process in (host.app, host.sidecar):
                assert process.popen.poll() is None, f"{host.name} ended by itself:\n{process.output[-3000:]}"

    async def kill_host(self) -> None:
        host = self._victim()
        await asyncio.to_thread(host.kill_app)
        self._callers.measure("host", await asyncio.to_thread(host.kill_sidecar), host.name)
        await asyncio.sleep(1 + self._dice.random())
        host.start_app()
        await self._sidecar_again(host)

    async def kill_sidecar(self) -> None:
        host = self._victim()
        self._callers.measure("sidecar", await asyncio.to_thread(host.kill_sidecar), host.name)
        await asyncio.sleep(self._dice.random() * 2)
        await self._sidecar_again(host)

    async def kill_app(self) -> None:
        host = self._victim()
        self._callers.measure("application", await asyncio.to_thread(host.kill_app), host.name)
        await asyncio.sleep(self._dice.random() * 4)
        host.start_app()
        await asyncio.to_thread(host.wait_ready)
        self._well.append(host)

    async def kill_leader(self) -> None:
        leader = await asyncio.to_thread(self._cluster.leader)
        if leader is None:
            return
        leader.popen.kill()
        self._callers.measure("leader", time.monotonic(), None)
        await asyncio.to_thread(leader.terminate)
        await asyncio.sleep(self._dice.random() * 2)
        self._cluster.start_placement(leader.name)

    async def freeze(self) -> None:
        host = self._victim()
        host.answering = False
        await host.freeze(6.5 + self._dice.random() * 3)
        host.answering = True
        self._well.append(host)

    async def freeze_leader(self) -> None:
        leader = await asyncio.to_thread(self._cluster.leader)
        if leader is not None:
            leader.popen.send_signal(signal.SIGSTOP)
            self._callers.measure("leader that is suspended", time.monotonic(), None)
            await asyncio.sleep(6 + self._dice.random() * 2)
            leader.popen.send_signal(signal.SIGCONT)

    async def cut(self) -> None:
        host = self._victim()
        await host.cut(CUT_OFF + self._dice.random())
        self._well.append(host)

    async def delay(self) -> None:
        host = self._victim()
        await host.slow(0.05 + self._dice.random() * 0.3, 4 + self._dice.random() * 4)
        self._well.append(host)

    def _victim(self) -> LedgerHost:
        return self._well.pop(self._dice.randrange(len(self._well)))

    async def _sidecar_again(self, host: LedgerHost) -> None:
        host.start_sidecar()
        await asyncio.to_thread(host.wait_ready)
        self._well.append(host)


async def play(directory: Path) -> tuple[LedgerCluster, Callers, Chaos, float]:
    """The whole story; gives who was in it, and when the second half began. The processes have ended."""
    dice = random.Random(SEED)
    cluster = LedgerCluster(directory, hosts=HOSTS, placements=PLACEMENTS, types=TYPES)
    timeout = aiohttp.ClientTimeout(total=PATIENCE)
    try:
        await cluster.start()
        async with aiohttp.ClientSession(timeout=timeout, connector=aiohttp.TCPConnector(limit=0)) as session:
            callers = Callers(cluster, session, dice)
            chaos = Chaos(cluster, callers, dice)
            workers = [asyncio.ensure_future(callers.work(number)) for number in range(CALLERS)]
            try:
                await asyncio.sleep(1)
                await chaos.go_on(chaos.deadly, time.monotonic() + SECONDS / 2)
                halfway = time.monotonic()
                callers.amid = ", others suspended and cut off"
                until = halfway + SECONDS / 2
                at_once = [[chaos.freeze], [chaos.cut], [chaos.delay]]
                if HOSTS > 4:
                    at_once = [[chaos.freeze, chaos.freeze_leader], [chaos.cut, chaos.delay], chaos.deadly]
                await asyncio.gather(*(chaos.go_on(faults, until) for faults in at_once))
                await callers.finish(workers)
            finally:
                callers.give_up()
                for worker in workers:
                    worker.cancel()
        await asyncio.gather(*(asyncio.to_thread(host.close) for host in cluster.hosts))
        check_ledgers(cluster, callers)
    finally:
        await cluster.close()
    return cluster, callers, chaos, halfway


def check_ledgers(cluster: LedgerCluster, callers: Callers) -> None:
    """What the store has, against what was acknowledged."""
    wrong: list[str] = []
    with redis.Redis(port=cluster.redis.port) as store:
        for actor in callers.actors:
            kind, _, name = actor.partition("/")
            page, count = (
                json.loads(store.hget(f"{APP_ID}||{kind}||{name}||{key}", "data") or b"null")
                for key in ("page", "count")
            )
            ids: list[str] = page["ids"]
            missing = callers.acknowledged[actor] - set(ids)
            if missing or len(set(ids)) != len(ids) or count != len(ids) or page["version"] != len(ids):
                wrong.append(f"{actor}: {len(missing)} missing, {len(ids)} entered, {len(set(ids))} differ, {count=}")
    assert not wrong, "\n".join(wrong)


def outlived(found: Overlap, hosts: list[LedgerHost]) -> float:
    """Seconds of an overlap that no sidecar was suspended in."""
    thawed = [end for host in hosts for begin, end in host.freezes if begin < found.end and end > found.begin]
    return found.after(max(thawed, default=0.0))


def after_cut(turns: list[Turn], host: LedgerHost) -> list[float]:
    """How late turns began on a host that no word of placement had reached for so long; seconds."""
    return [
        turn.begin - begun
        for begun, healed in host.cuts
        for turn in turns
        if turn.host == host.name and begun < turn.begin < healed
    ]


def shown(times: list[float]) -> str:
    return f"p50 {statistics.median(times):.2f} s, worst {max(times):.2f} s of {len(times)}" if times else "none"


@pytest.mark.quiet
@pytest.mark.engine("etcd")
@pytest.mark.timeout(SECONDS * 2 + 400)
def test_no_acknowledged_call_is_lost_and_none_counts_twice_whatever_happens_to_hosts(tmp_path: Path) -> None:
    print(f"DAPR_CHAOS_SEED={SEED}")
    cluster, callers, chaos, halfway = asyncio.run(play(tmp_path))
    records = Records()
    for host in cluster.hosts:
        host.note_down(records)
    turns, tails = until_death(records.turns, [(host.name, time) for host in cluster.hosts for time in host.deaths])
    found = overlaps(turns)
    foreign = [each for each in found if each.two_hosts]
    at_home = [each.end - each.begin for each in found if not each.two_hosts]
    strict = [each for each in foreign if each.begin < halfway]
    late = [seconds for host in cluster.hosts for seconds in after_cut(turns, host)]
    beyond = max((outlived(each, cluster.hosts) for each in foreign), default=0.0)

    acknowledged = sum(map(len, callers.acknowledged.values()))
    print(f"{acknowledged} acknowledged; faults: {dict(chaos.done)}")
    for reason, times in callers.failures.most_common(8):
        print(f"  failed {times} times: {reason}")
    print(f"{len(turns)} turns; writes: {dict(records.writes)}")
    print(f"on two hosts at a time: {len(strict)} while things were killed, {len(foreign) - len(strict)} later")
    print(f"  beyond what was suspended at most {beyond:.2f} s")
    print(f"on one host at a time (calls given up): {len(at_home)}, longest {max(at_home, default=0.0):.3f} s")
    print(f"turns that went on when their sidecar was killed: {len(tails)}, longest {max(tails, default=0.0):.3f} s")
    print(f"cut off from placement: last turn began after {max(late, default=0.0):.2f} s")
    for kind, times in callers.recoveries.items():
        print(f"death of a {kind}, until its actors answer: {shown(times)}")

    assert acknowledged > ACTORS
    assert set(chaos.done) >= {each.__name__ for each in (*chaos.deadly, chaos.freeze, chaos.cut)}
    assert records.writes["kept"] >= ACTORS
    assert not records.lost_updates, "a write of a stale host was kept"
    assert not strict, strict[:5]
    assert beyond <= DETECTION
    assert max(late, default=0.0) <= DETECTION + DRAIN + SLACK
    for kind, times in callers.recoveries.items():
        assert max(times) < (BEYOND_HOPE if "," in kind else 2 * PATIENCE), kind


# --- The checker itself


def test_the_checker_sees_two_hosts_with_one_actor() -> None:
    turns = [Turn("a", "x", 0, 2), Turn("a", "y", 1, 3), Turn("a", "y", 3, 4), Turn("b", "z", 1, 3)]
    (found,) = overlaps(turns)
    assert (found.begin, found.end, found.two_hosts) == (1, 2, True)
    assert found.after(1.5) == 0.5
    cut_short, tails = until_death(turns, [("x", 1.0)])
    assert overlaps(cut_short) == []
    assert tails == [1.0]


def test_the_checker_sees_two_writes_on_one_version_and_turns_without_an_end(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    one.write_text("B 1.0 Cat/1 0\nW 1.5 Cat/1 3 kept\n")
    other.write_text("B 3.0 Cat/1 0\nW 3.5 Cat/1 3 kept\nW 3.6 Cat/1 4 refused\nE 4.0 Cat/1 0\n")
    records = Records()
    records.read(one, "x", 2.5)
    records.read(other, "y", 9.0)
    assert records.turns == [Turn("Cat/1", "x", 1.0, 2.5), Turn("Cat/1", "y", 3.0, 4.0)]
    assert records.lost_updates == [("Cat/1", 3)]
    assert records.writes == {"kept": 2, "refused": 1}


def test_a_link_that_is_cut_tells_nobody_and_ends_what_lost_data_when_it_heals() -> None:
    async def story() -> None:
        async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            while data := await reader.read(100):
                writer.write(data)
            writer.close()

        server = await asyncio.start_server(echo, "127.0.0.1", 0)
        link = Link(server.sockets[0].getsockname()[1])
        await link.start()
        reader, writer = await asyncio.open_connection("127.0.0.1", link.port)
        writer.write(b"one")
        assert await reader.readexactly(3) == b"one"
        link.cut()
        writer.write(b"two")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reader.read(3), 0.2)
        link.heal()
        with pytest.raises(asyncio.IncompleteReadError):
            await asyncio.wait_for(reader.readexactly(3), 20)
        writer.close()
        again, writer = await asyncio.open_connection("127.0.0.1", link.port)
        writer.write(b"six")
        assert await asyncio.wait_for(again.readexactly(3), 20) == b"six"
        writer.close()
        await link.close()
        server.close()

    asyncio.run(story())
