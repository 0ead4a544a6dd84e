"""Access control end to end: applications that call, applications that are called, and what the refused ones are told.

``test_who_may_call`` has the table by identity; the rules themselves are specified beside ``daprd.policy.access``.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from support import manifests
from support.calls import call
from support.echo_app import EchoApp, echo_app
from support.grpc_app import CALLBACK, GrpcApp, grpc_app, recorded_app
from support.processes import Daprd, daprd
from support.sentry_process import Sentry, sentry

from dapr_core.proto.gen.common.v1 import common_pb2
from dapr_core.proto.gen.runtime.v1 import invoke_pb2

CALLER = "spiffe://public/ns/default/caller"


def policy(*operations: dict[str, Any], app_id: str = "caller", default: str = "deny") -> dict[str, Any]:
    return {
        "appId": app_id, "namespace": "default", "trustDomain": "public", "defaultAction": default,
        "operations": list(operations),
    }  # fmt: skip


def configured(folder: Path, *policies: dict[str, Any], default: str = "deny") -> Path:
    spec = {"accessControl": {"defaultAction": default, "trustDomain": "public", "policies": list(policies)}}
    return manifests.write(folder / "config.yaml", manifests.configuration(spec))


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sentry]:
    with sentry(tmp_path_factory.mktemp("sentry")) as process:
        yield process


def secured(authority: Sentry, app_id: str, *options: str, **settings: Any) -> Any:
    env = {"DAPR_TRUST_ANCHORS": authority.anchors.decode()}
    return daprd(app_id, "--enable-mtls", f"--sentry-address={authority.address}", *options, env=env, **settings)


@pytest.fixture(scope="module")
def caller(authority: Sentry) -> Iterator[Daprd]:
    with secured(authority, "caller") as process:
        yield process


@pytest.fixture(scope="module")
def stranger(authority: Sentry) -> Iterator[Daprd]:
    with secured(authority, "stranger") as process:
        yield process


@pytest.fixture(scope="module")
def web(authority: Sentry, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[EchoApp, Daprd]]:
    """``caller`` may GET ``/orders`` and what is below, and POST single ones."""
    config = configured(
        tmp_path_factory.mktemp("web"),
        policy(
            {"name": "/orders/**", "httpVerb": ["GET"], "action": "allow"},
            {"name": "/new*", "httpVerb": ["POST"], "action": "allow"},
        ),
    )
    with echo_app() as app, secured(authority, "web", app_port=app.port, config=config) as process:
        yield app, process


@pytest.fixture(scope="module")
def rpc(authority: Sentry, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[GrpcApp, Daprd]]:
    """``caller`` may use ``my.Echo/Say`` and the method ``hello`` of ``OnInvoke``."""
    config = configured(
        tmp_path_factory.mktemp("rpc"),
        policy({"name": "/my.Echo/Say", "action": "allow"}, {"name": "hello", "action": "allow"}),
    )
    with (
        grpc_app(recorded_app()) as app,
        secured(authority, "rpc", "--app-protocol=grpc", app_port=app.port, config=config) as process,
    ):
        yield app, process


@pytest.mark.parametrize(
    ("verb", "path"), [("GET", "orders"), ("GET", "orders/7/lines"), ("GET", "ORDERS/7"), ("POST", "new-order")]
)
def test_what_a_policy_allows_reaches_the_application(
    verb: str, path: str, caller: Daprd, web: tuple[EchoApp, Daprd]
) -> None:
    assert call(caller.http_port, verb, f"/v1.0/invoke/web/method/{path}", b"x").status == 200


@pytest.mark.parametrize(
    ("verb", "path", "operation"),
    [
        ("POST", "orders", "orders"),
        ("GET", "new", "new"),
        ("DELETE", "orders/7", "orders/7"),
        ("GET", "orders/../admin", "admin"),
        ("GET", "orders/%2e%2e/admin", "admin"),
        ("GET", "orders/%252e%252e/admin", "orders/%2e%2e/admin"),
        ("GET", "", ""),
    ],
)
def test_an_http_caller_that_is_refused_gets_403_and_is_told_why(
    verb: str, path: str, operation: str, caller: Daprd, web: tuple[EchoApp, Daprd]
) -> None:
    app, process = web
    before = len(app.received)
    answer = call(caller.http_port, verb, f"/v1.0/invoke/web/method/{path}", b"x")
    refusal = f"access control policy has denied access to id: {CALLER} operation: {operation} verb: {verb}"
    assert (answer.status, answer.json) == (
        403,
        {
            "errorCode": "ERR_DIRECT_INVOKE",
            "message": f"failed to invoke, id: web, err: rpc error: code = PermissionDenied desc = {refusal}",
        },
    )
    assert len(app.received) == before
    process.wait_for_line(refusal)


def test_an_application_that_no_policy_names_is_refused(stranger: Daprd, web: tuple[EchoApp, Daprd]) -> None:
    answer = call(stranger.http_port, "GET", "/v1.0/invoke/web/method/orders")
    assert answer.status == 403
    assert "spiffe://public/ns/default/stranger" in answer.text


def test_a_client_cannot_pass_for_another_application(stranger: Daprd, web: tuple[EchoApp, Daprd]) -> None:
    forged = {"dapr-caller-app-id": "caller", "Dapr-Caller-Namespace": "default"}
    assert call(stranger.http_port, "GET", "/v1.0/invoke/web/method/orders", headers=forged).status == 403


def invoke_service(process: Daprd, method: str) -> None:
    """``InvokeService``. Raises ``grpc.RpcError``."""
    request = invoke_pb2.InvokeServiceRequest(id="rpc", message=common_pb2.InvokeRequest(method=method))
    with grpc.insecure_channel(f"127.0.0.1:{process.grpc_port}") as channel:
        channel.unary_unary("/dapr.proto.runtime.v1.Dapr/InvokeService")(request.SerializeToString(), timeout=30)


def proxied(process: Daprd, method: str) -> None:
    """A foreign call. Raises ``grpc.RpcError``."""
    with grpc.insecure_channel(f"127.0.0.1:{process.grpc_port}") as channel:
        channel.unary_unary(f"/my.Echo/{method}")(b"x", metadata=[("dapr-app-id", "rpc")], timeout=30)


def test_what_a_policy_allows_reaches_a_grpc_application(caller: Daprd, rpc: tuple[GrpcApp, Daprd]) -> None:
    invoke_service(caller, "hello")
    proxied(caller, "Say")
    app, _ = rpc
    assert {told.path for told in app.told} >= {CALLBACK + "OnInvoke", "/my.Echo/Say"}


@pytest.mark.parametrize(
    ("ask", "method", "operation"),
    [
        pytest.param(invoke_service, "Hello", "Hello", id="a method in another case"),
        pytest.param(invoke_service, "other", "other", id="another method"),
        pytest.param(proxied, "Fail", "/my.Echo/Fail", id="another method of a service"),
        pytest.param(proxied, "say", "/my.Echo/say", id="a method of a service in another case"),
    ],
)
def test_a_grpc_caller_that_is_refused_gets_permission_denied(
    ask: Any, method: str, operation: str, caller: Daprd, rpc: tuple[GrpcApp, Daprd]
) -> None:
    with pytest.raises(grpc.RpcError) as failure:
        ask(caller, method)
    assert failure.value.code() is grpc.StatusCode.PERMISSION_DENIED
    text = f"access control policy has denied access to id: {CALLER} operation: {operation} verb: NONE"
    assert text in failure.value.details()


def test_a_refused_stream_ends_at_once(caller: Daprd, rpc: tuple[GrpcApp, Daprd]) -> None:
    with grpc.insecure_channel(f"127.0.0.1:{caller.grpc_port}") as channel:
        chat = channel.stream_stream("/my.Echo/Chat")
        with pytest.raises(grpc.RpcError) as failure:
            list(chat(iter([b"1"]), metadata=[("dapr-app-id", "rpc")], timeout=30))
    assert failure.value.code() is grpc.StatusCode.PERMISSION_DENIED


def test_a_refusal_is_not_repeated(authority: Sentry, tmp_path: Path, web: tuple[EchoApp, Daprd]) -> None:
    with secured(authority, "caller") as process:
        assert call(process.http_port, "PUT", "/v1.0/invoke/web/method/orders").status == 403
        text = call(web[1].metrics_port, "GET", "/").text
    assert 'dapr_runtime_service_invocation_req_recv_total{app_id="web",src_app_id="caller"}' in text


@pytest.mark.parametrize(
    ("spec", "reason"),
    [
        ({"policies": [{"appId": "a", "namespace": "n"}]}, "invalid access control spec: missing trustDomain"),
        ({"policies": [{"namespace": "n", "trustDomain": "t"}]}, "invalid access control spec: missing appId"),
        ({"policies": {"appId": "a"}}, "spec.accessControl.policies"),
        ({"policies": [{"appId": "a", "namespace": "n", "trustDomain": "t", "operations": [{"httpVerb": "GET"}]}]},
         "httpVerb"),
    ],
)  # fmt: skip
def test_a_section_that_does_not_fit_stops_the_start(spec: dict[str, Any], reason: str, tmp_path: Path) -> None:
    config = manifests.write(tmp_path / "config.yaml", manifests.configuration({"accessControl": spec}))
    with daprd("app", config=config, ready=None) as process:
        assert process.popen.wait(30) == 1
        assert reason in process.wait_for_line("level=fatal")


def test_policies_without_a_global_action_exclude_everybody_else(
    authority: Sentry, caller: Daprd, stranger: Daprd, tmp_path: Path
) -> None:
    config = configured(tmp_path, policy(default="allow"), default="")
    with echo_app() as app, secured(authority, "club", app_port=app.port, config=config) as process:
        process.wait_for_line("Setting default global action as Deny")
        assert call(caller.http_port, "GET", "/v1.0/invoke/club/method/x").status == 200
        assert call(stranger.http_port, "GET", "/v1.0/invoke/club/method/x").status == 403


def test_a_call_of_the_own_application_over_http_asks_no_policy(web: tuple[EchoApp, Daprd]) -> None:
    _, process = web
    assert call(process.http_port, "DELETE", "/v1.0/invoke/web/method/orders/own").status == 200
