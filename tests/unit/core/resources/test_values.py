"""Settings of a resource resolved to text: literals, environment, secrets, templates."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import pytest

from dapr_core.resources.metadata import NameValuePair, SecretKeyRef
from dapr_core.resources.values import Surroundings, TemplateError, missing_store, resolve


class Log:
    def __init__(self) -> None:
        self.lines: list[str] = []

    def warning(self, message: str, /, *args: object) -> None:
        self.lines.append(message % args)

    error = warning


class Store:
    def __init__(self, secrets: Mapping[str, Mapping[str, str]]) -> None:
        self.secrets = secrets
        self.asked: list[tuple[str, str]] = []

    async def __call__(self, store: str, name: str) -> Mapping[str, str] | None:
        self.asked.append((store, name))
        if name == "broken":
            raise RuntimeError("vault is sealed")
        return self.secrets.get(name)


def secret(name: str, key: str = "") -> SecretKeyRef:
    return SecretKeyRef(name=name, key=key)


def resolved(
    *pairs: NameValuePair,
    store: str = "vault",
    environment: Mapping[str, str] | None = None,
    secrets: Store | None = None,
    log: Log | None = None,
    pod_name: str = "pod-1",
    injected: bool = False,
    templates: bool = True,
) -> dict[str, str]:
    numbers = iter(range(100))
    surroundings = Surroundings(
        app_id="app",
        namespace="ns",
        pod_name=pod_name,
        environment=environment,
        new_uuid=lambda: f"uuid-{next(numbers)}",
    )
    return asyncio.run(
        resolve(
            pairs,
            surroundings=surroundings,
            lookup=secrets or Store({}),
            store=store,
            logger=log or Log(),
            injected=injected,
            templates=templates,
        )
    )


def test_literals_stay_and_tags_are_replaced() -> None:
    values = resolved(
        NameValuePair(name="plain", value=5),
        NameValuePair(name="ids", value="{uuid}-{uuid}"),
        NameValuePair(name="who", value="{appID}/{namespace}/{podName}/{other}"),
    )
    assert values == {"plain": "5", "ids": "uuid-0-uuid-1", "who": "app/ns.app/pod-1/{other}"}


def test_endpoints_have_no_tags() -> None:
    assert resolved(NameValuePair(name="h", value="{uuid}"), templates=False) == {"h": "{uuid}"}


def test_a_pod_name_that_is_not_known_is_an_error() -> None:
    with pytest.raises(TemplateError, match=r"property h refers to \{podName\} but podName is not set"):
        resolved(NameValuePair(name="h", value="{podName}"), pod_name="")


def test_a_variable_fills_an_entry_without_a_literal() -> None:
    pairs = NameValuePair(name="a", env_ref="HOST"), NameValuePair(name="b", env_ref="HOST", value="own")
    assert resolved(*pairs, environment={"HOST": "h"}) == {"a": "h", "b": "own"}


@pytest.mark.parametrize("name", ["APP_API_TOKEN", "app_api_token", "DAPR_API_TOKEN", "dapr_x", "WITH SPACE"])
def test_some_variables_are_not_for_manifests(name: str) -> None:
    log = Log()
    assert resolved(NameValuePair(name="a", env_ref=name), environment={name: "secret"}, log=log) == {"a": ""}
    assert name in log.lines[0]
    assert "secret" not in log.lines[0]


def test_an_allow_list_of_variables_is_kept() -> None:
    environment = {"DAPR_ENV_KEYS": "ONE TWO", "ONE": "1", "THREE": "3"}
    pairs = NameValuePair(name="a", env_ref="ONE"), NameValuePair(name="b", env_ref="THREE")
    assert resolved(*pairs, environment=environment) == {"a": "1", "b": ""}


def test_a_secret_is_asked_once_and_its_key_defaults_to_its_name() -> None:
    store = Store({"db": {"user": "u", "db": "d"}})
    pairs = (
        NameValuePair(name="user", secret_key_ref=secret("db", "user")),
        NameValuePair(name="whole", secret_key_ref=secret("db")),
        NameValuePair(name="lacking", secret_key_ref=secret("db", "nope")),
    )
    assert resolved(*pairs, secrets=store) == {"user": "u", "whole": "d", "lacking": ""}
    assert store.asked == [("vault", "db")]


def test_a_secret_may_hold_a_tag() -> None:
    values = resolved(NameValuePair(name="a", secret_key_ref=secret("s")), secrets=Store({"s": {"s": "{appID}"}}))
    assert values == {"a": "app"}


def test_a_store_that_fails_leaves_the_entry_empty_and_is_logged() -> None:
    log = Log()
    assert resolved(NameValuePair(name="a", secret_key_ref=secret("broken")), secrets=Store({}), log=log) == {"a": ""}
    assert log.lines == ["Error getting secret: vault is sealed"]


def test_without_a_store_a_reference_stays_unresolved_with_a_warning() -> None:
    log = Log()
    assert resolved(NameValuePair(name="a", secret_key_ref=secret("s")), store="", log=log) == {"a": ""}
    assert "auth.secretStore" in log.lines[0]


def test_values_that_the_operator_injected_are_decoded() -> None:
    pair = NameValuePair(name="a", value="aGVsbG8=", secret_key_ref=secret("s"))
    assert resolved(pair, store="kubernetes", injected=True) == {"a": "hello"}
    broken = NameValuePair(name="a", value="%%%", secret_key_ref=secret("s"))
    log = Log()
    assert resolved(broken, store="kubernetes", injected=True, log=log) == {"a": ""}
    assert len(log.lines) == 1


@pytest.mark.parametrize(
    ("store", "default", "loaded", "missing"),
    [("vault", "", [], "vault"), ("vault", "", ["vault"], ""), ("", "", [], ""), ("", "kubernetes", [], "kubernetes")],
)
def test_the_store_to_wait_for_is_named(store: str, default: str, loaded: list[str], missing: str) -> None:
    pairs = [NameValuePair(name="a", secret_key_ref=secret("s"))]
    assert missing_store(pairs, store, loaded.__contains__, default_store=default) == missing
    assert missing_store([NameValuePair(name="a", value="x")], store, loaded.__contains__) == ""
