"""What a handshake of mutual TLS costs: at a sidecar's port for others, and by itself, full and resumed.

A sidecar is connected to anew as often as it takes it, from several processes; measured are handshakes a second and the
processor time that the sidecar spends on one, HTTP/2's greeting and the look at the caller's identity included. Then
both ends run against one another in memory, where a resumed handshake can be compared with a full one: sidecars resume
none, since a resumed session would not see that an anchor has been withdrawn meanwhile::

    python -m bench.handshakes [--seconds 5]
"""

from __future__ import annotations

import argparse
import asyncio
import os
import ssl
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from typing import Final

import uvloop

from bench.lib.processes import cpu_seconds
from bench.lib.report import publish
from bench.lib.sidecar import sidecar
from bench.lib.yardstick import yardstick
from bench.sentry import running_sentry
from dapr_core.identity.bundle import TrustBundle
from dapr_core.identity.sentry import SentryClient, SentryOptions
from dapr_core.identity.spiffe import TrustDomain
from dapr_core.identity.svid import X509Svid
from dapr_core.identity.tls import client_context, mutual_server_context
from dapr_core.rpc.grpc import Channel, ChannelOptions

CLIENTS: Final = 2
"""Processes that connect: as many as the machine has cores beside little else."""
ROUNDS: Final = 300


@dataclass(frozen=True)
class Served:
    """Handshakes a second at one sidecar, and microseconds of its processor time for one, also in multiples of E."""

    per_second: float
    cpu_us: float
    cpu_e: float


@dataclass(frozen=True)
class InMemory:
    """Microseconds of processor time for one handshake, by end and kind."""

    full_server_us: float
    full_client_us: float
    resumed_server_us: float
    resumed_client_us: float


async def _fetch(address: str, bundle: TrustBundle, app_id: str) -> X509Svid:
    options = SentryOptions(
        address=address, app_id=app_id, namespace="default", control_plane_trust_domain=TrustDomain("localhost"),
        control_plane_namespace="default",
    )  # fmt: skip
    return (await SentryClient(options).fetch(bundle)).svid


def _connect(sentry: str, pem: bytes, port: int, seconds: float) -> int:
    """Connect anew until the time is over; how often that was."""

    async def main() -> int:
        bundle = TrustBundle.parse(pem)
        context = client_context(bundle, await _fetch(sentry, bundle, f"client{os.getpid()}"))
        until = time.perf_counter() + seconds
        done = 0

        async def one_after_another() -> None:
            nonlocal done
            while time.perf_counter() < until:
                channel = Channel(f"127.0.0.1:{port}", ChannelOptions(ssl=context))
                await channel.connect()
                await channel.close()
                done += 1

        await asyncio.gather(*[one_after_another() for _ in range(4)])
        return done

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(main())


def at_a_sidecar(seconds: float) -> Served:
    """Load one sidecar with connections."""
    with running_sentry() as (_, address, bundle), yardstick() as stick:
        flags = ("--enable-mtls", f"--sentry-address={address}")
        environment = {"DAPR_TRUST_ANCHORS": bundle.pem.decode()}
        with sidecar("callee", flags=flags, environment=environment) as callee:
            e_us = stick.run(1).cpu_us[0]
            with ProcessPoolExecutor(CLIENTS) as pool:
                before = cpu_seconds(callee.pid)
                jobs = [
                    pool.submit(_connect, address, bundle.pem, callee.internal_port, seconds) for _ in range(CLIENTS)
                ]
                count = sum(job.result() for job in jobs)
                spent = cpu_seconds(callee.pid) - before
    cpu_us = spent / count * 1e6
    return Served(count / seconds, cpu_us, cpu_us / e_us)


def in_memory() -> InMemory:
    """Both ends in one process, the least of several rounds each."""
    with running_sentry() as (_, address, bundle):
        server = asyncio.run(_fetch(address, bundle, "server"))
        client = asyncio.run(_fetch(address, bundle, "client"))
    serving, calling = mutual_server_context(server, bundle), client_context(bundle, client)
    full = [_handshake(serving, calling, None) for _ in range(ROUNDS)]
    for context in (serving, calling):
        context.options &= ~ssl.OP_NO_TICKET
    serving.num_tickets = 1
    session = _handshake(serving, calling, None)[2]
    resumed = [_handshake(serving, calling, session) for _ in range(ROUNDS)]
    return InMemory(*[min(run[end] for run in runs) * 1e6 for runs in (full, resumed) for end in (0, 1)])


def _handshake(
    serving: ssl.SSLContext, calling: ssl.SSLContext, session: ssl.SSLSession | None
) -> tuple[float, float, ssl.SSLSession | None]:
    """One handshake: processor seconds of the server and of the client, and what may be resumed later."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    server = serving.wrap_bio(to_server, to_client, server_side=True)
    client = calling.wrap_bio(to_client, to_server, session=session)
    spent = {server: 0.0, client: 0.0}
    for end in (client, server, client, server):
        spent[end] += _timed(end.do_handshake)
    server.write(b"x")
    spent[client] += _timed(lambda: client.read(1))
    if (session is not None) is not bool(client.session_reused):
        raise RuntimeError("the session was not resumed, or was although none was given")
    return spent[server], spent[client], client.session


def _timed(step: Callable[[], object]) -> float:
    began = time.process_time()
    try:
        step()
    except ssl.SSLWantReadError:
        pass
    return time.process_time() - began


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.handshakes")
    parser.add_argument("--seconds", type=float, default=5.0, help="how long connections are made (default 5)")
    served, memory = at_a_sidecar(parser.parse_args().seconds), in_memory()
    print(f"at a sidecar: {served.per_second:.0f} full handshakes a second, {served.cpu_us:.0f} µs "
          f"({served.cpu_e:.0f} E) of its processor each")  # fmt: skip
    print(f"by itself: full {memory.full_server_us:.0f} µs (server) and {memory.full_client_us:.0f} µs (client), "
          f"resumed {memory.resumed_server_us:.0f} and {memory.resumed_client_us:.0f} µs")  # fmt: skip
    publish("handshakes", {"served": asdict(served), "in_memory": asdict(memory)})


if __name__ == "__main__":
    main()
