"""Which status codes are worth a retry: the ``matching`` of a retry policy (crds-helm-config.md §3.3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_HTTP = range(100, 600)
_GRPC = range(17)


class MatchingError(ValueError):
    """A list of codes does not read; the resource is refused."""


@dataclass(frozen=True, slots=True)
class StatusMatching:
    """Codes that are retried, by protocol; None means all of that protocol."""

    http: frozenset[int] | None = None
    grpc: frozenset[int] | None = None

    @classmethod
    def parse(cls, spec: Mapping[str, Any]) -> StatusMatching:
        """Read ``httpStatusCodes`` and ``gRPCStatusCodes``. Raises ``MatchingError``."""
        return cls(
            _codes(str(spec.get("httpStatusCodes") or ""), _HTTP), _codes(str(spec.get("gRPCStatusCodes") or ""), _GRPC)
        )

    def retries(self, code: int | None) -> bool:
        """Whether a failure with this code is tried again. Failures without a code always are."""
        if code is None:
            return True
        if code in _GRPC:
            return self.grpc is None or code in self.grpc
        return code in _HTTP and (self.http is None or code in self.http)


def _codes(text: str, valid: range) -> frozenset[int] | None:
    parts = [part for part in text.split(",") if part]
    if not parts:
        return None
    codes: set[int] = set()
    for part in parts:
        codes.update(_range(part, valid))
    return frozenset(codes)


def _range(part: str, valid: range) -> range:
    first, dash, last = part.partition("-")
    if "-" in last:
        raise MatchingError(f"invalid pattern {part}, more than one '-' exists")
    start = _code(first, "start", part, valid)
    end = _code(last, "end", part, valid) if dash else start
    if end < start:
        raise MatchingError(f"invalid pattern {part}, start value should not bigger than end value")
    return range(start, end + 1)


def _code(text: str, which: str, part: str, valid: range) -> int:
    if not (text.isascii() and text.isdigit()):
        raise MatchingError(f"failed to parse {which} code {text} from pattern {part} to int")
    if int(text) not in valid:
        raise MatchingError(
            f"invalid pattern {part}, {which} code {text} is not valid: use {valid.start} to {valid.stop - 1}"
        )
    return int(text)
