"""Every figure, or the short form that CI compares with the checked-in ratios.

``python -m bench`` measures at length: tables, and JSON in ``bench/results``. ``--short`` takes a minute, and another
when ``--check`` has found a figure bad and measures again before it says so. With ``--check`` it ends with exit code 1
when a figure is worse by half than ``bench/ratios.json`` says, with ``--record`` it writes that file. Ratios are
multiples of E in processor time, so that another machine, or a busy one, gets about the same.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from bench import actors, grpc_api, invoke, invoke_mtls, pubsub, start, state
from bench.lib.command import rows_of
from bench.lib.report import as_json, publish, table
from bench.lib.work import Row, Stage, best_ratios
from bench.lib.yardstick import yardstick

RATIOS: Final = Path(__file__).parent / "ratios.json"
TOLERATED: Final = 1.5
"""A figure may be this many times the recorded one."""

STAGES: Final[dict[str, Stage]] = {"invoke": invoke.stage, "state": state.stage, "pubsub": pubsub.stage}
LONG: Final[dict[str, Stage]] = {
    **STAGES,
    "actors": actors.stage,
    "grpc_api": grpc_api.stage,
    "invoke_mtls": invoke_mtls.stage,
}
"""The long form has more; the short one must stay short."""
_ROUNDS: Final = 3
_STARTS: Final = 3


def short(stages: Mapping[str, Stage] = STAGES) -> dict[str, float]:
    """The ratios of every figure, each the best of a few short runs."""
    found: dict[str, float] = {}
    with yardstick() as stick:
        for stage in stages.values():
            with stage() as works:
                found |= best_ratios(works, stick, _ROUNDS)
    return found | start.ratios(_STARTS)


def worsened(found: Mapping[str, float], recorded: Mapping[str, float]) -> list[str]:
    """The figures that are no longer tolerable, and those that cannot be compared."""
    missing = [name for name in recorded if name not in found] + [name for name in found if name not in recorded]
    return [*missing, *(name for name, ratio in found.items() if ratio > TOLERATED * recorded.get(name, ratio))]


def compare(found: Mapping[str, float], recorded: Mapping[str, float]) -> str:
    """Both sides as a table."""
    width = max(map(len, found))
    lines = [f"{'figure (multiples of E unless said)':{width}} {'now':>7} {'recorded':>9}"]
    for name, ratio in found.items():
        before = recorded.get(name)
        lines.append(f"{name:{width}} {ratio:7.2f} " + (f"{before:9.2f}" if before is not None else "        -"))
    return "\n".join(lines)


def check(found: Mapping[str, float], recorded: Mapping[str, float]) -> int:
    """The exit code, and why."""
    bad = worsened(found, recorded)
    if not bad:
        return 0
    print(
        f"bench: worse by half than {RATIOS.name}, or not comparable: {', '.join(bad)}.\n"
        "Profile the change that did it; if the price is meant, record it: python -m bench --short --record",
        file=sys.stderr,
    )
    return 1


def run_short(options: argparse.Namespace) -> int:
    """The short form."""
    recorded: dict[str, float] = json.loads(RATIOS.read_text()) if RATIOS.exists() else {}
    found = short()
    if options.check and worsened(found, recorded):
        # A neighbour may have had the machine all through one measuring; hardly through two.
        again = short()
        found = {name: min(ratio, again[name]) for name, ratio in found.items()}
    print(compare(found, recorded))
    publish("short", found)
    if options.record:
        RATIOS.write_text(json.dumps(found, indent=2) + "\n")
    return check(found, recorded) if options.check else 0


def run_long(seconds: int) -> int:
    """The long form."""
    rows: dict[str, Row] = {}
    for stage in LONG.values():
        rows |= rows_of(stage, seconds)
    print(table(rows))
    started = start.figures(seconds)
    start.show(started)
    publish("all", as_json(rows) | {"start": started})
    return 0


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--short", action="store_true", help="the form for CI")
    parser.add_argument("--check", action="store_true", help="with --short: fail when a figure worsened by half")
    parser.add_argument("--record", action="store_true", help="with --short: write bench/ratios.json")
    parser.add_argument("--seconds", type=int, default=1, help="length of each run of the long form (default 1)")
    options = parser.parse_args()
    if (options.check or options.record) and not options.short:
        parser.error("--check and --record belong to --short")
    return run_short(options) if options.short else run_long(options.seconds)


if __name__ == "__main__":
    sys.exit(main())
