"""Programs that a kubeconfig names for credentials."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from dapr_core.kube import ConfigError, KubeError
from dapr_core.kube.credentials import CredentialError
from dapr_core.kube.kubeconfig import read_kubeconfig
from dapr_core.kube.programs import MARGIN, VERSIONS, Answer, Program, ProgramToken

Json = dict[str, Any]
SERVER = "https://cluster.example:6443"


def script(folder: Path, body: str) -> str:
    """A Python program, by its path."""
    path = folder / "login"
    path.write_text(f"#!{sys.executable}\nimport json, os, sys\n{body}\n")
    path.chmod(0o755)
    return str(path)


def giving(folder: Path, status: Json, version: str = VERSIONS[0], kind: str = "ExecCredential") -> str:
    return script(folder, f"print({json.dumps({'apiVersion': version, 'kind': kind, 'status': status})!r})")


def kubeconfig(folder: Path, user: Json, **cluster: Any) -> str:
    path = folder / "config"
    value = {
        "current-context": "c",
        "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
        "clusters": [{"name": "c", "cluster": {"server": SERVER, **cluster}}],
        "users": [{"name": "u", "user": user}],
    }
    path.write_text(yaml.safe_dump(value))
    return str(path)


def program(command: str, **more: Any) -> Json:
    return {"exec": {"apiVersion": VERSIONS[0], "command": command, "interactiveMode": "Never"} | more}


@pytest.mark.parametrize("version", VERSIONS)
def test_the_token_of_a_program_is_used(tmp_path: Path, version: str) -> None:
    user = program(giving(tmp_path, {"token": "abc"}, version), apiVersion=version)
    config = read_kubeconfig([kubeconfig(tmp_path, user)], programs=True)
    assert config.credential.authorization() == b"Bearer abc"


def test_a_certificate_of_a_program_is_used(tmp_path: Path) -> None:
    user = program(giving(tmp_path, {"clientCertificateData": "CERT", "clientKeyData": "KEY"}))
    config = read_kubeconfig([kubeconfig(tmp_path, user)], programs=True)
    assert (config.certificate.read(), config.key.read(), config.credential.authorization()) == (b"CERT", b"KEY", b"")


def test_no_program_is_started_unless_it_is_allowed(tmp_path: Path) -> None:
    user = program(script(tmp_path, f"open({str(tmp_path / 'started')!r}, 'w')"))
    with pytest.raises(ConfigError, match="starts a program for its credentials"):
        read_kubeconfig([kubeconfig(tmp_path, user)])
    assert not (tmp_path / "started").exists()


def test_a_program_gets_its_arguments_its_variables_and_what_it_wants_to_know(tmp_path: Path) -> None:
    body = (
        "info = json.loads(os.environ['KUBERNETES_EXEC_INFO'])\n"
        "token = '-'.join([*sys.argv[1:], os.environ['REGION'], str(info['spec']['interactive']),"
        " info['spec']['cluster']['server'], info['spec']['cluster']['config']['audience']])\n"
        "print(json.dumps({'apiVersion': info['apiVersion'], 'kind': info['kind'], 'status': {'token': token}}))"
    )
    more: Json = {"args": ["get", "token"], "env": [{"name": "REGION", "value": "north"}], "provideClusterInfo": True}
    user = program(script(tmp_path, body), **more)
    extension = {"name": "client.authentication.k8s.io/exec", "extension": {"audience": "me"}}
    config = read_kubeconfig([kubeconfig(tmp_path, user, extensions=[extension])], programs=True)
    assert config.credential.authorization() == f"Bearer get-token-north-False-{SERVER}-me".encode()


def test_a_path_of_a_program_starts_at_the_kubeconfig(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    giving(tmp_path, {"token": "abc"})
    monkeypatch.chdir("/")
    config = read_kubeconfig([kubeconfig(tmp_path, program("./login"))], programs=True)
    assert config.credential.authorization() == b"Bearer abc"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("sys.exit(3)", "ended with status 3"),
        ("print('token')", "gave no ExecCredential"),
        ('print(\'{"kind": "Secret"}\')', "gave no ExecCredential"),
        (f'print(\'{{"kind": "ExecCredential", "apiVersion": "{VERSIONS[1]}", "status": {{}}}}\')', "gave no Exec"),
        (f'print(\'{{"kind": "ExecCredential", "apiVersion": "{VERSIONS[0]}", "status": {{}}}}\')', "neither a token"),
        (
            f'print(\'{{"kind": "ExecCredential", "apiVersion": "{VERSIONS[0]}", "status": {{"token": 7}}}}\')',
            "gave no ExecCredential",
        ),
    ],
    ids=["a failure", "no JSON", "another kind", "another version", "nothing", "no text"],
)
def test_a_program_that_gives_nothing_is_told_without_its_output(tmp_path: Path, body: str, said: str) -> None:
    with pytest.raises(CredentialError, match=said) as caught:
        read_kubeconfig([kubeconfig(tmp_path, program(script(tmp_path, body)))], programs=True)
    assert "token'" not in str(caught.value)


def test_a_program_that_is_missing_is_told_with_the_hint_of_the_kubeconfig(tmp_path: Path) -> None:
    with pytest.raises(CredentialError, match="cannot be started: No such file or directory; get it from a shop"):
        read_kubeconfig(
            [kubeconfig(tmp_path, program("no-such-login", installHint="get it from a shop"))], programs=True
        )


def test_a_program_that_must_talk_is_not_started_without_a_terminal(tmp_path: Path) -> None:
    read, write = os.pipe()
    os.close(write)
    with os.fdopen(read) as nobody, pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdin", nobody)
        with pytest.raises(CredentialError, match="wants to talk to somebody"):
            Program(("login",), interactive=True).ask()


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"apiVersion": "client.authentication.k8s.io/v1alpha1"}, "an apiVersion that is"),
        ({"apiVersion": ""}, "has to name a command"),
        ({"args": "get"}, "are no list of texts"),
        ({"env": [{"name": "A"}]}, "has no name, or no value"),
    ],
)
def test_what_a_kubeconfig_gets_wrong_is_told(tmp_path: Path, more: Json, said: str) -> None:
    with pytest.raises(KubeError, match=said):
        read_kubeconfig([kubeconfig(tmp_path, program("login", **more))], programs=True)


class Counting(Program):
    """Gives another token each time."""

    __slots__ = ()
    given: list[float] = []  # noqa: RUF012

    def ask(self) -> Answer:
        self.given.append(0)
        return Answer(f"token{len(self.given)}", expires=1000.0 * len(self.given))


def test_a_token_is_asked_for_anew_before_it_ends_and_when_it_is_refused() -> None:
    now = 0.0
    asked = Counting(("login",))
    token = ProgramToken(asked, asked.ask(), now=lambda: now)
    assert token.authorization() == b"Bearer token1"
    now = 1000 - MARGIN
    assert token.authorization() == b"Bearer token1"
    now += 1
    assert token.authorization() == b"Bearer token2"
    assert token.refused()
    assert token.authorization() == b"Bearer token3"


def test_a_representation_holds_no_secret() -> None:
    assert "abc" not in repr(Answer("abc", b"", b"abc"))
    assert "abc" not in repr(Program(("login",), {"PASSWORD": "abc"}))
