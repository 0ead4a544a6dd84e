"""Decode JSON whose bulk is a few long strings without walking through them character by character.

Large values are mostly one long string: a document, a picture in base64. Python's decoder looks at each character, and
holds the interpreter's lock for milliseconds while it does. Where a body has no backslash, every quote opens or closes
a string, so long ones can be cut out by searching for quotes, the small rest decoded, and the strings put back. As
values they come back as ``RawJSON``, the literal with its quotes, which an encoder may write as it is.

This is an optimisation only: whatever does not fit returns None, and the ordinary decoder decides.
"""

from __future__ import annotations

from typing import Any

from dapr_core import jsonx
from daprd.api.http import json_leaves

LONG = 4096
"""Bytes from which a string is cut out."""
MOST_STRINGS = 256
"""A body with more strings gains nothing."""
_NOT_CONTROL = bytes(range(0x20, 0x100))
_MARK = "\x00"


def decode(body: bytes) -> tuple[Any, bytes] | None:
    """The document, and the body without its long strings (for questions about the rest of it)."""
    if b"\\" in body or not _is_text(body):
        return None
    longs: list[jsonx.RawJSON] = []
    parts: list[bytes] = []
    start = at = 0
    for _ in range(MOST_STRINGS):
        opening = body.find(b'"', at)
        if opening < 0:
            break
        closing = body.find(b'"', opening + 1)
        if closing < 0:
            return None
        at = closing + 1
        if closing - opening > LONG:
            # An escape: the body had no backslash, so nothing else can decode to this.
            parts += (body[start:opening], b'"\\u0000%d"' % len(longs))
            longs.append(jsonx.RawJSON(body[opening:at], trusted=True))
            start = at
    else:
        return None
    if not longs:
        return None
    rest = b"".join((*parts, body[start:]))
    try:
        document = jsonx.loads_go(rest)
    except jsonx.JSONError:
        return None
    return _put_back(document, longs), rest


def _is_text(body: bytes) -> bool:
    """Whether the body is UTF-8 and has no control character, not even between its strings."""
    if body.translate(None, _NOT_CONTROL):
        return False
    if body.isascii():
        return True
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def _put_back(document: Any, longs: list[jsonx.RawJSON]) -> Any:
    """Values become the literals they were; a key must be a string again."""

    def leaf(value: Any) -> Any:
        return longs[int(value[1:])] if type(value) is str and value.startswith(_MARK) else value

    def key(name: str) -> str:
        return longs[int(name[1:])].data[1:-1].decode() if name.startswith(_MARK) else name

    return json_leaves.rewrite(document, leaf, key)
