"""Helm for the tests: the project's chart rendered to objects, and installed on a cluster."""

from __future__ import annotations

import copy
import json
import os
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from cluster.kube.client import Object

CHART = Path(__file__).resolve().parents[3] / "charts" / "dapr"
SYSTEM = "dapr-system"

Values = Mapping[str, Any]


class HelmError(Exception):
    """Helm refused; the message is its own."""


@dataclass(frozen=True, slots=True)
class Helm:
    """The program, and the cluster it works on if it is one that installs."""

    program: Path
    kubeconfig: Path | None = None
    _rendered: dict[str, list[Object]] = field(default_factory=dict, compare=False, repr=False)

    def lint(self, values: Values | None = None) -> str:
        """What ``helm lint --strict`` says; raises ``HelmError`` if it finds fault."""
        return self._run(["lint", str(CHART), "--strict"], values)

    def render(self, values: Values | None = None, *flags: str, namespace: str = SYSTEM) -> list[Object]:
        """The objects of a release named ``dapr``; the same values are rendered once."""
        key = json.dumps([values or {}, flags, namespace], sort_keys=True)
        if key not in self._rendered:
            text = self._run(["template", "dapr", str(CHART), "--namespace", namespace, *flags], values)
            self._rendered[key] = [each for each in yaml.load_all(text, Loader=yaml.CSafeLoader) if each]
        return copy.deepcopy(self._rendered[key])

    def install(self, namespace: str, values: Values | None = None, *flags: str) -> str:
        """Install and wait until every pod is ready."""
        wait = ["--namespace", namespace, "--create-namespace", "--wait", "--timeout", "180s"]
        return self._run(["install", "dapr", str(CHART), *wait, *flags], values)

    def upgrade(self, namespace: str, values: Values | None = None, *flags: str) -> str:
        """Upgrade and wait until every pod is ready."""
        wait = ["--namespace", namespace, "--wait", "--timeout", "180s"]
        return self._run(["upgrade", "dapr", str(CHART), *wait, *flags], values)

    def install_other(self, chart: Path, name: str, namespace: str) -> str:
        """Install another chart than the project's, and wait until every pod is ready."""
        return self._run(["install", name, str(chart), "--namespace", namespace, "--wait", "--timeout", "180s"])

    def uninstall(self, namespace: str) -> str:
        """Uninstall and wait until it is gone; one that was never there is as good."""
        return self._run(
            ["uninstall", "dapr", "--ignore-not-found", "--namespace", namespace, "--wait", "--timeout", "120s"]
        )

    def _run(self, arguments: list[str], values: Values | None = None) -> str:
        with tempfile.TemporaryDirectory(prefix="dapr-tests-helm-") as home:
            if values:
                file = Path(home) / "values.json"
                file.write_text(json.dumps(values))
                arguments = [*arguments, "--values", str(file)]
            if self.kubeconfig is not None:
                arguments = [*arguments, "--kubeconfig", str(self.kubeconfig)]
            places = {f"HELM_{name}_HOME": f"{home}/{name}" for name in ("CACHE", "CONFIG", "DATA")}
            done = subprocess.run(
                [str(self.program), *arguments], capture_output=True, text=True, env={**os.environ, **places}
            )
        if done.returncode:
            raise HelmError(done.stdout + done.stderr)
        return done.stdout


def find(objects: list[Object], kind: str, name: str) -> Object:
    """The one object of that kind and name."""
    found = [each for each in objects if each["kind"] == kind and each["metadata"]["name"] == name]
    assert len(found) == 1, f"{len(found)} objects are {kind} {name}"
    return found[0]


def names(objects: list[Object], kind: str) -> list[str]:
    """The names of all objects of a kind, sorted."""
    return sorted(each["metadata"]["name"] for each in objects if each["kind"] == kind)


def container(workload: Object) -> Any:
    """The service's container of a workload."""
    [found] = [
        each
        for each in workload["spec"]["template"]["spec"]["containers"]
        if each["name"] == workload["metadata"]["name"]
    ]
    return found


def nested(**values: Any) -> dict[str, Any]:
    """Values by dotted keys, with ``__`` for the dot: ``global__ha__enabled=True``."""
    whole: dict[str, Any] = {}
    for path, value in values.items():
        *above, last = path.split("__")
        here = whole
        for key in above:
            here = here.setdefault(key, {})
        here[last] = value
    return whole
