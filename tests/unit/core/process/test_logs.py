"""Log lines in Dapr's text and JSON form."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from dapr_core.process import logs
from dapr_core.process.logformat import JSONFormatter, TerminalFormatter, TextFormatter

NOW = 1_795_551_208_179_553_391
FIELDS = {"app_id": "logapp", "instance": "vm", "type": "log", "ver": "unknown"}


@pytest.fixture(autouse=True)
def _utc_and_restored_logging(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "UTC")
    root, ours = logging.getLogger(), logging.getLogger("dapr")
    handlers, level, our_level = root.handlers[:], root.level, ours.level
    yield
    for handler in [each for each in root.handlers if each not in handlers]:
        root.removeHandler(handler)
        handler.close()
    root.setLevel(level)
    ours.setLevel(our_level)


@pytest.mark.parametrize(
    ("level", "message", "scope", "extra", "line"),
    [
        (
            "info",
            "app id: logapp",
            "dapr.runtime",
            {},
            'level=info msg="app id: logapp" app_id=logapp instance=vm scope=dapr.runtime type=log ver=unknown',
        ),
        (
            "info",
            "HTTP API Called",
            "dapr.runtime.http-info",
            {"code": 204, "method": "GET /v1.0/state/mem/k", "useragent": "golden/1"},
            'level=info msg="HTTP API Called" app_id=logapp code=204 instance=vm method="GET /v1.0/state/mem/k"'
            " scope=dapr.runtime.http-info type=log useragent=golden/1 ver=unknown",
        ),
        (
            "warning",
            'a "quoted"\nline…',
            "x",
            {"empty": "", "time": 1, "flag": True},
            'level=warning msg="a \\"quoted\\"\\nline…" app_id=logapp empty= fields.time=1 flag=true instance=vm'
            " scope=x type=log ver=unknown",
        ),
    ],
    ids=["plain", "fields", "awkward"],
)
def test_text_lines_are_key_and_value(
    level: str, message: str, scope: str, extra: dict[str, object], line: str
) -> None:
    written = TextFormatter(FIELDS).line(NOW, level, message, scope, extra)
    assert written == f'time="2026-11-24T20:13:28.179553391Z" {line}\n'


def test_json_lines_are_one_object_with_sorted_keys() -> None:
    written = JSONFormatter(FIELDS).line(NOW, "info", "a -> b", "dapr.contrib", {"code": 0})
    assert written == (
        '{"app_id":"logapp","code":0,"instance":"vm","level":"info","msg":"a -\\u003e b","scope":"dapr.contrib",'
        '"time":"2026-11-24T20:13:28.179553391Z","type":"log","ver":"unknown"}\n'
    )


def test_terminal_lines_count_the_seconds_since_the_start() -> None:
    written = TerminalFormatter(FIELDS, started=NOW - 3_000_000_000).line(NOW, "info", "hello", "s", {})
    assert re.sub(r"\x1b\[\d+m", "", written).startswith("INFO[0003] hello ")


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_the_scope_is_the_logger_and_the_level_is_a_threshold(tmp_path: Path) -> None:
    path = tmp_path / "log"
    logs.configure("warn", as_json=True, file=str(path), app_id="a", version="1.2.3", instance="host")
    log = logging.getLogger("dapr.test.scope")
    log.info("not this")
    log.warning("value %d", 3, extra=logs.fields(code=7))
    log.critical("the end")
    first, second = lines(path)
    assert (first["msg"], first["level"], first["scope"], first["code"]) == ("value 3", "warning", "dapr.test.scope", 7)
    assert (first["app_id"], first["instance"], first["ver"], first["type"]) == ("a", "host", "1.2.3", "log")
    assert second["level"] == "fatal"


def test_api_calls_are_logged_at_every_level(tmp_path: Path) -> None:
    logs.configure("error", as_json=True, file=str(tmp_path / "log"))
    logging.getLogger("dapr.runtime.http-info").info("HTTP API Called")
    assert [each["msg"] for each in lines(tmp_path / "log")] == ["HTTP API Called"]


def test_an_exception_is_a_field_of_its_line(tmp_path: Path) -> None:
    logs.configure("info", as_json=True, file=str(tmp_path / "log"))
    try:
        raise ValueError("inner")
    except ValueError:
        logging.getLogger("dapr.test").exception("outer")
    (line,) = lines(tmp_path / "log")
    assert "ValueError: inner" in str(line["stacktrace"])


def test_a_wrong_number_of_arguments_does_not_cost_the_line(tmp_path: Path) -> None:
    logs.configure("info", as_json=True, file=str(tmp_path / "log"))
    log = logging.getLogger("dapr.test.alone")
    ours = logging.getLogger().handlers[-1]
    ours.handle(log.makeRecord(log.name, logging.INFO, "", 0, "%d and %d", (1,), None))
    assert "arguments do not fit" in str(lines(tmp_path / "log")[0]["msg"])


def test_a_component_logger_names_its_component(tmp_path: Path) -> None:
    logs.configure("info", as_json=True, file=str(tmp_path / "log"))
    logger = logs.component_logger("nr (mdns/v1)")
    logger.debug("not this")
    logger.info("hello", extra=logs.fields(code=1))
    (line,) = lines(tmp_path / "log")
    assert (line["scope"], line["component"], line["code"]) == ("dapr.contrib", "nr (mdns/v1)", 1)


def test_configuring_again_replaces_the_file(tmp_path: Path) -> None:
    logs.configure("info", as_json=True, file=str(tmp_path / "first"))
    logs.configure("info", as_json=True, file=str(tmp_path / "second"))
    logging.getLogger("dapr.test").info("x")
    assert (tmp_path / "first").read_text() == ""
    assert len(lines(tmp_path / "second")) == 1


def test_an_unknown_level_and_a_file_that_cannot_be_opened_are_refused(tmp_path: Path) -> None:
    with pytest.raises(logs.LogSettingsError, match="invalid value for --log-level: loud"):
        logs.configure("loud")
    with pytest.raises(logs.LogSettingsError, match="cannot open --log-file"):
        logs.configure("info", file=str(tmp_path / "no" / "log"))
