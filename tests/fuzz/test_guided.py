"""Every parser has a target for coverage-guided fuzzing, and where atheris is installed each is run for a moment."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest
from support.guided import TARGETS, TESTS, targets_of


@pytest.mark.parametrize("module", sorted(set(TARGETS.values())))
def test_every_target_of_a_module_is_listed(module: str) -> None:
    assert set(targets_of(module)) == {name for name, home in TARGETS.items() if home == module}


@pytest.mark.skipif(importlib.util.find_spec("atheris") is None, reason="atheris is not installed")
@pytest.mark.parametrize("name", TARGETS)
def test_a_guided_run_finds_nothing(name: str, tmp_path: Path) -> None:
    options = ["-runs=20000", "-max_total_time=20", f"-artifact_prefix={tmp_path}/"]
    command = [sys.executable, str(TESTS / "support" / "guided.py"), name, *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=110, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
