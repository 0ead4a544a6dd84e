"""No process runs as root in a cluster unless its environment allows it."""

from __future__ import annotations

import pytest

from dapr_core.process.user import MAY_BE_ROOT, RootUserError, check_user


def test_root_is_refused_with_the_remedy() -> None:
    with pytest.raises(RootUserError, match=r"must be run as a non-root user .* runAsNonRoot .*=true"):
        check_user({}, uid=lambda: 0)


@pytest.mark.parametrize("value", ["true", "TRUE"])
def test_root_may_be_allowed(value: str) -> None:
    check_user({MAY_BE_ROOT: value}, uid=lambda: 0)


@pytest.mark.parametrize("value", ["", "false", "1"])
def test_nothing_else_allows_it(value: str) -> None:
    with pytest.raises(RootUserError):
        check_user({MAY_BE_ROOT: value}, uid=lambda: 0)


def test_any_other_user_is_as_good() -> None:
    check_user({}, uid=lambda: 65532)
