"""Who is believed: the rules of every request, and the tokens of the jwks validator."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import ssl
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from support.identities import Authority, key_pem, new_key, pem

from dapr_core.identity import jwk, jwt
from dapr_core.identity.algorithms import ALGORITHMS
from dapr_core.identity.keys import PrivateKey, generate
from dapr_core.identity.spiffe import parse_spiffe_id
from dapr_core.process.health import HealthRegistry
from dapr_core.rpc.http1.server import HTTP1Server
from dapr_core.rpc.messages import Request, Response
from dapr_core.rpc.tls import load_identity
from dapr_sentry.validators.contract import Claim, RefusedError
from dapr_sentry.validators.insecure import InsecureValidator
from dapr_sentry.validators.jwks import JwksOptions, JwksOptionsError, JwksValidator
from dapr_sentry.validators.keysource import FileKeys, KeySourceError, UrlKeys

SENTRY = parse_spiffe_id("spiffe://localhost/ns/default/dapr-sentry")
SUBJECT = "spiffe://public/ns/default/myapp"
NOW = 1_800_000_000.0
KEY = generate()


def jwks(*keys: PrivateKey) -> bytes:
    return json.dumps({"keys": [{**jwk.members_of(key.public_key()), "kid": "k"} for key in keys]}).encode()


def validate(claim: Claim) -> str:
    return str(asyncio.run(InsecureValidator().validate(claim)).identity)


@pytest.mark.parametrize(
    ("domain", "identity"), [("", SUBJECT), ("cluster.local", SUBJECT.replace("public", "cluster.local"))]
)
def test_the_trust_domain_is_the_one_asked_for_or_public(domain: str, identity: str) -> None:
    assert validate(Claim("myapp", "default", domain)) == identity


@pytest.mark.parametrize(
    ("claim", "reason"),
    [
        (Claim("", "default"), "parameter app-id cannot be empty"),
        (Claim("a.b", "default"), "parameter app-id cannot contain dots"),
        (Claim("a" * 65, "default"), "app ID must be 64 characters or less"),
        (Claim("ä" * 33, "default"), "app ID must be 64 characters or less"),
        (Claim("a", "default", has_csr=False), "CSR is required"),
        (Claim("a", ""), "namespace is required"),
        (Claim("ns:sa", "default"), "cannot stand in a SPIFFE ID"),
        (Claim("a/b", "default"), "cannot stand in a SPIFFE ID"),
        (Claim("a", "../x"), "cannot stand in a SPIFFE ID"),
        (Claim("a", "default", "Bad Domain"), "trust domain characters"),
    ],
)
def test_a_request_that_breaks_a_rule_is_refused(claim: Claim, reason: str) -> None:
    with pytest.raises(RefusedError, match=reason) as caught:
        validate(claim)
    assert str(caught.value).startswith("invalid request: ")


def test_all_broken_rules_are_named_a_line_each() -> None:
    with pytest.raises(RefusedError) as caught:
        validate(Claim("", "", has_csr=False))
    assert str(caught.value).splitlines() == [
        "invalid request: parameter app-id cannot be empty",
        "CSR is required",
        "namespace is required",
    ]


def test_the_longest_names_are_taken() -> None:
    assert validate(Claim("a" * 64, "n" * 253)).endswith("/" + "a" * 64)


def token(key: PrivateKey = KEY, **changes: Any) -> str:
    claims = {"sub": SUBJECT, "aud": [str(SENTRY)], "iat": NOW, "nbf": NOW, "exp": NOW + 60, **changes}
    return jwt.sign(key, ALGORITHMS["EdDSA"], {name: value for name, value in claims.items() if value}, kid="k")


def ask(text: str, *, source: bytes | str | None = None, **changes: Any) -> str:
    async def main() -> str:
        options = JwksOptions.read({"source": (source or jwks(KEY).decode())})
        validator = JwksValidator(options, SENTRY, HealthRegistry().target("sentry-jwks-validator"), lambda: NOW)
        await validator.start()
        try:
            return str((await validator.validate(Claim("myapp", "default", token=text, **changes))).identity)
        finally:
            await validator.stop()

    return asyncio.run(main())


@pytest.mark.parametrize("encoded", [False, True], ids=["plain", "base64"])
def test_a_good_token_proves_its_subject(encoded: bool) -> None:
    literal = base64.b64encode(jwks(KEY)).decode() if encoded else jwks(KEY).decode()
    assert ask(token(), source=literal) == SUBJECT


def test_the_subject_includes_the_trust_domain_asked_for() -> None:
    text = token(sub=SUBJECT.replace("public", "my.domain"))
    assert ask(text, trust_domain="my.domain").startswith("spiffe://my.domain/")
    with pytest.raises(RefusedError, match='"sub"'):
        ask(token(), trust_domain="my.domain")


ALG_NONE = ".".join(
    base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()
    for part in ({"alg": "none"}, {"sub": SUBJECT, "aud": str(SENTRY)})
)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param("", "the request does not contain a token", id="no token"),
        pytest.param("rubbish", "token validation failed: ", id="rubbish"),
        pytest.param(token(aud=["dapr.io/other"]), '"aud"', id="wrong audience"),
        pytest.param(token(aud=None), '"aud"', id="no audience"),
        pytest.param(token(sub="spiffe://public/ns/default/other"), '"sub"', id="another's token"),
        pytest.param(token(sub=None), '"sub"', id="no subject"),
        pytest.param(token(exp=NOW - 400), '"exp"', id="expired"),
        pytest.param(token(nbf=NOW + 400), '"nbf"', id="not yet valid"),
        pytest.param(token(iat=NOW + 400), '"iat"', id="from the future"),
        pytest.param(token(generate()), "could not verify message", id="forged"),
        pytest.param(ALG_NONE + ".", "could not verify message", id="alg none"),
    ],
)
def test_a_token_that_proves_nothing_is_refused(text: str, reason: str) -> None:
    with pytest.raises(RefusedError, match=reason):
        ask(text)


def test_without_keys_nobody_is_believed() -> None:
    validator = JwksValidator(JwksOptions("{}"), SENTRY, HealthRegistry().target("x"))
    with pytest.raises(RefusedError, match="jwks validator not ready"):
        asyncio.run(validator.validate(Claim("myapp", "default", token="x")))


@pytest.mark.parametrize(
    ("options", "refresh"),
    [
        ({"source": "x"}, 600.0),
        ({"source": "x", "minRefreshInterval": "2m"}, 120.0),
        ({"source": "x", "minRefreshInterval": 30}, 30.0),
        ({"source": "x", "minrefreshinterval": "45"}, 45.0),
        ({"source": "x", "minRefreshInterval": "1s"}, 600.0),
    ],
)
def test_times_are_durations_or_seconds(options: dict[str, Any], refresh: float) -> None:
    assert JwksOptions.read(options).refresh == refresh


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({}, "'source'"),
        ({"source": 7}, "'source'"),
        ({"source": "x", "sauce": "y"}, "no option 'sauce'"),
        ({"source": "x", "requestTimeout": "soon"}, "no duration"),
    ],
)
def test_options_that_do_not_fit_are_refused(options: dict[str, Any], reason: str) -> None:
    with pytest.raises(JwksOptionsError, match=reason):
        JwksOptions.read(options)


@pytest.mark.parametrize("source", ["/does/not/exist", "rubbish", '{"keys": 7}'])
def test_a_source_that_is_none_stops_sentry(source: str) -> None:
    with pytest.raises(KeySourceError):
        ask(token(), source=source)


def test_keys_in_a_file_are_taken_anew_when_it_changes(tmp_path: Path) -> None:
    path = tmp_path / "jwks.json"
    path.write_bytes(jwks(KEY))
    other = generate()

    async def main() -> int:
        source = FileKeys(str(path), interval=0.01)
        assert len((await source.load()).keys) == 1
        path.write_bytes(jwks(KEY, other))  # before anybody looks again
        return len((await asyncio.wait_for(anext(source.updates()), 5)).keys)

    assert asyncio.run(main()) == 2


@contextlib.asynccontextmanager
async def web(answers: list[Response], context: ssl.SSLContext | None) -> AsyncIterator[int]:
    """A web server that gives these answers one after another, the last one for ever."""

    def handle(_request: Request) -> Response:
        return answers.pop(0) if len(answers) > 1 else answers[0]

    server = HTTP1Server(handle)
    ((_, port),) = await server.serve_tcp("127.0.0.1", 0, ssl_context=context)
    try:
        yield port
    finally:
        await server.close()


def tls() -> tuple[ssl.SSLContext, bytes]:
    """A server's context for the name localhost, and its authority."""
    root = Authority("web", "ecdsa")
    leaf, key = root.issue(key=new_key("ecdsa"), dns=["localhost"])
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    load_identity(context, pem(leaf), key_pem(key))
    return context, pem(root.certificate)


