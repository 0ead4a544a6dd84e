"""`dapr annotate`: gives a workload in a manifest the annotations of a sidecar, and leaves all else as it is.

``table`` has the flags, each with its annotation. ``workloads`` finds in the parsed documents what can be annotated.
``editing`` changes the text itself, at the few places that the parser points to, so that comments, order, quotes and
documents of other kinds stay; ``manifest`` proves by parsing again that the change is the one that was meant, and else
writes the one document anew. ``sources`` reads what the user names. Only ``sources`` does any I/O.
"""
