"""The catalogue of block errors: one row per kind, one module per block (api.md §2).

Admission rule: rows only (``dapr_core.errors.ErrorRow``) and the builders of their details. Blocks raise them, edges
render them.
"""
