"""The rules of service invocation on values: methods, ids, headers, targets."""

from __future__ import annotations

import posixpath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dapr_core.rpc.messages import Headers
from daprd.app.urls import UrlError, target
from daprd.blocks.invoke.appids import AppIdError, parse_app_id
from daprd.blocks.invoke.headers import answer_headers, app_headers, caller_headers
from daprd.blocks.invoke.method import MethodError, normalise
from daprd.catalogue.invoke import grpc_from_http, grpc_name, http_from_grpc


@pytest.mark.parametrize(
    ("method", "clean"),
    [
        ("hello", "hello"),
        ("", ""),
        (".", ""),
        ("..", ""),
        ("/x///y", "x/y"),
        ("a/b/", "a/b"),
        ("a/../b", "b"),
        ("../../x", "x"),
        ("admin/../public", "public"),
        ("public///extra", "public/extra"),
        ('test"stream', 'test"stream'),
        ("a*b", "a*b"),
        ("test%stream", "test%stream"),
        ("a.b", "a.b"),
        ("...", "..."),
    ],
)
def test_a_method_becomes_a_clean_relative_path(method: str, clean: str) -> None:
    assert normalise(method) == clean


@pytest.mark.parametrize(
    ("method", "text"),
    [
        ("a#b", 'invalid method: method contains forbidden character: "a#b"'),
        ("a?b", 'invalid method: method contains forbidden character: "a?b"'),
        ("a\0b", 'invalid method: method contains forbidden character: "a\\x00b"'),
        ("a\nb", 'invalid method: method contains control character at position 1: "a\\nb"'),
        ("é\x7f", 'invalid method: method contains control character at position 2: "é\\x7f"'),
    ],
)
def test_a_method_with_what_no_path_may_hold_is_refused(method: str, text: str) -> None:
    with pytest.raises(MethodError) as caught:
        normalise(method)
    assert str(caught.value) == text


@given(st.text(st.characters(exclude_characters="#?\x7f", exclude_categories=("Cc", "Cs")), max_size=30))
def test_normalising_is_idempotent_and_never_climbs(method: str) -> None:
    clean = normalise(method)
    assert normalise(clean) == clean
    assert ".." not in clean.split("/")
    assert clean == posixpath.normpath("/" + method.lstrip("/")).lstrip("/")


@pytest.mark.parametrize(
    ("text", "expected"),
    [("shop", ("shop", "own")), ("shop.other", ("shop", "other")), ("golden/", ("golden/", "own"))],
)
def test_an_app_id_may_name_a_namespace(text: str, expected: tuple[str, str]) -> None:
    assert parse_app_id(text, "own") == expected


@pytest.mark.parametrize(("text", "message"), [("a.b.c", "invalid app id a.b.c"), ("", "app id is empty")])
def test_other_ids_are_refused(text: str, message: str) -> None:
    with pytest.raises(AppIdError, match=message):
        parse_app_id(text, "own")


@pytest.mark.parametrize(
    ("path", "query", "expected"),
    [
        (b"/hello", b"a=1&b=%20x", b"/hello?a=1&b=%20x"),
        (b'/test"stream', b"q=%2F", b"/test%22stream?q=%2F"),
        (b"/a b+c", b"", b"/a%20b+c"),
        ("/é".encode(), b"", b"/%C3%A9"),
        (b"/a*b", b"", b"/a*b"),
        (b"/a%20b", b"", b"/a%20b"),
        (b"/a b*c", b"", b"/a%20b%2Ac"),
        (b"/x", b"a=1 2\r\nX: y", b"/x?a=1%202%0D%0AX:%20y"),
    ],
)
def test_a_path_goes_out_as_gos_url_parser_would_send_it(path: bytes, query: bytes, expected: bytes) -> None:
    assert target(b"http://app", path, query) == expected


def test_a_percent_sign_that_begins_no_escape_is_an_error_with_the_whole_url() -> None:
    with pytest.raises(UrlError) as caught:
        target(b"http://127.0.0.1:45039", b"/test%stream", b"q=%2F")
    assert str(caught.value) == 'parse "http://127.0.0.1:45039/test%stream?q=%2F": invalid URL escape "%st"'


