"""Large blocks stay apart from the heap: pages that nobody has written to are no memory, whatever came before."""

from __future__ import annotations

import subprocess
import sys

import pytest

PROGRAM = """
import ctypes, re, sys
from dapr_core.process.memory import keep_large_blocks_apart

def resident():
    return int(re.search(r"VmRSS:\\s+(\\d+)", open("/proc/self/status").read())[1])

libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
libc.free.argtypes = [ctypes.c_void_p]
apart = keep_large_blocks_apart() if sys.argv[1] == "apart" else None
passed = [libc.malloc(200_000 + 4096 * number) for number in range(200)]
for block in passed:
    ctypes.memset(block, 1, 200_000)
kept = libc.malloc(64)  # so that the heap cannot shrink below it
for block in passed:
    libc.free(block)
before = resident()
held = [libc.malloc(262_144) for _ in range(100)]
print(apart, resident() - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the setting is glibc's")
def test_blocks_that_nobody_writes_to_cost_nothing() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM, "apart"], capture_output=True, text=True, check=True)
    apart, grown = done.stdout.split()
    assert apart in ("True", "False")
    if apart == "True":
        assert int(grown) < 4_000, "100 blocks of 256 KiB became resident"
