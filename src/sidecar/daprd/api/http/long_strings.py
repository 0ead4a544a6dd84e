"""Decode JSON whose bulk is a few long strings without walking through them character by character.

Large values are mostly one long string: a document, a picture in base64. Python's decoder looks at each character, and
holds the interpreter's lock for milliseconds while it does. Where a body has no backslash, every quote opens or closes
a string, so long ones can be cut out by searching for quotes, the small rest decoded, and the strings put back. They
come back as ``PlainText``, which an encoder may write between quotes as it is.

This is an optimisation only: whatever does not fit returns None, and the ordinary decoder decides.
"""

from __future__ import annotations

from typing import Any

from dapr_core import jsonx
from dapr_core.jsonx import deep
from daprd.blocks.state.values import PlainText

LONG = 4096
"""Bytes from which a string is cut out."""
MOST_QUOTES = 512
"""A body with more strings gains nothing."""
_ALLOWED = bytes(range(0x20, 0x100))
_MARK = "\x00"


def decode(body: bytes) -> tuple[Any, bytes] | None:
    """The document, and the body without its long strings (for questions about the rest of it)."""
    if b"\\" in body or body.count(b'"') > MOST_QUOTES:
        return None
    parts = body.split(b'"')
    if len(parts) % 2 == 0:
        return None
    longs: list[PlainText] = []
    for index in range(1, len(parts), 2):
        if len(parts[index]) < LONG:
            continue
        if parts[index].translate(None, _ALLOWED):
            return None  # a control character, which JSON does not allow
        try:
            longs.append(PlainText(parts[index].decode()))
        except UnicodeDecodeError:
            return None
        # An escape: the body had no backslash, so nothing else can decode to this.
        parts[index] = b"\\u0000%d" % (len(longs) - 1)
    if not longs:
        return None
    rest = b'"'.join(parts)
    try:
        document = jsonx.loads_go(rest)
    except jsonx.JSONError:
        return None

    def put_back(text: str) -> str:
        return longs[int(text[1:])] if text.startswith(_MARK) else text

    return deep.rewrite_strings(document, put_back), rest
