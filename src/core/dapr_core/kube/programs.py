"""Credentials that a program gives, as kubeconfigs of most clouds name one (client.authentication.k8s.io v1, v1beta1).

The program is started when the kubeconfig is read, and again when its token ends or the server does not know it. It
blocks the loop meanwhile: it may ask somebody to log in, which is for commands that a person runs, not for services.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from dapr_core.kube.credentials import Credential, CredentialError, bearer

GROUP: Final = "client.authentication.k8s.io"
VERSIONS: Final = (f"{GROUP}/v1", f"{GROUP}/v1beta1")
INFO_VARIABLE: Final = "KUBERNETES_EXEC_INFO"
MAX_ANSWER: Final = 1024 * 1024
MARGIN: Final = 10.0
"""Seconds before its end from which a token is not used any more."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a program gave: a token, or a certificate with its key, or both; ``expires`` is a Unix time, or never."""

    token: str = field(default="", repr=False)
    certificate: bytes = b""
    key: bytes = field(default=b"", repr=False)
    expires: float = float("inf")


@dataclass(frozen=True, slots=True)
class Program:
    """A program and how it is to be called.

    Attributes:
        command: its name or path, and its arguments.
        environment: variables that it gets besides our own.
        api_version: of what it reads and writes, one of ``VERSIONS``.
        interactive: whether it may talk to the user; None where it may only if there is one.
        cluster: what it is told of the cluster; None where it does not want to know.
        hint: what the kubeconfig says to those who lack it.
    """

    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    api_version: str = VERSIONS[0]
    interactive: bool | None = None
    cluster: Mapping[str, object] | None = None
    hint: str = ""

    def ask(self) -> Answer:
        """Start it and read what it gives. Raises ``CredentialError``, which never holds its output."""
        may_talk = sys.stdin is not None and sys.stdin.isatty()
        if self.interactive and not may_talk:
            raise CredentialError(f"{self._name} wants to talk to somebody, and standard input is no terminal")
        talks = may_talk and self.interactive is not False
        spec: dict[str, object] = {"interactive": talks}
        if self.cluster is not None:
            spec["cluster"] = self.cluster
        info = json.dumps({"apiVersion": self.api_version, "kind": "ExecCredential", "spec": spec})
        try:
            done = subprocess.run(
                self.command,
                env={**os.environ, **self.environment, INFO_VARIABLE: info},
                stdin=None if talks else subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                check=False,
            )
        except OSError as error:
            hint = f"; {self.hint}" if self.hint else "; install it, or use a kubeconfig without it"
            raise CredentialError(f"{self._name} cannot be started: {error.strerror or error}{hint}") from None
        if done.returncode:
            raise CredentialError(f"{self._name} ended with status {done.returncode}; what it said is above")
        return self._read(done.stdout)

    @property
    def _name(self) -> str:
        return f"the program {self.command[0]}, which the kubeconfig names for credentials,"

    def _read(self, output: bytes) -> Answer:
        try:
            value: Any = json.loads(output[: MAX_ANSWER + 1])
            status = value["status"]
            if value["kind"] != "ExecCredential" or value["apiVersion"] != self.api_version:
                raise ValueError("another kind")
            answer = Answer(
                _text(status, "token"),
                _text(status, "clientCertificateData").encode(),
                _text(status, "clientKeyData").encode(),
                _moment(_text(status, "expirationTimestamp")),
            )
        except (ValueError, KeyError, TypeError, RecursionError):
            raise CredentialError(f"{self._name} gave no ExecCredential of {self.api_version}") from None
        if not answer.token and not (answer.certificate and answer.key):
            raise CredentialError(f"{self._name} gave neither a token nor a certificate with its key")
        return answer


class ProgramToken(Credential):
    """A token that a program gives.

    Args:
        program: which.
        first: what it gave already.
        now: Unix time.
    """

    def __init__(self, program: Program, first: Answer, *, now: Callable[[], float] = time.time) -> None:
        self._program = program
        self._answer = first
        self._now = now

    def authorization(self) -> bytes:
        if self._answer.expires - self._now() < MARGIN:
            self._answer = self._program.ask()
        return bearer(self._answer.token, f"the token of {self._program.command[0]}")

    def refused(self) -> bool:
        before, self._answer = self._answer, self._program.ask()
        return self._answer.token != before.token


def _text(status: Mapping[str, Any], name: str) -> str:
    value = status.get(name) or ""
    if not isinstance(value, str):
        raise TypeError(name)
    return value


def _moment(text: str) -> float:
    return datetime.fromisoformat(text).timestamp() if text else float("inf")
