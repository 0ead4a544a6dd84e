"""The sidecar's metric families and the recorders that blocks and servers hold (observability.md §3, §5, §6, §8).

Admission rule: a recorder knows names, labels and buckets of the original's families and nothing of the block that
uses it; blocks see it through their own observer protocols. Every recorder keeps the children of the label values it
has met, so that recording costs one look-up.
"""

from daprd.metrics.recorders import Metrics

__all__ = ["Metrics"]
