"""``dapr run -f``: the applications of a run file, started one after another and watched together.

One that ends does not take the others along; a request to stop ends all of them, each application before its sidecar
(cli-dashboard.md §7).
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue

from dapr_cli import instances
from dapr_cli.command import Failure
from dapr_cli.console import Console
from dapr_cli.services import Services
from dapr_cli.sidecar_client import SidecarUnreachable

from . import membership, prepare
from .children import Child, Sink
from .destinations import Destinations
from .pair import READY_POLL, READY_TIMEOUT, Pair, exit_status, verdict
from .runfile import RunFile
from .signals import Interrupts, lead_process_group, next_event
from .sinks import LogFile
from .spec import AppSpec

FAILED = 1


class MultiRun:
    """One run of a run file."""

    def __init__(self, run_file: RunFile, console: Console, env: Mapping[str, str], services: Services) -> None:
        self._run_file = run_file
        self._env = env
        self._services = services
        self._console = console
        self._events: SimpleQueue[object] = SimpleQueue()
        self._interrupts = Interrupts(self._events)
        self._destinations = Destinations(console)
        self._reader_gone = self._destinations.reader_gone
        self._pairs: list[Pair] = []
        self._told: set[int] = set()

    def run(self) -> int:
        """Start all, watch them until the last one ends or a stop is asked for; returns the status to exit with."""
        lead_process_group()
        with self._interrupts.installed():
            failed = False
            try:
                failed = not self._start_all()
                if not failed:
                    self._watch()
            finally:
                self._stop_all()
                self._destinations.close()
        self._report_ends()
        worst = max((exit_status(child) for child in self._children()), default=0)
        return FAILED if failed or worst else 0

    def _start_all(self) -> bool:
        for spec in self._run_file.apps:
            self._console.info(f'Validating config and starting app "{spec.app_id}"')
            try:
                self._start_one(spec)
            except Failure as failure:
                self._console.failure(f'Error starting Dapr and app ("{spec.app_id}"): {failure}')
                return False
            if self._stop_wanted():
                break
        return True

    def _start_one(self, spec: AppSpec) -> None:
        running = instances.running()
        prepare.check_id(spec.app_id, running)
        prepare.check_resources(spec.resources_paths)
        spec = prepare.near_services(
            membership.joined(spec, self._services.sentry, self._env), self._services.placement
        )
        spec = prepare.stay_on_loopback(prepare.choose_ports(spec, running))
        logs = self._destinations.open(spec, with_app=bool(spec.command))
        pair = Pair(spec, self._events, log_as_json=self._console.as_json)
        self._pairs.append(pair)
        sidecar_sinks = self._destinations.of_sidecar(spec, logs)
        pair.start_sidecar(sidecar_sinks)
        metadata = self._metadata(logs)
        if not spec.command:
            self._console.info(f'No application command found for app "{spec.app_id}" present in {self._run_file.path}')
        app_sinks = self._destinations.of_app(spec, logs)
        if spec.app_port > 0 and spec.command:
            pair.start_app(app_sinks)
        ready = pair.wait_until_ready(lambda: self._interrupted(pair), metadata)
        if self._stop_wanted():
            return
        self._check_ready(pair, ready)
        if spec.app_port <= 0 and spec.command:
            pair.start_app(app_sinks)
        self._announce(pair, metadata, logs, sidecar_sinks[0])

    def _check_ready(self, pair: Pair, ready: bool) -> None:
        if pair.sidecar is not None and pair.sidecar.code is not None:
            pair.sidecar.drain()
            log = self._destinations.latest_of_sidecars()
            see = f"; see {log}" if log is not None else ""
            raise Failure(f"the daprd process exited with error code: {pair.sidecar.code}{see}")
        if not ready and (pair.app is None or pair.app.code is None):
            self._console.warning(
                f'The sidecar of "{pair.spec.app_id}" might not be responding after {READY_TIMEOUT:.0f} s'
                + (f"; does its app listen on port {pair.spec.app_port}?" if pair.spec.app_port > 0 else "")
            )

    def _announce(self, pair: Pair, metadata: dict[str, str], logs: Mapping[str, LogFile], sidecar_out: Sink) -> None:
        spec = pair.spec
        if pair.app is not None:
            metadata |= {"appPID": str(pair.app.pid), "appCommand": " ".join(spec.command)}
        try:
            pair.tell(metadata)
        except SidecarUnreachable as error:
            self._console.warning(f'Could not update sidecar metadata of app "{spec.app_id}": {error}')
        sidecar_out(b"You're up and running! Dapr logs will appear here.")
        where = f"HTTP Port: {spec.dapr_http_port}. gRPC Port: {spec.dapr_grpc_port}"
        self._console.info(f'Started Dapr with app id "{spec.app_id}". {where}')
        if logs:
            self._console.info(f"Writing log files to directory : {next(iter(logs.values())).path.parent}")

    def _metadata(self, logs: Mapping[str, LogFile]) -> dict[str, str]:
        metadata = {"cliPID": str(os.getpid()), "runTemplatePath": str(self._run_file.path)}
        if self._run_file.name:
            metadata["runTemplateName"] = self._run_file.name
        return metadata | {f"{kind}LogPath": str(log.path) for kind, log in logs.items()}

    def _watch(self) -> None:
        while not self._stop_wanted() and any(child.code is None for child in self._children()):
            next_event(self._events, timeout=0.5)
            self._report_ends()
        if self._interrupts.requested.is_set():
            self._console.line()
            self._console.info("Received signal to stop Dapr and app processes. Shutting down Dapr and app processes.")

    def _interrupted(self, pair: Pair) -> bool:
        next_event(self._events, timeout=READY_POLL)
        return self._stop_wanted() or (pair.app is not None and pair.app.code is not None)

    def _stop_wanted(self) -> bool:
        return self._interrupts.requested.is_set() or self._reader_gone.is_set()

    def _children(self) -> list[Child]:
        return [child for pair in self._pairs for child in (pair.app, pair.sidecar) if child is not None]

    def _stop_all(self) -> None:
        if self._pairs:
            with ThreadPoolExecutor(max_workers=len(self._pairs)) as pool:
                list(pool.map(lambda pair: pair.stop(self._interrupts.hurry), self._pairs))

    def _report_ends(self) -> None:
        """Tell of each process that has ended and was not told of yet."""
        if self._reader_gone.is_set():
            return
        for pair in self._pairs:
            for child, name in ((pair.app, "App"), (pair.sidecar, "Dapr")):
                if child is None or child.code is None or child.pid in self._told:
                    continue
                self._told.add(child.pid)
                child.drain()
                good, text = verdict(child, name)
                (self._console.success if good else self._console.failure)(f"{pair.spec.app_id}: {text}")
