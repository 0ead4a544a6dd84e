"""Whom sentry lets in and whom not: each way to cheat by its name, refused, with the reason in the log of who refused.

What is refused before sentry (a handshake) is looked for in sentry's log; what a client refuses in a stranger that
claims to be sentry, in the client's.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import datetime
import hmac
import json
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa
from cryptography.x509.oid import NameOID
from support.identities import HOUR, Authority, key_pem, now, pem
from support.processes import wait_until
from support.sentry_process import Sentry, chain_of, sentry
from support.sign import request_of, sign_one

from dapr_core.identity import jwk, jwt
from dapr_core.identity.algorithms import ALGORITHMS
from dapr_core.identity.bundle import TrustBundle
from dapr_core.identity.csr import make_csr
from dapr_core.identity.issued import SentryUnreachableError
from dapr_core.identity.keys import PrivateKey, generate
from dapr_core.identity.sentry import SentryClient, SentryOptions
from dapr_core.identity.spiffe import TrustDomain
from dapr_core.identity.svid import X509Svid, identity_of, read_svid
from dapr_core.identity.tls import client_context, serving_context
from dapr_core.proto.gen.sentry.v1.sentry_grpc import CAStub
from dapr_core.rpc.grpc import Channel, ChannelOptions, GrpcError

APP = "spiffe://public/ns/default/myapp"
SENTRY = "spiffe://localhost/ns/default/dapr-sentry"
LIFE = 86_400.0
"""Seconds that tokens last: they are made when the tests are collected, long before some of them run."""
REFUSED = "Refused to sign a certificate"

RSA = rsa.generate_private_key(65537, 2048)
EC = ec.generate_private_key(ec.SECP256R1())
ED = ed25519.Ed25519PrivateKey.generate()


def configuration(folder: Path, **mtls: Any) -> str:
    document = {
        "apiVersion": "dapr.io/v1alpha1",
        "kind": "Configuration",
        "metadata": {"name": "x"},
        "spec": {"mtls": {"enabled": True, "sentryAddress": "", "controlPlaneTrustDomain": "", **mtls}},
    }
    (folder / "config.yaml").write_text(json.dumps(document))
    return f"--config={folder / 'config.yaml'}"


@pytest.fixture(scope="module")
def open_to_all(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sentry]:
    """A sentry that believes whoever reaches it."""
    with sentry(tmp_path_factory.mktemp("insecure")) as process:
        yield process


@pytest.fixture(scope="module")
def by_token(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sentry]:
    """A sentry that believes tokens of three keys."""
    folder = tmp_path_factory.mktemp("jwks")
    keys = [{**jwk.members_of(key.public_key()), "kid": kid} for kid, key in (("rsa", RSA), ("ec", EC), ("ed", ED))]
    source = json.dumps({"keys": keys})
    flag = configuration(folder, tokenValidators=[{"name": "jwks", "options": {"source": source}}])
    with sentry(folder, flag) as process:
        yield process


def refused(process: Sentry, code: str, reason: str, **fields: Any) -> str:
    """Ask, be refused with this reason, and find it in sentry's log; the line."""
    before = len(process.lines)
    with pytest.raises(GrpcError) as caught:
        sign_one(process.address, process.anchors, **fields)
    assert (caught.value.code.name, reason in caught.value.message) == (code, True), caught.value
    line = process.wait_for_line(REFUSED, after=before)
    assert reason.replace('"', '\\"') in line, line
    return line


# --- Requests that prove nothing


def csr_of(key: Any, *names: x509.GeneralName, subject: str = "") -> bytes:
    attributes = [x509.NameAttribute(NameOID.COMMON_NAME, subject)] if subject else []
    builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name(attributes))
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    digest = None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    return builder.sign(key, digest).public_bytes(serialization.Encoding.PEM)


def of_another_key() -> bytes:
    """A request for a key that its sender does not have."""
    signer, victim = ed25519.Ed25519PrivateKey.generate(), ed25519.Ed25519PrivateKey.generate()
    der = x509.load_pem_x509_csr(make_csr(signer)).public_bytes(serialization.Encoding.DER)
    der = der.replace(signer.public_key().public_bytes_raw(), victim.public_key().public_bytes_raw())
    return x509.load_der_x509_csr(der).public_bytes(serialization.Encoding.PEM)


