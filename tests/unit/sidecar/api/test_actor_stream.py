"""Messages of streams that host actors: what becomes of settings, calls and answers (actors-placement.md §3.10)."""

from __future__ import annotations

from typing import Any

import pytest
from google.protobuf.message import DecodeError
from google.protobuf.wrappers_pb2 import BytesValue
from hypothesis import given
from hypothesis import strategies as st

from dapr_core.proto.gen.runtime.v1 import actors_pb2 as pb
from daprd.api.grpc.actorstream import answer_of, configuration_of, message_of, metadata_of
from daprd.blocks.actors.host import ERROR_HEADER, ActorAnswer, ActorCall, Firing
from daprd.blocks.actors.settings import InvalidSettingsError, Reentrancy, TypeSettings, read_configuration
from daprd.blocks.actors.streams import Departed, Departure, Fired, HostRequest, Refused

Initial = pb.SubscribeActorEventsRequestInitialAlpha1
Request = pb.SubscribeActorEventsRequestAlpha1


def lasting(seconds: int, nanos: int = 0) -> Any:
    """A ``Duration`` of the kind that the messages have."""
    entry = pb.ActorEntityConfig()
    entry.actor_idle_timeout.seconds, entry.actor_idle_timeout.nanos = seconds, nanos
    return entry.actor_idle_timeout


def types_of(initial: pb.SubscribeActorEventsRequestInitialAlpha1) -> dict[str, TypeSettings]:
    return dict(read_configuration(configuration_of(initial), 30.0).types)


# --- Settings


def test_what_the_first_message_leaves_out_has_the_documented_default() -> None:
    assert types_of(Initial()) == {}
    assert types_of(Initial(entities=["Cat"])) == {
        "Cat": TypeSettings(idle=3600.0, drain=2.0, drain_at_all=True, reentrancy=Reentrancy(False, 32))
    }


def test_every_setting_of_the_first_message_counts() -> None:
    initial = Initial(
        entities=["Cat"],
        drain_rebalanced_actors=False,
        reentrancy=pb.ActorReentrancyConfig(enabled=True, max_stack_depth=4),
    )
    initial.actor_idle_timeout.CopyFrom(lasting(90, 500_000_000))
    initial.drain_ongoing_call_timeout.CopyFrom(lasting(5))
    assert types_of(initial) == {
        "Cat": TypeSettings(idle=90.5, drain=5.0, drain_at_all=False, reentrancy=Reentrancy(True, 4))
    }


def test_settings_of_a_type_stand_for_themselves_but_for_the_time_to_drain() -> None:
    entry = pb.ActorEntityConfig(entities=["Dog"], reentrancy=pb.ActorReentrancyConfig(enabled=True))
    initial = Initial(entities=["Cat", "Dog"], entities_config=[entry])
    initial.actor_idle_timeout.CopyFrom(lasting(60))
    initial.drain_ongoing_call_timeout.CopyFrom(lasting(5))
    found = types_of(initial)
    assert found["Cat"] == TypeSettings(idle=60.0, drain=5.0)
    assert found["Dog"] == TypeSettings(idle=3600.0, drain=5.0, reentrancy=Reentrancy(True, 32))


def test_a_time_of_zero_is_not_a_missing_one() -> None:
    initial = Initial(entities=["Cat"])
    initial.actor_idle_timeout.CopyFrom(lasting(0))
    assert types_of(initial)["Cat"].idle == 0.0


@pytest.mark.parametrize("seconds", [315_576_000_000, -315_576_000_000])
def test_a_time_that_no_duration_can_hold_is_the_longest_there_is(seconds: int) -> None:
    initial = Initial(entities=["Cat"])
    initial.actor_idle_timeout.CopyFrom(lasting(seconds))
    assert abs(types_of(initial)["Cat"].idle) == pytest.approx(2**63 / 1e9)


@given(st.binary(max_size=200))
def test_whatever_a_client_sends_is_a_configuration_or_an_error_that_says_so(message: bytes) -> None:
    try:
        initial = Initial.FromString(message)
    except DecodeError:
        return
    try:
        types_of(initial)
    except InvalidSettingsError:
        pass


# --- Requests


