"""The injector's environment (control-plane.md §3.4)."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from dapr_injector.options import Options
from dapr_injector.patch.settings import PlatformService
from dapr_injector.settings import Settings, SettingsError, cluster_domain, settings_of

REQUIRED = {"SIDECAR_IMAGE": "dapr/daprd:1", "NAMESPACE": "dapr-system", "KUBE_CLUSTER_DOMAIN": "cluster.local"}


def read(options: Options | None = None, tokens: tuple[str, ...] = (), **environment: str) -> Settings:
    return settings_of(options or Options(), REQUIRED | environment, tokens=tokens)


@pytest.mark.parametrize("name", ["SIDECAR_IMAGE", "NAMESPACE"])
def test_what_is_required_is_named_when_it_is_missing(name: str) -> None:
    with pytest.raises(SettingsError, match=name):
        settings_of(Options(), {key: value for key, value in REQUIRED.items() if key != name})


def test_defaults() -> None:
    found = read().injection
    assert found.image_pull_policy == "Always"
    assert found.actors == PlatformService("placement", "dapr-placement-server", 50005)
    assert found.reminders is None
    assert found.run_as_non_root
    assert found.read_only_root_filesystem
    assert not found.drop_all_capabilities
    assert not found.native_sidecar
    assert found.trust_domain == "cluster.local"
    assert read().sentry_address == "dapr-sentry.dapr-system.svc.cluster.local:443"


@pytest.mark.parametrize(("text", "policy"), [("Never", "Never"), ("", "Always"), ("Sometimes", "IfNotPresent")])
def test_pull_policies(text: str, policy: str) -> None:
    assert read(SIDECAR_IMAGE_PULL_POLICY=text).injection.image_pull_policy == policy


def test_actors_may_be_off_or_elsewhere() -> None:
    assert read(ACTORS_ENABLED="false").injection.actors is None
    assert read(ACTORS_ENABLED="").injection.actors is not None
    other = read(ACTORS_SERVICE_NAME="mine", ACTORS_SERVICE_ADDRESS="svc:7")
    assert other.injection.actors == PlatformService("mine", "svc", 7)


def test_a_service_is_completed_by_the_control_planes_namespace_unless_its_name_is_whole() -> None:
    found = read(ACTORS_SERVICE_ADDRESS="dapr-placement-server:50005", NAMESPACE="dapr-system").injection
    assert found.actors is not None
    where = found.address(found.actors.service, found.actors.port)
    assert where == "dapr-placement-server.dapr-system.svc.cluster.local:50005"
    whole = "placement.other.svc.cluster.local:50005"
    found = read(ACTORS_SERVICE_ADDRESS=whole).injection
    assert found.actors is not None
    assert found.address(found.actors.service, found.actors.port) == whole


@pytest.mark.parametrize("address", ["svc", "svc:", ":7", "svc:x", "svc:70000"])
def test_a_service_without_a_port_is_an_error(address: str) -> None:
    with pytest.raises(SettingsError, match="REMINDERS_SERVICE_ADDRESS"):
        read(REMINDERS_SERVICE_NAME="r", REMINDERS_SERVICE_ADDRESS=address)


def test_ids_are_whole_numbers() -> None:
    found = read(SIDECAR_RUN_AS_USER="1000", SIDECAR_RUN_AS_GROUP="2000").injection
    assert (found.run_as_user, found.run_as_group) == (1000, 2000)
    with pytest.raises(SettingsError, match="SIDECAR_RUN_AS_USER"):
        read(SIDECAR_RUN_AS_USER="root")


def test_tolerations_that_do_not_read_are_left_out_with_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    assert read(IGNORE_ENTRYPOINT_TOLERATIONS='[{"key":"a"}]').injection.ignore_entrypoint_tolerations == (
        {"key": "a"},
    )
    with caplog.at_level(logging.WARNING):
        assert read(IGNORE_ENTRYPOINT_TOLERATIONS="{").injection.ignore_entrypoint_tolerations == ()
    assert "IGNORE_ENTRYPOINT_TOLERATIONS" in caplog.text


def test_a_bad_pattern_of_callers_names_the_variable() -> None:
    with pytest.raises(SettingsError, match="ALLOWED_SERVICE_ACCOUNTS"):
        read(ALLOWED_SERVICE_ACCOUNTS="nocolon")


def test_tokens_are_mounted_where_the_injector_has_one_itself(tmp_path: Path) -> None:
    token = tmp_path / "token"
    assert not read(tokens=(str(token),)).injection.token_volume
    token.write_text("x")
    assert read(tokens=(str(token),)).injection.token_volume


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("search shop.svc.my.domain svc.my.domain my.domain\n", "my.domain"),
        ("nameserver 10.0.0.1\nsearch default.svc.cluster.local svc.cluster.local cluster.local\n", "cluster.local"),
        ("search example.com\n", "cluster.local"),
        ("", "cluster.local"),
    ],
)
def test_the_clusters_domain_stands_in_the_resolvers_file(tmp_path: Path, text: str, domain: str) -> None:
    path = tmp_path / "resolv.conf"
    path.write_text(text)
    assert cluster_domain(str(path)) == domain


def test_without_a_resolvers_file_the_usual_domain_is_taken(tmp_path: Path) -> None:
    assert cluster_domain(str(tmp_path / "none")) == "cluster.local"


def test_the_scheduler_is_a_flag() -> None:
    assert not read(Options(scheduler_enabled=False)).injection.scheduler
