"""Writes a registry in the Prometheus text format, version 0.0.4.

Families are sorted by name, series by their label values, numbers written as Go writes them (``%g``, shortest), so
that what scrapers and people compare with the original is equal.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Final

from dapr_core.telemetry.metrics import AnyFamily, Collected, CounterChild, GaugeChild, HistogramChild, Registry

CONTENT_TYPE: Final = b"text/plain; version=0.0.4; charset=utf-8"


def exposition(registry: Registry) -> bytes:
    """All families that have something to show."""
    lines: list[str] = []
    for name in sorted(registry.families):
        family = registry.families[name]
        samples = list(_collected(family) if isinstance(family, Collected) else _series(family))
        if samples:
            lines.append(f"# HELP {name} {_help(family.help)}")
            lines.append(f"# TYPE {name} {family.kind}")
            lines.extend(samples)
    return ("\n".join(lines) + "\n").encode("utf-8", "replace") if lines else b""


def number(value: float) -> str:
    """A number as Go's ``%g`` gives it, shortest form: exponent from 1e+06 on and below 1e-04."""
    if isinstance(value, int) and -1_000_000 < value < 1_000_000:
        return str(value)
    value = float(value)
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "+Inf" if value > 0 else "-Inf"
    if value == 0:
        return "0"
    sign, digits, exponent = _decompose(value)
    point = len(digits) + exponent  # digits before the decimal point
    if -4 <= point - 1 < 6:
        return sign + _plain(digits, point)
    mantissa = digits[0] + (f".{digits[1:]}" if len(digits) > 1 else "")
    power = point - 1
    return f"{sign}{mantissa}e{'-' if power < 0 else '+'}{abs(power):02d}"


def _decompose(value: float) -> tuple[str, str, int]:
    """Sign, shortest digits without trailing zeros, and the power of ten they are multiplied by."""
    text = repr(value)
    sign = "-" if text[0] == "-" else ""
    mantissa, _, power = text.removeprefix("-").partition("e")
    whole, _, fraction = mantissa.partition(".")
    exponent = int(power or 0) - len(fraction)
    digits = (whole + fraction).lstrip("0")
    kept = digits.rstrip("0")
    return sign, kept, exponent + len(digits) - len(kept)


def _plain(digits: str, point: int) -> str:
    if point <= 0:
        return "0." + "0" * -point + digits
    if point >= len(digits):
        return digits + "0" * (point - len(digits))
    return f"{digits[:point]}.{digits[point:]}"


def _collected(family: Collected) -> Iterator[str]:
    value = family.read()
    if value is not None:
        yield f"{family.name} {number(value)}"


def _series(family: AnyFamily) -> Iterator[str]:
    children: Mapping[tuple[str, ...], CounterChild | GaugeChild | HistogramChild] = family.children
    for values in sorted(children):
        child = children[values]
        if not child.touched:
            continue
        labels = ",".join(f'{name}="{_escape(value)}"' for name, value in zip(family.label_names, values, strict=True))
        if isinstance(child, HistogramChild):
            yield from _histogram(family.name, labels, child)
        else:
            around = f"{{{labels}}}" if labels else ""
            yield f"{family.name}{around} {number(child.value)}"


def _histogram(name: str, labels: str, child: HistogramChild) -> Iterator[str]:
    before = f"{labels}," if labels else ""
    around = f"{{{labels}}}" if labels else ""
    running = 0
    for bound, count in zip((*child.bounds, math.inf), child.counts, strict=True):
        running += count
        yield f'{name}_bucket{{{before}le="{number(bound)}"}} {number(running)}'
    yield f"{name}_sum{around} {number(child.total)}"
    yield f"{name}_count{around} {number(running)}"


def _escape(value: str) -> str:
    if "\\" in value or '"' in value or "\n" in value:
        return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return value


def _help(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n")
