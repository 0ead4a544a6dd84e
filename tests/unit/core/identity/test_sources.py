"""Where anchors and tokens come from, and how changed files are noticed."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TypeVar

import pytest
from support.identities import Authority, pem

from dapr_core.identity.anchors import AnchorsError, FileAnchors, anchor_source
from dapr_core.identity.bundle import TrustBundle
from dapr_core.identity.files import changes
from dapr_core.identity.issued import Issued, JwtAudienceError
from dapr_core.identity.svid import make_svid
from dapr_core.identity.tokens import Credential, TokenError, TokenSource, Validator

T = TypeVar("T")
FAST = 0.01
ONE, TWO = Authority("one").certificate, Authority("two").certificate


async def after(updates: AsyncIterator[T], change: object, *, limit: float = 5.0) -> T:
    """What comes once ``change`` has been made while the iterator was waiting."""
    waiting = asyncio.ensure_future(anext(updates))  # type: ignore[arg-type]
    await asyncio.sleep(3 * FAST)
    assert callable(change)
    change()
    return await asyncio.wait_for(waiting, limit)


@pytest.mark.parametrize("how", ["write", "replace", "remove", "symlink"])
def test_a_change_of_a_file_is_noticed(how: str, tmp_path: Path) -> None:
    path, other = tmp_path / "file", tmp_path / "other"
    other.write_text("other")
    (tmp_path / "first").write_text("first")
    path.symlink_to(tmp_path / "first") if how == "symlink" else path.write_text("first")

    def change() -> None:
        if how == "write":
            path.write_text("second")
        elif how == "replace":
            os.replace(other, path)
        elif how == "remove":
            path.unlink()
        else:
            (tmp_path / "link").symlink_to(other)
            os.replace(tmp_path / "link", path)

    async def main() -> None:
        await after(changes([path], interval=FAST), change)

    asyncio.run(main())


def test_a_burst_of_changes_is_told_once(tmp_path: Path) -> None:
    files = [tmp_path / name for name in "abc"]

    async def main() -> None:
        updates = changes(files, interval=0.05)
        await after(updates, lambda: [file.write_text("x") for file in files])
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(anext(updates), 0.3)

    asyncio.run(main())


def test_anchors_in_a_file_are_taken_anew_when_it_changes(tmp_path: Path) -> None:
    path = tmp_path / "ca.crt"
    path.write_bytes(pem(ONE))
    anchors = FileAnchors(str(path), interval=FAST, poll=FAST)

    async def main() -> None:
        assert await anchors.load() == TrustBundle.of(ONE)
        changed = await after(anchors.updates(), lambda: path.write_bytes(pem(TWO, ONE)))
        assert changed == TrustBundle.of(ONE, TWO)

    asyncio.run(main())


def test_a_broken_file_leaves_the_anchors_in_force(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "ca.crt"
    path.write_bytes(pem(ONE))
    anchors = FileAnchors(str(path), interval=FAST)

    async def main() -> None:
        await anchors.load()
        updates = anchors.updates()
        waiting = asyncio.ensure_future(anext(updates))
        await asyncio.sleep(3 * FAST)
        path.write_text("rubbish")
        while "Keeping the trust anchors in force" not in caplog.text:
            await asyncio.sleep(FAST)
        path.write_bytes(pem(TWO))
        assert await asyncio.wait_for(waiting, 5) == TrustBundle.of(TWO)

    asyncio.run(main())


def test_a_file_that_is_not_there_yet_is_waited_for(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "ca.crt"

    async def main() -> TrustBundle:
        loading = asyncio.ensure_future(FileAnchors(str(path), poll=FAST).load())
        while "not found, waiting..." not in caplog.text:
            await asyncio.sleep(FAST)
        path.write_bytes(pem(ONE))
        return await asyncio.wait_for(loading, 5)

    assert asyncio.run(main()) == TrustBundle.of(ONE)


@pytest.mark.parametrize(
    ("value", "file", "reason"),
    [("", "", "trust anchors are required"), ("x", "y", "both"), ("rubbish", "", "no certificate")],
)
def test_anchors_that_cannot_be_are_refused(value: str, file: str, reason: str) -> None:
    with pytest.raises(AnchorsError, match=reason):
        anchor_source(value, file)


def test_anchors_given_as_text_do_not_change() -> None:
    async def main() -> None:
        anchors = anchor_source(pem(ONE).decode())
        assert await anchors.load() == TrustBundle.of(ONE)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(anext(anchors.updates()), 0.05)

    asyncio.run(main())


def test_tokens_are_found_in_their_order(tmp_path: Path) -> None:
    explicit, variable, new, legacy = (tmp_path / name for name in ("explicit", "variable", "new", "legacy"))
    for file in (explicit, variable, new, legacy):
        file.write_text(f"{file.name}\n")
    mounted = (str(new), str(legacy))
    environment = {"DAPR_SENTRY_TOKEN_FILE": str(variable)}
    everything = TokenSource(kubernetes=True, file=str(explicit), environment=environment, mounted=mounted)
    assert everything.read() == Credential("explicit", Validator.JWKS)
    assert TokenSource(True, "", environment, mounted).read() == Credential("variable", Validator.KUBERNETES)
    assert TokenSource(False, "", environment, mounted).read() == Credential("variable", Validator.JWKS)
    assert TokenSource(True, "", {}, mounted).read() == Credential("new", Validator.KUBERNETES)
    new.unlink()
    assert TokenSource(True, "", {}, mounted).read() == Credential("legacy", Validator.KUBERNETES)
    assert TokenSource(False, "", {}, mounted).read() == Credential("", Validator.UNKNOWN)


def test_a_token_is_read_anew_each_time(tmp_path: Path) -> None:
    file = tmp_path / "token"
    source = TokenSource(kubernetes=False, file=str(file))
    file.write_text("first")
    assert source.read().token == "first"
    file.write_text("second")
    assert source.read().token == "second"


@pytest.mark.parametrize("content", [None, b"x" * 70_000, b"\xff"], ids=["missing", "oversized", "binary"])
def test_a_token_that_cannot_be_read_is_an_error(content: bytes | None, tmp_path: Path) -> None:
    file = tmp_path / "token"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(TokenError, match=str(file)):
        TokenSource(kubernetes=False, file=str(file)).read()


def test_a_variable_that_is_set_and_empty_is_an_error() -> None:
    with pytest.raises(TokenError, match="DAPR_SENTRY_TOKEN_FILE is set with an empty value"):
        TokenSource(kubernetes=False, environment={"DAPR_SENTRY_TOKEN_FILE": ""}).read()


def test_a_credential_does_not_show_its_token() -> None:
    assert "s3cret" not in repr(Credential("s3cret", Validator.JWKS))


def issued(**tokens: object) -> Issued:
    leaf, key = Authority().issue("spiffe://public/ns/default/app")
    return Issued(make_svid([leaf], key), **tokens)  # type: ignore[arg-type]


def test_a_token_is_given_for_the_audience_it_is_for() -> None:
    identity = issued(jwt="base", audience_jwts={"a": "for a"}, jwt_audiences=("public",))
    assert identity.jwt_for("a") == "for a"
    assert identity.jwt_for("public") == "base"
    assert "base" not in repr(identity)


@pytest.mark.parametrize(
    ("identity", "audience", "reason"),
    [
        (issued(), "a", "no JWT SVID available"),
        (issued(jwt="x"), "", "JWT audience is required"),
        (issued(jwt="x", jwt_audiences=("public",)), "b", "no JWT SVID for the audience"),
    ],
)
def test_without_a_token_for_an_audience_the_reason_is_told(identity: Issued, audience: str, reason: str) -> None:
    with pytest.raises(JwtAudienceError, match=reason):
        identity.jwt_for(audience)
