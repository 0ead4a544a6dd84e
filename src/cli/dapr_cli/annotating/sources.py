"""What ``dapr annotate`` reads: a file, the manifests below a folder, a URL, or standard input."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from dapr_cli.command import Failure

STANDARD_INPUT = "-"
ENDINGS = (".yaml", ".yml", ".json")
MAX_SIZE = 64 * 1024 * 1024
"""Bytes of one source; a List of a thousand Deployments has a few millions."""
TIMEOUT = 30.0


class Source(NamedTuple):
    """A text, and what messages call it."""

    name: str
    text: str


def read(named: str) -> list[Source]:
    """Everything that the user names. Raises Failure."""
    if named == STANDARD_INPUT:
        return [Source("standard input", _decoded("standard input", sys.stdin.buffer.read(MAX_SIZE + 1)))]
    if urlsplit(named).scheme in ("http", "https"):
        return [Source(named, _decoded(named, _fetched(named)))]
    paths = list(_below(Path(named))) if os.path.isdir(named) else [Path(named)]
    if not paths:
        raise Failure(f"the folder {named} holds no manifest: no file in it ends with {', '.join(ENDINGS)}")
    return [Source(str(path), _decoded(str(path), _file(path))) for path in paths]


def _below(folder: Path) -> Iterator[Path]:
    for directory, folders, files in os.walk(folder):
        folders.sort()
        yield from (Path(directory) / name for name in sorted(files) if name.lower().endswith(ENDINGS))


def _file(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MAX_SIZE + 1)
    except OSError as error:
        raise Failure(f"cannot read {path}: {error.strerror or error}") from None


def _fetched(url: str) -> bytes:
    from urllib.error import HTTPError
    from urllib.request import urlopen

    try:
        with urlopen(url, timeout=TIMEOUT) as answer:
            data: bytes = answer.read(MAX_SIZE + 1)
            return data
    except HTTPError as error:
        error.close()
        raise Failure(f"unable to read from {url}: {error.code} - {error.reason}") from None
    except (OSError, ValueError) as error:
        raise Failure(f"unable to read from {url}: {getattr(error, 'reason', error)}") from None


def _decoded(name: str, data: bytes) -> str:
    if len(data) > MAX_SIZE:
        raise Failure(f"{name} is longer than {MAX_SIZE} bytes")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Failure(f"{name} is no text in UTF-8") from None
