"""JSON bytes and error texts equal those of Go's encoding/json.

``go_vectors.json`` holds what Go's encoder, decoder and scanner answer (Go 1.26) to the texts in it.
"""

from __future__ import annotations

import base64
import json
import math
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dapr_core import jsonx
from dapr_core.jsonx import deep

VECTORS: dict[str, list[Any]] = json.loads((Path(__file__).parent / "go_vectors.json").read_text())


def _bytes(text: str) -> bytes:
    return base64.b64decode(text)


@pytest.mark.parametrize(("bits", "text"), VECTORS["floats"], ids=[row[1] for row in VECTORS["floats"]])
def test_floats_are_written_in_gos_notation(bits: str, text: str) -> None:
    (value,) = struct.unpack(">d", int(bits, 16).to_bytes(8, "big"))
    assert jsonx.format_float(value) == text
    assert jsonx.dumps([value, {"k": value}]) == f'[{text},{{"k":{text}}}]'.encode()
    assert jsonx.dumps(value) == text.encode()


@pytest.mark.parametrize(
    ("data", "unmarshal", "decoder"), VECTORS["errors"], ids=[repr(_bytes(row[0])) for row in VECTORS["errors"]]
)
def test_a_refused_text_is_refused_in_gos_words(data: str, unmarshal: str, decoder: str) -> None:
    text = _bytes(data)
    for read in (jsonx.loads, jsonx.loads_exact, jsonx.loads_go, jsonx.compact, jsonx.check):
        if not unmarshal:
            read(text)
            continue
        with pytest.raises(jsonx.JSONError) as caught:
            read(text)
        assert str(caught.value) == unmarshal
        if decoder:
            assert caught.value.stream_text == decoder


@pytest.mark.parametrize(
    ("data", "exact", "through_float64"), VECTORS["documents"], ids=[row[0][:24] for row in VECTORS["documents"]]
)
def test_a_document_read_and_written_again_has_gos_bytes(data: str, exact: str, through_float64: str) -> None:
    assert jsonx.dumps(jsonx.loads_exact(_bytes(data))) == _bytes(exact)
    if (
        through_float64
        and b"12345678901234567890" not in _bytes(data)
        and b"1000000000000000000000" not in _bytes(data)
    ):
        assert jsonx.dumps(jsonx.loads_go(_bytes(data))) == _bytes(through_float64)


@pytest.mark.parametrize("digits", ["12345678901234567890", "9007199254740993", "-" + "7" * 400, "9" * 5000])
def test_integers_stay_exact_where_go_rounds_them_to_float64(digits: str) -> None:
    text = f'{{"n":{digits}}}'.encode()
    for read in (jsonx.loads, jsonx.loads_exact, jsonx.loads_go):
        assert jsonx.dumps(read(text)) == text


@pytest.mark.parametrize(("data", "literal"), VECTORS["strings"], ids=[row[0] for row in VECTORS["strings"]])
def test_strings_are_quoted_as_go_quotes_the_same_bytes(data: str, literal: str) -> None:
    text = _bytes(data).decode(errors="surrogateescape")
    assert jsonx.quote(text).encode() == _bytes(literal)
    assert jsonx.dumps(text) == _bytes(literal)


@pytest.mark.parametrize(
    ("text", "compacted", "marshalled"), VECTORS["raw"], ids=["object", "number", "escapes", "2028"]
)
def test_raw_json_is_compacted_and_nothing_else(text: str, compacted: str, marshalled: str) -> None:
    assert jsonx.compact(text.encode()) == compacted.encode()
    assert jsonx.compact(text.encode(), escape_html=True) == marshalled.encode()
    assert jsonx.dumps({"v": jsonx.RawJSON(text.encode())}) == b'{"v":' + marshalled.encode() + b"}"


def test_canonical_form_is_what_go_makes_of_a_document_with_exact_numbers() -> None:
    document = b' {"b": [1.50, 1E5, -0], "a": {"y": "<", "x": 12345678901234567890}} '
    assert jsonx.canonical(document) == rb'{"a":{"x":12345678901234567890,"y":"\u003c"},"b":[1.50,1E5,-0]}'
    assert jsonx.canonical(document) == jsonx.dumps(jsonx.loads_exact(document))
    with pytest.raises(jsonx.JSONError):
        jsonx.canonical(b"{")


def test_raw_json_that_is_no_json_is_refused_when_written() -> None:
    with pytest.raises(jsonx.JSONError, match="looking for beginning of value"):
        jsonx.dumps([jsonx.RawJSON(b"oops")])


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_has_no_json_form_is_refused(value: float) -> None:
    with pytest.raises(ValueError):
        jsonx.dumps({"v": value})
    with pytest.raises(TypeError, match="unsupported type: object"):
        jsonx.dumps([object()])


