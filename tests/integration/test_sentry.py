"""Sentry as a process: what it issues, what it says of itself, how it follows its files and ends.

Whom it refuses, and how each attempt to cheat is named, is in ``test_sentry_refusals``.
"""

from __future__ import annotations

import json
import socket
import ssl
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ed25519
from support.identities import HOUR, Authority, key_pem, now, pem
from support.processes import http_status, wait_until
from support.sentry_process import Sentry, chain_of, sentry
from support.sign import request_of, sign, sign_one

from dapr_core.identity import jwk, jwt
from dapr_core.identity.algorithms import ALGORITHMS
from dapr_core.identity.bundle import TrustBundle
from dapr_core.identity.csr import make_csr
from dapr_core.identity.jwk import parse_set
from dapr_core.identity.keys import KeyKind, generate
from dapr_core.identity.tls import client_context
from dapr_core.rpc.grpc import GrpcError

APP = "spiffe://public/ns/default/myapp"
SENTRY = "spiffe://localhost/ns/default/dapr-sentry"


@pytest.fixture(scope="module")
def standalone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sentry]:
    """A sentry with everything at its default, whose root it has made itself."""
    with sentry(tmp_path_factory.mktemp("credentials")) as process:
        yield process


def metrics(process: Sentry) -> dict[str, float]:
    with urllib.request.urlopen(f"http://127.0.0.1:{process.metrics_port}/metrics", timeout=5) as answer:
        lines = answer.read().decode().splitlines()
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines if not line.startswith("#")}


def uris(certificate: x509.Certificate) -> list[str]:
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return [str(name.value) for name in names]


# --- Issuing


@pytest.mark.parametrize("validator", [0, 1], ids=["default", "insecure"])
def test_a_workload_gets_leaf_issuer_and_anchors(standalone: Sentry, validator: int) -> None:
    response = sign_one(standalone.address, standalone.anchors, token_validator=validator)
    leaf, issuer = chain_of(response)
    assert uris(leaf) == [APP]
    assert pem(issuer) == (standalone.credentials / "issuer.crt").read_bytes()
    assert list(response.trust_chain_certificates) == [standalone.anchors]
    assert response.valid_until.seconds == int(leaf.not_valid_after_utc.timestamp())
    assert not response.HasField("jwt")
    assert not response.per_audience_jwts
    leaf.verify_directly_issued_by(issuer)


@pytest.mark.parametrize("kind", KeyKind, ids=lambda kind: kind.value)
def test_every_kind_of_key_is_certified(standalone: Sentry, kind: KeyKind) -> None:
    key = generate(kind)
    leaf = chain_of(sign_one(standalone.address, standalone.anchors, certificate_signing_request=make_csr(key)))[0]
    assert leaf.public_key() == key.public_key()


def test_control_plane_services_get_their_names(standalone: Sentry) -> None:
    fields = {"id": "dapr-injector", "trust_domain": "localhost"}
    leaf = chain_of(sign_one(standalone.address, standalone.anchors, **fields))[0]
    assert uris(leaf) == ["spiffe://localhost/ns/default/dapr-injector", "dapr-sidecar-injector.default.svc"]


def test_openssl_accepts_what_a_running_sentry_issues(standalone: Sentry, tmp_path: Path) -> None:
    response = sign_one(standalone.address, standalone.anchors)
    (tmp_path / "ca").write_bytes(response.trust_chain_certificates[0])
    (tmp_path / "chain").write_bytes(response.workload_certificate)
    command = ["openssl", "verify", "-x509_strict", "-CAfile", "ca", "-untrusted", "chain", "chain"]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


# --- Refusing


@pytest.mark.parametrize(
    ("fields", "code", "reason"),
    [
        pytest.param({"token_validator": -1}, "INVALID_ARGUMENT", "not enabled", id="unknown validator"),
        pytest.param({"token_validator": 2}, "INVALID_ARGUMENT", "not enabled", id="kubernetes"),
        pytest.param({"token_validator": 3}, "INVALID_ARGUMENT", "not enabled", id="jwks"),
        pytest.param({"certificate_signing_request": b""}, "PERMISSION_DENIED", "CSR is required", id="no CSR"),
        pytest.param({"namespace": ""}, "PERMISSION_DENIED", "namespace is required", id="no namespace"),
        pytest.param({"id": "a" * 65}, "PERMISSION_DENIED", "64 characters or less", id="long id"),
        pytest.param({"id": "ns:sa"}, "PERMISSION_DENIED", "invalid request: ", id="legacy id"),
    ],
)
def test_a_bad_request_is_refused_with_its_reason(
    standalone: Sentry, fields: dict[str, Any], code: str, reason: str
) -> None:
    before = len(standalone.lines)
    with pytest.raises(GrpcError) as caught:
        sign_one(standalone.address, standalone.anchors, **fields)
    assert (caught.value.code.name, reason in caught.value.message) == (code, True), caught.value
    standalone.wait_for_line("Refused to sign a certificate", after=before)


