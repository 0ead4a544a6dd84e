"""How the CLI starts the sidecar program.

The sidecar belongs to the same Python environment as the CLI, so it is started as a module of this interpreter: no
``PATH`` and no installed launcher are needed. Developers of the sidecar may put another program in its place with
``DAPR_RUNTIME_COMMAND``, a command line that is split as a shell would.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping

OVERRIDE = "DAPR_RUNTIME_COMMAND"
MODULE = "daprd.main"
ASK_TIMEOUT = 20.0


def command(env: Mapping[str, str]) -> list[str]:
    """The argv that starts a sidecar; its flags are to be appended."""
    override = env.get(OVERRIDE, "").strip()
    if override:
        import shlex

        return shlex.split(override)
    return [sys.executable, "-m", MODULE]


def ask(flag: str) -> str:
    """What the sidecar prints for an informational flag such as ``--version``; empty when it cannot be asked."""
    try:
        done = subprocess.run(
            [*command(os.environ), flag], capture_output=True, text=True, timeout=ASK_TIMEOUT, check=False
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
