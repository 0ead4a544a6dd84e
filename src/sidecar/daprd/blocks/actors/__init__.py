"""Virtual actors: each lives in one place, and does one thing at a time (actors-placement.md §3).

Pure cores first: ``turns`` (one call after another, and calls that come back to where they began), ``names``,
``settings`` (what an application says about its types), ``schedule`` (due times, periods and ends of timers and
reminders), ``idle`` (whose time has come), ``table`` (which host an actor belongs to, and what a new table changes).
"""
