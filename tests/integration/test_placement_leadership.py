"""Several placements and a real etcd: one leads, the others send sidecars on, and a new leader follows a lost one."""

from __future__ import annotations

import contextlib
import signal
import time
from collections.abc import Iterator
from itertools import cycle

import grpc
import pytest
from support.etcd_server import EtcdServer, etcd_server
from support.placement_process import PlacementProcess
from support.placement_sidecar import StreamSidecar, host
from support.processes import wait_until

pytestmark = pytest.mark.engine("etcd")

NAMES = ("placement-a", "placement-b", "placement-c")
A, B = "10.0.0.1:50002", "10.0.0.2:50002"


@pytest.fixture
def etcd() -> Iterator[EtcdServer]:
    with etcd_server() as server:
        yield server


@contextlib.contextmanager
def three(etcd: EtcdServer) -> Iterator[list[PlacementProcess]]:
    """Three placements that elect by etcd, ready to answer."""
    cluster = ",".join(f"{name}=127.0.0.1:8201" for name in NAMES)
    flags = (f"--initial-cluster={cluster}", f"--etcd-client-endpoints={etcd.endpoint}")
    found = [PlacementProcess(*flags, name=name) for name in NAMES]
    try:
        for process in found:
            process.wait_ready()
        yield found
    finally:
        for process in found:
            process.popen.send_signal(signal.SIGCONT)
            process.terminate()


def leaders(processes: list[PlacementProcess]) -> list[PlacementProcess]:
    return [process for process in processes if process.metrics()["dapr_placement_leader_status"] == 1]


def one_leader(processes: list[PlacementProcess]) -> PlacementProcess:
    wait_until(lambda: len(leaders(processes)) == 1, what="one leader")
    return leaders(processes)[0]


def find_leader(processes: list[PlacementProcess], name: str, *types: str) -> StreamSidecar:
    """Connect as sidecars do: to the next address whenever one does not serve."""
    deadline = time.monotonic() + 30
    for process in cycle(processes):
        assert time.monotonic() < deadline, "nobody serves"
        sidecar = StreamSidecar(process.address, host(name, *types), wait_for_ready=False)
        sidecar.wait(lambda s: s.orders or s.ended, "an answer")
        if not sidecar.ended:
            return sidecar
        sidecar.close()
        time.sleep(0.05)
    raise AssertionError


def test_one_leads_and_says_so(etcd: EtcdServer) -> None:
    with three(etcd) as all_three:
        leader = one_leader(all_three)
        for process in all_three:
            metrics = process.metrics()
            assert metrics["dapr_placement_leader_status"] == metrics["dapr_placement_raft_leader_status"]
        others = [process for process in all_three if process is not leader]
        assert [process.state() for process in others] == [None, None]
        assert leader.state() == {}


def test_the_others_send_sidecars_on_without_reading(etcd: EtcdServer) -> None:
    with three(etcd) as all_three:
        leader = one_leader(all_three)
        other = next(process for process in all_three if process is not leader)
        with StreamSidecar(other.address, None) as refused:
            assert refused.wait_ended() == (
                grpc.StatusCode.FAILED_PRECONDITION,
                f"node id={other.name} is not a leader. Only the leader can serve requests",
            )


def test_a_leader_that_ends_is_followed_at_once(etcd: EtcdServer) -> None:
    with three(etcd) as all_three:
        leader = one_leader(all_three)
        with StreamSidecar(leader.address, host(A, "cat")) as a:
            a.wait_unlocked(1)
            begun = time.monotonic()
            assert leader.terminate() == 0
            a.wait_ended()
        rest = [process for process in all_three if process is not leader]
        with find_leader(rest, A, "cat") as again:
            again.wait_unlocked(1)
            gap = time.monotonic() - begun
            assert again.hosts == {"cat": {A}}
        print(f"gap after an orderly end: {gap:.2f} s")
        assert gap < 10


