"""A server that does nothing but echo: what its caller waits for is the machine's doing, not the program's."""

from __future__ import annotations

import socket


def main() -> None:
    """Print the port, then echo to one caller until it leaves."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        print(f"port {listener.getsockname()[1]}", flush=True)
        connection, _ = listener.accept()
        with connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while data := connection.recv(4096):
                connection.sendall(data)


if __name__ == "__main__":
    main()
