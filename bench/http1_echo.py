"""What our HTTP/1.1 costs: the server with a handler that answers at once and one that is awaited, and the client.

``python -m bench.http1_echo`` prints a table and JSON. The client's cost is that of a process that calls an echo server
32 calls at a time, per call.
"""

from __future__ import annotations

import argparse
import asyncio
import resource
import sys
import time
from collections.abc import Callable

import uvloop

from bench.lib.load import Figure, run_wrk
from bench.lib.processes import running
from bench.lib.report import as_json, publish, table
from bench.lib.work import Row
from bench.lib.yardstick import BODY, yardstick
from dapr_core.rpc.http1.client import HTTP1Client, Origin
from dapr_core.rpc.http1.server import HTTP1Server
from dapr_core.rpc.messages import Request, Response

HEADERS = [(b"content-type", b"text/plain")]


def at_once(request: Request) -> Response:
    """The cheapest handler."""
    return Response(200, HEADERS, request.body)


async def awaited(request: Request) -> Response:
    """A handler that gets a task."""
    return Response(200, HEADERS, await request.read())


async def serve(kind: str) -> None:
    """Run one of the servers until killed."""
    handlers: dict[str, Callable[[Request], object]] = {"at-once": at_once, "awaited": awaited}
    server = HTTP1Server(handlers[kind])  # type: ignore[arg-type]
    ((_, port),) = await server.serve_tcp("127.0.0.1", 0)
    print(port, flush=True)
    await asyncio.Event().wait()


async def call(port: int, seconds: float) -> Figure:
    """Call the echo server from 32 tasks and count what a call costs this process."""
    client = HTTP1Client()
    origin = Origin("127.0.0.1", port)
    latencies: list[float] = []
    end = time.perf_counter() + seconds

    async def caller() -> None:
        while (start := time.perf_counter()) < end:
            response = await client.request(origin, Request("POST", b"/echo", HEADERS, BODY))
            assert response.body == BODY
            latencies.append(time.perf_counter() - start)

    before = resource.getrusage(resource.RUSAGE_SELF)
    await asyncio.gather(*[caller() for _ in range(32)])
    after = resource.getrusage(resource.RUSAGE_SELF)
    await client.close()
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    latencies.sort()
    count = len(latencies)
    p50, p99 = latencies[count // 2] * 1e3, latencies[count * 99 // 100] * 1e3
    return Figure(count / seconds, p50, p99, (cpu / count * 1e6,), 0)


def main() -> None:
    """Measure everything and print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--serve", choices=["at-once", "awaited"], help=argparse.SUPPRESS)
    parser.add_argument("--seconds", type=float, default=2.0)
    options = parser.parse_args()
    if options.serve:
        uvloop.run(serve(options.serve))
        return
    with yardstick() as stick:
        echo = stick.run(options.seconds)
        e_us = echo.cpu_us[0]
        rows = {"bare uvloop + httptools": Row(e_us, echo)}
        for kind in ("at-once", "awaited"):
            rows |= server_rows(kind, e_us, options.seconds)
        rows["client, 32 calls at a time"] = Row(e_us, uvloop.run(call(stick.port, options.seconds)))
    print(table(rows))
    publish("http1_echo", as_json(rows))


def server_rows(kind: str, e_us: float, seconds: float) -> dict[str, Row]:
    """What one of the servers costs at one connection and at 32."""
    rows: dict[str, Row] = {}
    with running([sys.executable, "-m", "bench.http1_echo", "--serve", kind]) as (pid, port):
        url = f"http://127.0.0.1:{port}/echo"
        run_wrk(url, seconds=1, method="POST", body=BODY)
        for connections in (1, 32):
            figure = run_wrk(url, pids=[pid], seconds=seconds, connections=connections, method="POST", body=BODY)
            rows[f"server, handler {kind}, {connections} conn."] = Row(e_us, figure)
    return rows


if __name__ == "__main__":
    main()
