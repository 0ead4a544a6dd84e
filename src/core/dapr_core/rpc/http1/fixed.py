"""Headers that are made once and sent many times."""

from __future__ import annotations

from dapr_core.rpc.messages import Headers


class FixedHeaders(list[tuple[bytes, bytes]]):
    """A request's headers that will come again and that nobody changes: the lines made of them are kept with them."""

    __slots__ = ("lines",)

    def __init__(self, headers: Headers) -> None:
        super().__init__(headers)
        self.lines: tuple[bytes, bytes] | None = None
