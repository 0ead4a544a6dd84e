"""Which images there are: the program each runs, the extra it needs, and the import packages it holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

REGISTRY: Final = "docker.io/local/dapr"
"""Prefix of the images' names: a name that no registry serves, so nothing else is pulled in their place."""
LIBRARIES: Final = "opt/dapr/lib"
"""Where the packages are in an image; a derived image adds a component with ``pip install --target`` there."""
ENVIRONMENT: Final = ("PATH=/usr/bin", "LANG=C.UTF-8", "SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt")
USER: Final = "65532:65532"
"""The unprivileged user of the public project's images, too."""


@dataclass(frozen=True, slots=True)
class Service:
    """One image. It holds its own packages and no other service's."""

    name: str
    extra: str
    entry: str
    packages: tuple[str, ...]
    data_plane: bool = False
    """Whether requests pass through it: then it has the compiled wheel."""

    @property
    def program(self) -> str:
        """The program at the image's root, by the name that the public project's manifests call (``/daprd``).

        Isolated mode (``-I``) keeps the environment and the working directory from changing what is imported.
        """
        module, _, function = self.entry.partition(":")
        return (
            "#!/usr/bin/python3 -I\n"
            "import sys\n"
            f'sys.path.insert(0, "/{LIBRARIES}")\n'
            f"from {module} import {function}\n"
            f"sys.exit({function}())\n"
        )


_CORE: Final = "dapr_core"
SERVICES: Final = {
    each.name: each
    for each in (
        Service("daprd", "sidecar", "daprd.main:main", (_CORE, "dapr_components", "daprd"), True),
        Service("sentry", "sentry", "dapr_sentry.main:main", (_CORE, "dapr_sentry")),
        Service("operator", "operator", "dapr_operator.main:main", (_CORE, "dapr_operator")),
        Service("placement", "placement", "dapr_placement.main:main", (_CORE, "dapr_placement")),
        Service("injector", "injector", "dapr_injector.main:main", (_CORE, "dapr_injector")),
    )
}
