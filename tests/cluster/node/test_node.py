"""The node is a real one: pods run, find one another by DNS, keep files, prove who they are, and end."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from cluster.kube.client import Object
from cluster.kube.pods import Pods, restricted

PYTHON = "/usr/bin/python3"
WEB = """
import http.server, signal, sys
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
class Hello(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write(b"hello")
http.server.HTTPServer(("", 8080), Hello).serve_forever()
"""


@pytest.fixture
def python(image: Callable[[str], str]) -> str:
    """An image that has a Python: any of ours."""
    return image("sentry")


def _pod(image: str, code: str, **more: object) -> Object:
    return {"containers": [restricted(image, PYTHON, "-c", code, **more)]}


def test_a_service_is_found_by_its_names(pods: Pods, python: str) -> None:
    ready = {"httpGet": {"path": "/", "port": 8080}, "periodSeconds": 1}
    pods.create("web", _pod(python, WEB, readinessProbe=ready), labels={"app": "web"})
    spec = {"selector": {"app": "web"}, "ports": [{"port": 80, "targetPort": 8080}]}
    service = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"}, "spec": spec}
    pods.admin.create(service, namespace=pods.namespace)
    pods.wait_ready("web")
    names = ["web", f"web.{pods.namespace}", f"web.{pods.namespace}.svc.cluster.local"]
    code = f"""
import time, urllib.request
def ask(name):
    for attempt in range(50):  # the rules of kube-proxy follow the endpoint by a moment
        try:
            return urllib.request.urlopen(f"http://{{name}}/", timeout=5).read().decode()
        except OSError as error:
            time.sleep(0.2)
    raise error
print([ask(name) for name in {names}])
"""
    assert pods.run_to_end("client", _pod(python, code)) == "['hello', 'hello', 'hello']\n"


def test_foreign_names_do_not_exist_and_nobody_waits_for_them(pods: Pods, python: str) -> None:
    code = """
import socket, time
began = time.monotonic()
try:
    socket.getaddrinfo("example.com", 80)
except socket.gaierror as error:
    print(error.errno == socket.EAI_NONAME, time.monotonic() - began < 4)
"""
    assert pods.run_to_end("stranger", _pod(python, code)) == "True True\n"


def test_a_pods_token_is_for_the_audience_it_asked_for(pods: Pods, python: str) -> None:
    token = {"audience": "dapr.io/test", "expirationSeconds": 600, "path": "token"}
    spec = {
        **_pod(
            python,
            "print(open('/var/run/id/token').read())",
            volumeMounts=[{"name": "id", "mountPath": "/var/run/id", "readOnly": True}],
        ),
        "volumes": [{"name": "id", "projected": {"sources": [{"serviceAccountToken": token}]}}],
    }
    log = pods.run_to_end("bearer", spec)
    review = {
        "apiVersion": "authentication.k8s.io/v1",
        "kind": "TokenReview",
        "metadata": {},
        "spec": {"token": log.strip(), "audiences": ["dapr.io/test"]},
    }
    assert pods.admin.create(review)["status"]["user"]["username"] == f"system:serviceaccount:{pods.namespace}:default"


def test_a_claim_gets_a_volume_that_the_pods_group_may_write(pods: Pods, python: str) -> None:
    claim = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    body = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "data"}, "spec": claim}
    pods.admin.create(body, namespace=pods.namespace)
    spec = {
        **_pod(
            python,
            "import os; open('/data/file', 'w').write('kept');"
            "print(os.stat('/data').st_gid, open('/data/file').read())",
            volumeMounts=[{"name": "data", "mountPath": "/data"}],
        ),
        "volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}],
        "securityContext": {"fsGroup": 65532},
    }
    assert pods.run_to_end("writer", spec) == "65532 kept\n"


def test_a_job_with_a_native_sidecar_ends_with_its_application(pods: Pods, python: str) -> None:
    sidecar = restricted(python, PYTHON, "-c", WEB, name="beside", restartPolicy="Always")
    spec = {"initContainers": [sidecar], **_pod(python, "print('done')")}
    job = {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": "once"},
        "spec": {"template": {"spec": {"restartPolicy": "Never", "terminationGracePeriodSeconds": 1, **spec}}},
    }
    pods.admin.create(job, namespace=pods.namespace)
    status = pods.admin.wait_condition("batch/v1", "Job", "once", "Complete", pods.namespace)["status"]
    assert status["succeeded"] == 1
