"""``docs/sdks.md``: the table of the official SDKs for readers.

``python -m support.sdk_page``, in ``tests``, writes it anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from support.sdk_table import APPLICATIONS, CLIENTS, NOT_RUN, Sdk

PAGE = Path(__file__).resolve().parents[2] / "docs" / "sdks.md"

_OPENING = """# What the official SDKs do with this sidecar

Each official SDK runs in the tests as it comes from its registry (`tests/sdk`). What works there is listed by the name
that the SDK gives it. What comes with a block that is not in service yet, or in those tests, is listed with that block
and with what a user is told until then; the tests hold these refusals, so that this page, which is written from their
table (`tests/support/sdk_table.py`), cannot lag behind.
"""


def page() -> str:
    """The whole page, in Markdown."""
    return "\n".join([_OPENING, *_part("Clients", CLIENTS), *_part("Applications", APPLICATIONS), *_not_run()])


def _part(title: str, sdks: dict[str, Sdk]) -> Iterator[str]:
    yield f"## {title}\n"
    for name, sdk in sdks.items():
        yield f"### {name}\n\n`{sdk.package}`\n\nWorks: {', '.join(_code(use) for use in sorted(sdk.works))}.\n"
        if sdk.later or sdk.silent:
            yield "| comes with | use | until then |\n|---|---|---|"
            yield from _later(sdk)
            yield ""
        yield from _elsewhere(sdk)


def _later(sdk: Sdk) -> Iterator[str]:
    rows: dict[tuple[str, str], list[str]] = {}
    for use, (block, refusal) in sdk.later.items():
        rows.setdefault((block, f"`{refusal}`"), []).append(use)
    for use, block in sdk.silent.items():
        rows.setdefault((block, "the SDK tells nothing"), []).append(use)
    for (block, refusal), uses in sorted(rows.items()):
        yield f"| {block} | {', '.join(_code(use) for use in sorted(uses))} | {refusal} |"


def _elsewhere(sdk: Sdk) -> Iterator[str]:
    said: dict[str, list[str]] = {}
    for use, words in sdk.elsewhere.items():
        said.setdefault(words, []).append(use)
    for words, uses in said.items():
        yield f"Not offered here ({words}): {', '.join(_code(use) for use in sorted(uses))}.\n"


def _not_run() -> Iterator[str]:
    yield "## Not run\n"
    yield from (f"- {language}: {reason}." for language, reason in NOT_RUN.items())
    yield ""


def _code(use: str) -> str:
    """Names of the SDK's as code; what an application is for, in words."""
    return use if use in _WORDS else f"`{use}`"


_WORDS = {use for sdk in APPLICATIONS.values() for use in {*sdk.works, *sdk.elsewhere} if "." not in use}

if __name__ == "__main__":
    PAGE.write_text(page())
