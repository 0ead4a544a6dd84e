"""Placement's metrics (actors-placement.md §1.10)."""

from __future__ import annotations

from dapr_core.telemetry.metrics import Registry


class PlacementMetrics:
    """Who is connected, by namespace, and whether this placement leads."""

    def __init__(self, registry: Registry) -> None:
        self.runtimes = registry.gauge(
            "dapr_placement_runtimes_total",
            "The total number of runtimes reported to placement service.",
            ("host_namespace",),
        )
        self.actor_runtimes = registry.gauge(
            "dapr_placement_actor_runtimes_total",
            "The total number of actor runtimes reported to placement service.",
            ("host_namespace",),
        )
        self._leader = registry.gauge(
            "dapr_placement_leader_status", "Placement server leadership status (1 for leader, 0 for not leader)."
        ).labels()
        # The same under the name that dashboards know, though nothing here is elected by raft.
        self._raft_leader = registry.gauge(
            "dapr_placement_raft_leader_status", "Raft server leadership status (1 for leader, 0 for not leader)."
        ).labels()
        self.leads(False)

    def leads(self, leading: bool) -> None:
        """Whether this placement is the leader now."""
        self._leader.set(int(leading))
        self._raft_leader.set(int(leading))
