"""The ``daprd`` command: read the flags, then build runtimes until one ends without asking for another."""

from __future__ import annotations

import asyncio
import logging
import os
import sys

from dapr_core.process import logs
from dapr_core.process.flags import parse_or_exit
from dapr_core.process.name import take_name
from dapr_core.process.run import run
from dapr_core.process.shutdown import ExitCode, Shutdown, Signals
from dapr_core.process.version import build_info, runtime_version
from daprd.options import Options, OptionsError

log = logging.getLogger("dapr.runtime")

SUMMARY = "daprd is the Dapr sidecar: it runs beside an application and serves it Dapr's APIs."


def main() -> None:
    """Entry point of the console command. Exits with 0, 1 (failure) or 2 (a command line that does not read)."""
    take_name("daprd")
    options = parse_or_exit(Options, sys.argv[1:], os.environ, program="daprd", summary=SUMMARY).settings
    if options.version:
        sys.stdout.write(runtime_version() + "\n")
        return
    if options.build_info:
        sys.stdout.write(build_info() + f"Data Plane: {'compiled' if _is_compiled() else 'from sources'}\n")
        return
    if options.wait:
        from daprd.runtime.waiting import wait_until_ready

        wait_until_ready(options.dapr_http_port)
        return
    try:
        logs.configure(options.log_level, as_json=options.log_as_json, file=options.log_file, app_id=options.app_id)
    except logs.LogSettingsError as error:
        sys.stderr.write(f"daprd: {error}\n")
        sys.exit(ExitCode.FAILURE)
    run(lambda: serve(options))


def _is_compiled() -> bool:
    """Whether Python takes the modules that every request passes from the library of a compiled wheel."""
    from importlib.util import find_spec

    found = find_spec("dapr_core.rpc.http1.connection")
    return found is not None and found.origin is not None and not found.origin.endswith(".py")


async def serve(options: Options) -> int:
    """Run until asked to end."""
    from daprd.runtime.identity import KeptIdentity
    from daprd.runtime.runtime import Runtime, announce_start
    from daprd.runtime.settings import surroundings

    announce_start(options)
    try:
        options.check()
    except OptionsError as error:
        log.log(logs.FATAL, "Fatal error from runtime: %s", error)
        return ExitCode.FAILURE
    signals = Signals(asyncio.get_running_loop(), restartable=True)
    identity = KeptIdentity()
    try:
        while True:
            shutdown = Shutdown()
            signals.direct(shutdown)
            code = await Runtime(options, surroundings(os.environ), shutdown, identity).run()
            if not shutdown.restart:
                break
        if code is ExitCode.OK:
            log.info("Daprd shutdown gracefully")
        return code
    finally:
        await identity.stop()
        signals.close()


if __name__ == "__main__":
    main()
