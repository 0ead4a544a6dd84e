"""Applications with running sidecars on a node, as the book has them, from ``kubectl apply`` on.

The numbers are those of the book's walk-throughs; on one control plane, which the last test changes.
"""

from __future__ import annotations

import datetime as dt
import re
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
import yaml
from cluster.kube.applications import EXAMPLES, NODE_RECEIVER, PYTHON_SENDER
from cluster.kube.client import Object, patiently
from cluster.kube.release import Release
from cluster.kube.stage import PORT, Hand, Stage
from cryptography import x509

pytestmark = [pytest.mark.timeout(300), pytest.mark.usefixtures("system")]

SIDECAR = "daprd"


def component(name: str, kind: str, **metadata: str) -> Object:
    pairs = [{"name": key, "value": value} for key, value in metadata.items()]
    spec = {"type": kind, "version": "v1", "metadata": pairs}
    return {"apiVersion": "dapr.io/v1alpha1", "kind": "Component", "metadata": {"name": name}, "spec": spec}


def configuration(name: str, **spec: Any) -> Object:
    return {"apiVersion": "dapr.io/v1alpha1", "kind": "Configuration", "metadata": {"name": name}, "spec": spec}


def service(name: str, app: str, port: int) -> Object:
    spec = {"selector": {"app": app}, "ports": [{"port": 80, "targetPort": port}]}
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}, "spec": spec}


def containers(pod: Object) -> list[str]:
    return sorted(each["name"] for each in pod["spec"]["containers"])


def restarts(pod: Object) -> int:
    return sum(each["restartCount"] for each in pod["status"]["containerStatuses"])


def test_B07_B08_B09_a_receiver_in_node_is_greeted_by_a_sender_in_python(
    stage: Stage, application: Callable[[str], str]
) -> None:
    for image in (NODE_RECEIVER, PYTHON_SENDER):
        application(image)
    receiver, sender = yaml.safe_load_all((EXAMPLES / "app.yaml").read_text())
    sender["spec"]["template"]["spec"]["containers"][0]["env"] = [{"name": "PAUSE", "value": "0.2"}]
    stage.apply(receiver, sender)
    [greeted], [greeting] = stage.wait_ready("nodereceiver"), stage.wait_ready("pythonsender")
    assert (containers(greeted), containers(greeting)) == ([SIDECAR, "node"], [SIDECAR, "python"])
    for _ in patiently("three greetings"):
        log = stage.log(greeted["metadata"]["name"], "node")
        numbers = [int(each) for each in re.findall(r"\{ msg: 'Hello, World! (\d+)' \}", log)]
        if len(numbers) >= 3:
            break
    assert "Receiver is running on port 8088" in log
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers))), "each once, and in order"


def test_B14_a_binding_is_exchanged_under_a_running_application(stage: Stage) -> None:
    stage.deploy("swapper")
    hand = stage.hand("swapper")
    request = {"operation": "get", "data": None}
    assert hand.status("POST", "v1.0/bindings/target", request) == 500, "there is none yet"
    for path in ("first", "second"):
        stage.apply(component("target", "bindings.http", url=f"http://127.0.0.1:{PORT}/{path}"))
        _wait_for(lambda: _bound(hand, request), f"/{path}")
    hand.admin.delete("dapr.io/v1alpha1", "Component", "target", stage.namespace)
    _wait_for(lambda: [each["name"] for each in hand.metadata()["components"]], ["kubernetes"])
    [pod] = stage.pods("swapper")
    assert restarts(pod) == 0


def test_B15_a_sidecar_has_a_name_and_calls_are_shared_by_its_pods(stage: Stage) -> None:
    stage.deploy("called", replicas=2)
    stage.deploy("caller", called=False)
    caller = stage.hand("caller")
    pods = stage.wait_ready("called", 2)
    found = stage.admin.get("v1", "Service", "called-dapr", stage.namespace)
    ports = {each["name"]: each["port"] for each in found["spec"]["ports"]}
    assert ports == {"dapr-http": 80, "dapr-grpc": 50001, "dapr-internal": 50002, "dapr-metrics": 9090}
    assert found["spec"]["clusterIP"] == "None"
    addresses = sorted(each["status"]["podIP"] for each in pods)
    whole = f"called-dapr.{stage.namespace}.svc.cluster.local"
    _wait_for(lambda: caller.ask("GET", "names/called-dapr"), {"addresses": addresses, "canonical": whole})
    answered = Counter(caller.invoke("called", "who")["pod"] for _ in range(60))
    assert set(answered) == {each["metadata"]["name"] for each in pods}
    assert min(answered.values()) >= 15, answered


def test_B19_B20_an_application_and_its_sidecar_are_reached_through_services(stage: Stage) -> None:
    stage.deploy("phpapp", sidecar_listen_addresses="0.0.0.0")
    stage.apply(service("phpapp", "phpapp", PORT), service("phpapp-public", "phpapp", 3500))
    for name in ("phpapp", "phpapp-public"):
        _wait_for(lambda name=name: _is_served(stage, name), True)
    stage.hand("phpapp")
    seen = _through(stage, "phpapp", "abc/def", param="123")
    assert (seen["method"], seen["uri"]) == ("GET", "/abc/def?param=123")
    for verb in ("GET", "POST"):
        invoked = _through(stage, "phpapp-public", "v1.0/invoke/phpapp/method/foo", verb=verb, param="456")
        assert (invoked["method"], invoked["uri"]) == (verb, "/foo?param=456")
        assert invoked["headers"]["x-asked-by"] == "the book"


