"""What a test does from inside a pod, by HTTP: an application that calls its sidecar, looks around, and echoes.

``/sidecar/<path>``            is sent to the sidecar as it came; its answer comes back
``/traffic/<number>/<path>``   POST: begin to call the sidecar there, as often as it answers; GET: what became of the
                               calls; DELETE: end, and what became of them
``/names/<host>``              the addresses of a name
``/certificate/<host>/<port>`` what a server of TLS shows
``/dapr/config``               which types of actors are here: ``ACTORS``, with commas
anything else                  what came, as JSON
"""

import http.client
import json
import os
import signal
import socket
import ssl
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SIDECAR = int(os.environ.get("DAPR_HTTP_PORT", "3500"))
HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "host", "te", "upgrade"}
PAUSE = 0.02
FAILURES_KEPT = 20
ACTORS = [name for name in os.environ.get("ACTORS", "").split(",") if name]
traffic = {}


class Traffic:
    """Calls one after the other on one connection, until ended."""

    def __init__(self, path):
        self.path = path
        self.answered = 0
        self.failed = []
        self.longest = 0.0
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        connection = http.client.HTTPConnection("127.0.0.1", SIDECAR, timeout=60)
        while not self.ended.is_set():
            began = time.monotonic()
            try:
                connection.request("GET", self.path)
                answer = connection.getresponse()
                body = answer.read()
                if answer.status == 200:
                    self.answered += 1
                else:
                    self.failed.append(f"{answer.status} {body[:300]!r}")
            except (OSError, http.client.HTTPException) as error:
                self.failed.append(repr(error))
                connection.close()
            self.longest = max(self.longest, time.monotonic() - began)
            time.sleep(PAUSE)

    def told(self):
        return {"answered": self.answered, "failed": self.failed[:FAILURES_KEPT], "longest": round(self.longest, 3)}


class Stagehand(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def handle_any(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        first, _, rest = self.path.lstrip("/").partition("/")
        try:
            self.orders().get(first, self.echo)(rest, body)
        except OSError as error:
            self.answer(502, repr(error).encode(), "text/plain")

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = handle_any

    def orders(self):
        orders = {
            "sidecar": self.sidecar,
            "traffic": self.traffic,
            "names": self.names,
            "certificate": self.certificate,
        }
        return orders | ({"dapr": self.configuration} if self.path == "/dapr/config" else {})

    def configuration(self, *_):
        self.json({"entities": ACTORS, "drainRebalancedActors": False})

    def sidecar(self, path, body):
        connection = http.client.HTTPConnection("127.0.0.1", SIDECAR, timeout=30)
        headers = {name: value for name, value in self.headers.items() if name.lower() not in HOP_BY_HOP}
        connection.request(self.command, f"/{path}", body or None, headers)
        answer = connection.getresponse()
        self.answer(answer.status, answer.read(), answer.headers.get("Content-Type", "text/plain"))
        connection.close()

    def traffic(self, path, _):
        number, _, target = path.partition("/")
        if self.command == "POST":
            traffic[number] = Traffic(f"/{target}")
        if self.command == "DELETE":
            traffic[number].ended.set()
            traffic[number].thread.join(30)
        self.json(traffic[number].told())

    def names(self, host, _):
        found = socket.getaddrinfo(host, None, socket.AF_INET, socket.SOCK_STREAM, flags=socket.AI_CANONNAME)
        self.json({"addresses": sorted({each[4][0] for each in found}), "canonical": found[0][3]})

    def certificate(self, target, _):
        host, _, port = target.partition("/")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.set_alpn_protocols(["h2"])
        # The server wants a certificate of its client, and says so only after it has shown its own (TLS 1.3).
        with context.wrap_socket(socket.create_connection((host, int(port)), timeout=10)) as connection:
            shown = ssl.DER_cert_to_PEM_cert(connection.getpeercert(binary_form=True))
        self.answer(200, shown.encode(), "text/plain")

    def echo(self, _, body):
        headers = {name.lower(): value for name, value in self.headers.items()}
        value = {"method": self.command, "uri": self.path, "headers": headers, "body": body.decode(errors="replace")}
        self.json({**value, "pod": socket.gethostname()})

    def json(self, value):
        self.answer(200, json.dumps(value).encode(), "application/json")

    def answer(self, status, body, kind):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Stay quiet: the log is for what an application says."""


signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
ThreadingHTTPServer(("", int(os.environ.get("APP_PORT", "8000"))), Stagehand).serve_forever()
