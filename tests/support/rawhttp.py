"""HTTP/1.1 by hand: requests sent byte for byte as given, answers kept as they came (order, case, framing)."""

from __future__ import annotations

import socket
from dataclasses import dataclass, field


@dataclass
class RawAnswer:
    """An answer as it was on the wire. ``framing`` is content-length, chunked, none or until-close."""

    status: str = ""
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""
    framing: str = "none"
    interim: list[str] = field(default_factory=list)

    @property
    def code(self) -> int:
        return int(self.status.split(" ")[1])

    def header(self, name: str) -> str | None:
        """The first value of a header, whatever its case."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)


def exchange(
    port: int, request: bytes, *, host: str = "127.0.0.1", timeout: float = 10.0, head: bool = False
) -> RawAnswer:
    """Send one request on a fresh connection and read one final answer."""
    with socket.create_connection((host, port), timeout=timeout) as connection:
        connection.sendall(request)
        with connection.makefile("rb") as stream:
            return read_answer(stream, head=head)


def request_bytes(
    method: str, target: str, headers: list[str], body: bytes = b"", chunks: list[bytes] | None = None
) -> bytes:
    """A request as text lines and body; header lines are sent as they are."""
    head = f"{method} {target} HTTP/1.1\r\n" + "".join(line + "\r\n" for line in headers) + "\r\n"
    if chunks is None:
        return head.encode("latin-1") + body
    framed = b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks)
    return head.encode("latin-1") + framed + b"0\r\n\r\n"


def read_answer(stream, *, head: bool = False) -> RawAnswer:  # type: ignore[no-untyped-def]
    """Read interim answers, then the final one with its body."""
    answer = RawAnswer()
    while True:
        answer.status, answer.headers = _read_head(stream)
        if not answer.status:
            raise ConnectionError("the connection ended before an answer")
        if answer.status.split(" ")[1].startswith("1") and answer.status.split(" ")[1] != "101":
            answer.interim.append(answer.status)
            continue
        break
    length, coding = answer.header("content-length"), answer.header("transfer-encoding")
    if head or answer.code in (101, 204, 304):
        return answer
    if coding == "chunked":
        answer.framing, answer.body = "chunked", _read_chunks(stream)
    elif length is not None:
        answer.framing, answer.body = "content-length", stream.read(int(length))
    else:
        answer.framing, answer.body = "until-close", stream.read()
    return answer


def _read_head(stream) -> tuple[str, list[tuple[str, str]]]:  # type: ignore[no-untyped-def]
    status = stream.readline().decode("latin-1").rstrip("\r\n")
    headers: list[tuple[str, str]] = []
    while status:
        line = stream.readline().decode("latin-1").rstrip("\r\n")
        if not line:
            break
        name, _, value = line.partition(":")
        headers.append((name, value.strip()))
    return status, headers


def _read_chunks(stream) -> bytes:  # type: ignore[no-untyped-def]
    body = b""
    while True:
        size = int(stream.readline().split(b";")[0] or b"0", 16)
        if size == 0:
            while stream.readline() not in (b"\r\n", b""):
                pass
            return body
        body += stream.read(size)
        stream.readline()