def with_a_long_exponent() -> bytes:
    """A sound RSA key whose public exponent is as long as the modulus: a hundred times as dear to verify."""
    key = rsa.generate_private_key(65537, 2048)
    numbers = key.private_numbers()
    order = (numbers.p - 1) * (numbers.q - 1)
    public = numbers.d
    private = pow(public, -1, order)
    inner = rsa.RSAPublicNumbers(public, numbers.public_numbers.n)
    made = rsa.RSAPrivateNumbers(
        numbers.p, numbers.q, private, private % (numbers.p - 1), private % (numbers.q - 1), numbers.iqmp, inner
    )
    return csr_of(made.private_key())


@pytest.mark.parametrize(
    ("csr", "reason"),
    [
        pytest.param(of_another_key, "invalid signature", id="a CSR for another's key"),
        pytest.param(lambda: csr_of(rsa.generate_private_key(65537, 1024)), "1024 bits", id="a weak RSA key"),
        pytest.param(with_a_long_exponent, "public exponent", id="an RSA key that is dear to verify"),
        pytest.param(lambda: csr_of(ec.generate_private_key(ec.SECP256K1())), "secp256k1", id="a strange curve"),
        pytest.param(lambda: csr_of(ec.generate_private_key(ec.SECP192R1())), "secp192r1", id="a weak curve"),
        pytest.param(lambda: csr_of(dsa.generate_private_key(2048)), "type of key", id="a DSA key"),
        pytest.param(lambda: key_pem(ED), "invalid certificate signing request", id="a private key in its place"),
        pytest.param(
            lambda: pem(Authority("x").certificate), "failed to parse certificate signing request",
            id="a certificate in its place",
        ),
        pytest.param(lambda: make_csr(ED)[:-60], "invalid certificate signing request", id="half a CSR"),
        pytest.param(lambda: b"x" * 16_385, "longer than 16384 bytes", id="an oversized CSR"),
        pytest.param(
            lambda: csr_of(ED, *[x509.DNSName(f"{number}.example") for number in range(1500)]),
            "longer than 16384 bytes", id="a CSR oversized by its names",
        ),
    ],
)  # fmt: skip
def test_a_request_that_proves_no_sound_key_gets_no_certificate(
    open_to_all: Sentry, csr: Callable[[], bytes], reason: str
) -> None:
    refused(open_to_all, "INVALID_ARGUMENT", reason, certificate_signing_request=csr())


def test_a_request_that_is_too_large_is_not_even_read(open_to_all: Sentry) -> None:
    refused(open_to_all, "RESOURCE_EXHAUSTED", "received message larger than max", token="x" * 300_000)


def test_names_in_a_request_give_nobody_anothers_identity(open_to_all: Sentry) -> None:
    names = (x509.UniformResourceIdentifier(SENTRY), x509.DNSName("dapr-webhook.default.svc"))
    csr = csr_of(ED, *names, subject="dapr-sentry")
    leaf = chain_of(sign_one(open_to_all.address, open_to_all.anchors, certificate_signing_request=csr))[0]
    assert str(identity_of(leaf)) == APP
    assert not leaf.subject.rdns
    found = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert found.get_values_for_type(x509.DNSName) == []


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"id": "../dapr-sentry"}, id="a path in the id"),
        pytest.param({"id": "a/b"}, id="a slash in the id"),
        pytest.param({"namespace": "default/dapr-sentry"}, id="a slash in the namespace"),
        pytest.param({"namespace": "a\nb"}, id="a line in the namespace"),
        pytest.param({"trust_domain": "localhost/ns/x"}, id="a path in the trust domain"),
        pytest.param({"trust_domain": "UPPER"}, id="a trust domain in capitals"),
        pytest.param({"namespace": "n" * 5000}, id="an endless namespace"),
    ],
)
def test_a_name_that_would_change_the_identity_is_refused(open_to_all: Sentry, fields: dict[str, str]) -> None:
    line = refused(open_to_all, "PERMISSION_DENIED", "invalid request: ", **fields)
    assert len(line) < 1500


# --- Tokens that prove nothing


def part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def claims(**changes: Any) -> dict[str, Any]:
    made = {"sub": APP, "aud": [SENTRY], "exp": time.time() + LIFE, **changes}
    return {name: value for name, value in made.items() if value is not None}


def token(key: PrivateKey = ED, algorithm: str = "EdDSA", kid: str = "ed", **changes: Any) -> str:
    return jwt.sign(key, ALGORITHMS[algorithm], claims(**changes), kid=kid)


def unsigned(**header: Any) -> str:
    return f"{part(header)}.{part(claims())}."


def signed_by_the_public_key(encoding: serialization.Encoding) -> str:
    """HS256 with the RSA key that everybody may know as its shared secret."""
    secret = RSA.public_key().public_bytes(encoding, serialization.PublicFormat.SubjectPublicKeyInfo)
    text = f"{part({'alg': 'HS256', 'kid': 'rsa'})}.{part(claims())}"
    return f"{text}.{jwk.encode(hmac.digest(secret, text.encode(), 'sha256'))}"


