"""Placement on the network: streams and their board (gRPC), the state endpoint (HTTP), the listener.

Thin: every rule is in ``dissemination``. Here bytes become reports, effects become frames and timers.
"""
