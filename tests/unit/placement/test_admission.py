"""Who may say what on a stream: codes and texts in the original's order (actors-placement.md §1.3)."""

from __future__ import annotations

import pytest

from dapr_core.proto.gen.placement.v1.placement_pb2 import Host
from dapr_core.rpc.grpc import Code, GrpcError
from dapr_placement.dissemination.admission import CONTRIBUTION_LIMIT, Caller, caller_of, check, contribution
from dapr_placement.dissemination.reports import report_of
from dapr_placement.dissemination.tables import HostTable

ME = Caller("default", "app")


def host(**fields: object) -> Host:
    return Host(**{"name": "1.1.1.1:1", "id": "app", "namespace": "default", "operation": 1, **fields})  # type: ignore[arg-type]


def refusal(message: Host, caller: Caller | None = None) -> tuple[Code, str]:
    with pytest.raises(GrpcError) as caught:
        check(message, caller)
    return caught.value.code, caught.value.message


BOTH = "both operation and version must be set or both must be unset"
MISSING = "host ID and namespace must be provided"


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (host(operation=0, version=3), (Code.INVALID_ARGUMENT, BOTH)),
        (host(operation=0, version=0), (Code.INVALID_ARGUMENT, BOTH)),
        (host(operation=0, version=3, id=""), (Code.INVALID_ARGUMENT, BOTH)),
        (host(id=""), (Code.INVALID_ARGUMENT, MISSING)),
        (host(namespace=""), (Code.INVALID_ARGUMENT, MISSING)),
        (host(id="", entities=["dapr.internal.x.y.z"]), (Code.INVALID_ARGUMENT, MISSING)),
    ],
    ids=["version without operation", "version 0", "both wrong", "no id", "no namespace", "no id and a reserved type"],
)
def test_messages_that_say_too_little_are_refused(message: Host, expected: tuple[Code, str]) -> None:
    assert refusal(message) == expected


@pytest.mark.parametrize(
    "message",
    [host(operation=0), host(operation=1), host(operation=2, version=0), host(operation=2), host(entities=["a", "b"])],
    ids=["unknown", "report", "acknowledgement of 0", "acknowledgement without version", "types"],
)
def test_messages_of_every_sidecar_are_taken(message: Host) -> None:
    check(message, None)
    check(message, ME)


class TestIdentity:
    def test_another_id_is_refused(self) -> None:
        text = "provided app ID app doesn't match the one in the SPIFFE ID (other)"
        assert refusal(host(), Caller("default", "other")) == (Code.PERMISSION_DENIED, text)

    def test_another_namespace_is_refused(self) -> None:
        text = "provided client namespace default doesn't match the one in the SPIFFE ID (else)"
        assert refusal(host(), Caller("else", "app")) == (Code.PERMISSION_DENIED, text)

    def test_the_id_is_looked_at_before_the_namespace_and_both_before_the_types(self) -> None:
        message = host(id="x", namespace="y", entities=["dapr.internal.a.b.c"])
        assert refusal(message, ME)[1].startswith("provided app ID x")
        assert refusal(host(namespace="y", entities=["dapr.internal.a.b.c"]), ME)[1].startswith("provided client")

    @pytest.mark.parametrize("spiffe_id", [None, "", "spiffe://td", "spiffe://td/ns/default", "https://x"])
    def test_a_certificate_that_names_no_workload_is_no_identity(self, spiffe_id: str | None) -> None:
        with pytest.raises(GrpcError) as caught:
            caller_of(spiffe_id)
        assert (caught.value.code, caught.value.message) == (
            Code.UNAUTHENTICATED,
            "failed to get client ID from context",
        )

    def test_the_trust_domain_does_not_matter(self) -> None:
        assert caller_of("spiffe://any.where/ns/default/app") == ME


class TestReservedTypes:
    @pytest.mark.parametrize(
        "entity",
        [
            "dapr.internal.default.app",
            "dapr.internal.default.app.workflow",
            "dapr.internal.default.app.a.b.c",
            "dapr.internals.x",
            "dapr",
            "dapr.internalx.default.other",
            "x.dapr.internal.y",
            "Dapr.internal.x",
        ],
    )
    def test_ones_own_and_those_that_only_look_alike_are_taken(self, entity: str) -> None:
        check(host(entities=[entity]), None)

    @pytest.mark.parametrize(
        "entity",
        [
            "dapr.internal",
            "dapr.internal.",
            "dapr.internal.default",
            "dapr.internal.default.",
            "dapr.internal.default.other.workflow",
            "dapr.internal.else.app.workflow",
            "dapr.internal.default.app2",
        ],
    )
    @pytest.mark.parametrize("caller", [None, ME], ids=["in the clear", "mTLS"])
    def test_those_of_others_are_refused(self, entity: str, caller: Caller | None) -> None:
        text = f"entity {entity} is not allowed for app ID app in namespace default"
        assert refusal(host(entities=["mine", entity]), caller) == (Code.PERMISSION_DENIED, text)


class TestSize:
    def test_more_types_than_any_sidecar_could_receive_are_refused(self) -> None:
        code, text = refusal(host(entities=[f"actor-type-number-{number:04}" for number in range(600)]))
        assert code is Code.RESOURCE_EXHAUSTED
        assert text.startswith("600 actor types of one host take ")
        assert "register fewer types" in text

    def test_what_is_computed_is_about_what_a_host_takes(self) -> None:
        message = host(entities=[f"actor-type-number-{number:04}" for number in range(300)])
        table = HostTable(100)
        table.put(1, report_of(message))
        size = len(table.encode(1))
        assert size < CONTRIBUTION_LIMIT
        assert contribution(message.entities, message.ByteSize()) == pytest.approx(size, rel=0.02)
