"""How soon a change of a component is known to all sidecars, and what the operator keeps and spends for them.

On the cluster of a kubeconfig (``make cluster-api`` starts one and says where) an operator serves as many components as
told to as many connected sidecars, each of which has an identity and a TLS connection of its own, has listed everything
and follows four kinds, as our sidecars do. Components are changed one after another, by server-side apply, and then
many at once; the time counts from before the request of the change is sent until a sidecar has the event::

    python -m bench.operator --kubeconfig FILE [--components 1000] [--sidecars 200] [--changes 100] [--burst 50]
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Final

import uvloop

from bench.lib.control_plane import Plane, named, percentile, plane, service, typed
from bench.lib.processes import cpu_seconds, free_ports, pss_mb
from bench.lib.report import pairs, publish
from bench.lib.sidecar_streams import MARK, heard, sidecars
from dapr_core.kube.kinds import COMPONENT

AT_ONCE: Final = 16
_REST: Final = 10.0
"""Seconds over which processor time at rest is taken."""


@dataclass(frozen=True)
class Figures:
    """Milliseconds from an apply to a sidecar, over all sidecars and changes; MB of PSS; processor time."""

    components: int
    sidecars: int
    changes: int
    p50_ms: float
    p99_ms: float
    worst_ms: float
    burst: int
    burst_p99_ms: float
    cpu_ms_per_change: float
    alone_mb: float
    with_components_mb: float
    with_sidecars_mb: float
    after_changes_mb: float
    rest_per_mille: float


@contextlib.contextmanager
def running_operator(made: Plane) -> Iterator[tuple[int, int]]:
    """An operator of the plane: process id and port."""
    port, webhook = free_ports(2)
    flags = {
        "port": str(port),
        "listen-address": "127.0.0.1",
        "webhook-server-port": str(webhook),
        "trust-anchors-file": str(made.anchors),
        "kubeconfig": made.kubeconfig,
    }
    with service("dapr_operator.main", flags, {"NAMESPACE": made.namespace, "ENABLE_WEBHOOKS": "false"}) as pid:
        yield pid, port


def component(made: Plane, number: int, word: str) -> dict[str, Any]:
    """One with the settings that a Redis store has in the documentation."""
    settings = {
        "redisHost": "redis-master.default.svc.cluster.local:6379",
        "redisUsername": "",
        "enableTLS": "true",
        "maxRetries": "3",
        "word": word,
    }
    metadata = [{"name": name, "value": value} for name, value in settings.items()]
    metadata.append({"name": "redisPassword", "value": "not a secret of anybody"})
    spec = {"type": "state.redis", "version": "v1", "metadata": metadata}
    return typed(COMPONENT, {"metadata": named(made, f"c-{number}"), "spec": spec})


async def declare(made: Plane, count: int) -> None:
    """Make the components."""
    numbers = iter(range(count))

    async def work() -> None:
        for number in numbers:
            await made.client.create(COMPONENT, component(made, number, "first"))

    await asyncio.gather(*(work() for _ in range(AT_ONCE)))


async def withdraw(made: Plane, count: int) -> None:
    """Delete them: nobody else does, where no controller runs."""
    numbers = iter(range(count))

    async def work() -> None:
        for number in numbers:
            await made.client.delete(COMPONENT, f"c-{number}", made.namespace)

    await asyncio.gather(*(work() for _ in range(AT_ONCE)))


async def change(made: Plane, number: int, word: str) -> float:
    """Change a component; gives when the request began."""
    whole = component(made, number, MARK.decode() + word)
    begun = time.monotonic()
    await made.client.apply(COMPONENT, whole, manager="dapr-bench", force=True)
    return begun


async def measure(kubeconfig: str, components: int, size: int, changes: int, burst: int) -> Figures:
    """Measure everything on one operator."""
    async with plane(kubeconfig) as made:
        with running_operator(made) as (pid, port):
            alone = pss_mb(pid)
            try:
                await declare(made, components)
                await asyncio.sleep(_REST)
                declared = pss_mb(pid)
                with sidecars(port, made.sentry, made.anchors, made.namespace, size) as crowd:
                    connected = pss_mb(pid)
                    await asyncio.sleep(_REST / 2)
                    before = cpu_seconds(pid)
                    await asyncio.sleep(_REST)
                    rest = 1000 * (cpu_seconds(pid) - before) / _REST
                    single: list[float] = []
                    before = cpu_seconds(pid)
                    for number in range(changes):
                        word = f"one-{number}"
                        begun = await change(made, number % components, word)
                        arrived = await asyncio.to_thread(heard, crowd, word)
                        single += [1000 * (at - begun) for at in arrived]
                    spent = cpu_seconds(pid) - before
                    words = {number: f"many-{number}" for number in range(min(burst, components))}
                    starts = await asyncio.gather(*(change(made, number, word) for number, word in words.items()))
                    together: list[float] = []
                    for word, begun in zip(words.values(), starts, strict=True):
                        arrived = await asyncio.to_thread(heard, crowd, word)
                        together += [1000 * (at - begun) for at in arrived]
                    loaded = pss_mb(pid)
            finally:
                await withdraw(made, components)
        return Figures(
            components, size, changes, percentile(single, 0.5), percentile(single, 0.99), max(single),
            len(words), percentile(together, 0.99), 1000 * spent / changes,
            alone, declared, connected, loaded, rest,
        )  # fmt: skip


def show(found: Figures) -> None:
    """The figures as a table."""
    steady, worst = f"{found.p50_ms:.0f} / {found.p99_ms:.0f}", f"{found.worst_ms:.0f}"
    rows = [
        ("an applied component at a sidecar, p50 / p99 / worst", f"{steady} / {worst} ms"),
        (f"{found.burst} of them at once, p99", f"{found.burst_p99_ms:.0f} ms"),
        ("operator's processor for a change", f"{found.cpu_ms_per_change:.1f} ms"),
        ("operator's memory alone (PSS)", f"{found.alone_mb:.0f} MB"),
        (f"with {found.components} components", f"{found.with_components_mb:.0f} MB"),
        (f"and {found.sidecars} sidecars", f"{found.with_sidecars_mb:.0f} MB"),
        ("and after the changes", f"{found.after_changes_mb:.0f} MB"),
        ("operator's processor at rest", f"{found.rest_per_mille:.1f} ‰ of a core"),
    ]
    print(pairs(rows))


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.operator", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--kubeconfig", required=True, help="kubeconfig of a cluster's administrator")
    parser.add_argument("--components", type=int, default=1000, help="components declared (default 1000)")
    parser.add_argument("--sidecars", type=int, default=200, help="sidecars connected (default 200)")
    parser.add_argument("--changes", type=int, default=100, help="changes one after another (default 100)")
    parser.add_argument("--burst", type=int, default=50, help="changes at once (default 50)")
    options = parser.parse_args()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        found = runner.run(
            measure(options.kubeconfig, options.components, options.sidecars, options.changes, options.burst)
        )
    show(found)
    publish("operator", asdict(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
