"""The question which services a server has, and what is made of every kind of answer."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from dapr_core.rpc.grpc import CallListener, Channel, Code, GrpcError, GrpcServer, ServerStream
from dapr_core.rpc.grpc.reflection import PATH, list_services


def field(number: int, data: bytes) -> bytes:
    """A length-delimited field of protobuf, of fewer than 128 octets."""
    return bytes((number << 3 | 2, len(data))) + data


def listing(*names: str) -> bytes:
    services = b"".join(field(1, field(1, name.encode())) for name in names)
    return field(1, b"host") + field(2, field(7, b"*")) + field(6, services)


def ask(tmp_path: Path, version: str | None, *answers: bytes) -> tuple[list[str], list[bytes]]:
    """What ``list_services`` makes of a server's answers, and what the server was asked."""
    asked: list[bytes] = []

    class Reflection(CallListener):
        def __init__(self, stream: ServerStream) -> None:
            self.stream = stream

        def on_message(self, message: bytes) -> None:
            asked.append(message)
            for answer in answers:
                self.stream.send_message(answer)

        def on_end(self) -> None:
            self.stream.finish()

    async def main() -> list[str]:
        server = GrpcServer()
        if version is not None:
            server.register(PATH.format(version), Reflection)
        path = str(tmp_path / "s")
        listening = await asyncio.get_running_loop().create_unix_server(server.protocol, path)
        channel = Channel(f"unix:{path}")
        try:
            return await list_services(channel, timeout=10)
        finally:
            await channel.close()
            listening.close()
            await server.stop(grace=0)

    return asyncio.run(main()), asked


@pytest.mark.parametrize("version", ["v1alpha", "v1"])
def test_services_are_listed_by_either_version(tmp_path: Path, version: str) -> None:
    names, asked = ask(tmp_path, version, listing("a.B", "grpc.health.v1.Health"))
    assert names == ["a.B", "grpc.health.v1.Health"]
    assert asked == [b"\x3a\x01*"]


def test_a_list_in_parts_is_put_together(tmp_path: Path) -> None:
    assert ask(tmp_path, "v1", listing("a"), listing(), listing("b"))[0] == ["a", "b"]


def test_a_server_without_reflection_is_unimplemented(tmp_path: Path) -> None:
    with pytest.raises(GrpcError) as caught:
        ask(tmp_path, None)
    assert caught.value.code is Code.UNIMPLEMENTED


@pytest.mark.parametrize(
    ("number", "code"), [(7, Code.PERMISSION_DENIED), (0, Code.UNKNOWN), (99, Code.UNKNOWN)], ids=str
)
def test_a_refusal_is_an_error_with_its_code(tmp_path: Path, number: int, code: Code) -> None:
    with pytest.raises(GrpcError, match="not for you") as caught:
        ask(tmp_path, "v1alpha", field(7, bytes((8, number)) + field(2, b"not for you")))
    assert caught.value.code is code


@pytest.mark.parametrize(
    "answer", [field(6, b"\x0a\x7f"), field(6, b"\xff"), field(6, field(1, field(1, b"\xff")))], ids=bytes.hex
)
def test_a_malformed_answer_is_an_internal_error(tmp_path: Path, answer: bytes) -> None:
    with pytest.raises(GrpcError, match="malformed answer") as caught:
        ask(tmp_path, "v1", answer)
    assert caught.value.code is Code.INTERNAL
