"""From a pod to the JSON patch that gives it a sidecar: pure functions on JSON values (control-plane.md §5.3–5.7).

Names of fields and the order in which they stand are those of Kubernetes' own types, so that the patch has the same
bytes as the original's.
"""
