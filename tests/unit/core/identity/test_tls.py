"""TLS from identities: who gets through a handshake, what is checked after it, how contexts change under a server."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import uvloop
from cryptography import x509
from support.identities import HOUR, Authority, now

from dapr_core.identity import handshakes
from dapr_core.identity.bundle import TrustBundle
from dapr_core.identity.peer import PeerRefusedError, authenticate
from dapr_core.identity.policy import ANY_PEER, AppPeer, ExactPeer, PeerRule
from dapr_core.identity.spiffe import parse_spiffe_id
from dapr_core.identity.svid import X509Svid, make_svid
from dapr_core.identity.tls import SwitchingContext, client_context, mutual_server_context, serving_context

SERVER = "spiffe://public/ns/default/server"
CLIENT = "spiffe://public/ns/default/client"
ROOT = Authority()
ISSUER = Authority("issuer", issuer=ROOT)
BUNDLE = TrustBundle.of(ROOT.certificate)


def svid(uri: str, issuer: Authority = ISSUER, **settings: Any) -> X509Svid:
    leaf, key = issuer.issue(uri, **settings)
    return make_svid([leaf, issuer.certificate], key)


class Echo(asyncio.Protocol):
    """Tells who called, or why they are refused."""

    def __init__(self, rule: PeerRule, seen: list[str]) -> None:
        self.rule = rule
        self.seen = seen

    def connection_made(self, transport: Any) -> None:  # uvloop's transports are of no class of asyncio
        tls = transport.get_extra_info("ssl_object")
        try:
            peer = authenticate(tls, self.rule) if tls.context.verify_mode else None
        except PeerRefusedError as error:
            self.seen.append(str(error))
            transport.abort()
            return
        name = "nobody" if peer is None else str(peer.identity)
        self.seen.append(name)
        transport.write(name.encode() + b"\n")
        transport.write_eof() if transport.can_write_eof() else transport.close()


@contextlib.asynccontextmanager
async def serving(context: ssl.SSLContext, rule: PeerRule = ANY_PEER) -> AsyncIterator[tuple[int, list[str]]]:
    seen: list[str] = []
    server = await asyncio.get_running_loop().create_server(lambda: Echo(rule, seen), "127.0.0.1", 0, ssl=context)
    try:
        yield server.sockets[0].getsockname()[1], seen
    finally:
        server.close()
        await server.wait_closed()


async def call(port: int, context: ssl.SSLContext, rule: PeerRule = ANY_PEER, *, name: str = "") -> str:
    """Connect, check the server, and give what it says of us."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context, server_hostname=name)
    try:
        authenticate(writer.get_extra_info("ssl_object"), rule)
        return (await reader.read()).decode().strip()
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


LOOPS = [pytest.param(None, id="asyncio"), pytest.param(uvloop.new_event_loop, id="uvloop")]


@pytest.mark.parametrize("loop", LOOPS)
def test_two_identities_meet_and_know_each_other(loop: Callable[[], asyncio.AbstractEventLoop] | None) -> None:
    async def main() -> str:
        async with serving(mutual_server_context(svid(SERVER), BUNDLE)) as (port, _):
            return await call(port, client_context(BUNDLE, svid(CLIENT)), ExactPeer(parse_spiffe_id(SERVER)))

    with asyncio.Runner(loop_factory=loop) as runner:
        assert runner.run(main()) == CLIENT


@pytest.mark.parametrize("kind", ["ecdsa", "rsa"])
def test_other_kinds_of_keys_meet_too(kind: str) -> None:
    root = Authority("root", kind)
    bundle = TrustBundle.of(root.certificate)

    async def main() -> str:
        async with serving(mutual_server_context(svid(SERVER, root), bundle)) as (port, _):
            return await call(port, client_context(bundle, svid(CLIENT, root)))

    assert asyncio.run(main()) == CLIENT


def test_a_server_that_asks_nobody_serves_a_client_without_identity() -> None:
    async def main() -> str:
        async with serving(serving_context(svid(SERVER))) as (port, _):
            return await call(port, client_context(BUNDLE))

    assert asyncio.run(main()) == "nobody"


OTHER = Authority("other")
RETIRED = Authority("retired issuer", issuer=Authority("retired"))


