"""The identity of a process against a sentry of the tests: fetched, renewed, kept, exchanged."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from support.fake_sentry import FakeSentry
from support.identities import Authority, pem

from dapr_core.identity import jwt
from dapr_core.identity.algorithms import ALGORITHMS
from dapr_core.identity.anchors import FileAnchors, StaticAnchors
from dapr_core.identity.issued import IdentityError, SentryUnreachableError
from dapr_core.identity.keys import KeyKind, generate, same_key
from dapr_core.identity.metrics import IdentityMetrics
from dapr_core.identity.rotating import InitialIdentityError, RotatingIdentity
from dapr_core.identity.sentry import SentryClient, SentryOptions, local_identity
from dapr_core.identity.spiffe import TrustDomain
from dapr_core.identity.tokens import TokenSource
from dapr_core.process.health import HealthRegistry
from dapr_core.proto.gen.sentry.v1.sentry_pb2 import SignCertificateResponse
from dapr_core.rpc.grpc import Code, GrpcError
from dapr_core.telemetry.exposition import exposition
from dapr_core.telemetry.metrics import Registry

APP = "spiffe://public/ns/default/app"


def options(sentry: FakeSentry, **changes: object) -> SentryOptions:
    settings: dict[str, object] = {
        "address": sentry.address,
        "app_id": "app",
        "namespace": "default",
        "control_plane_trust_domain": TrustDomain("localhost"),
        "control_plane_namespace": "default",
        "connect_timeout": 5.0,
        **changes,
    }
    return SentryOptions(**settings)  # type: ignore[arg-type]


def with_sentry(test: Callable[[FakeSentry], object], **settings: object) -> None:
    async def main() -> None:
        sentry = FakeSentry(**settings)  # type: ignore[arg-type]
        await sentry.start()
        try:
            await test(sentry)  # type: ignore[misc]
        finally:
            await sentry.stop()

    asyncio.run(main())


async def fetch(sentry: FakeSentry, **changes: object) -> None:
    client = SentryClient(options(sentry, **changes))
    await client.fetch(await StaticAnchors(sentry.anchors).load())


def test_an_identity_comes_with_a_new_key_each_time() -> None:
    async def test(sentry: FakeSentry) -> None:
        client = SentryClient(options(sentry))
        bundle = await StaticAnchors(sentry.anchors).load()
        one, two = await client.fetch(bundle), await client.fetch(bundle)
        assert str(one.svid.identity) == APP
        assert not same_key(one.svid.key.public_key(), two.svid.key.public_key())
        (first, _) = sentry.requests
        assert (first.id, first.namespace, first.trust_domain, first.token_validator) == ("app", "default", "", 0)

    with_sentry(test)


def test_the_control_plane_asks_for_its_own_trust_domain_and_others_do_not() -> None:
    async def test(sentry: FakeSentry) -> None:
        await fetch(sentry, app_id="dapr-operator", key=KeyKind.RSA_2048)
        await fetch(sentry, app_id="dapr-operator", namespace="elsewhere")
        assert [request.trust_domain for request in sentry.requests] == ["localhost", ""]

    with_sentry(test)


def test_the_token_and_the_audiences_go_along(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("the token")

    async def test(sentry: FakeSentry) -> None:
        await fetch(sentry, tokens=TokenSource(False, str(tmp_path / "token")), audiences=("a", "b"))
        (request,) = sentry.requests
        assert (request.token, request.token_validator, list(request.jwt_audiences)) == ("the token", 3, ["a", "b"])

    with_sentry(test)


def test_a_token_that_cannot_be_read_is_told_with_its_reason(tmp_path: Path) -> None:
    async def test(sentry: FakeSentry) -> None:
        with pytest.raises(IdentityError) as caught:
            await fetch(sentry, tokens=TokenSource(False, str(tmp_path / "none")))
        assert caught.value.reason == "sentry_token"
        assert sentry.requests == []

    with_sentry(test)


def test_nothing_is_sent_to_somebody_who_is_not_sentry() -> None:
    async def test(sentry: FakeSentry) -> None:
        with pytest.raises(SentryUnreachableError, match="unexpected ID"):
            await fetch(sentry)
        assert sentry.requests == []

    with_sentry(test, identity="spiffe://localhost/ns/default/impostor")


def test_nothing_is_sent_to_a_sentry_of_another_root() -> None:
    async def test(sentry: FakeSentry) -> None:
        client = SentryClient(options(sentry))
        stranger = pem(Authority("other").certificate).decode()
        with pytest.raises(
            SentryUnreachableError, match="the peer's certificate is not accepted: unable to get local issuer"
        ):
            await client.fetch(await StaticAnchors(stranger).load())
        assert sentry.requests == []

    with_sentry(test)


def only_for(sentry: FakeSentry, *kinds: type) -> Callable[[SignCertificateResponse], SignCertificateResponse]:
    """Sign as the public project's older sentries do: for keys of the issuer's kind."""

    def answer(response: SignCertificateResponse) -> SignCertificateResponse:
        csr = x509.load_pem_x509_csr(sentry.requests[-1].certificate_signing_request)
        if not isinstance(csr.public_key(), kinds):
            raise GrpcError(Code.INTERNAL, "failed to sign certificate")
        return response

    return answer


@pytest.mark.parametrize("kind", [ec.EllipticCurvePublicKey, rsa.RSAPublicKey], ids=["ECDSA", "RSA"])
def test_an_older_sentry_gets_a_key_of_the_kind_that_it_signs_for(kind: type, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")

    async def test(sentry: FakeSentry) -> None:
        sentry.answer = only_for(sentry, kind)
        client = SentryClient(options(sentry))
        bundle = await StaticAnchors(sentry.anchors).load()
        assert isinstance((await client.fetch(bundle)).svid.leaf.public_key(), kind)
        asked = len(sentry.requests)
        await client.fetch(bundle)
        assert len(sentry.requests) == asked + 1  # it knows by now
        assert caplog.text.count("Sentry signs only for keys of its own kind") == 1

    with_sentry(test)


def test_a_sentry_that_can_sign_nothing_is_told_of() -> None:
    async def test(sentry: FakeSentry) -> None:
        sentry.answer = only_for(sentry)
        with pytest.raises(IdentityError, match="failed to sign certificate") as caught:
            await fetch(sentry)
        assert caught.value.reason == "sign"
        assert len(sentry.requests) == 3

    with_sentry(test)


def refuse(code: Code, times: int = 99) -> Callable[[SignCertificateResponse], SignCertificateResponse]:
    left = [times]

    def answer(response: SignCertificateResponse) -> SignCertificateResponse:
        if left[0]:
            left[0] -= 1
            raise GrpcError(code, "no")
        return response

    return answer


@pytest.mark.parametrize("code", [Code.UNAVAILABLE, Code.RESOURCE_EXHAUSTED])
def test_a_busy_sentry_is_asked_again(code: Code) -> None:
    async def test(sentry: FakeSentry) -> None:
        sentry.answer = refuse(code, 4)
        await fetch(sentry)
        assert len(sentry.requests) == 5

    with_sentry(test)


@pytest.mark.parametrize(("code", "requests"), [(Code.UNAVAILABLE, 5), (Code.PERMISSION_DENIED, 1)])
def test_a_refusal_is_told_after_the_attempts_it_is_worth(code: Code, requests: int) -> None:
    async def test(sentry: FakeSentry) -> None:
        sentry.answer = refuse(code)
        with pytest.raises(IdentityError, match="error from sentry SignCertificate: no") as caught:
            await fetch(sentry)
        assert (caught.value.reason, len(sentry.requests)) == ("sign", requests)

    with_sentry(test)


SIGNER = generate()


def token(*audiences: str, expires: float = 4e9) -> str:
    return jwt.sign(SIGNER, ALGORITHMS["EdDSA"], {"aud": list(audiences), "exp": expires}, kid="k")


def change(**fields: object) -> Callable[[SignCertificateResponse], SignCertificateResponse]:
    def answer(response: SignCertificateResponse) -> SignCertificateResponse:
        for name, value in fields.items():
            if name == "jwt":
                response.jwt.value = str(value)
            elif name == "per_audience":
                assert isinstance(value, dict)
                for audience, text in value.items():
                    response.per_audience_jwts[audience].value = text
            elif value is None:
                response.ClearField(name)
            else:
                setattr(response, name, value)
        return response

    return answer


STRANGER, STRANGERS_KEY = Authority("stranger").issue(APP)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        pytest.param(change(valid_until=None), "invalid_ts", id="no end"),
        pytest.param(change(workload_certificate=b""), "sign", id="no certificate"),
        pytest.param(change(workload_certificate=pem(STRANGER)), "sign", id="another's certificate"),
        pytest.param(change(jwt="rubbish"), "jwt_parse", id="a JWT that is none"),
        pytest.param(change(jwt=token()), "jwt_aud", id="a JWT for nobody"),
        pytest.param(change(per_audience={"a": token("b")}), "jwt_aud", id="a JWT for another audience"),
        pytest.param(change(per_audience={"a": token("a", "b")}), "jwt_aud", id="a JWT for two audiences"),
    ],
)
def test_an_answer_that_cannot_be_used_is_refused(
    answer: Callable[[SignCertificateResponse], SignCertificateResponse], reason: str
) -> None:
    async def test(sentry: FakeSentry) -> None:
        sentry.answer = answer
        with pytest.raises(IdentityError) as caught:
            await fetch(sentry)
        assert caught.value.reason == reason

    with_sentry(test)


def test_tokens_come_with_the_identity() -> None:
    async def test(sentry: FakeSentry) -> None:
        sentry.answer = change(jwt=token("public", "a"), per_audience={"a": token("a", expires=3e9)})
        issued = await SentryClient(options(sentry)).fetch(await StaticAnchors(sentry.anchors).load())
        assert issued.jwt_for("public") == token("public", "a")
        assert issued.jwt_expires == 3e9

    with_sentry(test)


def test_the_local_identity_replaces_the_id() -> None:
    assert local_identity("app", {"SENTRY_LOCAL_IDENTITY": "other"}) == "other"
    assert local_identity("app", {"SENTRY_LOCAL_IDENTITY": ""}) == "app"


# --- Rotation


async def until(check: Callable[[], bool], limit: float = 10.0) -> None:
    async with asyncio.timeout(limit):
        while not check():
            await asyncio.sleep(0.01)


def test_the_process_waits_for_a_sentry_that_is_not_there_yet(caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> None:
        sentry = FakeSentry()
        await sentry.start()
        port = sentry.port
        await sentry.stop()
        identity = RotatingIdentity(SentryClient(options(sentry)), StaticAnchors(sentry.anchors))
        starting = asyncio.ensure_future(identity.start())
        await until(lambda: "Waiting for an identity" in caplog.text)
        assert "connection refused" in caplog.text
        assert not starting.done()
        await sentry.start(port)
        await asyncio.wait_for(starting, 10)
        assert str(identity.issued.svid.identity) == APP
        await identity.stop()
        await sentry.stop()

    asyncio.run(main())


def test_a_refused_start_is_fatal_and_says_why() -> None:
    registry = Registry()

    async def test(sentry: FakeSentry) -> None:
        sentry.answer = refuse(Code.PERMISSION_DENIED)
        metrics = IdentityMetrics(registry, "app")
        identity = RotatingIdentity(SentryClient(options(sentry)), StaticAnchors(sentry.anchors), metrics=metrics)
        with pytest.raises(InitialIdentityError, match=r"failed to retrieve the initial identity: .*no"):
            await identity.start()
        await identity.stop()

    with_sentry(test)
    assert b'dapr_runtime_mtls_init_fail_total{app_id="app",reason="sign"} 1' in exposition(registry)


def test_an_identity_is_renewed_again_and_again_and_keeps_the_servers_context() -> None:
    registry = Registry()
    health = HealthRegistry()

    async def test(sentry: FakeSentry) -> None:
        identity = RotatingIdentity(
            SentryClient(options(sentry)),
            StaticAnchors(sentry.anchors),
            metrics=IdentityMetrics(registry, "app"),
            health=health.target("security-provider"),
        )
        changes: list[int] = []
        identity.on_change(lambda: changes.append(identity.issued.svid.leaf.serial_number))
        await identity.start()
        assert health.healthy
        server, client = identity.server_context, identity.client_context
        await until(lambda: len(changes) >= 4)
        assert len(set(changes)) == len(changes)
        assert identity.server_context is server
        assert identity.client_context is not client
        await identity.stop()

    with_sentry(test, life=1.0)
    text = exposition(registry)
    assert b'dapr_runtime_mtls_init_total{app_id="app"} 1' in text
    assert b'dapr_runtime_mtls_workload_cert_rotated_total{app_id="app"} 3' in text


def test_while_sentry_is_away_the_identity_stays_and_the_log_grows_urgent(caplog: pytest.LogCaptureFixture) -> None:
    registry = Registry()

    async def main() -> None:
        sentry = FakeSentry(life=3.0)
        await sentry.start()
        port = sentry.port
        identity = RotatingIdentity(
            SentryClient(options(sentry)), StaticAnchors(sentry.anchors), metrics=IdentityMetrics(registry, "app")
        )
        await identity.start()
        first = identity.issued
        await sentry.stop()
        await until(lambda: "The workload certificate has expired" in caplog.text)
        assert identity.issued is first
        assert "Error renewing identity, trying again in" in caplog.text
        assert "could not be renewed" in caplog.text
        sentry.life = 3600.0
        await sentry.start(port)
        await until(lambda: identity.issued is not first)
        await identity.stop()
        await sentry.stop()

    asyncio.run(main())
    assert b'cert_rotated_fail_total{app_id="app",reason="sentry_conn"}' in exposition(registry)


def test_new_anchors_are_in_force_for_the_next_handshake(tmp_path: Path) -> None:
    path = tmp_path / "ca.crt"
    other = Authority("other")

    async def test(sentry: FakeSentry) -> None:
        path.write_text(sentry.anchors)
        identity = RotatingIdentity(SentryClient(options(sentry)), FileAnchors(str(path), interval=0.01))
        await identity.start()
        context = identity.server_context
        path.write_bytes(sentry.anchors.encode() + pem(other.certificate))
        await until(lambda: len(identity.bundle.anchors) == 2)
        assert identity.server_context is context
        assert len(identity.client_context.get_ca_certs()) == 2
        await identity.stop()

    with_sentry(test)


def test_a_stream_goes_on_over_a_renewal() -> None:
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            writer.write(line)
        writer.close()

    async def test(sentry: FakeSentry) -> None:
        identity = RotatingIdentity(SentryClient(options(sentry)), StaticAnchors(sentry.anchors))
        await identity.start()
        server = await asyncio.start_server(echo, "127.0.0.1", 0, ssl=identity.server_context)
        port = server.sockets[0].getsockname()[1]
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", port, ssl=identity.client_context, server_hostname=""
        )
        renewals: list[None] = []
        identity.on_change(lambda: renewals.append(None))
        for _ in range(3):
            renewals.clear()
            await until(lambda: bool(renewals))
            writer.write(b"still here\n")
            assert await reader.readline() == b"still here\n"
        writer.close()
        with contextlib.suppress(ssl.SSLError, ConnectionError):
            await writer.wait_closed()
        server.close()
        await server.wait_closed()
        await identity.stop()

    with_sentry(test, life=1.0)
