"""From the words of a call to a request target, by the rules of Go's ``net/url`` (api.md §3.3).

A method arrives decoded and is put behind the application's base as text, which is then parsed as a URL: a percent
sign must begin an escape, and what a path cannot hold is escaped. Both are visible to applications and in messages.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote_from_bytes, unquote_to_bytes

from dapr_core.quoting import quoted

_PLAIN: Final = rb"[A-Za-z0-9\-_.~$&+,/:;=@!'()*\[\]]*"
_READY: Final = re.compile(_PLAIN + rb"(?:%[0-9A-Fa-f]{2}" + _PLAIN + rb")*")
_BROKEN: Final = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_CONTROL: Final = re.compile(rb"[\x00-\x20\x7f]")
_UNESCAPED: Final = "$&+,/:;=@-_.~"


class UrlError(ValueError):
    """The text is no URL; the message is the one Go's parser gives."""


def escape_path(path: bytes, whole: bytes) -> bytes:
    """A path as it goes on the wire; ``whole`` is the URL it belongs to, for the message.

    Raises:
        UrlError: a percent sign begins no escape.
    """
    if _READY.fullmatch(path):
        return path
    broken = _BROKEN.search(path)
    if broken:
        piece = path[broken.start() : broken.start() + 3].decode("utf-8", "replace")
        raise UrlError(f"parse {quoted(whole.decode('utf-8', 'replace'))}: invalid URL escape {quoted(piece)}")
    return quote_from_bytes(unquote_to_bytes(path), safe=_UNESCAPED).encode()


def target(base: bytes, path: bytes, query: bytes) -> bytes:
    """The request target for a path (with its leading slash) and a raw query, behind a base URL's own path.

    Raises:
        UrlError: the path cannot be part of a URL.
    """
    if not query:
        return escape_path(path, base + path)
    whole = base + path + b"?" + query
    if _CONTROL.search(query):
        query = _CONTROL.sub(lambda match: b"%%%02X" % match[0][0], query)
    return escape_path(path, whole) + b"?" + query