@pytest.fixture
def every_line(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """The log, with every refusal in it."""
    monkeypatch.setattr(handshakes, "_clients", handshakes.Sparing())
    monkeypatch.setattr(handshakes, "_servers", handshakes.Sparing())
    return caplog


def test_a_flood_of_refusals_is_a_line_a_second(caplog: pytest.LogCaptureFixture) -> None:
    clock = [0.0]
    sparing = handshakes.Sparing(lambda: clock[0])
    for _ in range(1000):
        sparing.tell("no")
    clock[0] = 1.0
    sparing.tell("no")
    assert caplog.messages == ["no", "no (and 999 more since the last line)"]


def test_a_flood_of_one_reason_does_not_hide_another(caplog: pytest.LogCaptureFixture) -> None:
    sparing = handshakes.Sparing(lambda: 0.0)
    for number in range(1000):
        sparing.tell("no")
        sparing.tell(f"reason {number}")
    assert caplog.messages[:3] == ["no", "reason 0", "reason 1 (and 1 more since the last line)"]
    assert len(caplog.messages) == handshakes.MOST


@pytest.mark.parametrize(
    ("client", "reason"),
    [
        pytest.param(svid(CLIENT, start=now() - 2 * HOUR, end=now() - HOUR), "certificate has expired", id="expired"),
        pytest.param(
            svid(CLIENT, start=now() + HOUR, end=now() + 2 * HOUR), "certificate is not yet valid", id="not yet valid"
        ),
        pytest.param(svid(CLIENT, OTHER), "self-signed certificate in certificate chain", id="another authority"),
        pytest.param(svid(CLIENT, RETIRED), "unable to get local issuer certificate", id="a retired root"),
        pytest.param(None, "peer did not return a certificate", id="no certificate"),
    ],
)
def test_a_client_that_no_anchor_vouches_for_is_refused_in_the_handshake(
    client: X509Svid | None, reason: str, every_line: pytest.LogCaptureFixture
) -> None:
    async def main() -> tuple[str, list[str]]:
        async with serving(mutual_server_context(svid(SERVER), BUNDLE)) as (port, seen):
            try:
                return await call(port, client_context(BUNDLE, client)), seen
            except (ssl.SSLError, ConnectionError):
                return "refused", seen

    said, seen = asyncio.run(main())
    assert said in ("refused", "")  # in TLS 1.3 a client may learn of it only when it reads
    assert seen == []
    assert "Refused a TLS connection: " in every_line.text
    assert reason in every_line.text


def self_signed(uri: str) -> X509Svid:
    leaf, key = Authority("self").issue(uri)
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    builder = (
        x509.CertificateBuilder()
        .subject_name(leaf.subject)
        .issuer_name(leaf.subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now() - HOUR)
        .not_valid_after(now() + HOUR)
        .add_extension(names, critical=True)
    )
    return make_svid([builder.sign(key, None)], key)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "server",
    [
        pytest.param(svid(SERVER, start=now() - 2 * HOUR, end=now() - HOUR), id="expired"),
        pytest.param(svid(SERVER, OTHER), id="another authority"),
        pytest.param(self_signed(SERVER), id="self-signed"),
    ],
)
def test_a_client_refuses_a_server_that_no_anchor_vouches_for(
    server: X509Svid, every_line: pytest.LogCaptureFixture
) -> None:
    async def main() -> None:
        async with serving(serving_context(server)) as (port, _):
            await call(port, client_context(BUNDLE))

    with pytest.raises(ssl.SSLCertVerificationError):
        asyncio.run(main())
    assert "Cannot connect by TLS: the peer's certificate is not accepted: " in every_line.text


def test_the_wrong_server_is_refused_by_its_id_before_anything_is_read() -> None:
    async def main() -> None:
        async with serving(serving_context(svid(SERVER))) as (port, _):
            await call(port, client_context(BUNDLE), AppPeer("default", "another"))

    with pytest.raises(PeerRefusedError, match="unexpected SPIFFE ID"):
        asyncio.run(main())


@pytest.mark.parametrize(
    ("uris", "reason"),
    [((), "no URI SAN"), ((CLIENT, CLIENT + "2"), "more than one URI SAN"), (("https://x/y",), "no SPIFFE ID")],
    ids=["no id", "two ids", "another URI"],
)
def test_a_right_chain_without_one_id_is_refused_after_the_handshake(uris: tuple[str, ...], reason: str) -> None:
    leaf, key = ISSUER.issue(*uris, dns=["client"])
    odd = X509Svid(parse_spiffe_id(CLIENT), (leaf, ISSUER.certificate), key)  # type: ignore[arg-type]

    async def main() -> list[str]:
        async with serving(mutual_server_context(svid(SERVER), BUNDLE)) as (port, seen):
            with contextlib.suppress(ConnectionError, ssl.SSLError):
                await call(port, client_context(BUNDLE, odd))
            return seen

    (said,) = asyncio.run(main())
    assert reason in said


def test_the_anchor_that_vouched_is_known() -> None:
    async def main() -> bytes:
        async with serving(serving_context(svid(SERVER))) as (port, _):
            _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=client_context(BUNDLE), server_hostname="")
            anchor = authenticate(writer.get_extra_info("ssl_object")).anchor
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()
            return anchor

    assert asyncio.run(main()) in BUNDLE