def test_a_leader_that_is_killed_is_followed_when_its_lease_ends(etcd: EtcdServer) -> None:
    with three(etcd) as all_three:
        leader = one_leader(all_three)
        with StreamSidecar(leader.address, host(A, "cat")) as a, StreamSidecar(leader.address, host(B, "cat")) as b:
            b.wait(lambda s: s.hosts == {"cat": {A, B}}, "both")
            begun = time.monotonic()
            leader.popen.kill()
            a.wait_ended()
            b.wait_ended()
        rest = [process for process in all_three if process is not leader]
        with find_leader(rest, A, "cat") as a, find_leader(rest, B, "cat") as b:
            b.wait(lambda s: s.hosts == {"cat": {A, B}}, "both, at the new leader")
            gap = time.monotonic() - begun
        print(f"gap after a kill: {gap:.2f} s")
        assert gap < 20


def test_a_leader_that_stood_still_serves_nobody_when_it_goes_on(etcd: EtcdServer) -> None:
    with three(etcd) as all_three:
        old = one_leader(all_three)
        rest = [process for process in all_three if process is not old]
        with StreamSidecar(old.address, host(A, "cat")) as a:
            a.wait_unlocked(1)
            old.popen.send_signal(signal.SIGSTOP)
            new = one_leader(rest)
            with StreamSidecar(old.address, host(B, "cat")) as late:  # waits in the kernel's queue
                old.popen.send_signal(signal.SIGCONT)
                code, text = late.wait_ended()
                assert (code, "is not a leader" in text) == (grpc.StatusCode.FAILED_PRECONDITION, True)
                assert not late.orders
            code, text = a.wait_ended()
            assert (code, "is not a leader" in text) == (grpc.StatusCode.FAILED_PRECONDITION, True)
            assert old.popen.poll() is None
            with StreamSidecar(new.address, host(A, "cat")) as again:
                again.wait_unlocked(1)


def test_without_etcd_nobody_leads_and_after_it_somebody_does(etcd: EtcdServer) -> None:
    with three(etcd) as all_three:
        leader = one_leader(all_three)
        with StreamSidecar(leader.address, host(A, "cat")) as a:
            a.wait_unlocked(1)
            etcd.popen.send_signal(signal.SIGSTOP)
            try:
                code, _ = a.wait_ended()
                assert code is grpc.StatusCode.FAILED_PRECONDITION
                assert leaders(all_three) == []
                wait_until(lambda: any("etcd" in line for line in leader.lines), what="a line about etcd")
            finally:
                etcd.popen.send_signal(signal.SIGCONT)
        one_leader(all_three)


def test_a_key_that_somebody_removes_ends_the_leadership_behind_it(etcd: EtcdServer) -> None:
    with three(etcd) as all_three:
        leader = one_leader(all_three)
        with StreamSidecar(leader.address, host(A, "cat")) as a:
            a.wait_unlocked(1)
            etcd.control("del", "dapr/placement/default/leader")
            a.wait_ended()
        one_leader(all_three)


def test_two_control_planes_share_an_etcd(etcd: EtcdServer) -> None:
    flags = (f"--etcd-client-endpoints={etcd.endpoint}",)
    with contextlib.ExitStack() as stack:
        for namespace in ("one", "two"):
            process = PlacementProcess(*flags, env={"NAMESPACE": namespace})
            stack.callback(process.terminate)
            process.wait_ready()
            process.wait_leading()


def test_a_user_and_password_are_used(etcd: EtcdServer) -> None:
    for command in (
        ["user", "add", "root:secret"], ["user", "grant-role", "root", "root"], ["auth", "enable"],
    ):  # fmt: skip
        etcd.control(*command)
    flags = (f"--etcd-client-endpoints={etcd.endpoint}", "--etcd-client-username=root")
    wrong = PlacementProcess(*flags, "--etcd-client-password=wrong")
    try:
        wrong.wait_for_line("etcd does not take the user root")
        assert wrong.metrics()["dapr_placement_leader_status"] == 0
    finally:
        wrong.terminate()
    right = PlacementProcess(*flags, env={"DAPR_PLACEMENT_ETCD_PASSWORD": "secret"})
    try:
        right.wait_ready()
        right.wait_leading()
        assert "secret" not in right.output
    finally:
        right.terminate()
