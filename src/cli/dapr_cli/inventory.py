"""The record of what ``dapr init`` created, so that only that is ever changed or removed.

Each file stands in it with the hash of what was written. A file that somebody edited no longer has that hash and is
theirs from then on; a file that was there before never enters the record. An installation of the public CLI in the
same folder therefore survives ``init`` and ``uninstall``.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from pathlib import Path
from typing import Literal, TypeAlias

from .command import Failure

VERSION = 1
Written: TypeAlias = Literal["written", "unchanged", "foreign", "edited"]
"""What became of a file: written now, ours and as it should be, there before us, or ours but edited since."""


class Inventory:
    """The created files and folders below one root, and free notes of the parts that own them."""

    def __init__(self, path: Path, root: Path) -> None:
        self._path = path
        self._root = root
        self.files: dict[str, str] = {}
        """Hash by path relative to the root."""
        self.folders: list[str] = []
        """Folders in the order of their making."""

    @classmethod
    def load(cls, path: Path, root: Path) -> Inventory:
        """Read the record; an absent one is empty. Raises Failure when the file is damaged."""
        inventory = cls(path, root)
        try:
            value = json.loads(path.read_text(encoding="utf-8"))
            inventory.files = {str(name): str(digest) for name, digest in value["files"].items()}
            inventory.folders = [str(name) for name in value["folders"]]
        except FileNotFoundError:
            pass
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise Failure(
                f"{path} is damaged ({error}); remove it, and `dapr init` will treat all present files as yours"
            ) from error
        return inventory

    def save(self) -> None:
        """Write the record in one step, so that an interruption never leaves half of it."""
        value = {"version": VERSION, "files": self.files, "folders": self.folders}
        write_atomically(self._path, json.dumps(value, indent=2) + "\n")

    def forget(self) -> None:
        """Remove the record itself."""
        self._path.unlink(missing_ok=True)

    def make_folder(self, path: Path, mode: int = 0o755) -> None:
        """Make a folder and its parents, remembering each from the root on that was not there."""
        missing: list[Path] = []
        while not path.is_dir():
            missing.append(path)
            path = path.parent
        for folder in reversed(missing):
            folder.mkdir(mode=mode if folder == missing[0] else 0o755)
            if folder.is_relative_to(self._root):
                self.folders.append(self._name(folder))

    def write(self, path: Path, text: str, mode: int = 0o644) -> Written:
        """Create the file or bring our own up to date; whatever is not ours stays as it is."""
        name, digest = self._name(path), _digest(text.encode())
        present = _digest_of(path)
        if present is not None and name not in self.files:
            return "foreign"
        if present is not None and present != self.files[name]:
            return "edited"
        if present == digest:
            return "unchanged"
        write_atomically(path, text, mode)
        self.files[name] = digest
        return "written"

    def is_foreign(self, path: Path) -> bool:
        """Whether the file is there and was never ours."""
        return path.exists() and self._name(path) not in self.files

    def remove(self, path: Path) -> Literal["removed", "absent", "edited", "foreign"]:
        """Remove our file; one that was edited stays and is no longer ours."""
        name = self._name(path)
        if name not in self.files:
            return "foreign" if path.exists() else "absent"
        digest = self.files.pop(name)
        present = _digest_of(path)
        if present is None:
            return "absent"
        if present != digest:
            return "edited"
        path.unlink()
        return "removed"

    def remove_empty_folders(self) -> None:
        """Remove the folders we made, the deepest first, where nothing is left in them."""
        for name in reversed(list(self.folders)):
            try:
                (self._root / name).rmdir()
            except FileNotFoundError:
                pass
            except OSError:
                continue  # somebody else keeps something there
            self.folders.remove(name)

    def paths(self) -> list[Path]:
        """All files of the record."""
        return [self._root / name for name in self.files]

    def _name(self, path: Path) -> str:
        return path.relative_to(self._root).as_posix()


def write_atomically(path: Path, text: str, mode: int = 0o644) -> None:
    """Write a file through a neighbour that takes its place at the end."""
    handle, neighbour = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(neighbour, mode)
        os.replace(neighbour, path)
    except BaseException:
        os.unlink(neighbour)
        raise


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _digest_of(path: Path) -> str | None:
    try:
        return _digest(path.read_bytes())
    except FileNotFoundError:
        return None