@pytest.mark.parametrize("loop", LOOPS)
def test_an_intermediate_authority_can_be_the_anchor(loop: Callable[[], asyncio.AbstractEventLoop] | None) -> None:
    anchored = TrustBundle.of(ISSUER.certificate)
    others = Authority("other issuer", issuer=ROOT)

    async def main() -> list[str]:
        switching = SwitchingContext(mutual_server_context(svid(SERVER), anchored))
        async with serving(switching.front) as (port, seen):
            assert await call(port, client_context(anchored, svid(CLIENT))) == CLIENT
            with contextlib.suppress(ConnectionError, ssl.SSLError):
                await call(port, client_context(BUNDLE, svid(CLIENT, others)))
            return seen

    with asyncio.Runner(loop_factory=loop) as runner:
        assert runner.run(main()) == [CLIENT]


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1], ids=["1.0", "1.1"])
@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_a_client_of_tls_below_1_2_is_refused(version: ssl.TLSVersion, every_line: pytest.LogCaptureFixture) -> None:
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.check_hostname = False
    old.verify_mode = ssl.CERT_NONE
    old.set_ciphers("ALL:@SECLEVEL=0")
    old.minimum_version = old.maximum_version = version

    async def main() -> None:
        async with serving(serving_context(svid(SERVER))) as (port, _):
            await call(port, old)

    with pytest.raises((ssl.SSLError, ConnectionError)):
        asyncio.run(main())
    assert "Refused a TLS connection: unsupported protocol" in every_line.text


def test_plain_text_on_a_tls_port_gets_no_answer_of_the_application(every_line: pytest.LogCaptureFixture) -> None:
    async def main() -> tuple[bytes, list[str]]:
        async with serving(serving_context(svid(SERVER))) as (port, seen):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            try:
                answer = await reader.read()
            except ConnectionError:
                answer = b""
            writer.close()
            return answer, seen

    answer, seen = asyncio.run(main())
    assert (SERVER.encode() in answer, seen) == (False, [])
    assert "the peer does not speak TLS" in every_line.text


def test_tls_to_a_plain_port_fails_and_says_so(every_line: pytest.LogCaptureFixture) -> None:
    async def greet(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 hello\r\n")
        writer.close()

    async def main() -> None:
        server = await asyncio.start_server(greet, "127.0.0.1", 0)
        async with server:
            await call(server.sockets[0].getsockname()[1], client_context(BUNDLE))

    with pytest.raises((ssl.SSLError, ConnectionError)):
        asyncio.run(main())
    assert "Cannot connect by TLS: the peer does not speak TLS" in every_line.text


@pytest.mark.parametrize("loop", LOOPS)
@pytest.mark.parametrize("name", ["", "server.default.svc"], ids=["no server name", "a server name"])
def test_a_listening_server_shows_and_trusts_what_is_in_force(
    loop: Callable[[], asyncio.AbstractEventLoop] | None, name: str
) -> None:
    new_root = Authority("new")
    new_bundle = TrustBundle.of(new_root.certificate)

    async def main() -> None:
        switching = SwitchingContext(mutual_server_context(svid(SERVER), BUNDLE))
        async with serving(switching.front) as (port, seen):
            assert await call(port, client_context(BUNDLE, svid(CLIENT)), name=name) == CLIENT
            switching.switch(mutual_server_context(svid(SERVER, new_root), new_bundle))
            assert await call(port, client_context(new_bundle, svid(CLIENT, new_root)), name=name) == CLIENT
            both = TrustBundle.of(ROOT.certificate, new_root.certificate)
            with contextlib.suppress(ConnectionError, ssl.SSLError):
                await call(port, client_context(both, svid(CLIENT)))  # the old root is withdrawn
            assert seen == [CLIENT, CLIENT]

    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(main())


def test_no_session_outlives_its_handshake() -> None:
    async def main() -> bool:
        context = client_context(BUNDLE)
        async with serving(serving_context(svid(SERVER))) as (port, _):
            await call(port, context)
            _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context, server_hostname="")
            reused = bool(writer.get_extra_info("ssl_object").session_reused)
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()
            return reused

    assert asyncio.run(main()) is False


def test_a_key_leaves_no_file_and_no_descriptor_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    before = len(os.listdir("/proc/self/fd"))
    serving_context(svid(SERVER))
    assert list(tmp_path.iterdir()) == []
    assert len(os.listdir("/proc/self/fd")) == before


def test_a_closed_port_is_told_as_such() -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        with pytest.raises(ConnectionRefusedError):
            asyncio.run(call(bound.getsockname()[1], client_context(BUNDLE)))
