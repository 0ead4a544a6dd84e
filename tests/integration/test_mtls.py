"""Mutual TLS in the life of a sidecar: its identity comes before everything else, and every kind of call stands on it.

The sentry is a real process here; ``test_who_may_call`` has the table of who is let in.
"""

from __future__ import annotations

import datetime
import http.client
import queue
import signal
import subprocess
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ed25519
from support import manifests
from support.calls import call
from support.echo_app import Answer, EchoApp, Received, echo_app
from support.grpc_app import CALLBACK, GrpcApp, grpc_app, recorded_app
from support.identities import Authority, now, pem
from support.mtls import REFUSED_IN_TLS, world
from support.ports import free_port
from support.processes import Daprd, daprd, http_status
from support.sentry_process import Sentry, sentry
from support.steady_calls import short_lives

from dapr_core.proto.gen.common.v1 import common_pb2
from dapr_core.proto.gen.runtime.v1 import invoke_pb2


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sentry]:
    with sentry(tmp_path_factory.mktemp("sentry")) as process:
        yield process


def flags(process: Sentry) -> tuple[str, ...]:
    return ("--enable-mtls", f"--sentry-address={process.address}")


def anchors(process: Sentry) -> dict[str, str]:
    return {"DAPR_TRUST_ANCHORS": process.anchors.decode()}


# --- Calls


@pytest.fixture(scope="module")
def web() -> Iterator[EchoApp]:
    with echo_app() as app:
        yield app


@pytest.fixture(scope="module")
def rpc() -> Iterator[GrpcApp]:
    with grpc_app(recorded_app()) as app:
        yield app


@pytest.fixture(scope="module")
def caller(authority: Sentry) -> Iterator[Daprd]:
    with daprd("caller", *flags(authority), env=anchors(authority)) as process:
        yield process


@pytest.fixture(scope="module")
def web_callee(authority: Sentry, web: EchoApp) -> Iterator[Daprd]:
    with daprd("web", *flags(authority), env=anchors(authority), app_port=web.port) as process:
        yield process


@pytest.fixture(scope="module")
def rpc_callee(authority: Sentry, rpc: GrpcApp) -> Iterator[Daprd]:
    options = (*flags(authority), "--app-protocol=grpc")
    with daprd("rpc", *options, env=anchors(authority), app_port=rpc.port) as process:
        yield process


def test_an_http_call(caller: Daprd, web_callee: Daprd, web: EchoApp) -> None:
    answer = call(caller.http_port, "POST", "/v1.0/invoke/web/method/a/b?c=d", b"x" * 100_000)
    assert answer.status == 200, answer.text
    told = next(each for each in web.received if each.target == "/a/b?c=d")
    assert (told.method, len(told.body), told.header("dapr-caller-app-id")) == ("POST", 100_000, "caller")


def test_a_streamed_http_call(caller: Daprd, web_callee: Daprd, web: EchoApp) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", caller.http_port, timeout=30)
    pieces = (b"y" * 65536 for _ in range(32))
    connection.request("POST", "/v1.0/invoke/web/method/streamed", pieces, encode_chunked=True,
                       headers={"Transfer-Encoding": "chunked"})  # fmt: skip
    answer = connection.getresponse()
    answer.read()
    connection.close()
    assert answer.status == 200
    assert [len(each.body) for each in web.received if each.target == "/streamed"] == [32 * 65536]


def test_a_call_of_invoke_service(caller: Daprd, rpc_callee: Daprd, rpc: GrpcApp) -> None:
    message = common_pb2.InvokeRequest(method="hello")
    with grpc.insecure_channel(f"127.0.0.1:{caller.grpc_port}") as channel:
        ask = channel.unary_unary("/dapr.proto.runtime.v1.Dapr/InvokeService")
        ask(invoke_pb2.InvokeServiceRequest(id="rpc", message=message).SerializeToString(), timeout=30)
    told = rpc.wait_for(CALLBACK + "OnInvoke")[0]
    assert told.values("dapr-caller-app-id") == ["caller"]


