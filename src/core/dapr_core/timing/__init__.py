"""Time as Dapr writes it: durations, instants and schedules, as pure functions of their arguments.

Admission rule: a module here reads or writes one notation and does no I/O; "now" is always an argument.
"""
