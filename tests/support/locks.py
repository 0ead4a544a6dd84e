"""Names that only one test on this machine may use at a time, because sidecars find each other by them."""

from __future__ import annotations

import contextlib
import fcntl
import tempfile
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def alone(name: str) -> Iterator[None]:
    """Hold ``name`` against all other processes; waits until it is free, and is freed by the process's end."""
    with (Path(tempfile.gettempdir()) / f"dapr-tests-{name}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
