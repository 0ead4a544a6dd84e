"""Who may call what: ``spec.accessControl`` (crds-helm-config.md §2.10)."""

from __future__ import annotations

import itertools
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dapr_core.identity.spiffe import TrustDomain, Workload
from dapr_core.resources.accesscontrol import AccessControl, AccessOperation, AccessPolicy
from daprd.policy.access import AccessRules, Decision

CALLER = Workload(TrustDomain("public"), "default", "caller")
VERBS = ("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE")


def operation(name: str, action: str, *verbs: str) -> AccessOperation:
    return AccessOperation(name=name, http_verb=verbs, action=action)


def policy(*operations: AccessOperation, default: str = "", **fields: Any) -> AccessPolicy:
    names = {"app_id": "caller", "namespace": "default", "trust_domain": "public", **fields}
    return AccessPolicy(default_action=default, operations=operations, **names)


def rules(*policies: AccessPolicy, default: str = "deny", http: bool = True) -> AccessRules:
    return AccessRules(AccessControl(default_action=default, policies=policies), http=http)


def allowed(made: AccessRules, path: str = "/op", verb: str = "GET", caller: Workload | None = CALLER) -> bool:
    return made.decide(caller, path, verb).allowed


# --- Whose action decides


@pytest.mark.parametrize("default", ["allow", "deny"])
@pytest.mark.parametrize(
    "caller",
    [
        pytest.param(None, id="nobody (no mTLS)"),
        pytest.param(Workload(TrustDomain("public"), "default", "other"), id="another app"),
        pytest.param(Workload(TrustDomain("public"), "elsewhere", "caller"), id="another namespace"),
        pytest.param(Workload(TrustDomain("private"), "default", "caller"), id="another trust domain"),
        pytest.param(Workload(TrustDomain("public"), "default", "CALLER"), id="another case"),
    ],
)
def test_the_global_action_decides_about_callers_whom_no_policy_names(default: str, caller: Workload | None) -> None:
    opposite = "deny" if default == "allow" else "allow"
    made = rules(policy(operation("/op", opposite, "*"), default=opposite), default=default)
    assert made.decide(caller, "/op", "GET") == Decision(default == "allow", False)
    assert made.decide(CALLER, "/op", "GET") == Decision(opposite == "allow", True)


@pytest.mark.parametrize(
    ("section", "policy_default", "action"),
    list(itertools.product(("allow", "deny"), ("", "allow", "deny"), (None, "allow", "deny"))),
)
def test_an_operation_comes_before_its_policy_and_that_before_the_section(
    section: str, policy_default: str, action: str | None
) -> None:
    operations = [] if action is None else [operation("/op", action, "GET")]
    made = rules(policy(*operations, default=policy_default), default=section)
    expected = action or policy_default or section
    assert allowed(made) is (expected == "allow")
    assert allowed(made, "/other") is ((policy_default or section) == "allow")


@pytest.mark.parametrize("word", ["deny", "Deny", "", "alow", "allow ", "true", "*"])
def test_nothing_but_allow_permits(word: str) -> None:
    assert not allowed(rules(default=word or "deny"))
    assert not allowed(rules(policy(operation("/op", word, "*"), default="allow"), default="allow"))
    if word:
        assert not allowed(rules(policy(default=word), default="allow"))


@pytest.mark.parametrize("word", ["allow", "ALLOW", "Allow"])
def test_allow_permits_in_any_case(word: str) -> None:
    assert allowed(rules(default=word))
    assert allowed(rules(policy(default=word)))
    assert allowed(rules(policy(operation("/op", word, "*"))))


def test_a_later_policy_for_the_same_caller_replaces_the_earlier() -> None:
    assert not allowed(rules(policy(default="allow"), policy(default="deny")))
    assert allowed(rules(policy(default="deny"), policy(default="allow")))


def test_one_app_id_may_have_a_policy_in_each_namespace() -> None:
    made = rules(policy(default="allow"), policy(default="deny", namespace="elsewhere"))
    assert allowed(made)
    assert not allowed(made, caller=Workload(TrustDomain("public"), "elsewhere", "caller"))


def test_the_first_declaration_of_an_operation_counts() -> None:
    assert allowed(rules(policy(operation("/op", "allow", "*"), operation("op", "deny", "*"))))


