"""Run files: what overrides what, where paths start, and what is wrong with a broken one."""

from __future__ import annotations

from pathlib import Path

import pytest

from dapr_cli.command import Failure
from dapr_cli.launch.runfile import RunFile, load_run_file, parse_run_file
from dapr_cli.launch.spec import AppSpec
from dapr_cli.paths import Root


@pytest.fixture
def base(tmp_path: Path) -> Path:
    for folder in ("one", "two", "shared", "one/local", "home/.dapr/components"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "home/.dapr/config.yaml").write_text("kind: Configuration")
    (tmp_path / "shared/config.yaml").write_text("kind: Configuration")
    return tmp_path


def parse(base: Path, text: str) -> RunFile:
    return parse_run_file(text, base / "dapr.yaml", Root(base / "home/.dapr"))


def app(base: Path, fields: str, common: str = "") -> AppSpec:
    """The one app of a run file, with fields in flow style."""
    text = f"version: 1\ncommon: {{{common}}}\napps: [{{appDirPath: one, {fields}}}]"
    return parse(base, text).apps[0]


def test_a_minimal_app_gets_the_documented_defaults(base: Path) -> None:
    spec = app(base, "")
    assert (spec.app_id, spec.folder, spec.command) == ("one", base / "one", ())
    assert (spec.app_port, spec.dapr_http_port, spec.app_max_concurrency) == (-1, -1, -1)
    assert (spec.daprd_log_destination, spec.app_log_destination) == ("file", "fileAndConsole")
    assert spec.placement_host_address == "localhost"
    assert spec.config == base / "home/.dapr/config.yaml"
    assert spec.resources_paths == [base / "home/.dapr/components"]


def test_every_field_reaches_the_app(base: Path) -> None:
    spec = app(
        base,
        "appID: x, appPort: 1, daprHTTPPort: 2, daprGRPCPort: 3, daprInternalGRPCPort: 4, metricsPort: 5, "
        "profilePort: 6, appChannelAddress: h, unixDomainSocket: /s, command: [run, 1, true], appProtocol: grpc, "
        "apiListenAddresses: 0.0.0.0, enableProfiling: true, logLevel: debug, appMaxConcurrency: 7, appSSL: true, "
        "maxBodySize: 1024, readBufferSize: 8Ki, enableAppHealthCheck: true, appHealthCheckPath: /h, "
        "appHealthProbeInterval: 8, appHealthProbeTimeout: 9, appHealthThreshold: 10, enableApiLogging: true",
    )
    ports = (spec.app_port, spec.dapr_http_port, spec.dapr_grpc_port, spec.dapr_internal_grpc_port, spec.metrics_port)
    assert (*ports, spec.profile_port) == (1, 2, 3, 4, 5, 6)
    assert (spec.app_id, spec.app_channel_address, spec.unix_domain_socket) == ("x", "h", "/s")
    assert spec.command == ("run", "1", "true")
    assert (spec.app_protocol, spec.dapr_listen_addresses, spec.log_level) == ("grpc", "0.0.0.0", "debug")
    assert (spec.enable_profiling, spec.app_ssl, spec.enable_app_health_check, spec.enable_api_logging) == (True,) * 4
    assert (spec.max_body_size, spec.read_buffer_size, spec.app_health_check_path) == ("1024", "8Ki", "/h")
    health = (spec.app_health_probe_interval, spec.app_health_probe_timeout, spec.app_health_threshold)
    assert (spec.app_max_concurrency, *health) == (7, 8, 9, 10)


@pytest.mark.parametrize(
    ("own", "expected"),
    [("logLevel: debug", "debug"), ("", "error"), ('logLevel: ""', "error"), ("logLevel: null", "error")],
    ids=["own", "absent", "zero value", "null"],
)
def test_the_common_section_fills_what_an_app_leaves_open(base: Path, own: str, expected: str) -> None:
    assert app(base, own, "logLevel: error").log_level == expected


def test_an_empty_service_address_is_a_choice(base: Path) -> None:
    assert app(base, 'placementHostAddress: ""', "placementHostAddress: there").placement_host_address == ""


