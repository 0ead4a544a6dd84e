"""The sidecar: one process beside each application, which speaks Dapr's APIs to it and the internal wire to its peers.

A call goes one way through the rooms: a server of ``dapr_core.rpc`` → ``api`` decodes → a block decides → a component,
``app`` or ``mesh`` acts → back. ``runtime`` is the only module that knows every room.
"""
