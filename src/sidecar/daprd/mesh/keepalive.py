"""How sidecars look after their gRPC connections (api.md §4, control-plane.md: daprd to daprd).

Towards another sidecar the client asks every 10 s, calls or not, so that a host that vanished is noticed before the
next call has to wait for it. As a server a sidecar asks those who have calls; a connection without any is let go after
three minutes, and until then costs nothing.
"""

from __future__ import annotations

from typing import Final

from dapr_core.rpc.grpc import KeepAlive

CALLING: Final = KeepAlive(interval=10.0, timeout=5.0, without_calls=True)
"""Towards another sidecar."""

SERVING: Final = KeepAlive(interval=10.0, timeout=5.0, max_idle=180.0, min_ping_interval=8.0)
"""Towards whoever calls the API's or the internal port."""
