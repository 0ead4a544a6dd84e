"""The greeter: answers calls with a greeting, and keeps the visits it hears of on a topic.

It knows nothing of networks, brokers or other applications: calls and messages come from its sidecar on loopback.
"""

import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SUBSCRIPTIONS = [{"pubsubname": "pubsub", "topic": "visits", "route": "/visits"}]
heard = []


class Greeter(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        answers = {"/dapr/subscribe": SUBSCRIPTIONS, "/heard": heard}
        self.answer(200 if self.path in answers else 404, answers.get(self.path, {}))

    def do_POST(self):
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])) or b"null")
        if self.path == "/greet":
            caller = self.headers.get("dapr-caller-app-id", "nobody")
            print(f"greeting {request['name']}, asked by {caller}", flush=True)
            self.answer(200, {"greeting": f"Hello, {request['name']}!", "asked-by": caller})
        elif self.path == "/visits":
            print(f"heard of a visit: {request['data']}", flush=True)
            heard.append(request["data"])
            self.answer(200, {"status": "SUCCESS"})
        else:
            self.answer(404, {})

    def answer(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Stay quiet: what matters is printed above."""


ThreadingHTTPServer(("127.0.0.1", int(os.environ["APP_PORT"])), Greeter).serve_forever()
