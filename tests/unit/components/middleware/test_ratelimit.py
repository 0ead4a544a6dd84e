"""The rate limit counts per client and path and tells clients of itself."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dapr_components.contract import ComponentContext, ComponentError, Metadata
from dapr_components.middleware.ratelimit import Buckets, RateLimitMiddleware
from dapr_core.rpc.messages import Peer, Request, Response

PEER = Peer("10.0.0.9", 4711)


def statuses(rate: str, *requests: Request) -> list[int]:
    return [response.status for response in responses(rate, *requests)]


def responses(rate: str, *requests: Request) -> list[Response]:
    async def main() -> list[Response]:
        middleware = RateLimitMiddleware(ComponentContext("limit", "middleware.http.ratelimit", "v1", "app"))
        await middleware.init(Metadata({"maxRequestsPerSecond": rate} if rate else {}))

        async def following(request: Request) -> Response:
            return Response(204)

        handler = middleware.wrap(following)
        return [await handler(request) for request in requests]

    return asyncio.run(main())


def get(path: str = "/a", *, peer: Peer | None = PEER, **headers: str) -> Request:
    pairs = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request("GET", path.encode(), pairs, peer=peer)


def test_beyond_the_rate_a_client_is_refused() -> None:
    *allowed, refused = responses("2", get(), get(), get())
    assert [response.status for response in allowed] == [204, 204]
    assert (refused.status, refused.body) == (429, b"You have reached maximum request limit.")
    assert refused.headers == [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"x-rate-limit-limit", b"2.00"),
        (b"x-rate-limit-duration", b"1"),
        (b"x-rate-limit-request-remote-addr", b"10.0.0.9:4711"),
    ]
    assert allowed[0].header(b"x-rate-limit-limit") == b"2.00"


@pytest.mark.parametrize(
    ("other", "own_bucket"),
    [
        (get("/b"), True),
        (get("/a?q=1"), False),
        (get(peer=Peer("10.0.0.8", 1)), True),
        (get(x_forwarded_for="10.0.0.8"), True),
        (get(x_forwarded_for="1.1.1.1, 10.0.0.9"), False),
        (get(x_real_ip="10.0.0.8"), True),
        (get(peer=None), True),
    ],
    ids=["path", "query", "peer", "forwarded", "last forwarded", "real ip", "unknown"],
)
def test_buckets_are_told_apart_by_client_and_path(other: Request, own_bucket: bool) -> None:
    assert statuses("1", get(), other) == [204, 204 if own_bucket else 429]


def test_ipv6_clients_count_by_their_network() -> None:
    one, two, far = (get(peer=Peer(address, 1)) for address in ("2001:db8::1", "2001:db8::2", "2001:db8:1::1"))
    assert statuses("1", one, two, far) == [204, 429, 204]


def test_a_hundred_a_second_is_the_default() -> None:
    assert 100 <= statuses("", *(get() for _ in range(300))).count(204) < 250
    assert responses("", get())[0].header(b"x-rate-limit-limit") == b"100.00"


@pytest.mark.parametrize("rate", ["0", "-1", "nan", "inf", "many"])
def test_a_rate_that_is_no_positive_number_is_refused(rate: str) -> None:
    with pytest.raises(ComponentError, match="maxRequestsPerSecond"):
        statuses(rate)


@given(st.lists(st.floats(0, 3), max_size=60), st.floats(0.2, 20))
def test_no_more_pass_than_burst_and_refill_allow(pauses: list[float], rate: float) -> None:
    now = [0.0]
    buckets = Buckets(rate, lambda: now[0])
    passed = 0
    for pause in pauses:
        now[0] += pause
        passed += buckets.take(("c", b"/"))
    assert passed <= max(1.0, rate) + now[0] * rate + 1e-6
