"""Slots of an application's concurrency, and gzip bodies as they unpack."""

from __future__ import annotations

import asyncio
import gzip
import zlib
from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dapr_core.rpc.messages import BodyBrokenError, BodyStream, Response
from daprd.app.compression import Unpacking, unpacked
from daprd.app.slots import Slots


class Pieces(BodyStream):
    def __init__(self, *pieces: bytes) -> None:
        self.pieces = pieces
        self.closed = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self.pieces:
            yield piece

    def close(self) -> None:
        self.closed = True


def test_no_more_calls_run_than_there_are_slots() -> None:
    async def main() -> int:
        slots, running, most = Slots(3), 0, 0

        async def one() -> None:
            nonlocal running, most
            await slots.take()
            running += 1
            most = max(most, running)
            await asyncio.sleep(0)
            running -= 1
            slots.give()

        await asyncio.gather(*(one() for _ in range(50)))
        return most

    assert asyncio.run(main()) == 3


def test_waiting_calls_are_served_in_order_and_cancelled_ones_skipped() -> None:
    async def main() -> list[int]:
        slots, order = Slots(1), list[int]()
        await slots.take()

        async def one(number: int) -> None:
            await slots.take()
            order.append(number)
            slots.give()

        tasks = [asyncio.ensure_future(one(number)) for number in range(4)]
        await asyncio.sleep(0)
        tasks[1].cancel()
        slots.give()
        await asyncio.wait(tasks)
        await asyncio.wait_for(slots.take(), 1)
        return order

    assert asyncio.run(main()) == [0, 2, 3]


def test_a_call_cancelled_with_its_turn_in_hand_passes_it_on() -> None:
    async def main() -> None:
        slots = Slots(1)
        await slots.take()
        waiter = asyncio.ensure_future(slots.take())
        await asyncio.sleep(0)
        slots.give()
        waiter.cancel()
        await asyncio.wait([waiter])
        await asyncio.wait_for(slots.take(), 1)

    asyncio.run(main())


@pytest.mark.parametrize("end", ["read", "close", "dropped"])
def test_a_streamed_answer_gives_its_slot_back_whatever_becomes_of_it(end: str) -> None:
    async def main() -> None:
        slots = Slots(1)
        await slots.take()
        inner = Pieces(b"a", b"b")
        response = slots.hold(Response(200, [], inner))
        assert isinstance(response.body, BodyStream)
        if end == "read":
            assert await response.body.read() == b"ab"
        elif end == "close":
            response.body.close()
            assert inner.closed
        del response
        await asyncio.wait_for(slots.take(), 1)

    asyncio.run(main())


@given(data=st.binary(max_size=5000), cut=st.integers(1, 200))
def test_gzip_unpacks_however_it_is_cut(data: bytes, cut: int) -> None:
    packed = gzip.compress(data[: len(data) // 2]) + gzip.compress(data[len(data) // 2 :])
    pieces = [packed[at : at + cut] for at in range(0, len(packed), cut)]
    assert asyncio.run(Unpacking(Pieces(*pieces)).read()) == data


def test_a_swelling_body_unpacks_in_bounded_pieces() -> None:
    async def main() -> tuple[int, int]:
        largest = total = 0
        async for piece in Unpacking(zlib.compress(b"\0" * 20_000_000, wbits=31)):
            largest, total = max(largest, len(piece)), total + len(piece)
        return largest, total

    assert asyncio.run(main()) == (65_536, 20_000_000)


def test_what_is_not_gzip_is_an_error_and_what_is_not_coded_is_left_alone() -> None:
    coded = unpacked(Response(200, [(b"content-encoding", b"GZIP"), (b"content-length", b"3")], b"no!"))
    assert coded.headers == []
    with pytest.raises(BodyBrokenError, match="gzip body is broken"):
        asyncio.run(coded.read())
    with pytest.raises(BodyBrokenError, match="ended early"):
        asyncio.run(Unpacking(gzip.compress(b"x" * 1000)[:-9]).read())
    plain = Response(200, [(b"content-encoding", b"br")], b"x")
    assert unpacked(plain) is plain
