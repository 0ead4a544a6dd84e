"""``dapr run`` for one application: one pair of processes, its log on the terminal, its exit status passed on."""

from __future__ import annotations

import os
import threading
from queue import SimpleQueue

from dapr_cli.command import Failure
from dapr_cli.console import Console
from dapr_cli.sidecar_client import SidecarUnreachable, socket_path

from .children import Child
from .pair import READY_POLL, READY_TIMEOUT, Pair, Sinks, exit_status, verdict
from .signals import Interrupts, next_event
from .sinks import Terminal
from .spec import AppSpec

FAILED = 1


class SingleRun:
    """One run of one application; the ports in ``spec`` are chosen already."""

    def __init__(self, spec: AppSpec, console: Console) -> None:
        self._spec = spec
        self._console = console
        self._events: SimpleQueue[object] = SimpleQueue()
        self._interrupts = Interrupts(self._events)
        self._reader_gone = threading.Event()
        self._pair = Pair(spec, self._events, log_as_json=console.as_json)

    def run(self) -> int:
        """Start, watch and stop; returns the status to exit with. Raises Failure when nothing could be started."""
        self._announce()
        with self._interrupts.installed():
            try:
                self._start()
                self._watch()
            finally:
                self._pair.stop(self._interrupts.hurry)
        return self._report()

    def _announce(self) -> None:
        spec, console = self._spec, self._console
        if not spec.command:
            console.line(console.paint("white", "WARNING: no application command found."))
        where = f"HTTP Port: {spec.dapr_http_port}. gRPC Port: {spec.dapr_grpc_port}"
        if folder := spec.unix_domain_socket:
            http, grpc = (socket_path(folder, spec.app_id, protocol) for protocol in ("http", "grpc"))
            where = f"HTTP Socket: {http}. gRPC Socket: {grpc}."
        console.info(f"Starting Dapr with id {spec.app_id}. {where}")

    def _start(self) -> None:
        self._pair.start_sidecar(self._sinks("DAPR", "cyan"))
        app_first = bool(self._spec.command) and self._spec.app_port > 0
        if app_first:
            self._start_app()
        else:
            self._say_what_is_awaited()
        ready = self._pair.wait_until_ready(self._interrupted, {"cliPID": str(os.getpid())})
        if self._interrupts.requested.is_set() or self._anyone_ended():
            return
        self._say_readiness(ready)
        if self._spec.command and not app_first:
            self._start_app()
        self._tell_about_app()
        both = "Both Dapr and your app logs" if self._spec.command else "Dapr logs"
        self._console.success(f"You're up and running! {both} will appear here.\n")

    def _start_app(self) -> None:
        try:
            self._pair.start_app(self._sinks("APP", "blue"))
        except Failure as failure:
            self._pair.stop(self._interrupts.hurry)
            self._console.failure(str(failure))
            raise Failure("Start App failed, try to stop Dapr successfully") from failure

    def _say_what_is_awaited(self) -> None:
        if not self._spec.unix_domain_socket:
            self._console.info(f"Checking if Dapr sidecar is listening on HTTP port {self._spec.dapr_http_port}")

    def _say_readiness(self, ready: bool) -> None:
        if ready:
            self._console.info("Dapr sidecar is up and running.")
            return
        reason = "look at its log above"
        if self._spec.app_port > 0:
            reason = f"it waits until the application listens on port {self._spec.app_port}; is that the right port?"
        self._console.warning(f"Dapr sidecar might not be responding after {READY_TIMEOUT:.0f} s: {reason}")

    def _tell_about_app(self) -> None:
        metadata = {"cliPID": str(os.getpid())}
        if self._pair.app is not None:
            command = " ".join(self._spec.command)
            self._console.info(f"Updating metadata for appPID: {self._pair.app.pid}")
            self._console.info(f"Updating metadata for app command: {command}")
            metadata |= {"appPID": str(self._pair.app.pid), "appCommand": command}
        try:
            self._pair.tell(metadata)
        except SidecarUnreachable as error:
            self._console.warning(f"Could not update sidecar metadata for cliPID: {error}")

    def _watch(self) -> None:
        while not (self._interrupts.requested.is_set() or self._anyone_ended() or self._reader_gone.is_set()):
            next_event(self._events, timeout=0.5)
        if self._interrupts.requested.is_set():
            self._console.info("\nterminated signal received: shutting down")

    def _interrupted(self) -> bool:
        next_event(self._events, timeout=READY_POLL)
        return self._interrupts.requested.is_set() or self._anyone_ended() or self._reader_gone.is_set()

    def _anyone_ended(self) -> bool:
        return any(child is not None and child.code is not None for child in (self._pair.app, self._pair.sidecar))

    def _sinks(self, name: str, style: str) -> Sinks:
        console, prefix = self._console, "" if self._console.as_json else f"== {name} == "
        out = Terminal(console, console.out, colour=console.colour_out, gone=self._reader_gone)
        err = Terminal(console, console.err, colour=console.colour_err, gone=self._reader_gone)
        return out.sink(prefix, style), err.sink(prefix, style)

    def _report(self) -> int:
        app_status, sidecar_status = exit_status(self._pair.app), exit_status(self._pair.sidecar)
        if not self._reader_gone.is_set():
            self._tell_end(self._pair.app, "App")
            self._tell_end(self._pair.sidecar, "Dapr")
        return app_status or sidecar_status or (FAILED if self._reader_gone.is_set() else 0)

    def _tell_end(self, child: Child | None, name: str) -> None:
        if child is None:
            return
        good, text = verdict(child, name)
        if good:
            self._console.success(text)
        else:
            self._console.failure(text)
