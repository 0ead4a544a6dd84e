"""JSON as Go's ``encoding/json`` reads and writes it.

Stores, streams and envelopes are shared with Go sidecars, so their bytes must be equal: map keys sorted, ``<``, ``>``
and ``&`` escaped, floats in Go's notation, no spaces. The work is done by Python's C ``json``; what differs is mended
around it, and the rare documents that it cannot do (very deep nesting, huge integers) take a slower path with the
same results.

Three ways to read, by what becomes of numbers that are no integers:

- ``loads``: Python floats, for code that computes;
- ``loads_exact``: ``Number``, which keeps the text as written (Go's ``UseNumber``), for payloads passed through;
- ``loads_go``: ``Number`` with the text that Go's float64 would get, for values Go decodes and encodes again.

Integers are Python integers and exact in all three. ``dumps`` writes every one of these;
``canonical`` reads and writes in one go. ``RawJSON`` carries JSON
text that is already there, ``compact`` removes its insignificant space without touching numbers or key order.
Failures raise ``JSONError`` with the text Go gives.

What is larger than ``WINDOW`` belongs on a thread, and is handled in slices there, so that the interpreter's lock is
free in between: ``canonical`` does so by itself, ``outline`` decodes a document and leaves its large parts text.
"""

from __future__ import annotations

from dapr_core.jsonx.compacting import RawJSON, compact
from dapr_core.jsonx.decoding import EXACT_INTEGERS, holds_long_integer, loads, loads_exact, loads_go
from dapr_core.jsonx.encoding import canonical, dumps, dumps_decoded, float64_form, outline_exact, quote
from dapr_core.jsonx.kinds import go_kind, mismatch
from dapr_core.jsonx.numbers import Number, format_float
from dapr_core.jsonx.scanning import MAX_DEPTH, JSONError, check
from dapr_core.jsonx.slicing import WINDOW, Form, UnslicedError, outline

__all__ = [
    "EXACT_INTEGERS",
    "MAX_DEPTH",
    "WINDOW",
    "Form",
    "JSONError",
    "Number",
    "RawJSON",
    "UnslicedError",
    "canonical",
    "check",
    "compact",
    "dumps",
    "dumps_decoded",
    "float64_form",
    "format_float",
    "go_kind",
    "holds_long_integer",
    "loads",
    "loads_exact",
    "loads_go",
    "mismatch",
    "outline",
    "outline_exact",
    "quote",
]
