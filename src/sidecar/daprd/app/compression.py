"""Undoing gzip that the sidecar itself asked for.

Towards an application the sidecar offers ``Accept-Encoding: gzip`` when its caller offered nothing, as the original
does; an answer that makes use of it is unpacked here, piece by piece, so that the caller gets what it asked for.
"""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator
from typing import Final

from dapr_core.rpc.messages import BodyBrokenError, BodyStream, Response

_PIECE: Final = 64 * 1024


def unpacked(response: Response) -> Response:
    """The response without its gzip coding; unchanged if it has none."""
    if (response.header(b"content-encoding") or b"").strip().lower() != b"gzip":
        return response
    headers = [pair for pair in response.headers if pair[0] not in (b"content-encoding", b"content-length")]
    return Response(response.status, headers, Unpacking(response.body))


class Unpacking(BodyStream):
    """A gzip body as it unpacks. Pieces are bounded, however far the packed ones would swell."""

    def __init__(self, packed: bytes | BodyStream | AsyncIterator[bytes]) -> None:
        self._packed = packed

    async def __aiter__(self) -> AsyncIterator[bytes]:
        inflater = zlib.decompressobj(wbits=31)
        complete = True
        async for packed in self._pieces():
            while packed:
                try:
                    piece = inflater.decompress(packed, _PIECE)
                except zlib.error as error:
                    raise BodyBrokenError(f"the application's gzip body is broken: {error}") from None
                if piece:
                    yield piece
                packed = inflater.unconsumed_tail
                complete = inflater.eof
                if complete:
                    # A gzip body may be several members, one after the other (RFC 1952 §2.2).
                    packed, inflater = inflater.unused_data, zlib.decompressobj(wbits=31)

        if not complete:
            raise BodyBrokenError("the application's gzip body ended early")

    async def _pieces(self) -> AsyncIterator[bytes]:
        if isinstance(self._packed, bytes):
            yield self._packed
            return
        async for piece in self._packed:
            yield piece

    @property
    def broken(self) -> Exception | None:
        return self._packed.broken if isinstance(self._packed, BodyStream) else None

    def close(self) -> None:
        if isinstance(self._packed, BodyStream):
            self._packed.close()
