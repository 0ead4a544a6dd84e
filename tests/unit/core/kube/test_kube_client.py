"""The client of the Kubernetes API meets servers that are busy, slow, broken or no API servers at all."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Coroutine
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest
from support.fake_kube import (
    Answer,
    Asked,
    BreakOff,
    FakeApi,
    Stream,
    event,
    fake_api,
    listing,
    pieces,
    refusal,
    status,
    thing,
)

from dapr_core.kube import (
    AlreadyExistsError,
    ApiError,
    ConflictError,
    ForbiddenError,
    GoneError,
    InvalidObjectError,
    KubeClient,
    KubeError,
    NotFoundError,
    Patch,
    Selector,
    TooManyRequestsError,
    UnauthorizedError,
    UnreachableError,
)
from dapr_core.kube import transport as transport_module
from dapr_core.kube.credentials import CredentialError, Token, TokenFile
from dapr_core.kube.errors import BadAnswerError, ServerError
from dapr_core.kube.kinds import CONFIG_MAP, LEASE, NAMESPACE, SECRET, TOKEN_REVIEW
from dapr_core.kube.paths import collection, single


def run(work: Coroutine[Any, Any, Any]) -> Any:
    async def bounded() -> Any:
        async with asyncio.timeout(60):
            return await work

    return asyncio.run(bounded())


def talk(script: Any, work: Any, **settings: Any) -> FakeApi:
    """Let ``work(client)`` talk to the script."""

    async def story() -> FakeApi:
        async with fake_api(script) as server, KubeClient(server.config(), **settings) as client:
            await work(client)
            return server

    return run(story())


REFUSALS = [
    (400, "BadRequest", InvalidObjectError),
    (401, "Unauthorized", UnauthorizedError),
    (403, "Forbidden", ForbiddenError),
    (404, "NotFound", NotFoundError),
    (409, "Conflict", ConflictError),
    (409, "AlreadyExists", AlreadyExistsError),
    (410, "Expired", GoneError),
    (410, "Gone", GoneError),
    (422, "Invalid", InvalidObjectError),
    (500, "InternalError", ServerError),
    (503, "", ServerError),
    (405, "MethodNotAllowed", ApiError),
]


@pytest.mark.parametrize(("code", "reason", "kind"), REFUSALS, ids=[f"{code}-{reason}" for code, reason, _ in REFUSALS])
def test_a_refusal_is_an_error_of_its_own_kind(code: int, reason: str, kind: type[ApiError]) -> None:
    async def work(client: KubeClient) -> None:
        with pytest.raises(ApiError) as refused:
            await client.get(SECRET, "s", "n")
        assert type(refused.value) is kind
        assert (refused.value.status.code, refused.value.status.reason) == (code, reason)
        assert "so it is" in str(refused.value)

    talk(lambda _asked: refusal(code, reason, "so it is"), work)


def test_a_refusal_tells_which_fields_are_wrong() -> None:
    causes = [{"field": "spec.a", "message": "too big", "reason": "FieldValueInvalid"}, "nonsense"]

    async def work(client: KubeClient) -> None:
        with pytest.raises(InvalidObjectError) as refused:
            await client.get(SECRET, "s", "n")
        assert refused.value.status.causes == (("spec.a", "too big"),)

    talk(lambda _asked: Answer(status(422, "Invalid", "x", causes=causes), 422), work)


def test_a_refusal_of_a_proxy_keeps_its_status() -> None:
    async def work(client: KubeClient) -> None:
        with pytest.raises(ServerError) as refused:
            await client.get(SECRET, "s", "n")
        assert refused.value.status.code == 502

    talk(lambda _asked: Answer(status=502, raw=b"<html>bad gateway</html>"), work)


def test_a_busy_server_is_asked_again_when_it_says() -> None:
    answers = [refusal(429, "TooManyRequests", Retry_After="1"), Answer(thing("s"))]

    async def work(client: KubeClient) -> None:
        began = time.monotonic()
        assert (await client.create(SECRET, thing("s")))["metadata"]["name"] == "s"
        assert time.monotonic() - began >= 1

    assert len(talk(lambda _asked: answers.pop(0), work).asked) == 2


def test_a_server_that_stays_busy_is_an_error_at_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport_module, "MAX_WAIT", 0.01)

    async def work(client: KubeClient) -> None:
        with pytest.raises(TooManyRequestsError) as refused:
            await client.get(SECRET, "s", "n")
        assert refused.value.status.retry_after == 3600

    server = talk(lambda _asked: refusal(429, "TooManyRequests", Retry_After="3600"), work)
    assert len(server.asked) == transport_module.TRIES


def test_a_server_that_starts_is_asked_again_for_a_read_and_not_for_a_write() -> None:
    async def work(client: KubeClient) -> None:
        assert await client.get(SECRET, "s", "n")
        with pytest.raises(ServerError):
            await client.create(SECRET, thing("s"))

    first = [True]

    def script(asked: Asked) -> Answer:
        if asked.method == "POST" or first:
            first.clear()
            return refusal(503, "ServiceUnavailable", Retry_After="1")
        return Answer(thing("s"))

    assert [asked.method for asked in talk(script, work).asked] == ["GET", "GET", "POST"]


def test_a_slow_body_ends_with_the_requests_time() -> None:
    async def trickle() -> AsyncIterator[bytes]:
        while True:
            yield b" "
            await asyncio.sleep(0.05)

    async def work(client: KubeClient) -> None:
        with pytest.raises(UnreachableError, match=r"within 0\.5 seconds"):
            await client.get(SECRET, "s", "n")

    talk(lambda _asked: Stream(trickle()), work, timeout=0.5)


def test_a_body_that_breaks_off_is_no_answer() -> None:
    async def work(client: KubeClient) -> None:
        with pytest.raises(UnreachableError, match="ended early"):
            await client.get(SECRET, "s", "n")

    talk(lambda _asked: Stream(pieces(b'{"metadata":'), cut=True), work)


def test_a_connection_that_breaks_off_is_no_answer() -> None:
    async def work(client: KubeClient) -> None:
        with pytest.raises(UnreachableError, match="closed the connection"):
            await client.create(SECRET, thing("s"))

    assert len(talk(lambda _asked: BreakOff(), work).asked) == 1


def test_an_answer_beyond_the_limit_is_not_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport_module, "MAX_ANSWER", 100_000)

    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b"x" * 10_000

    async def work(client: KubeClient) -> None:
        with pytest.raises(BadAnswerError, match="longer than 100000 bytes"):
            await client.get(SECRET, "s", "n")

    talk(lambda _asked: Stream(endless()), work)


@pytest.mark.parametrize("raw", [b"", b"no json", b"[1]", b"[" * 100_000, b'"\xff"'], ids=str)
def test_an_answer_that_is_no_object_is_refused(raw: bytes) -> None:
    async def work(client: KubeClient) -> None:
        with pytest.raises(BadAnswerError):
            await client.get(SECRET, "s", "n")

    talk(lambda _asked: Answer(raw=raw), work)


def test_a_list_whose_items_are_none_is_refused() -> None:
    async def work(client: KubeClient) -> None:
        with pytest.raises(BadAnswerError, match="no list of objects"):
            await client.list(SECRET, "n")

    talk(lambda _asked: Answer({"items": ["x"]}), work)


def test_an_empty_list_may_have_no_items() -> None:
    async def work(client: KubeClient) -> None:
        assert (await client.list(SECRET, "n")).items == []

    talk(lambda _asked: Answer({"metadata": {}, "items": None}), work)


def test_pages_are_asked_for_one_by_one() -> None:
    def script(asked: Asked) -> Answer:
        page = int(asked.query.get("continue", "0"))
        return listing(thing(f"s{page}"), version="7", proceed=str(page + 1) if page < 2 else "")

    async def work(client: KubeClient) -> None:
        found = await client.list(SECRET, "n", selector=Selector("a=b", "c=d"))
        assert [each["metadata"]["name"] for each in found.items] == ["s0", "s1", "s2"]
        assert found.resource_version == "7"

    server = talk(script, work)
    assert [asked.query["labelSelector"] for asked in server.asked] == ["a=b"] * 3
    assert [asked.query["fieldSelector"] for asked in server.asked] == ["c=d"] * 3


def test_a_watch_asks_for_bookmarks_and_an_end() -> None:
    async def work(client: KubeClient) -> None:
        async for _ in client.watch(SECRET, "n", since="5", seconds=9):
            pass

    asked = talk(lambda _asked: Stream(pieces()), work).asked[0]
    assert asked.query == {
        "watch": "true",
        "allowWatchBookmarks": "true",
        "resourceVersion": "5",
        "timeoutSeconds": "9",
    }


def test_events_are_read_however_they_are_cut() -> None:
    lines = event("ADDED", thing("a")) + event("MODIFIED", thing("a", "2")) + event("DELETED", thing("a", "3"))

    async def work(client: KubeClient) -> None:
        async with aclosing(client.watch(SECRET, "n")) as events:
            assert [each.type async for each in events] == ["ADDED", "MODIFIED", "DELETED"]

    for size in (1, 7, 100, 10_000):
        parts = [lines[at : at + size] for at in range(0, len(lines), size)]
        talk(lambda _asked, parts=parts: Stream(pieces(*parts)), work)


@pytest.mark.parametrize(
    ("line", "error"),
    [
        (event("ERROR", status(410, "Expired", "too old")), GoneError),
        (event("ERROR", status(500, "InternalError")), ServerError),
        (event("PERHAPS", thing("a")), BadAnswerError),
        (b'{"type":"ADDED"}\n', BadAnswerError),
        (b"[]\n", BadAnswerError),
        (b"no json\n", BadAnswerError),
    ],
    ids=["410", "500", "unknown type", "no object", "no mapping", "no JSON"],
)
def test_a_watch_ends_with_what_went_wrong(line: bytes, error: type[KubeError]) -> None:
    async def work(client: KubeClient) -> None:
        with pytest.raises(error):
            async for _ in client.watch(SECRET, "n"):
                raise AssertionError("an event")

    talk(lambda _asked: Stream(pieces(line, hold=True)), work)


def test_a_watch_that_is_refused_says_so() -> None:
    async def work(client: KubeClient) -> None:
        with pytest.raises(GoneError, match="too old"):
            async for _ in client.watch(SECRET, "n", since="1"):
                pass

    talk(lambda _asked: refusal(410, "Expired", "too old resource version"), work)


def test_a_watch_that_falls_silent_is_given_up() -> None:
    """What a half-closed connection looks like: it stands, and nothing will ever come on it."""

    async def work(client: KubeClient) -> None:
        seen = []
        with pytest.raises(UnreachableError, match=r"silent for 0\.3 seconds"):
            async for each in client.watch(SECRET, "n", silence=0.3):
                seen.append(each)  # noqa: PERF401  # it ends by an error
        assert len(seen) == 1

    talk(lambda _asked: Stream(pieces(event("ADDED", thing("a")), hold=True)), work)


def test_a_watch_that_breaks_in_the_middle_of_an_event_is_not_taken_for_its_end() -> None:
    async def work(client: KubeClient) -> None:
        with pytest.raises(UnreachableError, match="broke off"):
            async for _ in client.watch(SECRET, "n"):
                pass

    talk(lambda _asked: Stream(pieces(event("ADDED", thing("a"))[:20]), cut=True), work)


# --- What is sent


def test_a_write_without_the_version_that_was_read_is_not_sent() -> None:
    async def work(client: KubeClient) -> None:
        with pytest.raises(ValueError, match="resourceVersion"):
            await client.update(SECRET, {"metadata": {"name": "s", "namespace": "n"}})
        with pytest.raises(ValueError, match="field manager"):
            await client.patch(SECRET, "s", {}, "n", form=Patch.APPLY)
        with pytest.raises(ValueError, match="names none"):
            await client.create(SECRET, {"metadata": {"name": "s"}})

    assert talk(lambda _asked: Answer({}), work).asked == []


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "a%2fb", "x" * 254])
def test_a_name_that_would_name_something_else_is_not_sent(name: str) -> None:
    async def work(client: KubeClient) -> None:
        with pytest.raises(ValueError, match="cannot be the name"):
            await client.delete(SECRET, name, "n")
        if name:
            with pytest.raises(ValueError, match="cannot be the namespace"):
                await client.list(SECRET, name)

    assert talk(lambda _asked: Answer({}), work).asked == []


@pytest.mark.parametrize("name", ["a,metadata.namespace=b", "a=b", "a\\b", ""])
def test_a_name_cannot_widen_a_selector(name: str) -> None:
    with pytest.raises(ValueError, match="cannot be the name"):
        Selector.of_name(name)


def test_paths_are_those_of_the_api() -> None:
    assert collection(SECRET) == "/api/v1/secrets"
    assert collection(LEASE, "n") == "/apis/coordination.k8s.io/v1/namespaces/n/leases"
    assert single(NAMESPACE, "n") == "/api/v1/namespaces/n"
    assert single(CONFIG_MAP, "a b", "n", "status") == "/api/v1/namespaces/n/configmaps/a%20b/status"
    with pytest.raises(ValueError, match="none is given"):
        single(SECRET, "s")
    with pytest.raises(ValueError, match="live in no namespace"):
        collection(TOKEN_REVIEW, "n")


def test_what_is_deleted_can_be_told_exactly() -> None:
    async def work(client: KubeClient) -> None:
        await client.delete(SECRET, "s", "n", uid="u", resource_version="5", grace=0, propagation="Foreground")

    asked = talk(lambda _asked: Answer({}), work).asked[0]
    assert asked.object == {
        "apiVersion": "v1",
        "kind": "DeleteOptions",
        "preconditions": {"uid": "u", "resourceVersion": "5"},
        "gracePeriodSeconds": 0,
        "propagationPolicy": "Foreground",
    }


def test_an_apply_names_manager_and_kind() -> None:
    async def work(client: KubeClient) -> None:
        await client.apply(SECRET, {"metadata": {"name": "s", "namespace": "n"}}, manager="me", force=True)

    asked = talk(lambda _asked: Answer({}), work).asked[0]
    assert (asked.method, asked.query) == ("PATCH", {"fieldManager": "me", "force": "true"})
    assert asked.headers["content-type"] == "application/apply-patch+yaml"
    assert json.loads(asked.body)["kind"] == "Secret"


def test_a_path_in_the_servers_url_stands_before_all_others() -> None:
    async def story() -> None:
        async with fake_api(lambda _asked: Answer({})) as server:
            async with KubeClient(server.config(path="/k8s/clusters/c/")) as client:
                await client.get(SECRET, "s", "n")
            assert server.asked[0].path == "/k8s/clusters/c/api/v1/namespaces/n/secrets/s"

    run(story())


# --- Tokens


def test_a_token_file_is_read_again_every_minute(tmp_path: Path) -> None:
    file, clock = tmp_path / "token", [0.0]
    file.write_text("one\n")
    credential = TokenFile(str(file), now=lambda: clock[0])
    assert credential.authorization() == b"Bearer one"
    file.write_text("two")
    clock[0] = 59
    assert credential.authorization() == b"Bearer one"
    clock[0] = 60
    assert credential.authorization() == b"Bearer two"
    file.unlink()
    clock[0] = 200
    assert credential.authorization() == b"Bearer two"


def test_a_token_that_the_server_does_not_know_is_read_again_once(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("old")

    def script(asked: Asked) -> Answer:
        file.write_text("new")
        known = asked.headers.get("authorization") == "Bearer new"
        return Answer(thing("s")) if known else refusal(401, "Unauthorized")

    async def story() -> None:
        async with fake_api(script) as server, KubeClient(server.config(TokenFile(str(file)))) as client:
            await client.create(SECRET, thing("s"))
            assert [asked.headers["authorization"] for asked in server.asked] == ["Bearer old", "Bearer new"]
            server.script = lambda _asked: refusal(401, "Unauthorized")
            with pytest.raises(UnauthorizedError):
                await client.get(SECRET, "s", "n")
            assert len(server.asked) == 3  # the file holds no other one: it is not asked again

    run(story())


@pytest.mark.parametrize("text", [b"", b" \n", b"a b", b"a\r\nx-evil: 1", b"\xff", b"x" * 70_000], ids=range(6))
def test_what_can_be_no_token_is_never_sent(text: bytes, tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_bytes(text)
    with pytest.raises(CredentialError) as refused:
        TokenFile(str(file)).authorization()
    assert str(file) in str(refused.value)
    assert "evil" not in str(refused.value)


def test_a_token_is_in_no_repr() -> None:
    assert "secret" not in repr(Token("secret"))
