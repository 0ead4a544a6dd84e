"""The sidecar's command line: every flag, the values in force, and what contradicts itself."""

from __future__ import annotations

import pytest

from dapr_core.process.flags import help_text, parse, rows
from daprd.options import Options, OptionsError

DOCUMENTED = [
    "mode",
    "app-id",
    "app-port",
    "app-protocol",
    "app-ssl",
    "app-channel-address",
    "app-max-concurrency",
    "dapr-http-port",
    "dapr-grpc-port",
    "dapr-internal-grpc-port",
    "dapr-internal-grpc-listen-address",
    "dapr-listen-addresses",
    "dapr-public-port",
    "dapr-public-listen-address",
    "profile-port",
    "enable-profiling",
    "unix-domain-socket",
    "allowed-origins",
    "resources-path",
    "components-path",
    "config",
    "control-plane-address",
    "control-plane-namespace",
    "control-plane-trust-domain",
    "sentry-address",
    "sentry-request-jwt-audiences",
    "enable-mtls",
    "placement-host-address",
    "scheduler-host-address",
    "scheduler-job-streams",
    "actors-disseminate-timeout",
    "hot-reload-reconcile-interval",
    "actors-service",
    "reminders-service",
    "max-body-size",
    "dapr-http-max-request-size",
    "read-buffer-size",
    "dapr-http-read-buffer-size",
    "dapr-graceful-shutdown-seconds",
    "dapr-block-shutdown-duration",
    "enable-api-logging",
    "disable-builtin-k8s-secret-store",
    "enable-app-health-check",
    "app-health-check-path",
    "app-health-probe-interval",
    "app-health-probe-timeout",
    "app-health-threshold",
    "app-binding-options-timeout",
    "disable-init-endpoints",
    "version",
    "build-info",
    "wait",
    "log-level",
    "log-as-json",
    "log-file",
    "enable-metrics",
    "metrics-port",
    "metrics-listen-address",
]


def options(*arguments: str) -> Options:
    return parse(Options, arguments, {}).settings


def test_every_documented_flag_is_there_and_no_other() -> None:
    assert sorted(row.name for _, row, _ in rows(Options)) == sorted(DOCUMENTED)


def test_the_help_names_every_flag_that_is_not_hidden() -> None:
    text = help_text(Options, program="daprd", summary="Runs the sidecar.")
    missing = [name for name in DOCUMENTED if f"  --{name}" not in text]
    assert missing == ["actors-service", "reminders-service"]


@pytest.mark.parametrize(
    ("arguments", "attribute", "value"),
    [
        ([], "body_limit", 4 * 1024 * 1024),
        (["--max-body-size=1Mi", "--dapr-http-max-request-size=9"], "body_limit", 1024 * 1024),
        (["--dapr-http-max-request-size=9"], "body_limit", 9 * 1024 * 1024),
        (["--max-body-size=-1"], "body_limit", 4 * 1024 * 1024),
        (["--read-buffer-size=8Ki"], "read_buffer", 8192),
        (["--dapr-http-read-buffer-size=16"], "read_buffer", 16384),
        (["--components-path=/old"], "resource_directories", ("/old",)),
        (["--components-path=/old", "--resources-path=/a,/b"], "resource_directories", ("/a", "/b")),
        (["--app-protocol=GRPC", "--app-ssl"], "application_protocol", "grpcs"),
        (["--app-protocol=h2c", "--app-ssl"], "application_protocol", "h2c"),
        ([], "shutdown_limit", 5.0),
        (["--dapr-graceful-shutdown-seconds=0"], "shutdown_limit", None),
        (["--dapr-graceful-shutdown-seconds=-3"], "shutdown_limit", 5.0),
        (["--dapr-block-shutdown-duration=3m"], "dapr_block_shutdown_duration", 180.0),
        (["--app-health-probe-interval=0"], "probe_interval", 5.0),
        (["--app-health-probe-timeout=250"], "probe_timeout", 0.25),
        (["--app-binding-options-timeout=-1s"], "binding_options_timeout", 3.0),
        (["--hot-reload-reconcile-interval=0s"], "reconcile_interval", 60.0),
        (["--placement-host-address=a:1, b:2"], "placement_addresses", ("a:1", "b:2")),
        (["--enable-api-logging=false"], "enable_api_logging", False),
        ([], "enable_api_logging", None),
    ],
)
def test_several_flags_decide_one_value(arguments: list[str], attribute: str, value: object) -> None:
    assert getattr(options(*arguments), attribute) == value


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ([], "parameter app-id cannot be empty"),
        (["--app-id=a.b"], "parameter app-id cannot contain dots"),
        (["--app-id=a", "--app-port=3500"], "the 'dapr-http-port' argument value 3500 conflicts with 'app-port'"),
        (["--app-id=a", "--app-port=50001"], "the 'dapr-grpc-port' argument value 50001 conflicts with 'app-port'"),
        (["--app-id=a", "--app-protocol=udp"], "invalid value for 'app-protocol': udp"),
        (["--app-id=a", "--disable-init-endpoints=config,x"], "invalid value for 'disable-init-endpoints': x"),
        (
            ["--app-id=a", "--actors-disseminate-timeout=-5s"],
            "invalid value for 'actors-disseminate-timeout' option: must be positive, got -5s",
        ),
        (
            ["--app-id=a", "--enable-app-health-check", "--app-health-probe-timeout=6000"],
            "value for 'health-probe-timeout' must be smaller than 'health-probe-interval'",
        ),
    ],
)
def test_what_contradicts_itself_is_refused_in_the_originals_words(arguments: list[str], text: str) -> None:
    with pytest.raises(OptionsError) as caught:
        options(*arguments).check()
    assert str(caught.value) == text


def test_a_plain_command_line_is_fine() -> None:
    options("--app-id=a", "--app-port=8080").check()
