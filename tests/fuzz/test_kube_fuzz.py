"""Whatever a server, a kubeconfig or a caller's token holds: an answer or an error of ours, never anything else."""

from __future__ import annotations

import json
import os
from typing import Any

import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dapr_core.kube.config import ConfigError
from dapr_core.kube.credentials import CredentialError, bearer
from dapr_core.kube.election import Record
from dapr_core.kube.errors import KubeError, api_error, status_of
from dapr_core.kube.kubeconfig import read_kubeconfig
from dapr_core.kube.objects import annotations_of, key_of, uid_of, version_of
from dapr_core.kube.tokenreview import TokenReview, review_of
from dapr_core.kube.watching import WatchEvent, WatchReader
from dapr_sentry.validators.contract import RefusedError
from dapr_sentry.validators.kubernetes import holder_of, trust_domain_of

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "300"))
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=15,
)
NAMES = [
    "type",
    "object",
    "kind",
    "metadata",
    "spec",
    "status",
    "name",
    "namespace",
    "resourceVersion",
    "code",
    "reason",
    "message",
    "details",
    "causes",
    "field",
    "user",
    "extra",
    "audiences",
    "annotations",
    "uid",
]
OBJECTS = st.recursive(
    st.sampled_from([None, True, 410, "", "Status", "ERROR", "ADDED", "BOOKMARK", "Expired", [], "x"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=5),
    max_leaves=12,
)
LINES = st.lists(st.binary(max_size=60) | OBJECTS.map(lambda value: json.dumps(value).encode() + b"\n"), max_size=6)


@given(LINES, st.integers(1, 40))
@settings(max_examples=EXAMPLES, deadline=None)
@example([b"[" * 100_000 + b"\n"], 1000)
def test_a_watch_gives_events_or_ends_with_an_error(parts: list[bytes], size: int) -> None:
    data = b"".join(parts)
    reader = WatchReader(limit=100_000)
    whole = WatchReader(limit=100_000)
    cut: list[WatchEvent] = []
    try:
        for at in range(0, len(data), size):
            cut += reader.feed(data[at : at + size])
    except KubeError:
        return
    assert reader.pending <= 100_000
    assert cut == whole.feed(data)


@given(st.dictionaries(st.sampled_from(NAMES), OBJECTS) | ANY_JSON)
@settings(max_examples=EXAMPLES, deadline=None)
def test_anything_that_should_be_an_object_can_be_read(value: Any) -> None:
    error = api_error(status_of(value, 500))
    assert str(error)
    if not isinstance(value, dict):
        return
    assert isinstance(review_of(value), TokenReview)
    assert isinstance(Record.of(value), Record)
    assert isinstance(trust_domain_of(value), str)
    for read in (key_of, version_of, uid_of, annotations_of):
        read(value)


@given(st.binary(max_size=300) | ANY_JSON.map(lambda value: yaml.safe_dump(value).encode()))
@settings(max_examples=EXAMPLES, deadline=None)
@example(b"&a [*a, *a]")
@example(b"{" * 2000)
@example(b"a: !!python/object/apply:os.system ['true']")
def test_a_kubeconfig_is_read_or_refused(tmp_path_factory: Any, content: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "kubeconfig"
    path.write_bytes(content)
    try:
        read_kubeconfig([str(path)])
    except ConfigError:
        pass


_SECTIONS = [
    "clusters",
    "users",
    "contexts",
    "current-context",
    "name",
    "cluster",
    "user",
    "context",
    "server",
    "token",
    "client-key-data",
    "namespace",
]


@given(
    st.dictionaries(
        st.sampled_from(_SECTIONS),
        st.recursive(
            st.sampled_from(["c", "", None, 1, "https://x"]),
            lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(_SECTIONS), inner, max_size=4),
            max_leaves=10,
        ),
    )
)
@settings(max_examples=EXAMPLES, deadline=None)
def test_a_kubeconfig_of_the_right_words_in_the_wrong_places_is_read_or_refused(
    tmp_path_factory: Any, value: dict[str, Any]
) -> None:
    path = tmp_path_factory.getbasetemp() / "kubeconfig"
    path.write_text(yaml.safe_dump(value))
    try:
        read_kubeconfig([str(path)])
    except ConfigError:
        pass


@given(st.text(max_size=80) | ANY_JSON.map(json.dumps), st.text(max_size=60))
@settings(max_examples=EXAMPLES, deadline=None)
def test_a_token_names_its_pod_or_is_refused(token: str, username: str) -> None:
    for name in (username, "system:serviceaccount:a:b"):
        try:
            holder = holder_of(token, TokenReview(True, username=name), ["us"])
        except RefusedError:
            continue
        assert holder.pod
        assert holder.namespace


@given(st.text(max_size=100))
@settings(max_examples=EXAMPLES, deadline=None)
def test_a_bearer_token_is_one_line_of_ascii_or_refused(token: str) -> None:
    try:
        value = bearer(token, "the token")
    except CredentialError:
        return
    assert value == b"Bearer " + token.encode("ascii")
    assert b"\r" not in value
    assert b"\n" not in value
