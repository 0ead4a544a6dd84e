"""The book's chapter on secrets as it is done today: a store by a third party, and the API (B54, B55).

The store of B54 is a distribution of its own, found by its entry point of the group ``dapr.components``. Its code and
its entry point are those of the README, so that the recipe there is the one that works.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.calls import call
from support.cli import unique_id
from support.manifests import component, configuration, folder, write
from support.processes import Daprd, daprd
from support.redis_server import redis_server

README = Path(__file__).parent.parent.parent / "README.md"
TOKEN = "swordfish-54"


def from_readme(language: str, mark: str) -> str:
    """The README's block of code of that language that holds ``mark``."""
    blocks = re.findall(rf"^```{language}\n(.*?)^```", README.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    [block] = [block for block in blocks if mark in block]
    return str(block)


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """A folder as ``pip install --target`` leaves it for the distribution that the README shows."""
    site = tmp_path / "site"
    about = site / "acme-1.0.dist-info"
    about.mkdir(parents=True)
    (site / "acme.py").write_text(from_readme("python", "SecretStore"))
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: acme\nVersion: 1.0\n")
    entries = tomllib.loads(from_readme("toml", "dapr.components"))["project"]["entry-points"]["dapr.components"]
    lines = ["[dapr.components]", *(f"{name} = {where}" for name, where in entries.items())]
    (about / "entry_points.txt").write_text("\n".join(lines) + "\n")
    return site


def test_B54_a_third_partys_store_serves_the_api_and_other_manifests(installed: Path, tmp_path: Path) -> None:
    vault = component("vault", "secretstores.acme", token=TOKEN)
    with redis_server(options=("--requirepass", TOKEN)) as redis:
        store = component("statestore", "state.redis", redisHost=redis.address)
        password = {"name": "redisPassword", "secretKeyRef": {"name": "token", "key": "token"}}
        store["spec"]["metadata"].append(password)
        store["auth"] = {"secretStore": "vault"}
        resources = folder(tmp_path / "components", store, vault)
        with daprd(unique_id("custom"), resources=resources, env={"PYTHONPATH": str(installed)}) as sidecar:
            sidecar.wait_for_line("Component loaded: vault (secretstores.acme/v1)")
            assert call(sidecar.http_port, "POST", "/v1.0/state/statestore", [{"key": "k", "value": 1}]).status == 204
            known = call(sidecar.http_port, "GET", "/v1.0/secrets/vault/token")
            assert (known.status, known.json) == (200, {"token": TOKEN})
            assert call(sidecar.http_port, "GET", "/v1.0/secrets/vault/bulk").json == {"token": {"token": TOKEN}}
            unknown = call(sidecar.http_port, "GET", "/v1.0/secrets/vault/none")
            assert (unknown.status, unknown.json["errorCode"]) == (500, "ERR_SECRET_GET")
            assert "secret none not found" in unknown.json["message"]
    assert TOKEN not in sidecar.output


def test_B54_without_the_distribution_the_sidecar_says_what_is_missing(tmp_path: Path) -> None:
    resources = folder(tmp_path / "components", component("vault", "secretstores.acme", token=TOKEN))
    with daprd(unique_id("custom"), resources=resources, ready=None) as sidecar:
        assert sidecar.popen.wait(20) == 1
        sidecar.wait_for_line("couldn't find secret store secretstores.acme/v1")
    assert TOKEN not in sidecar.output


@pytest.fixture(scope="module")
def sidecar(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daprd]:
    home = tmp_path_factory.mktemp("secrets")
    (home / "secrets.json").write_text(json.dumps({"mysecret": "value", "hidden": "never"}))
    local = component("local", "secretstores.local.file", secretsFile=str(home / "secrets.json"))
    scopes = {"secrets": {"scopes": [{"storeName": "local", "deniedSecrets": ["hidden"]}]}}
    config = write(home / "config.yaml", configuration(scopes))
    with daprd(unique_id("secrets"), resources=folder(home / "components", local), config=config) as running:
        yield running


@pytest.mark.parametrize(
    ("target", "status", "told"),
    [
        ("local/mysecret", 200, {"mysecret": "value"}),
        ("local/bulk", 200, {"mysecret": {"mysecret": "value"}}),
        ("local/unknown", 500, "ERR_SECRET_GET"),
        ("local/hidden", 403, "ERR_PERMISSION_DENIED"),
        ("nostore/mysecret", 401, "ERR_SECRET_STORE_NOT_FOUND"),
    ],
)
def test_B55_the_secret_api_answers_as_documented(sidecar: Daprd, target: str, status: int, told: object) -> None:
    answer = call(sidecar.http_port, "GET", f"/v1.0/secrets/{target}")
    assert answer.status == status
    assert answer.json == told if status == 200 else answer.json["errorCode"] == told


@pytest.mark.parametrize("verb", ["POST", "PUT", "DELETE"])
def test_B55_the_secret_api_is_read_only(sidecar: Daprd, verb: str) -> None:
    assert call(sidecar.http_port, verb, "/v1.0/secrets/local/mysecret", b"{}").status == 404
    assert call(sidecar.http_port, "GET", "/v1.0/secrets/local/mysecret").json == {"mysecret": "value"}
