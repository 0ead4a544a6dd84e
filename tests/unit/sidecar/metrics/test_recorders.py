"""The sidecar's families, with the names, labels and numbers of the original's recording."""

from __future__ import annotations

from dapr_core.resources.metricspec import MetricSettings
from dapr_core.rpc.messages import Request
from dapr_core.telemetry.exposition import exposition
from dapr_core.telemetry.metrics import Registry
from daprd.metrics import Metrics


def recorded(settings: MetricSettings | None = None) -> tuple[Metrics, Registry]:
    registry = Registry()
    return Metrics(registry, settings or MetricSettings(), app_id="golden"), registry


def shown(registry: Registry) -> list[str]:
    return [line for line in exposition(registry).decode().splitlines() if "_bucket{" not in line]


def test_a_request_to_the_api_counts_in_five_families() -> None:
    metrics, registry = recorded()
    metrics.http_server(Request("GET", b"/v1.0/state/mem/k?x=1", body=b"abc"), 200, 10, 1.9)
    metrics.http_server(Request("GET", b"/v1.0//state/mem/other"), 200, 20, 0.2)
    assert shown(registry) == [
        "# HELP dapr_http_server_latency HTTP request end-to-end latency in server.",
        "# TYPE dapr_http_server_latency histogram",
        'dapr_http_server_latency_sum{app_id="golden",method="GET",path="/v1.0/state/mem",status="200"} 1',
        'dapr_http_server_latency_count{app_id="golden",method="GET",path="/v1.0/state/mem",status="200"} 2',
        "# HELP dapr_http_server_request_bytes"
        " HTTP request body size if set as ContentLength (uncompressed) in server.",
        "# TYPE dapr_http_server_request_bytes histogram",
        'dapr_http_server_request_bytes_sum{app_id="golden"} 3',
        'dapr_http_server_request_bytes_count{app_id="golden"} 2',
        "# HELP dapr_http_server_request_count Count of HTTP requests processed by the server.",
        "# TYPE dapr_http_server_request_count counter",
        'dapr_http_server_request_count{app_id="golden",method="GET",path="/v1.0/state/mem",status="200"} 2',
        "# HELP dapr_http_server_response_bytes HTTP response body size (uncompressed) in server.",
        "# TYPE dapr_http_server_response_bytes histogram",
        'dapr_http_server_response_bytes_sum{app_id="golden"} 30',
        'dapr_http_server_response_bytes_count{app_id="golden"} 2',
        "# HELP dapr_http_server_response_count The number of HTTP responses",
        "# TYPE dapr_http_server_response_count counter",
        'dapr_http_server_response_count{app_id="golden",method="GET",path="/v1.0/state/mem",status="200"} 2',
    ]


def test_latency_buckets_are_the_originals_or_the_configured_ones() -> None:
    metrics, registry = recorded()
    metrics.http_server.observe("GET", b"/x", 200, 3, 0, 0)
    text = exposition(registry).decode()
    assert 'dapr_http_server_latency_bucket{app_id="golden",method="GET",path="/x",status="200",le="100000"} 1' in text
    assert 'dapr_http_server_request_bytes_bucket{app_id="golden",le="1.048576e+06"} 1' in text
    metrics, registry = recorded(MetricSettings(latency_buckets=(5, 50)))
    metrics.http_server.observe("GET", b"/x", 200, 3, 0, 0)
    bounds = [
        line.split('le="')[1].split('"')[0]
        for line in exposition(registry).decode().splitlines()
        if line.startswith("dapr_http_server_latency_bucket")
    ]
    assert bounds == ["5", "50", "+Inf"]


def test_low_cardinality_leaves_the_path_and_the_response_count_out() -> None:
    metrics, registry = recorded(MetricSettings(increased_cardinality=False))
    metrics.http_server.observe("GET", b"/v1.0/state/mem/k", 200, 0, 0, 0)
    text = exposition(registry).decode()
    assert 'dapr_http_server_request_count{app_id="golden",method="GET",path="",status="200"} 1' in text
    assert "response_count" not in text


