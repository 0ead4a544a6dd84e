"""The resources that ``dapr init`` writes, in the form the public CLI gives them (cli-dashboard.md §3)."""

from __future__ import annotations

STATE_STORE = """\
apiVersion: dapr.io/v1alpha1
kind: Component
metadata:
  name: statestore
spec:
  type: state.redis
  version: v1
  metadata:
  - name: redisHost
    value: {host}
  - name: redisPassword
    value: ""
  - name: actorStateStore
    value: "true"
"""

PUBSUB = """\
apiVersion: dapr.io/v1alpha1
kind: Component
metadata:
  name: pubsub
spec:
  type: pubsub.redis
  version: v1
  metadata:
  - name: redisHost
    value: {host}
  - name: redisPassword
    value: ""
"""

_CONFIGURATION = """\
apiVersion: dapr.io/v1alpha1
kind: Configuration
metadata:
  name: daprConfig
"""

_TRACING = """\
  tracing:
    samplingRate: "1"
    zipkin:
      endpointAddress: http://localhost:9411/api/v2/spans
"""

_MTLS = """\
  mtls:
    enabled: true
    sentryAddress: {address}
    controlPlaneTrustDomain: localhost
    workloadCertTTL: 24h
    allowedClockSkew: 15m
"""

LAUNCHER = """\
#!/bin/sh
# Starts the sidecar of the Python environment that ran `dapr init`.
exec "{python}" -m daprd.main "$@"
"""


def configuration(*, slim: bool, sentry: str = "") -> str:
    """The default Configuration; ``sentry`` is the address of an authority of this machine, if there is one."""
    spec = ("" if slim else _TRACING) + (_MTLS.format(address=sentry) if sentry else "")
    return f"{_CONFIGURATION}spec:\n{spec}" if spec else f"{_CONFIGURATION}spec: {{}}\n"
