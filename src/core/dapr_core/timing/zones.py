"""Time zones by name, and the zone of this machine.

The one module of this package that reads something: the system's zone database, through ``zoneinfo``.
"""

from __future__ import annotations

import os
from datetime import UTC, tzinfo
from typing import Final

_LOCALTIME: Final = "/etc/localtime"


class UnknownZoneError(ValueError):
    """No zone of that name is in the database of this machine."""


def load_zone(name: str) -> tzinfo:
    """A zone by its IANA name; empty and ``UTC`` are UTC, ``Local`` is this machine's.

    Raises:
        UnknownZoneError: there is no such zone.
    """
    if name in ("", "UTC"):
        return UTC
    if name == "Local":
        return local_zone()
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError  # 3 ms that a process without schedules saves

    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError, TypeError):
        raise UnknownZoneError(f"unknown time zone {name[:60]}") from None


def local_zone() -> tzinfo:
    """The zone of this machine: ``TZ``, else ``/etc/localtime``, else UTC."""
    named = os.environ.get("TZ", "").removeprefix(":")
    if named:
        try:
            return load_zone(named if named != "Local" else "UTC")
        except UnknownZoneError:
            return UTC  # as Go does with a TZ it does not know
    from zoneinfo import ZoneInfo

    try:
        with open(_LOCALTIME, "rb") as file:
            return ZoneInfo.from_file(file, key="Local")
    except (OSError, ValueError):
        return UTC
