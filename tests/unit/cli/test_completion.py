"""What the shell offers next."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from dapr_cli.completion import FILES_WORD, FOLDERS_WORD, SCRIPTS, candidates


def names(*words: str) -> list[str]:
    return [name for name, _ in candidates(words)]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["ru"], ["run"]),
        (["completion", ""], ["bash", "zsh", "fish", "powershell"]),
        (["--log-as-json", "ver"], ["version"]),
        (["list", "-o", ""], ["table", "json", "yaml"]),
        (["list", "--output", "j"], ["json"]),
        (["list", "--output=y"], ["--output=yaml"]),
        (["run", "--app-p"], ["--app-port", "--app-protocol"]),
        (["run", "-P", "h"], ["http", "https", "h2c"]),
        (["run", "--config", ""], [FILES_WORD]),
        (["run", "--resources-path", ""], [FOLDERS_WORD]),
        (["run", "--app-id", "x", "--", "pyth"], [FILES_WORD]),
        (["run", "python3", "ap"], [FILES_WORD]),
        (["version", ""], []),
        (["nonsense", "--log"], ["--log-as-json"]),
    ],
    ids=lambda value: " ".join(value),
)
def test_the_next_word(words: list[str], expected: list[str]) -> None:
    assert names(*words) == expected


def test_old_names_are_not_offered() -> None:
    assert "--port" not in names("run", "--")
    assert "--app-id" in names("run", "--")


def test_contexts_of_all_kubeconfigs_are_offered(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "one").write_text("contexts: [{name: work}, {name: home}, {}, 7]\n")
    (tmp_path / "two").write_text("contexts: [{name: cloud}]\n")
    (tmp_path / "broken").write_text("contexts: [\n")
    paths = [str(tmp_path / name) for name in ("one", "two", "broken", "missing")]
    monkeypatch.setenv("KUBECONFIG", os.pathsep.join(paths))
    assert names("list", "-k", "--context", "") == ["cloud", "home", "work"]
    assert names("list", "--context=w") == ["--context=work"]


def test_nothing_typed_offers_all_commands() -> None:
    assert {"init", "run", "list", "stop", "uninstall"} <= set(names(""))
    assert names() == names("")


def test_bash_completes_by_its_script() -> None:
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("bash is not installed")
    script = SCRIPTS["bash"] + (
        'dapr() { [ "$1 $2" = "__complete ru" ] && printf "run\\tRun it\\nruler\\tMeasure\\n"; }\n'
        "COMP_WORDS=(dapr ru); COMP_CWORD=1; _dapr_complete; printf '%s\\n' \"${COMPREPLY[@]}\"\n"
    )
    done = subprocess.run([bash, "-c", script], capture_output=True, text=True, timeout=20, check=True)
    assert done.stdout.split() == ["run", "ruler"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_scripts_are_valid_where_the_shell_is_installed(shell: str) -> None:
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"{shell} is not installed")
    subprocess.run([program, "-n"], input=SCRIPTS[shell], text=True, timeout=20, check=True)
