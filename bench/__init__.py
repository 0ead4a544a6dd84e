"""What the data plane costs: one script per figure, each figure a multiple of E (``bench.lib.yardstick``).

``python -m bench`` runs them all; ``python -m bench.invoke`` and its neighbours run one.
"""