# --- HTTP


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_that_is_listed_comes_before_the_star_and_others_fall_to_the_default(verb: str) -> None:
    listed = rules(policy(operation("/op", "allow", "GET", "PUT")))
    assert allowed(listed, verb=verb) is (verb in ("GET", "PUT"))
    star = rules(policy(operation("/op", "allow", "*")))
    assert allowed(star, verb=verb)
    none = rules(policy(operation("/op", "deny"), default="allow"))
    assert allowed(none, verb=verb)


def test_verbs_are_compared_without_case() -> None:
    assert not allowed(rules(policy(operation("/op", "deny", "get"), default="allow")))


@pytest.mark.parametrize(("default", "expected"), [("", False), ("deny", False), ("allow", True)])
def test_a_call_without_a_verb_gets_the_default_of_its_policy_alone(default: str, expected: bool) -> None:
    made = rules(policy(operation("/op", "allow" if not expected else "deny", "*"), default=default), default="allow")
    assert allowed(made, verb="NONE") is expected


def test_http_operations_are_compared_without_case_and_with_or_without_their_slash() -> None:
    for name, path in itertools.product(("/Op", "op", "OP"), ("/oP", "op", "OP")):
        assert allowed(rules(policy(operation(name, "allow", "*"))), path)


# --- gRPC


def test_grpc_operations_are_compared_with_case_and_without_verbs() -> None:
    made = rules(policy(operation("/pkg.Service/Method", "allow", "GET")), http=False)
    assert allowed(made, "/pkg.Service/Method", "NONE")
    assert allowed(made, "pkg.Service/Method", "POST")
    assert not allowed(made, "/pkg.Service/method", "NONE")
    assert not allowed(made, "/pkg.Service/Other", "NONE")


def test_a_grpc_service_can_be_allowed_as_a_whole() -> None:
    made = rules(policy(operation("/pkg.Service/*", "allow")), http=False)
    assert allowed(made, "/pkg.Service/Method", "NONE")
    assert not allowed(made, "/pkg.Services/Method", "NONE")


# --- Spellings of one path


@pytest.mark.parametrize(
    "path",
    [
        "adm%69n/x",
        "%61dmin",
        "ADM%49N/x",
        "%41DMIN",
        "x/%2e%2e/admin",
        "x/%2E./admin",
        "%2fadmin",
        "admin%2fx",
        "//admin",
        "x%2f..%2fadmin",
    ],
)
def test_escapes_do_not_slip_past_a_denial(path: str) -> None:
    made = rules(policy(operation("/admin", "deny", "*"), default="allow"))
    assert not allowed(made, path if path != "//admin" else "%2f/admin")


@pytest.mark.parametrize("path", ["public/%2e%2e/admin", "public%2f..%2fadmin", "public/%2e%2e%2fadmin"])
def test_escapes_do_not_slip_into_a_permission(path: str) -> None:
    made = rules(policy(operation("/public/**", "allow", "*")))
    assert allowed(made, "public/x")
    assert not allowed(made, path)


def test_an_escaped_character_of_a_permitted_path_is_permitted() -> None:
    assert allowed(rules(policy(operation("/public/**", "allow", "*"))), "public/a%20b%2Fc")


words = st.lists(st.sampled_from(["admin", "x", "Public", "a b", "ü"]), min_size=1, max_size=3)


@given(segments=words, data=st.data())
def test_no_spelling_of_a_path_is_more_permitted_than_the_path(segments: list[str], data: st.DataObject) -> None:
    plain = "/".join(segments)
    spelt = "".join(
        f"%{byte:02x}" if data.draw(st.booleans()) else chr(byte) if byte < 128 else quote(bytes([byte]))
        for byte in plain.encode()
    )
    made = rules(
        policy(operation("/admin", "deny", "*"), operation("/x/*", "deny", "GET"), default="allow"),
    )
    assert allowed(made, plain) or not allowed(made, spelt)


paths = st.text(alphabet="/abAB%2eEfF.*", max_size=20)


@given(path=paths, verb=st.sampled_from(VERBS), default=st.sampled_from(["allow", "deny"]))
def test_every_path_gets_a_decision_and_without_operations_it_is_the_default(
    path: str, verb: str, default: str
) -> None:
    assert allowed(rules(policy(default=default)), path, verb) is (default == "allow")


@given(path=paths)
def test_case_makes_no_difference_to_http(path: str) -> None:
    made = rules(policy(operation("/a/b*", "allow", "*"), operation("/b/**", "allow", "*")))
    assert allowed(made, path) is allowed(made, path.upper()) is allowed(made, path.lower())
