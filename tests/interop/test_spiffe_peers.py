"""Identities of ours and of go-spiffe, which the public project uses: each accepts the other's, both refuse alike."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.foreign import spiffe_program
from support.identities import HOUR, Authority, key_pem, now, pem, usage
from support.processes import Process
from support.sentry_process import Sentry, sentry
from support.sign import sign_one

from dapr_core.identity.bundle import TrustBundle
from dapr_core.identity.csr import make_csr
from dapr_core.identity.keys import KeyKind, from_pem, generate, to_pem
from dapr_core.identity.peer import PeerRefusedError, authenticate
from dapr_core.identity.policy import ANY_PEER, AppPeer, PeerRule
from dapr_core.identity.svid import InvalidSvidError, X509Svid, identity_of, read_svid
from dapr_core.identity.tls import client_context, mutual_server_context

pytestmark = pytest.mark.timeout(600)  # a cold machine builds the peer first

APP = "spiffe://public/ns/default/myapp"
CALLEE = "spiffe://public/ns/default/callee"


def peer(*arguments: object) -> subprocess.CompletedProcess[str]:
    """Run the peer to its end."""
    command = [spiffe_program(), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)


@pytest.fixture(scope="module")
def issuing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sentry]:
    """A sentry of ours."""
    with sentry(tmp_path_factory.mktemp("credentials")) as process:
        yield process


def ours(issuing: Sentry, app_id: str, kind: KeyKind = KeyKind.ED25519) -> X509Svid:
    """An identity that our sentry has issued for a key of ours."""
    key = generate(kind)
    answer = sign_one(issuing.address, issuing.anchors, id=app_id, certificate_signing_request=make_csr(key))
    return read_svid(answer.workload_certificate, key)


def theirs(issuing: Sentry, folder: Path, app_id: str) -> tuple[Path, Path, Path]:
    """An identity that our sentry has issued for a key and a request that Go made: anchors, chain, key as files."""
    anchors, chain, key, csr = (folder / name for name in ("anchors", "chain", "key", "csr"))
    made = peer("csr", key, csr)
    assert made.returncode == 0, made.stderr
    fields = {"id": app_id, "certificate_signing_request": csr.read_bytes()}
    chain.write_bytes(sign_one(issuing.address, issuing.anchors, **fields).workload_certificate)
    anchors.write_bytes(issuing.anchors)
    return anchors, chain, key


@pytest.mark.parametrize("kind", KeyKind, ids=lambda kind: kind.value)
def test_go_spiffe_accepts_what_sentry_issues(issuing: Sentry, kind: KeyKind, tmp_path: Path) -> None:
    (tmp_path / "anchors").write_bytes(issuing.anchors)
    (tmp_path / "chain").write_bytes(ours(issuing, "myapp", kind).chain_pem)
    result = peer("verify", tmp_path / "anchors", tmp_path / "chain")
    assert (result.returncode, result.stdout.strip()) == (0, APP), result.stderr


ROOT = Authority("root")
AUTHORITY = Authority("issuer", issuer=ROOT)


@pytest.mark.parametrize(
    "leaf",
    [
        pytest.param(AUTHORITY.issue(), id="no id"),
        pytest.param(AUTHORITY.issue(APP, APP + "2"), id="two ids"),
        pytest.param(AUTHORITY.issue("https://public/x"), id="another scheme"),
        pytest.param(AUTHORITY.issue("spiffe://Public/ns/default/myapp"), id="upper case"),
        pytest.param(AUTHORITY.issue("spiffe://public/ns//myapp"), id="empty segment"),
        pytest.param(AUTHORITY.issue(APP, key_usage=usage(certificates=True)), id="keyCertSign"),
        pytest.param(AUTHORITY.issue(APP, key_usage=usage(lists=True)), id="cRLSign"),
    ],
)
def test_what_go_spiffe_refuses_as_an_id_we_refuse_too(leaf: tuple[object, object], tmp_path: Path) -> None:
    certificate = leaf[0]
    (tmp_path / "anchors").write_bytes(pem(ROOT.certificate))
    (tmp_path / "chain").write_bytes(pem(certificate, AUTHORITY.certificate))  # type: ignore[arg-type]
    assert peer("verify", tmp_path / "anchors", tmp_path / "chain").returncode == 1
    with pytest.raises(InvalidSvidError):
        identity_of(certificate)  # type: ignore[arg-type]


async def serve_once(svid: X509Svid, bundle: TrustBundle, *arguments: object) -> tuple[str, str]:
    """Our mutual TLS server, and what the peer gets when it calls: its output and its errors."""

    async def tell(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(f"{authenticate(writer.get_extra_info('ssl_object')).identity}\n".encode())
        writer.close()

    server = await asyncio.start_server(tell, "127.0.0.1", 0, ssl=mutual_server_context(svid, bundle))
    async with server:
        address = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
        result = await asyncio.to_thread(peer, "call", *arguments, address, CALLEE)
    return result.stdout.strip(), result.stderr


def test_a_go_client_and_our_server_know_each_other(issuing: Sentry, tmp_path: Path) -> None:
    files = theirs(issuing, tmp_path, "myapp")
    bundle = TrustBundle.parse(issuing.anchors)
    assert asyncio.run(serve_once(ours(issuing, "callee"), bundle, *files)) == (APP, "")


def test_a_go_client_refuses_our_server_by_its_id(issuing: Sentry, tmp_path: Path) -> None:
    files = theirs(issuing, tmp_path, "myapp")
    said, error = asyncio.run(serve_once(ours(issuing, "other"), TrustBundle.parse(issuing.anchors), *files))
    assert said == ""
    assert "unexpected ID" in error


async def call(port: int, svid: X509Svid, bundle: TrustBundle, rule: PeerRule) -> str:
    """Call the peer's server with an identity of ours."""
    context = client_context(bundle, svid)
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context, server_hostname="")
    try:
        authenticate(writer.get_extra_info("ssl_object"), rule)
        return (await reader.readline()).decode().strip()
    finally:
        writer.close()


