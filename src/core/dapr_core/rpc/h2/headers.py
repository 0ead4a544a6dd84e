"""Header blocks as HTTP/2 reads them: decoded, checked (RFC 9113 §8.2, §8.3), and remembered by their bytes.

Between two sidecars most blocks repeat byte for byte, so a connection remembers what a block decoded to and how it
was judged. It remembers only what cannot mean something else later: blocks without any tie to the dynamic table and
without never-indexed fields (credentials), and none before the peer has acknowledged our settings. The memory is
bounded in entries and in block size, and belongs to one connection.
"""

from __future__ import annotations

import re
from typing import Any, Final

from dapr_core.rpc.fields import CONNECTION_SPECIFIC
from dapr_core.rpc.h2.config import H2Config
from dapr_core.rpc.h2.errors import ConnectionFault, ErrorCode
from dapr_core.rpc.hpack import Decoder, HpackError

_NAME = re.compile(rb":?[!#$%&'*+\-.^_`|~0-9a-z]+")
_BAD_VALUE = re.compile(rb"[\x00\r\n]")
_PADDED_VALUE = (b" ", b"\t")
_REQUEST_PSEUDO = frozenset({b":method", b":scheme", b":path", b":authority"})
_KNOWN_NAMES_LIMIT: Final = 512

_known_names: set[bytes] = set()


class HeaderBlock:
    """A decoded block. ``fault`` says why it is malformed, or is empty.

    ``fields`` holds the regular fields in wire order, ``pseudo`` the pseudo fields; ``content_length`` is None unless
    declared. ``parsed`` is a place for the layer above to keep what it made of the block: it lives as long as the
    block is remembered.
    """

    __slots__ = (
        "_request_fault",
        "_response_fault",
        "content_length",
        "fault",
        "fields",
        "oversized",
        "parsed",
        "pseudo",
    )

    def __init__(self, decoded: list[tuple[bytes, bytes]]) -> None:
        self.pseudo: dict[bytes, bytes] = {}
        self.fields: list[tuple[bytes, bytes]] = []
        self.content_length: int | None = None
        self.parsed: Any = None
        self.oversized = False
        """The list was larger than announced and is cut."""
        self._request_fault: str | None = None
        self._response_fault: str | None = None
        self.fault = self._sort(decoded)

    def _sort(self, decoded: list[tuple[bytes, bytes]]) -> str:
        fields, pseudo = self.fields, self.pseudo
        for field in decoded:
            name, value = field
            if name not in _known_names and not _name_is_legal(name):
                return "illegal field name"
            if _BAD_VALUE.search(value):
                return "illegal field value"
            if (value.startswith(_PADDED_VALUE) or value.endswith(_PADDED_VALUE)) and name != b"grpc-message":
                # grpc-go leaves spaces at the ends of a message as they are; its status must not be lost for that.
                return "illegal field value"
            if name[0] == 0x3A:
                if fields or name in pseudo:
                    return "misplaced or repeated pseudo field"
                pseudo[name] = value
                continue
            if name in CONNECTION_SPECIFIC or (name == b"te" and value != b"trailers"):
                return "connection-specific field"
            if name == b"content-length" and (fault := self._take_length(value)):
                return fault
            fields.append(field)
        return ""

    def _take_length(self, value: bytes) -> str:
        if not value.isdigit() or len(value) > 18:
            return "illegal content-length"
        length = int(value)
        if self.content_length not in (None, length):
            return "contradicting content-length"
        self.content_length = length
        return ""

    def request_fault(self) -> str:
        """Why this cannot begin a request (RFC 9113 §8.3.1), or empty. Worked out once."""
        if self._request_fault is None:
            self._request_fault = self.fault or self._judge_request()
        return self._request_fault

    def _judge_request(self) -> str:
        pseudo = self.pseudo
        if pseudo.get(b":method") == b"CONNECT":
            wrong = pseudo.keys() != {b":method", b":authority"}
        else:
            wrong = not (pseudo.get(b":method") and pseudo.get(b":scheme") and pseudo.get(b":path"))
        return "missing or unknown pseudo field" if wrong or not pseudo.keys() <= _REQUEST_PSEUDO else ""

    def response_fault(self) -> str:
        """Why this cannot begin a response (RFC 9113 §8.3.2), or empty. Worked out once."""
        if self._response_fault is None:
            self._response_fault = self.fault or self._judge_response()
        return self._response_fault

    def _judge_response(self) -> str:
        status = self.pseudo.get(b":status", b"")
        if len(self.pseudo) != 1 or len(status) != 3 or not status.isdigit():
            return "missing or unknown pseudo field"
        return ""

    def trailers_fault(self) -> str:
        """Why these cannot be trailers (RFC 9113 §8.1), or empty."""
        return self.fault or ("pseudo field in trailers" if self.pseudo else "")


def _name_is_legal(name: bytes) -> bool:
    if not _NAME.fullmatch(name):
        return False
    if len(_known_names) < _KNOWN_NAMES_LIMIT and len(name) <= 64:
        _known_names.add(name)
    return True


class HeaderReader:
    """Turns the blocks of one connection into ``HeaderBlock`` values."""

    __slots__ = ("_config", "_decoder", "_memory", "_remember")

    def __init__(self, config: H2Config) -> None:
        self._config = config
        self._decoder = Decoder(list_limit=config.max_header_list_size)
        self._memory: dict[bytes, HeaderBlock] = {}
        self._remember = False

    def settings_acknowledged(self) -> None:
        """The peer has applied our settings: from here on blocks may be remembered."""
        self._decoder.limit_table(self._config.header_table_size)
        self._remember = True

    def read(self, block: bytes) -> HeaderBlock:
        """Decode and judge a complete block.

        Raises:
            ConnectionFault: COMPRESSION_ERROR; the decoder's state is lost.
        """
        known = self._memory.get(block)
        if known is not None:
            return known
        decoder = self._decoder
        try:
            fields = decoder.decode(block)
        except HpackError as error:
            raise ConnectionFault(ErrorCode.COMPRESSION_ERROR, str(error)) from None
        made = HeaderBlock(fields)
        if decoder.oversized:
            made.fault = "header list too large"
            made.oversized = True
        elif self._remember and decoder.self_contained and len(block) <= self._config.remembered_block_size:
            self._keep(block, made)
        return made

    def _keep(self, block: bytes, made: HeaderBlock) -> None:
        memory = self._memory
        if len(memory) >= self._config.remembered_blocks:
            del memory[next(iter(memory))]
        memory[block] = made
