"""HTTP/1.1 (RFC 9110, RFC 9112): a server and a pooled client.

The cores (``heads``, ``framing``, ``emitting``, ``requests``, ``responses``) take bytes and give values; they know no
socket, loop or timer. The shells (``connection``, ``server``; ``exchange``, ``client``) own those. ``bodies`` stands
between the two: a body still arriving, with the back-pressure that reading it slowly exerts.

The cores parse for themselves rather than through httptools (llhttp). Measured, both cost the same; but llhttp's
binding refuses verbs it does not know, skips the body of a request that carries ``Upgrade``, cannot be told that a
response answers HEAD or ended with the connection, and parses everything pipelined at once. httptools is the second
opinion of the tests and the yardstick of the bench.
"""