def test_the_log_of_a_refusal_names_who_and_why_and_no_token(standalone: Sentry) -> None:
    before = len(standalone.lines)
    with pytest.raises(GrpcError):
        sign_one(standalone.address, standalone.anchors, token="s3cret-token", id="")
    line = standalone.wait_for_line("Refused to sign a certificate", after=before)
    assert "parameter app-id cannot be empty" in line
    assert "s3cret-token" not in standalone.output


def handshake(port: int, context: ssl.SSLContext) -> bytes:
    """The server's certificate."""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as plain, context.wrap_socket(plain) as tls:
        return tls.getpeercert(True) or b""


def test_sentry_shows_its_own_identity_on_an_ed25519_key(standalone: Sentry) -> None:
    der = handshake(standalone.port, client_context(TrustBundle.parse(standalone.anchors)))
    leaf = x509.load_der_x509_certificate(der)
    assert uris(leaf) == [SENTRY]
    assert isinstance(leaf.public_key(), ed25519.Ed25519PublicKey)


# --- What it says of itself


def test_metrics_count_what_was_asked_and_tell_when_the_issuer_ends(tmp_path: Path) -> None:
    with sentry(tmp_path) as process:
        sign(process.address, process.anchors, request_of(), request_of())
        for fields in ({"namespace": ""}, {"certificate_signing_request": b"rubbish"}):
            with pytest.raises(GrpcError):
                sign_one(process.address, process.anchors, **fields)
        found = metrics(process)
    assert found["dapr_sentry_cert_sign_request_received_total"] == 4
    assert found["dapr_sentry_cert_sign_success_total"] == 2
    assert found['dapr_sentry_cert_sign_failure_total{reason="sign"}'] == 2
    assert found['dapr_sentry_servercert_issue_failed_total{reason="invalid_csr"}'] == 1
    assert found["dapr_sentry_issuercert_changed_total"] == 1
    ends = found["dapr_sentry_issuercert_expiry_timestamp"]
    assert abs(ends - time.time() - 365 * 86_400) < 20


def test_the_log_says_what_it_serves(standalone: Sentry) -> None:
    for line in (
        "Starting Dapr Sentry certificate authority -- version",
        "Log level set to: info",
        "CA certificate key pair ready",
        "Using validator 'insecure'",
        f"Running gRPC server on port {standalone.port}",
        "OIDC HTTP server is disabled",
    ):
        assert line in standalone.output
    assert "PRIVATE KEY" not in standalone.output


def test_a_signal_ends_it_gracefully(tmp_path: Path) -> None:
    with sentry(tmp_path) as process:
        assert process.terminate() == 0
        assert "Sentry shut down gracefully" in process.output


def test_who_believes_everybody_on_every_address_is_warned(standalone: Sentry, tmp_path: Path) -> None:
    assert "gives any identity" not in standalone.output
    process = Sentry(tmp_path, "--listen-address=")
    process.wait_for_line("The validator 'insecure' gives any identity to whoever reaches port")
    assert process.terminate() == 0


@pytest.mark.parametrize(
    ("flags", "code", "reason"),
    [
        (["--issuer-credentials=/does/not/exist"], 1, "must exist and be writable"),
        (["--mode=nomad"], 1, "invalid mode: nomad; it is standalone or kubernetes"),
        (["-trust-domain=Bad Domain"], 1, "trust domain characters"),
        (["--config=/does/not/exist"], 1, "/does/not/exist"),
        (["--jwt-issuer=me"], 1, "add --jwt-enabled"),
        (["--jwt-enabled", "--oidc-enabled"], 1, "oidc-server-tls-cert-file is required"),
        (["--jwt-signing-algorithm=HS256"], 1, "invalid --jwt-signing-algorithm"),
        (["--no-such-flag"], 2, "unknown flag"),
        (["--log-level=loud"], 1, "invalid value for --log-level"),
    ],
)
def test_a_start_that_cannot_be_says_why(flags: list[str], code: int, reason: str, tmp_path: Path) -> None:
    process = Sentry(tmp_path, *flags)
    process.popen.wait(20)
    assert process.terminate() == code
    assert reason in process.output


