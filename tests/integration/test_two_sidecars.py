"""Two sidecars find one another: by a table in a file, by multicast, over IPv4 and IPv6; and what they tell of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import manifests
from support.calls import call
from support.cli import unique_id
from support.echo_app import echo_app
from support.processes import daprd, wait_until


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_by_a_table_in_a_file(tmp_path: Path, address: str) -> None:
    config = manifests.finding(tmp_path / "names.db")
    with (
        echo_app() as app,
        daprd("callee", app_port=app.port, config=config, env={"DAPR_HOST_IP": address}) as callee,
        daprd("caller", config=config, env={"DAPR_HOST_IP": address}) as caller,
    ):
        callee.wait_for_line("Initialized name resolution to sqlite")
        target = "/v1.0/invoke/callee/method/hello"
        wait_until(lambda: call(caller.http_port, "GET", target).status == 200, what="the call")
        assert call(caller.http_port, "GET", target).body == b"hello"


def test_by_multicast() -> None:
    app_id = unique_id("callee")
    with echo_app() as app, daprd(app_id, app_port=app.port), daprd("caller") as caller:
        target = f"/v1.0/invoke/{app_id}/method/hello"
        wait_until(lambda: call(caller.http_port, "GET", target).status == 200, what="the call")


def test_metrics_count_calls_and_watch_the_loop() -> None:
    with echo_app() as app, daprd("app", app_port=app.port) as sidecar:
        assert call(sidecar.http_port, "GET", "/v1.0/invoke/app/method/hello").status == 200
        wait_until(
            lambda: "dapr_loop_lag_ms_count" in call(sidecar.metrics_port, "GET", "/metrics").text,
            what="the lag",
        )
        text = call(sidecar.metrics_port, "GET", "/metrics").text
    for name in ("dapr_http_server_request_count", "dapr_http_client_completed_count", "process_resident_memory_bytes"):
        assert f"\n{name}" in text, name
