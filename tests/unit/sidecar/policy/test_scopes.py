"""Scopes decide who may use topics, secrets and components."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daprd.policy.scopes import ComponentDenyList, ScopeError, SecretScopes, TopicScopes


@pytest.mark.parametrize(
    ("metadata", "app_id", "topic", "allowed"),
    [
        ({}, "app", "t", True),
        ({"publishingScopes": ""}, "app", "t", True),
        ({"publishingScopes": "app=t"}, "app", "t", True),
        ({"publishingScopes": "app=t"}, "app", "u", False),
        ({"PUBLISHINGSCOPES": " app = t , u ; other = v "}, "app", "u", True),
        ({"publishingScopes": "app=t"}, "other", "u", True),
        ({"publishingScopes": "app="}, "app", "t", False),
        ({"publishingScopes": "app"}, "app", "t", True),
        ({"allowedTopics": "t,u"}, "app", "u", True),
        ({"allowedTopics": "t,u"}, "app", "v", False),
        ({"allowedTopics": "t", "publishingScopes": "app=v"}, "app", "v", False),
        ({"protectedTopics": "t"}, "app", "t", False),
        ({"protectedTopics": "t"}, "app", "u", True),
        ({"protectedTopics": "t", "publishingScopes": "app=t"}, "app", "t", True),
        ({"protectedTopics": "t", "publishingScopes": "app=t"}, "other", "t", False),
        ({"subscriptionScopes": "app=u"}, "app", "t", True),
    ],
    ids=str,
)
def test_publishing_is_decided_by_allowed_protected_and_scoped_topics(
    metadata: dict[str, str], app_id: str, topic: str, allowed: bool
) -> None:
    assert TopicScopes.from_metadata(metadata).may_publish(app_id, topic) is allowed
    swapped = {"publishingscopes": "subscriptionScopes", "subscriptionscopes": "publishingScopes"}
    mirrored = {swapped.get(key.lower(), key): value for key, value in metadata.items()}
    assert TopicScopes.from_metadata(mirrored).may_subscribe(app_id, topic) is allowed


@given(st.dictionaries(st.sampled_from(["publishingScopes", "allowedTopics", "protectedTopics"]), st.text("ab=,; ")))
def test_any_metadata_gives_a_decision(metadata: dict[str, str]) -> None:
    assert TopicScopes.from_metadata(metadata).may_publish("a", "b") in (True, False)


@pytest.mark.parametrize(
    ("scope", "secret", "allowed"),
    [
        ({}, "s", True),
        ({"defaultAccess": "Deny"}, "s", False),
        ({"deniedSecrets": ["s"]}, "s", False),
        ({"defaultAccess": "deny", "allowedSecrets": ["s"]}, "s", True),
        ({"allowedSecrets": ["s"]}, "u", False),
        ({"allowedSecrets": ["s"], "deniedSecrets": ["s"]}, "s", True),
    ],
    ids=str,
)
def test_a_secret_is_decided_by_the_scope_of_its_store(scope: dict[str, object], secret: str, allowed: bool) -> None:
    scopes = SecretScopes([{"storeName": "vault", **scope}])
    assert scopes.allows("vault", secret) is allowed
    assert scopes.allows("other", secret)
    assert list(scopes.by_store) == ["vault"]


def test_scopes_that_contradict_themselves_are_refused() -> None:
    with pytest.raises(ScopeError, match=r"^vault storeName is repeated in secrets configuration$"):
        SecretScopes([{"storeName": "vault"}, {"storeName": "vault"}])
    with pytest.raises(ScopeError, match=r"^defaultAccess maybe can be either allow or deny$"):
        SecretScopes([{"storeName": "vault", "defaultAccess": "maybe"}])


@pytest.mark.parametrize(
    ("entries", "component", "denied"),
    [
        ([], ("state.redis", ""), False),
        (["state.redis"], ("state.redis", "v1"), True),
        (["state.redis/v2"], ("state.redis", "v1"), False),
        (["state.redis/v1"], ("state.redis", "v1"), True),
        (["State.Redis"], ("state.redis", "v1"), False),
        (["a/b/c"], ("state.redis", "v1"), False),
        (["x"], ("state.redis", ""), True),
    ],
    ids=str,
)
def test_components_are_refused_by_type_and_version(
    entries: list[str], component: tuple[str, str], denied: bool
) -> None:
    assert ComponentDenyList(entries).denies(*component) is denied
