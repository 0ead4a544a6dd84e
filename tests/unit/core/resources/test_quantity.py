"""Sizes in Kubernetes' notation."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dapr_core.resources.quantity import InvalidQuantityError, canonical_quantity, parse_quantity


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0),
        ("4096", 4096),
        ("4Ki", 4096),
        ("4Mi", 4 * 1024**2),
        ("1.5Gi", 3 * 1024**3 // 2),
        ("10k", 10_000),
        ("2M", 2_000_000),
        ("1e3", 1000),
        ("1E", 10**18),
        ("1E2", 100),
        ("0.1", 1),
        ("100m", 1),
        ("-1", -1),
        ("+5", 5),
        (".5Ki", 512),
    ],
)
def test_quantities_read_as_whole_units(text: str, value: int) -> None:
    assert parse_quantity(text) == value


@pytest.mark.parametrize("text", ["", "Mi", "4 Mi", "4mi", "4KiB", "1e", "0x10", "1_000", "9Ei9", "100Ei", "--1"])
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(InvalidQuantityError):
        parse_quantity(text)


@given(st.integers(0, 2**62), st.sampled_from(["", "Ki", "k", "Mi"]))
def test_a_larger_number_is_never_a_smaller_quantity(number: int, suffix: str) -> None:
    try:
        low, high = parse_quantity(f"{number}{suffix}"), parse_quantity(f"{number + 1}{suffix}")
    except InvalidQuantityError:
        return
    assert low < high


@given(st.text(alphabet="0123456789.eE+-KMGTPEinumk", max_size=20) | st.text(max_size=10))
def test_any_text_is_a_quantity_or_refused(text: str) -> None:
    try:
        assert -(2**63) <= parse_quantity(text) < 2**63
    except InvalidQuantityError:
        return


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("0.5", "500m"),
        ("1024Mi", "1Gi"),
        ("1.5Gi", "1536Mi"),
        ("1000", "1k"),
        ("1024", "1024"),
        ("100m", "100m"),
        ("1500m", "1500m"),
        ("1e3", "1e3"),
        ("5e-1", "500e-3"),
        ("0.1Ki", "102400m"),
        ("1000Ki", "1000Ki"),
        ("0", "0"),
        ("-2048Ki", "-2Mi"),
        ("0.0000000001", "1n"),
    ],
)
def test_the_canonical_form_is_kubernetes_own(text: str, canonical: str) -> None:
    assert canonical_quantity(text) == canonical


@pytest.mark.parametrize("text", ["", "much", "1KB", "1 Mi", "9" * 30, "1e999"])
def test_what_is_no_quantity_has_no_canonical_form(text: str) -> None:
    with pytest.raises(InvalidQuantityError):
        canonical_quantity(text)
