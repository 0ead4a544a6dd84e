"""What the definition of Subscriptions needs so that the API server finds our webhook and believes it (§4.8)."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Final

from dapr_core.kube import Object
from dapr_core.kube.cabundle import Changes, replaced
from dapr_core.kube.objects import section, text

NAME: Final = "subscriptions.dapr.io"
HEALTH_TARGET: Final = "operator-webhook"
_CONFIG: Final = "/spec/conversion/webhook/clientConfig"


def changes_for(namespace: str) -> Changes:
    """What the definition needs, for an operator in a namespace."""

    def changes(definition: Object, anchors: bytes) -> Sequence[Object]:
        config = section(definition, "spec", "conversion", "webhook", "clientConfig")
        if not config:
            # Somebody has installed the definition without conversion; both versions are served as they are then.
            return ()
        wanted = base64.b64encode(anchors).decode()
        found: list[Object] = []
        if text(section(config, "service"), "namespace") != namespace:
            found.append(replaced(f"{_CONFIG}/service/namespace", namespace))
        if text(config, "caBundle") != wanted:
            found.append(replaced(f"{_CONFIG}/caBundle", wanted))
        return found

    return changes
