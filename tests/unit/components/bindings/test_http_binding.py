"""``bindings.http`` against a real server: what is sent, what comes back, and how it ends when it does not."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import ssl
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from support.bindings import binding
from support.echo_app import Answer, EchoApp, Received, echo_app
from support.ports import free_port

from dapr_components.bindings.contract import BindingError, InvokeRequest, InvokeResult, OutputBinding
from dapr_components.contract import ComponentError


def answer(request: Received) -> Answer:
    """Answers by path: a status, a header twice, a large body, or an echo."""
    path = request.target.split("?")[0]
    if path.startswith("/status/"):
        return Answer(int(path.rsplit("/", 1)[1]), b"said")
    if path == "/twice":
        return Answer(200, b"", [("X-Two", "a"), ("X-Two", "b"), ("x-lower", "c")])
    if path == "/large":
        return Answer(200, b"x" * 200_000)
    if path == "/broken":
        return Answer(raw=b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this")
    return Answer(200, request.body)


@pytest.fixture(scope="module")
def app() -> Iterator[EchoApp]:
    with echo_app(fallback=answer) as running:
        yield running


def invoke(
    url: str, operation: str = "get", data: bytes = b"", metadata: dict[str, str] | None = None, **fields: str
) -> InvokeResult:
    async def main() -> InvokeResult:
        async with binding("bindings.http", OutputBinding, {"url": url, **fields}) as output:  # type: ignore[type-abstract]
            return await output.invoke(InvokeRequest(operation, data, metadata or {}))

    return asyncio.run(main())


def sent(app: EchoApp, operation: str, path: str = "/base", **more: Any) -> Received:
    """What the server got for one call."""
    invoke(f"http://127.0.0.1:{app.port}{path}", operation, **more)
    return app.received[-1]


# -- what is sent


def test_user_and_password_of_the_url_are_basic_credentials(app: EchoApp) -> None:
    invoke(f"http://me:p%40ss@127.0.0.1:{app.port}/base")
    assert app.received[-1].header("authorization") == "Basic " + base64.b64encode(b"me:p@ss").decode()


def test_credentials_of_the_metadata_come_before_those_of_the_url(app: EchoApp) -> None:
    invoke(f"http://me:pass@127.0.0.1:{app.port}/base", metadata={"Authorization": "Bearer own"})
    assert app.received[-1].header("authorization") == "Bearer own"


@pytest.mark.parametrize(
    ("operation", "method", "has_body"),
    [
        ("create", "POST", True), ("post", "POST", True), ("put", "PUT", True), ("patch", "PATCH", True),
        ("get", "GET", False), ("head", "HEAD", False), ("delete", "DELETE", False), ("options", "OPTIONS", False),
        ("trace", "TRACE", False), ("GET", "GET", False),
    ],
)  # fmt: skip
def test_operations_are_methods(app: EchoApp, operation: str, method: str, has_body: bool) -> None:
    request = sent(app, operation, data=b'{"a":1}')
    assert request.line == f"{method} /base HTTP/1.1"
    assert request.body == (b'{"a":1}' if has_body else b"")
    assert request.header("accept") == "application/json; charset=utf-8"
    assert request.header("content-type") == ("application/json; charset=utf-8" if has_body else None)


def test_capitalised_metadata_are_headers_and_replace_ours(app: EchoApp) -> None:
    metadata = {"X-A": "1", "Content-Type": "text/plain", "lower": "no", "Ünicode": "no", "X-Line": "a\r\nX-Evil: 1"}
    request = sent(app, "post", data=b"d", metadata=metadata)
    assert (request.header("x-a"), request.header("content-type")) == ("1", "text/plain")
    assert request.header("lower") is None
    assert request.header("x-evil") is None
    assert request.header("x-line") == "a  X-Evil: 1"


def test_trace_metadata_are_headers(app: EchoApp) -> None:
    request = sent(app, "get", metadata={"traceparent": "p", "tracestate": "s", "baggage": "a=1"})
    assert [request.header(name) for name in ("traceparent", "tracestate", "baggage")] == ["p", "s", "a=1"]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"securityToken": "tok", "securityTokenHeader": "X-Tok"}, "tok"), ({"securityToken": "tok"}, None),
        ({"securityTokenHeader": "X-Tok"}, None),
    ],
    ids=["both", "token only", "header only"],
)  # fmt: skip
def test_the_security_token_is_sent_when_both_fields_are_given(
    app: EchoApp, fields: dict[str, str], expected: str | None
) -> None:
    assert sent(app, "get", **fields).header("x-tok") == expected


@pytest.mark.parametrize(
    ("base", "path", "target"),
    [
        ("", "", "/"), ("/", "", "/"), ("/a", "", "/a"), ("/a/", "b", "/a/b"), ("/a", "//b", "/a/b"),
        ("/a", "b?x=1", "/a/b?x=1"), ("/a?q=1", "", "/a?q=1"), ("/a", "b c", "/a/b%20c"),
        ("/a", "b\r\nX: y", "/a/b%0D%0AX:%20y"),
    ],
    ids=repr,
)  # fmt: skip
def test_the_path_goes_behind_the_url(app: EchoApp, base: str, path: str, target: str) -> None:
    metadata = {"path": path} if path else {}
    assert sent(app, "get", base, metadata=metadata).target == target


# -- what comes back


def test_status_and_headers_come_back_as_metadata(app: EchoApp) -> None:
    result = invoke(f"http://127.0.0.1:{app.port}/twice")
    assert result.metadata == {
        "X-Two": "a, b", "X-Lower": "c", "Content-Length": "0", "statusCode": "200", "status": "200 OK",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("field", "metadata", "fails"),
    [
        ({}, {}, True), ({"errorIfNot2XX": "false"}, {}, False), ({}, {"errorIfNot2XX": "false"}, False),
        ({"errorIfNot2XX": "false"}, {"errorIfNot2XX": "true"}, True),
    ],
    ids=["by default", "manifest says no", "request says no", "request beats manifest"],
)  # fmt: skip
@pytest.mark.parametrize("status", [404, 500, 302])
def test_a_status_outside_2xx_is_an_error_unless_told_otherwise(
    app: EchoApp, field: dict[str, str], metadata: dict[str, str], fails: bool, status: int
) -> None:
    url = f"http://127.0.0.1:{app.port}/status/{status}"
    if fails:
        with pytest.raises(BindingError, match=f"received status code {status}") as caught:
            invoke(url, metadata=metadata, **field)
        got = caught.value.metadata
    else:
        result = invoke(url, metadata=metadata, **field)
        assert result.data == b"said"
        got = result.metadata
    assert got["statusCode"] == str(status)


@pytest.mark.parametrize(
    ("size", "length"), [("1Ki", 1024), ("100k", 100_000), ("0", 200_000), ("", 200_000)], ids=repr
)
def test_the_answer_is_cut_off_at_the_limit(app: EchoApp, size: str, length: int) -> None:
    url = f"http://127.0.0.1:{app.port}/large"
    data = invoke(url, **({"maxResponseBodySize": size} if size else {})).data
    assert data == b"x" * length


# -- how it ends badly


def test_a_server_that_breaks_off_is_an_error(app: EchoApp) -> None:
    with pytest.raises(ComponentError):
        invoke(f"http://127.0.0.1:{app.port}/broken")


def test_a_server_that_is_not_there_is_named() -> None:
    port = free_port()
    with pytest.raises(ComponentError, match=f"127.0.0.1:{port}.*refused"):
        invoke(f"http://127.0.0.1:{port}/")


def test_an_error_shows_the_url_without_what_may_be_secret_in_it() -> None:
    port = free_port()
    with pytest.raises(ComponentError) as caught:
        invoke(f"http://user:s3cret@127.0.0.1:{port}/hook?code=s3cret")
    assert str(caught.value) == f"http://127.0.0.1:{port}/hook: connection refused"


def test_a_server_that_does_not_answer_is_given_up() -> None:
    async def main() -> None:
        async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read()
            writer.close()

        server = await asyncio.start_server(silent, "127.0.0.1", 0)
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        try:
            async with binding(
                "bindings.http",
                OutputBinding,  # type: ignore[type-abstract]
                {"url": url, "responseTimeout": "50ms"},
            ) as output:
                with pytest.raises(ComponentError, match="responseTimeout"):
                    await output.invoke(InvokeRequest("get"))
        finally:
            server.close()
            await server.wait_closed()

    asyncio.run(main())


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"url": "ftp://x"}, "'url'.*http"), ({"url": "http://"}, "'url'"), ({"url": "http://x:99999"}, "port"),
        ({"url": "http://[::1"}, "'url'.*host"), ({"url": "http://é..b/"}, "'url'.*no domain name"),
        ({"url": "http://u:s3cret@x:99999/?code=s3cret"}, "'http://x:99999/'"),
        ({"url": "http://x", "responseTimeout": "soon"}, "responseTimeout"),
        ({"url": "http://x", "maxResponseBodySize": "much"}, "maxResponseBodySize"),
        ({"url": "http://x", "maxResponseBodySize": "-1"}, "maxResponseBodySize"),
        ({"url": "https://x", "MTLSRootCA": "/nowhere"}, "MTLSRootCA.*neither PEM text nor the path"),
        ({"url": "https://x", "MTLSRootCA": "-----BEGIN CERTIFICATE-----\nno"}, "MTLSRootCA"),
        ({"url": "https://x", "MTLSClientCert": "-----BEGIN CERTIFICATE-----"}, "given together"),
        ({"url": "https://x", "MTLSRenegotiation": "often"}, "MTLSRenegotiation"),
    ],
    ids=lambda value: str(value)[:60],
)  # fmt: skip
def test_a_wrong_manifest_is_named(fields: dict[str, str], text: str) -> None:
    url = fields.pop("url")
    try:
        with pytest.raises(ComponentError, match=text):
            invoke(url, **fields)
    finally:
        fields["url"] = url


# -- TLS


def certificate(
    subject: str, issuer: tuple[x509.Certificate, ec.EllipticCurvePrivateKey] | None = None
) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer[0].subject if issuer else name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.now(UTC) - timedelta(minutes=5))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
    )
    return builder.sign(issuer[1] if issuer else key, hashes.SHA256()), key


def pem(value: x509.Certificate | ec.EllipticCurvePrivateKey) -> str:
    if isinstance(value, x509.Certificate):
        return value.public_bytes(serialization.Encoding.PEM).decode()
    return value.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


class Authority:
    """A certificate authority with a server's and a client's certificate."""

    def __init__(self, directory: Path) -> None:
        self.ca = certificate("ca")
        self.server = certificate("localhost", self.ca)
        self.client = certificate("client", self.ca)
        self.directory = directory

    def file(self, name: str, *values: x509.Certificate | ec.EllipticCurvePrivateKey) -> str:
        path = self.directory / name
        path.write_text("".join(pem(value) for value in values))
        return str(path)

    @contextlib.asynccontextmanager
    async def serving(self) -> AsyncIterator[str]:
        """A server that demands a client certificate and answers with the client's name."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=self.file("ca.pem", self.ca[0]))
        context.load_cert_chain(self.file("server.pem", *self.server))
        context.verify_mode = ssl.CERT_REQUIRED

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with contextlib.suppress(OSError, ssl.SSLError, asyncio.IncompleteReadError):
                await reader.readuntil(b"\r\n\r\n")
                peer = writer.get_extra_info("peercert")["subject"][0][0][1].encode()
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % len(peer) + peer)
                await writer.drain()
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
        try:
            yield f"https://localhost:{server.sockets[0].getsockname()[1]}/"
        finally:
            server.close()


