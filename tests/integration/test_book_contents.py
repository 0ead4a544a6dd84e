"""Which walk-throughs of the book are executable here, and that each of them is.

A walk-through is covered by the tests that carry its number, ``test_B21_…`` for B21 (or several), in the modules
``test_book_*.py`` beside this one, or among the applications of ``tests/cluster/node``, which need a cluster that runs
pods; ``pytest -k B21`` runs them. The numbers, and what is to be done and observed in each, are those of book.md §1.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

WALK_THROUGHS = {
    "B02": "the version of the command",
    "B03": "the first application, called through its sidecar",
    "B04": "the switches of dapr run and their defaults",
    "B05": "a counter in the state store",
    "B06": "the counter goes on after a restart; what lies in Redis",
    "B07": "the control plane is installed, and all of its pods are ready",
    "B08": "a receiver in Node",
    "B09": "a sender in Python, and both beside their sidecars in a cluster",
    "B14": "a binding exchanged in a cluster by kubectl apply",
    "B15": "the names of sidecars in a cluster",
    "B16": "two sidecars of one host find each other (mDNS)",
    "B17": "headers, query and verb reach the callee",
    "B18": "no more calls at once than allowed",
    "B19": "an application that tells how it was called, behind a Service",
    "B20": "its sidecar behind a Service",
    "B21": "a subscriber in Node",
    "B22": "a publisher; the CloudEvent around its message",
    "B23": "a component in the folder",
    "B25": "a pipeline with the uppercase middleware",
    "B34": "state from an application in Node",
    "B35": "the state API: get, set, delete, ETags, errors",
    "B36": "keys, values and ETags read with redis-cli",
    "B43": "Redis Streams by hand: pending until acknowledged, claimed from the dead",
    "B44": "dapr publish to a listening script",
    "B47": "an output binding in a loop",
    "B54": "a secret store by a third party",
    "B55": "the secret API",
    "B56": "the lifetime of certificates in sentry's Configuration",
    "B58": "an actor by its proxy, as the SDK makes it",
    "B59": "an actor called by HTTP and by gRPC",
    "B60": "an actor's state, key by key",
    "B61": "a timer by the API: due time, period, data; none after it was dropped",
    "B62": "a timer that an actor sets for itself",
    "B65": "the DemoActor: its data saved after the method",
    "B70": "an application in a chart of its own",
    "B66": "the table of placement, generation by generation",
}


def covered() -> dict[str, list[str]]:
    """The tests of each number, as ``module::test``."""
    found: dict[str, list[str]] = {}
    here = Path(__file__).parent
    for path in (*sorted(here.glob("test_book_*.py")), here.parent / "cluster" / "node" / "test_applications.py"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and (match := re.match(r"test_((?:B\d\d_)+)", node.name)):
                for number in match[1].rstrip("_").split("_"):
                    found.setdefault(number, []).append(f"{path.name}::{node.name}")
    return found


@pytest.mark.parametrize("number", WALK_THROUGHS)
def test_every_walk_through_is_executable(number: str) -> None:
    assert covered().get(number), f"nothing runs {number}, {WALK_THROUGHS[number]}"


def test_every_test_with_a_number_is_in_the_list() -> None:
    assert set(covered()) == set(WALK_THROUGHS)
