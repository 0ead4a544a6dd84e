"""Process life: flags, settings, logs, health and metrics ports, ordered start, graceful stop."""
