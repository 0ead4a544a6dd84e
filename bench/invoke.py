"""A service invocation over HTTP through two sidecars, 1 KiB each way; the application is the bare echo server,
and once one that answers with the heads of a web framework.

``python -m bench.invoke``
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence

from bench.lib.command import main
from bench.lib.sidecar import echo_app, sidecar
from bench.lib.work import Work
from bench.lib.yardstick import BODY


@contextlib.contextmanager
def stage() -> Iterator[Sequence[Work]]:
    """A caller, a callee, an application."""
    with echo_app() as (_, port), sidecar("callee", app_port=port) as callee, sidecar("caller") as caller:
        yield [
            Work(
                name=name,
                roles=("caller", "callee"),
                pids=(caller.pid, callee.pid),
                url=f"{caller.url}/v1.0/invoke/callee/method/{path}",
                method="POST",
                headers={"Content-Type": "application/octet-stream"},
                body=BODY,
            )
            for name, path in (("invoke", "echo"), ("invoke, a framework's answer", "headed"))
        ]


if __name__ == "__main__":
    main("invoke", stage)
