"""``pubsub.redis``: topics as Redis Streams, laid out so that a Go sidecar can share them (components.md §2.3).

A topic is a stream of that name; an entry has the fields ``data`` and, where the publisher gave any, ``metadata``
(JSON). A subscription is a consumer group named by ``consumerID``, which also names the one consumer that all replicas
share. What is read stays in the group's pending list until its handler has returned; whatever lies there untouched for
``processingTimeout`` is claimed and delivered again. So nothing that a publisher was told is stored can be lost by a
subscriber that dies.

``settings`` reads the manifest, ``entries`` the wire form, ``consumer`` runs one subscription (reading, claiming,
keeping alive), ``acks`` acknowledges in batches, ``broker`` is the component.
"""

from dapr_components.pubsub.redis.broker import RedisPubSub

__all__ = ["RedisPubSub"]
