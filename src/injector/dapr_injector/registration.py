"""Where the registration of the webhook has its authorities (control-plane.md §5.1)."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Final

from dapr_core.kube import Object
from dapr_core.kube.cabundle import replaced
from dapr_core.kube.objects import section, text

NAME: Final = "dapr-sidecar-injector"
HEALTH_TARGET: Final = "webhook-configuration"


def changes(registration: Object, anchors: bytes) -> Sequence[Object]:
    """What the MutatingWebhookConfiguration needs so that the API server believes these anchors."""
    wanted = base64.b64encode(anchors).decode()
    webhooks = registration.get("webhooks")
    first = webhooks[0] if isinstance(webhooks, list) and webhooks and isinstance(webhooks[0], dict) else {}
    if text(section(first, "clientConfig"), "caBundle") == wanted:
        return ()
    return (replaced("/webhooks/0/clientConfig/caBundle", wanted),)