@pytest.mark.parametrize("as_files", [False, True], ids=["PEM text", "files"])
def test_both_sides_prove_who_they_are(tmp_path: Path, as_files: bool) -> None:
    authority = Authority(tmp_path)
    parts = {"MTLSRootCA": authority.ca[0], "MTLSClientCert": authority.client[0], "MTLSClientKey": authority.client[1]}
    fields = {name: authority.file(name, part) if as_files else pem(part) for name, part in parts.items()}

    async def main() -> bytes | None:
        async with authority.serving() as url:
            settings = {"url": url, "MTLSRenegotiation": "RenegotiateNever", **fields}
            async with binding("bindings.http", OutputBinding, settings) as output:  # type: ignore[type-abstract]
                return (await output.invoke(InvokeRequest("get"))).data

    assert asyncio.run(main()) == b"client"


def test_a_server_of_another_authority_is_refused(tmp_path: Path) -> None:
    authority = Authority(tmp_path)

    async def main() -> None:
        async with authority.serving() as url:
            settings = {"url": url, "MTLSRootCA": pem(certificate("other")[0])}
            async with binding("bindings.http", OutputBinding, settings) as output:  # type: ignore[type-abstract]
                with pytest.raises(ComponentError, match=r"(?i)certificate verify failed"):
                    await output.invoke(InvokeRequest("get"))

    asyncio.run(main())
