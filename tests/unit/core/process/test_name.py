"""The name in the process table."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from dapr_core.process import name

PROGRAM = "from dapr_core.process.name import OWN_NAME, take_name; take_name('daprd'); print(open(OWN_NAME).read())"


def test_a_process_takes_the_name_it_wants_to_be_found_by() -> None:
    if not Path(name.OWN_NAME).exists():
        pytest.skip("this system has no process names in files")
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", PROGRAM], capture_output=True, text=True, timeout=30, check=True
    )
    assert done.stdout.strip() == "daprd"


def test_a_system_without_such_a_file_is_no_obstacle(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(name, "OWN_NAME", str(tmp_path / "none" / "comm"))
    name.take_name("daprd")
    assert not (tmp_path / "none").exists()
