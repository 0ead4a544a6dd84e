"""What an application says about its actor types (actors-placement.md §3.2, §3.9)."""

from __future__ import annotations

from typing import Any

import pytest

from daprd.blocks.actors.settings import HostedTypes, InvalidSettingsError, Reentrancy, TypeSettings, read_configuration


def read(**value: Any) -> HostedTypes:
    return read_configuration(value, 30.0)


def test_without_anything_no_type_is_hosted() -> None:
    assert read() == HostedTypes({}, ())
    assert read_configuration(None, 30.0) == HostedTypes({}, ())


def test_types_have_the_documented_defaults() -> None:
    assert read(entities=["cat"]).types == {
        "cat": TypeSettings(idle=3600.0, drain=2.0, drain_at_all=True, reentrancy=Reentrancy(False, 32))
    }


def test_the_whole_applies_to_every_type() -> None:
    found = read(
        entities=["cat", "dog", "cat", ""],
        actorIdleTimeout="1m30s",
        drainOngoingCallTimeout="5s",
        drainRebalancedActors=False,
        reentrancy={"enabled": True, "maxStackDepth": 4},
    )
    expected = TypeSettings(idle=90.0, drain=5.0, drain_at_all=False, reentrancy=Reentrancy(True, 4))
    assert found.types == {"cat": expected, "dog": expected}


def test_an_entry_stands_for_itself_but_for_the_time_to_drain() -> None:
    found = read(
        entities=["cat", "dog"],
        actorIdleTimeout="1m",
        drainOngoingCallTimeout="5s",
        reentrancy={"enabled": True},
        entitiesConfig=[{"entities": ["dog"]}],
    )
    assert found.types["cat"].idle == 60.0
    assert found.types["dog"] == TypeSettings(idle=3600.0, drain=5.0, reentrancy=Reentrancy())


def test_an_entry_for_a_type_that_is_not_hosted_is_complained_of() -> None:
    found = read(entities=["cat"], entitiesConfig=[{"entities": ["cow"]}])
    assert found.complaints == ("Configuration specified for non-hosted actor type: cow",)


@pytest.mark.parametrize("name", ["actorIdleTimeout", "drainOngoingCallTimeout"])
def test_a_time_that_does_not_read_is_an_error_in_the_whole_and_a_complaint_in_an_entry(name: str) -> None:
    with pytest.raises(InvalidSettingsError, match=name):
        read(entities=["cat"], **{name: "soon"})
    found = read(entities=["cat"], entitiesConfig=[{"entities": ["cat"], name: "soon"}])
    assert name in found.complaints[0]
    assert found.types["cat"] == TypeSettings()


def test_draining_is_shorter_than_a_round() -> None:
    found = read_configuration({"entities": ["cat"], "drainOngoingCallTimeout": "60s"}, 30.0)
    assert found.types["cat"].drain == 24.0
    assert found.complaints == (
        "drainOngoingCallTimeout (1m0s) for global config meets or exceeds the dissemination timeout (30s); "
        "clamping to 24s to avoid blocking placement dissemination",
    )
    value = {"entities": ["cat"], "entitiesConfig": [{"entities": ["cat", "x"], "drainOngoingCallTimeout": "2s"}]}
    assert "entities=cat,x" in read_configuration(value, 2.0).complaints[-2]


@pytest.mark.parametrize("depth", [0, -1, "3", True, None])
def test_a_depth_that_is_none_is_the_default(depth: Any) -> None:
    found = read(entities=["cat"], reentrancy={"enabled": True, "maxStackDepth": depth})
    assert found.types["cat"].reentrancy == Reentrancy(True, 32)


@pytest.mark.parametrize("entities", ["cat", [1], {"cat": 1}])
def test_types_that_are_no_list_of_texts_are_an_error(entities: Any) -> None:
    with pytest.raises(InvalidSettingsError, match="entities"):
        read(entities=entities)


def test_partitions_of_reminders_are_said_to_have_no_effect() -> None:
    assert "remindersStoragePartitions" in read(entities=["cat"], remindersStoragePartitions=7).complaints[0]


def test_types_of_the_runtime_itself_are_not_hosted_for_an_application() -> None:
    found = read(entities=["dapr.internal.default.app.workflow", "cat"])
    assert list(found.types) == ["cat"]
    assert found.complaints == ('actor type "dapr.internal.default.app.workflow" is reserved for the runtime',)
