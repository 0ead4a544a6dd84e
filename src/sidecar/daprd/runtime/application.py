"""The user's application as the runtime sees it: waited for, probed, and given its deliveries while it is healthy.

``bring_up`` ends when the application listens and, without health checks, when its deliveries run. With health checks a
probe loop decides: healthy starts subscriptions and input bindings, unhealthy stops them (api.md §5.5). The
application's own settings are read once, when it is healthy for the first time.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from dapr_core.process.supervise import Supervisor
from daprd.app.contract import AppChannel, AppChannelError, AppConfig
from daprd.app.health import AppHealth, HealthSettings
from daprd.app.ready import wait_for_app
from daprd.blocks.bindings.reading import InputBindings
from daprd.blocks.pubsub.subscriptions import SubscriptionManager
from daprd.options import Options

if TYPE_CHECKING:
    from daprd.runtime.actors import Actors

log = logging.getLogger("dapr.runtime")
channels_log = logging.getLogger("dapr.runtime.channels")


class Application:
    """One application beside this sidecar, or none (``channel`` is None)."""

    def __init__(
        self,
        options: Options,
        channel: AppChannel | None,
        subscriptions: SubscriptionManager,
        inputs: InputBindings,
        *,
        gate: Callable[[bool], None] = lambda healthy: None,
        record_probe: Callable[[bool, float], None] | None = None,
    ) -> None:
        """``gate`` is told whether calls may reach the application; ``record_probe`` hears of each probe."""
        self._options = options
        self._channel = channel
        self._subscriptions = subscriptions
        self._inputs = inputs
        self._gate = gate
        self._record_probe = record_probe
        self._quiet = False
        self._unhealthy = asyncio.Event()
        self.config = AppConfig()
        self.actors: Actors | None = None
        """Told of the application's types, where there are actors."""
        self._config_read = False

    async def bring_up(self, tasks: Supervisor) -> None:
        """Wait for the application and start what it wants; returns when the sidecar may call itself ready."""
        options = self._options
        if self._channel is None:
            channels_log.warning("App channel is not initialized. Did you configure an app-port?")
            if self.actors is not None:
                await self.actors.application_ready({})
            return
        probed = options.enable_app_health_check
        self._gate(not probed)
        await wait_for_app(options.app_channel_address, options.app_port, options.application_protocol)
        if not probed:
            await self._changed(True)
            return
        settings = HealthSettings(options.probe_interval, options.probe_timeout, options.health_threshold)
        health = AppHealth(self._channel.probe, settings, self._changed, record=self._record_probe)
        tasks.start("app health", health.run(), essential=True)

    async def quiesce(self) -> None:
        """Stop deliveries for good; calls to the application go on."""
        self._quiet = True
        await self._stop_deliveries()

    async def unhealthy(self) -> None:
        """Return when the application is unhealthy; never for one that is not probed."""
        if self._options.enable_app_health_check and self._channel is not None:
            await self._unhealthy.wait()
        else:
            await asyncio.Event().wait()

    async def close(self) -> None:
        """Close the connections to the application."""
        if self._channel is not None:
            await self._channel.close()

    async def _changed(self, healthy: bool) -> None:
        assert self._channel is not None
        if not healthy:
            self._gate(False)
            self._unhealthy.set()
            await self._stop_deliveries()
            if self.actors is not None:
                await self.actors.application_gone()
            return
        self._unhealthy.clear()
        self._gate(True)
        await self._read_config()
        if self.actors is not None:
            await self.actors.application_ready(self.config.values)
        if not self._quiet:
            await self._subscriptions.start(self._channel)
            await self._inputs.start(self._channel)

    async def _read_config(self) -> None:
        assert self._channel is not None
        if self._config_read:
            return
        self._config_read = True
        try:
            self.config = await self._channel.config()
        except AppChannelError as error:
            log.warning("failed to read the application's configuration from /dapr/config: %s", error)
            return
        if self.config.values:
            log.info("Application configuration loaded")

    async def _stop_deliveries(self) -> None:
        await asyncio.gather(self._subscriptions.stop(), self._inputs.stop())
