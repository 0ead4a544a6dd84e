"""State stores: key to bytes, with ETags, TTL and transactions where the vendor has them."""
