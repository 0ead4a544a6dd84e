"""`dapr run -k -f`: the applications of a run file as pods of a cluster, for as long as the command runs.

``manifests`` makes a Deployment and a Service of an application, and does no I/O. ``rollout`` brings them to the
cluster and away again; ``watching`` copies what their containers write to where the run file wants it.
"""
