"""Files that are there whole or not at all, whenever the power fails (write aside, sync, rename, sync the directory).

``checkpoint`` is called between any two steps that change the disk; tests kill the process there.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

MODE: Final = 0o600
_SUFFIX: Final = ".sentry-tmp"


def nowhere(_step: str) -> None:
    """The checkpoint of real life."""


def write(path: Path, data: bytes, checkpoint: Callable[[str], None] = nowhere) -> None:
    """Replace a file by this content, readable by its owner only. Raises ``OSError``."""
    aside = path.with_name(f".{path.name}{_SUFFIX}")
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW, MODE)
    try:
        os.fchmod(descriptor, MODE)
        _keep_owner(descriptor, path)
        checkpoint(f"made {aside.name}")
        view = memoryview(data)
        while view:
            view = view[os.write(descriptor, view) :]
        checkpoint(f"wrote {aside.name}")
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    checkpoint(f"synced {aside.name}")
    os.replace(aside, path)
    checkpoint(f"renamed {path.name}")
    sync_directory(path.parent)
    checkpoint(f"synced the directory of {path.name}")


def _keep_owner(descriptor: int, path: Path) -> None:
    """What root writes belongs to whom the file, or its directory, belongs to: they must be able to read it."""
    if os.geteuid() != 0:
        return
    try:
        owner = os.stat(path)
    except FileNotFoundError:
        owner = os.stat(path.parent)
    os.fchown(descriptor, owner.st_uid, owner.st_gid)


def remove(path: Path, checkpoint: Callable[[str], None] = nowhere) -> None:
    """Remove a file if it is there. Raises ``OSError``."""
    try:
        os.unlink(path)
    except FileNotFoundError:
        return
    sync_directory(path.parent)
    checkpoint(f"removed {path.name}")


def sync_directory(directory: Path) -> None:
    """Make the names in a directory last. Raises ``OSError``."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # file systems that know no such thing
            raise
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def locked(directory: Path) -> Iterator[None]:
    """Be the only process that works on a directory; waits for another one. No file of a lock stays behind.

    Where the file system knows no locks (some network ones), nobody is kept out.
    """
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        except OSError as error:
            if error.errno not in (errno.ENOLCK, errno.ENOTSUP, errno.EBADF, errno.EINVAL):
                raise
        yield
    finally:
        os.close(descriptor)
