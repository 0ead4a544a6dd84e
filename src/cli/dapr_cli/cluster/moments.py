"""When an object was made, as the cluster writes it (RFC 3339 in UTC), for the columns AGE and CREATED."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dapr_cli.tables import age_text, created_text
from dapr_core.kube.objects import metadata, text


def created_at(thing: Mapping[str, Any]) -> float:
    """The Unix time at which an object was made; 0 where it does not say."""
    try:
        return datetime.fromisoformat(text(metadata(thing), "creationTimestamp")).timestamp()
    except ValueError:
        return 0.0


def age_of(created: float, now: float) -> str:
    """The column AGE; empty where it is not known."""
    return age_text(now - created) if created else ""


def created_column(created: float) -> str:
    """The column CREATED, in local time; empty where it is not known."""
    return created_text(created) if created else ""
