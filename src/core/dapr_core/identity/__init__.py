"""Who a process is, how it proves it, and whom it believes: SPIFFE ids, X.509-SVIDs, trust bundles, mutual TLS.

Here belongs what every process of the control plane and the data plane needs for its identity. What only the authority
does (signing, validating requests) is in ``dapr_sentry``; what a caller may do once it is known is its server's policy.
Only ``spiffe`` and ``policy`` are free of OpenSSL; import the other modules where mutual TLS is on.
"""
