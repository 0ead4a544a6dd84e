"""A component in a process of its own, written with grpcio alone: what a user of the project would write.

``python -m support.pluggable_component SOCKET SERVICE…`` serves the named services in memory, with reflection, until it
is terminated. Its messages come from the .proto files by protoc, on the default descriptor pool. ``component`` starts
one for a test and waits until it listens.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import queue
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from concurrent import futures
from pathlib import Path
from typing import Any

from dapr_components import registry
from dapr_components.pluggable.discovery import discover
from support.processes import Process

ROOT = Path(__file__).resolve().parents[2]
PROTOS = ROOT / "src/core/dapr_core/proto"
PACKAGE = "dapr.proto.components.v1."
ALL = (
    "StateStore", "TransactionalStateStore", "QueriableStateStore", "TransactionalStoreMultiMaxSize", "PubSub",
    "InputBinding", "OutputBinding", "SecretStore",
)  # fmt: skip
MESSAGE_LIMIT = 64 * 1024 * 1024


# -- starting one


@contextlib.contextmanager
def component(
    socket: Path, *services: str, reflection: str = "v1alpha", unimplemented: Iterable[str] = ()
) -> Iterator[Process]:
    """A running component that listens at ``socket``; ``reflection`` is ``v1alpha``, ``v1`` or ``none``."""
    process = Process(
        [
            sys.executable, "-m", "support.pluggable_component", str(socket), *(services or ALL),
            f"--reflection={reflection}", *(f"--unimplemented={name}" for name in unimplemented),
        ],
        env={"PYTHONPATH": str(ROOT / "tests")},
    )  # fmt: skip
    try:
        process.wait_for_line("listening")
        yield process
    finally:
        process.terminate()


@contextlib.contextmanager
def component_types(socket: Path, *services: str) -> Iterator[Process]:
    """A running component, discovered: its types can be found in the registry."""
    with component(socket, *services) as process:
        registry.set_discovered(asyncio.run(discover(socket.parent)))
        try:
            yield process
        finally:
            registry.set_discovered({})


# -- what runs in the process


class Refusal(Exception):
    """A status with details, as a handler raises it."""

    def __init__(self, code: str, text: str, *details: Any) -> None:
        self.code, self.text, self.details = code, text, details
        super().__init__(text)


def messages() -> dict[str, Any]:
    """The message classes of the components' protocol by name, and the services' descriptors, made by protoc."""
    import grpc_tools
    from google.protobuf import any_pb2, descriptor_pb2, descriptor_pool, message_factory
    from grpc_tools import protoc

    assert any_pb2  # its types are in the pool before ours need them
    with tempfile.TemporaryDirectory() as scratch:
        out = Path(scratch) / "set"
        well_known = Path(grpc_tools.__file__).parent / "_proto"
        files = sorted(str(path.relative_to(PROTOS)) for path in (PROTOS / "dapr/proto/components/v1").glob("*.proto"))
        assert protoc.main(["protoc", f"-I{PROTOS}", f"-I{well_known}", f"--descriptor_set_out={out}", *files]) == 0
        described = descriptor_pb2.FileDescriptorSet.FromString(out.read_bytes())
    pool = descriptor_pool.Default()
    waiting = {file.name: file for file in described.file}
    for name in sorted(waiting, key=lambda each: not each.endswith("common.proto")):
        pool.AddSerializedFile(waiting[name].SerializeToString())
    found: dict[str, Any] = {}
    for file in described.file:
        for message in file.message_type:
            full = PACKAGE + message.name
            found[message.name] = message_factory.GetMessageClass(pool.FindMessageTypeByName(full))
        for service in file.service:
            found["service " + service.name] = service
    return found


class Memory:
    """State, topics, events and secrets, and how each rpc treats them. One lock: grpcio serves on threads."""

    def __init__(self, pb: dict[str, Any], *, demanding: bool) -> None:
        """``demanding``: manifests must have the field ``required``."""
        self.pb = pb
        self.demanding = demanding
        self.lock = threading.RLock()
        self.items: dict[str, tuple[bytes, int, float]] = {}
        self.count = 0
        self.inits: list[dict[str, Any]] = []
        self.instances: list[str] = []
        self.topics: dict[str, queue.Queue[Any]] = defaultdict(queue.Queue)
        self.events: queue.Queue[Any] = queue.Queue()
        self.acks: list[dict[str, str]] = []
        self.stored: dict[str, bytes] = {}

    # state

    def state_features(self) -> list[str]:
        return ["ETAG", "TRANSACTIONAL", "TTL", "QUERY_API", "DELETE_WITH_PREFIX"]

    def live(self, key: str) -> tuple[bytes, int, float] | None:
        item = self.items.get(key)
        return None if item is None or (item[2] and item[2] <= time.time()) else item

    def check(self, step: Any) -> None:
        """Refuse an ETag that does not fit, and first writes of what exists."""
        item = self.live(step.key)
        etag = step.etag.value
        if etag == "not an etag":
            raise self.etag_refusal("INVALID_ARGUMENT", "it is no number")
        if etag and (item is None or etag != str(item[1])):
            raise self.etag_refusal("FAILED_PRECONDITION", f"{etag} is not the current one")
        if not etag and step.options.concurrency == 1 and item is not None:
            raise self.etag_refusal("FAILED_PRECONDITION", "the key exists")

    def etag_refusal(self, code: str, text: str) -> Refusal:
        from google.rpc.error_details_pb2 import BadRequest

        return Refusal(code, "etag", BadRequest(field_violations=[{"field": "etag", "description": text}]))

    def expiry(self, step: Any) -> float:
        text = step.metadata.get("ttlInSeconds", "")
        if not text:
            return 0.0
        try:
            seconds = int(text)
        except ValueError:
            raise Refusal("INVALID_ARGUMENT", f"ttlInSeconds {text[:20]} is no integer") from None
        return 0.0 if seconds <= 0 else time.time() + seconds

    def put(self, step: Any) -> None:
        expires = self.expiry(step)
        self.count += 1
        self.items[step.key] = (step.value, self.count, expires)

    def StateStore_Set(self, request: Any) -> Any:
        from google.rpc.error_details_pb2 import ErrorInfo

        if request.metadata.get("refuse") == "structured":
            info = ErrorInfo(
                reason="SHELF_FULL", domain="shelves.example",
                metadata={"kit_error": "true", "http_code": "507", "tag": "ERR_SHELF_FULL"},
            )  # fmt: skip
            raise Refusal("RESOURCE_EXHAUSTED", "no room on {the} shelf", info)
        self.check(request)
        self.put(request)
        return self.pb["SetResponse"]()

    def StateStore_Get(self, request: Any) -> Any:
        item = self.live(request.key)
        if item is None:
            return self.pb["GetResponse"]()
        return self.pb["GetResponse"](data=item[0], etag={"value": str(item[1])})

    def StateStore_Delete(self, request: Any) -> Any:
        self.check(request)
        self.items.pop(request.key, None)
        return self.pb["DeleteResponse"]()

    def StateStore_BulkGet(self, request: Any) -> Any:
        found = []
        for each in reversed(request.items):
            item = self.live(each.key)
            etag = {"value": str(item[1])} if item else None
            found.append(self.pb["BulkStateItem"](key=each.key, data=item[0] if item else b"", etag=etag))
        return self.pb["BulkGetResponse"](items=found)

    def StateStore_BulkSet(self, request: Any) -> Any:
        self.try_all(request.items, self.StateStore_Set)
        return self.pb["BulkSetResponse"]()

    def StateStore_BulkDelete(self, request: Any) -> Any:
        from google.rpc.error_details_pb2 import ErrorInfo

        if any(each.metadata.get("strict") for each in request.items):
            there = sum(self.live(each.key) is not None for each in request.items)
            counts = {"affected": str(there), "expected": str(len(request.items))}
            raise Refusal("INTERNAL", "rows", ErrorInfo(metadata=counts))
        self.try_all(request.items, self.StateStore_Delete)
        return self.pb["BulkDeleteResponse"]()

    def try_all(self, items: Any, single: Callable[[Any], Any]) -> None:
        failures = []
        for each in items:
            try:
                single(each)
            except Refusal as error:
                failures.append(error)
        if failures:
            raise failures[0]

    def TransactionalStateStore_Transact(self, request: Any) -> Any:
        before = dict(self.items)
        try:
            for operation in request.operations:
                if operation.HasField("set"):
                    self.StateStore_Set(operation.set)
                else:
                    self.StateStore_Delete(operation.delete)
        except Refusal:
            self.items = before
            raise
        return self.pb["TransactionalStateResponse"]()

    def TransactionalStoreMultiMaxSize_MultiMaxSize(self, request: Any) -> Any:
        return self.pb["MultiMaxSizeResponse"](max_size=7)

    def QueriableStateStore_Query(self, request: Any) -> Any:
        """Values whose JSON has each member that the EQ filter names, in the order of the first sort key."""
        wanted = json.loads(request.query.filter["EQ"].value) if "EQ" in request.query.filter else {}
        found = []
        for key in sorted(self.items):
            value = json.loads(self.items[key][0])
            if all(value.get(name) == expected for name, expected in wanted.items()):
                found.append((value, key))
        for sort in request.query.sort:
            found.sort(key=lambda each, by=sort: each[0][by.key], reverse=sort.order == 1)
        page = found[int(request.query.pagination.token or 0) :][: request.query.pagination.limit or None]
        items = [
            {"key": key, "data": self.items[key][0], "etag": {"value": str(self.items[key][1])}} for _, key in page
        ]
        return self.pb["QueryResponse"](
            items=items, token=str(len(page)), metadata={"asked": ",".join(request.metadata)}
        )

    # pub/sub

    def pubsub_features(self) -> list[str]:
        return ["BULK_PUBSUB", "BULK_SUBSCRIBE_IMMEDIATE"]

    def deliverable(self, topic: str, data: bytes, metadata: Any, content_type: str) -> Any:
        self.count += 1
        return self.pb["PullMessagesResponse"](
            data=data, topic_name=topic, metadata=metadata, content_type=content_type, id=str(self.count)
        )

    def PubSub_Publish(self, request: Any) -> Any:
        message = self.deliverable(request.topic, request.data, request.metadata, request.content_type)
        self.topics[request.topic].put(message)
        return self.pb["PublishResponse"]()

    def PubSub_BulkPublish(self, request: Any) -> Any:
        failed = []
        for entry in request.entries:
            if entry.event == b"refused":
                failed.append({"entry_id": entry.entry_id, "error": "refused as asked"})
                continue
            message = self.deliverable(request.topic, entry.event, entry.metadata, entry.content_type)
            self.topics[request.topic].put(message)
        return self.pb["BulkPublishResponse"](failed_entries=failed)

    def PubSub_PullMessages(self, requests: Any, context: Any) -> Iterator[Any]:
        """Messages of the topic that the first request names; what is not acknowledged goes back to the topic."""
        topic = self.topics[next(requests).topic.name]
        sent: dict[str, Any] = {}
        yield from self.stream(requests, context, topic, sent, self.pubsub_acknowledged)
        for message in sent.values():
            topic.put(message)

    def pubsub_acknowledged(self, request: Any, source: queue.Queue[Any], sent: dict[str, Any]) -> None:
        message = sent.pop(request.ack_message_id)
        if request.HasField("ack_error"):
            source.put(message)

    # bindings

    def OutputBinding_ListOperations(self, request: Any) -> Any:
        return self.pb["ListOperationsResponse"](operations=["create", "get", "delete", "acks", "inits"])

    def OutputBinding_Invoke(self, request: Any) -> Any:
        """``create`` stores and makes an event; ``acks`` and ``inits`` tell what this process has been told."""
        name = request.metadata.get("name", "")
        data = b""
        if request.operation == "create":
            self.stored[name] = request.data
            self.count += 1
            self.events.put(
                self.pb["ReadResponse"](data=request.data, metadata={"name": name}, message_id=str(self.count))
            )
        elif request.operation == "get":
            data = self.stored.get(name, b"")
        elif request.operation == "delete":
            self.stored.pop(name, None)
        elif request.operation == "acks":
            data = json.dumps(self.acks).encode()
        elif request.operation == "inits":
            data = json.dumps([self.inits, self.instances]).encode()
        else:
            raise Refusal("INVALID_ARGUMENT", f"unknown operation {request.operation}")
        return self.pb["InvokeResponse"](data=data, metadata={"pid": str(os.getpid())})

    def InputBinding_Read(self, requests: Any, context: Any) -> Iterator[Any]:
        sent: dict[str, Any] = {}
        yield from self.stream(requests, context, self.events, sent, self.binding_acknowledged)
        for event in sent.values():
            self.events.put(event)

    def binding_acknowledged(self, request: Any, source: queue.Queue[Any], sent: dict[str, Any]) -> None:
        sent.pop(request.message_id)
        error = request.response_error.message if request.HasField("response_error") else ""
        self.acks.append({"data": request.response_data.decode(), "error": error})

    def stream(
        self,
        requests: Any,
        context: Any,
        source: queue.Queue[Any],
        sent: dict[str, Any],
        acknowledged: Callable[[Any, queue.Queue[Any], dict[str, Any]], None],
    ) -> Iterator[Any]:
        """Send what ``source`` holds until the peer ends its side; a thread reads its acknowledgements."""
        ended = threading.Event()

        def read() -> None:
            with contextlib.suppress(Exception):  # the call was cancelled
                for request in requests:
                    with self.lock:
                        acknowledged(request, source, sent)
            ended.set()
            source.put(None)

        threading.Thread(target=read, daemon=True).start()
        while not ended.is_set() and context.is_active():
            message = source.get()
            if message is None:
                continue
            if ended.is_set():
                source.put(message)
                return
            with self.lock:
                sent[getattr(message, "id", "") or getattr(message, "message_id", "")] = message
            yield message

    # secrets

    def secret_features(self) -> list[str]:
        return ["MULTIPLE_KEY_VALUES_PER_SECRET", "TELEPATHY"]

    def secrets(self) -> dict[str, str]:
        found: dict[str, str] = json.loads(self.inits[-1].get("secrets", "{}"))
        return found

    def SecretStore_Get(self, request: Any) -> Any:
        if request.key not in self.secrets():
            raise Refusal("NOT_FOUND", f"secret {request.key} not found")
        return self.pb["GetSecretResponse"](data={request.key: self.secrets()[request.key]})

    def SecretStore_BulkGet(self, request: Any) -> Any:
        data = {name: self.pb["SecretResponse"](secrets={name: value}) for name, value in self.secrets().items()}
        return self.pb["BulkGetSecretResponse"](data=data)

    # all kinds

    def initialised(self, request: Any, context: Any) -> None:
        properties = dict(request.metadata.properties)
        if "refuseInit" in properties:
            raise Refusal("INVALID_ARGUMENT", f"refuseInit is set to {properties['refuseInit']}")
        if self.demanding and "required" not in properties:
            raise Refusal("INVALID_ARGUMENT", "the field required is missing")
        if "empty" in properties:
            self.items.clear()
            self.topics.clear()
        self.inits.append(properties)
        self.instances += [value for name, value in context.invocation_metadata() if name == "x-component-instance"]


def unary(memory: Memory, service: str, method: str, answer: str) -> Callable[[Any, Any], Any]:
    """The handler of one unary rpc: ``Memory``'s method of that name, or what all services share."""
    import grpc
    from google.protobuf import any_pb2
    from google.rpc import status_pb2
    from grpc_status import rpc_status

    features = {"StateStore": memory.state_features, "PubSub": memory.pubsub_features}
    features["SecretStore"] = memory.secret_features

    def handle(request: Any, context: Any) -> Any:
        with memory.lock:
            try:
                if method == "Init":
                    memory.initialised(request, context)
                elif method == "Features":
                    return memory.pb["FeaturesResponse"](features=features[service]())
                elif method != "Ping":
                    if not memory.inits:
                        raise Refusal("FAILED_PRECONDITION", "this process was never initialised")
                    return getattr(memory, f"{service}_{method}")(request)
            except Refusal as refusal:
                code = grpc.StatusCode[refusal.code]
                packed = []
                for detail in refusal.details:
                    packed.append(any_pb2.Any())
                    packed[-1].Pack(detail)
                status = status_pb2.Status(code=code.value[0], message=refusal.text, details=packed)
                context.abort_with_status(rpc_status.to_status(status))
        return memory.pb[answer]()

    return handle


