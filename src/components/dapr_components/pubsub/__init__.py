"""Message brokers: publish to a topic, and have messages delivered at least once."""
