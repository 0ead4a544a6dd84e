"""Paths find the endpoint that the original's router would find."""

from __future__ import annotations

import posixpath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dapr_core.rpc.messages import Request, Response
from daprd.api.http import paths
from daprd.api.http.router import Router, UnescapeError
from daprd.api.http.routing import Params, Route


def nothing(request: Request, params: Params) -> Response:
    return Response(204)


def route(template: str, *methods: str) -> Route:
    return Route(methods=methods, template=template, endpoint=nothing, group="g", version="v1", name=template)


ROUTER = Router(
    [
        route("v1.0/state/{store}", "POST", "PUT"),
        route("v1.0/state/{store}/{key}", "GET", "DELETE"),
        route("v1.0/state/{store}/bulk", "POST", "PUT"),
        route("v1.0/publish/{pubsub}/*", "POST", "PUT"),
        route("v1.0/publish/bulk/{pubsub}/*", "POST", "PUT"),
        route("v1.0/metadata", "GET"),
        route("v1.0/anything/*"),
    ]
)


def found(method: str, path: bytes) -> tuple[str, Params] | None:
    match = ROUTER.find(method, path)
    return None if match is None else (match[0].template, match[1])


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", b"/v1.0/state/mem/k", ("v1.0/state/{store}/{key}", {"store": "mem", "key": "k"})),
        ("POST", b"/v1.0/state/mem/bulk", ("v1.0/state/{store}/bulk", {"store": "mem"})),
        ("GET", b"/v1.0/state/mem/bulk", ("v1.0/state/{store}/{key}", {"store": "mem", "key": "bulk"})),
        ("GET", b"/v1.0/state/mem/a%2Fb", ("v1.0/state/{store}/{key}", {"store": "mem", "key": "a/b"})),
        ("GET", b"/v1.0/state/mem/p+q", ("v1.0/state/{store}/{key}", {"store": "mem", "key": "p q"})),
        ("GET", b"/v1.0/state/%6Dem/p%2Bq", ("v1.0/state/{store}/{key}", {"store": "mem", "key": "p+q"})),
        ("GET", b"/v1.0/state/mem/%E2%98%83", ("v1.0/state/{store}/{key}", {"store": "mem", "key": "☃"})),
        ("POST", b"/v1.0/publish/bus/a/b", ("v1.0/publish/{pubsub}/*", {"pubsub": "bus", "*": "a/b"})),
        ("POST", b"/v1.0/publish/bulk/bus/t", ("v1.0/publish/bulk/{pubsub}/*", {"pubsub": "bus", "*": "t"})),
        ("POST", b"/v1.0/publish/bulk/t", ("v1.0/publish/{pubsub}/*", {"pubsub": "bulk", "*": "t"})),
        ("FROB", b"/v1.0/anything/x/y", ("v1.0/anything/*", {"*": "x/y"})),
        ("GET", b"/v1.0/metadata", ("v1.0/metadata", {})),
        ("POST", b"/v1.0/metadata", None),
        ("GET", b"/v1.0/state/mem/a/b", None),
        ("GET", b"/v1.0/state/mem", None),
        ("GET", b"/", None),
    ],
)
def test_a_path_finds_its_route(method: str, path: bytes, expected: tuple[str, Params] | None) -> None:
    assert found(method, path) == expected


def test_a_path_that_comes_again_finds_the_route_of_its_own_method() -> None:
    path = b"/v1.0/state/mem/bulk"
    for _ in range(2):
        assert found("GET", path) == ("v1.0/state/{store}/{key}", {"store": "mem", "key": "bulk"})
        assert found("PUT", path) == ("v1.0/state/{store}/bulk", {"store": "mem"})
        assert found("FROB", path) is None


def test_more_paths_than_are_remembered_find_their_routes_too() -> None:
    paths = {key: b"/v1.0/state/mem/%d" % key for key in range(3000)}
    for _ in range(2):
        for key, path in paths.items():
            assert found("GET", path) == ("v1.0/state/{store}/{key}", {"store": "mem", "key": str(key)})


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (b"/v1.0/state/mem/k", ["DELETE", "GET"]),
        (b"/v1.0/state/mem/bulk", ["DELETE", "GET", "POST", "PUT"]),
        (b"/v1.0/metadata", ["GET"]),
        (b"/nope", []),
    ],
)
def test_the_methods_of_a_path_are_those_of_all_its_routes(path: bytes, expected: list[str]) -> None:
    assert ROUTER.methods(path) == expected


def test_a_parameter_that_is_not_utf8_is_refused_by_name() -> None:
    with pytest.raises(UnescapeError, match='failed to unescape request parameter "key"'):
        ROUTER.find("GET", b"/v1.0/state/mem/%FF")


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        (b"//v1.0//state//mem//obj", b"/v1.0/state/mem/obj"),
        (b"/v1.0/x/../state/mem/./obj", b"/v1.0/state/mem/obj"),
        (b"/v1.0/healthz/", b"/v1.0/healthz"),
        (b"/../../x", b"/x"),
        (b"/a%2F..%2Fb", b"/a%2F..%2Fb"),
        (b"/", b"/"),
        (b"http://other/v1.0/healthz?x=/..", b"/v1.0/healthz"),
        (b"http://other", b"/"),
        (b"/a?b=//", b"/a"),
    ],
)
def test_targets_are_cleaned_on_the_escaped_path(target: bytes, expected: bytes) -> None:
    assert paths.clean(paths.path_of(target)) == expected


@given(st.text("ab./", max_size=20))
def test_cleaning_is_posix_normalisation(text: str) -> None:
    expected = posixpath.normpath("/" + text).replace("//", "/", 1)
    assert paths.clean(b"/" + text.encode()) == expected.encode()


@pytest.mark.parametrize(
    ("path", "broken"), [(b"/a%zz", True), (b"/a%2", True), (b"/a%", True), (b"/a%2f", False), (b"/a", False)]
)
def test_broken_escapes_are_seen(path: bytes, broken: bool) -> None:
    assert paths.has_broken_escape(path) is broken