def test_bytes_become_base64_text() -> None:
    assert jsonx.dumps({"b": b"\x00\x01"}) == b'{"b":"AAE="}'
    assert jsonx.dumps([1.5, b"\x00\x01"]) == b'[1.5,"AAE="]'


@pytest.mark.parametrize(
    ("opening", "closing"),
    [(b"[", b"]"), (b'{"a":', b"}"), (b'[{"a":[1,2.5],"b":', b"}]")],
    ids=["array", "object", "mixed"],
)
def test_nesting_up_to_gos_limit_is_read_and_written(opening: bytes, closing: bytes) -> None:
    levels = (jsonx.MAX_DEPTH - 1) // len(closing)
    document = opening * levels + b'"x\\ud800"' + closing * levels
    expected = document.replace(b"\\ud800", "�".encode())
    for read in (jsonx.loads, jsonx.loads_exact, jsonx.loads_go):
        assert jsonx.dumps(read(document)) == expected
    assert jsonx.compact(document) == document


@pytest.mark.parametrize("opening", [b"[", b'{"a":'], ids=["array", "object"])
def test_nesting_beyond_gos_limit_is_refused(opening: bytes) -> None:
    for read in (jsonx.loads, jsonx.loads_exact, jsonx.compact):
        with pytest.raises(jsonx.JSONError, match="exceeded max depth"):
            read(opening * (jsonx.MAX_DEPTH + 1))


def test_a_value_of_the_wrong_type_is_named_as_go_names_it() -> None:
    assert (
        jsonx.mismatch(5, "string", field="SetRequest.key")
        == "json: cannot unmarshal number into Go struct field SetRequest.key of type string"
    )
    assert (
        jsonx.mismatch({}, "[]state.SetRequest")
        == "json: cannot unmarshal object into Go value of type []state.SetRequest"
    )
    kinds = {None: "null", True: "bool", "s": "string", 1.5: "number", jsonx.Number("1"): "number"}
    assert {value: jsonx.go_kind(value) for value in kinds} == kinds
    assert jsonx.go_kind([]) == "array"


def _refusal(read: Callable[[bytes], Any], data: bytes) -> tuple[str, int] | None:
    try:
        read(data)
    except jsonx.JSONError as error:
        return str(error), error.offset
    return None


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
FLOATS = st.floats(-(2**53), 2**53)  # beyond, Go writes a float as an integer does look
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | FLOATS | TEXTS,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(TEXTS, inner, max_size=5),
    max_leaves=25,
)


@given(VALUES)
def test_what_is_written_reads_back_equal(value: Any) -> None:
    written = jsonx.dumps(value)
    assert jsonx.loads(written) == value
    assert json.loads(written) == value
    assert jsonx.dumps(jsonx.loads_exact(written)) == written
    assert jsonx.dumps(jsonx.loads_go(written)) == written
    assert jsonx.compact(written, escape_html=True) == written


@given(VALUES)
def test_the_slow_encoder_and_decoder_agree_with_the_fast_ones(value: Any) -> None:
    written = jsonx.dumps(value)
    assert jsonx.loads(deep.encode(value)) == value
    assert deep.decode(written.decode(), float, int) == value


@given(VALUES, st.sampled_from([(", ", ": "), (" ,\n", "\t:"), (",", ":")]))
def test_compacting_removes_only_what_a_writer_inserted(value: Any, separators: tuple[str, str]) -> None:
    spaced = json.dumps(value, separators=separators, ensure_ascii=False).encode()
    tight = json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()
    assert jsonx.compact(spaced) == tight


@given(st.binary(max_size=40) | st.text('[]{}",:0.eE+-tfnrualse \\\n', max_size=30).map(str.encode))
@settings(max_examples=400)
def test_any_bytes_are_either_json_for_both_decoder_and_scanner_or_for_neither(data: bytes) -> None:
    refusal = _refusal(jsonx.check, data)
    assert _refusal(jsonx.loads, data) == refusal
    assert _refusal(jsonx.compact, data) == refusal
    if refusal is None:
        jsonx.dumps(jsonx.loads(data))


@given(st.integers(0, 2**64 - 1))
def test_float_texts_read_back_as_the_same_float(bits: int) -> None:
    (value,) = struct.unpack(">d", bits.to_bytes(8, "big"))
    if math.isfinite(value):
        assert float(jsonx.format_float(value)) == value
