"""Vendors behind the building blocks: one contract per kind, one module per vendor.

Admission rule: a vendor sees its manifest's metadata and typed values, never HTTP, gRPC or the sidecar. Each kind's
package opens with its contract (``dapr_components.<kind>.contract``); ``registry`` finds the class for a manifest.
"""
