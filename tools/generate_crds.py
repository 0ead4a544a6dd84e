"""Write ``deploy/crds`` from the models of ``dapr_core.resources``, or prove that it already equals them.

``python tools/generate_crds.py`` rewrites the files, which are applied as they are, and their twins in the chart;
``--check`` only compares, and exits 1 naming each file that differs, is missing or belongs to no kind.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import yaml

from dapr_core.resources import crds

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = (ROOT / "deploy/crds", ROOT / "charts/dapr/crds")
"""Where the files go: Helm reads a chart's own only from the chart."""
HEADER = "# Made by `make crds` from the models in src/core/dapr_core/resources: change those.\n"


class _Dumper(yaml.SafeDumper):
    """Lists indented below their key, no aliases for repeated values: as people write manifests."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: object) -> bool:
        return True


def files() -> dict[str, str]:
    """Every file's text by its name."""
    return {
        f"{name}.yaml": HEADER + yaml.dump(document, Dumper=_Dumper, sort_keys=False, width=120)
        for name, document in crds.documents()
    }


def stale(folder: Path, fresh: dict[str, str]) -> list[str]:
    """Names of files that are not what the models say."""
    present = {path.name: path.read_text() for path in folder.glob("*.yaml")}
    return sorted(name for name in fresh.keys() | present.keys() if fresh.get(name) != present.get(name))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="only compare, exit 1 on a difference")
    check = parser.parse_args().check
    fresh = files()
    found = False
    for folder in FOLDERS:
        for name in stale(folder, fresh):
            found = True
            path = folder / name
            if check:
                print(f"{path.relative_to(ROOT)} is not what the models say; run make crds", file=sys.stderr)
            elif name in fresh:
                folder.mkdir(parents=True, exist_ok=True)
                path.write_text(fresh[name])
            else:
                path.unlink()
    return int(check and found)


if __name__ == "__main__":
    sys.exit(main())
