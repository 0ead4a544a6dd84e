"""Which sidecars join a certificate authority, and which one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dapr_cli.authority import Authority
from dapr_cli.command import Failure
from dapr_cli.launch.membership import asks_for_mtls, joined
from dapr_cli.launch.spec import AppSpec

YES = "spec: {mtls: {enabled: true}}"
NO = "spec: {mtls: {enabled: false}}"
SILENT = "spec: {tracing: {}}"


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (YES, True),
        ("spec: {mTLS: {enabled: true}}", True),
        (NO, False),
        (SILENT, None),
        ("# mtls\nspec: null", None),
        ("mtls: [", None),
        ("spec: {mtls: {}}", None),
        ("spec: {mtls: {enabled: 'yes'}}", None),
    ],
)
def test_what_a_configuration_says_of_mutual_tls(tmp_path: Path, document: str, expected: bool | None) -> None:
    (tmp_path / "config.yaml").write_text(document)
    assert asks_for_mtls(tmp_path / "config.yaml") is expected


def authority(folder: Path, *, set_up: bool = True) -> Authority:
    """One whose process need not run: what was set up counts."""
    made = Authority(folder, folder / "config.yaml")
    if set_up:
        made.prepare()
        made.anchors.write_text("ROOTS")
        (folder / "process.json").write_text(json.dumps({"port": 50123, "pid": 1, "started": 1.0}))
    return made


def spec(folder: Path, document: str | None) -> AppSpec:
    if document is None:
        return AppSpec(app_id="app")
    (folder / "own.yaml").write_text(document)
    return AppSpec(app_id="app", config=folder / "own.yaml")


@pytest.mark.parametrize("document", [None, SILENT, YES])
def test_where_an_authority_was_set_up_a_sidecar_joins_it(tmp_path: Path, document: str | None) -> None:
    found = joined(spec(tmp_path, document), authority(tmp_path), {"DAPR_TRUST_ANCHORS": "of somebody else"})
    roots = tmp_path / "credentials/ca.crt"
    assert (found.sentry_address, found.trust_anchors) == ("127.0.0.1:50123", roots)


def test_a_configuration_can_keep_its_sidecar_out(tmp_path: Path) -> None:
    assert joined(spec(tmp_path, NO), authority(tmp_path), {}).sentry_address == ""


@pytest.mark.parametrize("document", [None, SILENT, NO])
def test_without_an_authority_nobody_joins_one(tmp_path: Path, document: str | None) -> None:
    assert joined(spec(tmp_path, document), authority(tmp_path, set_up=False), {}).sentry_address == ""


def test_the_authority_of_the_environment_is_where_the_public_cli_expects_it(tmp_path: Path) -> None:
    found = joined(spec(tmp_path, YES), authority(tmp_path, set_up=False), {"DAPR_TRUST_ANCHORS": "PEM"})
    assert (found.sentry_address, found.trust_anchors) == ("localhost:50001", None)


def test_mutual_tls_without_roots_is_refused_before_anything_starts(tmp_path: Path) -> None:
    with pytest.raises(Failure, match="dapr init --with-sentry"):
        joined(spec(tmp_path, YES), authority(tmp_path, set_up=False), {})


def test_roots_that_are_missing_are_named(tmp_path: Path) -> None:
    made = authority(tmp_path)
    made.anchors.unlink()
    with pytest.raises(Failure, match=r"ca\.crt are missing"):
        joined(spec(tmp_path, None), made, {})
