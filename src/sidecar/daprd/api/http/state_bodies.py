"""Request bodies of the state API, read as strictly and as loosely as the original's decoder reads them (api.md §1.4).

Names of fields ignore case, unknown ones are passed over, ``null`` leaves a field alone, and a value of the wrong kind
is refused in the words of Go's decoder. A save is read from a stream: what follows its first document is ignored.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from dapr_core import jsonx
from dapr_core.errors import DaprError
from dapr_core.jsonx.numbers import normalise
from dapr_core.rpc.messages import BodyBrokenError, BodyTooLargeError, Request
from daprd.api.http import json_leaves
from daprd.blocks.state import DeleteItem, SaveItem
from daprd.blocks.state.insisting import RetryOption
from daprd.blocks.state.values import encode
from daprd.catalogue import common, state

_KEY_AND_VALUE = re.compile(rb'\[\{"key": ?"([^"\\\x00-\x1f]+)", ?"value": ?')
_NOT_CONTROL = bytes(range(0x20, 0x100))
_SET_REQUEST: Final = "SetRequest"
_SORTED = jsonx.float64_form(lambda value: encode(value, plain=False), ordered=True)
_PLAIN = jsonx.float64_form(lambda value: encode(value, plain=True), ordered=False)
"""How large values are written while their body is read, as ``encode`` would write them later."""


class BodyError(ValueError):
    """The body is not what the endpoint takes; the text is the decoder's."""


@dataclass(slots=True)
class BulkGetBody:
    """The body of a bulk read."""

    keys: list[str] = field(default_factory=list)
    parallelism: int = 0
    metadata: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class TransactionBody:
    """The body of a transaction."""

    operations: list[SaveItem | DeleteItem] = field(default_factory=list)
    metadata: dict[str, str] = field(default_factory=dict)


LARGE_BODY = jsonx.WINDOW
"""Bytes from which a body is decoded on a thread, so that the loop turns in between (about 0.3 ms at this size)."""


async def read_body(request: Request) -> bytes:
    """The whole body. Raises ``BodyError`` when it is over the limit or broke off."""
    try:
        return await request.read()
    except BodyTooLargeError as error:
        raise BodyError(str(error)) from None
    except BodyBrokenError:
        raise BodyError("unexpected EOF") from None


def save_items(body: bytes, *, plain: bool = False) -> list[SaveItem]:
    """The items of a save. Raises ``BodyError``.

    Large values are written already, ``plain`` or not (``StateBlock.writes_plain``).
    """
    single = _key_and_value(body)
    if single is not None:
        return [single]
    document = first_document(body, levels=2, plain=plain)
    if document is None:
        return []
    if type(document) is not list:
        raise BodyError(_mismatch(document, "[]state.SetRequest"))
    return [_save_item(entry) for entry in document]


def _key_and_value(body: bytes) -> SaveItem | None:
    """The most common save of all, one item with nothing but key and value, without building the list around it.

    None when the body is anything else, right or wrong: the ordinary way decides then.
    """
    head = _KEY_AND_VALUE.match(body)
    if head is None or not body.endswith(b"}]"):
        return None
    text = body[head.end() : -2]
    try:
        key = head[1].decode()
        if len(text) < LARGE_BODY and _is_plain_literal(text):
            return SaveItem(key, jsonx.RawJSON(text, trusted=True))
        if len(text) >= LARGE_BODY or jsonx.holds_long_integer(text):
            return None
        return SaveItem(key, jsonx.loads_go(text))
    except (UnicodeDecodeError, jsonx.JSONError):
        return None


def _is_plain_literal(text: bytes) -> bool:
    """Whether this is one string literal that holds no escape and needs none: ASCII, or UTF-8 that decodes."""
    last = len(text) - 1
    if last < 1 or text[0] != 0x22 or text.find(b'"', 1) != last or b"\\" in text:
        return False
    if text.translate(None, _NOT_CONTROL):
        return False
    if not text.isascii():
        text.decode()
    return True


