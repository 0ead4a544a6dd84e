"""Who may call whom: caller × server → accepted, refused in TLS, refused by policy (control-plane.md §2.5, §2.6).

Each cell is a connection to or from a real sidecar, whose sentry is a test authority's. Whoever refuses says why in its
log, and not a byte of the call reaches whom it is not for.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from support import manifests
from support.calls import call
from support.echo_app import EchoApp, echo_app
from support.identities import EMPTY, HOUR, Authority, new_key, now, usage
from support.manifests import finding
from support.mtls import (
    ACCEPTED,
    REFUSED_BY_POLICY,
    REFUSED_IN_TLS,
    Identity,
    Outcome,
    World,
    announced,
    until_line,
    world,
)
from support.processes import Daprd, daprd
from support.sentry_process import sentry
from support.sign import request_of
from support.tls_servers import Answering

from dapr_core.proto.gen.sentry.v1.sentry_grpc import CAStub
from dapr_core.rpc.grpc import Channel, ChannelOptions

CALLER = "spiffe://public/ns/default/caller"
CALLEE = "spiffe://public/ns/default/callee"
POLICY = {
    "defaultAction": "deny",
    "trustDomain": "public",
    "policies": [
        {
            "appId": "caller", "namespace": "default", "trustDomain": "public", "defaultAction": "deny",
            "operations": [{"name": "/hello", "httpVerb": ["GET"], "action": "allow"}],
        }
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def app() -> Iterator[EchoApp]:
    with echo_app() as running:
        yield running


@pytest.fixture(scope="module")
def here() -> Iterator[World]:
    with world() as made:
        yield made


@pytest.fixture(scope="module")
def open_callee(here: World, app: EchoApp) -> Iterator[Daprd]:
    """A sidecar without access policies."""
    with here.daprd("callee", app_port=app.port) as process:
        yield process


@pytest.fixture(scope="module")
def guarded_callee(here: World, app: EchoApp, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daprd]:
    """A sidecar that lets ``caller`` GET ``/hello``, and nobody anything else."""
    path = tmp_path_factory.mktemp("config") / "config.yaml"
    manifests.write(path, manifests.configuration({"accessControl": POLICY}))
    with here.daprd("guarded", app_port=app.port, config=path) as process:
        yield process


# --- A sidecar as server: callers with an identity

WORKLOADS = [
    pytest.param(CALLER, ACCEPTED, id="a sidecar"),
    pytest.param("spiffe://public/ns/default/other", REFUSED_BY_POLICY, id="another sidecar"),
    pytest.param("spiffe://public/ns/other/caller", REFUSED_BY_POLICY, id="a sidecar of another namespace"),
    pytest.param("spiffe://foreign/ns/default/caller", REFUSED_BY_POLICY, id="a foreign trust domain"),
    pytest.param("spiffe://public/ns/default/caller/more", ACCEPTED, id="segments after the app id"),
    pytest.param("spiffe://public/ns/default", REFUSED_BY_POLICY, id="an id of no workload"),
    *[
        pytest.param(f"spiffe://localhost/ns/default/dapr-{name}", REFUSED_BY_POLICY, id=f"the control plane's {name}")
        for name in ("sentry", "operator", "injector", "placement", "scheduler")
    ],
]


@pytest.mark.parametrize(("identity", "with_policies"), WORKLOADS)
def test_whoever_an_anchor_vouches_for_may_call_a_sidecar_without_policies(
    identity: str, with_policies: str, here: World, open_callee: Daprd
) -> None:
    assert with_policies in (ACCEPTED, REFUSED_BY_POLICY)
    outcome = here.call(open_callee.internal_port, here.client(here.identity(identity)))
    assert outcome.word == ACCEPTED, outcome.text


@pytest.mark.parametrize(("identity", "expected"), WORKLOADS)
def test_policies_decide_about_whoever_is_let_in(
    identity: str, expected: str, here: World, guarded_callee: Daprd
) -> None:
    context = here.client(here.identity(identity))
    if expected == ACCEPTED:
        outcome = here.call(guarded_callee.internal_port, context)
    else:
        outcome = until_line(guarded_callee, identity, lambda: here.call(guarded_callee.internal_port, context))
        assert identity in outcome.text
    assert outcome.word == expected, outcome.text


@pytest.mark.parametrize(
    ("method", "verb", "expected"),
    [
        ("hello", "GET", ACCEPTED),
        ("HELLO", "GET", ACCEPTED),
        ("/hello", "GET", ACCEPTED),
        ("x/../hello", "GET", ACCEPTED),
        ("hello", "POST", REFUSED_BY_POLICY),
        ("goodbye", "GET", REFUSED_BY_POLICY),
        ("hello/../goodbye", "GET", REFUSED_BY_POLICY),
        ("hello%2f..%2fgoodbye", "GET", REFUSED_BY_POLICY),
    ],
)
def test_policies_decide_operation_by_operation(
    method: str, verb: str, expected: str, here: World, guarded_callee: Daprd
) -> None:
    outcome = here.call(guarded_callee.internal_port, here.client(here.identity(CALLER)), method, verb)
    assert outcome.word == expected, outcome.text


def test_the_application_is_told_the_proved_caller(here: World, open_callee: Daprd, app: EchoApp) -> None:
    # The test's client says that it is "liar".
    assert here.call(open_callee.internal_port, here.client(here.identity(CALLER)), "told").word == ACCEPTED
    told = next(each for each in app.received if each.target == "/told")
    assert (told.header("dapr-caller-app-id"), told.header("dapr-caller-namespace")) == ("caller", "default")


def test_decisions_are_counted(here: World, guarded_callee: Daprd) -> None:
    for identity in (CALLER, "spiffe://public/ns/default/counted"):
        here.call(guarded_callee.internal_port, here.client(here.identity(identity)))
    text = call(guarded_callee.metrics_port, "GET", "/").text
    name = "dapr_runtime_acl_{}_policy_action_{}_total"
    labels = '{{app_id="{}",namespace="default",trustDomain="public"}}'
    assert name.format("app", "allowed") + labels.format("caller") in text
    assert name.format("global", "blocked") + labels.format("counted") + " 1" in text


# --- Certificates that prove nothing, shown by clients and by servers

Make = Callable[[World, str], Identity]


def _self_signed(uri: str) -> Identity:
    key = new_key()
    names = x509.SubjectAlternativeName([x509.UniformResourceIdentifier(uri)])
    leaf = (
        x509.CertificateBuilder()
        .subject_name(EMPTY)
        .issuer_name(EMPTY)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now() - HOUR)
        .not_valid_after(now() + HOUR)
        .add_extension(names, critical=True)
        .sign(key, None)
    )
    return Identity((leaf,), key)


def _retired() -> Authority:
    return Authority("retired issuer", issuer=Authority("retired"))


def _ca() -> x509.BasicConstraints:
    return x509.BasicConstraints(ca=True, path_length=None)


WRONG: dict[str, tuple[str, Make]] = {
    "expired": ("has expired", lambda w, uri: w.identity(uri, start=now() - 2 * HOUR, end=now() - HOUR)),
    "not yet valid": ("not yet valid", lambda w, uri: w.identity(uri, start=now() + HOUR, end=now() + 2 * HOUR)),
    "self-signed": ("self-signed certificate", lambda _, uri: _self_signed(uri)),
    "of another authority": ("unable to get local issuer", lambda w, uri: w.identity(uri, issuer=Authority("other"))),
    "of a retired root": ("unable to get local issuer", lambda w, uri: w.identity(uri, issuer=_retired())),
    "without SAN": ("certificate contains no URI SAN", lambda w, _: w.identity()),
    "with a DNS name only": ("certificate contains no URI SAN", lambda w, _: w.identity(dns=["callee.default.svc"])),
    "with two SPIFFE ids": ("more than one URI SAN", lambda w, uri: w.identity(uri, uri + "2")),
    "with another scheme": ("the URI SAN is no SPIFFE ID", lambda w, uri: w.identity(uri.replace("spiffe", "https"))),
    "with capitals": ("the URI SAN is no SPIFFE ID", lambda w, uri: w.identity(uri.replace("public", "PUBLIC"))),
    "with a climbing path": ("the URI SAN is no SPIFFE ID", lambda w, uri: w.identity(uri.replace("/ns", "/x/../ns"))),
    "of an authority itself": ("must not have CA flag set", lambda w, uri: w.identity(uri, constraints=_ca())),
    "that signs certificates": (
        "must not have 'keyCertSign'", lambda w, uri: w.identity(uri, key_usage=usage(certificates=True)),
    ),
    "that signs revocations": ("must not have 'cRLSign'", lambda w, uri: w.identity(uri, key_usage=usage(lists=True))),
}  # fmt: skip


@pytest.mark.parametrize("kind", WRONG)
def test_a_client_with_a_certificate(kind: str, here: World, open_callee: Daprd, app: EchoApp) -> None:
    """Is refused, the sidecar says why, and the application hears nothing."""
    reason, make = WRONG[kind]
    context = here.client(make(here, CALLER))
    outcome = until_line(open_callee, reason, lambda: here.call(open_callee.internal_port, context, "impostor"))
    assert outcome.word == REFUSED_IN_TLS, outcome.text
    assert "Refused a TLS connection: " in next(line for line in open_callee.lines if reason in line)
    assert not [each for each in app.received if "impostor" in each.target]


def test_a_client_without_a_certificate(here: World, open_callee: Daprd) -> None:
    outcome = until_line(
        open_callee, "Refused a TLS connection: peer did not return a certificate",
        lambda: here.call(open_callee.internal_port, here.client(None)),
    )  # fmt: skip
    assert outcome.word == REFUSED_IN_TLS, outcome.text


def test_a_client_that_speaks_plain_text(here: World, open_callee: Daprd) -> None:
    outcome = until_line(
        open_callee, "Refused a TLS connection: the peer does not speak TLS",
        lambda: here.call(open_callee.internal_port, None),
    )  # fmt: skip
    assert outcome.word == REFUSED_IN_TLS, outcome.text


@pytest.mark.filterwarnings("ignore:.*TLSv1:DeprecationWarning")
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1], ids=["1.0", "1.1"])
def test_a_client_of_an_old_tls(version: ssl.TLSVersion, here: World, open_callee: Daprd) -> None:
    context = here.client(here.identity(CALLER))
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = context.maximum_version = version

    def handshake() -> Outcome:
        with socket.create_connection(("127.0.0.1", open_callee.internal_port), 10) as raw:
            with pytest.raises(ssl.SSLError) as raised:
                context.wrap_socket(raw)
            return Outcome(REFUSED_IN_TLS, str(raised.value))

    until_line(open_callee, "Refused a TLS connection: unsupported protocol", handshake)


def test_a_client_of_tls_1_2_is_served(here: World, open_callee: Daprd) -> None:
    context = here.client(here.identity(CALLER))
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    assert here.call(open_callee.internal_port, context).word == ACCEPTED


def test_what_is_for_applications_stays_in_clear_text(open_callee: Daprd) -> None:
    assert call(open_callee.http_port, "GET", "/v1.0/healthz").status == 204
    assert call(open_callee.public_port, "GET", "/v1.0/healthz").status == 204


# --- A sidecar without mTLS as server


def test_a_tls_client_of_a_sidecar_without_mtls(here: World, app: EchoApp) -> None:
    with daprd("plain", app_port=app.port) as plain:
        context = here.client(here.identity(CALLER))
        outcome = until_line(plain, "a TLS handshake, where", lambda: here.call(plain.internal_port, context))
        assert outcome.word == REFUSED_IN_TLS, outcome.text
        assert "--enable-mtls" in plain.wait_for_line("a TLS handshake, where")
        assert here.call(plain.internal_port, None).word == ACCEPTED


def test_without_mtls_nobody_is_known_and_the_global_action_decides(here: World, app: EchoApp, tmp_path: Path) -> None:
    for action, expected in (("deny", REFUSED_BY_POLICY), ("allow", ACCEPTED)):
        config = tmp_path / f"{action}.yaml"
        manifests.write(config, manifests.configuration({"accessControl": {**POLICY, "defaultAction": action}}))
        with daprd("plain", app_port=app.port, config=config) as plain:
            outcome = here.call(plain.internal_port, None)
            assert outcome.word == expected, outcome.text
            plain.wait_for_line("Without mTLS callers prove no identity")
            if expected == REFUSED_BY_POLICY:
                text = "access control policy has denied access to id:  operation: hello verb: GET"
                assert outcome.text == text
                plain.wait_for_line(text)


# --- A sidecar as client


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("names") / "names.db"


@pytest.fixture(scope="module")
def calling(here: World, names: Path) -> Iterator[Daprd]:
    """A sidecar that finds others in a table."""
    soon = {"policies": {"retries": {"DaprBuiltInServiceRetries": {"policy": "constant", "duration": "1ms"}}}}
    resources = manifests.folder(names.parent / "resources", manifests.resource("Resiliency", "soon", soon))
    with here.daprd("caller", config=finding(names), resources=resources) as process:
        yield process


@contextlib.contextmanager
def served(here: World, names: Path, context: ssl.SSLContext | None) -> Iterator[tuple[Answering, str]]:
    """A server that is to be the sidecar of an application: the server, and the application's id."""
    server = here.loop.run(Answering(context).start())
    app_id = f"callee{server.port}"
    try:
        with announced(here, names, app_id, server.port):
            yield server, app_id
    finally:
        here.loop.run(server.stop())


