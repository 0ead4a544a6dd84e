"""Annotations: what a pod asks of its sidecar (control-plane.md §6)."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dapr_injector.annotations import NAMES, SidecarAnnotations, asks_for_sidecar, read_annotations


def read(**annotations: str) -> SidecarAnnotations:
    return read_annotations({f"dapr.io/{name.replace('_', '-')}": value for name, value in annotations.items()})[0]


def test_every_documented_annotation_is_read() -> None:
    documented = """
        app-id app-port app-protocol app-ssl app-channel-address app-max-concurrency config log-level log-as-json
        enable-profiling enable-api-logging enable-metrics metrics-port grpc-port internal-grpc-port
        sidecar-listen-addresses api-token-secret app-token-secret env env-from-secret enable-debug debug-port
        sidecar-image sidecar-cpu-request sidecar-cpu-limit sidecar-memory-request sidecar-memory-limit
        sidecar-seccomp-profile-type sidecar-liveness-probe-delay-seconds sidecar-liveness-probe-timeout-seconds
        sidecar-liveness-probe-period-seconds sidecar-liveness-probe-threshold
        sidecar-readiness-probe-delay-seconds sidecar-readiness-probe-timeout-seconds
        sidecar-readiness-probe-period-seconds sidecar-readiness-probe-threshold http-max-request-size max-body-size
        http-read-buffer-size read-buffer-size graceful-shutdown-seconds block-shutdown-duration
        unix-domain-socket-path volume-mounts volume-mounts-rw disable-builtin-k8s-secret-store
        enable-app-health-check app-health-check-path app-health-probe-interval app-health-probe-timeout
        app-health-threshold app-binding-options-timeout placement-host-address scheduler-host-address
        actors-disseminate-timeout sentry-request-jwt-audiences disable-init-endpoints enable-native-sidecar
        pluggable-components pluggable-components-sockets-folder inject-pluggable-components
    """
    assert set(NAMES) == {f"dapr.io/{name}" for name in documented.split()}


def test_without_annotations_the_documented_defaults_hold() -> None:
    found, complaints = read_annotations({})
    assert complaints == ()
    assert (found.app_port, found.app_protocol, found.log_level) == (0, "http", "info")
    assert (found.metrics_port, found.grpc_port, found.internal_grpc_port, found.debug_port) == (
        9090,
        50001,
        50002,
        40000,
    )
    assert found.listen_addresses == "[::1],127.0.0.1"
    assert found.enable_metrics
    assert found.graceful_shutdown_seconds == -1


@pytest.mark.parametrize("word", ["y", "yes", "true", "t", "on", "1", "TRUE", " Yes "])
def test_words_for_yes_switch_on(word: str) -> None:
    assert read(log_as_json=word).log_as_json


@pytest.mark.parametrize("word", ["", "false", "0", "no", "maybe", "truely"])
def test_any_other_word_switches_off(word: str) -> None:
    assert not read(enable_metrics=word).enable_metrics


@pytest.mark.parametrize("text", ["", "abc", "1.5", "0x10", " 7", "1_000", "2147483648", "9" * 40, "٣"])
def test_a_number_that_does_not_read_leaves_the_default_and_is_complained_of(text: str) -> None:
    found, complaints = read_annotations({"dapr.io/metrics-port": text})
    assert found.metrics_port == 9090
    assert len(complaints) == 1
    assert "dapr.io/metrics-port" in complaints[0]


@pytest.mark.parametrize(("text", "number"), [("8080", 8080), ("+5", 5), ("-1", -1), ("007", 7)])
def test_numbers_read_as_in_go(text: str, number: int) -> None:
    assert read(app_port=text).app_port == number


def test_an_empty_text_counts() -> None:
    assert read(app_protocol="", log_level="").app_protocol == ""


def test_absence_is_told_from_emptiness_where_it_matters() -> None:
    assert read().placement_host_address is None
    assert read(placement_host_address="").placement_host_address == ""
    assert read().enable_api_logging is None
    assert read(enable_api_logging="no").enable_api_logging is False


@pytest.mark.parametrize("text", ['""', "''", ' " " ', "' '"])
def test_quotes_left_around_an_address_are_taken_off(text: str) -> None:
    assert read(scheduler_host_address=text.strip()).scheduler_host_address == ""


@pytest.mark.parametrize(("text", "asks"), [("true", True), ("TRUE", True), ("yes", False), ("1", False), ("", False)])
def test_only_the_literal_true_asks_for_a_sidecar(text: str, asks: bool) -> None:
    assert asks_for_sidecar({"dapr.io/enabled": text}) is asks


@given(st.dictionaries(st.sampled_from(NAMES), st.text(max_size=20)))
def test_no_value_of_any_annotation_is_an_error(annotations: dict[str, str]) -> None:
    found, complaints = read_annotations(annotations)
    assert len(complaints) <= len(annotations)
    for field in dataclasses.fields(found):
        assert isinstance(getattr(found, field.name), (str, int, type(None)))
