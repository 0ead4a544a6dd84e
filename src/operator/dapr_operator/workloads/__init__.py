"""Workloads with sidecars: the Service of each, and pods that came without a sidecar (control-plane.md §4.6–4.7)."""