def test_a_call_over_http_has_canonical_names_and_the_length_of_its_body() -> None:
    headers = [
        (b"x-mine", b"1"), (b"x-mine", b"2"), (b"content-type", b"text/plain"), (b"dapr-caller-app-id", b"golden"),
        (b"dapr-reentrancy-id", b"r"), (b"x-latin", b"\xe9"), (b"x-utf", "é".encode()),
    ]  # fmt: skip
    assert metadata_of(ActorCall("Cat", "tom", "go", b"body", headers=headers)) == {
        "X-Mine": "1", "Content-Type": "text/plain", "dapr-caller-app-id": "golden",
        "Dapr-Reentrancy-Id": "r", "X-Latin": "é", "X-Utf": "é", "Content-Length": "4",
    }  # fmt: skip


def test_a_call_over_grpc_has_the_names_that_its_client_wrote() -> None:
    headers = [(b"x-mine", b"1"), (b"content-type", b"a/b"), (b"dapr-api-call", b"true"), (b"dapr-reentrancy-id", b"r")]
    spelling = {b"x-mine": b"x-MINE", b"content-type": b"content-type", b"dapr-reentrancy-id": b"dapr-reentrancy-id"}
    assert metadata_of(ActorCall("Cat", "tom", "go", b"body", headers=headers, spelling=spelling)) == {
        "x-MINE": "1", "content-type": "a/b", "Dapr-Api-Call": "true", "Dapr-Reentrancy-Id": "r",
    }  # fmt: skip


def test_a_timer_has_its_callback_and_a_reminder_none() -> None:
    timer = message_of(HostRequest("7", Firing("Cat", "tom", "t", b'{"d":1}', "1s", "R2/PT1S", "cb", is_timer=True)))
    assert timer.WhichOneof("response_type") == "timer_request"
    told = timer.timer_request
    assert (told.id, told.actor_type, told.actor_id, told.name) == ("7", "Cat", "tom", "t")
    assert (told.due_time, told.period, told.callback) == ("1s", "R2/PT1S", "cb")
    assert told.data.type_url == "type.googleapis.com/google.protobuf.BytesValue"
    assert BytesValue.FromString(told.data.value).value == b'{"d":1}'

    reminder = message_of(HostRequest("8", Firing("Cat", "tom", "r")))
    assert reminder.WhichOneof("response_type") == "reminder_request"
    assert reminder.reminder_request.id == "8"
    assert not reminder.reminder_request.HasField("data")


def test_an_actor_that_goes_is_named() -> None:
    left = message_of(HostRequest("9", Departure("Cat", "tom"))).deactivate_request
    assert (left.id, left.actor_type, left.actor_id) == ("9", "Cat", "tom")


# --- Answers


@pytest.mark.parametrize(
    ("message", "answer"),
    [
        ({"timer_response": {"id": "1", "cancel": True}}, Fired(True, True)),
        ({"reminder_response": {"id": "1"}}, Fired(False, False)),
        ({"deactivate_response": {"id": "1"}}, Departed()),
        ({"request_failed": {"id": "1", "code": 5, "message": "no"}}, Refused(5, "no")),
        ({"invoke_response": {"id": "1", "data": b"x"}}, ActorAnswer(b"x")),
    ],
)
def test_answers_name_their_requests(message: dict[str, Any], answer: object) -> None:
    assert answer_of(Request(**message)) == ("1", answer)


@pytest.mark.parametrize("message", [{}, {"initial_request": {}}])
def test_a_message_that_answers_nothing_is_none(message: dict[str, Any]) -> None:
    assert answer_of(Request(**message)) == ("", None)


def test_metadata_of_an_answer_are_its_headers_and_nothing_that_could_break_a_message() -> None:
    metadata = {
        "Content-Type": "text/xml", "x-mine": "1", "bad name": "1", "x-bad": "a\r\nb", "content-length": "99",
        "transfer-encoding": "chunked", "connection": "close",
    }  # fmt: skip
    response = pb.SubscribeActorEventsRequestInvokeResponseAlpha1(id="1", data=b"x", metadata=metadata, error=True)
    _, answer = answer_of(Request(invoke_response=response))
    assert isinstance(answer, ActorAnswer)
    assert (answer.data, answer.content_type, answer.failed) == (b"x", b"text/xml", True)
    assert sorted(answer.headers) == [
        (b"content-type", b"text/xml"),
        (b"x-daprerrorresponseheader", b"true"),
        (b"x-mine", b"1"),
    ]
    assert (ERROR_HEADER, b"true") in answer.headers
