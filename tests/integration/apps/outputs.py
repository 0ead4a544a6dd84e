"""The book's output-binding loop: sends a numbered order to the binding of its sidecar until it was told to stop."""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.request

URL = f"http://localhost:{os.environ.get('DAPR_HTTP_PORT', '3500')}/v1.0/bindings/sample-topic"
COUNT = 3

for number in range(1, COUNT + 1):
    payload = {"data": {"orderId": number}, "operation": os.environ["OPERATION"], "metadata": {"key": f"o-{number}"}}
    request = urllib.request.Request(URL, json.dumps(payload).encode(), {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request) as answer:
            print(payload, answer.status, answer.read().decode(), flush=True)
    except urllib.error.HTTPError as error:
        print(payload, error.code, error.read().decode(), flush=True)
