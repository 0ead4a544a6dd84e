"""Secret stores: names to secrets, each a small map of strings."""
