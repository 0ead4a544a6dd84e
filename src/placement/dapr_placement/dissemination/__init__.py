"""The dissemination of placement tables: who is connected, which table is in force, what has to be sent next.

Pure: no sockets, no clock, no tasks. Events go in as method calls, what is to be done comes out as a list of effects
(``effects``). ``rounds`` is the state machine of one namespace, ``tables`` its table in the form it has on the wire
(``wire``), ``reports`` what a sidecar says, ``admission`` whether it may say it.

Belongs here: every rule of actors-placement.md §1.3 to §1.7. How bytes travel and when timers fire is the server's.
"""
