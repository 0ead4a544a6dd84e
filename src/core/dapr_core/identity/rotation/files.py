"""Credentials in a folder, several files of which change in one step.

No file system replaces two files at once. So what shall be is written into one file first, the journal; then the files
are brought to it one by one, and the journal is removed. Whoever opens the folder after a crash finds the journal and
does the rest: from the moment it has its name, the change has happened. Meanwhile a lock on the folder keeps readers
out.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from dapr_core.identity import atomic
from dapr_core.identity.rotation.material import FILE_NAMES, MAX_ITEM, Material
from dapr_core.identity.rotation.store import ChangedMeanwhileError, TrustStore, TrustStoreError

JOURNAL: Final = ".rotation.journal"
_MAX_JOURNAL: Final = 16 * MAX_ITEM


class FolderStore(TrustStore):
    """The store of ``--issuer-credentials``.

    Args:
        folder: where the journal and the lock are.
        paths: where the items lie, by their names in ``FILE_NAMES``; those not given lie in the folder.
        checkpoint: see ``atomic``.
    """

    def __init__(
        self,
        folder: Path,
        paths: Mapping[str, Path] | None = None,
        *,
        checkpoint: Callable[[str], None] = atomic.nowhere,
    ) -> None:
        self.folder = folder
        self.name = str(folder)
        self._paths = {name: folder / name for name in FILE_NAMES.values()} | {**(paths or {})}
        self._checkpoint = checkpoint

    @property
    def journal(self) -> Path:
        """Where a change is written down first: a file that stays is a change that was interrupted."""
        return self.folder / JOURNAL

    def read(self) -> Material:
        with self.opened():
            return self.peek()

    def replace(self, before: Material, after: Material) -> None:
        with self.opened():
            if self.peek() != before:
                raise ChangedMeanwhileError(f"the credentials in {self.folder} were changed by somebody else just now")
            if after != before:
                self.put(after)

    def put(self, material: Material) -> None:
        """Replace whatever is there; the folder must be ``opened``.

        Raises:
            TrustStoreError: it cannot be written.
        """
        try:
            self._write_journal(material)
            self._carry_out(material)
        except OSError as error:
            raise TrustStoreError(f"cannot write to {self.folder}: {error.strerror or error}") from None

    @contextmanager
    def opened(self) -> Iterator[None]:
        """Be alone with the folder, in a whole state. Not to be entered twice.

        Raises:
            TrustStoreError: there is no such folder, or an unfinished change in it cannot be finished.
        """
        with ExitStack() as stack:
            try:
                stack.enter_context(atomic.locked(self.folder))
            except OSError as error:
                raise TrustStoreError(f"cannot open the folder {self.folder}: {error.strerror or error}") from None
            self._recover()
            yield

    def _recover(self) -> None:
        text = self._bytes(self.journal, _MAX_JOURNAL)
        if not text:
            return
        try:
            self._carry_out(_parse(text))
        except OSError as error:
            raise TrustStoreError(
                f"a change of the credentials in {self.folder} was interrupted and cannot be finished: "
                f"{error.strerror or error}"
            ) from None
        except ValueError:
            raise TrustStoreError(f"{self.journal} is damaged; put the credentials in order and remove it") from None

    def _write_journal(self, material: Material) -> None:
        items = {name: base64.b64encode(content).decode("ascii") for name, content in material.files.items()}
        atomic.write(self.journal, json.dumps(items).encode("ascii"), self._checkpoint)

    def _carry_out(self, material: Material) -> None:
        for name, content in material.files.items():
            # Where the name is a link, what it leads to is replaced: others may read it by another name.
            path = Path(os.path.realpath(self._paths[name]))
            if not content:
                atomic.remove(path, self._checkpoint)
            elif self._bytes(path) != content:
                atomic.write(path, content, self._checkpoint)
        atomic.remove(self.journal, self._checkpoint)

    def peek(self) -> Material:
        """What it holds; the folder must be ``opened``. Raises ``TrustStoreError``."""
        return Material.of({name: self._bytes(path) for name, path in self._paths.items()})

    def _bytes(self, path: Path, limit: int = MAX_ITEM) -> bytes:
        """The content; empty when there is no such file."""
        try:
            with open(path, "rb") as file:
                data = file.read(limit + 1)
        except FileNotFoundError:
            return b""
        except OSError as error:
            raise TrustStoreError(f"cannot read {path}: {error.strerror or error}") from None
        if len(data) > limit:
            raise TrustStoreError(f"{path} is longer than {limit} bytes")
        return data


def _parse(text: bytes) -> Material:
    """Raises ``ValueError``: it is no journal."""
    try:
        items = json.loads(text)
        return Material.of({name: base64.b64decode(items[name], validate=True) for name in FILE_NAMES.values()})
    except (KeyError, TypeError, binascii.Error) as error:
        raise ValueError(str(error)) from None
