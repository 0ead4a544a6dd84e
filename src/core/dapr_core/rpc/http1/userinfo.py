"""User and password in a URL: sent as Basic credentials (RFC 7617), and never shown."""

from __future__ import annotations

import base64
import re
from typing import Final
from urllib.parse import SplitResult, unquote_to_bytes

_USERINFO: Final = re.compile(r"(?<=//)[^/?#]*@")


def basic_credentials(url: SplitResult) -> bytes | None:
    """The ``Authorization`` value for the user and password of ``url``, or None when it names no user."""
    userinfo, found, _ = url.netloc.rpartition("@")
    if not found:
        return None
    user, _, password = userinfo.partition(":")
    return b"Basic " + base64.b64encode(unquote_to_bytes(user) + b":" + unquote_to_bytes(password))


def without_userinfo(url: str) -> str:
    """``url`` for messages."""
    return _USERINFO.sub("", url, count=1)