def with_a_key_of_its_own() -> str:
    """A token that brings the key to check it with."""
    key = generate()
    header = {"alg": "EdDSA", "kid": "ed", "jwk": jwk.members_of(key.public_key())}
    text = f"{part(header)}.{part(claims())}"
    return f"{text}.{jwk.encode(ALGORITHMS['EdDSA'].sign(key, text.encode()))}"


def altered() -> str:
    head, _, signature = token().split(".")
    return f"{head}.{part(claims(sub='spiffe://public/ns/default/other'))}.{signature}"


@pytest.mark.parametrize(
    "good", [token(), token(RSA, "RS256", "rsa"), token(RSA, "PS512", "rsa"), token(EC, "ES256", "ec")]
)
def test_a_token_of_a_known_key_is_believed(by_token: Sentry, good: str) -> None:
    leaf = chain_of(sign_one(by_token.address, by_token.anchors, token=good, token_validator=3))[0]
    assert str(identity_of(leaf)) == APP


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param("", "the request does not contain a token", id="no token"),
        pytest.param(token(aud=["spiffe://localhost/ns/default/other"]), '"aud"', id="for another audience"),
        pytest.param(token(aud=["spiffe://localhost/ns/default/dapr-sentry2"]), '"aud"', id="for a longer audience"),
        pytest.param(token(aud=None), '"aud"', id="for no audience"),
        pytest.param(token(sub="spiffe://public/ns/default/other"), '"sub"', id="of another workload, replayed"),
        pytest.param(token(sub="spiffe://localhost/ns/default/myapp"), '"sub"', id="of another trust domain, replayed"),
        pytest.param(token(exp=time.time() - 3600), '"exp"', id="expired, replayed"),
        pytest.param(token(nbf=time.time() + LIFE / 2), '"nbf"', id="not yet valid"),
        pytest.param(token(iat=time.time() + LIFE / 2), '"iat"', id="from the future"),
        pytest.param(token(generate()), "could not verify message", id="forged"),
        pytest.param(altered(), "could not verify message", id="altered"),
        pytest.param(token(kid="unknown"), "could not verify message", id="of an unknown key"),
        pytest.param(unsigned(alg="none"), "could not verify message", id="alg none"),
        pytest.param(unsigned(alg="NoNe", kid="rsa"), "could not verify message", id="alg none in mixed case"),
        pytest.param(unsigned(kid="rsa"), "token validation failed", id="no alg"),
        pytest.param(
            signed_by_the_public_key(serialization.Encoding.PEM), "could not verify message",
            id="HS256 by the RSA public key in PEM",
        ),
        pytest.param(
            signed_by_the_public_key(serialization.Encoding.DER), "could not verify message",
            id="HS256 by the RSA public key in DER",
        ),
        pytest.param(token(EC, "ES256", "rsa"), "could not verify message", id="one key under another's name"),
        pytest.param(with_a_key_of_its_own(), "could not verify message", id="with a key of its own"),
        pytest.param("x" * 70_000, "longer than 65536 bytes", id="oversized"),
        pytest.param(token(sub="spiffe://public/ns/default/" + "a" * 40_000), '"sub"', id="large and about somebody"),
        pytest.param("a.b.c", "token validation failed", id="rubbish"),
    ],
)  # fmt: skip
def test_a_token_that_proves_nothing_gets_no_certificate(by_token: Sentry, text: str, reason: str) -> None:
    line = refused(by_token, "PERMISSION_DENIED", reason, token=text, token_validator=3)
    assert len(line) < 1500
    if len(text) > 100:
        assert text[:200] not in by_token.output


def test_a_token_that_sentry_has_issued_itself_is_no_proof_to_it(tmp_path: Path) -> None:
    with sentry(tmp_path, "--jwt-enabled") as process:
        issued = sign_one(process.address, process.anchors).jwt.value
        source = (tmp_path / "jwks.json").read_text()
    other = tmp_path / "other"
    other.mkdir()
    flag = configuration(other, tokenValidators=[{"name": "jwks", "options": {"source": source}}])
    with sentry(other, flag) as process:
        refused(process, "PERMISSION_DENIED", '"aud"', token=issued, token_validator=3)


def test_a_token_does_not_choose_an_easier_validator(by_token: Sentry) -> None:
    refused(by_token, "INVALID_ARGUMENT", "the requested validator is not enabled", token=token(), token_validator=1)
    refused(by_token, "INVALID_ARGUMENT", "a validator name must be specified", token=token())


