"""Components that run in a process of their own and are reached over a Unix socket (building-blocks.md §6.8).

Whoever starts such a process puts its socket into a folder; ``discovery`` asks each socket by gRPC reflection what it
is and answers with one class per type, ``state.<socket file name>`` and so on, that fulfils the kind's contract by
calling ``dapr.proto.components.v1``. ``sockets`` decides which files may be trusted, ``connection`` keeps a component's
channel alive over the life and death of its process, ``streams`` the two long-lived calls, ``errors`` turns statuses
into the errors of the contracts. Nothing of this is imported in a sidecar without that folder.
"""