# --- Its files


def put(directory: Path, root: Authority, low: Authority, *more: Authority) -> None:
    (directory / "ca.crt").write_bytes(pem(root.certificate, *[each.certificate for each in more]))
    (directory / "issuer.crt").write_bytes(pem(low.certificate))
    (directory / "issuer.key").write_bytes(key_pem(low.key))


@pytest.mark.parametrize("kind", ["ed25519", "ecdsa", "rsa"])
def test_a_provided_issuer_of_any_kind_signs(kind: str, tmp_path: Path) -> None:
    root = Authority("root", kind)
    low = Authority("low", kind, issuer=root, end=now() + 3 * HOUR)
    put(tmp_path, root, low)
    with sentry(tmp_path) as process:
        leaf, issuer = chain_of(sign_one(process.address, process.anchors))
        assert issuer == low.certificate
        leaf.verify_directly_issued_by(issuer)
        assert abs(metrics(process)["dapr_sentry_issuercert_expiry_timestamp"] - low.end.timestamp()) < 1
        assert "expires on" in process.output


def test_changed_files_are_in_force_within_a_second_and_broken_ones_never(tmp_path: Path) -> None:
    with sentry(tmp_path) as process:
        first = process.anchors
        root = Authority("new root")
        low = Authority("new issuer", issuer=root)
        (tmp_path / "issuer.key").write_bytes(key_pem(low.key))  # alone it fits nothing
        process.wait_for_line("Keeping the credentials in force")
        assert sign_one(process.address, first).workload_certificate
        put(tmp_path, root, low)
        begun = time.monotonic()
        process.wait_for_line("Issuer credentials changed; reloading")
        assert time.monotonic() - begun < 1.0
        leaf, issuer = chain_of(sign_one(process.address, pem(root.certificate)))
        assert issuer == low.certificate
        leaf.verify_directly_issued_by(issuer)
        assert metrics(process)["dapr_sentry_issuercert_changed_total"] == 2
        with pytest.raises(GrpcError, match="certificate is not accepted"):
            sign_one(process.address, first)


def test_a_root_is_rotated_in_stages_without_a_moment_of_refusal(tmp_path: Path) -> None:
    old, new = Authority("old"), Authority("new")
    old_issuer, new_issuer = Authority("old issuer", issuer=old), Authority("new issuer", issuer=new)
    put(tmp_path, old, old_issuer)
    both = TrustBundle.of(old.certificate, new.certificate).pem
    stages = [
        ((old, old_issuer, new), old_issuer),
        ((new, new_issuer, old), new_issuer),
        ((new, new_issuer), new_issuer),
    ]
    with sentry(tmp_path) as process:
        for files, signer in stages:
            before = len(process.lines)
            put(tmp_path, *files)
            process.wait_for_line("Issuer credentials changed; reloading", after=before)
            response = sign_one(process.address, both)
            assert chain_of(response)[1] == signer.certificate
            assert TrustBundle.parse(response.trust_chain_certificates[0]) == TrustBundle.parse(process.anchors)


def test_one_missing_file_changes_nothing_and_all_missing_bring_a_new_root(tmp_path: Path) -> None:
    with sentry(tmp_path) as process:
        first = process.anchors
        (tmp_path / "issuer.key").unlink()
        process.wait_for_line("one of the three files of the issuer is missing")
        assert sign_one(process.address, first).workload_certificate
        for name in ("ca.crt", "issuer.crt"):
            (tmp_path / name).unlink()
        process.wait_for_line("All files of the issuer are gone")
        process.wait_for_line("Issuer credentials changed; reloading")
        assert process.anchors != first
        assert sign_one(process.address, process.anchors).workload_certificate


# --- Configuration


def configuration(path: Path, **mtls: object) -> str:
    spec = {"mtls": {"enabled": True, "sentryAddress": "", "controlPlaneTrustDomain": "", **mtls}}
    document = {"apiVersion": "dapr.io/v1alpha1", "kind": "Configuration", "metadata": {"name": "x"}, "spec": spec}
    path.write_text(json.dumps(document))
    return f"--config={path}"


def test_lifetime_and_skew_come_from_the_configuration(tmp_path: Path) -> None:
    flag = configuration(tmp_path / "config.yaml", workloadCertTTL="1h", allowedClockSkew="1m")
    with sentry(tmp_path, flag, env={"NAMESPACE": "dapr-system"}) as process:
        leaf = chain_of(sign_one(process.address, process.anchors))[0]
        assert abs((leaf.not_valid_after_utc - leaf.not_valid_before_utc).total_seconds() - 3660) <= 1
        der = handshake(process.port, client_context(TrustBundle.parse(process.anchors)))
        assert uris(x509.load_der_x509_certificate(der)) == ["spiffe://localhost/ns/dapr-system/dapr-sentry"]


