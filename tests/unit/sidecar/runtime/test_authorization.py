"""Access policies between other sidecars and the application: what is told, counted and remembered."""

from __future__ import annotations

import logging

import pytest

from dapr_core.resources.accesscontrol import AccessControl, AccessOperation, AccessPolicy
from dapr_core.rpc.messages import Peer
from dapr_core.telemetry.exposition import exposition
from dapr_core.telemetry.metrics import Registry
from daprd.mesh.errors import PERMISSION_DENIED, RpcError
from daprd.metrics.access import AccessRecorder
from daprd.metrics.declaring import Declared
from daprd.metrics.labelrules import LabelRules
from daprd.policy.access import AccessRules
from daprd.runtime.authorization import Authorization, authorization

CALLER = "spiffe://public/ns/default/caller"
OPERATION = AccessOperation(name="/op", http_verb=("GET",), action="allow")
POLICY = AccessPolicy(
    app_id="caller", namespace="default", trust_domain="public", default_action="deny", operations=(OPERATION,)
)
SPEC = AccessControl(default_action="deny", policies=(POLICY,))
"""``caller`` may GET ``/op``."""


def peer(identity: str | None) -> Peer:
    return Peer("127.0.0.1", 1, identity is not None, identity)


class Asked(AccessRules):
    """Rules that count how often they are asked."""

    __slots__ = ("count",)

    def __init__(self, spec: AccessControl, *, http: bool) -> None:
        super().__init__(spec, http=http)
        self.count = 0

    def decide(self, *arguments: object, **named: object) -> object:  # type: ignore[override]
        self.count += 1
        return super().decide(*arguments, **named)  # type: ignore[arg-type]


def recorder(registry: Registry | None = None) -> AccessRecorder:
    return AccessRecorder(Declared(registry or Registry(), LabelRules(), "app", "default"))


def made(spec: AccessControl = SPEC, *, http: bool = True, remembered: int = 8) -> tuple[Authorization, Asked]:
    rules = Asked(spec, http=http)
    return Authorization(rules, recorder(), remembered=remembered), rules


def refusal(asked: Authorization, identity: str | None, operation: str = "op", verb: str = "GET") -> str:
    """Why a call is refused; empty when it is not."""
    try:
        asked(operation, verb, peer(identity))
    except RpcError as error:
        return error.text if error.code == PERMISSION_DENIED else f"code {error.code}"
    return ""


@pytest.mark.parametrize(
    ("identity", "operation", "verb", "text"),
    [
        (CALLER, "op", "GET", ""),
        (CALLER, "op", "POST", f"access control policy has denied access to id: {CALLER} operation: op verb: POST"),
        (
            CALLER,
            "/p.S/M",
            "NONE",
            f"access control policy has denied access to id: {CALLER} operation: /p.S/M verb: NONE",
        ),
        (None, "op", "GET", "access control policy has denied access to id:  operation: op verb: GET"),
        ("spiffe://public/x", "op", "GET", "malformed SPIFFE ID: spiffe://public/x"),
    ],
    ids=["permitted", "another verb", "no verb", "nobody", "no workload"],
)
def test_a_refusal_names_who_what_and_how(identity: str | None, operation: str, verb: str, text: str) -> None:
    asked, _ = made()
    assert [refusal(asked, identity, operation, verb) for _ in range(2)] == [text, text]


def test_a_call_to_a_grpc_application_has_no_verb() -> None:
    asked, _ = made(http=False)
    assert refusal(asked, CALLER, "op", "POST") == ""
    assert refusal(asked, CALLER, "other", "POST").endswith("operation: other verb: NONE")


def test_calls_of_the_own_application_come_from_nobody() -> None:
    asked, _ = made()
    with pytest.raises(RpcError):
        asked("op", "GET", None)


def test_a_decision_is_made_once_and_remembered_within_bounds() -> None:
    asked, rules = made(remembered=4)
    for _ in range(100):
        refusal(asked, CALLER)
        refusal(asked, CALLER, verb="POST")
    assert rules.count == 2
    for number in range(100):
        refusal(asked, CALLER, f"op{number}")
        assert len(asked._verdicts) <= 4
    assert rules.count == 102


def test_callers_do_not_share_decisions() -> None:
    asked, _ = made()
    assert refusal(asked, CALLER) == ""
    assert refusal(asked, CALLER + "2") != ""
    assert refusal(asked, CALLER) == ""


def test_refusals_are_told_sparingly(caplog: pytest.LogCaptureFixture) -> None:
    asked, _ = made()
    for _ in range(100):
        refusal(asked, CALLER, "other")
    assert caplog.messages == [f"access control policy has denied access to id: {CALLER} operation: other verb: GET"]


def test_decisions_are_counted_by_caller_and_by_whose_action_decided() -> None:
    registry = Registry()
    asked = Authorization(AccessRules(SPEC, http=True), recorder(registry))
    for identity, times in ((CALLER, 3), ("spiffe://foreign/ns/far/other", 2), (None, 1)):
        for _ in range(times):
            refusal(asked, identity)
    refusal(asked, CALLER, "other")
    text = exposition(registry).decode()
    names = "dapr_runtime_acl_{}_policy_action_{}_total{{{}}} {}"
    caller = 'app_id="caller",namespace="default",trustDomain="public"'
    assert names.format("app", "allowed", caller, 3) in text
    assert names.format("app", "blocked", caller, 1) in text
    assert names.format("global", "blocked", 'app_id="other",namespace="far",trustDomain="foreign"', 2) in text


@pytest.mark.parametrize(
    "spec",
    [None, AccessControl(), AccessControl(default_action="allow"), AccessControl(default_action="ALLOW")],
    ids=["no section", "an empty one", "all may", "all may, in capitals"],
)
def test_nothing_stands_between_where_everybody_may_call(spec: AccessControl | None) -> None:
    assert authorization(spec, recorder(), http=True, mtls=True) is None


def warnings(caplog: pytest.LogCaptureFixture, spec: AccessControl, *, mtls: bool = True) -> list[str]:
    caplog.set_level(logging.WARNING)
    assert authorization(spec, recorder(), http=True, mtls=mtls) is not None
    return caplog.messages


def test_policies_without_mtls_are_warned_of(caplog: pytest.LogCaptureFixture) -> None:
    (line,) = warnings(caplog, SPEC, mtls=False)
    assert "its default action (deny) decides about every call" in line


def test_a_missing_default_action_is_warned_of(caplog: pytest.LogCaptureFixture) -> None:
    spec = AccessControl(policies=(POLICY,))
    assert warnings(caplog, spec) == [
        "No global default action has been specified. Setting default global action as Deny"
    ]


def test_an_action_that_is_none_is_warned_of(caplog: pytest.LogCaptureFixture) -> None:
    (line,) = warnings(caplog, AccessControl(default_action="dney"))
    assert line == "spec.accessControl.defaultAction is neither allow nor deny, and denies: 'dney'"
