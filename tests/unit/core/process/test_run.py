"""From ``main`` to the exit code, in processes of their own with an empty environment."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import dapr_core
from dapr_core.process.version import as_runtime_version

SOURCE = str(Path(dapr_core.__file__).parents[1])


def run(body: str) -> subprocess.CompletedProcess[str]:
    code = f"import sys; sys.path.insert(0, {SOURCE!r})\nfrom dapr_core.process.run import run, settle\n{body}"
    return subprocess.run([sys.executable, "-I", "-c", code], env={}, capture_output=True, text=True, timeout=60)


def test_the_code_that_main_returns_is_the_exit_code() -> None:
    done = run("async def main():\n    settle()\n    print('up')\n    return 3\nrun(main)")
    assert (done.returncode, done.stdout, done.stderr) == (3, "up\n", "")


def test_a_process_that_is_up_keeps_the_collector_from_what_the_start_left_and_from_looking_often() -> None:
    done = run(
        "async def main():\n"
        "    import gc\n    settle()\n    print(gc.get_freeze_count() > 1000, gc.get_threshold()[0], gc.isenabled())\n"
        "    return 0\nrun(main)"
    )
    assert done.stdout == "True 10000 True\n"


def test_a_failure_is_logged_as_fatal_and_the_code_is_one() -> None:
    done = run(
        "from dapr_core.process import logs\nlogs.configure()\n"
        "async def main():\n    raise ValueError('broken start')\nrun(main)"
    )
    assert done.returncode == 1
    assert 'level=fatal msg="Fatal error from runtime: broken start"' in done.stdout


def test_starting_loads_nothing_heavy() -> None:
    done = run(
        "async def main():\n"
        "    import dapr_core.resources, dapr_core.process.flags, dapr_core.telemetry.metrics\n"
        "    heavy = {'pydantic', 'google.protobuf', 'cryptography', 'argparse', 'importlib.metadata', 'zoneinfo'}\n"
        "    print(sorted(heavy & set(sys.modules)))\n"
        "    return 0\nrun(main)"
    )
    assert done.stdout == "[]\n"


@pytest.mark.parametrize(
    ("package", "runtime"),
    [("1.2.3", "1.2.3"), ("1.2", "1.2.0"), ("1.2.3rc4", "1.2.3-rc.4"), ("1.2.3.dev1", "edge"), ("0+unknown", "edge")],
)
def test_versions_read_as_clients_expect_them(package: str, runtime: str) -> None:
    assert as_runtime_version(package) == runtime
