"""The chart of the control plane, which comes with this package: ``charts/dapr`` of the sources, as it is.

In a checkout ``chart`` beside this package's modules is a link to it; a wheel holds its files. It is of the version of
this package and installs images of that version.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from dapr_cli.command import Failure

FOLDER = Path(__file__).parent.parent / "chart"
NAME = "dapr"


class Chart(NamedTuple):
    """The chart: where it is, its version, and the images it takes unless told otherwise."""

    folder: Path
    version: str
    registry: str
    tag: str


def chart(folder: Path = FOLDER) -> Chart:
    """The chart of this package. Raises Failure when this installation has none."""
    import yaml

    try:
        about = yaml.safe_load((folder / "Chart.yaml").read_text(encoding="utf-8"))
        values = yaml.safe_load((folder / "values.yaml").read_text(encoding="utf-8"))
        common = values["global"]
        return Chart(folder, str(about["version"]), str(common["registry"]), str(common["tag"]))
    except (OSError, yaml.YAMLError, KeyError, TypeError) as error:
        raise Failure(
            f"the chart of the control plane is not in {folder} ({error}); install this package anew: "
            "pip install --force-reinstall 'dapr-runtime[cli]'"
        ) from None
