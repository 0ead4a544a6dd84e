"""DNS messages as multicast DNS needs them (RFC 1035 §4, RFC 6762 §18): five record types, to and from bytes.

Sans-io. Names are tuples of labels without the root. Writing does not compress; reading follows compression pointers,
backwards only, so that hostile bytes cannot make it loop.
"""

from __future__ import annotations

import ipaddress
import struct
from dataclasses import dataclass, field
from typing import Final, TypeAlias

Name: TypeAlias = tuple[str, ...]

A: Final = 1
PTR: Final = 12
TXT: Final = 16
AAAA: Final = 28
SRV: Final = 33
ANY: Final = 255

_IN: Final = 1
_TOP_BIT: Final = 0x8000
_RESPONSE: Final = 0x8000
_AUTHORITATIVE: Final = 0x0400
_MAX_RECORDS: Final = 500
_MAX_NAME: Final = 255


class MalformedError(ValueError):
    """The bytes are no DNS message."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked; ``unicast`` asks for an answer to the asker alone."""

    name: Name
    kind: int = PTR
    unicast: bool = False


@dataclass(frozen=True, slots=True)
class Service:
    """The data of an SRV record."""

    port: int
    target: Name


Data: TypeAlias = Name | Service | bytes | str
"""PTR: a name. SRV: a service. A, AAAA: an address as text. TXT and others: bytes as they are."""


@dataclass(frozen=True, slots=True)
class Record:
    """A resource record; ``flush`` tells caches to forget other records of its name and kind."""

    name: Name
    kind: int
    ttl: int
    data: Data
    flush: bool = False


@dataclass(slots=True)
class Message:
    """A query or a response."""

    response: bool = False
    questions: list[Question] = field(default_factory=list)
    answers: list[Record] = field(default_factory=list)
    authorities: list[Record] = field(default_factory=list)
    additionals: list[Record] = field(default_factory=list)
    id: int = 0

    def encode(self) -> bytes:
        """The message's bytes."""
        flags = _RESPONSE | _AUTHORITATIVE if self.response else 0
        sections = (self.answers, self.authorities, self.additionals)
        parts = [struct.pack("!6H", self.id, flags, len(self.questions), *map(len, sections))]
        for question in self.questions:
            top = _TOP_BIT if question.unicast else 0
            parts.append(encode_name(question.name) + struct.pack("!HH", question.kind, _IN | top))
        for section in sections:
            parts.extend(map(_encode_record, section))
        return b"".join(parts)

    @classmethod
    def decode(cls, data: bytes) -> Message:
        """Read a message. Raises ``MalformedError``."""
        try:
            reader = _Reader(data)
            identity, flags, *counts = struct.unpack_from("!6H", data)
            if sum(counts) > _MAX_RECORDS:
                raise MalformedError("too many records")
            message = cls(bool(flags & _RESPONSE), id=identity)
            message.questions = [reader.question() for _ in range(counts[0])]
            message.answers = [reader.record() for _ in range(counts[1])]
            message.authorities = [reader.record() for _ in range(counts[2])]
            message.additionals = [reader.record() for _ in range(counts[3])]
        except (struct.error, IndexError) as error:
            raise MalformedError(str(error)) from None
        return message


def encode_name(name: Name) -> bytes:
    """A name's labels, uncompressed; labels longer than 63 bytes are cut."""
    labels = [label.encode(errors="surrogateescape")[:63] for label in name if label]
    return b"".join(bytes((len(label),)) + label for label in labels) + b"\0"


def text_strings(data: bytes) -> list[bytes]:
    """The strings of a TXT record."""
    strings: list[bytes] = []
    at = 0
    while at < len(data):
        strings.append(data[at + 1 : at + 1 + data[at]])
        at += 1 + data[at]
    return strings


def text_data(text: str) -> bytes:
    """The data of a TXT record with one string."""
    encoded = text.encode()[:255]
    return bytes((len(encoded),)) + encoded


def _encode_record(record: Record) -> bytes:
    data = _encode_data(record)
    top = _TOP_BIT if record.flush else 0
    return encode_name(record.name) + struct.pack("!HHIH", record.kind, _IN | top, record.ttl, len(data)) + data


def _encode_data(record: Record) -> bytes:
    data = record.data
    if isinstance(data, Service):
        return struct.pack("!HHH", 0, 0, data.port) + encode_name(data.target)
    if isinstance(data, tuple):
        return encode_name(data)
    if isinstance(data, str):
        return ipaddress.ip_address(data).packed
    return data


class _Reader:
    """Reads one message from its first question on."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 12

    def question(self) -> Question:
        name = self._name()
        kind, cls = self._unpack("!HH")
        return Question(name, kind, bool(cls & _TOP_BIT))

    def record(self) -> Record:
        name = self._name()
        kind, cls, ttl, length = self._unpack("!HHIH")
        end = self.at + length
        if end > len(self.data):
            raise MalformedError("a record is cut off")
        data: Data = self.data[self.at : end]
        if kind == PTR:
            data = self._name()
        elif kind == SRV:
            _, _, port = self._unpack("!HHH")
            data = Service(port, self._name())
        elif (kind, length) in ((A, 4), (AAAA, 16)):
            data = str(ipaddress.ip_address(self.data[self.at : end]))
        self.at = end
        return Record(name, kind, ttl, data, bool(cls & _TOP_BIT))

    def _name(self) -> Name:
        name, self.at = self._name_at(self.at)
        return name

    def _name_at(self, at: int) -> tuple[Name, int]:
        labels: list[str] = []
        end, limit, size = -1, at, 0
        while True:
            length = self.data[at]
            if length == 0:
                return tuple(labels), at + 1 if end < 0 else end
            if length >= 0xC0:
                target = (length & 0x3F) << 8 | self.data[at + 1]
                end = at + 2 if end < 0 else end
                if target >= limit:
                    raise MalformedError("a name points forward")
                at = limit = target
                continue
            size += length + 1
            if length > 63 or size > _MAX_NAME or at + 1 + length > len(self.data):
                raise MalformedError("a name is too long")
            labels.append(self.data[at + 1 : at + 1 + length].decode(errors="surrogateescape"))
            at += 1 + length

    def _unpack(self, layout: str) -> tuple[int, ...]:
        values = struct.unpack_from(layout, self.data, self.at)
        self.at += struct.calcsize(layout)
        return values
