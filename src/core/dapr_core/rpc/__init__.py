"""HTTP/1.1, HTTP/2 and gRPC on asyncio: sans-io protocol cores, and thin shells that own the sockets.

Admission rule: what bytes on a connection mean, and nothing of what an application does with them. Handlers take a
``Request`` and give a ``Response`` (``messages``), so that the protocol under them can be exchanged.
"""
