"""Every flag of the sidecar in each form that Go's flags have, given to one that then runs; and the ports they open."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import grpc
import pytest
from support import manifests
from support.calls import call
from support.echo_app import EchoApp, echo_app
from support.placement_process import placement
from support.ports import free_port, free_ports
from support.processes import Process, http_status, wait_until

from dapr_core.process.flags import rows
from dapr_core.process.version import runtime_version
from dapr_core.proto.gen.internals.v1 import service_invocation_pb2
from dapr_core.proto.gen.runtime.v1 import metadata_pb2
from dapr_core.rpc import deferred
from daprd.options import Options

DAPRD = [sys.executable, "-m", "daprd.main"]
GET_METADATA = "/dapr.proto.runtime.v1.Dapr/GetMetadata"
CALL_LOCAL = "/dapr.proto.internals.v1.ServiceInvocation/CallLocal"
ENDS_AT_ONCE = {"version", "build-info", "wait"}
TAKES_THE_PLACE_OF_PORTS = {"unix-domain-socket"}
PORTS = (
    "dapr-http-port", "dapr-grpc-port", "dapr-internal-grpc-port", "dapr-public-port", "metrics-port", "profile-port",
)  # fmt: skip


def values(directory: Path, app: EchoApp) -> dict[str, str | bool]:
    """A value for every flag of a sidecar that runs; True and False are for switches."""
    resources = manifests.folder(directory / "resources", manifests.component("store", "state.in-memory"))
    config = manifests.write(directory / "config.yaml", manifests.configuration({}))
    return {
        **dict(zip(PORTS, map(str, free_ports(len(PORTS))), strict=True)),
        "mode": "standalone", "app-id": "flagged", "app-port": str(app.port), "app-protocol": "http", "app-ssl": False,
        "app-channel-address": "127.0.0.1", "app-max-concurrency": "7", "dapr-listen-addresses": "127.0.0.1",
        "dapr-internal-grpc-listen-address": "127.0.0.1", "dapr-public-listen-address": "127.0.0.1",
        "enable-profiling": True,
        "allowed-origins": "https://page.example", "resources-path": str(resources), "components-path": str(resources),
        "config": str(config), "control-plane-address": "127.0.0.1:1", "control-plane-namespace": "system",
        "control-plane-trust-domain": "cluster.example", "sentry-address": "127.0.0.1:1",
        "sentry-request-jwt-audiences": "one,two", "enable-mtls": False, "placement-host-address": "127.0.0.1:1",
        "scheduler-host-address": "127.0.0.1:1", "scheduler-job-streams": "2", "actors-disseminate-timeout": "20s",
        "hot-reload-reconcile-interval": "1m30s", "actors-service": "placement:127.0.0.1:1",
        "reminders-service": "default", "max-body-size": "8Mi", "dapr-http-max-request-size": "5",
        "read-buffer-size": "16Ki", "dapr-http-read-buffer-size": "8", "dapr-graceful-shutdown-seconds": "3",
        "dapr-block-shutdown-duration": "0s", "enable-api-logging": True, "disable-builtin-k8s-secret-store": True,
        "enable-app-health-check": True, "app-health-check-path": "/well", "app-health-probe-interval": "4",
        "app-health-probe-timeout": "600", "app-health-threshold": "2", "app-binding-options-timeout": "2s",
        "disable-init-endpoints": "config,subscribe", "log-level": "debug", "log-as-json": True,
        "log-file": str(directory / "daprd.log"), "enable-metrics": True, "metrics-listen-address": "127.0.0.1",
    }  # fmt: skip


Form = Callable[[str, str], list[str]]
FORMS: dict[str, Form] = {
    "-flag=v": lambda name, value: [f"-{name}={value}"],
    "--flag=v": lambda name, value: [f"--{name}={value}"],
    "--flag v": lambda name, value: [f"--{name}", value],
    "-flag v": lambda name, value: [f"-{name}", value],
}


def arguments(given: dict[str, str | bool], form: str) -> list[str]:
    """The command line. A switch takes no separate word: there it stands alone, or with its value behind ``=``."""
    said: list[str] = []
    for name, value in given.items():
        if isinstance(value, str):
            said += FORMS[form](name, value)
        elif value and not form.endswith("=v"):
            said.append(form.split()[0].replace("flag", name))
        else:
            said += FORMS[form.split()[0].removesuffix("=v") + "=v"](name, str(value).lower())
    return said


def grpc_metadata(port: int) -> metadata_pb2.GetMetadataResponse:
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        answer = channel.unary_unary(GET_METADATA)(b"", timeout=10)
    return metadata_pb2.GetMetadataResponse.FromString(answer)


def neighbours_call(port: int) -> tuple[int, bytes]:
    """Status and body of what another sidecar would send."""
    request = service_invocation_pb2.InternalInvokeRequest(ver=1)
    request.message.method = "hello"
    request.message.http_extension.verb = 1  # type: ignore[assignment]
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        answer = channel.unary_unary(CALL_LOCAL)(request.SerializeToString(), timeout=10)
    response = service_invocation_pb2.InternalInvokeResponse.FromString(answer)
    return response.status.code, response.message.data.value


def test_every_flag_is_tried(tmp_path: Path) -> None:
    with echo_app() as app:
        tried = values(tmp_path, app).keys() | ENDS_AT_ONCE | TAKES_THE_PLACE_OF_PORTS
    assert tried == {row.name for _, row, _ in rows(Options)}


@pytest.mark.parametrize("form", FORMS)
def test_a_sidecar_runs_with_every_flag_and_each_port_serves_what_it_is_for(tmp_path: Path, form: str) -> None:
    with echo_app() as app, placement() as service:
        given = {**values(tmp_path, app), "placement-host-address": service.address}
        http, grpc_api, internal, public, metrics, profile = (int(str(given[name])) for name in PORTS)
        with Process([*DAPRD, *arguments(given, form)], env={"DAPR_HOST_IP": "127.0.0.1"}) as sidecar:
            wait_until(
                lambda: http_status(http, "/v1.0/healthz") == 204 or sidecar.popen.poll() is not None, what="healthz"
            )
            assert sidecar.popen.poll() is None, sidecar.output
            told = call(http, "GET", "/v1.0/metadata").json
            assert told["id"] == grpc_metadata(grpc_api).id == "flagged"
            sidecar_log = tmp_path / "daprd.log"
            wait_until(lambda: "App entered healthy status" in sidecar_log.read_text(), what="the application's health")
            assert neighbours_call(internal) == (200, b"hello")
            assert call(public, "GET", "/v1.0/metadata").json["id"] == "flagged"
            assert call(public, "GET", "/v1.0/state/store/k").status == 404
            assert "\ndapr_" in call(metrics, "GET", "/metrics").text
            assert "/debug/pprof/" in call(profile, "GET", "/debug/pprof/").text
            assert told["appConnectionProperties"] == {
                "port": app.port, "protocol": "http", "channelAddress": "127.0.0.1", "maxConcurrency": 7,
                "health": {
                    "healthCheckPath": "/well", "healthProbeInterval": "4s", "healthProbeTimeout": "600ms",
                    "healthThreshold": 2,
                },
            }  # fmt: skip
            assert sidecar.terminate() == 0
    assert "Daprd shutdown gracefully" in sidecar_log.read_text()


@pytest.mark.parametrize("dashes", ["-", "--"])
@pytest.mark.parametrize("value", ["", "=true", "=1", "=T"])
def test_the_version_is_told_however_it_is_asked_for(dashes: str, value: str) -> None:
    done = subprocess.run([*DAPRD, f"{dashes}version{value}"], capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, done.stdout) == (0, runtime_version() + "\n")


def test_how_it_was_built_is_told() -> None:
    done = subprocess.run([*DAPRD, "--build-info"], capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0
    told = dict(line.split(":", 1) for line in done.stdout.splitlines())
    assert list(told) == ["Version", "Git Commit", "Git Version", "Data Plane"]
    assert told["Data Plane"] == (" from sources" if deferred.__file__.endswith(".py") else " compiled")


def test_waiting_ends_when_the_sidecar_is_there() -> None:
    port = free_port()
    with Process([*DAPRD, "--wait", f"--dapr-http-port={port}"]) as waiting:
        with pytest.raises(subprocess.TimeoutExpired):
            waiting.popen.wait(0.5)
        others = [f"--{name}={free_port()}" for name in PORTS[1:3]]
        command = [*DAPRD, "--app-id=late", f"--dapr-http-port={port}", "--enable-metrics=false", *others]
        with Process(command, env={"DAPR_HOST_IP": "127.0.0.1"}):
            assert waiting.popen.wait(20) == 0


def test_a_list_of_addresses_opens_each_of_them_and_no_other(tmp_path: Path) -> None:
    http, grpc_api, internal = free_ports(3)
    command = [
        *DAPRD, "-app-id=listens", f"-dapr-http-port={http}", f"-dapr-grpc-port={grpc_api}", "-enable-metrics=false",
        f"-dapr-internal-grpc-port={internal}", "-dapr-internal-grpc-listen-address=127.0.0.4",
        "-dapr-listen-addresses=127.0.0.2,[::1]", "--dapr-listen-addresses", "127.0.0.3",
    ]  # fmt: skip
    with Process(command, env={"DAPR_HOST_IP": "127.0.0.1"}) as sidecar:
        sidecar.wait_for_line("dapr initialized. Status: Running.")
        for address in ("127.0.0.2", "127.0.0.3", "::1"):
            assert call(http, "GET", "/v1.0/healthz", host=address).status == 204
            socket.create_connection((address, grpc_api), 5).close()
        socket.create_connection(("127.0.0.4", internal), 5).close()
        for port in (http, grpc_api, internal):
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection(("127.0.0.1", port), 5)


def test_what_is_switched_off_opens_no_port() -> None:
    http, grpc_api, internal, metrics, profile = free_ports(5)
    command = [
        *DAPRD, "--app-id=off", f"--dapr-http-port={http}", f"--dapr-grpc-port={grpc_api}", "--enable-metrics=false",
        f"--dapr-internal-grpc-port={internal}", f"--metrics-port={metrics}", f"--profile-port={profile}",
        "--dapr-listen-addresses=127.0.0.1",
    ]  # fmt: skip
    with Process(command, env={"DAPR_HOST_IP": "127.0.0.1"}) as sidecar:
        sidecar.wait_for_line("dapr initialized. Status: Running.")
        for port in (metrics, profile):
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection(("127.0.0.1", port), 5)