def test_its_own_certificate_is_renewed_while_it_serves(tmp_path: Path) -> None:
    flag = configuration(tmp_path / "config.yaml", workloadCertTTL="2s")
    with sentry(tmp_path, flag) as process:
        context = client_context(TrustBundle.parse(process.anchors))
        first = handshake(process.port, context)
        wait_until(lambda: handshake(process.port, context) != first, what="a new certificate", timeout=10)


def test_an_empty_configuration_is_the_default(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("")
    with sentry(tmp_path, f"--config={tmp_path / 'config.yaml'}") as process:
        assert sign_one(process.address, process.anchors).workload_certificate


@pytest.mark.parametrize(
    ("mtls", "reason"),
    [
        ({"workloadCertTTL": "soon"}, "workloadCertTTL"),
        ({"tokenValidators": [{"name": "insecure"}]}, "jwks"),
        ({"tokenValidators": [{"name": "other"}]}, "jwks"),
        ({"tokenValidators": [{"name": "jwks"}]}, "source"),
    ],
)
def test_a_configuration_that_does_not_fit_stops_it(mtls: dict[str, Any], reason: str, tmp_path: Path) -> None:
    process = Sentry(tmp_path, configuration(tmp_path / "config.yaml", **mtls))
    process.popen.wait(20)
    assert process.terminate() == 1
    assert reason in process.output


def test_with_the_jwks_validator_only_tokens_are_believed(tmp_path: Path) -> None:
    key = generate()
    keys = json.dumps({"keys": [{**jwk.members_of(key.public_key()), "kid": "k"}]})
    flag = configuration(tmp_path / "config.yaml", tokenValidators=[{"name": "jwks", "options": {"source": keys}}])
    claims = {"sub": APP, "aud": [SENTRY], "exp": time.time() + 60}
    good = jwt.sign(key, ALGORITHMS["EdDSA"], claims, kid="k")
    forged = jwt.sign(generate(), ALGORITHMS["EdDSA"], claims, kid="k")
    with sentry(tmp_path, flag) as process:
        leaf = chain_of(sign_one(process.address, process.anchors, token=good, token_validator=3))[0]
        assert uris(leaf) == [APP]
        for fields, code, reason in (
            ({"token": good}, "INVALID_ARGUMENT", "a validator name must be specified in this environment"),
            ({"token": good, "token_validator": 1}, "INVALID_ARGUMENT", "the requested validator is not enabled"),
            ({"token": forged, "token_validator": 3}, "PERMISSION_DENIED", "could not verify message"),
            ({"token": good, "token_validator": 3, "id": "other"}, "PERMISSION_DENIED", '"sub"'),
        ):
            with pytest.raises(GrpcError) as caught:
                sign_one(process.address, process.anchors, **fields)
            assert caught.value.code.name == code
            assert reason in caught.value.message
        assert good not in process.output


# --- JWT and OIDC


def get(process: Sentry, path: str, *, method: str = "GET", host: str = "", forwarded: str = "") -> tuple[int, Any]:
    import http.client

    connection = http.client.HTTPConnection("127.0.0.1", process.oidc_port, timeout=5)
    headers = {name: value for name, value in (("Host", host), ("X-Forwarded-Host", forwarded)) if value}
    try:
        connection.request(method, path, headers=headers)
        answer = connection.getresponse()
        body = answer.read()
        is_json = answer.headers["content-type"] == "application/json"
        if is_json:
            assert answer.headers["cache-control"] == "public, max-age=3600"
        return answer.status, json.loads(body) if is_json else body
    finally:
        connection.close()


OIDC = ("--jwt-enabled", "--oidc-enabled", "--oidc-server-tls-enabled=false")


def test_jwts_are_issued_and_can_be_checked_by_what_is_published(tmp_path: Path) -> None:
    with sentry(tmp_path, *OIDC, "--jwt-issuer=https://me", "--jwt-ttl=2h") as process:
        response = sign_one(process.address, process.anchors, jwt_audiences=["a", "b", "a"])
        status, keys = get(process, "/jwks.json")
        assert status == 200
        published = parse_set(json.dumps(keys).encode())
        token = jwt.verified(response.jwt.value, published)
        assert token.header["typ"] == "JWT"
        assert (keys["keys"][0]["alg"], keys["keys"][0]["use"], keys["keys"][0]["kid"]) == (
            "RS256",
            "sig",
            token.header["kid"],
        )
        claims = token.claims
        assert (claims["iss"], claims["sub"], claims["aud"], claims["use"]) == (
            "https://me",
            APP,
            ["public", "a", "b"],
            "sig",
        )
        assert claims["exp"] - claims["iat"] == 7200
        assert claims["iat"] - claims["nbf"] == 900
        assert len(claims["jti"]) == 32
        assert set(response.per_audience_jwts) == {"public", "a", "b"}
        for audience, value in response.per_audience_jwts.items():
            assert jwt.verified(value.value, published).claims["aud"] == [audience]


def test_too_many_audiences_are_refused(tmp_path: Path) -> None:
    with sentry(tmp_path, "--jwt-enabled") as process, pytest.raises(GrpcError, match="at most 32 JWT audiences"):
        sign_one(process.address, process.anchors, jwt_audiences=[f"a{number}" for number in range(33)])


def test_discovery_says_where_the_keys_are_and_nothing_else_is_served(tmp_path: Path) -> None:
    with sentry(tmp_path, *OIDC) as process:
        status, document = get(process, "/.well-known/openid-configuration", host="me.example:1")
        assert status == 200
        assert document == {
            "issuer": "http://me.example:1",
            "jwks_uri": "http://me.example:1/jwks.json",
            "response_types_supported": ["id_token"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "scopes_supported": ["openid"],
            "claims_supported": ["sub", "iss", "aud", "exp", "iat", "nbf", "use"],
        }
        assert get(process, "/other")[0] == 404
        for method in ("POST", "PUT", "DELETE", "PATCH"):
            assert get(process, "/jwks.json", method=method)[0] == 405
        forged = get(process, "/.well-known/openid-configuration", host="me", forwarded="evil")[1]
        assert (forged["issuer"], forged["jwks_uri"]) == ("http://me", "http://me/jwks.json")


def test_prefix_uri_and_allowed_hosts_are_obeyed(tmp_path: Path) -> None:
    more = ("--oidc-path-prefix=/oidc/", "--oidc-jwks-uri=https://keys/x", "--oidc-allowed-hosts=one,two:8080")
    with sentry(tmp_path, *OIDC, *more) as process:
        path = "/oidc/.well-known/openid-configuration"
        status, document = get(process, path, host="one:1234")
        assert (status, document["issuer"], document["jwks_uri"]) == (200, "http://one:1234/oidc", "https://keys/x")
        assert get(process, "/.well-known/openid-configuration", host="one")[0] == 404
        assert get(process, path, host="two:8080")[0] == 200
        assert get(process, path, host="two:9")[0] == 403
        assert get(process, path, host="one", forwarded="three")[0] == 403
        assert get(process, path, host="three", forwarded="one")[1]["issuer"] == "http://one/oidc"


def test_oidc_waits_for_its_tls_files_and_then_serves_them(tmp_path: Path) -> None:
    files = (tmp_path / "tls.crt", tmp_path / "tls.key")
    flags = (f"--oidc-server-tls-cert-file={files[0]}", f"--oidc-server-tls-key-file={files[1]}")
    process = Sentry(tmp_path, "--jwt-enabled", "--oidc-enabled", *flags)
    try:
        process.wait_for_line("are not both there; waiting")
        assert http_status(process.healthz_port, "/healthz") != 200
        root = Authority("web")
        leaf, key = root.issue(dns=["localhost"])
        files[1].write_bytes(key_pem(key))
        files[0].write_bytes(pem(leaf))
        process.wait_for_line("OIDC HTTP server is listening")
        context = ssl.create_default_context(cadata=pem(root.certificate).decode())
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        url = f"https://localhost:{process.oidc_port}/jwks.json"
        with urllib.request.urlopen(url, timeout=5, context=context) as answer:
            assert json.load(answer)["keys"][0]["kty"] == "RSA"
        process.wait_ready()
    finally:
        process.terminate()


def test_killed_it_comes_back_with_the_same_root_and_keys(tmp_path: Path) -> None:
    with sentry(tmp_path, "--jwt-enabled") as process:
        first = (process.anchors, (tmp_path / "jwks.json").read_bytes())
        process.terminate(9)
    with sentry(tmp_path, "--jwt-enabled") as process:
        assert (process.anchors, (tmp_path / "jwks.json").read_bytes()) == first
        assert sign_one(process.address, first[0]).HasField("jwt")