def test_a_proxied_call_and_a_proxied_stream(caller: Daprd, rpc_callee: Daprd, rpc: GrpcApp) -> None:
    to_rpc = [("dapr-app-id", "rpc")]
    with grpc.insecure_channel(f"127.0.0.1:{caller.grpc_port}") as channel:
        assert channel.unary_unary("/my.Echo/Say")(b"hello", metadata=to_rpc, timeout=30) == b"hello"
        chat = channel.stream_stream("/my.Echo/Chat")
        assert list(chat(iter([b"1", b"2", b"3"]), metadata=to_rpc, timeout=30)) == [b"1", b"2", b"3"]
    told = rpc.wait_for("/my.Echo/Say")[0]
    assert told.values("dapr-caller-app-id") == ["caller"]
    assert told.values("dapr-caller-namespace") == ["default"]


def test_an_application_of_another_namespace_is_called_by_its_own_name(
    authority: Sentry, caller: Daprd, web: EchoApp
) -> None:
    env = {**anchors(authority), "NAMESPACE": "elsewhere"}
    with daprd("far", *flags(authority), env=env, app_port=web.port):
        assert call(caller.http_port, "GET", "/v1.0/invoke/far.elsewhere/method/far", timeout=60).status == 200


# --- Identity


def shown(port: int) -> x509.Certificate:
    """What a port shows to a TLS client, by OpenSSL's own program."""
    command = ["openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-alpn", "h2"]
    done = subprocess.run(command, input=b"", capture_output=True, timeout=30, check=False)
    return x509.load_pem_x509_certificate(done.stdout[done.stdout.index(b"-----BEGIN") :])


def identity_of(process: Daprd) -> str:
    names = shown(process.internal_port).extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    (identity,) = names.get_values_for_type(x509.UniformResourceIdentifier)
    return identity


def test_the_port_for_other_sidecars_shows_an_ed25519_certificate_of_its_app(caller: Daprd) -> None:
    assert isinstance(shown(caller.internal_port).public_key(), ed25519.Ed25519PublicKey)
    assert identity_of(caller) == "spiffe://public/ns/default/caller"


def test_namespace_and_trust_domain_are_those_of_environment_and_configuration(
    authority: Sentry, tmp_path: Path
) -> None:
    spec = {"accessControl": {"defaultAction": "allow", "trustDomain": "shop.example"}}
    config = manifests.write(tmp_path / "config.yaml", manifests.configuration(spec))
    env = {**anchors(authority), "NAMESPACE": "prod"}
    with daprd("app", *flags(authority), env=env, config=config) as process:
        assert identity_of(process) == "spiffe://shop.example/ns/prod/app"


def test_a_local_identity_takes_the_place_of_the_app_id(authority: Sentry) -> None:
    with daprd("app", *flags(authority), env={**anchors(authority), "SENTRY_LOCAL_IDENTITY": "me"}) as process:
        assert identity_of(process) == "spiffe://public/ns/default/me"


def test_the_first_identity_is_counted_and_healthz_knows_it(caller: Daprd) -> None:
    text = call(caller.metrics_port, "GET", "/").text
    assert 'dapr_runtime_mtls_init_total{app_id="caller"} 1' in text
    assert 'dapr_runtime_mtls_workload_cert_expiry_timestamp{app_id="caller"}' in text
    assert call(caller.http_port, "GET", "/v1.0/healthz").status == 204


# --- Start


def listening(process: Daprd) -> list[int]:
    """Which of the sidecar's ports anybody listens on."""
    ports = (process.http_port, process.grpc_port, process.internal_port, process.public_port, process.metrics_port)
    return [port for port in ports if http_status(port, "/v1.0/healthz") is not None]


def test_nothing_listens_before_sentry_is_there_and_then_all_does(tmp_path: Path) -> None:
    with sentry(tmp_path) as first:
        port, trusted = first.port, anchors(first)
    with daprd("app", "--enable-mtls", f"--sentry-address=127.0.0.1:{port}", env=trusted, ready=None) as process:
        line = process.wait_for_line("Waiting for an identity, which nothing can start without")
        assert "connection refused" in line
        assert listening(process) == []
        assert process.popen.poll() is None
        again = Sentry(tmp_path, f"--port={port}")
        try:
            process.wait_ready()
        finally:
            again.terminate()
        assert http_status(process.public_port, "/v1.0/healthz") == 204


