"""Which of several placements serves. Only one may: two would give actors two homes.

``contract`` is what the process knows of it. A single placement leads from the start (``alone``); several let an engine
that can elect decide (``kubernetes``, ``etcd``). Nothing is elected by a protocol of our own, and nothing but the
leadership is shared: a new leader learns its tables from the sidecars that come to it.
"""
