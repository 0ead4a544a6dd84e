"""The placement service: it tells every sidecar which hosts serve which actor types, one table at a time for all of them.

Belongs here: the stream that sidecars hold open, the rounds that bring a new table to all of them, and the process around
both. The hash ring that turns a table into an actor's home is ``dapr_core.ring``, because sidecars compute it.
"""
