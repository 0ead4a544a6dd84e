"""Placement as a process: streams of foreign sidecars, what others can look at, how it starts and ends.

The cases follow what the public project asserts of its own placement (actors-placement.md §7.1).
"""

from __future__ import annotations

import contextlib
import json
import signal
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest
from support.placement_process import PlacementProcess, placement
from support.placement_sidecar import StreamSidecar, host
from support.processes import Process, http_status, wait_until

A, B, C = "10.0.0.1:50002", "10.0.0.2:50002", "10.0.0.3:50002"
ROUND_1 = ["lock 1", "update 1", "unlock 1"]


@pytest.fixture(scope="module")
def shared() -> Iterator[PlacementProcess]:
    """One placement for tests that use a namespace of their own."""
    with placement("--log-level=debug") as process:
        yield process


@contextlib.contextmanager
def sidecars(process: PlacementProcess, *reports: object, **options: bool) -> Iterator[list[StreamSidecar]]:
    """Streams, joined one after another."""
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(StreamSidecar(process.address, each, **options)) for each in reports]  # type: ignore[arg-type]


class TestStreams:
    def test_two_hosts_end_up_with_one_table(self, shared: PlacementProcess) -> None:
        with StreamSidecar(shared.address, host(A, "cat", "dog", namespace="two")) as a:
            a.wait_unlocked(1)
            with StreamSidecar(shared.address, host(B, "cat", app_id="other", namespace="two")) as b:
                b.wait_unlocked(2)
                a.wait_unlocked(2)
                assert a.hosts == b.hosts == {"cat": {A, B}, "dog": {A}}
                table = next(order for order in b.orders if order.operation == "update").tables
                assert (table.version, table.replication_factor, table.api_level) == ("2", 100, 0)
                assert table.entries["cat"].load_map[B].id == "other"
            a.wait_unlocked(3)
            assert a.hosts == {"cat": {A}, "dog": {A}}

    def test_namespaces_know_nothing_of_each_other(self, shared: PlacementProcess) -> None:
        with sidecars(shared, host(A, "cat", namespace="n1"), host(B, "cat", namespace="n2")) as (a, b):
            a.wait_unlocked(1)
            b.wait_unlocked(1)
            assert (a.hosts, b.hosts) == ({"cat": {A}}, {"cat": {B}})

    @pytest.mark.parametrize("gzip", [True, False])
    def test_a_large_table_arrives_packed_or_plain(self, shared: PlacementProcess, gzip: bool) -> None:
        types = [f"type-{number:03}" for number in range(100)]
        with StreamSidecar(shared.address, host(A, *types, namespace=f"large{gzip}"), gzip=gzip) as a:
            a.wait_unlocked(1)
            assert a.hosts == {name: {A} for name in types}

    def test_the_end_of_what_a_sidecar_says_is_the_end_of_its_stream(self, shared: PlacementProcess) -> None:
        with StreamSidecar(shared.address, host(A, "cat", namespace="eof")) as a:
            a.wait_unlocked(1)
            a.end()
            assert a.wait_ended() == (grpc.StatusCode.UNKNOWN, "EOF")

    def test_many_replicas_that_join_at_once_converge(self, shared: PlacementProcess) -> None:
        reports = [host(f"10.0.1.{number}:1", "cat", namespace="many") for number in range(15)]
        with sidecars(shared, *reports) as joined:
            for sidecar in joined:
                sidecar.wait(lambda s: len(s.hosts.get("cat", ())) == 15, "a table of 15")
            assert len(shared.hosts("many")) == 15
        wait_until(lambda: "many" not in shared.namespaces(), what="the namespace gone")

    def test_one_that_aborts_takes_nobody_with_it(self, shared: PlacementProcess) -> None:
        reports = [host(A, "cat", namespace="abort"), host(B, "dog", namespace="abort")]
        with sidecars(shared, *reports) as (a, b):
            b.wait(lambda s: s.hosts == {"cat": {A}, "dog": {B}}, "both")
            a.close()
            b.wait(lambda s: s.hosts == {"dog": {B}}, "the other one alone")

    def test_a_rollout_ends_with_the_new_hosts_alone(self) -> None:
        with placement("--disseminate-timeout=10s") as process, contextlib.ExitStack() as stack:
            old = [stack.enter_context(StreamSidecar(process.address, host(f"old-{n}:1", "cat"))) for n in range(5)]
            new = []
            for number, leaving in enumerate(old):
                new.append(stack.enter_context(StreamSidecar(process.address, host(f"new-{number}:1", "cat"))))
                leaving.close()
            wait_until(lambda: set(process.hosts()) == {f"new-{n}:1" for n in range(5)}, what="the new hosts alone")
            for sidecar in new:
                sidecar.wait(lambda s: s.hosts == {"cat": {f"new-{n}:1" for n in range(5)}}, "the new table")

    def test_three_that_come_in_mid_round_are_served_together(self, shared: PlacementProcess) -> None:
        first = StreamSidecar(shared.address, host(A, "cat", namespace="batch"), acknowledge=False)
        with first:
            lock = first.wait_for("lock 1")
            reports = [host(f"late-{number}:1", "cat", namespace="batch") for number in range(3)]
            with sidecars(shared, *reports) as late:
                wait_until(
                    lambda: shared.metrics().get('dapr_placement_runtimes_total{host_namespace="batch"}') == 4,
                    what="four streams",
                )
                assert not any(sidecar.orders for sidecar in late)
                first.acknowledge = True
                first.ack(lock)
                for sidecar in [first, *late]:
                    sidecar.wait_unlocked(2)
                assert [sidecar.words[:3] for sidecar in late] == [["lock 2", "update 2", "unlock 2"]] * 3


