"""One run of a run file in a cluster: everything is brought there, watched together, and taken away at the end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing

from dapr_cli.cluster.apps import SIDECAR, application_of
from dapr_cli.cluster.connection import explained
from dapr_cli.command import Failure
from dapr_cli.console import Console
from dapr_cli.launch.children import Sink
from dapr_cli.launch.destinations import Destinations
from dapr_cli.launch.runfile import RunFile
from dapr_cli.launch.signals import STOP_SIGNALS
from dapr_cli.launch.spec import AppSpec
from dapr_core.kube import InvalidObjectError, Kind, KubeClient, KubeError, NotFoundError, Object
from dapr_core.kube.kinds import DEPLOYMENT, POD, SERVICE
from dapr_core.kube.objects import key_of, section, text

from . import manifests, rollout

RETRY = 1.0
POLL = 0.5
MAX_LINE = 1024 * 1024


class ClusterRun:
    """One run; use it on the client's loop."""

    def __init__(self, run_file: RunFile, client: KubeClient, console: Console) -> None:
        self._run_file = run_file
        self._client = client
        self._console = console
        self._destinations = Destinations(console)
        self._stop = asyncio.Event()
        self._followers: list[asyncio.Task[None]] = []

    async def run(self) -> int:
        """Deploy all, watch them until they are gone or a stop is asked for; the status to exit with."""
        loop = asyncio.get_running_loop()
        for number in STOP_SIGNALS:
            loop.add_signal_handler(number, self._stop.set)
        try:
            started = await self._start_all()
            if started:
                await self._watch()
            return 0 if started else 1
        finally:
            await self._end()
            for number in STOP_SIGNALS:
                loop.remove_signal_handler(number)

    async def _start_all(self) -> bool:
        configuration = await rollout.has_configuration(self._client)
        for spec in self._run_file.apps:
            self._console.info(f'Validating config and starting app "{spec.app_id}"')
            try:
                await self._start(spec, configuration=configuration)
            except KubeError as error:
                self._console.failure(f'Error starting Dapr and app ("{spec.app_id}"): {explained(error)}')
                return False
            except Failure as failure:
                self._console.failure(f'Error starting Dapr and app ("{spec.app_id}"): {failure}')
                return False
            if self._stopped():
                break
        return True

    async def _start(self, spec: AppSpec, *, configuration: bool) -> None:
        manifests.check(spec)
        things: dict[Kind, Object] = {DEPLOYMENT: manifests.deployment(spec, configuration=configuration)}
        if spec.create_service:
            things[SERVICE] = manifests.service(spec)
        folder = rollout.write(spec, things)
        self._console.info(f'Deploying app "{spec.app_id}" to Kubernetes; its manifests are in {folder}')
        await rollout.apply(self._client, things)
        found = await rollout.wait_for_pod(self._client, spec.app_id, self._stopped)
        if found is None:
            return
        pod = key_of(found).name
        logs = self._destinations.open(spec, with_app=True)
        self._console.info(f'Started app "{spec.app_id}" in pod {pod}')
        if logs:
            self._console.info(f"Writing log files to directory : {next(iter(logs.values())).path.parent}")
        self._followers.append(self._follower(spec, pod, spec.app_id, self._destinations.of_app(spec, logs)[0]))
        if application_of(found) is None:
            self._console.warning(f"The pod {pod} got no sidecar; `dapr status -k` tells whether there is an injector")
            return
        self._followers.append(self._follower(spec, pod, SIDECAR, self._destinations.of_sidecar(spec, logs)[0]))

    def _follower(self, spec: AppSpec, pod: str, container: str, sink: Sink) -> asyncio.Task[None]:
        return asyncio.create_task(self._follow(spec.app_id, pod, container, sink))

    async def _watch(self) -> None:
        while not self._stopped() and not all(follower.done() for follower in self._followers):
            try:
                async with asyncio.timeout(POLL):
                    await self._stop.wait()
            except TimeoutError:
                continue  # time to see whether all are gone
        if self._stop.is_set():
            self._console.line()
            self._console.info("Received signal to stop. Deleting K8s Dapr app deployments.")

    async def _follow(self, app_id: str, pod: str, container: str, sink: Sink) -> None:
        """Copy a container's log, again when it has restarted, until its pod is gone."""
        seen = -1
        while not self._stopped():
            try:
                restarts = _restarts(await self._client.get(POD, pod, manifests.NAMESPACE), container)
                tail = None if restarts != seen else 0
                seen = restarts
                pieces = self._client.logs(pod, manifests.NAMESPACE, container=container, follow=True, tail=tail)
                async with aclosing(pieces):
                    async for line in lines_of(pieces):
                        sink(line)
            except NotFoundError:
                if container != SIDECAR:
                    self._console.info(f'The pod {pod} of app "{app_id}" is gone')
                return
            except InvalidObjectError:  # the container has not started, or there is none of that name
                seen = -1
            except KubeError as error:
                self._console.warning(f"The log of {container} in pod {pod} broke off: {explained(error)}")
            await asyncio.sleep(RETRY)

    async def _end(self) -> None:
        for follower in self._followers:
            follower.cancel()
        await asyncio.gather(*self._followers, return_exceptions=True)
        self._destinations.close()
        await end_apps(self._client, self._run_file, self._console)

    def _stopped(self) -> bool:
        return self._stop.is_set() or self._destinations.reader_gone.is_set()


async def end_apps(client: KubeClient, run_file: RunFile, console: Console) -> bool:
    """Take the applications of a run file away; whether all could be."""
    whole = True
    for spec in run_file.apps:
        try:
            removed = await rollout.remove(client, spec.app_id)
        except KubeError as error:
            console.failure(f'Error deleting app "{spec.app_id}": {explained(error)}')
            whole = False
            continue
        if removed:
            console.success(f"Deleted {', '.join(removed)}")
    return whole


async def lines_of(pieces: AsyncIterator[bytes], limit: int = MAX_LINE) -> AsyncIterator[bytes]:
    """The lines of a stream without their ends; one that is longer than ``limit`` comes in parts."""
    rest = b""
    async for piece in pieces:
        *lines, rest = (rest + piece).split(b"\n")
        for line in lines:
            yield line.removesuffix(b"\r")
        while len(rest) > limit:
            yield rest[:limit]
            rest = rest[limit:]
    if rest:
        yield rest


def _restarts(pod: Object, container: str) -> int:
    status = section(pod, "status")
    for part in ("initContainerStatuses", "containerStatuses"):
        for each in status.get(part) or ():
            if text(each, "name") == container:
                return int(each.get("restartCount") or 0)
    return 0