def test_a_certificate_in_place_of_a_token_proves_nothing_to_sentry(by_token: Sentry) -> None:
    """Sentry asks nobody for a certificate: who shows one, even of sentry's own making, is nobody the more."""
    key = generate()
    good = {"token": token(), "token_validator": 3, "certificate_signing_request": make_csr(key)}
    svid = read_svid(sign_one(by_token.address, by_token.anchors, **good).workload_certificate, key)
    bundle = TrustBundle.parse(by_token.anchors)

    async def ask() -> None:
        channel = Channel(by_token.address, ChannelOptions(ssl=client_context(bundle, svid), connect_timeout=10))
        try:
            await CAStub(channel).sign_certificate(request_of(token_validator=3), timeout=10)
        finally:
            await channel.close()

    before = len(by_token.lines)
    with pytest.raises(GrpcError, match="the request does not contain a token"):
        asyncio.run(ask())
    by_token.wait_for_line(REFUSED, after=before)


# --- Connections


def offered(port: int, context: ssl.SSLContext) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as plain, context.wrap_socket(plain) as tls:
        tls.recv(1)


def test_plain_text_to_the_tls_port_is_hung_up_on_and_told(open_to_all: Sentry) -> None:
    before = len(open_to_all.lines)
    with socket.create_connection(("127.0.0.1", open_to_all.port), timeout=10) as plain:
        plain.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(9))
        with contextlib.suppress(ConnectionError):
            assert b"HTTP" not in plain.recv(1000)
    line = open_to_all.wait_for_line("Refused a TLS connection", after=before)
    assert "does not speak TLS" in line
    assert sign_one(open_to_all.address, open_to_all.anchors).workload_certificate  # others are served on


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1], ids=["TLS 1.0", "TLS 1.1"])
def test_tls_below_1_2_is_refused_and_told(open_to_all: Sentry, version: ssl.TLSVersion) -> None:
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.check_hostname = False
    old.verify_mode = ssl.CERT_NONE
    old.set_ciphers("ALL:@SECLEVEL=0")
    old.minimum_version = old.maximum_version = version
    before = len(open_to_all.lines)

    def told() -> bool:
        """Try again until it is told: one reason is told once a second, so that strangers cannot fill the log."""
        with pytest.raises((ssl.SSLError, ConnectionError)):
            offered(open_to_all.port, old)
        return "Refused a TLS connection" in "".join(open_to_all.lines[before:])

    wait_until(told, what="the refusal in sentry's log")


def test_tls_to_a_plain_port_of_sentry_is_given_up_by_the_client(open_to_all: Sentry) -> None:
    with pytest.raises(SentryUnreachableError, match=r"does not speak TLS|connection|closed"):
        asyncio.run(client_of(open_to_all.healthz_port).fetch(TrustBundle.parse(open_to_all.anchors)))


# --- Strangers that claim to be sentry


def client_of(port: int) -> SentryClient:
    options = SentryOptions(
        address=f"127.0.0.1:{port}",
        app_id="myapp",
        namespace="default",
        control_plane_trust_domain=TrustDomain("localhost"),
        control_plane_namespace="default",
        connect_timeout=5.0,
    )
    return SentryClient(options)


ROOT = Authority("root")
SIGNER = Authority("signer", issuer=ROOT)
RETIRED = Authority("retired")
FORMER = Authority("former", issuer=RETIRED)


def self_signed() -> tuple[x509.Certificate, Any]:
    lone = Authority("lone")
    return lone.issue(SENTRY, key=lone.key)


