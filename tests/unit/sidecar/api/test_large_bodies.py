"""Large bodies of the state API are read in slices, and mean what small ones mean."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dapr_core import jsonx
from daprd.api.http import state_bodies
from daprd.api.http.state_bodies import BodyError, bulk_get_body, first_document, save_items, transaction_body
from daprd.blocks.state.values import encode, encode_for_encryption

LARGE = "x" * state_bodies.LARGE_BODY
VALUES: dict[str, Any] = {
    "string": LARGE,
    "string with escapes": 'line "é"\n<b>\u2028' * 10_000,
    "objects": [{"name": f"<{number}>", "b": number / 7, "a": -0.0} for number in range(5000)],
    "numbers": [2**53 + 1, -(10**30), 1.50, 0] * 5000,
    "object": {f"k{number}": [number] for number in range(20_000)},
    "long inside": {"b": LARGE, "a": [LARGE, 1]},
}


def ordinary(value: Any, plain: bool) -> bytes:
    """What the same value becomes when nothing of it is large."""
    text = json.dumps(value).encode()
    usual, state_bodies.LARGE_BODY = state_bodies.LARGE_BODY, len(text) + 1
    try:
        return encode(first_document(text), plain=plain)
    finally:
        state_bodies.LARGE_BODY = usual


@pytest.mark.parametrize("plain", [True, False], ids=["plain", "sorted"])
@pytest.mark.parametrize("kind", VALUES)
def test_a_large_value_is_stored_as_a_small_one_is(kind: str, plain: bool) -> None:
    (item,) = save_items(json.dumps([{"key": "k", "value": VALUES[kind], "etag": "1"}]).encode(), plain=plain)
    assert isinstance(item.value, jsonx.RawJSON)
    assert (item.key, item.etag) == ("k", "1")
    assert encode(item.value, plain=plain) == ordinary(VALUES[kind], plain)


@pytest.mark.parametrize("kind", ["string", "string with escapes"])
def test_a_large_string_is_encrypted_without_its_quotes(kind: str) -> None:
    (item,) = save_items(json.dumps([{"key": "k", "value": VALUES[kind]}]).encode())
    assert encode_for_encryption(item.value) == VALUES[kind].encode()


def test_many_items_are_items() -> None:
    items = save_items(json.dumps([{"key": f"k{number}", "value": number} for number in range(10_000)]).encode())
    assert [(item.key, item.value) for item in items] == [(f"k{number}", number) for number in range(10_000)]


def test_large_values_of_a_transaction_are_written_as_they_are_read() -> None:
    steps = [{"operation": "upsert", "request": {"key": "k", "value": VALUES["objects"]}}]
    body = transaction_body(json.dumps({"operations": steps, "metadata": {"a": LARGE}}).encode(), plain=True)
    (step,) = body.operations
    assert encode(step.value, plain=True) == ordinary(VALUES["objects"], True)  # type: ignore[union-attr]
    assert body.metadata == {"a": LARGE}


def test_many_keys_are_read_in_bulk() -> None:
    keys = [f"key-{number}" for number in range(10_000)]
    assert bulk_get_body(json.dumps({"keys": keys, "parallelism": 3}).encode()).keys == keys


def test_fields_that_need_no_size_may_have_one() -> None:
    entry = {"key": LARGE, "etag": LARGE, "value": 1, "metadata": {LARGE: LARGE}, "options": {"consistency": LARGE}}
    (item,) = save_items(json.dumps([entry]).encode())
    assert (item.key, item.etag, item.metadata, item.consistency) == (LARGE, LARGE, {LARGE: LARGE}, LARGE)


@pytest.mark.parametrize(
    ("field", "kind"),
    [('["%s"]', "array"), ('{"a":"%s"}', "object")],
    ids=["array", "object"],
)
def test_a_large_field_of_the_wrong_kind_is_named(field: str, kind: str) -> None:
    with pytest.raises(BodyError, match=f"^json: cannot unmarshal {kind} into Go struct field SetRequest.key of type"):
        save_items(('[{"key":' + field % LARGE + "}]").encode())


@pytest.mark.parametrize(
    ("end", "text"),
    [
        (b'"', "unexpected EOF"),
        (b'\n"]', "invalid character '\\n' in string literal"),
        (b'",]', "invalid character ']' looking for beginning of value"),
    ],
    ids=["open", "control", "comma"],
)
def test_large_bodies_are_refused_in_the_usual_words(end: bytes, text: str) -> None:
    with pytest.raises(BodyError) as caught:
        first_document(b'["' + LARGE.encode() + end)
    assert str(caught.value) == text


def test_what_follows_a_large_document_is_ignored() -> None:
    assert first_document(b'["' + LARGE.encode() + b'"]x') == [LARGE]