def test_verbs_may_be_left_out_and_strange_ones_are_unknown() -> None:
    metrics, registry = recorded()
    metrics.http_server.observe("FROB", b"/x", 200, 0, 0, 0)
    assert 'method="UNKNOWN"' in exposition(registry).decode()
    metrics, registry = recorded(MetricSettings(exclude_verbs=True))
    metrics.http_server.observe("GET", b"/x", 200, 0, 0, 0)
    assert 'method=""' in exposition(registry).decode()


def test_a_path_is_labelled_decoded_and_quoted() -> None:
    metrics, registry = recorded()
    metrics.http_client.observe("GET", b"/a%22b", 200, 12.7, 5, 7)
    assert shown(registry)[2] == (
        'dapr_http_client_completed_count{app_id="golden",method="GET",path="/a\\"b",status="200"} 1'
    )
    text = exposition(registry).decode()
    assert 'roundtrip_latency_sum{app_id="golden",method="GET",path="/a\\"b",status="200"} 12\n' in text
    assert 'sent_bytes_sum{app_id="golden",method="GET",path="/a\\"b",status=""} 5\n' in text
    assert 'received_bytes_sum{app_id="golden"} 7\n' in text


def test_a_flood_of_paths_is_remembered_only_up_to_a_bound() -> None:
    metrics, registry = recorded()
    for number in range(20_000):
        metrics.http_server.observe("GET", b"/v1.0/state/mem/%d" % number, 200, 0, 0, 0)
    assert len(metrics.http_server._rows) <= 8_192
    assert 'path="/v1.0/state/mem",status="200"} 20000\n' in exposition(registry).decode()


def test_health_probes_have_families_of_their_own() -> None:
    metrics, registry = recorded()
    metrics.http_client.probe(200, 3.9)
    text = exposition(registry).decode()
    assert 'dapr_http_healthprobes_completed_count{app_id="golden",status="200"} 1\n' in text
    assert 'dapr_http_healthprobes_roundtrip_latency_sum{app_id="golden",status="200"} 3\n' in text


def test_components_count_by_operation_and_success() -> None:
    metrics, registry = recorded()
    record = metrics.components
    record.state("mem", "get", True, 0.02)
    record.state("mem", "get", True, 0.0)
    record.secret("sf", "bulk_get", False, 1.5)
    record.output("httpb", "create", True, 2)
    record.input("cron", True, 2)
    record.egress("bus", "ok", True, 0.5)
    record.bulk_egress("bus", "ok", False, 0.5)
    record.ingress("bus", "ok", "drop", "success", 0.5)
    record.ingress("bus", "ok", "success", "", 0.5)
    record.bulk_ingress("bus", "ok", "success", 7, 0.5)
    record.configuration("cfg", "subscribe", True, 1)
    record.crypto("cry", "crypto_op", True, 1)
    lines = shown(registry)
    for expected in (
        'state_count{app_id="golden",component="mem",namespace="",operation="get",success="true"} 2',
        'state_latencies_count{app_id="golden",component="mem",namespace="",operation="get",success="true"} 1',
        'secret_count{app_id="golden",component="sf",namespace="",operation="bulk_get",success="false"} 1',
        'output_binding_count{app_id="golden",component="httpb",namespace="",operation="create",success="true"} 1',
        'input_binding_count{app_id="golden",component="cron",namespace="",success="true"} 1',
        'pubsub_egress_count{app_id="golden",component="bus",namespace="",success="true",topic="ok"} 1',
        'pubsub_egress_bulk_count{app_id="golden",component="bus",namespace="",success="false",topic="ok"} 1',
        'pubsub_ingress_count{app_id="golden",component="bus",namespace="",process_status="drop",status="success",'
        'topic="ok"} 1',
        'pubsub_ingress_count{app_id="golden",component="bus",namespace="",process_status="success",status="success",'
        'topic="ok"} 1',
        'pubsub_ingress_bulk_event_count{app_id="golden",component="bus",namespace="",process_status="success",'
        'topic="ok"} 7',
        'configuration_count{app_id="golden",component="cfg",namespace="",operation="subscribe",success="true"} 1',
        'crypto_count{app_id="golden",component="cry",namespace="",operation="crypto_op",success="true"} 1',
    ):
        assert f"dapr_component_{expected}" in lines


