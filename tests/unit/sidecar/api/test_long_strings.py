"""Bodies with long strings decode to what the ordinary decoder makes of them, or are left to it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dapr_core import jsonx
from daprd.api.http import long_strings
from daprd.api.http.state_bodies import BodyError, first_document, save_items
from daprd.blocks.state.values import encode, encode_for_encryption

LONG = "x" * long_strings.LONG
TEXT = st.sampled_from(["", "a", "é☃", "<&>", LONG, LONG + "é<", LONG + "\u2028", "0", "\x00", 'q"', "b\\"])
VALUES = st.recursive(
    TEXT | st.integers() | st.none() | st.booleans(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)


@given(VALUES, st.booleans())
def test_the_document_is_the_one_of_the_ordinary_decoder(value: object, ascii_only: bool) -> None:
    body = json.dumps([value, LONG], ensure_ascii=ascii_only).encode()
    cut = long_strings.decode(body)
    ordinary = jsonx.loads_go(body)
    if cut is not None:
        assert [encode(item, plain=plain) for item in cut[0] for plain in (True, False)] == [
            encode(item, plain=plain) for item in ordinary for plain in (True, False)
        ]


def test_long_strings_are_cut_out_and_put_back() -> None:
    cut = long_strings.decode(json.dumps([{"key": "k", "value": LONG, LONG: 1}]).encode())
    assert cut is not None
    document, rest = cut
    assert document == [{"key": "k", "value": jsonx.RawJSON(json.dumps(LONG).encode()), LONG: 1}]
    assert len(rest) < 100


@pytest.mark.parametrize(
    "body",
    [
        b'["short"]',
        b'["' + LONG.encode() + b'\\n"]',
        b'["' + LONG.encode() + b'\n"]',
        b'["' + LONG.encode() + b'\xff"]',
        b'["' + LONG.encode() + b"]",
        b'["' + LONG.encode() + b'"',
        b'["' + LONG.encode() + b'",]',
        b'["' + LONG.encode() + b'"' + b',""' * long_strings.MOST_STRINGS + b"]",
    ],
    ids=["short", "escape", "control", "no UTF-8", "open string", "open list", "comma", "many strings"],
)
def test_what_does_not_fit_is_left_to_the_ordinary_decoder(body: bytes) -> None:
    assert long_strings.decode(body) is None


@pytest.mark.parametrize(
    ("end", "text"), [(b'"', "unexpected EOF"), (b'\n"]', "invalid character '\\n' in string literal"), (b'"]x', "")]
)
def test_large_bodies_are_refused_in_the_usual_words(end: bytes, text: str) -> None:
    body = b'["' + b"x" * 100_000 + end
    if text:
        with pytest.raises(BodyError) as caught:
            first_document(body)
        assert str(caught.value) == text
    else:
        (value,) = first_document(body)
        assert encode(value, plain=True) == b'"' + b"x" * 100_000 + b'"'
        assert encode_for_encryption(value) == b"x" * 100_000


def test_integers_beside_long_strings_are_rounded_too() -> None:
    document = first_document(b'["' + b"1" * 100_000 + b'", 12345678901234567890]')
    assert encode(document[1], plain=True) == b"12345678901234567000"


def test_long_keys_and_etags_are_strings_again() -> None:
    body = json.dumps([{"key": LONG, "etag": LONG, "value": "v" * 100_000, "metadata": {LONG: LONG}}]).encode()
    (item,) = save_items(body)
    assert (item.key, item.etag, item.metadata) == (LONG, LONG, {LONG: LONG})
