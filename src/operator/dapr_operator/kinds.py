"""The kinds of resources that sidecars are served."""

from __future__ import annotations

from typing import Final

from dapr_core.kube.kinds import COMPONENT, CONFIGURATION, Kind

SUBSCRIPTION: Final = Kind("dapr.io", "v2alpha1", "subscriptions", "Subscription")
RESILIENCY: Final = Kind("dapr.io", "v1alpha1", "resiliencies", "Resiliency")
HTTP_ENDPOINT: Final = Kind("dapr.io", "v1alpha1", "httpendpoints", "HTTPEndpoint")
MCP_SERVER: Final = Kind("dapr.io", "v1alpha1", "mcpservers", "MCPServer")
WORKFLOW_POLICY: Final = Kind("dapr.io", "v1alpha1", "workflowaccesspolicies", "WorkflowAccessPolicy")

SERVED: Final = (
    COMPONENT,
    CONFIGURATION,
    SUBSCRIPTION,
    RESILIENCY,
    HTTP_ENDPOINT,
    MCP_SERVER,
    WORKFLOW_POLICY,
)
"""All of them; Subscriptions in the version that is the newer one, to which the older is converted."""
