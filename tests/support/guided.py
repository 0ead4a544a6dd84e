"""Coverage-guided fuzzing of one parser, by atheris (which is there on Linux and x86-64: it brings libFuzzer).

The targets are those of the fuzz tests: functions from bytes to nothing that fail on a defect. With hypothesis they run
in every test run; guided by the branches that an input takes they find what no generator thinks of::

    python tests/support/guided.py                            # the names
    python tests/support/guided.py hpack -max_total_time=60   # one of them, with libFuzzer's options
    python tests/support/guided.py all -max_total_time=60     # one after the other; stops at the first defect
"""

from __future__ import annotations

import importlib.util
import logging
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
TARGETS = {
    "connection": "test_h2_fuzz",
    "frames": "test_h2_fuzz",
    "hpack": "test_h2_fuzz",
    "huffman": "test_h2_fuzz",
    "headers": "test_h2_fuzz",
    "request_head": "test_h2_fuzz",
    "messages": "test_h2_fuzz",
    "values": "test_h2_fuzz",
    "upgrade": "test_h2_fuzz",
    "http1_requests": "test_http1_fuzz",
    "http1_responses": "test_http1_fuzz",
    "internal_requests": "test_messages_fuzz",
    "internal_responses": "test_messages_fuzz",
    "internal_chunks": "test_messages_fuzz",
    "events": "test_messages_fuzz",
    "answers_to_events": "test_messages_fuzz",
    "datagrams": "test_messages_fuzz",
    "state_bodies": "test_messages_fuzz",
    "json": "test_messages_fuzz",
    "trace_contexts": "test_messages_fuzz",
    "times": "test_messages_fuzz",
    "expressions": "test_messages_fuzz",
}


def targets_of(module: str) -> dict[str, Callable[[bytes], None]]:
    """The targets that a fuzz test module offers, by name."""
    spec = importlib.util.spec_from_file_location(module, TESTS / "fuzz" / f"{module}.py")
    assert spec is not None
    assert spec.loader is not None
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    found: dict[str, Callable[[bytes], None]] = loaded.TARGETS
    return found


def fuzz(name: str, options: list[str]) -> None:
    """Run one target until libFuzzer stops it; the process ends with it."""
    import atheris  # type: ignore[import-not-found]

    sys.path.insert(0, str(TESTS))
    logging.disable(logging.CRITICAL)  # what is refused is also told in the log, a million times here
    with atheris.instrument_imports(include=["dapr_core", "dapr_components", "daprd"]):
        target = targets_of(TARGETS[name])[name]
    atheris.Setup([sys.argv[0], *options], target)
    atheris.Fuzz()


def main() -> int:
    """The command line."""
    name, options = (sys.argv[1] if len(sys.argv) > 1 else ""), sys.argv[2:]
    if name == "all":
        for each in TARGETS:
            print(f"--- {each}", flush=True)
            code = subprocess.run([sys.executable, __file__, each, *options], check=False).returncode
            if code:
                return code
        return 0
    if name not in TARGETS:
        print("\n".join([*TARGETS, "all"]))
        return 0 if not name else 2
    fuzz(name, options)
    return 0


if __name__ == "__main__":
    sys.exit(main())
