"""Who a process is, how it proves it, and whom it believes: SPIFFE ids, SVIDs, trust bundles, mutual TLS.

Here belongs what every process of the control plane and the data plane needs for its identity. What only the authority
does (deciding who somebody is, signing for it) is in ``dapr_sentry``; what a caller may do once it is known is its
server's policy. Only ``spiffe`` and ``policy`` are free of OpenSSL; import the others where mutual TLS is on.

- values: ``spiffe`` ids, ``keys``, ``certificates``, ``svid`` (an id with its chain and key), ``bundle`` (anchors);
- rules: ``policy`` (who may be at the other end), ``paths`` (whether a chain leads to an anchor);
- authority: ``issuer`` (what signs), ``roots`` (made anew), ``rotation`` (from one root to the next, in stages);
- tokens: ``jwk`` key sets, ``jwt`` signing and checking;
- connections: ``tls`` contexts, ``peer`` (who is there), ``guard`` (until when), ``admission`` (both, as ``rpc`` asks);
- a process's own identity: ``anchors``, ``tokens`` and ``sentry`` fetch it, ``rotating`` keeps it fresh.
"""
