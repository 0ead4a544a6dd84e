"""How every service of the control plane begins: named, its flags read, its version told or its log set up."""

from __future__ import annotations

import os
import sys
from typing import Protocol, TypeVar

from dapr_core.process import logs
from dapr_core.process.flags import parse_or_exit
from dapr_core.process.name import take_name
from dapr_core.process.shutdown import ExitCode
from dapr_core.process.version import runtime_version


class ServiceOptions(Protocol):
    """The flags that all services have."""

    @property
    def version(self) -> bool: ...

    @property
    def log_level(self) -> str: ...

    @property
    def log_as_json(self) -> bool: ...

    @property
    def log_file(self) -> str: ...


S = TypeVar("S", bound=ServiceOptions)


def begin(settings: type[S], *, program: str, summary: str) -> S:
    """The options of this process, whose log is set up.

    Ends the process with 0 where the version or the help was asked for, with 1 where there can be no log, and with 2 on
    a command line that does not read.
    """
    take_name(program)
    options = parse_or_exit(settings, sys.argv[1:], os.environ, program=program, summary=summary).settings
    if options.version:
        sys.stdout.write(runtime_version() + "\n")
        sys.exit(ExitCode.OK)
    try:
        logs.configure(options.log_level, as_json=options.log_as_json, file=options.log_file, version=runtime_version())
    except logs.LogSettingsError as error:
        sys.stderr.write(f"{program}: {error}\n")
        sys.exit(ExitCode.FAILURE)
    return options
