"""The ``sentry`` command: read flags and settings, then serve until a signal comes."""

from __future__ import annotations

import asyncio
import logging
import os

from dapr_core.process import logs
from dapr_core.process.command import begin
from dapr_core.process.run import run
from dapr_core.process.shutdown import ExitCode, Shutdown, Signals
from dapr_core.process.user import RootUserError, check_user
from dapr_core.process.version import runtime_version
from dapr_sentry.options import Options, OptionsError

log = logging.getLogger("dapr.sentry")

SUMMARY = "sentry is Dapr's certificate authority: it gives every workload the identity it proves to have."


class ClusterError(Exception):
    """The cluster cannot be spoken to; the message says why."""


def main() -> None:
    """Entry point of the console command. Exits with 0, 1 (failure) or 2 (a command line that does not read)."""
    options = begin(Options, program="sentry", summary=SUMMARY)
    run(lambda: serve(options))


async def serve(options: Options) -> int:
    """Run until asked to end; gives the exit code."""
    from dapr_sentry.settings import SettingsError
    from dapr_sentry.storage.contract import StoreError
    from dapr_sentry.validators.contract import ValidatorStartError

    log.info("Starting Dapr Sentry certificate authority -- version %s -- commit %s", runtime_version(), "")
    log.info("Log level set to: %s", options.log_level)
    shutdown = Shutdown()
    signals = Signals(asyncio.get_running_loop(), restartable=False)
    signals.direct(shutdown)
    try:
        options.check()
        await (_serve_cluster if options.kubernetes else _serve_standalone)(options, shutdown)
    except (
        OptionsError,
        SettingsError,
        StoreError,
        ValidatorStartError,
        ClusterError,
        RootUserError,
        OSError,
    ) as error:
        log.log(logs.FATAL, "Fatal error running sentry: %s", error)
        return ExitCode.FAILURE
    finally:
        signals.close()
    log.info("Sentry shut down gracefully")
    return ExitCode.OK


async def _serve_standalone(options: Options, shutdown: Shutdown) -> None:
    from dapr_sentry.process import Sentry
    from dapr_sentry.settings import settings_of

    await Sentry(options, settings_of(options, os.environ), shutdown).run()


async def _serve_cluster(options: Options, shutdown: Shutdown) -> None:
    from dapr_core.kube.errors import KubeError
    from dapr_sentry import cluster
    from dapr_sentry.process import Sentry
    from dapr_sentry.settings import namespace_in_cluster, settings_in_cluster

    check_user(os.environ)
    namespace_in_cluster(os.environ)
    try:
        async with cluster.connect(options.kubeconfig, os.environ) as client:
            settings = await settings_in_cluster(options, os.environ, client)
            await Sentry(options, settings, shutdown, client).run()
    except KubeError as error:
        raise ClusterError(str(error)) from None


if __name__ == "__main__":
    main()
