"""The invocation of ``bench.invoke`` under mutual TLS: sidecars with identities of a sentry, and once with access
policies too.

``python -m bench.invoke_mtls``
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.lib.command import main
from bench.lib.sidecar import Sidecar, echo_app, sidecar
from bench.lib.work import Work
from bench.lib.yardstick import BODY
from bench.sentry import running_sentry

POLICIES = """apiVersion: dapr.io/v1alpha1
kind: Configuration
metadata: {name: guarded}
spec:
  accessControl:
    defaultAction: deny
    trustDomain: public
    policies:
    - appId: caller
      namespace: default
      trustDomain: public
      defaultAction: deny
      operations: [{name: /echo, httpVerb: [POST], action: allow}]
"""


@contextlib.contextmanager
def stage() -> Iterator[Sequence[Work]]:
    """A sentry, a caller, a callee, one with policies, an application."""
    with running_sentry() as (_, address, bundle), echo_app() as (_, port), tempfile.TemporaryDirectory() as folder:
        flags = ("--enable-mtls", f"--sentry-address={address}")
        environment = {"DAPR_TRUST_ANCHORS": bundle.pem.decode()}
        config = Path(folder) / "config.yaml"
        config.write_text(POLICIES)
        guarded_flags = (*flags, f"--config={config}")
        with (
            sidecar("callee", app_port=port, flags=flags, environment=environment) as callee,
            sidecar("guarded", app_port=port, flags=guarded_flags, environment=environment) as guarded,
            sidecar("caller", flags=flags, environment=environment) as caller,
        ):
            yield [
                _work("invoke over mTLS", caller, callee, "callee"),
                _work("invoke over mTLS, with policies", caller, guarded, "guarded"),
            ]


def _work(name: str, caller: Sidecar, callee: Sidecar, app_id: str) -> Work:
    return Work(
        name=name,
        roles=("caller", "callee"),
        pids=(caller.pid, callee.pid),
        url=f"{caller.url}/v1.0/invoke/{app_id}/method/echo",
        method="POST",
        headers={"Content-Type": "application/octet-stream"},
        body=BODY,
    )


if __name__ == "__main__":
    main("invoke_mtls", stage)
