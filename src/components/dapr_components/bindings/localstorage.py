"""``bindings.localstorage``: files below one directory, as an output binding (components.md §2.5).

Every operation names its file by the request metadata ``fileName``, which is joined below ``rootPath`` and cannot leave
it. All file work runs in threads, for a disk may be slow and a file large. Errors read as the original's do, with the
operating system's reason behind the path.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
import os
import uuid
from pathlib import Path

from dapr_components.bindings.contract import InvokeRequest, InvokeResult, OutputBinding
from dapr_components.bindings.secure_join import secure_join
from dapr_components.contract import ComponentContext, ComponentError, Metadata

FORBIDDEN = ("/proc", "/sys", "/boot", "/var/run/secrets")
"""Roots that no manifest may name, nor anything below them."""

FILE_NAME = "fileName"


class LocalStorageBinding(OutputBinding):
    """``create``, ``get``, ``list`` and ``delete`` on files. Field: ``rootPath`` (required)."""

    def __init__(self, context: ComponentContext) -> None:
        super().__init__(context)
        self._root = Path("/nonexistent")

    async def init(self, metadata: Metadata) -> None:
        """Resolve and create the root directory.

        Raises:
            ComponentError: ``rootPath`` is missing, is a system directory, or cannot be created.
        """
        given = metadata.get("rootPath", "").strip()
        if not given:
            raise ComponentError("rootPath is missing: set it to the directory that shall hold the files")
        self._root = await asyncio.to_thread(_prepare_root, given)

    def operations(self) -> tuple[str, ...]:
        return ("create", "get", "list", "delete")

    async def invoke(self, request: InvokeRequest) -> InvokeResult:
        """Perform one operation on the file that ``fileName`` names."""
        work = {"create": self._create, "get": self._get, "list": self._list, "delete": self._delete}.get(
            request.operation
        )
        if work is None:
            raise ComponentError(f"unsupported operation {request.operation}")
        return await asyncio.to_thread(work, request)

    def _path(self, name: str) -> Path:
        try:
            return secure_join(self._root, name)
        except (ValueError, OSError) as error:
            raise ComponentError(f"error getting secure path for file: {error}") from None

    def _create(self, request: InvokeRequest) -> InvokeResult:
        path = self._path(request.metadata.get(FILE_NAME) or str(uuid.uuid4()))
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ComponentError(f"error creating directory {path.parent}: {_reason('mkdir', path, error)}") from None
        try:
            path.write_bytes(decode_data(request.data))
        except OSError as error:
            raise ComponentError(f"error creating file {path}: {_reason('open', path, error)}") from None
        answer = {"fileName": str(path.relative_to(self._root))}
        return InvokeResult(json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode())

    def _get(self, request: InvokeRequest) -> InvokeResult:
        path = self._path(request.metadata.get(FILE_NAME, ""))
        try:
            return InvokeResult(path.read_bytes())
        except FileNotFoundError:
            raise ComponentError(f"file not found: {path}") from None
        except IsADirectoryError as error:
            raise ComponentError(f"error reading file {path}: {_reason('read', path, error)}") from None
        except OSError as error:
            raise ComponentError(f"error reading file {path}: {_reason('open', path, error)}") from None

    def _list(self, request: InvokeRequest) -> InvokeResult:
        path = self._path(request.metadata.get(FILE_NAME, ""))
        if not path.exists():
            raise ComponentError(f"file not found: {path}")
        if not path.is_dir():
            raise ComponentError(f"unable to list files as the file specified is not a directory [{path}]")
        try:
            files = _walk(path)
        except OSError as error:
            raise ComponentError(f"error listing files of {path}: {_reason('open', path, error)}") from None
        return InvokeResult(json.dumps(files, ensure_ascii=False, separators=(",", ":")).encode())

    def _delete(self, request: InvokeRequest) -> InvokeResult:
        path = self._path(request.metadata.get(FILE_NAME, ""))
        try:
            if path.is_dir():
                path.rmdir()
            else:
                path.unlink()
        except OSError as error:
            raise ComponentError(f"error deleting file {path}: {_reason('remove', path, error)}") from None
        return InvokeResult()


def decode_data(data: bytes) -> bytes:
    """What ``create`` stores: a JSON string without its quotes, then base64 decoded where it is valid base64."""
    if len(data) >= 2 and data[:1] == b'"' and data[-1:] == b'"':
        try:
            data = json.loads(data).encode()
        except ValueError:
            pass  # quotes around something that is no JSON string: stored as it is
    try:
        return base64.b64decode(data.translate(None, b"\r\n"), validate=True)
    except binascii.Error:
        return data


def _prepare_root(given: str) -> Path:
    absolute = os.path.abspath(given)
    _refuse_system_directory(absolute)
    root = os.path.realpath(absolute)
    _refuse_system_directory(root)
    try:
        os.makedirs(root, mode=0o777, exist_ok=True)
    except OSError as error:
        raise ComponentError(f"unable to create directory specified by 'rootPath' {root}: {error.strerror}") from None
    return Path(root)


def _refuse_system_directory(path: str) -> None:
    for forbidden in FORBIDDEN:
        if path == forbidden or path.startswith(forbidden + "/"):
            raise ComponentError(f"rootPath points to a disallowed path: {path}")


def _walk(root: Path) -> list[str]:
    """The files below a directory, depth first in the order of names; links are listed, not followed."""
    found: list[str] = []
    for entry in sorted(os.scandir(root), key=lambda item: item.name):
        if entry.is_dir(follow_symlinks=False):
            found.extend(_walk(Path(entry.path)))
        else:
            found.append(entry.path)
    return found


def _reason(call: str, path: Path, error: OSError) -> str:
    """The operating system's reason as Go prints it: call, path, text in lower case."""
    return f"{call} {path}: {(error.strerror or str(error)).lower()}"
