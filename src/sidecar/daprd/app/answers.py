"""Answers that are read whole before they mean anything: verdicts, settings, what a binding's event brought.

They are bounded as request bodies are (``--max-body-size``), packed or not: an application that answers without end
must not fill the sidecar's memory. What is streamed to a caller is not read here and has no bound.
"""

from __future__ import annotations

import contextlib

from dapr_core.rpc.messages import BodyBrokenError, BodyStream, BodyTooLargeError, Response


async def whole(response: Response, limit: int | None) -> bytes:
    """The body, which the response keeps; ``limit`` in bytes, None for no bound.

    Raises:
        BodyTooLargeError: there is more of it; the rest is given up.
        BodyBrokenError: it broke off.
    """
    body = response.body
    if isinstance(body, bytes):
        if limit is not None and len(body) > limit:
            raise BodyTooLargeError
        return body
    if limit is None:
        return await response.read()
    size = response.length or 0
    parts: list[bytes] = []
    if size <= limit:
        size = 0
        async for part in body:
            size += len(part)
            if size > limit:
                break
            parts.append(part)
    if size > limit:
        await _give_up(response)
        raise BodyTooLargeError
    response.body = b"".join(parts)
    return response.body


async def _give_up(response: Response) -> None:
    """Leave the rest unread: its connection ends with it."""
    body, response.body = response.body, b""
    if isinstance(body, BodyStream):
        body.close()
    elif (close := getattr(body, "aclose", None)) is not None:
        with contextlib.suppress(BodyBrokenError):
            await close()