def test_our_client_and_a_go_server_know_each_other(issuing: Sentry, tmp_path: Path) -> None:
    bundle = TrustBundle.parse(issuing.anchors)
    with Process([spiffe_program(), "serve", *map(str, theirs(issuing, tmp_path, "callee"))]) as server:
        port = int(server.wait_for_line(""))
        assert asyncio.run(call(port, ours(issuing, "myapp"), bundle, AppPeer("default", "callee"))) == APP
        with pytest.raises(PeerRefusedError):
            asyncio.run(call(port, ours(issuing, "myapp"), bundle, AppPeer("default", "other")))


def test_a_go_server_refuses_an_expired_identity_and_one_of_another_root(issuing: Sentry, tmp_path: Path) -> None:
    bundle = TrustBundle.parse(issuing.anchors)
    leaf, key = AUTHORITY.issue(APP)
    foreign = read_svid(pem(leaf, AUTHORITY.certificate), from_pem(key_pem(key)))
    low = from_pem((issuing.credentials / "issuer.key").read_bytes())
    signer = Authority("stand-in")
    signer.key = low  # type: ignore[assignment]
    signer.certificate = ours(issuing, "myapp").chain[1]
    old, old_key = signer.issue(APP, start=now() - 2 * HOUR, end=now() - HOUR)
    expired = read_svid(pem(old, signer.certificate), from_pem(to_pem(old_key)))
    with Process([spiffe_program(), "serve", *map(str, theirs(issuing, tmp_path, "callee"))]) as server:
        port = int(server.wait_for_line(""))
        for svid in (foreign, expired):
            before = len(server.lines)
            try:
                assert asyncio.run(call(port, svid, bundle, ANY_PEER)) == ""
            except OSError:
                pass
            server.wait_for_line("refused:", after=before)
