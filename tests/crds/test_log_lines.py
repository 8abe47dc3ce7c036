"""A log that is collected has one object on each line, whatever is told in it."""

import json
import logging
import sys

from podbook_crds.formats.log_lines import FIELDS, JsonLines


def _record(message: str, **more: object) -> logging.LogRecord:
    record = logging.LogRecord("podbook_api.access", logging.INFO, "f", 1, message, (), None)
    record.created, record.msecs = 1_795_824_000.25, 250.0
    record.__dict__.update(more)
    return record


def test_a_line_says_when_how_grave_and_who() -> None:
    told = {"caller": "ann", "message": "not mine"}

    line = JsonLines().format(_record("made\nby \x85 ann", **{FIELDS: told}))

    assert line.isascii()
    assert len(line.splitlines()) == 1
    assert json.loads(line) == {
        "time": "2026-11-28T00:00:00.250Z",
        "level": "INFO",
        "logger": "podbook_api.access",
        "message": "made\nby \x85 ann",
        "caller": "ann",
    }


def test_an_exception_stays_on_its_line() -> None:
    try:
        raise ValueError("two\nlines")  # noqa: TRY301
    except ValueError:
        line = JsonLines().format(_record("it failed", exc_info=sys.exc_info()))

    assert len(line.splitlines()) == 1
    assert "ValueError: two\nlines" in json.loads(line)["exception"]
