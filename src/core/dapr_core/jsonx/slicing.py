"""Large documents, slice by slice.

The C functions of ``json`` keep the interpreter's lock from a document's beginning to its end: tens of milliseconds
for a few megabytes, in which the event loop stands still although the work is on a thread. Here a document is looked
at through a window. Values that end inside the window are decoded and written by the C functions, thousands at a time;
whatever is larger is walked through in Python, which lets other threads have their turn between any two values. The
results are those of decoding and encoding at once, and no tree of the whole document is ever built.

A document that cannot be handled so (no JSON, not quite Unicode, very deep) raises ``UnslicedError``; the ordinary
functions know what to say about it.
"""

from __future__ import annotations

import heapq
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from dapr_core.jsonx import deep
from dapr_core.jsonx.compacting import RawJSON

WINDOW: Final = 64 * 1024
"""Bytes looked at together: decoding and writing them takes well below a millisecond, one after the other."""

_LARGE: Final = object()
_AFTER: Final = " \t\r\n,:]}"
_SPACE: Final = re.compile(r"[ \t\r\n]*")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_STRING_PART: Final = re.compile(rb'(?:[^"\\\x00-\x1f]+|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*')
_NO_CONTROL: Final = bytes(range(0x20, 0x100))
_HALF_PAIR: Final = re.compile(rb"\\u[dD][89abAB][0-9a-fA-F]{2}$")
_ELEMENT: Final = re.compile(r'\{\s*"[^"\\]*"|[\[\w"-]')
_MEMBER: Final = re.compile(r'"[^"\\]*"\s*:\s*(.)')
_SORTED_TOGETHER: Final = 2048
_WRITTEN_TOGETHER: Final = 256


class UnslicedError(ValueError):
    """The document is one for the ordinary functions."""


@dataclass(frozen=True, slots=True)
class Form:
    """How values are read and written.

    Attributes:
        fast: scans one value of a text: its value and where it ends.
        careful: the same, seeing each integer's text.
        delicate: whether a text holds integers that need ``careful``.
        write: a value's JSON text.
        ordered: whether keys are sorted, as ``write`` sorts them.
    """

    fast: Callable[[str, int], tuple[Any, int]]
    careful: Callable[[str, int], tuple[Any, int]]
    delicate: Callable[[str], bool]
    write: Callable[[Any], bytes]
    ordered: bool


def rewrite(data: bytes, form: Form) -> bytes:
    """The document in the given form. Raises ``UnslicedError``."""
    text: bytes = _run(data, form, lambda slices: slices.written())
    return text


def outline(data: bytes, form: Form, levels: int) -> Any:
    """The document decoded, but for large values ``levels`` deep, which become ``RawJSON`` in the given form.

    Large strings become ``RawJSON`` wherever they are. Raises ``UnslicedError``.
    """
    return _run(data, form, lambda slices: slices.value(levels))


def _run(data: bytes, form: Form, work: Callable[[_Slices], Any]) -> Any:
    try:
        slices = _Slices(data, form)
        slices.peek()
        result = work(slices)
        if slices.peek():
            raise UnslicedError("something follows the document")
    except (RecursionError, ValueError) as error:
        raise UnslicedError(str(error)) from None
    return result


