"""How figures are shown: a table for people, JSON for programs (printed, and kept in ``bench/results``)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from bench.lib.work import Row

RESULTS = Path(__file__).resolve().parents[1] / "results"


def table(rows: Mapping[str, Row]) -> str:
    """Processor time as multiples of E and in µs."""
    width = max(map(len, rows))
    lines = [f"{'work':{width}} {'E µs':>6} {'req/s':>8} {'p50 ms':>8} {'p99 ms':>8}  processor time per request"]
    for name, row in rows.items():
        figure = row.figure
        costs = " · ".join(f"{cpu / row.e_us:.2f} E ({cpu:.1f} µs)" for cpu in figure.cpu_us)
        lines.append(
            f"{name:{width}} {row.e_us:6.1f} {figure.requests_per_second:8.0f}"
            f" {figure.p50_ms:8.3f} {figure.p99_ms:8.3f}  {costs}"
        )
    return "\n".join(lines)


def as_json(rows: Mapping[str, Row]) -> dict[str, object]:
    """The same for programs."""
    return {
        name: {"e_us": row.e_us, **asdict(row.figure), "cpu_e": [cpu / row.e_us for cpu in row.figure.cpu_us]}
        for name, row in rows.items()
    }


def pairs(rows: Sequence[tuple[str, str]]) -> str:
    """Figures of different kinds: what each is, and how much."""
    width = max(len(name) for name, _ in rows)
    return "\n".join(f"{name:{width}}  {value}" for name, value in rows)


def publish(name: str, figures: Mapping[str, object]) -> None:
    """Print figures as JSON and keep them as ``bench/results/<name>.json``."""
    text = json.dumps(figures, indent=2)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}.json").write_text(text + "\n")
    print(text)