def bulk_get_body(body: bytes) -> BulkGetBody:
    """The body of a bulk read. Raises ``BodyError``."""
    parsed = BulkGetBody()
    struct = "BulkGetRequest"
    for name, value in _object(first_document(body, levels=3), "http.BulkGetRequest").items():
        match name.lower():
            case "keys":
                parsed.keys = _strings(value, f"{struct}.keys")
            case "parallelism":
                parsed.parallelism = _integer(value, f"{struct}.parallelism")
            case "metadata":
                parsed.metadata = _string_map(value, f"{struct}.metadata")
    return parsed


def transaction_body(body: bytes, *, plain: bool = False) -> TransactionBody:
    """The body of a transaction; ``plain`` as in ``save_items``.

    Raises:
        BodyError: it is not of the documented form.
        DaprError: an operation is neither ``upsert`` nor ``delete``.
    """
    parsed = TransactionBody()
    struct = "stateTransactionRequestBody"
    entries: Any = None
    for name, value in _object(first_document(body, levels=4, plain=plain), f"http.{struct}").items():
        match name.lower():
            case "operations":
                entries = value
            case "metadata":
                parsed.metadata = _string_map(value, f"{struct}.metadata")
    if entries is not None and type(entries) is not list:
        raise BodyError(_mismatch(entries, "[]http.stateTransactionRequestBodyOperation", field=f"{struct}.operations"))
    parsed.operations = [_operation(entry) for entry in entries or ()]
    return parsed


def first_document(body: bytes, *, levels: int = 0, plain: bool = False) -> Any:
    """The first JSON document of a stream, its numbers as a float64 keeps them.

    In a large one, large values ``levels`` deep are ``RawJSON``, as are large strings. Raises ``BodyError``.
    """
    if len(body) >= LARGE_BODY:
        try:
            return jsonx.outline(body, _PLAIN if plain else _SORTED, levels)
        except jsonx.UnslicedError:
            pass  # the ordinary way says what is wrong with it
    try:
        document = jsonx.loads_go(body)
    except jsonx.JSONError as error:
        if not str(error).endswith("after top-level value"):
            raise BodyError(error.stream_text) from None
        body = body[: error.offset]
        document = jsonx.loads_go(body)
    if jsonx.holds_long_integer(body):
        document = json_leaves.rewrite(document, _rounded)
    return document


def _rounded(value: Any) -> Any:
    """An integer that a float64 cannot hold exactly becomes what it holds instead."""
    if type(value) is int and not -jsonx.EXACT_INTEGERS <= value <= jsonx.EXACT_INTEGERS:
        return normalise(str(value))
    return value


# -- one item


def _save_item(entry: Any) -> SaveItem:
    item = SaveItem("")
    for name, value in _object(entry, "state.SetRequest").items():
        if name == "value":
            item.value = value
        elif value is not None:
            if type(value) is jsonx.RawJSON:  # large, and of no use as text here
                value = jsonx.loads_go(value.data)
            setter = _SETTERS.get(name) or _SETTERS.get(name.lower())
            if setter is not None:
                setter(item, value)
        elif name.lower() == "value":
            item.value = None
    return item


def _set_value(item: SaveItem, value: Any) -> None:
    item.value = value


def _set_key(item: SaveItem, value: Any) -> None:
    item.key = _string(value, f"{_SET_REQUEST}.key")


def _set_etag(item: SaveItem, value: Any) -> None:
    item.etag = _string(value, f"{_SET_REQUEST}.etag")


def _set_metadata(item: SaveItem, value: Any) -> None:
    item.metadata = _string_map(value, f"{_SET_REQUEST}.metadata")


def _set_content_type(item: SaveItem, value: Any) -> None:
    item.content_type = _string(value, f"{_SET_REQUEST}.contentType")


