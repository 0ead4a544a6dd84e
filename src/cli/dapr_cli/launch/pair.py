"""One application and its sidecar, from their start to their end.

The order is that of the public CLI (cli-dashboard.md §6): the sidecar first; an application that listens on a port
starts at once, for the sidecar waits for it; one that only calls the sidecar starts when the sidecar is ready. Then the
sidecar is told who watches over it, so that ``dapr list`` and ``dapr stop`` of any Dapr CLI find their way. At the end
the application stops first: it can use its sidecar to the last.
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from queue import SimpleQueue

from dapr_cli import ports, runtime
from dapr_cli.command import Failure
from dapr_cli.sidecar_client import SidecarClient, SidecarUnreachable, socket_path

from .arguments import app_environment, sidecar_arguments, sidecar_environment
from .children import Child, Sink, start
from .spec import AppSpec

READY_TIMEOUT = 60.0
READY_POLL = 0.05
PROBE_TIMEOUT = 2.0
APP_GRACE = 5.0
SIDECAR_GRACE = 15.0
"""Seconds; longer than the sidecar's own graceful stop (5 s), which ends on its own."""
SHELL_SIGNAL_BASE = 128
STOPPED_CODES = frozenset({0, -signal.SIGTERM, -signal.SIGKILL, -signal.SIGINT, 143, 130})
"""Exit statuses that count as a clean end after a request to stop: many runtimes report the signal as 128 + n."""

Sinks = tuple[Sink, Sink]


class Pair:
    """The processes of one :class:`AppSpec` whose ports are chosen; their ends arrive in ``events``."""

    def __init__(self, spec: AppSpec, events: SimpleQueue[object], *, log_as_json: bool) -> None:
        self.spec = spec
        self.sidecar: Child | None = None
        self.app: Child | None = None
        self._events = events
        self._log_as_json = log_as_json
        self._env: Mapping[str, str] = dict(os.environ)
        socket = socket_path(spec.unix_domain_socket, spec.app_id) if spec.unix_domain_socket else ""
        if socket and spec.folder is not None:
            socket = os.path.join(spec.folder, socket)
        self._client = SidecarClient(spec.dapr_http_port, socket=socket, timeout=PROBE_TIMEOUT)
        self._told: set[str] = set()

    def start_sidecar(self, sinks: Sinks) -> None:
        """Start the sidecar. Raises Failure when its program cannot be started or a size is none."""
        command = runtime.command(self._env)
        arguments = sidecar_arguments(self.spec, self._env, log_as_json=self._log_as_json)
        try:
            self.sidecar = start(
                [*command, *arguments],
                sidecar_environment(self._env, self.spec),
                self.spec.folder,
                self._events,
                *sinks,
            )
        except OSError as error:
            raise Failure(f"could not start the sidecar ({command[0]}): {error.strerror or error}") from error

    def start_app(self, sinks: Sinks) -> None:
        """Start the application. Raises Failure when its command is not found or cannot be executed."""
        command = list(self.spec.command)
        try:
            env = app_environment(self.spec, self._env)
            self.app = start(command, env, self.spec.folder, self._events, *sinks)
        except OSError as error:
            raise Failure(f"Failed to find command {command[0]}: {error.strerror or error}") from error

    def wait_until_ready(self, interrupted: Callable[[], bool], metadata: Mapping[str, str]) -> bool:
        """Wait until the sidecar says that it is ready, telling it ``metadata`` as soon as it listens.

        Gives up, with False, after a minute, when the sidecar ends, or when ``interrupted`` says so; that function
        also does the waiting between two looks.
        """
        deadline = time.monotonic() + READY_TIMEOUT
        while time.monotonic() < deadline and self.sidecar is not None and self.sidecar.code is None:
            if self._listens():
                with contextlib.suppress(SidecarUnreachable):
                    self.tell(metadata)
                if self._client.healthy():
                    return True
            if interrupted():
                return False
        return False

    def _listens(self) -> bool:
        return bool(self.spec.unix_domain_socket) or ports.is_listening(self.spec.dapr_http_port)

    def tell(self, metadata: Mapping[str, str]) -> None:
        """Write what the sidecar was not yet told into its metadata. Raises SidecarUnreachable."""
        for key, value in metadata.items():
            if key not in self._told:
                self._client.set_metadata(key, value)
                self._told.add(key)

    def stop(self, hurry: threading.Event) -> None:
        """Stop the application, then the sidecar; returns when both have ended."""
        if self.app is not None:
            self.app.stop(APP_GRACE, hurry)
        if self.sidecar is not None:
            self.sidecar.stop(SIDECAR_GRACE, hurry)
        self._remove_sockets()

    def _remove_sockets(self) -> None:
        if not self.spec.unix_domain_socket:
            return
        base = self.spec.folder or Path()
        for protocol in ("http", "grpc"):
            path = base / socket_path(self.spec.unix_domain_socket, self.spec.app_id, protocol)
            path.unlink(missing_ok=True)


def verdict(child: Child, name: str) -> tuple[bool, str]:
    """Whether a process ended well, and the line that tells so (cli-dashboard.md §6); ``name`` is Dapr or App."""
    code = child.code
    if code == 0 or (child.stopping and code in STOPPED_CODES):
        return True, f"Exited {name} successfully"
    process = "daprd" if name == "Dapr" else name
    if code is not None and code < 0:
        return False, f"The {process} process was terminated by signal: {signal.strsignal(-code) or -code}"
    return False, f"The {process} process exited with error code: {code}"


def exit_status(child: Child | None) -> int:
    """The status to pass on: 0 for a good end, as a shell counts it for a signal."""
    if child is None or child.code is None or (child.stopping and child.code in STOPPED_CODES):
        return 0
    return SHELL_SIGNAL_BASE - child.code if child.code < 0 else child.code
