"""An application that speaks gRPC, for tests: grpcio serves it, so that our server is not its own witness.

It answers like the application of the recordings and keeps what it was sent: path, metadata and message.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import grpc

from dapr_core.proto.gen.common.v1 import common_pb2
from dapr_core.proto.gen.runtime.v1 import appcallback_pb2 as pb

CALLBACK = "/dapr.proto.runtime.v1.AppCallback/"
HEALTH = "/dapr.proto.runtime.v1.AppCallbackHealthCheck/HealthCheck"


@dataclass
class Told:
    """One call as the application got it."""

    path: str
    metadata: list[tuple[str, str | bytes]]
    message: bytes

    def values(self, name: str) -> list[str | bytes]:
        return [value for key, value in self.metadata if key == name]


Answers = Callable[[Told, grpc.ServicerContext], bytes]


@dataclass
class GrpcApp:
    """``answers`` maps paths to functions; a path without one answers that it is not implemented."""

    answers: dict[str, Answers] = field(default_factory=dict)
    streams: dict[str, Callable[[Iterator[bytes], grpc.ServicerContext], Iterator[bytes]]] = field(default_factory=dict)
    told: list[Told] = field(default_factory=list)
    port: int = 0

    def __post_init__(self) -> None:
        self._arrived = threading.Condition()

    def service(self, call: grpc.HandlerCallDetails) -> Any:
        """grpcio's generic handler."""
        path = call.method
        if path in self.streams:
            handler = self.streams[path]
            return grpc.stream_stream_rpc_method_handler(lambda requests, context: handler(requests, context))
        if path not in self.answers:
            self._keep(Told(path, [(key, value) for key, value in call.invocation_metadata], b""))
            return None
        return grpc.unary_unary_rpc_method_handler(lambda message, context: self._unary(path, message, context))

    def _unary(self, path: str, message: bytes, context: grpc.ServicerContext) -> bytes:
        told = Told(path, [(key, value) for key, value in context.invocation_metadata()], message)
        self._keep(told)
        return self.answers[path](told, context)

    def _keep(self, told: Told) -> None:
        with self._arrived:
            self.told.append(told)
            self._arrived.notify_all()

    def wait_for(self, path: str, count: int = 1, timeout: float = 20.0) -> list[Told]:
        """The first ``count`` calls of a path; fails when they do not come in time."""
        deadline = time.monotonic() + timeout
        with self._arrived:
            while True:
                found = [told for told in self.told if told.path == path]
                if len(found) >= count:
                    return found[:count]
                left = deadline - time.monotonic()
                assert left > 0, f"only {len(found)} of {count} calls of {path}: {[told.path for told in self.told]}"
                self._arrived.wait(left)


class _Generic(grpc.GenericRpcHandler):
    def __init__(self, app: GrpcApp) -> None:
        self._app = app

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> Any:
        return self._app.service(handler_call_details)


@contextlib.contextmanager
def grpc_app(
    app: GrpcApp,
    *,
    credentials: grpc.ServerCredentials | None = None,
    options: Sequence[tuple[str, int]] = (),
    port: int = 0,
) -> Iterator[GrpcApp]:
    """Serve the application on a loopback port, any free one unless told which."""
    server = grpc.server(ThreadPoolExecutor(8), handlers=[_Generic(app)], options=list(options))
    if credentials is None:
        app.port = server.add_insecure_port(f"127.0.0.1:{port}")
    else:
        app.port = server.add_secure_port(f"127.0.0.1:{port}", credentials)
    server.start()
    try:
        yield app
    finally:
        server.stop(0).wait()


def on_invoke(told: Told, context: grpc.ServicerContext) -> bytes:
    """The recorded application's ``OnInvoke``."""
    request = common_pb2.InvokeRequest.FromString(told.message)
    if request.method == "fail":
        context.abort(grpc.StatusCode.NOT_FOUND, "no such thing")
    if request.method == "trailers":
        context.send_initial_metadata((("x-init", "1"), ("x-bin-bin", b"\x01")))
        context.set_trailing_metadata((("x-trail", "2"),))
    answer = common_pb2.InvokeResponse(content_type=request.content_type or "text/plain")
    answer.data.value = b"grpc says " + request.data.value
    return answer.SerializeToString()


def echo_say(told: Told, context: grpc.ServicerContext) -> bytes:
    """A unary method of a foreign service, with metadata and trailers of its own."""
    context.send_initial_metadata((("x-init", "1"),))
    context.set_trailing_metadata((("x-trail", "2"), ("x-t-bin", b"\x01\x02")))
    return told.message


def echo_fail(told: Told, context: grpc.ServicerContext) -> bytes:
    """A foreign method that fails."""
    context.abort(grpc.StatusCode.FAILED_PRECONDITION, "not now")
    raise AssertionError


def echo_chat(requests: Iterator[bytes], context: grpc.ServicerContext) -> Iterator[bytes]:
    """A foreign method that answers each message with itself."""
    yield from requests


def subscriptions(*items: pb.TopicSubscription) -> Answers:
    """``ListTopicSubscriptions`` with these."""
    listed = pb.ListTopicSubscriptionsResponse(subscriptions=items).SerializeToString()
    return lambda told, context: listed


def recorded_app() -> GrpcApp:
    """What the application of the recordings serves of invocation and of a foreign service."""
    return GrpcApp(
        {
            HEALTH: lambda told, context: b"",
            CALLBACK + "OnInvoke": on_invoke,
            "/my.Echo/Say": echo_say,
            "/my.Echo/Fail": echo_fail,
        },
        {"/my.Echo/Chat": echo_chat},
    )
