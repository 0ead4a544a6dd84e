"""A protoc plugin: message modules on our own descriptor pool, their stubs for type checkers, typed services.

For each `.proto` file it emits ``<name>_pb2.py`` (the serialized descriptor and nothing else), ``<name>_pb2.pyi`` (what
mypy needs to know) and, where the file declares services, ``<name>_grpc.py`` (a base class to serve from and a stub to
call with). ``tools/generate_protos.py`` runs it; by hand: ``protoc --plugin=protoc-gen-dapr=<launcher> --dapr_out=…``.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator

from google.protobuf.compiler.plugin_pb2 import CodeGeneratorRequest, CodeGeneratorResponse
from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
    MethodDescriptorProto,
    ServiceDescriptorProto,
)

ROOT = "dapr_core.proto.gen"
WIDTH = 100
F = FieldDescriptorProto
SCALARS = {
    F.TYPE_DOUBLE: "float",
    F.TYPE_FLOAT: "float",
    F.TYPE_BOOL: "bool",
    F.TYPE_STRING: "str",
    F.TYPE_BYTES: "bytes",
}
# These classes get methods from the runtime (Pack, ToDatetime, ...), whichever pool they live in.
MIXINS = {"Any", "Timestamp", "Duration", "Struct", "ListValue"}


def module_path(proto: str) -> str:
    """``dapr/proto/common/v1/common.proto`` → ``common/v1/common``."""
    return proto.removesuffix(".proto").removeprefix("dapr/proto/")


def snake(name: str) -> str:
    """``ListHTTPEndpoints`` → ``list_http_endpoints``; a plural acronym counts as one word (``ListInstanceIDs``)."""
    name = name.replace("IDs", "Ids")
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


class Names:
    """Where each message and enum of the run lives."""

    def __init__(self, files: list[FileDescriptorProto]) -> None:
        self.home: dict[str, tuple[str, str]] = {}
        self.map_entries: dict[str, DescriptorProto] = {}
        for file in files:
            prefix = f".{file.package}" if file.package else ""
            self._collect(file.name, prefix, "", file.message_type)

    def _collect(self, file: str, prefix: str, outer: str, messages: object) -> None:
        for message in messages:  # type: ignore[attr-defined]
            full, local = f"{prefix}.{message.name}", f"{outer}{message.name}"
            self.home[full] = (file, local)
            if message.options.map_entry:
                self.map_entries[full] = message
            self._collect(file, full, f"{local}.", message.nested_type)

    def reference(self, full: str, here: str) -> str:
        """How a file names a message type: plainly when it is its own, else by the alias of the other module."""
        file, local = self.home[full]
        return local if file == here else f"{alias(file)}.{local}"


def alias(proto: str) -> str:
    """The name under which one generated module imports another."""
    return "_" + module_path(proto).replace("/", "_") + "_pb2"


def import_line(proto: str, name: str | None = None) -> str:
    package, _, module = module_path(proto).rpartition("/")
    dotted = f"{ROOT}.{package.replace('/', '.')}" if package else ROOT
    return f"from {dotted} import {module}_pb2 as {name or alias(proto)}"


def header(file: FileDescriptorProto, story: str) -> list[str]:
    return [f'"""{story} Generated from {file.name} by tools/generate_protos.py: do not edit."""', ""]


def message_module(file: FileDescriptorProto) -> str:
    """The ``_pb2.py`` of a file: its dependencies, then its descriptor."""
    slim = FileDescriptorProto()
    slim.CopyFrom(file)
    slim.ClearField("source_code_info")
    data = slim.SerializeToString(deterministic=True)
    lines = header(file, "Messages.")
    lines += ["from __future__ import annotations", ""]
    lines += [import_line(name) for name in file.dependency]
    lines += ["from dapr_core.proto.pool import register as _register", "", "DESCRIPTOR, __getattr__ = _register("]
    lines += ["    globals(),"]
    lines += [f"    {data[at : at + 64]!r}" for at in range(0, len(data), 64)]
    lines += [")", ""]
    return "\n".join(lines)


class Stub:
    """Writes the ``_pb2.pyi`` of one file."""

    def __init__(self, file: FileDescriptorProto, names: Names) -> None:
        self.file = file
        self.names = names

    def text(self) -> str:
        lines = header(self.file, "Types of the messages.")
        lines += ["import builtins as _b", "from collections.abc import Iterable as _Iterable"]
        lines += ["from collections.abc import Mapping as _Mapping", "from typing import ClassVar as _ClassVar", ""]
        lines += ["from google.protobuf.descriptor import FileDescriptor as _FileDescriptor"]
        lines += ["from google.protobuf.internal import containers as _c"]
        if self.file.package == "google.protobuf":
            lines += ["from google.protobuf.internal import well_known_types as _wkt"]
        lines += ["from google.protobuf.message import Message as _Message", ""]
        lines += [import_line(name) for name in self.file.dependency]
        lines += ["from dapr_core.proto.pool import EnumValues as _EnumValues", "", "DESCRIPTOR: _FileDescriptor"]
        for enum in self.file.enum_type:
            lines += ["", *self.enum(enum, "")]
        prefix = f".{self.file.package}" if self.file.package else ""
        for message in self.file.message_type:
            lines += ["", *self.message(message, f"{prefix}.{message.name}", "")]
        return "\n".join(lines) + "\n"

    def enum(self, enum: EnumDescriptorProto, pad: str) -> Iterator[str]:
        yield f"{pad}class _{enum.name}(_EnumValues):"
        for value in enum.value:
            yield f"{pad}    {value.name}: _b.int"
        yield ""
        nested = bool(pad)
        yield f"{pad}{enum.name}: " + (f"_ClassVar[_{enum.name}]" if nested else f"_{enum.name}")
        for value in enum.value:
            yield f"{pad}{value.name}: " + ("_ClassVar[_b.int]" if nested else "_b.int")

    def message(self, message: DescriptorProto, full: str, pad: str) -> Iterator[str]:
        bases = "_Message"
        if self.file.package == "google.protobuf" and message.name in MIXINS:
            bases = f"_wkt.{message.name}, _Message"
        yield f"{pad}class {message.name}({bases}):"
        inner = pad + "    "
        for enum in message.enum_type:
            yield from self.enum(enum, inner)
            yield ""
        for nested in message.nested_type:
            if not nested.options.map_entry:
                yield from self.message(nested, f"{full}.{nested.name}", inner)
                yield ""
        for field in message.field:
            yield from self.field(field, inner)
        yield f"{inner}def __init__("
        yield f"{inner}    self,"
        if message.field:
            yield f"{inner}    *,"
        for field in message.field:
            yield f"{inner}    {field.name}: {self.argument(field)} | None = None,"
        yield f"{inner}) -> None: ..."

    def kind(self, field: FieldDescriptorProto) -> str:
        """The type of one value of the field."""
        if field.type == F.TYPE_MESSAGE:
            return self.names.reference(field.type_name, self.file.name)
        return "_b." + SCALARS.get(field.type, "int")

    def field(self, field: FieldDescriptorProto, pad: str) -> Iterator[str]:
        if field.label == F.LABEL_REPEATED:
            yield f"{pad}@property"
            yield f"{pad}def {field.name}(self) -> {self.container(field)}: ..."
        elif field.type == F.TYPE_MESSAGE:
            yield f"{pad}@property"
            yield f"{pad}def {field.name}(self) -> {self.kind(field)}: ..."
        else:
            yield f"{pad}{field.name}: {self.kind(field)}"

    def container(self, field: FieldDescriptorProto) -> str:
        entry = self.names.map_entries.get(field.type_name)
        if entry is not None:
            key, value = entry.field
            kind = "MessageMap" if value.type == F.TYPE_MESSAGE else "ScalarMap"
            return f"_c.{kind}[{self.kind(key)}, {self.kind(value)}]"
        kind = "RepeatedCompositeFieldContainer" if field.type == F.TYPE_MESSAGE else "RepeatedScalarFieldContainer"
        return f"_c.{kind}[{self.kind(field)}]"

    def argument(self, field: FieldDescriptorProto) -> str:
        entry = self.names.map_entries.get(field.type_name)
        if entry is not None:
            key, value = entry.field
            return f"_Mapping[{self.kind(key)}, {self.kind(value)}]"
        if field.label == F.LABEL_REPEATED:
            return f"_Iterable[{self.kind(field)}]"
        return self.kind(field)


class Services:
    """Writes the ``_grpc.py`` of one file."""

    def __init__(self, file: FileDescriptorProto, names: Names) -> None:
        self.file = file
        self.names = names
        self.used: set[str] = set()

    def text(self) -> str:
        body: list[str] = []
        for service in self.file.service:
            body += ["", "", *self.base(service), "", "", *self.stub(service)]
        lines = header(self.file, "Typed services and stubs.")
        lines += ["from __future__ import annotations", ""]
        streams = any(m.client_streaming or m.server_streaming for s in self.file.service for m in s.method)
        if streams:
            lines += ["from collections.abc import AsyncIterator", ""]
        lines += [import_line(name) for name in sorted(self.used, key=module_path)]
        calls = sorted({self.call_class(m) for s in self.file.service for m in s.method})
        lines += [f"from dapr_core.rpc.grpc.stub import {', '.join(calls)}, Channel"]
        lines += ["from dapr_core.rpc.grpc.service import Method, ServerContext, Service, unimplemented"]
        return "\n".join(lines + body) + "\n"

    def type(self, full: str) -> str:
        self.used.add(self.names.home[full][0])
        return self.names.reference(full, "")

    def full_name(self, service: ServiceDescriptorProto) -> str:
        return f"{self.file.package}.{service.name}" if self.file.package else service.name

    @staticmethod
    def call_class(method: MethodDescriptorProto) -> str:
        shape = ("Stream" if method.client_streaming else "Unary", "Stream" if method.server_streaming else "Unary")
        return "".join(shape)

    def base(self, service: ServiceDescriptorProto) -> Iterator[str]:
        name = self.full_name(service)
        yield f"class {service.name}Base(Service):"
        yield f'    """Serves {name}; override what you serve, the rest answers UNIMPLEMENTED."""'
        yield ""
        yield f'    SERVICE = "{name}"'
        for method in service.method:
            take, give = self.type(method.input_type), self.type(method.output_type)
            argument = f"requests: AsyncIterator[{take}]" if method.client_streaming else f"request: {take}"
            answer = f"AsyncIterator[{give}]" if method.server_streaming else give
            verb = "def" if method.server_streaming else "async def"
            yield ""
            yield f"    {verb} {snake(method.name)}(self, {argument}, context: ServerContext) -> {answer}:"
            yield f'        raise unimplemented("{method.name}")'
        yield ""
        yield "    def methods(self) -> tuple[Method, ...]:"
        yield "        return ("
        for method in service.method:
            take, give = self.type(method.input_type), self.type(method.output_type)
            flags = f"{method.client_streaming}, {method.server_streaming}"
            yield f'            Method("{method.name}", self.{snake(method.name)}, {take}, {give}, {flags}),'
        yield "        )"

    def stub(self, service: ServiceDescriptorProto) -> Iterator[str]:
        name = self.full_name(service)
        yield f"class {service.name}Stub:"
        yield f'    """Calls {name} on a channel."""'
        yield ""
        yield "    def __init__(self, channel: Channel) -> None:"
        for method in service.method:
            take, give = self.type(method.input_type), self.type(method.output_type)
            call = self.call_class(method)
            yield f"        self.{snake(method.name)}: {call}[{take}, {give}] = {call}("
            yield f'            channel, "/{name}/{method.name}", {give}'
            yield "        )"


def main() -> None:
    request = CodeGeneratorRequest.FromString(sys.stdin.buffer.read())
    response = CodeGeneratorResponse(supported_features=CodeGeneratorResponse.FEATURE_PROTO3_OPTIONAL)
    names = Names(list(request.proto_file))
    wanted = set(request.file_to_generate)
    for file in request.proto_file:
        if file.name not in wanted:
            continue
        path = module_path(file.name)
        response.file.add(name=f"{path}_pb2.py", content=message_module(file))
        response.file.add(name=f"{path}_pb2.pyi", content=Stub(file, names).text())
        if file.service:
            response.file.add(name=f"{path}_grpc.py", content=Services(file, names).text())
    sys.stdout.buffer.write(response.SerializeToString())


if __name__ == "__main__":
    main()
