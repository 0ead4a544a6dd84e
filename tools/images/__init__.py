"""Container images of the services, without a builder: ``python -m images`` (``make images``).

An image has three layers: a Python of Debian's packages (``debian``), the locked packages of the service's extra
(``locked``, ``wheels``), and this project's own. There is no shell and no package manager in it, everything belongs to
root, the process does not run as root, and nothing is written at run time. ``docker/Dockerfile`` makes images of the
same wheel and the same locked packages for people who have a builder.
"""
