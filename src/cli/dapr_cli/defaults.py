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

CONFIGURATION = """\
apiVersion: dapr.io/v1alpha1
kind: Configuration
metadata:
  name: daprConfig
spec:
  tracing:
    samplingRate: "1"
    zipkin:
      endpointAddress: http://localhost:9411/api/v2/spans
"""

SLIM_CONFIGURATION = """\
apiVersion: dapr.io/v1alpha1
kind: Configuration
metadata:
  name: daprConfig
spec: {}
"""

LAUNCHER = """\
#!/bin/sh
# Starts the sidecar of the Python environment that ran `dapr init`.
exec "{python}" -m daprd.main "$@"
"""
