"""Identities from a real sentry, while it is rotated, killed and started again: whoever is served stays served."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from support.identities import Authority, key_pem, pem
from support.sentry_process import Sentry, sentry
from support.steady_calls import Calls, renewed, run, short_lives, trusted, two_sidecars


def put(directory: Path, signer: Authority, *roots: Authority) -> None:
    (directory / "ca.crt").write_bytes(pem(*[root.certificate for root in roots]))
    (directory / "issuer.crt").write_bytes(pem(signer.certificate))
    (directory / "issuer.key").write_bytes(key_pem(signer.key))


def test_no_call_fails_while_certificates_issuer_and_root_are_rotated(tmp_path: Path) -> None:
    old, new = Authority("old"), Authority("new")
    first, second = Authority("first issuer", issuer=old), Authority("second issuer", issuer=old)
    third = Authority("third issuer", issuer=new)
    put(tmp_path, first, old)
    anchors = tmp_path / "anchors.crt"
    anchors.write_bytes(pem(old.certificate))

    async def main(process: Sentry) -> None:
        async with two_sidecars(process, anchors) as (caller, callee, port), Calls(caller, port) as calls:
            put(tmp_path, second, old)
            await renewed(caller, callee, issuer="second issuer")
            anchors.write_bytes(pem(old.certificate, new.certificate))
            await trusted(caller, callee, roots=2)
            put(tmp_path, third, new, old)
            await renewed(caller, callee, issuer="third issuer")
            anchors.write_bytes(pem(new.certificate))
            await trusted(caller, callee, roots=1)
            count = calls.count
            async with asyncio.timeout(10):
                while calls.count < count + 10:
                    await asyncio.sleep(0.02)
            assert calls.count > 50

    with sentry(tmp_path, short_lives(tmp_path, "3s")) as process:
        run(main(process))


def test_no_call_fails_while_sentry_is_killed_and_started_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    flag = short_lives(tmp_path, "10s")

    async def main(process: Sentry) -> None:
        async with two_sidecars(process, tmp_path / "ca.crt") as (caller, callee, port), Calls(caller, port):
            before = {each.issued.svid.leaf.serial_number for each in (caller, callee)}
            await asyncio.to_thread(process.terminate, 9)
            async with asyncio.timeout(20):
                while "Error renewing identity" not in caplog.text:
                    await asyncio.sleep(0.02)
            again = Sentry(tmp_path, flag, f"--port={process.port}")
            try:
                async with asyncio.timeout(20):
                    while before & {each.issued.svid.leaf.serial_number for each in (caller, callee)}:
                        await asyncio.sleep(0.02)
            finally:
                await asyncio.to_thread(again.terminate)

    with sentry(tmp_path, flag) as process:
        run(main(process))
