"""The table of the official SDKs is whole, and the page made of it is what it says."""

from __future__ import annotations

import pytest
from support.sdk_page import PAGE, page
from support.sdk_table import APPLICATIONS, CLIENTS, Sdk

SDKS = {
    f"{kind} {name}": sdk for kind, table in (("client", CLIENTS), ("app", APPLICATIONS)) for name, sdk in table.items()
}
BLOCKS_REFUSED = {row.block for sdk in SDKS.values() for row in sdk.later.values()}


@pytest.mark.parametrize("sdk", SDKS.values(), ids=SDKS)
def test_a_use_has_one_row(sdk: Sdk) -> None:
    assert len(sdk.uses) == len(sdk.works) + len(sdk.later) + len(sdk.silent) + len(sdk.elsewhere)


@pytest.mark.parametrize("sdk", SDKS.values(), ids=SDKS)
def test_a_silent_use_belongs_to_a_block_whose_refusal_another_row_proves(sdk: Sdk) -> None:
    assert set(sdk.silent.values()) - BLOCKS_REFUSED == set()


def test_the_page_is_the_table() -> None:
    assert PAGE.read_text() == page(), "write it anew: cd tests && python -m support.sdk_page"
