"""Leader election and informers on a real API server: one works at a time, and everybody knows what there is."""

from __future__ import annotations

import asyncio
import itertools
import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from cluster.kube.apiserver import ApiServer
from cluster.kube.client import Client
from support.processes import wait_until

from dapr_core.kube import Informer, KubeClient, Object, load_config
from dapr_core.kube.cache import Change
from dapr_core.kube.kinds import CONFIG_MAP
from dapr_core.kube.objects import version_of
from dapr_core.kube.reflector import Following

_WORKER = """
import asyncio, sys, time
from dapr_core.kube import KubeClient, load_config
from dapr_core.kube.election import ElectionSettings
from dapr_core.kube.leader import Leader

kubeconfig, namespace, name = sys.argv[1:]

async def work():
    try:
        while True:
            print("works", time.monotonic(), flush=True)
            await asyncio.sleep(0.02)
    finally:
        print("ends", time.monotonic(), flush=True)

async def main():
    settings = ElectionSettings(identity=name, lease_duration=6, renew_deadline=4.0, retry_period=0.2)
    async with KubeClient(load_config({}, kubeconfig)) as client:
        task = asyncio.ensure_future(Leader(client, "lease", namespace, settings).run(work))
        import signal
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
        await asyncio.wait([task])

asyncio.run(main())
"""


class Worker:
    """A replica in a process of its own, and when it worked (by the machine's one monotonic clock)."""

    def __init__(self, api_server: ApiServer, namespace: str, name: str) -> None:
        self.name = name
        self.times: list[float] = []
        self.popen = subprocess.Popen(
            [sys.executable, "-c", _WORKER, str(api_server.kubeconfig), namespace, name],
            stdout=subprocess.PIPE,
            text=True,
        )
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        assert self.popen.stdout is not None
        for line in self.popen.stdout:
            word, at = line.split()
            if word == "works":
                self.times.append(float(at))

    @property
    def works(self) -> bool:
        return bool(self.times) and time.monotonic() - self.times[-1] < 0.5

    def end(self, how: signal.Signals) -> None:
        if self.popen.poll() is None:
            self.popen.send_signal(signal.SIGCONT)
            self.popen.send_signal(how)
        self.popen.wait(10)
        self._thread.join(5)
        assert self.popen.stdout is not None
        self.popen.stdout.close()


def test_of_three_replicas_one_works_and_the_next_takes_over_from_one_that_ends_or_dies(
    api_server: ApiServer, admin: Client, namespace: str
) -> None:
    workers = [Worker(api_server, namespace, f"w{number}") for number in range(3)]
    left = list(workers)
    try:
        for how in (signal.SIGTERM, signal.SIGKILL):
            wait_until(lambda: any(each.works for each in left), what="a leader")
            (leader,) = [each for each in left if each.works]
            lease = admin.get("coordination.k8s.io/v1", "Lease", "lease", namespace)
            assert lease["spec"]["holderIdentity"] == leader.name
            leader.end(how)
            left.remove(leader)
        wait_until(lambda: left[0].works, what="the last one")
    finally:
        for each in left:
            each.end(signal.SIGTERM)
    spans = sorted((each.times[0], each.times[-1]) for each in workers)
    assert all(ends < begins for (_, ends), (begins, _) in itertools.pairwise(spans))
    lease = admin.get("coordination.k8s.io/v1", "Lease", "lease", namespace)
    assert lease["spec"]["holderIdentity"] == ""
    assert lease["spec"]["leaseTransitions"] == 2


def test_a_replica_that_was_stopped_for_long_finds_that_it_leads_no_more(api_server: ApiServer, namespace: str) -> None:
    """Its work does not go on when it wakes, though its own timers all think that no time has passed for them."""
    first = Worker(api_server, namespace, "first")
    second = None
    try:
        wait_until(lambda: first.works, what="the first leader")
        second = Worker(api_server, namespace, "second")
        first.popen.send_signal(signal.SIGSTOP)
        stopped = time.monotonic()
        wait_until(lambda: second.works, what="the second leader")
        first.popen.send_signal(signal.SIGCONT)
        woken = time.monotonic()
        time.sleep(1.5)
        late = [at for at in first.times if at > woken]
        assert len(late) <= 2  # the one step that was under way
        assert second.works
        assert second.times[0] - stopped > 3.9
    finally:
        first.end(signal.SIGTERM)
        if second is not None:
            second.end(signal.SIGTERM)


def run(work: Coroutine[Any, Any, Any]) -> Any:
    async def bounded() -> Any:
        async with asyncio.timeout(90):
            return await work

    return asyncio.run(bounded())


@asynccontextmanager
async def connected(api_server: ApiServer) -> AsyncIterator[KubeClient]:
    async with KubeClient(load_config({}, str(api_server.kubeconfig))) as client:
        yield client


def config_map(namespace: str, name: str, value: str) -> Object:
    return {"metadata": {"name": name, "namespace": namespace}, "data": {"value": value}}


def test_an_informer_knows_in_the_end_exactly_what_there_is(api_server: ApiServer, namespace: str) -> None:
    """However fast things change, and however many pages and watches it takes."""

    async def story() -> None:
        async with connected(api_server) as client:
            for number in range(25):
                await client.create(CONFIG_MAP, config_map(namespace, f"c{number}", "0"))
            what = Following(
                kind=CONFIG_MAP, namespace=namespace, project=lambda thing: str(thing["data"]["value"]), page=10
            )
            informer = Informer(client, what)
            mirror: dict[str, str | None] = {}
            news = asyncio.Event()

            def note(change: Change[str]) -> None:
                assert change.old == mirror.get(change.key.name)
                mirror[change.key.name] = change.new
                news.set()

            informer.subscribe(note)
            task = asyncio.ensure_future(informer.run())
            await informer.wait_synced()
            assert len(informer.cache) == 25
            for turn in range(1, 4):
                for number in range(25):
                    if (number + turn) % 5 == 0:
                        await client.delete(CONFIG_MAP, f"c{number}", namespace)
                        await client.create(CONFIG_MAP, config_map(namespace, f"c{number}", f"again {turn}"))
                    else:
                        await client.patch(CONFIG_MAP, f"c{number}", {"data": {"value": str(turn)}}, namespace)
            listing = await client.list(CONFIG_MAP, namespace)
            truth = {each["metadata"]["name"]: each["data"]["value"] for each in listing.items}
            while {name: value for name, value in mirror.items() if value is not None} != truth:
                news.clear()
                await news.wait()
            assert {key.name: value for key, value in informer.cache.items()} == truth
            task.cancel()
            await asyncio.wait([task])

    run(story())


def test_a_change_is_known_within_a_moment(api_server: ApiServer, admin: Client, namespace: str) -> None:
    async def story() -> None:
        async with connected(api_server) as client:
            informer = Informer(client, Following(kind=CONFIG_MAP, namespace=namespace, project=version_of))
            news = asyncio.Event()
            informer.subscribe(lambda _change: news.set())
            task = asyncio.ensure_future(informer.run())
            await informer.wait_synced()
            await client.create(CONFIG_MAP, config_map(namespace, "c", json.dumps("x")))
            async with asyncio.timeout(5):
                await news.wait()
            assert informer.cache.get(namespace, "c") is not None
            task.cancel()
            await asyncio.wait([task])

    run(story())