class TestRefusals:
    @pytest.mark.parametrize(
        ("report", "code", "text"),
        [
            (host(A, app_id=""), grpc.StatusCode.INVALID_ARGUMENT, "host ID and namespace must be provided"),
            (
                host(A, "dapr.internal.default.other.workflow"),
                grpc.StatusCode.PERMISSION_DENIED,
                "entity dapr.internal.default.other.workflow is not allowed for app ID app in namespace default",
            ),
        ],
        ids=["no id", "a type of another application"],
    )
    def test_the_first_message_is_judged(
        self, shared: PlacementProcess, report: object, code: grpc.StatusCode, text: str
    ) -> None:
        with StreamSidecar(shared.address, report) as refused:  # type: ignore[arg-type]
            assert refused.wait_ended() == (code, text)

    def test_so_is_every_later_one_and_ends_an_accepted_stream(self, shared: PlacementProcess) -> None:
        with StreamSidecar(shared.address, host(A, "cat", namespace="later")) as a:
            a.wait_unlocked(1)
            a.send(host(A, "dapr.internal.later.x.y", namespace="later"))
            assert a.wait_ended()[0] is grpc.StatusCode.PERMISSION_DENIED
        wait_until(lambda: "later" not in shared.namespaces(), what="the namespace gone")

    def test_bytes_that_are_no_message_end_the_stream(self, shared: PlacementProcess) -> None:
        channel = grpc.insecure_channel(shared.address)
        method = channel.stream_stream("/dapr.proto.placement.v1.Placement/ReportDaprStatus")
        with pytest.raises(grpc.RpcError) as caught:
            next(iter(method(iter([b"\xff\xff\xff"]))))
        assert caught.value.code() is grpc.StatusCode.INTERNAL
        channel.close()


