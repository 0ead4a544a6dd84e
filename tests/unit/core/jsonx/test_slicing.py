"""Documents handled in slices come out as from the ordinary decoder and encoder, however small the window is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dapr_core import jsonx
from dapr_core.jsonx import decoding, encoding, slicing
from dapr_core.jsonx.slicing import Form, UnslicedError

PLAIN = Form(
    decoding.EXACT.scan,
    decoding.EXACT.scan_carefully,
    decoding.holds_negative_zero,
    lambda value: json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=raw).encode(),
    ordered=False,
)
TEXTS = st.text(max_size=12) | st.sampled_from(
    ["", "a" * 40, "é" * 20, "\\" * 9 + '"', '",', "},{", '":', "\u2028<&>", "\U0001f600" * 8, "\n\t" * 10]
)
LEAVES = TEXTS | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.none() | st.booleans()
DOCUMENTS = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(st.text(max_size=6), inner, max_size=6),
    max_leaves=30,
)
SPACES = st.sampled_from([(",", ":"), (", ", ": "), (" ,\n", " :\t")])
WINDOWS = st.integers(16, 80)


def raw(value: Any) -> Any:
    raise TypeError(type(value))


class Narrow:
    """A window of a few bytes."""

    def __init__(self, size: int) -> None:
        self._size = size

    def __enter__(self) -> None:
        self._usual, slicing.WINDOW = slicing.WINDOW, self._size  # type: ignore[misc]

    def __exit__(self, *_: object) -> None:
        slicing.WINDOW = self._usual  # type: ignore[misc]


def rewritten(data: bytes, window: int) -> bytes | None:
    """None where a key or a number is longer than the window, or the text is no JSON."""
    try:
        with Narrow(window):
            return slicing.rewrite(data, encoding.EXACT_FORM)
    except UnslicedError:
        return None


@given(DOCUMENTS, WINDOWS, SPACES, st.booleans())
def test_a_document_is_written_as_the_ordinary_functions_write_it(
    document: Any, window: int, spaces: tuple[str, str], ascii_only: bool
) -> None:
    data = json.dumps(document, ensure_ascii=ascii_only, separators=spaces).encode(errors="replace")
    sliced = rewritten(data, window)
    assert sliced in (None, encoding.dumps_decoded(jsonx.loads_exact(data)))


@given(DOCUMENTS, WINDOWS, st.integers(0, 3))
def test_an_outline_holds_what_the_document_holds(document: Any, window: int, levels: int) -> None:
    data = json.dumps(document).encode()
    try:
        with Narrow(window):
            outline = slicing.outline(data, encoding.EXACT_FORM, levels)
    except UnslicedError:
        return
    assert jsonx.dumps(outline) == jsonx.canonical(data)


@given(st.binary(max_size=60) | st.text('[]{}",:\\u0d8e1 -.tf\n', max_size=60).map(str.encode), WINDOWS)
def test_no_text_is_taken_that_is_no_json(data: bytes, window: int) -> None:
    sliced = rewritten(data, window)
    if sliced is not None:
        assert sliced == encoding.dumps_decoded(jsonx.loads_exact(data))


def large(kind: str) -> Any:
    item = {"id": 1, "tags": ["a", "b"], "more": {"id": 2, "x": -0.0}}
    return {
        "array of objects": [item] * 3000,
        "array of strings": ['a,"b', "c"] * 20_000,
        "array of numbers": [1, -2, 3.5, 10**30] * 10_000,
        "mixed array": [item, 1, "x", [item], None] * 2000,
        "object of numbers": {f"k{number * 7919 % 30_000}": number for number in range(30_000)},
        "object of objects": {f"k{number}": item for number in range(2000)},
        "large inside small": {"a": {"b": [{"c": ["x" * 100] * 2000, "d": 1}]}, "z": 0},
        "long strings": ["é\n\U0001f600" * 30_000, {"k": "\\" * 100_001, "q": '"' * 100_000}],
    }[kind]


@pytest.mark.parametrize(
    "kind",
    [
        "array of objects", "array of strings", "array of numbers", "mixed array", "object of numbers",
        "object of objects", "large inside small", "long strings",
    ],
)  # fmt: skip
@pytest.mark.parametrize("ascii_only", [True, False], ids=["escaped", "UTF-8"])
def test_large_documents_are_sliced(kind: str, ascii_only: bool) -> None:
    data = json.dumps(large(kind), ensure_ascii=ascii_only).encode()
    assert len(data) > slicing.WINDOW
    assert slicing.rewrite(data, encoding.EXACT_FORM) == encoding.dumps_decoded(jsonx.loads_exact(data))


def test_a_form_may_keep_the_order_of_keys() -> None:
    data = b'{"z": [1, 2, 3, 4, 5], "a": {"y": 1, "x": "' + b"v" * 50 + b'"}}'
    with Narrow(16):
        assert slicing.rewrite(data, PLAIN) == b'{"z":[1,2,3,4,5],"a":{"y":1,"x":"' + b"v" * 50 + b'"}}'


def test_of_a_key_that_comes_twice_the_last_counts() -> None:
    data = b'{"a": [1, 1, 1, 1, 1, 1, 1], "b": 1, "a": 2, "b": [2, 2, 2, 2, 2, 2, 2]}'
    with Narrow(16):
        assert slicing.rewrite(data, encoding.EXACT_FORM) == b'{"a":2,"b":[2,2,2,2,2,2,2]}'


@pytest.mark.parametrize(
    "data",
    [
        b"", b"  ", b"[1, 2", b"[1 2]", b'{"a" 1}', b'{"a": 1,}', b'{1: "a"}', b'["' + b"x" * 90, b"[1]]", b"[1] 2",
        b'["' + b"x" * 90 + b'\n"]', b'["' + b"x" * 90 + b'\\q"]', b'["\xff' + b"x" * 90 + b'"]', b"[NaN]",
        b"[" * 5000 + b"]" * 5000, b'["' + b"x" * 90 + b'\\ud83d"', b"[" + b"9" * 5000 + b"]",
    ],
)  # fmt: skip
def test_what_cannot_be_sliced_is_left_to_the_ordinary_functions(data: bytes) -> None:
    with Narrow(64), pytest.raises(UnslicedError):
        slicing.rewrite(data, encoding.EXACT_FORM)


@pytest.mark.parametrize("split", range(40, 60))
def test_a_pair_of_surrogates_is_never_parted(split: int) -> None:
    data = b'["' + b"x" * split + rb"\ud83d\ude00\\ud83d\ud83d" + b"y" * 80 + b'"]'
    with Narrow(64):
        assert slicing.rewrite(data, encoding.EXACT_FORM) == jsonx.dumps(jsonx.loads_exact(data))


def test_keys_are_ordered_whatever_their_number() -> None:
    keys = [f"{number * 7919 % 10_007}" for number in range(10_007)]
    ordered: Iterator[str] = slicing._ordered(keys)
    assert list(ordered) == sorted(keys)
