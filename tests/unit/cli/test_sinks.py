"""Lines on their way to the terminal and to log files."""

from __future__ import annotations

import io
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dapr_cli.console import Console
from dapr_cli.launch.sinks import ANSI, LogFile, Terminal, log_file_name, tinted

LINE = b'time="2026-11-25T03:58:25Z" level=%s msg="a \\"quoted\\" word" app_id=x type=log'


@pytest.mark.parametrize(
    ("level", "colour"),
    [(b"info", b"\x1b[2m"), (b"warning", b"\x1b[93;1m"), (b"error", b"\x1b[91;1m"), (b"fatal", b"\x1b[91;1m")],
    ids=lambda value: value.decode() if value.isalpha() else "",
)  # fmt: skip
def test_the_level_of_a_sidecars_line_has_its_colour(level: bytes, colour: bytes) -> None:
    line = tinted(LINE % level)
    assert colour + level in line
    assert ANSI.sub(b"", line) == LINE % level


@given(st.binary(max_size=60).map(lambda tail: b"time=1 level=info msg=" + tail))
def test_colouring_never_changes_the_words(line: bytes) -> None:
    plain = ANSI.sub(b"", line)
    assert ANSI.sub(b"", tinted(plain)) == plain


def test_an_applications_line_stays_as_it_is() -> None:
    assert tinted(b"listening on 5000") == b"listening on 5000"


class Stream(io.TextIOWrapper):
    """A text stream over bytes in memory."""

    def __init__(self) -> None:
        super().__init__(io.BytesIO(), encoding="utf-8")

    @property
    def written(self) -> bytes:
        assert isinstance(self.buffer, io.BytesIO)
        return self.buffer.getvalue()


@pytest.mark.parametrize("colour", [True, False])
def test_a_prefix_leads_each_line(colour: bool) -> None:
    stream = Stream()
    terminal = Terminal(Console(out=stream), stream, colour=colour, gone=threading.Event())
    terminal.sink("== APP == ", "blue")(b"hello")
    expected = b"\x1b[94;1m== APP == \x1b[0mhello\n" if colour else b"== APP == hello\n"
    assert stream.written == expected


def test_a_terminal_that_has_gone_is_noticed_and_left_alone() -> None:
    stream, gone = Stream(), threading.Event()
    write = Terminal(Console(out=stream), stream, colour=False, gone=gone).sink("", "blue")
    stream.close()
    write(b"lost")
    assert gone.is_set()
    write(b"lost as well")


def test_a_log_file_has_no_colours(tmp_path: Path) -> None:
    complaints: list[str] = []
    log = LogFile(tmp_path / "x.log", complaints.append)
    log.sink("== APP - x == ")(b"\x1b[31;1mred\x1b[0m")
    log.close()
    log.sink("")(b"too late")
    assert (tmp_path / "x.log").read_bytes() == b"== APP - x == red\n"
    assert complaints == []


def test_a_full_disk_is_told_once_and_stops_nobody() -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("this system has no /dev/full")
    complaints: list[str] = []
    write = LogFile(full, complaints.append).sink("")
    write(b"one")
    write(b"two")
    assert complaints == ["/dev/full ends here: No space left on device"]


def test_log_files_are_named_by_app_kind_and_moment() -> None:
    name = log_file_name("orders", "daprd", 0)
    assert name.startswith("orders_daprd_")
    assert len(name) == len("orders_daprd_20261125035328.log")
