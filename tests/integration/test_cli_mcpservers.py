"""`dapr mcpservers` on this machine: MCPServers among the resources that are written in folders."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.cli import Cli

SERVER = """\
apiVersion: dapr.io/v1alpha1
kind: MCPServer
metadata:
  name: {name}
spec:
  endpoint:
    sse:
      url: http://localhost:9000/{name}
"""
OTHER = "apiVersion: dapr.io/v1alpha1\nkind: Component\nmetadata: {name: bus}\nspec: {type: pubsub.redis}\n"


@pytest.fixture
def cli(tmp_path: Path) -> Cli:
    components = tmp_path / ".dapr" / "components"
    components.mkdir(parents=True)
    (components / "all.yaml").write_text("---\n".join([SERVER.format(name="two"), OTHER, SERVER.format(name="one")]))
    (components / "notes.txt").write_text("kind: [MCPServer")
    return Cli(tmp_path)


def test_those_of_the_default_folder_are_listed(cli: Cli) -> None:
    lines = [line.split() for line in cli.run("mcpservers").stdout.splitlines()]
    assert lines == [
        ["NAME", "TRANSPORT", "URL"],
        ["one", "sse", "http://localhost:9000/one"],
        ["two", "sse", "http://localhost:9000/two"],
    ]
    [found] = json.loads(cli.run("mcpservers", "--name", "ONE", "-o", "json").stdout)
    assert found == {
        "name": "one",
        "namespace": "",
        "spec": {"endpoint": {"sse": {"url": "http://localhost:9000/one"}}},
    }


def test_other_folders_may_be_named(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    assert cli.run("mcpservers", "--resources-path", "mine").stdout == "No Dapr mcpservers found.\n"
    missing = cli.run("mcpservers", "--resources-path", "missing")
    assert (missing.returncode, "missing is no folder" in missing.stderr) == (1, True)
    beside = cli.run("mcpservers", "-k", "--resources-path", "mine")
    assert (beside.returncode, "--resources-path is for this machine" in beside.stderr) == (255, True)
