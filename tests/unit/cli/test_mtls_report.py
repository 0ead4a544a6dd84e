"""What `dapr mtls check` says at each stage of a rotation, to people and to programs."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from support.identities import now

from dapr_cli.console import Console
from dapr_cli.mtls.renewing import SHOWN, reasons
from dapr_cli.mtls.report import as_record, tell
from dapr_core.identity.roots import Names, make_issuer
from dapr_core.identity.rotation.checking import Assessment, Hindrance, assess
from dapr_core.identity.rotation.material import Material
from dapr_core.identity.rotation.stages import distribute, replaced, switch
from dapr_core.identity.spiffe import TrustDomain, workload_id

NOW = now()
DAY = timedelta(days=1)
NAMES = Names.of(TrustDomain("localhost"), workload_id(TrustDomain("localhost"), "default", "dapr-sentry"))
SETTLED = replaced(make_issuer(NAMES, NOW))
DISTRIBUTED = distribute(SETTLED, make_issuer(NAMES, NOW), NOW, DAY)
SWITCHED = switch(DISTRIBUTED, NOW, DAY)


def look(material: Material, later: timedelta = timedelta(0)) -> Assessment:
    return assess(material, NOW + later, propagation=timedelta(minutes=2), leaf_life=DAY)


def said(found: Assessment) -> str:
    console = Console(out=io.StringIO(), err=io.StringIO())
    tell(found, NOW, "here", "dapr mtls renew-certificate", console)
    assert isinstance(console.out, io.StringIO)
    return console.out.getvalue()


@pytest.mark.parametrize(
    ("found", "texts"),
    [
        (look(SETTLED), ["no rotation is under way", "A rotation may begin: dapr mtls renew-certificate", "1 root(s)"]),
        (look(DISTRIBUTED), ["stage 1 of 3", "'issuer' is not safe now:", "may not have reached everybody", "2 root"]),
        (look(DISTRIBUTED, DAY), ["stage 1 of 3", "The stage 'issuer' is safe now"]),
        (look(SWITCHED), ["stage 2 of 3", "'withdraw' is not safe now:", "old root are in use until"]),
        (look(SWITCHED, 2 * DAY), ["stage 2 of 3", "The stage 'withdraw' is safe now"]),
    ],
    ids=["settled", "distributed", "distributed and safe", "switched", "switched and safe"],
)
def test_people_are_told_where_it_stands_and_what_comes_next(found: Assessment, texts: list[str]) -> None:
    text = said(found)
    assert [each for each in texts if each not in text] == [], text
    assert "PRIVATE" not in text


def test_programs_are_told_the_same() -> None:
    record = as_record(look(DISTRIBUTED), NOW)
    assert (record["stage"], record["next"], record["safe"]) == ("distributed", "issuer", False)
    assert record["safeAt"] == (NOW + timedelta(minutes=2)).isoformat()
    assert (len(record["reasons"]), len(record["trusted"]), record["switched"]) == (1, 2, None)
    assert record["root"]["subject"] == "O=localhost"
    assert "PRIVATE" not in str(record)


def test_of_a_thousand_reasons_the_first_are_told() -> None:
    told = reasons(tuple(Hindrance(f"pod {number}") for number in range(1000)))
    assert len(told) == SHOWN + 1
    assert told[-1] == f"and {1000 - SHOWN} more like these"
