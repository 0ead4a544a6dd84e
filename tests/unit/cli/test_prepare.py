"""What is checked and chosen before the first process starts."""

from __future__ import annotations

import random
import socket
from pathlib import Path

import pytest

from dapr_cli import ports
from dapr_cli.command import Failure
from dapr_cli.instances import Instance
from dapr_cli.launch.prepare import (
    check_id,
    check_resources,
    choose_ports,
    invented_id,
    near_services,
    stay_on_loopback,
)
from dapr_cli.launch.spec import AppSpec
from dapr_cli.paths import Root
from dapr_cli.services import Services

RUNNING = [Instance("orders", 3500, 50001, 5000, True, "", 42, 0.0)]


def test_open_ports_are_chosen_distinct() -> None:
    spec = choose_ports(AppSpec(app_id="x", enable_profiling=True), [])
    chosen = [
        spec.dapr_http_port, spec.dapr_grpc_port, spec.dapr_internal_grpc_port, spec.metrics_port, spec.profile_port,
    ]  # fmt: skip
    assert len(set(chosen)) == 5
    assert min(chosen) > 0


def test_the_profile_port_stays_open_without_profiling() -> None:
    assert choose_ports(AppSpec(app_id="x"), []).profile_port == -1


def test_given_ports_stay() -> None:
    [port] = ports.free_ports(1)
    assert choose_ports(AppSpec(app_id="x", dapr_http_port=port), []).dapr_http_port == port


@pytest.mark.parametrize("port", [3500, 50001, 5000], ids=["http", "grpc", "app"])
def test_a_port_of_another_instance_is_refused(port: int) -> None:
    with pytest.raises(Failure, match=rf"invalid configuration for HTTPPort\. Port {port} is not available"):
        choose_ports(AppSpec(app_id="x", dapr_http_port=port), RUNNING)


def test_a_port_that_somebody_listens_on_is_refused() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(Failure, match="MetricsPort"):
            choose_ports(AppSpec(app_id="x", metrics_port=port), [])


def test_one_port_cannot_serve_twice() -> None:
    [port] = ports.free_ports(1)
    with pytest.raises(Failure, match="not available"):
        choose_ports(AppSpec(app_id="x", dapr_http_port=port, dapr_grpc_port=port), [])


def test_a_number_that_is_no_port_is_refused() -> None:
    with pytest.raises(Failure, match="Port 70000"):
        choose_ports(AppSpec(app_id="x", dapr_grpc_port=70000), [])


def test_an_id_is_invented_that_nobody_has() -> None:
    choice = random.Random(1)
    first = invented_id([], choice)
    assert first.count("-") == 2
    assert invented_id([first], random.Random(1)) != first


def test_an_id_that_runs_already_is_refused() -> None:
    with pytest.raises(Failure, match=r"orders is already running \(daprd process 42\)"):
        check_id("orders", RUNNING)
    check_id("ledger", RUNNING)


def test_an_id_with_dots_is_refused() -> None:
    with pytest.raises(Failure, match="cannot contain dots"):
        check_id("a.b", [])


def test_a_missing_resource_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(Failure, match="error validating resources path"):
        check_resources([tmp_path / "none"])


def test_a_broken_resource_is_named(tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text("kind: Component\n---\nkind: Component\n")
    (tmp_path / "notes.txt").write_text("{{{")
    check_resources([tmp_path])
    (tmp_path / "bad.yml").write_text("a: [1")
    with pytest.raises(Failure, match=r"error validating components in resources path .* : bad\.yml"):
        check_resources([tmp_path])


def test_the_api_stays_on_the_loopback_addresses_of_the_machine() -> None:
    given = stay_on_loopback(AppSpec(app_id="x")).dapr_listen_addresses.split(",")
    assert given[0] == "127.0.0.1"
    assert given[1:] in ([], ["[::1]"])


def test_given_addresses_stay() -> None:
    assert stay_on_loopback(AppSpec(app_id="x", dapr_listen_addresses="10.0.0.1")).dapr_listen_addresses == "10.0.0.1"


@pytest.mark.parametrize(
    ("given", "listening", "expected"),
    [
        ("localhost", (), ""),
        ("localhost", (50005, 50006), "localhost"),
        ("localhost:50005", (), "localhost:50005"),
        ("elsewhere", (), "elsewhere"),
        ("", (50005, 50006), ""),
    ],
)
def test_services_that_are_not_there_by_default_are_not_waited_for(
    given: str, listening: tuple[int, ...], expected: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(ports, "is_listening", lambda port, address: port in listening)
    spec = AppSpec(app_id="app", placement_host_address=given, scheduler_host_address=given)
    root = Root(tmp_path)
    found = near_services(spec, Services.of(root).placement)
    assert (found.placement_host_address, found.scheduler_host_address) == (expected, expected)
