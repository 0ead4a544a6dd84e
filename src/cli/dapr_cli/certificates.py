"""A root, an issuer and its key that the user gives by three flags: all of them, or none."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from dapr_core.identity.issuer import InvalidIssuerError, Issuer, check

from .command import Failure
from .flags import Parsed, UsageError

FLAGS = ("ca-root-certificate", "issuer-public-certificate", "issuer-private-key")
MAX_SIZE = 1024 * 1024
"""Bytes of a file; a Secret holds no more."""


def given(flags: Parsed) -> tuple[str, ...]:
    """The three files, or none. Raises UsageError when some are missing."""
    named = [name for name in FLAGS if flags.text(name)]
    if named and len(named) < len(FLAGS):
        raise UsageError(f"--{named[0]} needs --{', --'.join(name for name in FLAGS if name not in named)} beside it")
    return tuple(map(flags.text, FLAGS)) if named else ()


def read(path: str) -> bytes:
    """What is in a file. Raises Failure."""
    try:
        with Path(path).open("rb") as file:
            data = file.read(MAX_SIZE + 1)
    except OSError as error:
        raise Failure(f"cannot read {path}: {error.strerror or error}") from None
    if len(data) > MAX_SIZE:
        raise Failure(f"{path} is longer than {MAX_SIZE} bytes")
    return data


def checked(files: tuple[str, ...], at: datetime) -> tuple[Issuer, list[bytes]]:
    """The issuer that three files make, and what is in them. Raises Failure when they do not fit at that moment."""
    root, chain, key = texts = [read(path) for path in files]
    try:
        return check(root, chain, key, at), texts
    except InvalidIssuerError as error:
        raise Failure(f"the provided certificates cannot be used: {error}") from None
