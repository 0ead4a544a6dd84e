"""Reading the target of a call out of an HTTP request."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dapr_core.errors import DaprError
from dapr_core.rpc.messages import Headers, Request, Response
from daprd.api.http import invoke
from daprd.api.http.server import ApiOptions, api_handler
from daprd.blocks.invoke.envelope import Invocation


def destination(request: Request) -> tuple[str, str]:
    target, call = invoke.read_call(request)
    return target, call.method


def basic(text: str) -> bytes:
    return b"Basic " + base64.b64encode(text.encode())


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("/v1.0/invoke/golden/method/hello?a=1&b=%20x", ("golden", "hello")),
        ("/v1.0/invoke/golden/method/", ("golden", "")),
        ("/v1.0/invoke/golden/method/a/../b", ("golden", "a/../b")),
        ("/v1.0/invoke/golden/method/a%2Fb", ("golden", "a/b")),
        ("/v1.0/invoke/golden/method/a%25b", ("golden", "a%b")),
        ("/v1.0/invoke/golden/method/a%20b+c", ("golden", "a b+c")),
        ("/v1.0/invoke/golden/method/method/method/x", ("golden", "method/method/x")),
        ("/v1.0//invoke//golden//method//x///y", ("golden/", "/x///y")),
        ("////v1.0///invoke/golden/method/x", ("golden", "x")),
        ("/v1.0/invoke/http://127.0.0.1:45109/method/u?z=1", ("http://127.0.0.1:45109", "u")),
        ("/v1.0/invoke/http%3A%2F%2F127.0.0.1:45109/method/u", ("http://127.0.0.1:45109", "u")),
        ("/v1.0/invoke/http%253A%252F%252Fhost/method/u", ("http://host", "u")),
        ("/v1.0/invoke/http://127.0.0.1:45109/pre/method/u", ("http://127.0.0.1:45109/pre", "u")),
        ("/v1.0/invoke/golden.default/method/x", ("golden.default", "x")),
        ("/v1.0/invoke/golden", ("", "")),
        ("/v1.0/invoke/golden/method", ("", "")),
        ("/v1.0/invoke//method/x", ("", "")),
        ("/nope", ("", "")),
        ("/", ("", "")),
    ],
)
def test_the_path_names_target_and_method(target: str, expected: tuple[str, str]) -> None:
    assert destination(Request("GET", target.encode())) == expected


@pytest.mark.parametrize(
    ("target", "headers", "expected"),
    [
        ("/hello/there?x=1", [(b"dapr-app-id", b"golden")], ("golden", "hello/there")),
        ("///foo", [(b"dapr-app-id", b"golden")], ("golden", "foo")),
        ("/", [(b"dapr-app-id", b"golden")], ("golden", "")),
        ("/a%23/../b", [(b"dapr-app-id", b"golden")], ("golden", "b")),
        (
            "/v1.0/invoke/other/method/hello",
            [(b"dapr-app-id", b"golden")],
            ("golden", "v1.0/invoke/other/method/hello"),
        ),
        ("/v1.0/invoke/other/method/hello", [(b"dapr-app-id", b"")], ("other", "hello")),
        ("/hello", [(b"authorization", basic("dapr-app-id:golden"))], ("golden", "hello")),
        ("/hello", [(b"authorization", basic("DAPR-App-Id:golden"))], ("golden", "hello")),
        ("/hello", [(b"authorization", basic("joe:golden"))], ("", "")),
        ("/hello", [(b"authorization", basic("dapr-app-id:a:b"))], ("", "")),
        ("/hello", [(b"authorization", b"Basic ???")], ("", "")),
        ("/hello", [(b"authorization", b"Bearer x")], ("", "")),
        (
            "/hello",
            [(b"authorization", basic("dapr-app-id:basic")), (b"dapr-app-id", b"header")],
            ("header", "hello"),
        ),
    ],
)
def test_headers_win_over_the_path(target: str, headers: Headers, expected: tuple[str, str]) -> None:
    assert destination(Request("GET", target.encode(), list(headers))) == expected


def test_the_header_is_taken_off_and_basic_credentials_are_not() -> None:
    credentials = (b"authorization", basic("dapr-app-id:a"))
    _, call = invoke.read_call(Request("GET", b"/x", [(b"dapr-app-id", b"a"), (b"x-a", b"1")]))
    assert call.headers == [(b"x-a", b"1")]
    _, call = invoke.read_call(Request("GET", b"/x", [credentials]))
    assert call.headers == [credentials]


def test_a_call_holds_what_the_client_sent_but_its_connection_and_claims_of_identity() -> None:
    headers: Headers = [
        (b"host", b"localhost:3500"),
        (b"content-type", b"text/plain"),
        (b"content-length", b"4"),
        (b"transfer-encoding", b"chunked"),
        (b"dapr-caller-app-id", b"liar"),
        (b"dapr-caller-namespace", b"evil"),
        (b"dapr-callee-app-id", b"wrong"),
        (b"destination-app-id", b"wrong"),
        (b"dapr-custom", b"1"),
    ]
    headers += [(b"accept", b"Text/Event-Stream"), (b"x-forwarded-for", b"9.9.9.9"), (b"traceparent", b"00-1")]
    _, call = invoke.read_call(Request("FROB", b"/v1.0/invoke/a/method/x?a=%20b", headers, b"body"))
    assert (call.method, call.verb, call.query, call.body, call.length) == ("x", "POST", b"a=%20b", b"body", 4)
    assert call.content_type == b"text/plain"
    assert (call.events, call.forwarded, call.traceparent) == (True, True, b"00-1")
    assert [name for name, _ in call.headers] == [
        b"content-type",
        b"content-length",
        b"dapr-custom",
        b"accept",
        b"x-forwarded-for",
        b"traceparent",
    ]


def test_the_handler_calls_the_block_or_says_that_nobody_is_named() -> None:
    made: list[tuple[str, str]] = []

    async def block(target: str, call: Invocation) -> Response:
        made.append((target, call.method))
        return Response(200)

    handle = api_handler([], ApiOptions(fallback=invoke.handler(block)))
    answer = handle(Request("GET", b"/nope"))
    assert isinstance(answer, Response)
    assert (answer.status, answer.body) == (
        404,
        b'{"errorCode":"ERR_DIRECT_INVOKE","message":"failed getting app id either from the URL path or the header '
        b'dapr-app-id"}',
    )
    with pytest.raises(DaprError):
        invoke.handler(block)(Request("GET", b"/nope"))


_FIELDS = [
    (b"host", b"localhost:3500"),
    (b"content-type", b"text/plain"),
    (b"accept", b"text/event-stream"),
    (b"x-forwarded-for", b"9.9.9.9"),
    (b"dapr-app-id", b"b"),
    (b"dapr-caller-app-id", b"liar"),
    (b"traceparent", b"00-1"),
    (b"authorization", b"Basic eDp5"),
    (b"x-a", b"1"),
    (b"x-a", b"2"),
]
_requests = st.builds(
    Request,
    st.sampled_from(["GET", "POST", "FROB"]),
    st.sampled_from([b"/v1.0/invoke/a/method/x", b"/v1.0/invoke/a/method/y?q=1", b"/z", b"/"]),
    st.lists(st.sampled_from(_FIELDS), max_size=4),
    st.sampled_from([b"", b"body"]),
)


def meaning(target: str, call: Invocation) -> dict[str, object]:
    named = {name: getattr(call, name) for name in Invocation.__slots__ if name != "notes"}
    return named | {"target": target}


@given(st.lists(_requests, max_size=12))
def test_a_remembered_head_means_what_reading_it_again_would(requests: list[Request]) -> None:
    heads = invoke.Heads()
    for request in requests:
        assert meaning(*heads.read(request)) == meaning(*invoke.read_call(request))


@pytest.mark.parametrize(
    ("target", "field", "kept"),
    [
        (b"/v1.0/invoke/a/method/x", (b"x-a", b"1"), True),
        (b"/v1.0/invoke/a/method/x?key=1", (b"x-a", b"1"), False),
        (b"/v1.0/invoke/a/method/x", (b"authorization", b"Bearer x"), False),
        (b"/v1.0/invoke/a/method/x", (b"x-api-key", b"1"), False),
        (b"/v1.0/invoke/a/method/x", (b"traceparent", b"00-1"), False),
        (b"/v1.0/invoke/a/method/x", (b"x-a", b"1" * 2000), False),
    ],
)
def test_what_may_hold_a_credential_or_never_comes_again_is_not_kept(
    target: bytes, field: tuple[bytes, bytes], kept: bool
) -> None:
    heads = invoke.Heads()
    notes = [heads.read(Request("GET", target, [field]))[1].notes for _ in range(3)]
    assert notes[0] is None
    assert (notes[1] is not None and notes[1] is notes[2]) == kept


def test_the_memory_of_heads_is_bounded() -> None:
    heads = invoke.Heads()
    for number in range(3000):
        for _ in range(2):
            heads.read(Request("GET", b"/v1.0/invoke/a/method/%d" % number, []))
    assert 0 < len(heads._heads._known) <= 1024
    assert len(heads._heads._seen) <= 1024
