"""Container images of the services, without a builder: ``python -m images`` (``make images``).

An image has four layers: a Python of Debian's packages (``debian``), the locked packages that all services need, those
of the service's extra (``locked``, ``wheels``), and this project's own. The first two are the same in every image, so
they lie once on a node and once in its memory. There is no shell and no package manager in an image, everything belongs
to root, the process does not run as root, and nothing is written at run time. ``docker/Dockerfile`` makes images of the
same wheel and the same locked packages for people who have a builder.
"""