def serve(socket: str, services: list[str], reflection: str, unimplemented: list[str]) -> None:
    import grpc
    from grpc_reflection.v1alpha import reflection as reflecting

    pb = messages()
    memory = Memory(pb, demanding="OutputBinding" in services and "StateStore" not in services)
    options = [("grpc.max_receive_message_length", MESSAGE_LIMIT), ("grpc.max_send_message_length", MESSAGE_LIMIT)]
    server = grpc.server(futures.ThreadPoolExecutor(32), options=options)
    for service in services:
        handlers: dict[str, Any] = {}
        for method in pb["service " + service].method:
            if f"{service}/{method.name}" in unimplemented or method.name in ("Pause", "Resume"):
                continue
            asked, answer = (pb[name.rpartition(".")[2]] for name in (method.input_type, method.output_type))
            if method.client_streaming:
                made, behaviour = grpc.stream_stream_rpc_method_handler, getattr(memory, f"{service}_{method.name}")
            else:
                made = grpc.unary_unary_rpc_method_handler
                behaviour = unary(memory, service, method.name, answer.DESCRIPTOR.name)
            handlers[method.name] = made(behaviour, asked.FromString, answer.SerializeToString)
        server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(PACKAGE + service, handlers),))
    names = [PACKAGE + service for service in services]
    if reflection == "v1alpha":
        reflecting.enable_server_reflection([*names, reflecting.SERVICE_NAME], server)
    elif reflection == "v1":
        server.add_generic_rpc_handlers((reflection_v1(names),))
    server.add_insecure_port(f"unix:{socket}")
    server.start()
    print("listening", flush=True)
    server.wait_for_termination()


def reflection_v1(names: list[str]) -> Any:
    """Reflection under its newer name, by the messages of the older one, which have the same form."""
    import grpc
    from grpc_reflection.v1alpha import reflection as reflecting
    from grpc_reflection.v1alpha import reflection_pb2

    behaviour = reflecting.ReflectionServicer(names).ServerReflectionInfo
    handler = grpc.stream_stream_rpc_method_handler(
        behaviour,
        reflection_pb2.ServerReflectionRequest.FromString,
        reflection_pb2.ServerReflectionResponse.SerializeToString,
    )
    return grpc.method_handlers_generic_handler(
        "grpc.reflection.v1.ServerReflection", {"ServerReflectionInfo": handler}
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("socket")
    parser.add_argument("services", nargs="+", choices=ALL)
    parser.add_argument("--reflection", default="v1alpha", choices=["v1alpha", "v1", "none"])
    parser.add_argument("--unimplemented", action="append", default=[])
    arguments = parser.parse_args()
    with contextlib.suppress(FileNotFoundError):
        os.unlink(arguments.socket)
    serve(arguments.socket, arguments.services, arguments.reflection, arguments.unimplemented)


if __name__ == "__main__":
    main()
