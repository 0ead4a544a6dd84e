"""A user's application of Flask that hosts actors; its port is the only argument."""

from __future__ import annotations

import sys

from cats import Cat, settle
from dapr.ext.flask import DaprActor
from flask import Flask

settle()
app = Flask("cats")
DaprActor(app).register_actor(Cat)

if __name__ == "__main__":
    app.run("127.0.0.1", int(sys.argv[1]))
