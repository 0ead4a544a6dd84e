"""`dapr mtls`: what a certificate authority is, when it ends, and the stages that give it a new root.

The stages themselves, and whether they are safe, are ``dapr_core.identity.rotation``. Here is where an authority lies
(``place``: a folder of this machine, or a cluster), who can be seen to trust it, and what is said to the user.
"""
