"""SPIFFE ids: one spelling for one workload, everything else refused."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dapr_core.identity.spiffe import (
    MAX_ID,
    InvalidSpiffeIdError,
    SpiffeId,
    TrustDomain,
    parse_spiffe_id,
    parse_trust_domain,
    workload_id,
    workload_of,
)

domains = st.text(string.ascii_lowercase + string.digits + "._-", min_size=1, max_size=60)
segments = st.text(string.ascii_letters + string.digits + "._-", min_size=1, max_size=30).filter(
    lambda text: text not in (".", "..")
)


@given(domains, st.lists(segments, max_size=6))
def test_a_valid_id_reads_as_it_was_written(domain: str, path: list[str]) -> None:
    text = f"spiffe://{domain}" + "".join(f"/{segment}" for segment in path)
    assert str(parse_spiffe_id(text)) == text


@given(st.text(max_size=80))
def test_any_text_either_reads_as_it_is_or_is_refused(text: str) -> None:
    try:
        identity = parse_spiffe_id(text)
    except InvalidSpiffeIdError:
        return
    assert str(identity) == text


@given(domains, segments, segments)
def test_a_workload_is_read_back_from_its_id(domain: str, namespace: str, app_id: str) -> None:
    workload = workload_of(workload_id(TrustDomain(domain), namespace, app_id))
    assert (workload.trust_domain.name, workload.namespace, workload.app_id) == (domain, namespace, app_id)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "cannot be empty"),
        ("http://public/ns/default/app", "scheme is missing or invalid"),
        ("SPIFFE://public/ns/default/app", "scheme is missing or invalid"),
        ("spiffe://", "trust domain is missing"),
        ("spiffe:///ns/default/app", "trust domain is missing"),
        ("spiffe://Public/ns", "trust domain characters"),
        ("spiffe://public:443/ns", "trust domain characters"),
        ("spiffe://user@public/ns", "trust domain characters"),
        ("spiffe://public/", "trailing slash"),
        ("spiffe://public/ns/", "trailing slash"),
        ("spiffe://public//app", "empty segments"),
        ("spiffe://public/ns/../app", "dot segments"),
        ("spiffe://public/ns/./app", "dot segments"),
        ("spiffe://public/ns/a%2Fb", "path segment characters"),
        ("spiffe://public/ns/app?x=1", "path segment characters"),
        ("spiffe://public/ns/app#x", "path segment characters"),
        ("spiffe://public/ns/ä", "path segment characters"),
        ("spiffe://public/ns/app\n", "path segment characters"),
        ("spiffe://public\n/ns/app", "trust domain characters"),
        ("spiffe://" + "a" * 256 + "/x", "at most 255"),
        ("spiffe://public/" + "a" * MAX_ID, "at most 2048"),
    ],
)
def test_what_is_no_id_is_refused_with_the_rule_it_breaks(text: str, reason: str) -> None:
    with pytest.raises(InvalidSpiffeIdError, match=reason):
        parse_spiffe_id(text)


def test_an_error_does_not_repeat_an_endless_text() -> None:
    with pytest.raises(InvalidSpiffeIdError) as caught:
        parse_spiffe_id("x" * 100_000)
    assert len(str(caught.value)) < 300


def test_a_trust_domain_may_be_given_as_an_id() -> None:
    assert parse_trust_domain("spiffe://cluster.local/ns/a/b") == TrustDomain("cluster.local")


@pytest.mark.parametrize("path", ["", "/ns", "/ns/default", "/x/default/app"])
def test_an_id_that_names_no_workload_is_malformed(path: str) -> None:
    with pytest.raises(InvalidSpiffeIdError, match="malformed SPIFFE ID"):
        workload_of(SpiffeId(TrustDomain("public"), path))


def test_segments_after_the_app_id_are_tolerated() -> None:
    assert workload_of(parse_spiffe_id("spiffe://public/ns/default/app/more")).app_id == "app"


@pytest.mark.parametrize(("namespace", "app_id"), [("", "app"), ("default", ""), ("a/b", "app"), ("default", "..")])
def test_a_name_that_would_change_the_id_makes_none(namespace: str, app_id: str) -> None:
    with pytest.raises(InvalidSpiffeIdError):
        workload_id(TrustDomain("public"), namespace, app_id)
