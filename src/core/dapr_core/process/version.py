"""The version this process reports: in logs, in ``/v1.0/metadata``, to ``--version``.

Clients parse it as ``edge`` or ``1.2.3`` or ``1.2.3-rc.4`` (api.md §6.1), which Python's spelling of a release
candidate (``1.2.3rc4``) or a development version is not; ``runtime_version`` translates.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable
from functools import cache
from typing import Final

DISTRIBUTION: Final = "dapr-runtime"
EDGE: Final = "edge"
_RELEASE: Final = re.compile(r"([0-9]+)\.([0-9]+)(?:\.([0-9]+))?(?:rc([0-9]+))?")


@cache
def package_version() -> str:
    """The installed distribution's version in Python's spelling; ``0+unknown`` from a checkout not installed."""
    return _among(sys.path) or _asked() or "0+unknown"


def _among(directories: Iterable[str]) -> str:
    """The version in the name of our ``.dist-info`` (PEP 427), where it lies in a plain directory; empty elsewhere."""
    start, end = DISTRIBUTION.replace("-", "_") + "-", ".dist-info"
    for directory in directories:
        try:
            names = os.listdir(directory or ".")
        except OSError:
            continue
        for name in names:
            if name.startswith(start) and name.endswith(end):
                return name[len(start) : -len(end)]
    return ""


def _asked() -> str:
    """The version as Python tells it, wherever it lies. Asking costs 15 ms and 3 MB for the life of the process."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(DISTRIBUTION)
    except PackageNotFoundError:
        return ""


@cache
def runtime_version() -> str:
    """The version as Dapr's clients read it: a release, a release candidate, or ``edge`` for anything else."""
    return as_runtime_version(package_version())


def as_runtime_version(version: str) -> str:
    """Translate a version from Python's spelling."""
    found = _RELEASE.fullmatch(version)
    if found is None:
        return EDGE
    major, minor, patch, candidate = found.groups()
    return f"{major}.{minor}.{patch or 0}" + (f"-rc.{candidate}" if candidate is not None else "")


def build_info() -> str:
    """What ``--build-info`` prints."""
    return f"Version: {runtime_version()}\nGit Commit: \nGit Version: {package_version()}\n"
