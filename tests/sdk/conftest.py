"""What the clients of this folder share: two real sidecars with every block in service."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support.neighbours import Neighbours, neighbours


@pytest.fixture(scope="session")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Neighbours]:
    with neighbours(tmp_path_factory.mktemp("neighbours")) as running:
        yield running
