"""What each official SDK does with this sidecar, use by use.

A use works, or it comes with a block that is not in service yet, or the SDK has it over another transport only. The
tests of ``tests/sdk`` hold every row: they use what works, and what comes later must be refused as the row says, so
that a row cannot outlive its reason. When a block comes, its rows move to ``works``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple


class Later(NamedTuple):
    """A use that a block brings, and a part of what the SDK's user is told until then."""

    block: str
    refusal: str


@dataclass(frozen=True)
class Sdk:
    """One part of one SDK over one transport.

    ``silent`` are uses that come later and of whose refusal the SDK tells its user nothing, with their blocks.
    ``elsewhere`` are uses that the SDK itself refuses over this transport, with its words.
    """

    package: str
    works: frozenset[str]
    later: Mapping[str, Later] = field(default_factory=dict)
    silent: Mapping[str, str] = field(default_factory=dict)
    elsewhere: Mapping[str, str] = field(default_factory=dict)

    @property
    def uses(self) -> set[str]:
        """Every use that has a row."""
        return {*self.works, *self.later, *self.silent, *self.elsewhere}


def unlike(wanted: Mapping[str, Later], refused: Mapping[str, str]) -> dict[str, str]:
    """What was not refused as its row says; empty when all is as it stands here."""
    found = {use: said for use, said in refused.items() if use not in wanted or wanted[use].refusal not in said}
    return found | {use: "was not tried" for use in wanted if use not in refused}


def _all(uses: Iterable[str], block: str, refusal: str) -> dict[str, Later]:
    return dict.fromkeys(uses, Later(block, refusal))


_NO_ROUTE = "404"
_SERVES = frozenset({"calls", "events", "dead letters", "retries", "raw payloads", "input bindings", "health"})

APPLICATIONS = {
    "Python, FastAPI": Sdk("dapr[fastapi]", _SERVES, _all(["DaprActor"], "actors", _NO_ROUTE)),
    "Python, Flask": Sdk("dapr[flask]", _SERVES, _all(["DaprActor"], "actors", _NO_ROUTE)),
    "Python, gRPC": Sdk("dapr[grpc]", _SERVES | {"rules"}, _all(["App.job_event"], "jobs", _NO_ROUTE)),
    "Go, HTTP": Sdk(
        "github.com/dapr/go-sdk", _SERVES | {"rules"}, _all(["RegisterActorImplFactoryContext"], "actors", _NO_ROUTE)
    ),
    "Go, gRPC": Sdk("github.com/dapr/go-sdk", _SERVES | {"rules"}, _all(["AddJobEventHandler"], "jobs", _NO_ROUTE)),
    "Java, Spring Boot": Sdk(
        "io.dapr:dapr-sdk-springboot", _SERVES | {"rules", "bulk"}, _all(["ActorRuntime"], "actors", _NO_ROUTE)
    ),
    "Java, gRPC": Sdk("io.dapr:dapr-sdk", _SERVES | {"rules", "bulk"}, _all(["onJobEventAlpha1"], "jobs", _NO_ROUTE)),
}