class _Slices:
    """A cursor over a document; ``peek`` goes to the next token, everything else starts at one."""

    def __init__(self, data: bytes, form: Form) -> None:
        self._data = data
        self._form = form
        self._guessed = -1
        self._load(0)

    # -- the window

    def _load(self, start: int) -> None:
        end = min(start + WINDOW, len(self._data))
        while end < len(self._data) and self._data[end] & 0xC0 == 0x80:  # not in the middle of a character
            end -= 1
        self._start = start
        self._last = end == len(self._data)
        self._text = text = self._data[start:end].decode()
        self._at = 0
        self._scan = self._form.careful if self._form.delicate(text) else self._form.fast
        self._surrogates = deep.may_hold_surrogates(text)

    def _place(self) -> int:
        """Where the cursor is in the document's bytes."""
        before = self._text[: self._at]
        return self._start + (self._at if before.isascii() else len(before.encode()))

    def peek(self) -> str:
        """The next character that is no space; empty at the end."""
        while True:
            self._at = _SPACE.match(self._text, self._at).end()  # type: ignore[union-attr]  # it matches anything
            if self._at < len(self._text):
                return self._text[self._at]
            if self._last:
                return ""
            self._load(self._place())

    def _small(self) -> Any:
        """The value here if it ends inside the window, which is moved for it; else ``_LARGE``."""
        while True:
            try:
                value, end = self._scan(self._text, self._at)
            except (ValueError, StopIteration):
                pass
            else:
                # A number may go on beyond the window; what follows a value tells.
                if self._last if end == len(self._text) else self._text[end] in _AFTER:
                    self._at = end
                    return self._mended(value) if self._surrogates else value
            if self._last:
                raise UnslicedError("no JSON")
            if not self._at:
                return _LARGE
            self._load(self._place())

    @staticmethod
    def _mended(value: Any) -> Any:
        return deep.rewrite_strings(value, _whole)

    # -- structure

    def _elements(self, closing: str) -> Iterator[None]:
        """Stop at each element of the container here, and leave it behind."""
        self._at += 1
        if self.peek() == closing:
            self._at += 1
            return
        while True:
            yield
            mark = self.peek()
            self._at += 1
            if mark == closing:
                return
            if mark != ",":
                raise UnslicedError("no JSON")
            self.peek()

    def _key(self) -> str:
        """The key of the member here; the cursor is at its value then."""
        key = self._small()
        if type(key) is not str or self.peek() != ":":
            raise UnslicedError("no key")
        self._at += 1
        self.peek()
        return key

    def _many(self, opening: str, closing: str) -> Any:
        """The elements here as a container of their own, as many as the window seems to hold whole; or None.

        What a guess cuts out is right if it reads: then it holds whole elements, and the comma behind it is theirs.
        A window is guessed at once; elements are taken one by one where that fails.
        """
        if self._guessed == self._start:
            return None
        self._guessed = self._start
        text, at = self._text, self._at
        cut = (_cut_elements if opening == "[" else _cut_members)(text, at)
        if cut <= at:
            return None
        try:
            found, end = self._scan(opening + text[at:cut] + closing, 0)
        except (ValueError, StopIteration):
            return None
        if end != cut - at + 2:
            return None
        self._at = cut
        return self._mended(found) if self._surrogates else found

    # -- reading

    def value(self, levels: int) -> Any:
        """The value here, large ones ``levels`` deep as text."""
        small = self._small()
        if small is not _LARGE:
            return small
        opening = self._text[0]
        if levels and opening == "{":
            return {self._key(): self.value(levels - 1) for _ in self._elements("}")}
        if levels and opening == "[":
            return [self.value(levels - 1) for _ in self._elements("]")]
        return RawJSON(self._large(), trusted=True)

    # -- writing

    def written(self) -> bytes:
        """The value here in its form."""
        small = self._small()
        return self._large() if small is _LARGE else self._form.write(small)

    def _large(self) -> bytes:
        match self._text[0]:
            case "[":
                return self._array()
            case "{":
                return self._object()
            case '"':
                return self._string()
        raise UnslicedError("no JSON")

    def _array(self) -> bytes:
        write = self._form.write
        parts: list[bytes] = []
        for _ in self._elements("]"):
            many = self._many("[", "]")
            parts.append(self.written() if many is None else write(many)[1:-1])
        return b"[" + b",".join(parts) + b"]"

    def _object(self) -> bytes:
        members: dict[str, Any] = {}
        for _ in self._elements("}"):
            many = self._many("{", "}")
            if many is not None:
                members.update(many)
                continue
            key = self._key()
            small = self._small()
            members[key] = RawJSON(self._large(), trusted=True) if small is _LARGE else small
        keys = _ordered(members) if self._form.ordered else iter(list(members))
        return b"{" + b",".join(self._written_members(members, keys)) + b"}"

    def _written_members(self, members: dict[str, Any], keys: Iterator[str]) -> Iterator[bytes]:
        write = self._form.write
        while batch := {key: members.pop(key) for key in islice(keys, _WRITTEN_TOGETHER)}:
            if any(type(value) is RawJSON for value in batch.values()):
                for key, value in batch.items():
                    yield write(key) + b":" + (value.data if type(value) is RawJSON else write(value))
            else:
                yield write(batch)[1:-1]

    def _string(self) -> bytes:
        """A long string, piece by piece: each is a literal of its own for the C functions."""
        at, data = self._start + 1, self._data
        pieces: list[bytes] = []
        while True:
            end = self._string_part(at)
            if data[end : end + 1] == b'"':
                break
            end = self._cut(at, end)
            pieces.append(self._piece(data[at:end]))
            at = end
        pieces.append(self._piece(data[at:end]))
        self._load(end + 1)
        return b'"' + b"".join(pieces) + b'"'

    def _string_part(self, at: int) -> int:
        """Where what reads as part of a string ends; a window further at the most."""
        data, limit = self._data, min(at + WINDOW, len(self._data))
        quote = data.find(b'"', at, limit)
        end = limit if quote < 0 else quote
        if data.find(b"\\", at, end) < 0 and not data[at:end].translate(None, _NO_CONTROL):
            return end
        return _STRING_PART.match(data, at, limit).end()  # type: ignore[union-attr]  # it matches anything

    def _cut(self, at: int, end: int) -> int:
        """Where a piece that could go on ends: not inside a character, nor between an escaped pair of surrogates."""
        data = self._data
        half = _HALF_PAIR.search(data, max(at, end - 6), end)
        if half is not None:
            before = data[at : half.start() + 1]
            escapes = (len(before) - len(before.rstrip(b"\\"))) % 2 == 1
            if escapes and half.start() > at:
                return half.start()
        while at < end < len(data) and data[end] & 0xC0 == 0x80:
            end -= 1
        if end in (at, len(data)):
            raise UnslicedError("no JSON")
        return end

    def _piece(self, literal: bytes) -> bytes:
        if b"\\" not in literal:
            return self._form.write(literal.decode())[1:-1]
        text, _ = self._form.fast('"' + literal.decode() + '"', 0)
        if b"\\ud" in literal or b"\\uD" in literal:
            text = _whole(text)
        return self._form.write(text)[1:-1]


