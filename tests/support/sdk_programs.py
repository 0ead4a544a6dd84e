"""A user's programs beside a sidecar: their environment is what ``dapr run`` gives, their answer what they print."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from support.processes import Daprd

PROGRAMS = Path(__file__).resolve().parents[1] / "sdk" / "programs"
LIMIT = 90.0


def environment(sidecar: Daprd | None = None, **more: str) -> dict[str, str]:
    """The environment of a program; without a sidecar it knows of none."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("DAPR_", "APP_"))}
    if sidecar is not None:
        ports = {"DAPR_HTTP_PORT": str(sidecar.http_port), "DAPR_GRPC_PORT": str(sidecar.grpc_port)}
        inherited |= {**ports, "APP_ID": sidecar.app_id}
    return inherited | more


def printed(command: Sequence[str], env: Mapping[str, str]) -> list[str]:
    """The lines of a program that ends well."""
    done = subprocess.run(command, env=dict(env), capture_output=True, text=True, timeout=LIMIT, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.splitlines()


def told(command: Sequence[str], env: Mapping[str, str]) -> dict[str, Any]:
    """The JSON object on the last line of a program that ends well."""
    return dict(json.loads(printed(command, env)[-1]))
