"""Where the processor time of a service invocation over HTTP goes: its layers added one at a time.

The first level is what the protocols alone cost: a caller takes HTTP/1.1 requests and sends each body as one gRPC
message to a callee, which asks the application over HTTP/1.1 and answers with one message. Each further level is the
same with one more of the sidecar's own rooms (``lib.layers``), and the last is the sidecar itself. What stands between
two levels is the price of the layer between them; nobody can leave one out and still be Dapr. ``python -m bench.floor``
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import uvloop

from bench.lib.processes import running
from bench.lib.report import publish
from bench.lib.sidecar import echo_app, sidecar
from bench.lib.work import Work, best_ratios
from bench.lib.yardstick import BODY, yardstick

ADDED: Final = {
    "protocols": "HTTP/1.1 and gRPC alone",
    "message": "+ the internal message, calls in one connection's turn",
    "names": "+ name resolution, identities, Forwarded fields",
    "policies": "+ kinds of target, policies, rules of headers",
    "reading": "+ reading target and method out of the request",
    "routes": "+ routes, errors as answers",
    "trace": "+ trace context in and out",
    "metrics": "+ metrics",
    "sidecar": "the sidecar, as users run it",
}
"""What each level adds to the one before it. A callee has no step for what is the caller's alone."""
CALLER: Final = ("protocols", "message", "names", "policies", "reading", "routes", "trace", "metrics")
CALLEE: Final = ("protocols", "message", "trace", "metrics")
_COMMAND: Final = [sys.executable, "-m", "bench.floor"]


def level_works(stack: contextlib.ExitStack) -> Iterator[Work]:
    """Every level of the caller in front of a sidecar, and of the callee behind the least caller for it."""
    _, app = stack.enter_context(echo_app())
    real = stack.enter_context(sidecar("callee", app_port=app))
    for level in CALLER:
        behind = _start(stack, "callee", "protocols", app)[1] if level == "protocols" else real.internal_port
        pid, port = _start(stack, "caller", level, behind)
        yield _work(f"caller, {level}", pid, f"http://127.0.0.1:{port}")
    caller = stack.enter_context(sidecar("caller"))
    yield _work("caller, sidecar", caller.pid, caller.url)
    for level in CALLEE:
        pid, port = _start(stack, "callee", level, app)
        front = _start(stack, "caller", "protocols" if level == "protocols" else "message", port)[1]
        yield _work(f"callee, {level}", pid, f"http://127.0.0.1:{front}")
    yield _work("callee, sidecar", real.pid, caller.url)


def _start(stack: contextlib.ExitStack, role: str, level: str, port: int) -> tuple[int, int]:
    pid, line = stack.enter_context(running([*_COMMAND, "--serve", role, "--level", level, "--port", str(port)]))
    return pid, int(line)


def _work(name: str, pid: int, url: str) -> Work:
    return Work(
        name=name,
        roles=("",),
        pids=(pid,),
        url=f"{url}/v1.0/invoke/callee/method/echo",
        method="POST",
        headers={"Content-Type": "application/octet-stream"},
        body=BODY,
    )


def table(found: Mapping[str, float]) -> str:
    """Each level in multiples of E, and what it adds."""
    width = max(map(len, ADDED.values())) + 8
    lines = [f"{'1 KiB each way, 32 connections':{width}} {'E':>6} {'adds':>6}"]
    for role in ("caller", "callee"):
        before = 0.0
        for level, text in ADDED.items():
            cost = found.get(f"{role}, {level}")
            if cost is not None:
                lines.append(f"{role}: {text:{width - 8}} {cost:6.2f} {cost - before:+6.2f}")
                before = cost
    return "\n".join(lines)


def measure(rounds: int) -> dict[str, float]:
    """Every level in turn, again and again; the least of each counts, since a neighbour only ever adds."""
    with yardstick() as stick, contextlib.ExitStack() as stack:
        works: Sequence[Work] = list(level_works(stack))
        return best_ratios(works, stick, rounds)


async def serve(role: str, level: str, port: int) -> None:
    """Be one of the processes: print the port, then serve until killed."""
    from bench.lib import layers  # it loads most of the sidecar
    from dapr_core.process.run import settle
    from dapr_core.rpc.http1.server import HTTP1Server

    if role == "caller":
        ((_, bound),) = await HTTP1Server(await layers.caller(level, port)).serve_tcp("127.0.0.1", 0)
    else:
        (listening,) = await layers.callee(level, port).listen("127.0.0.1", 0)
        bound = listening.getsockname()[1]
    settle()
    print(bound, flush=True)
    await asyncio.Event().wait()


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.floor", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=10, help="how often each level is measured, a second each time")
    for inner in ("--serve", "--level", "--port"):
        parser.add_argument(inner, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        uvloop.run(serve(options.serve, options.level, int(options.port)))
        return
    found = measure(options.rounds)
    print(table(found))
    publish("floor", found)


if __name__ == "__main__":
    main()
