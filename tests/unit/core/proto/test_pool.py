"""Our messages live in a pool of their own, beside the official SDK's, and only what is imported is loaded."""

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

from dapr_core.proto import gen, pool
from dapr_core.proto.gen.common.v1 import common_pb2
from dapr_core.proto.gen.google.protobuf.any_pb2 import Any
from dapr_core.proto.gen.google.protobuf.duration_pb2 import Duration
from dapr_core.proto.gen.google.protobuf.struct_pb2 import Struct
from dapr_core.proto.gen.google.protobuf.timestamp_pb2 import Timestamp
from dapr_core.proto.gen.google.rpc.error_details_pb2 import ErrorInfo
from dapr_core.proto.gen.google.rpc.status_pb2 import Status
from dapr_core.proto.gen.internals.v1 import service_invocation_pb2
from dapr_core.proto.gen.runtime.v1 import dapr_pb2, pubsub_pb2, state_pb2

GENERATED = Path(gen.__file__).parent
MODULES = sorted(
    ".".join(path.relative_to(GENERATED).with_suffix("").parts)
    for path in GENERATED.rglob("*.py")
    if path.name != "__init__.py"
)


def test_our_messages_and_the_sdks_round_trip_through_one_another() -> None:
    from dapr.proto.common.v1 import common_pb2 as theirs

    ours = common_pb2.StateItem(key="k", value=b"v", etag=common_pb2.Etag(value="1"), metadata={"ttl": "3"})
    foreign = theirs.StateItem.FromString(ours.SerializeToString())
    assert foreign.metadata["ttl"] == "3"
    assert common_pb2.StateItem.FromString(foreign.SerializeToString()) == ours
    assert pool.adopt(foreign, common_pb2.StateItem) == ours


def test_adopting_another_type_is_refused() -> None:
    from dapr.proto.common.v1 import common_pb2 as theirs

    with pytest.raises(TypeError, match=r"common\.v1\.Etag is not dapr\.proto\.common\.v1\.StateItem"):
        pool.adopt(theirs.Etag(), common_pb2.StateItem)


@pytest.mark.parametrize("ours_first", [True, False], ids=["ours first", "the SDK first"])
def test_both_can_be_imported_in_any_order(ours_first: bool) -> None:
    lines = ["from dapr_core.proto.gen.runtime.v1 import dapr_pb2", "from dapr.proto.runtime.v1 import dapr_pb2"]
    if not ours_first:
        lines.reverse()
    subprocess.run([sys.executable, "-W", "ignore", "-c", "\n".join(lines)], check=True)


@pytest.mark.parametrize("name", MODULES)
def test_every_generated_module_imports_and_makes_all_its_classes(name: str) -> None:
    module = importlib.import_module(f"{gen.__name__}.{name}")
    if name.endswith("_pb2"):
        for message in module.DESCRIPTOR.message_types_by_name:
            made = getattr(module, message)
            assert made.FromString(made().SerializeToString()) == made()


def test_a_module_loads_no_more_than_it_imports() -> None:
    code = """
import sys
import dapr_core.proto.gen.internals.v1.service_invocation_pb2
loaded = {name for name in sys.modules if name.startswith("dapr_core.proto.gen.") and name.endswith("_pb2")}
assert not any(".runtime." in name or ".operator." in name for name in loaded), loaded
assert len(loaded) == 9, loaded
assert not any(name.startswith("grpc") for name in sys.modules)
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_an_unknown_name_is_named_in_the_error() -> None:
    with pytest.raises(AttributeError, match="common_pb2 has no message, enum or enum value 'Nothing'"):
        common_pb2.Nothing  # noqa: B018


def test_well_known_types_of_our_pool_have_their_methods() -> None:
    stamp, length, tree = Timestamp(), Duration(), Struct()
    stamp.FromJsonString("2026-11-25T03:04:05Z")
    length.FromJsonString("1.5s")
    tree.update({"a": [1, {"b": None}]})
    assert stamp.ToDatetime().isoformat() == "2026-11-25T03:04:05"
    assert length.ToTimedelta().total_seconds() == 1.5
    assert tree["a"][0] == 1


def test_any_packs_and_unpacks_details_of_our_pool() -> None:
    status = Status(code=3, message="no")
    status.details.add().Pack(ErrorInfo(reason="R", domain="dapr.io", metadata={"k": "v"}))
    (detail,) = Status.FromString(status.SerializeToString()).details
    info = ErrorInfo()
    assert detail.type_url == "type.googleapis.com/google.rpc.ErrorInfo"
    assert detail.Unpack(info)
    assert info.metadata["k"] == "v"
    assert isinstance(detail, Any)


def test_enums_look_up_both_ways() -> None:
    verb = common_pb2.HTTPExtension.Verb
    assert (verb.Name(4), verb.Value("PATCH"), common_pb2.HTTPExtension.GET) == ("PUT", 9, 1)
    kinds = importlib.import_module("dapr_core.proto.gen.operator.v1.operator_pb2").ResourceEventType
    assert kinds.keys() == ["UNKNOWN", "CREATED", "UPDATED", "DELETED"]
    assert (kinds.CREATED, kinds.Name(2), kinds.items()[3]) == (1, "UPDATED", ("DELETED", 3))
    with pytest.raises(ValueError, match="has no value 9"):
        kinds.Name(9)


@pytest.mark.parametrize(
    ("message", "field", "number"),
    [
        (service_invocation_pb2.InternalInvokeRequest, "actor", 4),
        (state_pb2.ExecuteStateTransactionRequest, "storeName", 1),
        (pubsub_pb2.BulkPublishResponse, "failedEntries", 1),
        (common_pb2.StreamPayload, "seq", 2),
    ],
    ids=lambda value: getattr(value, "__name__", str(value)),
)
def test_field_numbers_are_those_of_the_sheet(message: type, field: str, number: int) -> None:
    assert message.DESCRIPTOR.fields_by_name[field].number == number  # type: ignore[attr-defined]


def test_the_sidecar_api_equals_the_sdks_where_both_know_a_message() -> None:
    """The published SDK is an independent witness of names, numbers and types."""
    from dapr.proto.runtime.v1 import dapr_pb2 as sdk

    ours = {method.name: method for method in dapr_pb2.DESCRIPTOR.services_by_name["Dapr"].methods}
    theirs = {method.name: method for method in sdk.DESCRIPTOR.services_by_name["Dapr"].methods}
    shared = ours.keys() & theirs.keys()
    assert len(shared) > 40
    for name in shared:
        for side in ("input_type", "output_type"):
            mine, other = getattr(ours[name], side), getattr(theirs[name], side)
            assert mine.full_name == other.full_name
            for field in mine.fields:
                twin = other.fields_by_number.get(field.number)
                if twin is not None:
                    assert (field.name, field.type, field.json_name) == (twin.name, twin.type, twin.json_name)
