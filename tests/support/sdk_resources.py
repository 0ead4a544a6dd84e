"""What every application of an official SDK meets in tests: a bus, a clock, and patience with those who ask again."""

from __future__ import annotations

from pathlib import Path

from support.manifests import component, folder, resource


def application_resources(path: Path) -> Path:
    """A folder with the bus ``bus``, a state store for actors, and the input binding ``tick`` that fires every second.

    The in-memory bus never delivers an event again by itself; a Resiliency does, soon.
    """
    soon = {"policy": "constant", "duration": "50ms", "maxRetries": 5}
    patience = {
        "policies": {"retries": {"soon": soon}},
        "targets": {"components": {"bus": {"inbound": {"retry": "soon"}}}},
    }
    return folder(
        path,
        component("bus", "pubsub.in-memory"),
        component("actorstore", "state.in-memory", actorStateStore="true"),
        component("tick", "bindings.cron", schedule="@every 1s"),
        resource("Resiliency", "patience", patience),
    )
