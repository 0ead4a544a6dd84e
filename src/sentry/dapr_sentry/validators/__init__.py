"""Ways for a caller to prove who it is. Each validator says yes with a trust domain, or no with a reason."""
