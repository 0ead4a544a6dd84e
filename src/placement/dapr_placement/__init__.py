"""Placement: tells every sidecar of a namespace which host runs which actor, and all of them at the same time.

``dissemination`` is the protocol as a state machine without I/O; ``server`` puts it on gRPC streams and HTTP;
``leadership`` decides which of several placements serves. docs/placement.md tells the whole story.
"""
