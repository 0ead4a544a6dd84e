"""Make ``dapr_core/proto/gen`` from the `.proto` sources, or prove that it already equals them.

``python tools/generate_protos.py`` rewrites the folder; ``--check`` only compares and exits 1 naming each file that
differs, is missing or has no source. Needs grpcio-tools (a development dependency): its protoc parses the sources and
brings the sources of Google's well-known types.
"""

from __future__ import annotations

import argparse
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "src/core/dapr_core/proto"
GENERATED = SOURCES / "gen"
PLUGIN = Path(__file__).resolve().parent / "protoc_gen_dapr.py"
WELL_KNOWN = [
    f"google/protobuf/{name}.proto" for name in ("any", "duration", "empty", "struct", "timestamp", "wrappers")
]
PACKAGE_STORY = '"""Generated from the `.proto` sources by tools/generate_protos.py: do not edit."""\n'


def generate(into: Path) -> None:
    """Run protoc with our plugin over every source; write packages below ``into``. Raises CalledProcessError."""
    import grpc_tools

    well_known = Path(grpc_tools.__file__).parent / "_proto"
    files = sorted(str(path.relative_to(SOURCES)) for path in SOURCES.rglob("*.proto"))
    launcher = into / "protoc-gen-dapr"
    launcher.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} {shlex.quote(str(PLUGIN))} "$@"\n')
    launcher.chmod(0o755)
    command = [sys.executable, "-m", "grpc_tools.protoc", f"--plugin=protoc-gen-dapr={launcher}"]
    command += [f"--dapr_out={into}", f"-I{SOURCES}", f"-I{well_known}", *WELL_KNOWN, *files]
    subprocess.run(command, check=True)
    launcher.unlink()
    for folder in [into, *(path for path in into.rglob("*") if path.is_dir())]:
        (folder / "__init__.py").write_text(PACKAGE_STORY)


def contents(folder: Path) -> dict[str, bytes]:
    """Every generated file below a folder, by relative path."""
    paths = (path for path in folder.rglob("*") if path.suffix in {".py", ".pyi"})
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="only compare, exit 1 on a difference")
    check = parser.parse_args().check
    with tempfile.TemporaryDirectory() as scratch:
        fresh_folder = Path(scratch)
        generate(fresh_folder)
        fresh, present = contents(fresh_folder), contents(GENERATED)
    stale = sorted(name for name in fresh.keys() | present.keys() if fresh.get(name) != present.get(name))
    if check:
        for name in stale:
            print(f"{GENERATED.relative_to(ROOT)}/{name} does not equal its source: run `make protos`", file=sys.stderr)
        return 1 if stale else 0
    for name in stale:
        target = GENERATED / name
        if name in fresh:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(fresh[name])
        else:
            target.unlink()
    print(f"{len(stale)} of {len(fresh)} generated files changed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