def test_the_runtime_counts_starts_calls_and_policies() -> None:
    metrics, registry = recorded(MetricSettings(record_error_codes=True))
    metrics.runtime.component_loaded()
    metrics.runtime.component_init("state.redis")
    metrics.runtime.component_init("lock.redis", failure="creation", name="lck")
    metrics.invocation.request_sent("extapi")
    metrics.invocation.request_received("caller")
    metrics.invocation.response_sent("caller", 200)
    metrics.invocation.response_received("extapi", 200, 2.4)
    metrics.resiliency.loaded("r", "default")
    metrics.resiliency.applied("r", "default", "circuitbreaker", "outbound", "app_b", "open")
    metrics.resiliency.activated("r", "default", "retry", "outbound", "Statestore_s")
    metrics.errors.record("state", "ERR_STATE_GET")
    lines = shown(registry)
    cb = 'dapr_resiliency_cb_state{app_id="golden",flow_direction="outbound",name="r",namespace="default",'
    for expected in (
        'dapr_runtime_component_loaded{app_id="golden"} 1',
        'dapr_runtime_component_init_total{app_id="golden",component="state.redis"} 1',
        'dapr_runtime_component_init_fail_total{app_id="golden",component="lock.redis",componentName="lck",'
        'reason="creation"} 1',
        'dapr_runtime_service_invocation_req_sent_total{app_id="golden",dst_app_id="extapi",type="unary"} 1',
        'dapr_runtime_service_invocation_req_recv_total{app_id="golden",src_app_id="caller"} 1',
        'dapr_runtime_service_invocation_res_sent_total{app_id="golden",dst_app_id="caller",status="200"} 1',
        'dapr_runtime_service_invocation_res_recv_total{app_id="golden",src_app_id="extapi",status="200",'
        'type="unary"} 1',
        'dapr_runtime_service_invocation_res_recv_latency_ms_sum{app_id="golden",src_app_id="extapi",status="200"} 2.4',
        'dapr_resiliency_loaded{app_id="golden",name="r",namespace="default"} 1',
        f'{cb}policy="circuitbreaker",status="open",target="app_b"}} 1',
        f'{cb}policy="circuitbreaker",status="closed",target="app_b"}} 0',
        'dapr_error_code_total{app_id="golden",category="state",error_code="ERR_STATE_GET"} 1',
    ):
        assert expected in lines


def test_error_codes_are_counted_only_when_asked_for() -> None:
    metrics, registry = recorded()
    metrics.errors.record("state", "ERR_STATE_GET")
    assert exposition(registry) == b""


def test_disabled_metrics_show_nothing() -> None:
    metrics, registry = recorded(MetricSettings(enabled=False))
    metrics.http_server.observe("GET", b"/x", 200, 0, 0, 0)
    assert (metrics.enabled, exposition(registry)) == (False, b"")


def test_label_rules_rewrite_values_before_they_are_counted() -> None:
    rules = {("dapr_http_server_request_count", "path"): (("^/orders/([a-z]+)/.+$", "/orders/$1/{id}"),)}
    metrics, registry = recorded(MetricSettings(rules=rules))
    for target in (b"/orders/new/1", b"/orders/new/2"):
        metrics.http_server.observe("GET", target, 200, 0, 0, 0)
    text = exposition(registry).decode()
    assert 'request_count{app_id="golden",method="GET",path="/orders/new/{id}",status="200"} 2\n' in text
    assert 'response_count{app_id="golden",method="GET",path="/orders/new/1",status="200"} 1\n' in text
