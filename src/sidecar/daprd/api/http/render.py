"""What every endpoint of the HTTP API needs to answer: JSON bodies, block errors, metadata from queries and to headers.

The shapes are api.md §1.2 and §1.3: a flat error is ``errorCode`` and ``message``; a rich one adds ``details``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import unquote_plus

from dapr_core.errors import DaprError
from dapr_core.rpc.messages import Headers, Request, Response

JSON_TYPE = (b"content-type", b"application/json")
TEXT_TYPE = (b"content-type", b"text/plain; charset=utf-8")
NO_SNIFF = (b"x-content-type-options", b"nosniff")
METADATA_PREFIX: Final = "metadata."


def no_content(headers: Headers | None = None) -> Response:
    """204: done, and nothing to say."""
    return Response(204, headers)


def json_bytes(value: Any) -> bytes:
    """Compact JSON as Go's encoder writes it for API answers: no spaces, non-ASCII kept, ``<>&`` escaped.

    What is no UTF-8 becomes U+FFFD.
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    if "<" in text or ">" in text or "&" in text:
        text = text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")
    return _utf8(text)


def _utf8(text: str) -> bytes:
    """Encode a text that may hold bytes of a request that were no UTF-8 (surrogates stand for those)."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()


def json_response(status: int, value: Any, headers: Headers | None = None) -> Response:
    """An answer with a JSON body."""
    return Response(status, [JSON_TYPE, *(headers or [])], json_bytes(value))


def text_response(status: int, text: str) -> Response:
    """A plain-text answer, as middlewares and the router give it."""
    return Response(status, [TEXT_TYPE], _utf8(text))


def plain_error(status: int, text: str, headers: Headers | None = None) -> Response:
    """A refusal in plain text as the original's router and middlewares word it: one line, its type not guessed."""
    return Response(status, [TEXT_TYPE, NO_SNIFF, *(headers or [])], _utf8(text) + b"\n")


def error_response(error: DaprError, headers: Headers | None = None) -> Response:
    """The documented HTTP answer for a block's error."""
    row = error.row
    body: dict[str, Any] = {
        "errorCode": row.tag or row.reason or str(row.http_status),
        "message": error.message("http"),
    }
    details = error.details("http")
    if details:
        body["details"] = [_sorted(detail) for detail in details]
    return json_response(row.http_status, body, headers)


def _sorted(value: Any) -> Any:
    """Maps with their keys in order, as the original writes the details of an error; what lists hold are structs, whose
    fields come as declared (``field``, ``description``)."""
    if isinstance(value, dict):
        return {key: _sorted(value[key]) for key in sorted(value)}
    return value


def query_metadata(request: Request) -> dict[str, str]:
    """Request metadata from ``metadata.<key>=<value>`` of the query; the first value of a key wins (api.md §1.2)."""
    _, _, query = request.target.partition(b"?")
    if not query:
        return {}
    found: dict[str, str] = {}
    for name, value in query_pairs(query):
        if name.startswith(METADATA_PREFIX):
            found.setdefault(name[len(METADATA_PREFIX) :], value)
    return found


def query_pairs(query: bytes) -> list[tuple[str, str]]:
    """The query as pairs, ``+`` and percent escapes decoded; pairs that cannot be decoded are dropped."""
    pairs: list[tuple[str, str]] = []
    for part in query.split(b"&"):
        name, _, value = part.partition(b"=")
        try:
            pairs.append(
                (
                    unquote_plus(name.decode("latin-1"), errors="strict"),
                    unquote_plus(value.decode("latin-1"), errors="strict"),
                )
            )
        except UnicodeDecodeError:
            continue
    return pairs


def metadata_headers(metadata: Mapping[str, str]) -> Headers:
    """Response metadata as ``metadata.<key>`` headers (api.md §1.2)."""
    return [((METADATA_PREFIX + key).encode(), value.encode()) for key, value in metadata.items()]
