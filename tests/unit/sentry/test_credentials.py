"""The credentials in force: when they end, and that the log says so in time, and again."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from pathlib import Path

import pytest
from support.identities import HOUR, Authority, key_pem, now, pem

from dapr_core.identity.issuer import check
from dapr_core.identity.spiffe import TrustDomain, workload_id
from dapr_core.telemetry.metrics import Registry
from dapr_sentry.authority.leaves import Validity
from dapr_sentry.credentials import SOON, Credentials, end_of
from dapr_sentry.metrics import SentryMetrics
from dapr_sentry.storage.files import FileStore, Paths

SENTRY = workload_id(TrustDomain("localhost"), "default", "dapr-sentry")


def put(folder: Path, root: Authority, low: Authority) -> Credentials:
    (folder / "ca.crt").write_bytes(pem(root.certificate))
    (folder / "issuer.crt").write_bytes(pem(low.certificate))
    (folder / "issuer.key").write_bytes(key_pem(low.key))
    paths = Paths.under(
        str(folder), anchors="ca.crt", certificate="issuer.crt", key="issuer.key", jwt_key="jwt.key", jwks="jwks.json"
    )
    return Credentials(FileStore(paths), SENTRY, Validity(), None, "", SentryMetrics(Registry()))


@pytest.mark.parametrize(("root_ends", "issuer_ends", "first"), [(3, 5, 3), (5, 3, 3)])
def test_what_ends_first_counts(root_ends: int, issuer_ends: int, first: int) -> None:
    moment = now()
    root = Authority("root", end=moment + root_ends * HOUR)
    low = Authority("low", issuer=root, end=moment + issuer_ends * HOUR)
    issuer = check(pem(root.certificate), pem(low.certificate), key_pem(low.key), moment)
    assert end_of(issuer) == moment + first * HOUR


@pytest.mark.parametrize(
    ("life", "told"), [(SOON - timedelta(days=1), True), (SOON + timedelta(days=1), False)], ids=["soon", "later"]
)
def test_an_end_that_is_near_is_told_again_and_again(
    life: timedelta, told: bool, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    root = Authority("root", end=now() + life)
    credentials = put(tmp_path, root, Authority("low", issuer=root, end=now() + 10 * SOON))

    async def main() -> None:
        await credentials.open()
        reminding = asyncio.ensure_future(credentials.tell_of_end(pause=0.001))
        async with asyncio.timeout(10):
            while told and caplog.text.count("expires on") < 3:
                await asyncio.sleep(0.001)
        reminding.cancel()

    with caplog.at_level(logging.INFO):
        asyncio.run(main())
    assert ("dapr mtls renew-certificate" in caplog.text) is told


def test_an_end_that_has_come_is_an_error(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    root = Authority("root", end=now() + timedelta(seconds=2))
    credentials = put(tmp_path, root, Authority("low", issuer=root))

    async def main() -> None:
        await credentials.open()
        reminding = asyncio.ensure_future(credentials.tell_of_end(pause=0.05))
        async with asyncio.timeout(20):
            while "has expired on" not in caplog.text:
                await asyncio.sleep(0.02)
        reminding.cancel()

    asyncio.run(main())
    assert any(record.levelno == logging.ERROR for record in caplog.records)
    assert "--force" in caplog.text
