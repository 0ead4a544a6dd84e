"""When an identity is renewed, and how soon again after a failure: pure arithmetic on seconds (control-plane.md §2.4).

The original renews at the middle of the certificate's life and tries again every 10 seconds. Two things are added: a
little jitter, so that thousands of sidecars that started together do not come together, and shorter steps for
certificates that live shorter than the steps.
"""

from __future__ import annotations

from typing import Final

SOONEST: Final = 0.5
"""Seconds between two requests, at least, however short certificates live."""
RETRY: Final = 10.0
JITTER: Final = 0.1
"""The share of the wait by which a renewal may come earlier."""


def renewal_delay(
    now: float, not_before: float, not_after: float, jwt_expires: float | None = None, *, dice: float = 0.0
) -> float:
    """Seconds to wait before asking for the next identity.

    Args:
        now, not_before, not_after: seconds since the epoch.
        jwt_expires: when the first token ends; it is renewed at half of what is left of it.
        dice: a random number from 0 to 1.
    """
    left = not_after - now
    middle = not_before + (not_after - not_before) / 2 - now
    # Certificates begin in the past, by the allowed clock skew. When they live shorter than that, their middle has
    # passed before they are issued; then half of what is left counts.
    delay = middle if middle > left / 4 else left / 2
    if jwt_expires is not None:
        delay = min(delay, (jwt_expires - now) / 2)
    return max(SOONEST, delay * (1 - JITTER * dice))


def retry_delay(now: float, not_after: float, *, dice: float = 0.0) -> float:
    """Seconds to wait after a failed renewal: 10, but at least eight attempts before the end."""
    delay = min(RETRY, (not_after - now) / 8) if not_after > now else RETRY / 4
    return max(SOONEST, delay * (1 - JITTER * dice))
