"""Compile the data plane: install it beside the checkout, or write the wheel for other places.

``make compiled`` keeps it in ``build/compiled``; whoever puts that folder first on ``PYTHONPATH`` runs it, while the
checkout itself goes on running from its sources. Nothing is made that is there already.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path

from images import compiling, wheels


def main() -> int:
    """Do it; 1 with a word on the remedy when that cannot be done."""
    parser = argparse.ArgumentParser(prog="compiled", description=__doc__)
    default = compiling.ROOT / "build" / "compiled"
    parser.add_argument("folder", type=Path, nargs="?", default=default, help="where to (%(default)s)")
    parser.add_argument("--wheel", action="store_true", help="write the wheel there in place of installing it")
    arguments = parser.parse_args()
    folder: Path = arguments.folder.resolve()
    try:
        if arguments.wheel:
            folder.mkdir(parents=True, exist_ok=True)
            print(shutil.copy(compiling.wheel(), folder))
        else:
            compiling.install(folder)
    except wheels.BuildError as error:
        print(f"compiled: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
