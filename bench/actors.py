"""A call of an actor over HTTP, 1 KiB each way, 1,000 actors: from a sidecar that hosts none to the owner's, whose
application is the bare echo server; and at the owner itself.

``python -m bench.actors``
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.lib.command import main
from bench.lib.processes import end, free_ports
from bench.lib.sidecar import echo_app, sidecar, write_component
from bench.lib.work import Work
from bench.lib.yardstick import BODY

ACTORS = 1_000
_SCRIPT = f"""
local n = 0
request = function()
  n = (n + 1) % {ACTORS}
  return wrk.format(nil, "/v1.0/actors/Cat/" .. n .. "/method/echo")
end
"""


@contextlib.contextmanager
def placement() -> Iterator[str]:
    """A placement service; gives its address."""
    port, health, metrics = free_ports(3)
    flags = [f"--port={port}", f"--healthz-port={health}", f"--metrics-port={metrics}", "--listen-address=127.0.0.1"]
    process = subprocess.Popen([sys.executable, "-m", "dapr_placement.main", *flags], stderr=subprocess.DEVNULL)
    try:
        deadline = time.perf_counter() + 30
        while not _healthy(health):
            if process.poll() is not None or time.perf_counter() > deadline:
                raise RuntimeError("placement was not healthy within 30 s")
            time.sleep(0.02)
        yield f"127.0.0.1:{port}"
    finally:
        end(process)


def _healthy(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


@contextlib.contextmanager
def stage() -> Iterator[Sequence[Work]]:
    """Placement, an owner with its application, a caller."""
    with contextlib.ExitStack() as stack:
        resources = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        write_component(resources, "mem", "state.in-memory", {"actorStateStore": "true"})
        flags = [f"--placement-host-address={stack.enter_context(placement())}"]
        _, port = stack.enter_context(echo_app("Cat"))
        owner = stack.enter_context(sidecar("owner", app_port=port, resources=resources, flags=flags))
        caller = stack.enter_context(sidecar("caller", flags=flags))
        yield [
            Work(
                name=name, roles=roles, pids=pids, url=f"{at.url}/v1.0/actors/Cat/0/method/echo", method="POST",
                headers={"Content-Type": "application/octet-stream"}, body=BODY, script=_SCRIPT,
            )
            for name, at, roles, pids in (
                ("actor elsewhere", caller, ("caller", "owner"), (caller.pid, owner.pid)),
                ("actor here", owner, ("",), (owner.pid,)),
            )
        ]  # fmt: skip


if __name__ == "__main__":
    main("actors", stage)
