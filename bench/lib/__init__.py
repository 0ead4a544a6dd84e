"""What the benches share: the yardstick, the load generator, processor time of processes, and how figures are shown."""
