"""The version of the installed distribution is found without importing what finds distributions."""

from __future__ import annotations

import importlib.metadata
import subprocess
import sys
from pathlib import Path

import pytest

from dapr_core.process import version


def test_it_is_the_one_that_python_tells() -> None:
    assert version.package_version() == importlib.metadata.version(version.DISTRIBUTION)


def test_it_costs_no_import() -> None:
    code = (
        "import sys; from dapr_core.process.version import package_version; package_version(); "
        "print('importlib.metadata' in sys.modules)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "False"


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (["dapr_runtime-1.2.3rc4.dist-info"], "1.2.3rc4"),
        (["dapr_runtime_extra-9.dist-info", "dapr-1.19.0.dist-info", "dapr_runtime-1.dist-info"], "1"),
        (["dapr_runtime-1.2.3.data"], ""),
        ([], ""),
    ],
    ids=["candidate", "among others", "data only", "none"],
)
def test_the_name_of_the_directory_tells_it(names: list[str], found: str, tmp_path: Path) -> None:
    for name in names:
        (tmp_path / name).mkdir()
    assert version._among([str(tmp_path / "missing"), str(tmp_path)]) == found


def test_where_no_directory_tells_it_python_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(version, "_among", lambda _directories: "")
    assert version.package_version.__wrapped__() == importlib.metadata.version(version.DISTRIBUTION)


@pytest.mark.parametrize(
    ("python", "dapr"),
    [("1.2.3", "1.2.3"), ("1.2", "1.2.0"), ("1.2.3rc4", "1.2.3-rc.4"), ("1.2.3.dev1", "edge"), ("0+unknown", "edge")],
)
def test_clients_read_it_in_their_own_spelling(python: str, dapr: str) -> None:
    assert version.as_runtime_version(python) == dapr
