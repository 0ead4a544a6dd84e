"""Which version is asked for: chart, images and command belong together, so it can only be this one."""

from __future__ import annotations

from dapr_cli.command import Failure
from dapr_cli.flags import Parsed
from dapr_core.process.version import package_version, runtime_version

LATEST = "latest"


def check_runtime_version(flags: Parsed) -> None:
    """Raises Failure for ``--runtime-version`` of another version, and says how to get that one."""
    wanted = flags.text("runtime-version").removeprefix("v")
    if wanted in ("", LATEST, runtime_version(), package_version()):
        return
    raise Failure(
        f"this command installs version {runtime_version()}; get that of version {wanted} first: "
        f"pip install 'dapr-runtime[cli]=={wanted}'"
    )
