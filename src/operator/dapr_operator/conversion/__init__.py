"""Subscriptions in two versions: the conversion webhook, and its place in the definition (control-plane.md §4.8)."""
