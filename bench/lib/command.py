"""What running one bench by itself does: measure at length, print the table and the JSON."""

from __future__ import annotations

import argparse

from bench.lib.report import as_json, publish, table
from bench.lib.work import Row, Stage, measure
from bench.lib.yardstick import yardstick


def main(name: str, stage: Stage) -> None:
    """The command line of a bench."""
    parser = argparse.ArgumentParser(prog=f"python -m bench.{name}")
    parser.add_argument("--seconds", type=int, default=1, help="length of each run (default 1)")
    rows = rows_of(stage, parser.parse_args().seconds)
    print(table(rows))
    publish(name, as_json(rows))


def rows_of(stage: Stage, seconds: float) -> dict[str, Row]:
    """Every work of a stage in its long form."""
    rows: dict[str, Row] = {}
    with yardstick() as stick, stage() as works:
        for work in works:
            rows |= measure(work, stick, seconds)
    return rows