@given(st.binary(max_size=40).filter(lambda raw: b"%" not in raw))
def test_no_path_can_break_a_request_line(raw: bytes) -> None:
    sent = target(b"", b"/" + raw, b"")
    assert sent.isascii()
    assert not any(byte <= 0x20 or byte == 0x7F for byte in sent)


# Headers


def names(headers: Headers) -> list[str]:
    return sorted(name.decode() for name, _ in headers)


def test_hop_by_hop_and_nominated_headers_do_not_reach_the_application() -> None:
    headers: Headers = [
        (b"connection", b"X-Mine, keep-alive"),
        (b"x-mine", b"dropme"),
        (b"keep-alive", b"5"),
        (b"te", b"trailers"),
        (b"proxy-connection", b"x"),
        (b"proxy-authorization", b"Basic x"),
        (b"upgrade", b"foo"),
        (b"http2-settings", b"x"),
        (b"trailer", b"X-T"),
        (b"x-kept", b"1"),
    ]
    assert app_headers(headers, b"") == [(b"x-kept", b"1")]


def test_binary_reserved_and_addressing_headers_are_dropped_or_renamed() -> None:
    headers: Headers = [
        (b"x-thing-bin", b"AAEC"),
        (b"grpc-timeout", b"1S"),
        (b":authority", b"a:1"),
        (b"dapr-app-id", b"x"),
        (b"destination-app-id", b"x"),
        (b"content-length", b"8"),
        (b"content-type", b"application/grpc"),
        (b"authorization", b"Bearer abc"),
    ]
    assert app_headers(headers, b"text/plain") == [
        (b"dapr-grpc-timeout", b"1S"),
        (b"dapr-authority", b"a:1"),
        (b"authorization", b"Bearer abc"),
        (b"content-type", b"text/plain"),
    ]


def test_only_the_first_baggage_reaches_the_application() -> None:
    assert app_headers([(b"baggage", b"a=1"), (b"baggage", b"b=2")], b"") == [(b"baggage", b"a=1")]


def test_repeated_headers_keep_their_values_and_order() -> None:
    headers: Headers = [(b"x-rep", b"one"), (b"cookie", b"a=1"), (b"x-rep", b"two"), (b"cookie", b"b=2")]
    assert app_headers(headers, b"") == headers


def test_an_answer_loses_framing_and_hop_by_hop_headers_at_its_sidecar() -> None:
    headers: Headers = [
        (b"content-length", b"999"),
        (b"transfer-encoding", b"chunked"),
        (b"connection", b"x-hop"),
        (b"x-hop", b"1"),
        (b"x-data-bin", b"AAEC"),
        (b"set-cookie", b"a=1"),
        (b"set-cookie", b"b=2"),
    ]
    assert names(answer_headers(headers)) == ["set-cookie", "set-cookie", "x-data-bin"]


def test_a_client_over_http_gets_no_binary_headers_and_grpcs_names_renamed() -> None:
    headers: Headers = [(b"grpc-status", b"7"), (b"x-data-bin", b"AAEC"), (b"etag", b'"abc"')]
    assert caller_headers(headers) == [(b"dapr-grpc-status", b"7"), (b"etag", b'"abc"')]


# Codes


@pytest.mark.parametrize(
    ("code", "status"),
    [*enumerate((200, 408, 500, 400, 504, 404, 409, 403, 429, 400, 409, 400, 501, 500, 503, 500, 401)), (99, 500)],
)
def test_grpc_codes_have_an_http_status(code: int, status: int) -> None:
    assert http_from_grpc(code) == status


@pytest.mark.parametrize(
    ("status", "code"),
    list(
        {
            200: 0,
            204: 0,
            301: 2,
            400: 13,
            401: 16,
            403: 7,
            404: 5,
            408: 1,
            409: 6,
            418: 2,
            429: 8,
            500: 2,
            501: 12,
            503: 14,
            504: 4,
        }.items()
    ),
)
def test_http_statuses_have_a_grpc_code(status: int, code: int) -> None:
    assert grpc_from_http(status) == code


def test_codes_print_as_go_prints_them() -> None:
    assert (grpc_name(14), grpc_name(42)) == ("Unavailable", "Code(42)")
