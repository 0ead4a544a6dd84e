"""Bindings: outside systems that trigger the application, or that it calls by operation."""
