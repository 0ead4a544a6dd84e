"""A process takes as many open files as it is allowed."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import resource, sys
from dapr_core.process.filelimit import raise_file_limit
allowed = int(sys.argv[1])
resource.setrlimit(resource.RLIMIT_NOFILE, (min(256, allowed), allowed))
print(raise_file_limit(), resource.getrlimit(resource.RLIMIT_NOFILE)[0], raise_file_limit())
"""


def test_the_limit_is_raised_to_what_is_allowed_and_stays_there() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM, "512"], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["512", "512", "512"]


def test_what_cannot_be_raised_stays() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM, "200"], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["200", "200", "200"]