def test_a_sidecar_that_waits_for_sentry_can_be_stopped(authority: Sentry) -> None:
    address = f"--sentry-address=127.0.0.1:{free_port()}"
    with daprd("app", "--enable-mtls", address, env=anchors(authority), ready=None) as process:
        process.wait_for_line("Waiting for an identity")
        assert process.terminate(signal.SIGTERM) == 0


def test_a_sentry_of_another_root_is_waited_past_and_gets_no_request(authority: Sentry) -> None:
    stranger = pem(Authority("stranger").certificate).decode()
    with daprd("app", *flags(authority), env={"DAPR_TRUST_ANCHORS": stranger}, ready=None) as process:
        process.wait_for_line("the peer's certificate is not accepted")
        assert listening(process) == []


def test_a_refusal_of_sentry_ends_the_start() -> None:
    with world() as here, here.daprd("app", env={"NAMESPACE": "no such place"}, ready=None) as process:
        # The test's sentry puts the namespace into the id as it is.
        assert process.popen.wait(30) == 1
        assert "failed to retrieve the initial identity: " in process.wait_for_line("level=fatal")
        assert listening(process) == []


@pytest.mark.parametrize(
    ("options", "env", "reason"),
    [
        pytest.param([], {}, "set --sentry-address", id="no sentry"),
        pytest.param(["--sentry-address=x:1"], {}, "trust anchors are required", id="no anchors"),
        pytest.param(
            ["--sentry-address=x:1"], {"DAPR_TRUST_ANCHORS": "no PEM"}, "failed to load trust anchors", id="bad anchors"
        ),
        pytest.param(
            ["--sentry-address=x:1"], {"DAPR_TRUST_ANCHORS": "x", "DAPR_TRUST_ANCHORS_FILE": "y"},
            "give one of them", id="two sources of anchors",
        ),
        pytest.param(
            ["--sentry-address=x:1", "--control-plane-trust-domain=Not/One"], {}, "no identity can be asked for",
            id="a trust domain that is none",
        ),
        pytest.param(
            ["--sentry-address=x:1", "--mode=kubernetes"], {"DAPR_UNSAFE_SKIP_CONTAINER_UID_GID_CHECK": ""},
            "runs as root in a container", id="root in Kubernetes",
            marks=pytest.mark.skipif("__import__('os').geteuid() != 0", reason="only root is root"),
        ),
    ],
)  # fmt: skip
def test_what_is_missing_for_an_identity_ends_the_start_and_is_named(
    options: list[str], env: dict[str, str], reason: str
) -> None:
    with daprd("app", "--enable-mtls", *options, env=env, ready=None) as process:
        assert process.popen.wait(30) == 1
        assert reason in process.wait_for_line("level=fatal")


# --- While it runs


def test_a_watched_file_of_anchors_is_followed(tmp_path: Path) -> None:
    with world() as here:
        file = tmp_path / "ca.crt"
        file.write_bytes(pem(here.root.certificate))
        env = {"DAPR_TRUST_ANCHORS": "", "DAPR_TRUST_ANCHORS_FILE": str(file)}
        other = Authority("another root")
        stranger = here.client(here.identity("spiffe://public/ns/default/caller", issuer=other))
        with here.daprd("app", env=env) as process:
            assert here.call(process.internal_port, stranger).word == REFUSED_IN_TLS
            (tmp_path / "new").write_bytes(pem(here.root.certificate, other.certificate))
            (tmp_path / "new").replace(file)
            process.wait_for_line("The trust anchors have changed; there are 2 now")
            # Past TLS: there is no application behind it.
            with pytest.raises(Exception, match="app channel is not initialized"):
                here.call(process.internal_port, stranger)
            (tmp_path / "new").write_bytes(pem(here.root.certificate))
            (tmp_path / "new").replace(file)
            process.wait_for_line("The trust anchors have changed; there are 1 now")
            assert here.call(process.internal_port, stranger).word == REFUSED_IN_TLS


