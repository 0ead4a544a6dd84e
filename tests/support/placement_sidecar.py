"""A sidecar as placement sees it, on grpcio: foreign code at the other end of the stream."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from typing import Any

import grpc

from dapr_core.proto.gen.placement.v1.placement_pb2 import Host, PlacementOrder
from support.processes import START_LIMIT

METHOD = "/dapr.proto.placement.v1.Placement/ReportDaprStatus"
OPERATIONS = {"lock": 2, "update": 3, "unlock": 4}


def host(name: str, *types: str, app_id: str = "app", namespace: str = "default", operation: int = 1) -> Host:
    """What a sidecar reports."""
    return Host(name=name, id=app_id, namespace=namespace, entities=types, operation=operation, api_level=20)


class StreamSidecar:
    """One stream. It acknowledges what it gets unless told otherwise; everything it got is in ``orders``."""

    def __init__(
        self,
        address: str,
        report: Host | None,
        *,
        acknowledge: bool = True,
        gzip: bool = True,
        wait_for_ready: bool = True,
    ) -> None:
        self.report = report
        self.acknowledge = acknowledge
        self.orders: list[PlacementOrder] = []
        self.times: list[float] = []
        self.error: grpc.RpcError | None = None
        self.ended = False
        self._arrived = threading.Condition()
        self._outgoing: queue.Queue[Host | None] = queue.Queue()
        options = [] if gzip else [("grpc.compression_enabled_algorithms_bitset", 1)]
        self._channel = grpc.insecure_channel(address, options=options)
        method = self._channel.stream_stream(
            METHOD, request_serializer=Host.SerializeToString, response_deserializer=PlacementOrder.FromString
        )
        if report is not None:
            self._outgoing.put(report)
        self.call: Any = method(iter(self._outgoing.get, None), wait_for_ready=wait_for_ready, timeout=120)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def send(self, message: Host) -> None:
        self._outgoing.put(message)

    def ack(self, order: PlacementOrder) -> None:
        """Acknowledge an order as today's sidecars do."""
        assert self.report is not None
        operation = OPERATIONS[order.operation]
        self.send(Host(id=self.report.id, namespace=self.report.namespace, operation=operation, version=order.version))

    def end(self) -> None:
        """Say that nothing more will come."""
        self._outgoing.put(None)

    def close(self) -> None:
        """Break the stream off."""
        self.call.cancel()
        self._outgoing.put(None)
        self._channel.close()
        self._reader.join(5)

    def __enter__(self) -> StreamSidecar:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # --- What came

    @property
    def words(self) -> list[str]:
        """Orders in short: ``lock 1``."""
        return [f"{order.operation} {order.version}" for order in self.orders]

    @property
    def hosts(self) -> dict[str, set[str]]:
        """The last table: host names by actor type."""
        updates = [order for order in self.orders if order.operation == "update"]
        entries = updates[-1].tables.entries if updates else {}
        return {actor_type: set(table.load_map) for actor_type, table in entries.items()}

    def wait(self, check: Callable[[StreamSidecar], object], what: str, timeout: float = START_LIMIT) -> None:
        """Wait until something holds of what came."""
        deadline = time.monotonic() + timeout
        with self._arrived:
            while not check(self):
                left = deadline - time.monotonic()
                if left <= 0 or (self.ended and not check(self)):
                    raise AssertionError(f"{what} did not come; got {self.words}, ended: {self.error}")
                self._arrived.wait(min(left, 0.5))

    def wait_for(self, word: str) -> PlacementOrder:
        """The first order of these words."""
        self.wait(lambda sidecar: word in sidecar.words, word)
        return self.orders[self.words.index(word)]

    def wait_unlocked(self, version: int) -> None:
        """Wait for the end of a round, or of a later one."""
        self.wait(
            lambda s: any(o.operation == "unlock" and o.version >= version for o in s.orders), f"unlock {version}"
        )

    def wait_ended(self, timeout: float = START_LIMIT) -> tuple[grpc.StatusCode, str]:
        """How placement ended the stream."""
        self.wait(lambda sidecar: sidecar.ended, "the end of the stream", timeout)
        assert self.error is not None, "the stream ended well"
        return self.error.code(), self.error.details() or ""

    def _read(self) -> None:
        try:
            for order in self.call:
                with self._arrived:
                    self.orders.append(order)
                    self.times.append(time.monotonic())
                    self._arrived.notify_all()
                if self.acknowledge:
                    self.ack(order)
        except grpc.RpcError as error:
            self.error = error
        with self._arrived:
            self.ended = True
            self._arrived.notify_all()
