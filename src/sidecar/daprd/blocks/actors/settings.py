"""What an application says about the actor types it hosts (actors-placement.md §3.2, §3.9).

An HTTP application answers ``GET /dapr/config``, a gRPC one opens its stream with the same. Settings of one type stand
for themselves: what an entry leaves out has the default, not the value above it, except for the time to drain.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from dapr_core.timing.duration import InvalidDurationError, format_seconds, parse_seconds
from daprd.blocks.actors.names import is_reserved
from daprd.blocks.actors.turns import DEFAULT_DEPTH

DEFAULT_IDLE: Final = 3600.0
DEFAULT_DRAIN: Final = 2.0
_LEAST_DRAIN: Final = 2.0
_SHARE: Final = 0.8
"""Of the dissemination's time: what draining may take of it at most."""


class InvalidSettingsError(ValueError):
    """The application's configuration does not read as a whole; the text names the field."""


@dataclass(frozen=True, slots=True)
class Reentrancy:
    """Whether calls may come back, and how deep."""

    enabled: bool = False
    max_depth: int = DEFAULT_DEPTH


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeSettings:
    """Settings of one actor type. Times are in seconds.

    Attributes:
        idle: after which an actor that is not used is deactivated.
        drain: that calls in flight have when the type's hosts change.
        drain_at_all: whether they have any.
        reentrancy: see there.
    """

    idle: float = DEFAULT_IDLE
    drain: float = DEFAULT_DRAIN
    drain_at_all: bool = True
    reentrancy: Reentrancy = field(default=Reentrancy())


@dataclass(frozen=True, slots=True)
class HostedTypes:
    """The types an application hosts, with their settings; and what of its configuration was left out of account."""

    types: Mapping[str, TypeSettings] = field(default_factory=dict)
    complaints: tuple[str, ...] = ()


def read_configuration(value: object, dissemination: float) -> HostedTypes:
    """Read the decoded answer of ``/dapr/config``.

    Args:
        value: the JSON.
        dissemination: seconds that a new table may take to come (``--actors-disseminate-timeout``).

    Raises:
        InvalidSettingsError: a field of the whole has another type, or a time that does not read.
    """
    return _Reader(dissemination).read(value if isinstance(value, Mapping) else {})


class _Reader:
    def __init__(self, dissemination: float) -> None:
        self._dissemination = dissemination
        self._complaints: list[str] = []

    def read(self, value: Mapping[str, Any]) -> HostedTypes:
        names = self._permitted(_texts(value, "entities"))
        root = TypeSettings(
            idle=_seconds(value, "actorIdleTimeout", DEFAULT_IDLE),
            drain=self._clamped(_seconds(value, "drainOngoingCallTimeout", DEFAULT_DRAIN), "global config"),
            drain_at_all=value.get("drainRebalancedActors") is not False,
            reentrancy=_reentrancy(value),
        )
        if value.get("remindersStoragePartitions"):
            self._complaints.append("remindersStoragePartitions has no effect: the scheduler keeps reminders")
        types = dict.fromkeys(names, root)
        entries = value.get("entitiesConfig")
        for entry in entries if isinstance(entries, list) else ():
            if isinstance(entry, Mapping):
                self._entry(entry, root, types)
        return HostedTypes(types, tuple(self._complaints))

    def _permitted(self, names: list[str]) -> list[str]:
        """Without the runtime's own types, for which placement would turn the whole sidecar away (§1.3)."""
        self._complaints += [f'actor type "{name}" is reserved for the runtime' for name in names if is_reserved(name)]
        return [name for name in names if not is_reserved(name)]

    def _entry(self, entry: Mapping[str, Any], root: TypeSettings, types: dict[str, TypeSettings]) -> None:
        names = _texts(entry, "entities")
        drain = root.drain
        if entry.get("drainOngoingCallTimeout"):
            drain = self._clamped(
                self._lenient(entry, "drainOngoingCallTimeout", root.drain), f"entities={','.join(names)}"
            )
        own = replace(
            root,
            idle=self._lenient(entry, "actorIdleTimeout", DEFAULT_IDLE),
            drain=drain,
            reentrancy=_reentrancy(entry),
        )
        for name in names:
            if name in types:
                types[name] = own
            else:
                self._complaints.append(f"Configuration specified for non-hosted actor type: {name}")

    def _lenient(self, entry: Mapping[str, Any], name: str, default: float) -> float:
        try:
            return _seconds(entry, name, default)
        except InvalidSettingsError as error:
            self._complaints.append(f"{error}; the default is used")
            return default

    def _clamped(self, drain: float, source: str) -> float:
        """Draining must not take as long as the whole round may, or others would cut this sidecar off."""
        if drain < self._dissemination:
            return drain
        clamped = max(_SHARE * self._dissemination, _LEAST_DRAIN)
        asked, limit, taken = (format_seconds(each) for each in (drain, self._dissemination, clamped))
        self._complaints.append(
            f"drainOngoingCallTimeout ({asked}) for {source} meets or exceeds the dissemination timeout ({limit}); "
            f"clamping to {taken} to avoid blocking placement dissemination"
        )
        return clamped


def _reentrancy(value: Mapping[str, Any]) -> Reentrancy:
    found = value.get("reentrancy")
    if not isinstance(found, Mapping):
        return Reentrancy()
    depth = found.get("maxStackDepth")
    if not isinstance(depth, int) or isinstance(depth, bool) or depth <= 0:
        depth = DEFAULT_DEPTH
    return Reentrancy(found.get("enabled") is True, depth)


def _seconds(value: Mapping[str, Any], name: str, default: float) -> float:
    text = value.get(name)
    if text is None or text == "":
        return default
    try:
        return parse_seconds(text if isinstance(text, str) else "")
    except InvalidDurationError:
        raise InvalidSettingsError(f"{name} is no duration: {str(text)[:40]!r}; write 30s or 1h") from None


def _texts(value: Mapping[str, Any], name: str) -> list[str]:
    found = value.get(name)
    if found is None:
        return []
    if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
        raise InvalidSettingsError(f"{name} is no list of texts")
    return list(dict.fromkeys(each for each in found if each))