def invoke(caller: Daprd, app_id: str) -> Any:
    return call(caller.http_port, "GET", f"/v1.0/invoke/{app_id}/method/hello", timeout=60)


@pytest.mark.parametrize(
    ("identity", "accepted"),
    [
        pytest.param("spiffe://public/ns/default/{app}", True, id="the right one"),
        pytest.param("spiffe://foreign/ns/default/{app}", True, id="the right one in a foreign trust domain"),
        pytest.param("spiffe://public/ns/default/other", False, id="another sidecar"),
        pytest.param("spiffe://public/ns/other/{app}", False, id="the same app of another namespace"),
        pytest.param("spiffe://public/ns/default/{app}/more", False, id="an id that goes on"),
        pytest.param("spiffe://public/{app}", False, id="an id of no workload"),
        pytest.param("spiffe://localhost/ns/default/dapr-sentry", False, id="the control plane's sentry"),
        pytest.param("spiffe://localhost/ns/default/dapr-operator", False, id="the control plane's operator"),
    ],
)
def test_a_sidecar_calls_a_server_that_proves_to_be(
    identity: str, accepted: bool, here: World, calling: Daprd, names: Path
) -> None:
    """Only the application that is called, in whatever trust domain."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with served(here, names, context) as (server, app_id):
        here.show(context, here.identity(identity.format(app=app_id)))
        if accepted:
            answer = invoke(calling, app_id)
            assert (answer.status, server.callers) == (200, [CALLER])
        else:
            said = f"expected the path /ns/default/{app_id}"
            answer = until_line(calling, said, lambda: invoke(calling, app_id))
            assert (answer.status, server.callers) == (500, [])
            assert "unexpected SPIFFE ID" in answer.json["message"]


@pytest.mark.parametrize("kind", WRONG)
def test_a_sidecar_calls_a_server_with_a_certificate(kind: str, here: World, calling: Daprd, names: Path) -> None:
    """It gives up before a byte of the call, and says why."""
    reason, make = WRONG[kind]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with served(here, names, context) as (server, app_id):
        here.show(context, make(here, CALLEE.replace("callee", app_id)))
        answer = until_line(calling, reason, lambda: invoke(calling, app_id))
        assert answer.status == 500
        assert "transport: authentication handshake failed" in answer.json["message"]
        assert reason in answer.json["message"]
        assert server.callers == []
        assert "Cannot connect by TLS: " in next(line for line in calling.lines if reason in line)


@pytest.mark.filterwarnings("ignore:.*TLSv1:DeprecationWarning")
def test_a_sidecar_calls_a_server_of_an_old_tls(here: World, calling: Daprd, names: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    with served(here, names, context) as (server, app_id):
        here.show(context, here.identity(CALLEE.replace("callee", app_id)))
        answer = invoke(calling, app_id)
        assert answer.status == 500
        assert "authentication handshake failed: EOF" in answer.json["message"]
        assert server.callers == []


def test_a_sidecar_calls_a_server_that_speaks_plain_text(here: World, calling: Daprd, names: Path) -> None:
    with served(here, names, None) as (server, app_id):
        said = "Cannot connect by TLS: the peer does not speak TLS"
        answer = until_line(calling, said, lambda: invoke(calling, app_id))
        assert answer.status == 500
        assert "the peer does not speak TLS" in answer.json["message"]
        assert server.callers == []


# --- Sentry as server


@pytest.mark.parametrize(
    ("identity", "accepted"),
    [
        pytest.param("spiffe://localhost/ns/default/dapr-sentry", True, id="the control plane's sentry"),
        pytest.param("spiffe://localhost/ns/other/dapr-sentry", False, id="sentry of another namespace"),
        pytest.param("spiffe://foreign/ns/default/dapr-sentry", False, id="sentry of a foreign trust domain"),
        pytest.param("spiffe://localhost/ns/default/dapr-operator", False, id="the control plane's operator"),
        pytest.param("spiffe://public/ns/default/dapr-sentry", False, id="a sidecar of that name"),
        pytest.param("spiffe://public/ns/default/other", False, id="another sidecar"),
    ],
)
def test_a_sidecar_asks_for_its_identity_of(identity: str, accepted: bool) -> None:
    """Exactly the sentry of its control plane; nobody else gets its request, and with it its token."""
    with world(identity=identity) as there, there.daprd("app", ready=None) as process:
        if accepted:
            process.wait_ready()
            assert [request.id for request in there.sentry.requests] == ["app"]
        else:
            process.wait_for_line(f'unexpected ID \\\\\\"{identity}')
            assert there.sentry.requests == []


@pytest.mark.parametrize("shown", ["nothing", "an identity", "an expired one", "one of another authority"])
def test_sentry_asks_no_caller_for_a_certificate(shown: str, here: World, tmp_path: Path) -> None:
    """Who it is, a request proves by its token; the certificate that somebody shows is not even looked at."""
    made = {
        "nothing": None,
        "an identity": here.identity(CALLER),
        "an expired one": here.identity(CALLER, start=now() - 2 * HOUR, end=now() - HOUR),
        "one of another authority": here.identity(CALLER, issuer=Authority("other")),
    }[shown]
    with sentry(tmp_path) as real:
        context = here.client(made)
        context.load_verify_locations(cadata=real.anchors.decode())

        async def ask() -> bytes:
            channel = Channel(real.address, ChannelOptions(ssl=context, connect_timeout=10))
            try:
                return (await CAStub(channel).sign_certificate(request_of(), timeout=10)).workload_certificate
            finally:
                await channel.close()

        assert here.loop.run(ask()).startswith(b"-----BEGIN CERTIFICATE-----")
