"""The ``placement`` command: read the flags, then serve until a signal comes."""

from __future__ import annotations

import asyncio
import logging
import os

from dapr_core.process import logs
from dapr_core.process.command import begin
from dapr_core.process.filelimit import raise_file_limit
from dapr_core.process.run import run
from dapr_core.process.shutdown import ExitCode, Shutdown, Signals
from dapr_core.process.version import runtime_version
from dapr_placement.options import Options, OptionsError

log = logging.getLogger("dapr.placement")

SUMMARY = "placement is Dapr's placement service: it tells every sidecar which host runs which actor."


def main() -> None:
    """Entry point of the console command. Exits with 0, 1 (failure) or 2 (a command line that does not read)."""
    options = begin(Options, program="placement", summary=SUMMARY)
    raise_file_limit()
    run(lambda: serve(options))


async def serve(options: Options) -> int:
    """Run until asked to end; gives the exit code."""
    from dapr_placement.leadership.contract import LeadershipError
    from dapr_placement.process import Placement, StartError

    log.info("Starting Dapr Placement Service -- version %s -- commit %s", runtime_version(), "")
    log.info("Log level set to: %s", options.log_level)
    shutdown = Shutdown()
    signals = Signals(asyncio.get_running_loop(), restartable=False)
    signals.direct(shutdown)
    try:
        options.check()
        await Placement(options, os.environ, shutdown).run()
    except (OptionsError, LeadershipError, StartError, OSError) as error:
        log.log(logs.FATAL, "Fatal error running placement: %s", error)
        return ExitCode.FAILURE
    finally:
        signals.close()
    log.info("Placement service shut down gracefully")
    return ExitCode.OK


if __name__ == "__main__":
    main()