class TestTimeouts:
    def test_one_that_does_not_answer_is_cut_off_and_the_other_goes_on_alone(self) -> None:
        with placement("--disseminate-timeout=3s") as process, StreamSidecar(process.address, host(A, "cat")) as a:
            a.wait_unlocked(1)
            with StreamSidecar(process.address, host(B, "cat"), acknowledge=False) as b:
                text = "dissemination timeout after 3s for version 2"
                assert b.wait_ended() == (grpc.StatusCode.DEADLINE_EXCEEDED, text)
                assert b.words == ["lock 2"]
                a.wait_unlocked(3)
                assert a.hosts == {"cat": {A}}
                assert process.hosts() == {A: ["cat"]}

    def test_when_it_comes_back_it_holds_nobody_up_again(self) -> None:
        """It is asked alone; rounds of others need no timer."""
        with placement("--disseminate-timeout=3s") as process, StreamSidecar(process.address, host(A, "cat")) as a:
            a.wait_unlocked(1)
            with StreamSidecar(process.address, host(B, "cat"), acknowledge=False) as b:
                b.wait_ended()
            a.wait_unlocked(3)
            with StreamSidecar(process.address, host(B, "cat"), acknowledge=False) as wedged:
                wedged.wait_for("unlock 3")
                with StreamSidecar(process.address, host(C, "cat")) as c:
                    c.wait_unlocked(4)
                    assert c.hosts == {"cat": {A, C}}
                    assert not wedged.ended, "the round of the third waited for the wedged one"

    def test_a_round_that_ended_has_no_timeout(self) -> None:
        with placement("--disseminate-timeout=2s") as process, StreamSidecar(process.address, host(A, "cat")) as a:
            a.wait_unlocked(1)
            time.sleep(3)
            assert (a.ended, a.words) == (False, ROUND_1)

    def test_a_sidecar_that_is_suspended_is_noticed_by_its_silence(self) -> None:
        """No round is under way: only unanswered PINGs tell."""
        probing = ("--keepalive-time=1s", "--keepalive-timeout=1s")
        with placement(*probing) as process, StreamSidecar(process.address, host(A, "cat")) as a:
            a.wait_unlocked(1)
            suspended = _child(process.address)
            try:
                a.wait(lambda s: s.hosts == {"cat": {A, B}}, "both")
                suspended.popen.send_signal(signal.SIGSTOP)
                a.wait(lambda s: s.hosts == {"cat": {A}}, "the suspended one gone")
            finally:
                suspended.popen.kill()
                suspended.terminate()


def _child(address: str) -> Process:
    """A sidecar in a process of its own."""
    program = (
        "import sys, time; sys.path.insert(0, sys.argv[1])\n"
        "from support.placement_sidecar import StreamSidecar, host\n"
        f"StreamSidecar(sys.argv[2], host({B!r}, 'cat')).wait_unlocked(1); time.sleep(300)\n"
    )
    return Process([sys.executable, "-c", program, str(Path(__file__).parent.parent), address])


class TestCoalescing:
    def test_comings_gather_in_the_window_after_a_round(self) -> None:
        with placement("--disseminate-coalesce-window=500ms") as process, contextlib.ExitStack() as stack:
            a = stack.enter_context(StreamSidecar(process.address, host(A, "cat")))
            a.wait_unlocked(1)
            late = [stack.enter_context(StreamSidecar(process.address, host(name, "cat"))) for name in (B, C)]
            for sidecar in late:
                sidecar.wait_unlocked(2)
            assert [sidecar.words for sidecar in late] == [["lock 2", "update 2", "unlock 2"]] * 2
            assert late[0].times[0] - a.times[2] > 0.4


