"""Metrics and traces, cheap enough to stand on the data plane's every call."""