def test_a_connection_ends_when_the_certificate_of_its_client_expires_although_a_call_is_in_flight() -> None:
    released = threading.Event()

    def rule(request: Received) -> Answer | None:
        if request.target == "/slow":
            released.wait(60)
        return None

    with echo_app(rule) as app, world() as here, here.daprd("callee", app_port=app.port) as process:
        ends = now() + datetime.timedelta(seconds=5)
        context = here.client(here.identity("spiffe://public/ns/default/caller", end=ends))
        with ThreadPoolExecutor(1) as pool:
            slow = pool.submit(here.call, process.internal_port, context, "slow")
            app.wait_for(lambda request: request.target == "/slow")
            line = "Closing a connection: the certificate of spiffe://public/ns/default/caller has expired"
            process.wait_for_line(line)
            assert "has expired" in slow.result(20).text
            assert datetime.datetime.now(datetime.UTC) >= ends
            released.set()
        assert here.call(process.internal_port, context).word == REFUSED_IN_TLS


def test_a_renewal_drops_no_stream(tmp_path: Path, rpc: GrpcApp) -> None:
    with sentry(tmp_path, short_lives(tmp_path, "24s")) as issuing:
        options, known = flags(issuing), anchors(issuing)
        with (
            daprd("rpc2", *options, "--app-protocol=grpc", env=known, app_port=rpc.port) as callee,
            daprd("caller2", *options, env=known) as process,
            grpc.insecure_channel(f"127.0.0.1:{process.grpc_port}") as channel,
        ):
            outgoing: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
            chat = channel.stream_stream("/my.Echo/Chat")
            answers = chat(iter(outgoing.get, None), metadata=[("dapr-app-id", "rpc2")], timeout=60)
            outgoing.put(b"before")
            assert next(answers) == b"before"
            for each in (process, callee):
                each.wait_for_line("Successfully renewed workload identity")
            outgoing.put(b"after")
            assert next(answers) == b"after"
            outgoing.put(None)
            assert list(answers) == []


def test_a_sidecar_that_is_reloaded_while_sentry_is_away_keeps_its_identity(tmp_path: Path, web: EchoApp) -> None:
    with sentry(tmp_path) as first:
        known, options = anchors(first), flags(first)
        with (
            daprd("web", *options, env=known, app_port=web.port) as callee,
            daprd("caller", *options, env=known) as process,
        ):
            first.terminate(signal.SIGKILL)
            for each in (process, callee):
                begun = len(each.lines)
                each.popen.send_signal(signal.SIGHUP)
                each.wait_for_line("dapr initialized. Status: Running", after=begun)
                each.wait_ready()
            assert call(process.http_port, "GET", "/v1.0/invoke/web/method/reloaded", timeout=60).status == 200
            assert 'dapr_runtime_mtls_init_total{app_id="caller"} 1' in call(process.metrics_port, "GET", "/").text


def test_a_sidecar_that_is_reloaded_while_it_waits_for_sentry_waits_on(authority: Sentry) -> None:
    address = f"--sentry-address=127.0.0.1:{free_port()}"
    with daprd("app", "--enable-mtls", address, env=anchors(authority), ready=None) as process:
        process.wait_for_line("Waiting for an identity")
        begun = len(process.lines)
        process.popen.send_signal(signal.SIGHUP)
        process.wait_for_line("Waiting for an identity", after=begun)
        assert listening(process) == []


def test_another_trust_domain_in_a_changed_configuration_asks_for_another_identity(
    authority: Sentry, tmp_path: Path
) -> None:
    def configured(trust_domain: str) -> Path:
        spec = {"accessControl": {"defaultAction": "allow", "trustDomain": trust_domain}}
        return manifests.write(tmp_path / "config.yaml", manifests.configuration(spec))

    with daprd("app", *flags(authority), env=anchors(authority), config=configured("one")) as process:
        assert identity_of(process) == "spiffe://one/ns/default/app"
        configured("two")
        begun = len(process.lines)
        process.popen.send_signal(signal.SIGHUP)
        process.wait_for_line("dapr initialized. Status: Running", after=begun)
        assert identity_of(process) == "spiffe://two/ns/default/app"


def test_a_sidecar_in_kubernetes_has_an_identity_even_without_mtls(authority: Sentry) -> None:
    env = {**anchors(authority), "DAPR_UNSAFE_SKIP_CONTAINER_UID_GID_CHECK": "true"}
    options = ("--mode=kubernetes", f"--sentry-address={authority.address}")
    with daprd("app", *options, env=env, ready=None) as process:
        process.wait_for_line("Security is initialized successfully")
        # By it the operator is asked for the rest.
        assert process.popen.wait(30) == 1
        assert "set --control-plane-address" in process.wait_for_line("level=fatal")
