"""The program ``helm``, which installs charts: how it is called, and what its refusals mean.

Values go in through standard input: an issuer's key among them is in no argument list and in no file.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from dapr_cli.command import Failure
from dapr_cli.flags import Parsed

PROGRAM = "helm"
OLDEST = (3, 14)
"""The first version that keeps a release's values over a new chart's defaults (``--reset-then-reuse-values``)."""
INTERRUPTED_WAIT = 60.0
"""Seconds that an interrupted Helm has to write down where it stopped."""
MISSING = (
    "the program helm is not on the PATH, and it is what installs the control plane; "
    "get it from https://helm.sh/docs/intro/install, or install the chart by other means: it is in {chart}"
)
HINTS = (
    ("cannot re-use a name that is still in use", "a former installation is there: `dapr uninstall -k` removes it"),
    (
        "invalid ownership metadata",
        "another installation owns it: upgrade that one with `dapr upgrade -k`, or remove it with `dapr uninstall -k` "
        "and its namespace",
    ),
    ("timed out", "`dapr status -k` says which service is not ready; --timeout gives it longer"),
    ("deadline exceeded", "`dapr status -k` says which service is not ready; --timeout gives it longer"),
    ("another operation", "wait until it is done; one that was interrupted is undone by `helm rollback`"),
)
"""What Helm says, and what to do about it."""


class Release(NamedTuple):
    """What Helm has installed: the name it has there, its chart with the version behind a dash, and its state."""

    name: str
    namespace: str
    chart: str
    status: str


class Change(NamedTuple):
    """What is to become of a release.

    Attributes:
        namespace: where it is.
        values: what the command's own flags ask for.
        files: the user's files of values, which count more than ``values``.
        sets: the user's single values, which count most.
        wait: until everything is ready.
        timeout: seconds for that.
    """

    namespace: str
    values: Mapping[str, Any]
    files: Sequence[str] = ()
    sets: Sequence[str] = ()
    wait: bool = False
    timeout: int = 300

    def arguments(self) -> list[str]:
        """The arguments that say so. Hooks and definitions are left out: the command brings definitions itself."""
        words = ["--namespace", self.namespace, "--timeout", f"{self.timeout}s", "--skip-crds", "--no-hooks"]
        words += ["--wait"] if self.wait else []
        words += ["--values", "-"]
        words += [word for file in self.files for word in ("--values", file)]
        return words + [word for each in self.sets for word in ("--set", each)]


class Helm:
    """The program, for one cluster. Every method raises Failure when Helm refuses, with its words."""

    def __init__(self, program: str, kubeconfig: str = "", context: str = "") -> None:
        self._command = [program]
        self._cluster = ["--kubeconfig", kubeconfig] if kubeconfig else []
        self._cluster += ["--kube-context", context] if context else []
        self._all: list[str] = []

    @classmethod
    def of(cls, flags: Parsed, chart: Path) -> Helm:
        """The program on the PATH. Raises Failure when there is none, or one that is too old."""
        program = shutil.which(PROGRAM)
        if program is None:
            raise Failure(MISSING.format(chart=chart))
        helm = cls(program, flags.text("kubeconfig"), flags.text("context"))
        version = helm.version()
        if version < OLDEST:
            wanted, found = (".".join(map(str, each)) for each in (OLDEST, version))
            raise Failure(f"{program} is of version {found}; at least {wanted} is needed, see https://helm.sh")
        if version < (4,):  # from then on it lists all there is, and has no flag for it
            helm._all = ["--all"]
        return helm

    def version(self) -> tuple[int, ...]:
        """Major and minor version."""
        said = self._run("tell its version", ["version", "--template", "{{.Version}}"])
        found = re.search(r"v?(\d+)\.(\d+)", said)
        return (int(found[1]), int(found[2])) if found else OLDEST

    def releases(self, namespace: str) -> list[Release]:
        """All releases of a namespace, whole or not."""
        said = self._run("list releases", ["list", *self._all, "--namespace", namespace, "--output", "json"])
        return [
            Release(each["name"], each["namespace"], each["chart"], each["status"]) for each in json.loads(said or "[]")
        ]

    def values(self, name: str, namespace: str) -> dict[str, Any]:
        """What a release was told to differ from its chart's defaults."""
        said = self._run("read values", ["get", "values", name, "--namespace", namespace, "--output", "json"])
        return json.loads(said) or {}

    def install(self, name: str, chart: Path, change: Change) -> None:
        """Install a chart; its namespace is made if there is none."""
        words = ["install", name, str(chart), "--create-namespace", *change.arguments()]
        self._run("install Dapr", words, json.dumps(change.values))

    def upgrade(self, name: str, chart: Path, change: Change) -> None:
        """Upgrade a release to a chart; what it was told before stays, unless ``change`` says otherwise."""
        words = ["upgrade", name, str(chart), "--reset-then-reuse-values", "--cleanup-on-fail", *change.arguments()]
        self._run("upgrade Dapr", words, json.dumps(change.values))

    def uninstall(self, name: str, namespace: str, timeout: int) -> None:
        """Remove a release and wait until it is gone."""
        words = ["uninstall", name, "--namespace", namespace, "--timeout", f"{timeout}s", "--wait"]
        self._run("remove Dapr", words)

    def _run(self, what: str, words: Sequence[str], stdin: str = "") -> str:
        command = [*self._command, *words, *self._cluster]
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as helm:
            try:
                said, complained = helm.communicate(stdin)
            except KeyboardInterrupt:
                # It got the same signal and marks the release as failed; ended sooner, it would stay "pending".
                helm.wait(INTERRUPTED_WAIT)
                raise
        if helm.returncode:
            raise Failure(refusal(what, complained or said))
        return said


def refusal(what: str, said: str) -> str:
    """What the user hears when Helm could not do something."""
    lines = [line for line in said.strip().splitlines() if not line.startswith(("WARNING", "level="))]
    message = "\n".join(lines).removeprefix("Error: ").strip() or "it did not say why"
    for sign, remedy in HINTS:
        if sign in message:
            return f"helm could not {what}: {message}; {remedy}"
    return f"helm could not {what}: {message}"
