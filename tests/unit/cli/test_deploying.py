"""Applications of a run file as objects of a cluster, and their logs as lines."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dapr_cli.command import Failure
from dapr_cli.deploying.manifests import annotations_of, check, deployment, service
from dapr_cli.deploying.watching import lines_of
from dapr_cli.launch.runfile import parse_run_file
from dapr_cli.launch.spec import AppSpec
from dapr_cli.paths import Root

PLAIN = {"dapr.io/enabled": "true", "dapr.io/app-id": "orders"}


def spec(**fields: Any) -> AppSpec:
    return AppSpec(**{"app_id": "orders", "container_image": "r/orders:1", **fields})


def test_an_application_that_says_nothing_leaves_all_defaults_to_the_injector() -> None:
    assert annotations_of(spec(), configuration=False) == PLAIN


@pytest.mark.parametrize(
    ("fields", "annotation", "value"),
    [
        ({"app_port": 8080}, "app-port", "8080"),
        ({"app_protocol": "grpc"}, "app-protocol", "grpc"),
        ({"enable_api_logging": True}, "enable-api-logging", "true"),
        ({"max_body_size": "8Mi"}, "max-body-size", "8388608"),
        ({"placement_host_address": ""}, "placement-host-address", ""),
        ({"app_health_threshold": 7}, "app-health-threshold", "7"),
        ({"dapr_grpc_port": 6000}, "grpc-port", "6000"),
    ],
)
def test_fields_of_a_run_file_become_annotations(fields: dict[str, Any], annotation: str, value: str) -> None:
    assert annotations_of(spec(**fields), configuration=False) == {**PLAIN, f"dapr.io/{annotation}": value}


def test_a_configuration_that_is_there_is_used() -> None:
    assert annotations_of(spec(), configuration=True) == {**PLAIN, "dapr.io/config": "appconfig"}


def test_a_deployment_selects_its_own_pods() -> None:
    made = deployment(spec(app_port=8080, env={"A": "b"}), configuration=False)
    pod = made["spec"]["template"]
    assert made["spec"]["selector"]["matchLabels"].items() <= pod["metadata"]["labels"].items()
    [container] = pod["spec"]["containers"]
    assert container == {
        "name": "orders",
        "image": "r/orders:1",
        "imagePullPolicy": "Always",
        "env": [{"name": "A", "value": "b"}],
        "ports": [{"containerPort": 8080}],
    }


def test_a_service_leads_from_outside_to_the_application() -> None:
    made = service(spec(app_port=8080, create_service=True))["spec"]
    assert (made["type"], made["selector"]) == ("LoadBalancer", {"app": "orders"})
    assert made["ports"] == [{"protocol": "TCP", "port": 80, "targetPort": 8080}]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"container_image": ""}, "has no containerImage"),
        ({"image_pull_policy": "always"}, "it takes Always, IfNotPresent, Never"),
        ({"create_service": True}, "has no appPort"),
    ],
)
def test_what_cannot_be_deployed_is_told(fields: dict[str, Any], said: str) -> None:
    check(spec())
    with pytest.raises(Failure, match=said):
        check(spec(**fields))


def test_a_run_file_tells_image_policy_and_service(tmp_path: Path) -> None:
    text = (
        "version: 1\napps:\n- appID: orders\n  appDirPath: .\n  appPort: 80\n  containerImage: r/orders:1\n"
        "  containerImagePullPolicy: IfNotPresent\n  createService: true\n"
    )
    [app] = parse_run_file(text, tmp_path / "dapr.yaml", Root(tmp_path)).apps
    assert (app.container_image, app.image_pull_policy, app.create_service) == ("r/orders:1", "IfNotPresent", True)


def lines(pieces: Sequence[bytes], limit: int = 100) -> list[bytes]:
    async def stream() -> AsyncIterator[bytes]:
        for piece in pieces:
            yield piece

    async def collected() -> list[bytes]:
        return [line async for line in lines_of(stream(), limit)]

    return asyncio.run(collected())


@given(st.lists(st.binary(max_size=5)))
def test_lines_do_not_depend_on_how_a_log_arrives(pieces: list[bytes]) -> None:
    assert lines(pieces) == lines([b"".join(pieces)])


def test_a_line_without_an_end_comes_in_parts() -> None:
    assert lines([b"abc\r\n\nde", b"fghij", b"k"], limit=4) == [b"abc", b"", b"defg", b"hijk"]