def test_tracing_is_as_the_pods_configuration_says_and_changes_with_it(stage: Stage) -> None:
    stage.apply(configuration("tracing", tracing={"samplingRate": "0"}))
    stage.deploy("traced", config="tracing")
    hand = stage.hand("traced")
    assert "traceparent" not in hand.invoke("traced", "look")["headers"]
    stage.apply(configuration("tracing", tracing={"samplingRate": "1"}))
    _wait_for(lambda: _sampled(hand), True)
    [pod] = stage.pods("traced")
    assert restarts(pod) == 0


def test_B70_an_application_in_a_chart_takes_three_annotations(
    stage: Stage, system: Release, application: Callable[[str], str]
) -> None:
    application(NODE_RECEIVER)
    system.helm.install_other(EXAMPLES / "chart", "packaged", stage.namespace)
    [pod] = stage.wait_ready("nodeapp")
    assert containers(pod) == [SIDECAR, "node"]
    stage.deploy("caller", called=False)
    assert stage.hand("caller").status("POST", "v1.0/invoke/nodeapp/method/greeting", {"msg": "packaged"}) == 200
    assert "{ msg: 'packaged' }" in stage.log(pod["metadata"]["name"], "node")


@pytest.mark.parametrize("native", ["true", "false"])
@pytest.mark.parametrize(("code", "condition"), [(0, "Complete"), (3, "Failed")])
def test_a_job_is_over_when_its_application_is(
    stage: Stage, application: Callable[[str], str], native: str, code: int, condition: str
) -> None:
    """Its sidecar is ended by the kubelet where it is a native one, and by the operator where it is not."""
    wait = "http://127.0.0.1:3500/v1.0/healthz"
    script = f"""
import sys, time, urllib.request
for attempt in range(300):
    try:
        urllib.request.urlopen("{wait}")
        sys.exit({code})
    except OSError:
        time.sleep(0.1)
sys.exit("the sidecar does not come up")
"""
    annotations = {"enabled": "true", "app-id": "once", "enable-native-sidecar": native}
    container = {"name": "main", "image": application(PYTHON_SENDER), "command": ["/usr/bin/python3", "-c", script]}
    template = {
        "metadata": {"annotations": {f"dapr.io/{name}": value for name, value in annotations.items()}},
        "spec": {"restartPolicy": "Never", "containers": [container]},
    }
    spec = {"backoffLimit": 0, "template": template}
    stage.apply({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "once"}, "spec": spec})
    stage.admin.wait_condition("batch/v1", "Job", "once", condition, stage.namespace)
    [pod] = stage.admin.list("v1", "Pod", stage.namespace, labelSelector="job-name=once")
    kept = pod["status"].get("initContainerStatuses" if native == "true" else "containerStatuses", [])
    ended = {
        each["name"]: each["state"]["terminated"]["exitCode"] for each in [*kept, *pod["status"]["containerStatuses"]]
    }
    assert ended == {"main": code, SIDECAR: 0}


def test_B56_sentry_goes_by_the_lifetime_that_its_configuration_has(stage: Stage, system: Release) -> None:
    stage.deploy("before")
    hours = 2 if _hours(stage, "before") > 2 else 5
    change = {"spec": {"mtls": {"workloadCertTTL": f"{hours}h"}}}
    system.admin.merge("dapr.io/v1alpha1", "Configuration", "daprsystem", change, system.namespace)
    old = {each["metadata"]["uid"] for each in system.pods("dapr-sentry")}
    for each in system.pods("dapr-sentry"):
        system.admin.delete("v1", "Pod", each["metadata"]["name"], system.namespace)
    replaced = Stage(system.admin, system.namespace)
    for _ in patiently("another sentry"):
        if not old & {each["metadata"]["uid"] for each in replaced.wait_ready("dapr-sentry")}:
            break
    stage.deploy("after")
    assert _hours(stage, "after") == hours


def _bound(hand: Hand, request: object) -> str:
    if hand.status("POST", "v1.0/bindings/target", request) != 200:
        return ""
    return str(hand.sidecar("POST", "v1.0/bindings/target", request)["uri"])


def _sampled(hand: Hand) -> bool:
    """Whether the context that an application is called with says so (W3C Trace Context, "trace-flags")."""
    if hand.status("GET", "v1.0/invoke/traced/method/look") != 200:
        return False  # the sidecar takes its new Configuration
    return str(hand.invoke("traced", "look")["headers"].get("traceparent", "")).endswith("-01")


def _through(stage: Stage, name: str, path: str, *, verb: str = "GET", **query: str) -> Any:
    """What answers behind a Service."""
    proxy = f"{stage.admin.path('v1', 'Service', stage.namespace, name)}:80/proxy/{path}"
    return stage.admin.request(verb, proxy, fields={"X-Asked-By": "the book"}, **query)


def _is_served(stage: Stage, name: str) -> bool:
    """Whether a Service has found the pods behind it."""
    slices = stage.admin.list("discovery.k8s.io/v1", "EndpointSlice", stage.namespace)
    mine = [each for each in slices if each["metadata"]["labels"].get("kubernetes.io/service-name") == name]
    return any(one["conditions"].get("ready") for each in mine for one in each.get("endpoints") or ())


def _hours(stage: Stage, app: str) -> int:
    """How long the new certificate of an application's sidecar is good for from now on, to the nearest hour."""
    shown = x509.load_pem_x509_certificate(stage.hand(app).ask("GET", "certificate/127.0.0.1/50002").encode())
    return round((shown.not_valid_after_utc - dt.datetime.now(dt.UTC)) / dt.timedelta(hours=1))


def _wait_for(look: Callable[[], object], wanted: object) -> None:
    deadline = time.monotonic() + 60
    while (found := look()) != wanted:
        assert time.monotonic() < deadline, f"{found!r} and not {wanted!r} after a minute"
        time.sleep(0.1)
