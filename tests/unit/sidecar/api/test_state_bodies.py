"""Request bodies of the state API are read as Go's decoder reads them (api.md §1.4)."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dapr_core import jsonx
from dapr_core.errors import DaprError
from dapr_core.rpc.messages import BodyBrokenError, BodyStream, BodyTooLargeError, Request
from daprd.api.http.state_bodies import (
    BodyError,
    bulk_get_body,
    first_document,
    read_body,
    save_items,
    transaction_body,
)
from daprd.blocks.state import DeleteItem, SaveItem
from daprd.blocks.state.insisting import RetryOption
from daprd.blocks.state.values import encode

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


def test_all_fields_of_an_item() -> None:
    body = json.dumps(
        [
            {
                "key": "k",
                "value": {"a": 1},
                "etag": "7",
                "metadata": {"ttlInSeconds": "5"},
                "options": {"concurrency": "first-write", "consistency": "strong"},
                "contentType": "x/y",
                "unknown": 1,
            }
        ]
    ).encode()
    assert save_items(body) == [
        SaveItem("k", {"a": 1}, "7", {"ttlInSeconds": "5"}, "first-write", "strong", "x/y"),
    ]


@pytest.mark.parametrize(
    ("policy", "option"),
    [
        ({"interval": 100, "threshold": 3, "pattern": "exponential"}, RetryOption(0.1, 3, "exponential")),
        ({"Threshold": 2}, RetryOption(0, 2, "")),
        ({}, RetryOption(0, 0, "")),
        (None, None),
    ],
)
def test_the_retry_policy_of_2020_is_taken(policy: Any, option: RetryOption | None) -> None:
    (item,) = save_items(json.dumps([{"key": "k", "options": {"retryPolicy": policy}}]).encode())
    assert item.retry == option


@pytest.mark.parametrize(
    ("policy", "text"),
    [
        (
            3,
            "cannot unmarshal number into Go struct field SetStateOption.options.retryPolicy of type state.RetryPolicy",
        ),
        ({"interval": "1s"}, "SetStateOption.options.retryPolicy.interval of type int"),
        ({"threshold": -1}, "must not be negative"),
        ({"pattern": "random"}, "unrecognized retry pattern 'random': use 'linear' or 'exponential'"),
    ],
)
def test_a_retry_policy_that_makes_no_sense_is_refused(policy: Any, text: str) -> None:
    with pytest.raises(BodyError, match=re.escape(text)):
        save_items(json.dumps([{"key": "k", "options": {"retryPolicy": policy}}]).encode())


@pytest.mark.parametrize(
    ("body", "items"),
    [
        (b"[]", []),
        (b"null", []),
        (b"[null]", [SaveItem("")]),
        (b'[{"KEY":"k","VALUE":1}]', [SaveItem("k", 1)]),
        (b'[{"key":"k","value":1,"Value":null}]', [SaveItem("k", None)]),
        (b'[{"key":"a","key":"b"}]', [SaveItem("b")]),
        (b'[{"key":"k","etag":null,"metadata":null,"options":null,"value":null}]', [SaveItem("k")]),
        (b'[{"key":"k"}] and more', [SaveItem("k")]),
        (b'[{"key":"k"}]{', [SaveItem("k")]),
        (b'[{"key":"k","metadata":{"a":null}}]', [SaveItem("k", metadata={"a": ""})]),
    ],
)
def test_what_is_taken(body: bytes, items: list[SaveItem]) -> None:
    assert save_items(body) == items


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"", "EOF"),
        (b"  ", "EOF"),
        (b"[", "unexpected EOF"),
        (b"{}", "json: cannot unmarshal object into Go value of type []state.SetRequest"),
        (b"5", "json: cannot unmarshal number into Go value of type []state.SetRequest"),
        (b"[5]", "json: cannot unmarshal number into Go value of type state.SetRequest"),
        (b'[{"key":true}]', "json: cannot unmarshal bool into Go struct field SetRequest.key of type string"),
        (b'[{"etag":[]}]', "json: cannot unmarshal array into Go struct field SetRequest.etag of type string"),
        (
            b'[{"metadata":"x"}]',
            "json: cannot unmarshal string into Go struct field SetRequest.metadata of type map[string]string",
        ),
        (b"[{},]", "invalid character ']' looking for beginning of value"),
    ],
)
def test_what_is_refused_and_how(body: bytes, text: str) -> None:
    with pytest.raises(BodyError) as caught:
        save_items(body)
    assert str(caught.value) == text


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (b"12345678901234567890", b"12345678901234567000"),
        (b"9007199254740992", b"9007199254740992"),
        (b"9007199254740993", b"9007199254740992"),
        (b'["9007199254740993",{"a":-12345678901234567890}]', b'["9007199254740993",{"a":-12345678901234567000}]'),
        (b"1e2", b"100"),
        (b"1.50", b"1.5"),
        (b"1e400", b"1e400"),
    ],
)
def test_numbers_are_kept_as_a_float64_keeps_them(text: bytes, kept: bytes) -> None:
    (item,) = save_items(b'[{"key":"k","value":' + text + b"}]")
    assert encode(item.value, plain=False) == encode(item.value, plain=True) == kept


@pytest.mark.parametrize("inner", [b"12345678901234567890", b'"' + b"x" * 100_000 + b'"', b"1.5"], ids=len)
def test_values_may_nest_deeper_than_the_interpreter_recurses(inner: bytes) -> None:
    text = b"[" * 9_000 + inner + b"]" * 9_000
    for body in (b'[{"key":"k","value":' + text + b"}]", b'[{"value":' + text + b',"key":"k"}]'):
        (item,) = save_items(body)
        wanted = text.replace(b"12345678901234567890", b"12345678901234567000")
        assert encode(item.value, plain=False) == encode(item.value, plain=True) == wanted


def test_a_bulk_read() -> None:
    body = bulk_get_body(b'{"keys":["a",null],"parallelism":3,"metadata":{"x":"y"}}')
    assert (body.keys, body.parallelism, body.metadata) == (["a", ""], 3, {"x": "y"})


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"[]", "cannot unmarshal array into Go value of type http.BulkGetRequest"),
        (b'{"keys":[1]}', "cannot unmarshal number into Go struct field BulkGetRequest.keys of type string"),
        (
            b'{"parallelism":1.5}',
            "cannot unmarshal number 1.5 into Go struct field BulkGetRequest.parallelism of type int",
        ),
        (b'{"parallelism":"1"}', "cannot unmarshal string into Go struct field BulkGetRequest.parallelism of type int"),
    ],
)
def test_a_wrong_bulk_read_is_refused(body: bytes, text: str) -> None:
    with pytest.raises(BodyError) as caught:
        bulk_get_body(body)
    assert text in str(caught.value)


def test_a_transaction() -> None:
    body = transaction_body(
        b'{"operations":[{"operation":"upsert","request":{"key":"a","value":1}},'
        b'{"operation":"delete","request":{"key":"b","etag":"1"}},{"operation":"upsert"}],"metadata":{"x":"y"}}'
    )
    assert body.operations == [SaveItem("a", 1), DeleteItem("b", "1"), SaveItem("")]
    assert body.metadata == {"x": "y"}


@pytest.mark.parametrize("operation", ["", "UPSERT", "replace"])
def test_an_unknown_operation_has_its_own_error(operation: str) -> None:
    with pytest.raises(DaprError, match=f"operation type {operation} not supported"):
        transaction_body(json.dumps({"operations": [{"operation": operation}]}).encode())


class Broken(BodyStream):
    def __init__(self, error: Exception) -> None:
        self.error = error

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield b"["
        raise self.error


@pytest.mark.parametrize(
    ("error", "text"), [(BodyTooLargeError(), "stream too large"), (BodyBrokenError(), "unexpected EOF")]
)
def test_a_body_that_cannot_be_read_is_refused(error: Exception, text: str) -> None:
    with pytest.raises(BodyError, match=text):
        asyncio.run(read_body(Request("POST", b"/", body=Broken(error), length=None)))


@given(st.binary(max_size=60) | JSON.map(lambda value: json.dumps(value).encode()))
def test_any_body_is_taken_or_refused_in_words(body: bytes) -> None:
    for read in (save_items, bulk_get_body, transaction_body):
        try:
            read(body)
        except (BodyError, DaprError) as error:
            said = str(error)
        else:
            said = "taken"
        assert said


@given(
    st.text(max_size=5),
    JSON,
    st.sampled_from([(",", ":"), (", ", ": "), (" ,", " : ")]),
    st.sampled_from(["", " ", "]", ",1"]),
)
def test_the_short_way_for_one_item_gives_what_the_ordinary_way_gives(
    key: str, value: Any, separators: tuple[str, str], tail: str
) -> None:
    body = (json.dumps([{"key": key, "value": value}], separators=separators) + tail).encode()
    longer = body.replace(b"[{", b'[{"unknown":0,', 1)
    try:
        ordinary = save_items(longer)
    except BodyError as error:
        with pytest.raises(BodyError, match=re.escape(str(error))):
            save_items(body)
    else:
        short = save_items(body)
        assert [item.key for item in short] == [item.key for item in ordinary]
        for plain in (True, False):
            assert [encode(item.value, plain=plain) for item in short] == [
                encode(item.value, plain=plain) for item in ordinary
            ]


@pytest.mark.parametrize(
    ("body", "item"),
    [
        (b'[{"key":"k","value":"v","etag":"1"}]', SaveItem("k", "v", "1")),
        (b'[{"key":"k","value":1,"etag":"1"}]', SaveItem("k", 1, "1")),
        (b'[{"key":"k","value":{"a":1},"value":2}]', SaveItem("k", 2)),
        (b'[{"key":"k","value":[{"a":"b"}]}]', SaveItem("k", [{"a": "b"}])),
        (b'[{"key":"\\u006b","value":"\\u0076"}]', SaveItem("k", "v")),
    ],
)
def test_one_item_that_holds_more_is_not_cut_short(body: bytes, item: SaveItem) -> None:
    assert save_items(body) == [item]


@given(JSON)
def test_both_forms_of_a_value_mean_the_same(value: Any) -> None:
    document = first_document(json.dumps(value).encode())
    assert jsonx.loads(encode(document, plain=True)) == jsonx.loads(encode(document, plain=False))
