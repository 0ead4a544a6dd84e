"""The sender: greets the receiver by its id every few seconds, through the sidecar on loopback."""

import json
import os
import signal
import sys
import time
import urllib.request

URL = f"http://localhost:{os.environ.get('DAPR_HTTP_PORT', '3500')}/v1.0/invoke/nodereceiver/method/greeting"
PAUSE = float(os.environ.get("PAUSE", "5"))

# The first process of a container gets no default for signals: without this it is killed, half a minute later.
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))

number = 0
while True:
    number = (number + 1) % 1_000_000
    message = json.dumps({"msg": f"Hello, World! {number}"}).encode()
    request = urllib.request.Request(URL, message, {"Content-Type": "application/json"})
    try:
        urllib.request.urlopen(request, timeout=5).close()
    except OSError as error:
        print(error, flush=True)
    time.sleep(PAUSE)