def fetch(answers: list[Response], *, ca: bytes | None = None) -> int:
    async def main() -> int:
        context, own = tls()
        async with web(answers, context) as port:
            url = f"https://localhost:{port}/keys.json"
            source = UrlKeys(url, ca=own if ca is None else ca, refresh=0.05, timeout=5)
            return len((await source.load()).keys)

    return asyncio.run(main())


def test_keys_are_fetched_over_https_with_a_custom_ca() -> None:
    assert fetch([Response(200, [], jwks(KEY))]) == 1


def test_a_server_of_another_ca_gives_no_keys() -> None:
    with pytest.raises(KeySourceError, match="certificate verify failed"):
        fetch([Response(200, [], jwks(KEY))], ca=pem(Authority("other", "ecdsa").certificate))


def test_a_redirect_is_followed() -> None:
    assert fetch([Response(302, [(b"location", b"/elsewhere")]), Response(200, [], jwks(KEY))]) == 1


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        ([Response(404)], "status 404"),
        ([Response(302, [(b"location", b"http://localhost/x")])], "redirects from https"),
        ([Response(302, [(b"location", b"/again")])], "redirects more than"),
        ([Response(200, [], b"x" * 2_000_000)], "longer than"),
        ([Response(200, [], b"rubbish")], "no JSON"),
    ],
)
def test_an_answer_that_is_no_key_set_is_refused(answers: list[Response], reason: str) -> None:
    with pytest.raises(KeySourceError, match=reason):
        fetch(answers)


def test_keys_of_a_url_are_fetched_again_and_kept_while_that_fails(caplog: pytest.LogCaptureFixture) -> None:
    answers = [Response(500), Response(200, [], jwks(KEY, generate()))]

    async def main() -> int:
        async with web(answers, None) as port:
            source = UrlKeys(f"http://127.0.0.1:{port}/", refresh=0.02, timeout=5)
            return len((await asyncio.wait_for(anext(source.updates()), 5)).keys)

    assert asyncio.run(main()) == 2
    assert "Keeping the keys in force" in caplog.text