class TestLooking:
    def test_state_shows_hosts_with_actors(self, shared: PlacementProcess) -> None:
        reports = [host(B, "dog", "cat", namespace="look"), host(A, "cat", namespace="look", app_id="x<y")]
        with sidecars(shared, *reports, host(C, namespace="look"), host(C, namespace="clients")) as joined:
            joined[1].wait_unlocked(2)
            joined[3].wait_unlocked(0)
            with urllib.request.urlopen(f"http://127.0.0.1:{shared.healthz_port}/placement/state") as answer:
                assert answer.headers["Content-Type"] == "application/json"
                body = answer.read()
            tables = json.loads(body)["tables"]
            assert tables["clients"] == {}
            assert tables["look"] == {
                "hosts": [
                    {"name": A, "entities": ["cat"], "id": "x<y", "api_level": 20, "namespace": "look", "operation": 1},
                    {"name": B, "entities": ["cat", "dog"], "id": "app", "api_level": 20, "namespace": "look",
                     "operation": 1},
                ],
                "version": 2,
            }  # fmt: skip
            assert b"x\\u003cy" in body

    def test_metrics_count_streams_by_namespace(self, shared: PlacementProcess) -> None:
        runtimes = 'dapr_placement_runtimes_total{host_namespace="counted"}'
        actors = 'dapr_placement_actor_runtimes_total{host_namespace="counted"}'
        assert runtimes not in shared.metrics()
        with sidecars(shared, host(A, "cat", namespace="counted"), host(B, namespace="counted")) as joined:
            joined[0].wait_unlocked(1)
            joined[1].wait_unlocked(1)
            assert (shared.metrics()[runtimes], shared.metrics()[actors]) == (2, 1)
        wait_until(lambda: shared.metrics()[runtimes] == 0, what="nobody left")
        assert shared.metrics()[actors] == 0
        assert shared.metrics()["dapr_placement_leader_status"] == 1
        assert shared.metrics()["dapr_placement_raft_leader_status"] == 1

    @pytest.mark.parametrize(
        ("value", "status"), [("yes", 200), ("ON", 200), (" 1 ", 200), ("no", 404), ("", 404)], ids=repr
    )
    def test_the_environment_may_open_the_state(self, value: str, status: int) -> None:
        with placement(metadata=False, env={"DAPR_PLACEMENT_METADATA_ENABLED": value}) as process:
            assert http_status(process.healthz_port, "/placement/state") == status


class TestProcess:
    def test_at_its_end_it_sends_all_sidecars_away(self) -> None:
        with placement() as process, StreamSidecar(process.address, host(A, "cat")) as a:
            a.wait_unlocked(1)
            begun = time.monotonic()
            assert process.terminate() == 0
            assert a.wait_ended() == (grpc.StatusCode.UNAVAILABLE, "placement server is shutting down")
            assert time.monotonic() - begun < 10

    @pytest.mark.parametrize(
        ("flags", "text"),
        [
            (["--keepalive-time=500ms"], "keepalive-time: value should be between 1s and 10s, got 500ms"),
            (["--keepalive-timeout=11s"], "keepalive-timeout: value should be between 1s and 10s, got 11s"),
            (["--initial-cluster=other=127.0.0.1:1"], "address for node placement-a not found in raft peers"),
            (["--initial-cluster=placement-a=a:1,placement-b=b:1"], "nothing elects their leader"),
            (["--etcd-client-endpoints=ftp://x"], "is no endpoint"),
            (["--replicationFactor=0"], "--replicationFactor must be 1 or more"),
            (["--mode=moon"], "invalid mode: moon"),
        ],
        ids=lambda value: value[0] if isinstance(value, list) else "",
    )  # fmt: skip
    def test_flags_that_cannot_work_are_refused_in_one_line(self, flags: list[str], text: str) -> None:
        process = PlacementProcess(*flags)
        assert process.popen.wait(30) == 1
        process.terminate()
        assert text in process.output
        assert "Traceback" not in process.output

    def test_flags_of_the_original_that_mean_nothing_here_are_read(self) -> None:
        flags = [
            "-inmem-store-enabled=false",
            "--raft-logstore-path=/tmp/x",
            "--max-api-level=20",
            "-min-api-level",
            "0",
        ]
        with placement(*flags, "--tls-enabled=false", "--mode=standalone") as process:
            process.wait_for_line("there is no raft here")

    def test_a_port_that_is_taken_is_named(self, shared: PlacementProcess) -> None:
        process = PlacementProcess(f"--port={shared.port}")
        assert process.popen.wait(30) == 1
        process.terminate()
        assert f"failed to listen on 127.0.0.1:{shared.port}" in process.output
