"""The profiler shows where time and memory go, one request at a time."""

from __future__ import annotations

import asyncio
import threading

import pytest

from dapr_core.rpc.messages import Request, Response
from daprd.runtime import profiling
from daprd.runtime.profiling import Profiler


def ask(*targets: str) -> list[Response]:
    async def scenario() -> list[Response]:
        profiler = Profiler()
        return list(await asyncio.gather(*(profiler.handle(Request("GET", each.encode())) for each in targets)))

    return asyncio.run(scenario())


def body(response: Response) -> str:
    assert isinstance(response.body, bytes)
    return response.body.decode()


def test_a_profile_counts_the_stacks_of_other_threads() -> None:
    done = threading.Event()

    def a_function_that_waits() -> None:
        done.wait(20)

    thread = threading.Thread(target=a_function_that_waits)
    thread.start()
    try:
        folded = body(ask("/debug/pprof/profile?seconds=0.2")[0])
    finally:
        done.set()
        thread.join()
    line = next(line for line in folded.splitlines() if "a_function_that_waits" in line)
    stack, _, count = line.rpartition(" ")
    assert int(count) > 1
    assert stack.index("Thread.run") < stack.index("a_function_that_waits") < stack.index("Event.wait")


def test_a_heap_profile_names_lines_that_allocated_meanwhile() -> None:
    kept: list[bytearray] = []

    def allocate(seconds: float) -> None:
        kept.append(bytearray(1_000_000))

    text = profiling.compare_heap(1.0, sleep=allocate)
    assert "test_profiling.py" in text.splitlines()[0]


def test_the_threads_are_shown_with_their_stacks() -> None:
    assert "thread_stacks" in body(ask("/debug/pprof/threads")[0])


def test_only_one_profile_is_taken_at_a_time() -> None:
    answers = ask("/debug/pprof/profile?seconds=0.1", "/debug/pprof/heap?seconds=0.1")
    assert [answer.status for answer in answers] == [200, 409]


@pytest.mark.parametrize(
    ("query", "seconds"),
    [("", 5.0), ("seconds=2", 2.0), ("seconds=0", 0.005), ("seconds=1e9", 5.0), ("seconds=9999", 60.0), ("s=1", 5.0)],
)
def test_the_time_is_bounded(query: str, seconds: float) -> None:
    assert profiling._seconds(query) == seconds


def test_other_paths_are_not_found() -> None:
    assert [answer.status for answer in ask("/debug/pprof/", "/debug/pprof/else", "/")] == [200, 404, 404]
