"""Ids and times of envelopes."""

from __future__ import annotations

import uuid
from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st

from daprd.blocks.pubsub.stamps import local_clock, uuid_source


@given(st.binary(min_size=16, max_size=16))
def test_any_random_bytes_become_a_version_4_uuid(block: bytes) -> None:
    text = uuid_source(lambda size: block * (size // 16))()
    made = uuid.UUID(text)
    assert (str(made), made.version, made.variant) == (text, 4, uuid.RFC_4122)
    assert text.replace("-", "")[:12] == block.hex()[:12]


def test_ids_do_not_repeat() -> None:
    new_id = uuid_source()
    assert len({new_id() for _ in range(2000)}) == 2000


def test_a_time_is_aware_and_holds_for_its_second() -> None:
    ticks = iter([1_795_464_690.2, 1_795_464_690.9, 1_795_464_691.0])
    now = local_clock(lambda: next(ticks))
    first, same, following = now(), now(), now()
    assert first is same
    assert (following - first).total_seconds() == 1
    assert first == datetime.fromtimestamp(1_795_464_690).astimezone()
    assert first.utcoffset() is not None
