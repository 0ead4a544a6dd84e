"""The front desk: welcomes visitors. It asks the greeter for a greeting, counts visits, and announces them on a topic.

All three go through its own sidecar, whose port it finds in ``DAPR_HTTP_PORT``: a call by the other application's id, a
key in a state store, a message on a topic.
"""

import json
import os
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

SIDECAR = f"http://127.0.0.1:{os.environ['DAPR_HTTP_PORT']}/v1.0"


def ask(method, url, value=None):
    """One JSON request to the sidecar and its answer; None for an empty one."""
    body = None if value is None else json.dumps(value).encode()
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"}, method=method)
    with urllib.request.urlopen(request, timeout=10) as response:
        answer = response.read()
    return json.loads(answer) if answer else None


def welcome(name):
    """Greet one visitor, and tell how many there were so far."""
    reply = ask("POST", f"{SIDECAR}/invoke/greeter/method/greet", {"name": name})
    count = (ask("GET", f"{SIDECAR}/state/statestore/visits") or 0) + 1
    ask("POST", f"{SIDECAR}/state/statestore", [{"key": "visits", "value": count}])
    print(f"visitor {count} is {name}", flush=True)
    return {**reply, "visits": count}


def announce(name):
    """Tell everybody who listens to the topic."""
    ask("POST", f"{SIDECAR}/publish/pubsub/visits", {"visitor": name})
    return {"announced": name}


class FrontDesk(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        url = urlsplit(self.path)
        action = {"/welcome": welcome, "/announce": announce}.get(url.path)
        if action is None:
            return self.answer(404, {})
        try:
            self.answer(200, action(parse_qs(url.query).get("name", ["stranger"])[0]))
        except urllib.error.HTTPError as error:
            with error:
                self.answer(502, {"url": error.url, "status": error.code, "told": error.read().decode()})
        except OSError as error:
            self.answer(502, {"told": str(error)})

    def answer(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Stay quiet: what matters is printed above."""


ThreadingHTTPServer(("127.0.0.1", int(os.environ["APP_PORT"])), FrontDesk).serve_forever()