def _cut_elements(text: str, at: int) -> int:
    """Where the last comma between elements of the array at hand may be, judged by how its next element looks."""
    start = _ELEMENT.match(text, at)
    if start is None:
        return 0
    if start[0] == '"':
        return text.rfind('",', at) + 1
    following = len(text) if start[0] == "-" or start[0].isalnum() else text.rfind(start[0], at + 1)
    comma = text.rfind(",", at, following)
    return comma if following == len(text) or not text[comma + 1 : following].strip() else 0


def _cut_members(text: str, at: int) -> int:
    """The same for members of an object."""
    start = _MEMBER.match(text, at)
    if start is None:
        return 0
    if start[1] == "{":
        return text.rfind("},", at) + 1
    if start[1] == "[":
        return text.rfind("],", at) + 1
    colon = text.rfind('":', at)
    quote = text.rfind('"', at, colon)
    comma = text.rfind(",", at, quote)
    return comma if not text[comma + 1 : quote].strip() else 0


def _whole(text: str) -> str:
    """Half a pair of surrogates stands for no character."""
    return _SURROGATE.sub("\ufffd", text)


def _ordered(keys: Iterable[str]) -> Iterator[str]:
    """Keys in order; sorting all at once could take long."""
    rest = iter(keys)
    return heapq.merge(*iter(lambda: sorted(islice(rest, _SORTED_TOGETHER)), []))
