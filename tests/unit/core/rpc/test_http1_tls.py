"""TLS client contexts: what is verified, what is shown, and that no key stays on disk."""

from __future__ import annotations

import asyncio
import datetime
import ipaddress
import os
import ssl
from collections.abc import Callable
from pathlib import Path

import pytest
import uvloop
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.x509.oid import NameOID
from support.identities import Authority, pem
from support.tls_app import server_context, tls_app

from dapr_core.rpc.http1.client import HTTP1Client, Origin
from dapr_core.rpc.http1.errors import ServerClosedError
from dapr_core.rpc.http1.server import HTTP1Server
from dapr_core.rpc.messages import Request, Response
from dapr_core.rpc.tls import alert_of, client_context, load_identity


def identity(name: str) -> tuple[str, str]:
    """A self-signed certificate for 127.0.0.1 and its key, as PEM."""
    key = ed25519.Ed25519PrivateKey.generate()
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, None)
    )
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return certificate.public_bytes(serialization.Encoding.PEM).decode(), pem.decode()


SERVER, OTHER = identity("server"), identity("client")


def call(context: ssl.SSLContext, *, ask_client: bool = False) -> Response:
    """One call over TLS to a server of ours, which may demand the OTHER certificate."""
    server_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    load_identity(server_side, *SERVER)
    if ask_client:
        server_side.verify_mode = ssl.CERT_REQUIRED
        server_side.load_verify_locations(cadata=OTHER[0])

    async def main() -> Response:
        server = HTTP1Server(lambda r: Response(200, [], b"tls" if r.peer is not None and r.peer.tls else b"clear"))
        ((host, port),) = await server.serve_tcp("127.0.0.1", 0, ssl_context=server_side)
        client = HTTP1Client()
        try:
            return await client.request(Origin(host, port, tls=context), Request("GET", b"/"), timeout=10)
        finally:
            await client.close()
            await server.close()

    return asyncio.run(main())


def test_an_application_is_called_over_tls_unverified() -> None:
    assert call(client_context(verify=False)).body == b"tls"


def test_a_known_authority_is_trusted() -> None:
    assert call(client_context(True, SERVER[0])).body == b"tls"


def test_an_unknown_authority_is_not() -> None:
    with pytest.raises(ssl.SSLError):
        call(client_context(True, OTHER[0]))


def test_the_client_shows_its_certificate() -> None:
    assert call(client_context(True, SERVER[0], *OTHER), ask_client=True).body == b"tls"


@pytest.mark.parametrize("new_loop", [asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
def test_a_client_that_a_server_refuses_after_the_handshake_is_told_why(
    tmp_path: Path, new_loop: Callable[[], asyncio.AbstractEventLoop]
) -> None:
    own = Authority("server", "ecdsa")
    context = server_context(tmp_path, pem(own.certificate), own.key, clients=OTHER[0].encode())

    async def main(port: int) -> None:
        client = HTTP1Client()
        try:
            origin = Origin("127.0.0.1", port, tls=client_context(verify=False))
            await client.request(origin, Request("POST", b"/"), timeout=10)
        finally:
            await client.close()

    with (
        tls_app(context) as app,
        asyncio.Runner(loop_factory=new_loop) as runner,
        pytest.raises(ServerClosedError) as caught,
    ):
        runner.run(main(app.port))
    assert caught.value.cause == "remote error: tls: certificate required"


@pytest.mark.parametrize(
    "error",
    [None, ConnectionResetError("reset"), ssl.SSLError("odd")],
    ids=["none", "of the network", "without reason"],
)
def test_what_is_no_alert_says_nothing(error: Exception | None) -> None:
    assert alert_of(error) == ""


def test_old_versions_are_not_spoken() -> None:
    assert client_context(verify=False).minimum_version is ssl.TLSVersion.TLSv1_2


@pytest.mark.parametrize(("cert", "key"), [(OTHER[0], ""), ("", OTHER[1]), (OTHER[0], SERVER[1]), ("no pem", "no pem")])
def test_what_does_not_belong_together_is_an_error_without_the_key(cert: str, key: str) -> None:
    with pytest.raises(ValueError) as caught:
        client_context(False, cert_pem=cert, key_pem=key)
    assert "PRIVATE" not in str(caught.value)


def test_no_key_stays_on_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    descriptors = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0
    client_context(False, cert_pem=OTHER[0], key_pem=OTHER[1])
    assert list(tmp_path.iterdir()) == []
    if descriptors:
        assert len(os.listdir("/proc/self/fd")) == descriptors
