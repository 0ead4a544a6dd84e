"""Which files of the folder are sockets that may be trusted.

Whoever can put a socket into the folder receives the secrets in manifests and all state. So the folder and every socket
must belong to the user the sidecar runs as, or to root, and must not be writable by everybody; the default folder lies
below ``/tmp``, where any user could have made it first. What is refused is logged with the remedy.
"""

from __future__ import annotations

import logging
import os
import stat
from pathlib import Path

log = logging.getLogger("dapr.pluggable-components-discovery")


class UntrustedError(Exception):
    """A folder or a socket is not to be used; the text says why and what to do."""


def component_sockets(folder: Path) -> list[Path]:
    """The trusted sockets of a folder, by name. A folder that is not there has none; subfolders are passed over.

    Raises:
        UntrustedError: the folder itself is open to others, or is no folder that can be read.
    """
    try:
        _check(folder, os.lstat(folder), link=True)
        found = os.stat(folder)
        _check(folder, found)
        if not stat.S_ISDIR(found.st_mode):
            raise UntrustedError(f"{folder} is no folder: remove it, or set DAPR_COMPONENTS_SOCKETS_FOLDER")
        names = sorted(os.listdir(folder))
    except FileNotFoundError:
        return []
    except OSError as error:
        raise UntrustedError(f"{folder} cannot be read: {error.strerror}") from error
    return [path for path in (folder / name for name in names) if _usable(path)]


def check_socket(path: Path) -> os.stat_result:
    """A socket's file, if it may be connected to.

    Raises:
        UntrustedError: it is no socket, belongs to somebody else, or everybody may write to it.
        OSError: it is not there.
    """
    found = os.lstat(path)
    if not stat.S_ISSOCK(found.st_mode):
        raise UntrustedError(f"could not use socket for file {path}: it is no socket")
    _check(path, found)
    return found


def _usable(path: Path) -> bool:
    try:
        if path.is_dir():
            return False
        check_socket(path)
    except (UntrustedError, OSError) as error:
        log.warning("%s", error)
        return False
    return True


def _check(path: Path, found: os.stat_result, *, link: bool = False) -> None:
    own = os.geteuid()
    if found.st_uid not in (own, 0):
        raise UntrustedError(
            f"{path} belongs to user {found.st_uid} and is not used: it must belong to user {own}, as whom the sidecar"
            f" runs, or to root (chown {own} {path})"
        )
    is_link = link and stat.S_ISLNK(found.st_mode)  # the mode of a link means nothing
    if found.st_mode & stat.S_IWOTH and not is_link:
        raise UntrustedError(f"{path} is writable by everybody and is not used: run chmod o-w {path}")
