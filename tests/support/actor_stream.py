"""An application that hosts actors over a stream it opens, on grpcio: it notes every request and answers by a rule."""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc

from dapr_core.proto.gen.runtime.v1 import actors_pb2 as pb

DAPR = "/dapr.proto.runtime.v1.Dapr/"
Request = pb.SubscribeActorEventsRequestAlpha1
Response = pb.SubscribeActorEventsResponseAlpha1
Rule = Callable[[Response], Request | None]
"""The answer to a request; None leaves it to what an echo says."""


def invoked(request: Response, data: bytes, error: bool = False, **metadata: str) -> Request:
    """The answer to a call."""
    return Request(
        invoke_response=pb.SubscribeActorEventsRequestInvokeResponseAlpha1(
            id=request.invoke_request.id, data=data, metadata=metadata, error=error
        )
    )


def failed(request: Response, code: int, message: str) -> Request:
    """What says that a call failed."""
    number = getattr(request, request.WhichOneof("response_type") or "").id
    return Request(request_failed=pb.SubscribeActorEventsRequestFailedAlpha1(id=number, code=code, message=message))


def echo(request: Response) -> Request | None:
    """The answer of an application that does everything it is asked, and echoes calls."""
    kind = request.WhichOneof("response_type")
    if kind == "invoke_request":
        return invoked(request, request.invoke_request.data or b"actor says hi")
    if kind == "timer_request":
        told = pb.SubscribeActorEventsRequestReminderResponseAlpha1(id=request.timer_request.id)
        return Request(timer_response=told)
    if kind == "reminder_request":
        told = pb.SubscribeActorEventsRequestReminderResponseAlpha1(id=request.reminder_request.id)
        return Request(reminder_response=told)
    if kind == "deactivate_request":
        left = pb.SubscribeActorEventsRequestDeactivateResponseAlpha1(id=request.deactivate_request.id)
        return Request(deactivate_response=left)
    return None


class ActorStream:
    """One stream. ``received`` are its requests; they are answered on threads, so that a rule may wait."""

    def __init__(
        self, port: int, *types: str, rules: tuple[Rule, ...] = (), reads: bool = True, **initial: Any
    ) -> None:
        """``initial`` are further fields of the first message; without ``reads`` nothing is read until ``read``."""
        self._rules = (*rules, echo)
        # On a busy machine grpcio takes the time of a ping for a long way, and its windows grow to many megabytes.
        self._channel = grpc.insecure_channel(f"127.0.0.1:{port}", [("grpc.http2.bdp_probe", 0)])
        self._outbox: queue.Queue[Request | None] = queue.Queue()
        self._arrived = threading.Condition()
        self._pool = ThreadPoolExecutor(16)
        self.received: list[Response] = []
        self.answered = 0
        self.opened = threading.Event()
        self.ended = threading.Event()
        self._outbox.put(
            Request(initial_request=pb.SubscribeActorEventsRequestInitialAlpha1(entities=types, **initial))
        )
        self._call = self._channel.stream_stream(
            DAPR + "SubscribeActorEventsAlpha1",
            request_serializer=Request.SerializeToString,
            response_deserializer=Response.FromString,
        )(iter(self._outbox.get, None))
        self._reader = threading.Thread(target=self._read, daemon=True)
        if reads:
            self.read()

    def read(self) -> None:
        """Begin to read."""
        self._reader.start()

    def wait_open(self, timeout: float = 20.0) -> ActorStream:
        """Wait until the sidecar has taken the types."""
        assert self.opened.wait(timeout), f"the stream was not opened: {self.code}"
        return self

    def _read(self) -> None:
        try:
            for response in self._call:
                if response.WhichOneof("response_type") == "initial_response":
                    self.opened.set()
                    continue
                with self._arrived:
                    self.received.append(response)
                    self._arrived.notify_all()
                self._pool.submit(self._answer, response)
        except grpc.RpcError:
            pass  # the code of the call says it
        finally:
            self.ended.set()

    def _answer(self, request: Response) -> None:
        for rule in self._rules:
            answer = rule(request)
            if answer is not None:
                self.send(answer)
                with self._arrived:
                    self.answered += 1
                return

    def send(self, answer: Request) -> None:
        """Say something."""
        self._outbox.put(answer)

    def wait_for(self, kind: str, count: int = 1, timeout: float = 20.0) -> list[Any]:
        """Wait for so many requests of a kind (``invoke_request``); all of them."""
        with self._arrived:
            done = self._arrived.wait_for(lambda: len(self._of(kind)) >= count, timeout)
            found = self._of(kind)
        assert done, f"{len(found)} of {count} {kind}; received: {self.received}"
        return found

    def _of(self, kind: str) -> list[Any]:
        return [getattr(each, kind) for each in self.received if each.WhichOneof("response_type") == kind]

    @property
    def code(self) -> tuple[grpc.StatusCode, str]:
        """Status and text of a stream that has ended."""
        return self._call.code(), self._call.details()

    def finish(self) -> None:
        """Say that no more will come, and wait for the end."""
        self._outbox.put(None)
        assert self.ended.wait(20)

    def close(self) -> None:
        """Break the stream off."""
        self._call.cancel()
        self._outbox.put(None)
        if self._reader.ident is not None:
            self._reader.join(20)
        self._channel.close()
        self._pool.shutdown(wait=False, cancel_futures=True)


@contextlib.contextmanager
def actor_stream(port: int, *types: str, **options: Any) -> Iterator[ActorStream]:
    """An open stream."""
    stream = ActorStream(port, *types, **options)
    try:
        yield stream.wait_open()
    finally:
        stream.close()