def _set_options(item: SaveItem, value: Any) -> None:
    if type(value) is not dict:
        raise BodyError(_mismatch(value, "state.SetStateOption", field=f"{_SET_REQUEST}.options"))
    for name, option in value.items():
        if option is None:
            continue
        match name.lower():
            case "concurrency":
                item.concurrency = _string(option, "SetStateOption.options.concurrency")
            case "consistency":
                item.consistency = _string(option, "SetStateOption.options.consistency")
            case "retrypolicy":
                item.retry = _retry_option(option)


def _retry_option(value: Any) -> RetryOption:
    """The option of 2020: ``interval`` in milliseconds, ``threshold``, ``pattern``."""
    struct = "SetStateOption.options.retryPolicy"
    if type(value) is not dict:
        raise BodyError(_mismatch(value, "state.RetryPolicy", field=struct))
    named = {name.lower(): given for name, given in value.items()}
    interval = _integer(named.get("interval"), f"{struct}.interval")
    threshold = _integer(named.get("threshold"), f"{struct}.threshold")
    pattern = named.get("pattern")
    try:
        return RetryOption(interval / 1000, threshold, _string("" if pattern is None else pattern, f"{struct}.pattern"))
    except ValueError as error:
        raise BodyError(str(error)) from None


_SETTERS: Mapping[str, Callable[[SaveItem, Any], None]] = {
    "key": _set_key,
    "value": _set_value,
    "etag": _set_etag,
    "metadata": _set_metadata,
    "options": _set_options,
    "contenttype": _set_content_type,
    "contentType": _set_content_type,
}


def _operation(entry: Any) -> SaveItem | DeleteItem:
    """One step. A missing request is one with an empty key, which the original accepts."""
    operation, request = "", None
    struct = "stateTransactionRequestBodyOperation"
    for name, value in _object(entry, f"http.{struct}").items():
        match name.lower():
            case "operation" if value is not None:
                operation = _string(value, f"{struct}.operations.operation")
            case "request":
                request = value
    if operation not in ("upsert", "delete"):
        raise DaprError(state.UNKNOWN_OPERATION, operation=operation)
    item = _save_item(request if request is not None else {})
    if operation == "upsert":
        return item
    return DeleteItem(item.key, item.etag, item.metadata, item.concurrency, item.consistency)


# -- kinds


def _object(value: Any, kind: str) -> dict[str, Any]:
    if type(value) is dict:
        return value
    if value is None:
        return {}
    raise BodyError(_mismatch(value, kind))


def _string(value: Any, where: str) -> str:
    if type(value) is str:
        return value
    if isinstance(value, jsonx.RawJSON):  # a large one
        return _string(jsonx.loads_go(value.data), where)
    raise BodyError(_mismatch(value, "string", field=where))


def _strings(value: Any, where: str) -> list[str]:
    if value is None:
        return []
    if type(value) is not list:
        raise BodyError(_mismatch(value, "[]string", field=where))
    return ["" if item is None else _string(item, where) for item in value]


def _string_map(value: Any, where: str) -> dict[str, str]:
    if value is None:
        return {}
    if type(value) is not dict:
        raise BodyError(_mismatch(value, "map[string]string", field=where))
    return {name: "" if item is None else _string(item, where) for name, item in value.items()}


def _integer(value: Any, where: str) -> int:
    if value is None:
        return 0
    if type(value) is int:
        return value
    if isinstance(value, jsonx.Number):
        raise BodyError(f"json: cannot unmarshal number {value.text} into Go struct field {where} of type int")
    raise BodyError(_mismatch(value, "int", field=where))


def _mismatch(value: Any, wanted: str, *, field: str = "") -> str:
    return jsonx.mismatch(_KINDS[value.data[:1]] if isinstance(value, jsonx.RawJSON) else value, wanted, field=field)


_KINDS: Mapping[bytes, Any] = {b'"': "", b"[": [], b"{": {}}


def malformed(error: BodyError, *, plain: bool = False) -> DaprError:
    """The block's error for a body; ``plain`` where the original gives the decoder's text alone."""
    return DaprError(common.MALFORMED_REQUEST_PLAIN if plain else common.MALFORMED_REQUEST, error=error)
