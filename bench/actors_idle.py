"""What an actor costs of which nobody wants anything: a million of them on one sidecar.

Actors are called once each where they live, through all that a call passes in the sidecar but the network and the
application: the router, claims, turns. Measured are activations a second of processor time, the memory that each
actor keeps when it is idle again (the growth of the process, freshly started), how fast the look-out for idle actors
finds out that there is none, and how fast a million are let go::

    python -m bench.actors_idle [--actors 1000000]
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import sys
import time
from dataclasses import asdict, dataclass
from typing import Final, cast

import uvloop

from bench.lib.processes import rss_mb
from bench.lib.report import publish
from dapr_core.ring import Ring, RingHost
from dapr_core.rpc.deferred import Deferred
from daprd.blocks.actors.claims import Claims
from daprd.blocks.actors.host import ActorAnswer, ActorCall, ActorHost, Firing
from daprd.blocks.actors.hosts import HostTable
from daprd.blocks.actors.residence import Residence
from daprd.blocks.actors.routing import Remote, Router
from daprd.blocks.actors.settings import TypeSettings
from daprd.policy.policies import ResiliencyPolicies
from daprd.policy.spec import PolicySet

OWN: Final = "10.0.0.1:50002"
_ANSWER: Final = ActorAnswer(b"done")
_BATCH: Final = 1_000


@dataclass(frozen=True)
class Idle:
    """Figures of so many actors."""

    actors: int
    activations_per_s: float
    calls_of_active_per_s: float
    bytes_per_actor: float
    lookout_us: float
    deactivations_per_s: float


class Silent(ActorHost):
    """An application that does nothing, at once."""

    def begin(self, call: ActorCall) -> Deferred[ActorAnswer]:
        done = Deferred[ActorAnswer]()
        done.settle(_ANSWER)
        return done

    async def invoke(self, call: ActorCall) -> ActorAnswer:
        return _ANSWER

    async def fire(self, firing: Firing) -> bool:
        return False

    async def deactivate(self, actor_type: str, actor_id: str) -> None:
        return None


async def _call(router: Router, count: int) -> float:
    """Call each actor once; seconds of processor time. The loop has its turn as often as under real calls."""
    begun = time.process_time()
    for start in range(0, count, _BATCH):
        for number in range(start, min(start + _BATCH, count)):
            router.invoke(ActorCall("Cat", f"actor-{number:08}", "go"))
        await asyncio.sleep(0)
    return time.process_time() - begun


async def measure(count: int) -> Idle:
    """All of it, in this process."""
    claims = Claims()
    claims.install(HostTable({"Cat": Ring([RingHost(OWN, "app")])}))
    claims.unblock()
    residence = Residence(OWN, claims, offers=lambda: True)
    host = Silent()
    await residence.register({"Cat": TypeSettings()}, host)
    policies = ResiliencyPolicies(PolicySet())
    router = Router(OWN, claims, residence, cast(Remote, None), policies)
    idling = asyncio.create_task(residence.run())
    await _call(router, 10)
    gc.collect()
    before = rss_mb(os.getpid())
    activating = await _call(router, count)
    gc.collect()
    kept = rss_mb(os.getpid()) - before
    calling = await _call(router, count)
    begun = time.process_time()
    for _ in range(1_000):
        residence._news.set()
        await asyncio.sleep(0)
    looking = time.process_time() - begun
    begun = time.process_time()
    await residence.unregister(["Cat"], host)
    leaving = time.process_time() - begun
    idling.cancel()
    await asyncio.gather(idling, return_exceptions=True)
    return Idle(count, count / activating, count / calling, kept * 1e6 / count, looking * 1e3, count / leaving)


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.actors_idle", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--actors", type=int, default=1_000_000, help="how many (default 1,000,000)")
    options = parser.parse_args()
    found = uvloop.run(measure(options.actors))
    print(
        f"{found.actors:,} actors: {found.activations_per_s:,.0f} activations/s, "
        f"{found.calls_of_active_per_s:,.0f} calls/s of active ones, {found.bytes_per_actor:.0f} bytes each, "
        f"{found.deactivations_per_s:,.0f} let go a second"
    )
    publish("actors_idle", asdict(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
