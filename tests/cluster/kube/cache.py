"""Where built programs, images and the state of a running cluster are kept, and who may write there.

Everything lies under the user's cache directory, outside the checkout. What is built gets a folder named after its
recipe (a digest of all that determines it), so two checkouts with different recipes do not disturb each other, and a
folder that exists is whole: it is made beside and renamed. A lock lets a second run wait for the first one's build.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

KEPT_RECIPES = 2
"""Folders of one program that stay: the newest, and the one before for a checkout beside that still uses it."""


def root() -> Path:
    """The folder of everything (XDG Base Directory Specification)."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    home = Path(base) if base.startswith("/") else Path.home() / ".cache"
    return home / "dapr-runtime-tests" / "kube"


@contextlib.contextmanager
def alone(name: str) -> Iterator[None]:
    """Hold ``name`` against every other process of this user; waits until it is free."""
    root().mkdir(parents=True, exist_ok=True)
    with (root() / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def digest(*parts: str | bytes | Path) -> str:
    """A short name that changes with any part; a path stands for its file's content."""
    whole = hashlib.sha256()
    for part in parts:
        data = part.read_bytes() if isinstance(part, Path) else part.encode() if isinstance(part, str) else part
        whole.update(len(data).to_bytes(8, "big") + data)
    return whole.hexdigest()[:16]


def find(name: str, recipe: str) -> Path | None:
    """The folder of a recipe's result, if it was made."""
    folder = root() / name / recipe
    return folder if folder.is_dir() else None


def made(name: str, recipe: str, make: Callable[[Path], None]) -> Path:
    """The folder of a recipe's result; made by ``make`` (given an empty folder) if it is not there."""
    found = find(name, recipe)
    if found is not None:
        return found
    with alone(name):
        found = find(name, recipe)
        if found is not None:
            return found
        folder = root() / name / recipe
        unfinished = folder.with_name(f"{recipe}.unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True)
        make(unfinished)
        unfinished.rename(folder)
        _forget_old(folder.parent)
        return folder


def _forget_old(parent: Path) -> None:
    recipes = sorted((each for each in parent.iterdir() if each.is_dir()), key=lambda each: -each.stat().st_mtime)
    for old in recipes[KEPT_RECIPES:]:
        shutil.rmtree(old, ignore_errors=True)
