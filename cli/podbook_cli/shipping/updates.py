"""Writes the outputs that came into the examples of a config, and leaves the rest as it stands."""

import json
from dataclasses import replace
from pathlib import Path

from podbook_catalog.entries.draft import config_path
from podbook_catalog.settings.commented_json import blanked
from podbook_cli.shipping.json_places import Span, span_of
from podbook_cli.shipping.trials import Outcome
from podbook_crds.formats.whole_files import write_whole


def updated(outcomes: list[Outcome], root: Path) -> list[Outcome]:
    """Write what was saved and differs from its example; return what is then still wrong."""
    return [_written(outcome, root) if _is_news(outcome) else outcome for outcome in outcomes]


def _is_news(outcome: Outcome) -> bool:
    """Tell whether the run saved something that its example does not say already."""
    if not outcome.has_output or outcome.trial.index is None:
        return False
    return bool(outcome.failures) or not outcome.trial.example.expects_output


def _written(outcome: Outcome, root: Path) -> Outcome:
    path = config_path(root / outcome.trial.entry.path)
    text = path.read_text(encoding="utf-8")
    fresh = with_output(text, outcome.trial.index or 0, outcome.output)
    # A server that follows the folder reads no half of it.
    write_whole(path, fresh)
    return replace(outcome, failures=[])


def with_output(text: str, index: int, output: object) -> str:
    """Return the config's text with the output of one example; comments and layout stay."""
    plain = blanked(text)
    example = span_of(plain, ("examples", index))
    place = span_of(plain, ("examples", index, "output"))
    assert example is not None
    indent = " " * _column(text, example)
    if place is not None:
        indent = " " * (len(text[: place.start].rpartition("\n")[2]) - len(_line(text, place)))
        return text[: place.start] + _shown(output, indent) + text[place.end :]
    # Behind the last of its members, whose name at least is always there.
    end = len(plain[: example.end - 1].rstrip())
    return f'{text[:end]}, "output": {_shown(output, indent)}{text[end:]}'


def _line(text: str, place: Span) -> str:
    """Return the line of a value up to it, without the blanks at its beginning."""
    return text[: place.start].rpartition("\n")[2].lstrip()


def _column(text: str, place: Span) -> int:
    line = text[: place.start].rpartition("\n")[2]
    return len(line) - len(line.lstrip())


def _shown(output: object, indent: str) -> str:
    short = json.dumps(output, ensure_ascii=False)
    if len(short) <= 80:  # noqa: PLR2004  (as long as a line is)
        return short
    return json.dumps(output, ensure_ascii=False, indent=2).replace("\n", f"\n{indent}")
