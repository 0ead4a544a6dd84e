"""The composition root: the only room that knows every other one.

Admission rule: wiring. What the rooms are, in which order they start and stop, and how they are exchanged while the
process runs. A rule of Dapr's APIs belongs in a block, a vendor's in its component.
"""
