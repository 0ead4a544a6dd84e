"""The kernel's name of this process, by which other tools find it.

A program started as ``python -m …`` is called ``python`` in the process table. The Dapr CLI finds sidecars by the name
``daprd`` (cli-dashboard.md §8), so a process that wants to be found takes its name itself.
"""

from __future__ import annotations

from typing import Final

OWN_NAME: Final = "/proc/self/comm"


def take_name(name: str) -> None:
    """Be called ``name`` (at most 15 bytes) in the process table; without effect where the kernel has no such file."""
    try:
        with open(OWN_NAME, "w", encoding="ascii") as file:
            file.write(name)
    except OSError:
        return  # macOS has no /proc, and a sealed container may refuse: nothing but discovery depends on it
