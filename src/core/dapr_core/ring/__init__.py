"""The consistent-hash ring that gives every actor one home (actors-placement.md §2).

Whoever holds a placement table computes the same ring from it, so that all sidecars agree without talking to each
other. Pure: no I/O, no clock. ``hashing`` has the hash and the virtual nodes of a host, ``ring`` the look-up.

Belongs here: what follows from a table alone. How tables travel is the placement service's matter, what a sidecar does
with an owner is the actor block's.
"""

from dapr_core.ring.hashing import hash_key, virtual_nodes
from dapr_core.ring.ring import NoHostsError, Ring, RingHost

__all__ = ["NoHostsError", "Ring", "RingHost", "hash_key", "virtual_nodes"]
