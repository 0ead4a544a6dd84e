"""Counters, gauges, histograms, and the text they are exposed as."""

from __future__ import annotations

import asyncio
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from dapr_core.process.health import HealthRegistry
from dapr_core.telemetry import loop_lag, process_stats
from dapr_core.telemetry.endpoint import MetricsEndpoint
from dapr_core.telemetry.exposition import exposition, number
from dapr_core.telemetry.metrics import MAX_SERIES, OVERFLOW, Registry


def test_families_are_sorted_and_series_are_sorted_by_their_values() -> None:
    registry = Registry()
    counts = registry.counter("b_total", "How many.", ("app", "path"))
    counts.labels("x", "/b").inc()
    counts.labels("x", "/a").inc(2)
    registry.gauge("a_level", "How high.").labels().set(1.5)
    assert exposition(registry).decode() == (
        "# HELP a_level How high.\n# TYPE a_level gauge\na_level 1.5\n"
        "# HELP b_total How many.\n# TYPE b_total counter\n"
        'b_total{app="x",path="/a"} 2\nb_total{app="x",path="/b"} 1\n'
    )


def test_a_histogram_counts_up_to_and_including_each_bound() -> None:
    registry = Registry()
    times = registry.histogram("t", "Times.", ("app",), [10, 1, 0, 5]).labels("x")
    for value in (0.5, 1, 1.5, 10, 11):
        times.observe(value)
    assert exposition(registry).decode() == (
        "# HELP t Times.\n# TYPE t histogram\n"
        't_bucket{app="x",le="1"} 2\nt_bucket{app="x",le="5"} 3\nt_bucket{app="x",le="10"} 4\n'
        't_bucket{app="x",le="+Inf"} 5\nt_sum{app="x"} 24\nt_count{app="x"} 5\n'
    )


def test_what_was_never_recorded_is_not_exposed() -> None:
    registry = Registry()
    registry.counter("c", "C.", ("x",)).labels("a")
    registry.gauge("g", "G.").labels()
    registry.histogram("h", "H.", (), [1]).labels()
    assert exposition(registry) == b""
    registry.counter("c", "C.", ("x",)).labels("b").shown_at_zero = True
    assert b'c{x="b"} 0\n' in exposition(registry)


def test_a_gauge_set_to_zero_is_exposed() -> None:
    registry = Registry()
    registry.gauge("g", "G.").labels().set(0)
    assert exposition(registry).endswith(b"g 0\n")


def test_the_child_of_the_same_values_is_the_same() -> None:
    family = Registry().counter("c", "C.", ("x",))
    assert family.labels("a") is family.labels("a")
    with pytest.raises(ValueError, match="has the labels"):
        family.labels("a", "b")


def test_declaring_again_gives_the_same_family_and_differently_is_refused() -> None:
    registry = Registry()
    assert registry.counter("c", "C.", ("x",)) is registry.counter("c", "C.", ("x",))
    with pytest.raises(ValueError, match="declared twice"):
        registry.gauge("c", "C.", ("x",))


def test_a_flood_of_label_values_shares_one_series() -> None:
    registry = Registry()
    family = registry.counter("c", "C.", ("x",))
    for value in range(MAX_SERIES + 500):
        family.labels(str(value)).inc()
    assert len(family.children) == MAX_SERIES + 1
    assert family.labels(OVERFLOW).value == 500


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (3, "3"),
        (999_999, "999999"),
        (1_000_000, "1e+06"),
        (1048576, "1.048576e+06"),
        (4294967296.0, "4.294967296e+09"),
        (10614052.999999998, "1.0614052999999998e+07"),
        (0.046, "0.046"),
        (0.0001, "0.0001"),
        (0.00001, "1e-05"),
        (-2.5, "-2.5"),
        (123456.789, "123456.789"),
        (float("inf"), "+Inf"),
        (float("-inf"), "-Inf"),
        (float("nan"), "NaN"),
    ],
)
def test_numbers_are_written_as_go_writes_them(value: float, text: str) -> None:
    assert number(value) == text


@given(st.floats(allow_nan=False) | st.integers(-(2**53), 2**53))
def test_every_number_survives_writing_and_reading(value: float) -> None:
    assert float(number(value)) == float(value)


@given(st.lists(st.tuples(st.text(max_size=12), st.floats(0, 1e9)), min_size=1, max_size=8))
def test_a_foreign_parser_reads_what_was_recorded(records: list[tuple[str, float]]) -> None:
    registry = Registry()
    family = registry.counter("c_total", "Text with \\ and\nnewline.", ("x",))
    expected: dict[str, float] = {}
    for label, amount in records:
        family.labels(label).inc(amount)
        expected[label] = expected.get(label, 0) + amount
    text = exposition(registry).decode()
    # The parser splits at every line boundary of Unicode, Prometheus at line feeds only.
    if re.search(r"[\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029\ud800-\udfff]", "".join(expected)):
        return
    read = {
        sample.labels["x"]: sample.value for each in text_string_to_metric_families(text) for sample in each.samples
    }
    assert read == {label: value for label, value in expected.items() if value}


def test_the_process_shows_its_own_figures() -> None:
    registry = Registry()
    process_stats.register(registry)
    read = {
        sample.name: sample.value
        for each in text_string_to_metric_families(exposition(registry).decode())
        for sample in each.samples
    }
    assert read["process_resident_memory_bytes"] > 1_000_000
    assert read["process_open_fds"] > 0
    assert read["process_cpu_seconds_total"] > 0
    assert 1.7e9 < read["process_start_time_seconds"] < 4e9


def test_the_lag_of_the_loop_is_measured() -> None:
    async def main() -> bytes:
        registry = Registry()
        watching = asyncio.ensure_future(loop_lag.watch(registry, interval=0.001))
        while b"dapr_loop_lag_ms_count" not in exposition(registry):
            await asyncio.sleep(0.001)
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
        return exposition(registry)

    assert b"dapr_loop_lag_last_ms " in asyncio.run(main())


def test_the_endpoint_answers_on_every_path_and_tells_the_health_registry() -> None:
    async def main() -> None:
        registry, health = Registry(), HealthRegistry()
        registry.counter("c", "C.").labels().inc()
        endpoint = MetricsEndpoint(registry, "127.0.0.1", 0, health=health)
        assert not health.healthy
        await endpoint.start()
        assert health.healthy
        for path in (b"/", b"/metrics", b"/x?y"):
            reader, writer = await asyncio.open_connection("127.0.0.1", endpoint.bound_port)
            writer.write(b"GET " + path + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            answer = await asyncio.wait_for(reader.read(), 5)
            writer.close()
            await writer.wait_closed()
            assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
            assert b"text/plain; version=0.0.4" in answer
            assert answer.endswith(b"c 1\n")
        await endpoint.stop()
        assert not health.healthy

    asyncio.run(main())
