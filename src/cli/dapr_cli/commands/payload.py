"""The body of ``dapr invoke`` and ``dapr publish``: given on the command line, from a file, or from standard input."""

from __future__ import annotations

import sys

from dapr_cli.command import Failure
from dapr_cli.flags import Parsed


def read_payload(flags: Parsed, command: str) -> bytes:
    """The bytes to send. Raises Failure when two sources are given or the file cannot be read."""
    file = flags.text("data-file")
    if file and "data" in flags.given:
        raise Failure(f"Only one of --data and --data-file allowed in the same {command} command")
    if not file:
        return flags.text("data").encode()
    try:
        if file == "-":
            return sys.stdin.buffer.read()
        with open(file, "rb") as source:
            return source.read()
    except OSError as error:
        raise Failure(f"Error reading payload from '{file}'. Error: {error.strerror or error}") from error
