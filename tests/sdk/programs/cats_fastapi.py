"""A user's application of FastAPI that hosts actors; its port is the only argument."""

from __future__ import annotations

import sys
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from cats import Cat, settle
from dapr.ext.fastapi import DaprActor
from fastapi import FastAPI


@asynccontextmanager
async def lifespan(_: FastAPI) -> Any:
    await actors.register_actor(Cat)
    yield


settle()
app = FastAPI(lifespan=lifespan)
actors = DaprActor(app)

if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