def test_environments_merge_and_the_app_wins(base: Path) -> None:
    spec = app(base, "env: {A: app, N: 1, T: true}", "env: {A: common, B: common}")
    assert spec.env == {"A": "app", "B": "common", "N": "1", "T": "true"}


def test_paths_start_at_the_file_or_at_the_app(base: Path) -> None:
    common = "resourcesPath: shared, configFilePath: shared/config.yaml"
    spec = app(base, "", common)
    assert (spec.resources_paths, spec.config) == ([base / "shared"], base / "shared/config.yaml")
    assert app(base, "resourcesPaths: [./local, ../shared]", common).resources_paths == [
        base / "one/local",
        base / "shared",
    ]


def test_the_apps_own_folder_wins_over_the_common_section(base: Path) -> None:
    (base / "one/.dapr/resources").mkdir(parents=True)
    (base / "one/.dapr/config.yaml").write_text("kind: Configuration")
    spec = app(base, "", "resourcesPath: shared, configFilePath: shared/config.yaml")
    assert (spec.resources_paths, spec.config) == ([base / "one/.dapr/resources"], base / "one/.dapr/config.yaml")
    assert app(base, "resourcesPath: local").resources_paths == [base / "one/local"]


def test_a_runtime_path_moves_the_defaults(base: Path) -> None:
    (base / "other/.dapr/components").mkdir(parents=True)
    spec = app(base, "", "runtimePath: other")
    assert (spec.resources_paths, spec.config) == ([base / "other/.dapr/components"], None)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("apps: []", "required field 'version' not found in the provided run template file"),
        ("version: 0\napps: [{appDirPath: one}]", "required field 'version' not found"),
        ("version: 1\napps: [{appID: x}]", "required field 'appDirPath' not found in the provided app config file"),
        ("version: 1\napps: [{appDirPath: none}]", "none of app 1 does not exist"),
        (
            "version: 1\napps: [{appDirPath: one, appPrt: 1}]",
            "unknown field 'appPrt' in app 1; did you mean 'appPort'?",
        ),
        ("version: 1\napps: [{appDirPath: one, appPort: x}]", "'appPort' in app 1 takes a whole number, not 'x'"),
        ("version: 1\napps: [{appDirPath: one, appPort: true}]", "takes a whole number"),
        ("version: 1\napps: [{appDirPath: one, command: run}]", "'command' in app 1 takes a list of texts"),
        ("version: 1\napps: [{appDirPath: one, env: {A: [1]}}]", "'env' in app 1 holds texts only"),
        ("version: 1\napps: [{appDirPath: one, appLogDestination: moon}]", "invalid log destination type: moon"),
        ("version: 1\napps: [{appDirPath: one}, {appDirPath: two, appID: one}]", "two apps have the id 'one'"),
        ("version: 1\napps: 5", "'apps' takes a list"),
        ("version: 1\ncommon: 5\napps: [{appDirPath: one}]", "'common' takes fields"),
        ("version: 1\ncommon: {appPort: 1}\napps: [{appDirPath: one}]", "unknown field 'appPort' in common"),
        ("- a", "'dapr.yaml' takes fields"),
        ("a: [", "dapr.yaml is no YAML"),
    ],
)
def test_what_is_wrong_is_named(base: Path, text: str, told: str) -> None:
    with pytest.raises(ValueError) as caught:
        parse(base, text)
    assert told in str(caught.value)


def test_no_apps_are_no_run(base: Path) -> None:
    with pytest.raises(Failure, match="No apps to run"):
        parse(base, "version: 1\napps: []")


def test_a_folder_stands_for_its_dapr_yaml(base: Path) -> None:
    (base / "dapr.yaml").write_text("version: 1\nname: pair\napps: [{appDirPath: one}, {appDirPath: two}]")
    run_file = load_run_file(str(base), Root(base / "home/.dapr"))
    assert (run_file.path, run_file.name) == (base / "dapr.yaml", "pair")
    assert [spec.app_id for spec in run_file.apps] == ["one", "two"]


@pytest.mark.parametrize(("name", "told"), [("run.txt", "is not a YAML file"), ("none.yaml", "No such file")])
def test_a_file_that_is_none_is_refused(base: Path, name: str, told: str) -> None:
    with pytest.raises(Failure, match=told):
        load_run_file(str(base / name), Root(base))
