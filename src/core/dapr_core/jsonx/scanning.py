"""Why a text is no JSON, in the words of Go's scanner.

The C decoder says yes or no quickly; its wording is its own. Clients of Dapr know Go's texts (``invalid character '}'
looking for beginning of value``, ``unexpected end of JSON input``), so a text that was refused is scanned once more
here to find them. The scan keeps its own stack: nesting costs no recursion, and stops at Go's limit.
"""

from __future__ import annotations

import re

MAX_DEPTH = 10_000
"""How deep arrays and objects may nest, as in Go's ``encoding/json``."""

_SPACE = re.compile(rb"[ \t\r\n]*")
_PLAIN = re.compile(rb'[^"\\\x00-\x1f]*')
_DIGITS = re.compile(rb"[0-9]*")
_HEX = b"0123456789abcdefABCDEF"
_LITERALS = {0x74: b"true", 0x66: b"false", 0x6E: b"null"}

END_OF_INPUT = "unexpected end of JSON input"


class JSONError(ValueError):
    """A text is no JSON.

    ``offset`` is the byte at which that shows; ``truncated``: more bytes could have made it valid; ``empty``: nothing
    but space was there.
    """

    def __init__(self, message: str, offset: int, *, truncated: bool = False, empty: bool = False) -> None:
        self.offset = offset
        self.truncated = truncated
        self.empty = empty
        super().__init__(message)

    @property
    def stream_text(self) -> str:
        """The text where Go reads by a ``Decoder`` and not by ``Unmarshal``: ``EOF`` or ``unexpected EOF``."""
        if not self.truncated:
            return str(self)
        return "EOF" if self.empty else "unexpected EOF"


def check(data: bytes) -> None:
    """Refuse what Go's ``json.Unmarshal`` refuses as a syntax error.

    Raises:
        JSONError: with Go's text.
    """
    _Scan(data).document()


class _Scan:
    """One pass over a text; each method starts at ``self.at`` and leaves it behind what it read."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0
        self.stack: list[int] = []

    def document(self) -> None:
        self._space()
        if self.at == len(self.data):
            raise JSONError(END_OF_INPUT, self.at, truncated=True, empty=True)
        self._value()
        while self.stack:
            self._after_value()
        self._space()
        if self.at < len(self.data):
            raise self._bad("after top-level value")

    def _value(self) -> None:
        """Begin a value; containers are opened and left on the stack, so that this never recurses."""
        while True:
            char = self._next()
            if char == 0x7B:
                self._open(char)
                if self._next() != 0x7D:
                    self._key()
                    continue
                self._close()
            elif char == 0x5B:
                self._open(char)
                if self._next() != 0x5D:
                    continue
                self._close()
            elif char == 0x22:
                self._string()
            elif char in _LITERALS:
                self._literal(_LITERALS[char])
            elif char == 0x2D or 0x30 <= char <= 0x39:
                self._number()
            else:
                raise self._bad("looking for beginning of value")
            return

    def _after_value(self) -> None:
        is_object = self.stack[-1] == 0x7B
        char = self._next()
        if char == (0x7D if is_object else 0x5D):
            self._close()
        elif char != 0x2C:
            raise self._bad("after object key:value pair" if is_object else "after array element")
        else:
            self.at += 1
            if is_object:
                self._key()
            self._value()

    def _key(self) -> None:
        if self._next() != 0x22:
            raise self._bad("looking for beginning of object key string")
        self._string()
        if self._next() != 0x3A:
            raise self._bad("after object key")
        self.at += 1

    def _string(self) -> None:
        self.at += 1
        while True:
            self._skip(_PLAIN)
            char = self._needed()
            if char == 0x22:
                self.at += 1
                return
            if char != 0x5C:
                raise self._bad("in string literal")
            self.at += 1
            self._escape()

    def _escape(self) -> None:
        char = self._byte()
        if char not in b'bfnrt\\/"u':
            raise self._bad("in string escape code")
        self.at += 1
        if char == 0x75:
            for _ in range(4):
                if self._byte() not in _HEX:
                    raise self._bad("in \\u hexadecimal character escape")
                self.at += 1

    def _number(self) -> None:
        if self.data[self.at] == 0x2D:
            self.at += 1
        if self._byte() == 0x30:
            self.at += 1
        else:
            self._digits("in numeric literal")
        if self._peek() == 0x2E:
            self.at += 1
            self._digits("after decimal point in numeric literal")
        if self._peek() in (0x65, 0x45):
            self.at += 1
            if self._peek() in (0x2B, 0x2D):
                self.at += 1
            self._digits("in exponent of numeric literal")

    def _digits(self, context: str) -> None:
        if not 0x30 <= self._byte() <= 0x39:
            raise self._bad(context)
        self._skip(_DIGITS)

    def _literal(self, word: bytes) -> None:
        for expected in word:
            if self._byte() != expected:
                raise self._bad(f"in literal {word.decode()} (expecting {_quoted(expected)})")
            self.at += 1

    def _open(self, char: int) -> None:
        self.stack.append(char)
        if len(self.stack) > MAX_DEPTH:
            raise self._bad("exceeded max depth")
        self.at += 1

    def _close(self) -> None:
        self.stack.pop()
        self.at += 1

    def _space(self) -> None:
        self._skip(_SPACE)

    def _skip(self, pattern: re.Pattern[bytes]) -> None:
        found = pattern.match(self.data, self.at)
        if found is not None:
            self.at = found.end()

    def _next(self) -> int:
        self._space()
        return self._needed()

    def _peek(self) -> int:
        return self.data[self.at] if self.at < len(self.data) else -1

    def _needed(self) -> int:
        """The byte here; between tokens and inside strings the end of the text is an error of its own."""
        if self.at >= len(self.data):
            raise JSONError(END_OF_INPUT, self.at, truncated=True)
        return self.data[self.at]

    def _byte(self) -> int:
        """The byte here; inside a token Go's scanner is told of the end by a space, and complains about that."""
        return self.data[self.at] if self.at < len(self.data) else 0x20

    def _bad(self, context: str) -> JSONError:
        ended = self.at >= len(self.data)
        return JSONError(f"invalid character {_quoted(self._byte())} {context}", self.at, truncated=ended)


_NAMED = {0x07: r"\a", 0x08: r"\b", 0x09: r"\t", 0x0A: r"\n", 0x0B: r"\v", 0x0C: r"\f", 0x0D: r"\r", 0x5C: r"\\"}


def _quoted(char: int) -> str:
    """A byte as Go's scanner shows it: as the code point of its value, quoted."""
    if char == 0x27:
        return r"'\''"
    if char in _NAMED:
        return f"'{_NAMED[char]}'"
    if char < 0x20 or char == 0x7F:
        return f"'\\x{char:02x}'"
    if 0x80 <= char <= 0xA0 or char == 0xAD:
        return f"'\\u{char:04x}'"
    return f"'{chr(char)}'"
