"""The chart that comes with the command: in a wheel it is the files of charts/dapr, which the sources link to."""

from __future__ import annotations

import zipfile
from pathlib import Path

from images import wheels

ROOT = Path(__file__).parents[2]
CHART = ROOT / "charts" / "dapr"


def test_a_wheel_holds_every_file_of_the_chart(tmp_path: Path) -> None:
    prefix = "dapr_cli/chart/"
    with zipfile.ZipFile(wheels.build(ROOT, tmp_path)) as wheel:
        held = {name.removeprefix(prefix): wheel.read(name) for name in wheel.namelist() if name.startswith(prefix)}
    assert held == {
        path.relative_to(CHART).as_posix(): path.read_bytes() for path in CHART.rglob("*") if path.is_file()
    }
