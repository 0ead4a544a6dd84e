"""A client that keeps sending large bodies, as a process of its own: ``heavy_load.py PORT PATH BODY_FILE [GET_PATH]``.

It says ``round`` after each, so that a test knows that the load is there.
"""

from __future__ import annotations

import http.client
import sys
from pathlib import Path


def main() -> None:
    port, path, file, *read = sys.argv[1:]
    body = Path(file).read_bytes()
    connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=60)
    while True:
        connection.request("POST", path, body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        answer.read()
        if answer.status != 204:
            sys.exit(f"{path}: {answer.status}")
        for each in read:
            connection.request("GET", each)
            connection.getresponse().read()
        print("round", flush=True)


if __name__ == "__main__":
    main()