@pytest.mark.parametrize(
    ("shown", "above", "reason"),
    [
        pytest.param(
            lambda: SIGNER.issue(SENTRY, start=now() - 2 * HOUR, end=now() - HOUR), SIGNER, "expired", id="expired"
        ),
        pytest.param(
            lambda: SIGNER.issue(SENTRY, start=now() + HOUR, end=now() + 2 * HOUR), SIGNER, "not yet valid",
            id="not yet valid",
        ),
        pytest.param(self_signed, None, "certificate", id="self-signed"),
        pytest.param(lambda: FORMER.issue(SENTRY), FORMER, "certificate", id="signed by a retired root"),
        pytest.param(lambda: SIGNER.issue(), SIGNER, "no URI SAN", id="right chain without a SPIFFE id"),
        pytest.param(lambda: SIGNER.issue(SENTRY, APP), SIGNER, "more than one URI SAN", id="two ids"),
        pytest.param(lambda: SIGNER.issue(APP), SIGNER, "unexpected ID", id="a workload"),
        pytest.param(
            lambda: SIGNER.issue("spiffe://localhost/ns/other/dapr-sentry"), SIGNER, "unexpected ID",
            id="the sentry of another namespace",
        ),
        pytest.param(
            lambda: SIGNER.issue("spiffe://other/ns/default/dapr-sentry"), SIGNER, "unexpected ID",
            id="the sentry of another trust domain",
        ),
    ],
)  # fmt: skip
def test_nothing_is_told_to_whom_is_not_sentry(
    shown: Callable[[], tuple[x509.Certificate, Any]], above: Authority | None, reason: str
) -> None:
    leaf, key = shown()
    chain = (leaf, *([above.certificate] if above is not None else []))
    svid = X509Svid(None, chain, key)  # type: ignore[arg-type]  # what it says it is, nobody asks

    async def main() -> bytes:
        heard = bytearray()

        async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with contextlib.suppress(ConnectionError, ssl.SSLError):
                heard.extend(await reader.read(100_000))
            writer.close()

        server = await asyncio.start_server(listen, "127.0.0.1", 0, ssl=serving_context(svid))
        async with server:
            port = server.sockets[0].getsockname()[1]
            with pytest.raises(SentryUnreachableError, match=reason):
                await client_of(port).fetch(TrustBundle.of(ROOT.certificate))
        return bytes(heard)

    assert b"myapp" not in asyncio.run(main())


def test_a_client_that_does_not_know_the_root_tells_sentry_nothing(open_to_all: Sentry) -> None:
    before = len(open_to_all.lines)
    with pytest.raises(SentryUnreachableError, match="certificate"):
        asyncio.run(client_of(open_to_all.port).fetch(TrustBundle.of(ROOT.certificate)))
    with pytest.raises(ssl.SSLCertVerificationError):
        offered(open_to_all.port, client_context(TrustBundle.of(ROOT.certificate)))
    assert REFUSED not in "".join(open_to_all.lines[before:])


# --- Credentials with which sentry must not sign


def ended(**times: datetime.datetime) -> tuple[Authority, Authority]:
    root = Authority("root", **times)
    return root, Authority("issuer", issuer=root)


def of_times(start: datetime.timedelta, end: datetime.timedelta) -> tuple[Authority, Authority]:
    root = Authority("root")
    return root, Authority("issuer", issuer=root, start=now() + start, end=now() + end)


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        pytest.param(lambda: of_times(-2 * HOUR, -HOUR), "has expired on", id="expired issuer"),
        pytest.param(lambda: of_times(HOUR, 2 * HOUR), "is not valid before", id="issuer not yet valid"),
        pytest.param(lambda: ended(start=now() - 2 * HOUR, end=now() - HOUR), "has expired on", id="expired root"),
        pytest.param(lambda: ended(start=now() + HOUR), "is not valid before", id="root not yet valid"),
        pytest.param(lambda: (Authority("root"), Authority("lone")), "trust anchors", id="self-signed issuer"),
        pytest.param(lambda: (ROOT, FORMER), "trust anchors", id="issuer signed by a retired root"),
        pytest.param(lambda: (FORMER, FORMER), "is not self-signed", id="anchor that is no root"),
        pytest.param(
            lambda: (ROOT, Authority("leaf", issuer=ROOT, ca=False)),
            "not valid for signing",
            id="issuer that is a leaf",
        ),
    ],
)
def test_sentry_does_not_sign_with_what_nobody_should_trust(
    made: Callable[[], tuple[Authority, Authority]], reason: str, tmp_path: Path
) -> None:
    root, low = made()
    (tmp_path / "ca.crt").write_bytes(pem(root.certificate))
    (tmp_path / "issuer.crt").write_bytes(pem(low.certificate))
    (tmp_path / "issuer.key").write_bytes(key_pem(low.key))
    process = Sentry(tmp_path)
    process.popen.wait(30)
    assert process.terminate() == 1
    assert reason in process.output
    assert (tmp_path / "ca.crt").read_bytes() == pem(root.certificate)


def test_a_running_sentry_keeps_what_is_in_force_when_it_is_given_expired_credentials(tmp_path: Path) -> None:
    with sentry(tmp_path) as process:
        anchors = process.anchors
        root, low = of_times(-2 * HOUR, -HOUR)
        (tmp_path / "ca.crt").write_bytes(pem(root.certificate))
        (tmp_path / "issuer.crt").write_bytes(pem(low.certificate))
        (tmp_path / "issuer.key").write_bytes(key_pem(low.key))
        assert "has expired on" in process.wait_for_line("Keeping the credentials in force")
        assert sign_one(process.address, anchors).workload_certificate
