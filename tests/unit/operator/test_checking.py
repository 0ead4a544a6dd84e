"""What the operator says of a resource: every field wrong in turn, generated from the definitions."""

from __future__ import annotations

import pytest
from support.wrong_resources import SAMPLES

from dapr_operator.kinds import SERVED
from dapr_operator.resources.checking import problems

KINDS = {kind.name: kind for kind in SERVED}


@pytest.mark.parametrize("kind", KINDS)
def test_each_wrong_field_is_named_with_its_remedy(kind: str) -> None:
    samples = [sample for sample in SAMPLES if sample.kind == kind and sample.is_told]
    assert len(samples) > 10
    for sample in samples:
        told = [text for text in problems(KINDS[kind], sample.value) if sample.case.path in text]
        assert told, sample
        assert any("; write " in text or "; add " in text or "; put " in text for text in told), (sample, told)


def test_what_sidecars_read_all_the_same_is_not_complained_of() -> None:
    unknown = [sample for sample in SAMPLES if sample.case.sort == "has an unknown field"]
    assert len({sample.kind for sample in unknown}) == len(KINDS)
    for sample in unknown:
        assert problems(KINDS[sample.kind], sample.value) == (), sample


def test_a_number_is_text_wherever_any_text_is() -> None:
    numbers = [sample for sample in SAMPLES if sample.case.sort == "is a number"]
    for sample in numbers:
        told = problems(KINDS[sample.kind], sample.value)
        assert told == () or _is_of_a_few_values(told), sample


def _is_of_a_few_values(told: tuple[str, ...]) -> bool:
    return any("one of" in text or "the one operation" in text for text in told)
