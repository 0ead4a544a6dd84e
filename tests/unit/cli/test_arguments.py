"""The sidecar's command line and the two environments."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dapr_cli.command import Failure
from dapr_cli.launch.arguments import (
    app_environment,
    sidecar_arguments,
    sidecar_environment,
    with_port,
)
from dapr_cli.launch.quantity import size_in_bytes
from dapr_cli.launch.spec import AppSpec

PORTS = {"dapr_http_port": 3501, "dapr_grpc_port": 50011, "dapr_internal_grpc_port": 50012, "metrics_port": 9091}


def spec(**changes: Any) -> AppSpec:
    return AppSpec(**{"app_id": "orders", **PORTS, **changes})


def arguments(env: dict[str, str] | None = None, *, log_as_json: bool = False, **changes: Any) -> list[str]:
    return sidecar_arguments(spec(**changes), env or {}, log_as_json=log_as_json)


def value(words: list[str], flag: str) -> str | None:
    return words[words.index(flag) + 1] if flag in words else None


def test_the_defaults_give_the_documented_words_on_loopback() -> None:
    assert " ".join(arguments(app_port=5000)) == (
        "--app-protocol http --dapr-listen-addresses 127.0.0.1 --metrics-listen-address 127.0.0.1 "
        "--dapr-internal-grpc-listen-address 127.0.0.1 --log-level info --app-max-concurrency -1 "
        "--placement-host-address localhost:50005 --max-body-size 4194304 --read-buffer-size 4096 "
        "--scheduler-host-address localhost:50006 --app-id orders --app-port 5000 --dapr-http-port 3501 "
        "--dapr-grpc-port 50011 --profile-port -1 --metrics-port 9091 --dapr-internal-grpc-port 50012"
    )


@pytest.mark.parametrize(
    ("changes", "flag", "expected"),
    [
        ({"dapr_listen_addresses": "0.0.0.0"}, "--dapr-listen-addresses", "0.0.0.0"),
        ({"metrics_listen_address": "0.0.0.0"}, "--metrics-listen-address", "0.0.0.0"),
        ({"app_max_concurrency": 0}, "--app-max-concurrency", "-1"),
        ({"app_max_concurrency": 3}, "--app-max-concurrency", "3"),
        ({"app_port": -1}, "--app-port", "0"),
        ({"app_channel_address": "127.0.0.1"}, "--app-channel-address", None),
        ({"app_channel_address": "10.0.0.1"}, "--app-channel-address", "10.0.0.1"),
        ({"placement_host_address": ""}, "--placement-host-address", None),
        ({"placement_host_address": "there:1"}, "--placement-host-address", "there:1"),
        ({"max_body_size": "-1"}, "--max-body-size", "-1"),
        ({"max_body_size": "1Ki"}, "--max-body-size", "1024"),
        ({"app_health_threshold": 4}, "--app-health-threshold", "4"),
        ({"app_health_probe_interval": 0}, "--app-health-probe-interval", None),
        ({"unix_domain_socket": "/tmp"}, "--unix-domain-socket", "/tmp"),
        ({"config": Path("/nowhere.yaml")}, "--config", "/nowhere.yaml"),
    ],
    ids=str,
)
def test_a_flag_carries(changes: dict[str, Any], flag: str, expected: str | None) -> None:
    assert value(arguments(**changes), flag) == expected


@pytest.mark.parametrize(
    "name", ["enable_profiling", "enable_app_health_check", "enable_api_logging", "app_ssl"], ids=str
)
def test_switches_are_bare_and_only_there_when_on(name: str) -> None:
    flag = "--" + name.replace("_", "-")
    assert flag not in arguments()
    words = arguments(**{name: True})
    assert words[words.index(flag) + 1].startswith("--")


def test_resource_folders_repeat_their_flag() -> None:
    words = arguments(resources_paths=[Path("/a"), Path("/b c")])
    assert [words[place + 1] for place, word in enumerate(words) if word == "--resources-path"] == ["/a", "/b c"]


def test_json_logs_are_passed_on() -> None:
    assert arguments(log_as_json=True)[-1] == "--log-as-json"


def test_a_host_ip_opens_only_the_port_for_other_sidecars() -> None:
    words = arguments({"DAPR_HOST_IP": "192.168.1.9"})
    assert value(words, "--dapr-internal-grpc-listen-address") == "192.168.1.9"
    assert value(words, "--dapr-listen-addresses") == "127.0.0.1"
    assert sidecar_environment({"DAPR_HOST_IP": "192.168.1.9"}, spec())["DAPR_HOST_IP"] == "192.168.1.9"
    assert sidecar_environment({}, spec())["DAPR_HOST_IP"] == "127.0.0.1"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("localhost", "localhost:50005"),
        ("h:1", "h:1"),
        ("", ""),
        ("[::1]", "[::1]:50005"),
        ("[::1]:2", "[::1]:2"),
        ("a:1,b:2", "a:1,b:2"),
    ],
)
def test_a_service_address_gets_its_default_port(text: str, expected: str) -> None:
    assert with_port(text, 50005) == expected


def test_a_sidecar_that_joins_an_authority_is_told_where_and_whom_to_trust() -> None:
    joined = {"sentry_address": "127.0.0.1:50001", "trust_anchors": Path("/roots")}
    words = arguments(**joined)
    assert words[words.index("--enable-mtls") + 1 :][:2] == ["--sentry-address", "127.0.0.1:50001"]
    told = sidecar_environment({"DAPR_TRUST_ANCHORS": "of somebody else"}, spec(**joined))
    assert told == {"DAPR_HOST_IP": "127.0.0.1", "DAPR_TRUST_ANCHORS_FILE": "/roots"}
    assert "--enable-mtls" not in arguments()
    assert sidecar_environment({"DAPR_TRUST_ANCHORS": "theirs"}, spec())["DAPR_TRUST_ANCHORS"] == "theirs"


def test_a_size_that_is_none_is_refused_by_name() -> None:
    with pytest.raises(Failure, match=r'invalid --max-body-size: "lots" is no size'):
        arguments(max_body_size="lots")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0", 0),
        ("1024", 1024),
        ("4Mi", 4 << 20),
        ("1.5Ki", 1536),
        ("1k", 1000),
        ("2G", 2 * 10**9),
        ("-4Mi", -1),
        (" 1Ki ", 1024),
        ("0.5", 1),
    ],
)
def test_quantities(text: str, expected: int) -> None:
    assert size_in_bytes(text) == expected


@pytest.mark.parametrize("text", ["", "4 Mi", "4mi", "Mi", "1e3x", "4MiB", "٤"])
def test_what_is_no_quantity_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no size"):
        size_in_bytes(text)


def test_the_application_learns_where_its_sidecar_is() -> None:
    env = app_environment(spec(app_port=5000, env={"A": "own", "APP_ID": "mine"}), {"A": "parent", "PATH": "/bin"})
    assert env == {
        "PATH": "/bin", "PYTHONUNBUFFERED": "1", "A": "own", "APP_ID": "mine", "APP_CHANNEL_ADDRESS": "127.0.0.1",
        "DAPR_HTTP_PORT": "3501", "DAPR_GRPC_PORT": "50011", "DAPR_METRICS_PORT": "9091", "APP_PORT": "5000",
        "APP_PROTOCOL": "http",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "protocol"),
    [
        ({"app_protocol": "GRPC"}, "grpc"),
        ({"app_ssl": True}, "https"),
        ({"app_protocol": "grpc", "app_ssl": True}, "grpcs"),
    ],
)
def test_the_application_learns_its_protocol(changes: dict[str, Any], protocol: str) -> None:
    assert app_environment(spec(**changes), {})["APP_PROTOCOL"] == protocol


def test_without_a_port_the_application_is_told_none() -> None:
    assert "APP_PORT" not in app_environment(spec(), {})
