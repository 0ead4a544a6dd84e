"""Checking a ``baggage`` header (W3C Baggage §3.3): its value is passed on unchanged, but only when it is well-formed.

The texts are those the original's clients know: one line for each member that is wrong (api.md §1.1).
"""

from __future__ import annotations

import re
from typing import Final

from dapr_core.quoting import quoted

_KEY: Final = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_VALUE: Final = re.compile(r"[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*")
_MAX_BYTES: Final = 8192
_MAX_MEMBERS: Final = 180


def problems(header: str) -> list[str]:
    """What is wrong with a baggage string, a line for each; empty when it is well-formed."""
    if not header:
        return []
    if len(header) > _MAX_BYTES:
        return [f"baggage-string too large: {len(header)}"]
    members = header.split(",")
    found = [problem for member in members if (problem := _member(member))]
    if not found and len(members) > _MAX_MEMBERS:
        return ["too many list-members in baggage-string"]
    return found


def _member(member: str) -> str:
    pair, *properties = member.split(";")
    for item in properties:
        if item and not _is_property(item):
            return f"invalid baggage list-member property: {quoted(item)}"
    key, equals, value = pair.partition("=")
    if not equals:
        return f"invalid baggage list-member: {quoted(member)}"
    if not _KEY.fullmatch(key.strip()):
        return f"invalid key: {quoted(key.strip())}"
    if not _VALUE.fullmatch(value.strip()):
        return f"invalid value: {quoted(value)}"
    return ""


def _is_property(item: str) -> bool:
    key, equals, value = item.partition("=")
    return bool(_KEY.fullmatch(key.strip())) and (not equals or bool(_VALUE.fullmatch(value.strip())))
