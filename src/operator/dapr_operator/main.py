"""The ``operator`` command: read flags and settings, then serve until a signal comes."""

from __future__ import annotations

import asyncio
import logging
import os

from dapr_core.process import logs
from dapr_core.process.command import begin
from dapr_core.process.run import run
from dapr_core.process.shutdown import ExitCode, Shutdown, Signals
from dapr_core.process.version import runtime_version
from dapr_operator.options import Options

log = logging.getLogger("dapr.operator")

SUMMARY = "operator serves what is declared in a cluster to Dapr's sidecars, and keeps a Service for each of them."


def main() -> None:
    """Entry point of the console command. Exits with 0, 1 (failure) or 2 (a command line that does not read)."""
    options = begin(Options, program="operator", summary=SUMMARY)
    run(lambda: serve(options))


async def serve(options: Options) -> int:
    """Run until asked to end; gives the exit code."""
    from dapr_core.identity.anchors import AnchorsError
    from dapr_core.identity.rotating import InitialIdentityError
    from dapr_core.kube import KubeError
    from dapr_operator.process import Operator
    from dapr_operator.settings import SettingsError

    log.info("Starting Dapr Operator -- version %s -- commit %s", runtime_version(), "")
    log.info("Log level set to: %s", options.log_level)
    shutdown = Shutdown()
    signals = Signals(asyncio.get_running_loop(), restartable=False)
    signals.direct(shutdown)
    try:
        await Operator(options, os.environ, shutdown, signals.bind).run()
    except (SettingsError, KubeError, InitialIdentityError, AnchorsError, OSError) as error:
        log.log(logs.FATAL, "Fatal error running operator: %s", error)
        return ExitCode.FAILURE
    finally:
        signals.close()
    log.info("operator shut down gracefully")
    return ExitCode.OK


if __name__ == "__main__":
    main()
