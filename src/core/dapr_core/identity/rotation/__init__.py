"""Rotating a root without an outage: three stages, each of which leaves a state that may last for ever.

1. ``anchors``: the new root is trusted beside the old one; the old issuer still signs. The issuer below the new root is
   made now and lies waiting, because the key of a root is forgotten once it has signed.
2. ``issuer``: the issuer below the new root signs. Certificates of either root are accepted everywhere.
3. ``withdraw``: when the last certificate of the old issuer has ended, the old root is trusted no more.

``stages`` are pure functions from what a store holds to what it shall hold; done twice they do nothing. ``checking``
says whether the next one is safe. A ``store`` replaces everything in one step or not at all, so that a crash between
any two instructions leaves a whole state: a folder does it by a journal (``files``), a cluster by its optimistic lock.

Here belongs what sentry and the command line share. Who may be asked for a rotation, and what is printed, is the
command line's; what is signed in the meantime is sentry's.
"""
