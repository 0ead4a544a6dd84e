"""Service invocation: who is meant, which way the call takes, and what each side may see of it (api.md §3).

Admission rule: rules on plain values. Edges (HTTP, the internal wire, later gRPC) build an ``Invocation`` and give it
to the ``Invoker``; the doors to applications and other sidecars are handed in.
"""
