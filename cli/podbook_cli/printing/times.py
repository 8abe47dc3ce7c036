"""Times for people: how long ago, and in the time of where they are."""

from datetime import UTC, datetime
from typing import Any, Final

from podbook_crds.formats.durations import spelled

_STEPS: Final = ((86400, "d"), (3600, "h"), (60, "min"))


def parsed(text: str | None) -> datetime | None:
    """Return a time as the API writes it."""
    return None if not text else datetime.fromisoformat(text)


def local(text: str | None) -> str:
    """Return the time where the reader is."""
    moment = parsed(text)
    return "-" if moment is None else moment.astimezone().strftime("%Y-%m-%d %H:%M:%S")


def age(text: str | None, now: datetime | None = None) -> str:
    """Return how long ago that was, in one unit; a clock that goes wrong makes nothing negative."""
    moment = parsed(text)
    if moment is None:
        return "-"
    seconds = max(0.0, ((now or datetime.now(UTC)) - moment).total_seconds())
    for length, unit in _STEPS:
        if seconds >= length:
            return f"{int(seconds // length)} {unit}"
    return f"{int(seconds)} s"


def duration(view: dict[str, Any]) -> str:
    """Return how long an execution ran, or runs by now."""
    began, ended = parsed(view.get("startedAt")), parsed(view.get("finishedAt"))
    if began is None:
        return "-"
    return spelled(((ended or datetime.now(UTC)) - began).total_seconds())
