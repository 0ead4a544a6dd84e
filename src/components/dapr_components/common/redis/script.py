"""A Lua script that the server keeps under its digest, so that its text crosses the wire once."""

from __future__ import annotations

import hashlib


class Script:
    """One script. ``digest`` is what EVALSHA names it by."""

    __slots__ = ("digest", "source")

    def __init__(self, source: str) -> None:
        self.source = source.encode()
        self.digest = hashlib.sha1(self.source, usedforsecurity=False).hexdigest().encode()
