"""All streams of a placement by namespace: takes their events to the state machines and does what comes out.

An effect can bring about the next event while it is being done, as when a stream breaks under a write. Such an event
waits until all effects of the last one are done, so that the machines see one after another.

A table for many streams is written a few megabytes a turn of the loop: what a stream takes is then with the kernel
before the next one's part is made, and memory stays flat however many there are.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterator
from typing import Final

from dapr_core.rpc.grpc import GrpcError
from dapr_core.timing.duration import format_seconds
from dapr_placement.dissemination import effects as do
from dapr_placement.dissemination.effects import Effect
from dapr_placement.dissemination.reports import Report
from dapr_placement.dissemination.rounds import Dissemination
from dapr_placement.dissemination.tables import HostTable
from dapr_placement.dissemination.wire import Phase
from dapr_placement.metrics import PlacementMetrics
from dapr_placement.server.framing import Frames
from dapr_placement.server.streams import SidecarStream

log = logging.getLogger("dapr.placement.server.loops.disseminator")
server_log = logging.getLogger("dapr.placement.server")

TURN: Final = 4_194_304
"""Bytes of one order written in a turn of the loop."""

RECEIVED: Final = 4_194_304
"""Bytes of a message that gRPC clients take unless told otherwise."""


class Board:
    """The streams and what they are told.

    Args:
        replication_factor: virtual nodes of a host.
        timeout: seconds that a round may take.
        window: seconds after a round in which comings and goings gather; 0 for none.
        metrics: what is counted.
        guard: why this placement may not act at this moment; None when it may. An event of a time when it may not ends
            every stream: what was missed cannot be made up for.
    """

    def __init__(
        self,
        replication_factor: int,
        timeout: float,
        window: float,
        metrics: PlacementMetrics,
        guard: Callable[[], GrpcError | None] = lambda: None,
    ) -> None:
        self._replication_factor = replication_factor
        self._timeout = timeout
        self._window = window
        self._metrics = metrics
        self._guard = guard
        self._streams: dict[int, SidecarStream] = {}
        self._namespaces: dict[str, _Namespace] = {}
        self._events: deque[tuple[_Namespace, Callable[[], list[Effect]]]] = deque()
        self._busy = False

    # --- Events of streams

    def join(self, stream: SidecarStream, report: Report) -> None:
        """A stream has sent its first report."""
        server_log.info(
            "Received status report connection from new namespace=%s id=%s host=%s",
            report.namespace, report.app_id, report.name,
        )  # fmt: skip
        namespace = self._namespaces.get(report.namespace)
        if namespace is None:
            namespace = self._namespaces[report.namespace] = self._make(report.namespace)
        self._streams[stream.id] = stream
        namespace.count(1, stream.runs_actors)
        self._do(namespace, lambda: namespace.machine.join(stream.id, report))

    def hear(self, stream: SidecarStream, report: Report) -> None:
        """A stream has sent a later message."""
        namespace = self._namespaces.get(stream.namespace or "")
        if namespace is not None:
            self._do(namespace, lambda: namespace.machine.hear(stream.id, report))

    def leave(self, stream: SidecarStream) -> None:
        """A stream has ended, by whichever side."""
        if self._streams.pop(stream.id, None) is None or stream.namespace is None:
            return
        namespace = self._namespaces[stream.namespace]
        namespace.count(-1, stream.runs_actors)
        self._do(namespace, lambda: namespace.machine.leave(stream.id))

    # --- The whole

    def tables(self) -> Iterator[tuple[str, int, HostTable]]:
        """Every namespace with the version in force and its table."""
        for name, namespace in self._namespaces.items():
            yield name, namespace.machine.version, namespace.machine.table

    def close(self, error: GrpcError) -> None:
        """End every stream; the tables are gone with them."""
        streams, self._streams = self._streams, {}
        namespaces, self._namespaces = self._namespaces, {}
        self._events.clear()
        for namespace in namespaces.values():
            namespace.close()
        for stream in streams.values():
            stream.end(error)

    def _make(self, name: str) -> _Namespace:
        machine = Dissemination(
            self._replication_factor, coalescing=self._window > 0, timeout_text=format_seconds(self._timeout)
        )
        return _Namespace(name, machine, self._metrics)

    # --- Effects

    def _do(self, namespace: _Namespace, event: Callable[[], list[Effect]]) -> None:
        refusal = self._guard()
        if refusal is not None:
            self.close(refusal)
            return
        self._events.append((namespace, event))
        if self._busy:
            return
        self._busy = True
        try:
            while self._events:
                namespace, event = self._events.popleft()
                if self._namespaces.get(namespace.name) is namespace:
                    for effect in event():
                        self._apply(namespace, effect)
                    self._forget_if_empty(namespace)
        finally:
            self._busy = False

    def _forget_if_empty(self, namespace: _Namespace) -> None:
        if namespace.machine.empty:
            namespace.close()
            del self._namespaces[namespace.name]

    def _apply(self, namespace: _Namespace, effect: Effect) -> None:
        match effect:
            case do.Send():
                self._send(namespace, effect)
            case do.Close():
                self._cut_off(namespace, effect)
            case do.StartTimer():
                version = effect.version
                namespace.set_timer(self._timeout, self._do, lambda: namespace.machine.timeout(version))
            case do.StopTimer():
                namespace.stop_timer()
            case do.OpenWindow():
                namespace.open_window(self._window, self._do)
            case do.CloseWindow():
                namespace.close_window()
            case do.StartProbe():
                suspect = effect.stream
                loop = asyncio.get_running_loop()
                probe = lambda: namespace.machine.probe_over(suspect)  # noqa: E731
                loop.call_later(self._timeout, self._do, namespace, probe)

    def _cut_off(self, namespace: _Namespace, effect: do.Close) -> None:
        stream = self._streams.pop(effect.stream, None)
        if stream is not None:
            log.warning("Host at %s in namespace %s is cut off: %s", stream.address, namespace.name, effect.text)
            namespace.count(-1, stream.runs_actors)
            stream.end(GrpcError(effect.code, effect.text))

    def _send(self, namespace: _Namespace, send: do.Send) -> None:
        log.debug("Sending %s for version %d to %d streams of %s", send.phase.name, send.version, len(send.targets),
                  namespace.name)  # fmt: skip
        if len(send.message) > RECEIVED:
            namespace.warn_of_size(len(send.message))
        frames = namespace.table_frames(send.message) if send.phase is Phase.UPDATE else Frames(send.message)
        self._write(namespace, send, frames, 0)

    def _write(self, namespace: _Namespace, send: do.Send, frames: Frames, begin: int) -> None:
        """Write to some targets now, to the others in later turns, unless another round has begun by then."""
        streams, targets, left = self._streams, send.targets, TURN
        while begin < len(targets) and left > 0:
            stream = streams.get(targets[begin])
            if stream is not None:
                left -= stream.send(send.phase, send.version, frames)
            begin += 1
        if begin < len(targets):
            asyncio.get_running_loop().call_soon(self._go_on, namespace, send, frames, begin)

    def _go_on(self, namespace: _Namespace, send: do.Send, frames: Frames, begin: int) -> None:
        if namespace.machine.version == send.version:
            self._write(namespace, send, frames, begin)


class _Namespace:
    """A machine with its timers and counters."""

    def __init__(self, name: str, machine: Dissemination, metrics: PlacementMetrics) -> None:
        self.name = name
        self.machine = machine
        self._runtimes = metrics.runtimes.labels(name)
        self._actor_runtimes = metrics.actor_runtimes.labels(name)
        self._timer: asyncio.TimerHandle | None = None
        self._window: asyncio.TimerHandle | None = None
        self._warned = False
        self._frames = Frames(b"")

    def table_frames(self, message: bytes) -> Frames:
        """The frames of a table; those of the last one are kept, as many newcomers get the same."""
        if self._frames.message is not message:
            self._frames = Frames(message)
        return self._frames

    def count(self, change: int, runs_actors: bool) -> None:
        """A stream more or less."""
        self._runtimes.inc(change)
        self._actor_runtimes.inc(change if runs_actors else 0)

    def set_timer(self, seconds: float, do_event: _Do, event: Callable[[], list[Effect]]) -> None:
        """Have an event after a time; the last one is forgotten."""
        self.stop_timer()
        self._timer = asyncio.get_running_loop().call_later(seconds, do_event, self, event)

    def stop_timer(self) -> None:
        """Forget the timer."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def open_window(self, seconds: float, do_event: _Do) -> None:
        """Let comings and goings gather."""
        self.close_window()
        self._window = asyncio.get_running_loop().call_later(seconds, do_event, self, self.machine.window_over)

    def close_window(self) -> None:
        """Wait no more for that."""
        if self._window is not None:
            self._window.cancel()
            self._window = None

    def warn_of_size(self, size: int) -> None:
        """Once: the table is larger than sidecars may take."""
        if not self._warned:
            self._warned = True
            log.warning(
                "The table of namespace %s has %d bytes; sidecars that take at most gRPC's default of %d refuse it. "
                "Run fewer actor types per application, or spread applications over namespaces",
                self.name, size, RECEIVED,
            )  # fmt: skip

    def close(self) -> None:
        """The namespace is gone."""
        self.stop_timer()
        self.close_window()
        self._runtimes.set(0)
        self._actor_runtimes.set(0)


_Do = Callable[[_Namespace, Callable[[], list[Effect]]], None]
