"""Bytes written by hand are the library's: what is made from parts reads as the message that was meant."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dapr_core.proto.gen.placement.v1.placement_pb2 import Host, PlacementOrder
from dapr_placement.dissemination import wire
from dapr_placement.dissemination.reports import report_of
from dapr_placement.dissemination.tables import HostTable
from dapr_placement.dissemination.wire import Phase

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
types = st.lists(texts, max_size=5)
numbers = st.integers(0, 2**64 - 1)
hosts = st.builds(
    Host,
    name=texts, id=texts, namespace=texts, entities=types,
    port=st.integers(-(2**63), 2**63 - 1), api_level=st.integers(0, 2**32 - 1), operation=st.integers(0, 4),
)  # fmt: skip


def built(found: list[Host], version: int, factor: int) -> PlacementOrder:
    """What the library makes of the same hosts."""
    order = PlacementOrder(operation="update", version=version)
    order.tables.version = str(version)
    order.tables.replication_factor = factor
    for host in found:
        for entity in host.entities:
            order.tables.entries[entity].load_map[host.name].CopyFrom(host)
    return order


@given(st.lists(hosts, max_size=6), numbers, st.integers(1, 1000))
def test_an_update_reads_as_the_table_of_its_hosts(found: list[Host], version: int, factor: int) -> None:
    table = HostTable(factor)
    for stream, host in enumerate(found):
        table.put(stream, report_of(host))
    update = wire.order(Phase.UPDATE, version, table.encode(version))
    assert PlacementOrder.FromString(update) == built(found, version, factor)


@given(st.sampled_from([Phase.LOCK, Phase.UNLOCK]), numbers)
def test_orders_without_a_table_are_the_librarys_bytes(phase: Phase, version: int) -> None:
    order = PlacementOrder(operation=phase.name.lower(), version=version)
    assert wire.order(phase, version) == order.SerializeToString()


@given(st.lists(hosts, min_size=1, max_size=8), st.data())
def test_what_is_kept_of_a_table_follows_every_change(found: list[Host], data: st.DataObject) -> None:
    kept = HostTable(3)
    present: dict[int, Host] = {}
    for version in range(12):
        stream = data.draw(st.integers(0, 3))
        if data.draw(st.booleans()):
            host = data.draw(st.sampled_from(found))
            if kept.put(stream, report_of(host)) and host.entities:
                present.pop(stream, None)
                present[stream] = host
            elif not host.entities:
                present.pop(stream, None)
        else:
            assert kept.remove(stream) == (present.pop(stream, None) is not None)
        expected = built([present[stream] for stream in sorted(present)], version, 3)
        assert PlacementOrder.FromString(wire.order(Phase.UPDATE, version, kept.encode(version))) == expected
        assert kept.types == len(expected.tables.entries)
        assert sum(1 for _ in kept) == len(present)


@given(numbers)
def test_numbers_are_protobufs_varints(value: int) -> None:
    assert wire.varint(value) == PlacementOrder(version=value).SerializeToString()[1:] or value == 0
