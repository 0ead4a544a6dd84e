"""The operator: what is declared in a cluster, served to the sidecars that may know it (control-plane.md §4).

``resources`` holds the declared objects and tells of their changes, ``serving`` gives them to sidecars over gRPC,
``workloads`` keeps a Service for each annotated workload and looks after pods without sidecar, ``conversion`` answers
for the older version of Subscriptions. Every replica serves; only the holder of the Lease writes.
"""
