"""Look for components in processes of their own, when somebody has made the folder for their sockets.

Without the folder nothing of ``dapr_components.pluggable`` is imported: a start costs one look at the file system.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from dapr_components import registry

FOLDER_VARIABLE = "DAPR_COMPONENTS_SOCKETS_FOLDER"
DEFAULT_FOLDER = "/tmp/dapr-components-sockets"  # the documented place; who may have made it is checked


async def find_pluggable(environment: Mapping[str, str]) -> None:
    """Register what answers in the folder, in place of what a run before has found (building-blocks.md §6.8)."""
    folder = Path(environment.get(FOLDER_VARIABLE) or DEFAULT_FOLDER)
    if not os.path.lexists(folder):  # noqa: ASYNC240 - one look, no longer than a thread takes to start
        registry.set_discovered({})
        return
    from dapr_components.pluggable.discovery import discover

    registry.set_discovered(await discover(folder))
