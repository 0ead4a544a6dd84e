"""Where actors live (actors-placement.md §2.1)."""

from __future__ import annotations

import pytest

from dapr_core.proto.gen.placement.v1.placement_pb2 import Host, PlacementTables
from daprd.blocks.actors.hosts import HostTable, NoAddressError, is_same_host


def tables(**types: dict[str, str]) -> PlacementTables:
    found = PlacementTables(replication_factor=100)
    for actor_type, hosts in types.items():
        for name, app_id in hosts.items():
            found.entries[actor_type].load_map[name].CopyFrom(Host(name=name, id=app_id, port=50002))
    return found


def test_an_actor_has_one_host_whose_application_is_known() -> None:
    table = HostTable.of(tables(cat={"10.0.0.1:50002": "pets"}))
    owner = table.owner("cat", "tom")
    assert (owner.name, owner.app_id) == ("10.0.0.1:50002", "pets")


def test_a_type_without_hosts_has_no_address() -> None:
    for table in (HostTable(), HostTable.of(tables(cat={}))):
        with pytest.raises(NoAddressError, match="did not find address for actor 'cat/tom'"):
            table.owner("cat", "tom")


def test_what_a_later_table_changes() -> None:
    before = HostTable.of(tables(cat={"a:1": "x"}, dog={"a:1": "x"}, cow={"a:1": "x"}))
    after = HostTable.of(tables(cat={"a:1": "x"}, dog={"a:1": "y"}, hen={"a:1": "x"}))
    assert before.changed(after) == {"dog", "cow", "hen"}
    assert after.changed(after) == frozenset()


@pytest.mark.parametrize(
    ("address", "own", "same"),
    [
        ("10.0.0.1:1", "10.0.0.1:1", True),
        ("localhost:1", "127.0.0.1:1", True),
        ("[::1]:1", "localhost:1", True),
        ("localhost:1", "localhost:2", False),
        ("localhost:1", "10.0.0.1:1", False),
    ],
)
def test_names_of_the_loopback_interface_are_one(address: str, own: str, same: bool) -> None:
    assert is_same_host(address, own) is same
