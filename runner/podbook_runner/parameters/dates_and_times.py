"""Writes dates and times as Python; a text that is none stays what it is."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final
from uuid import UUID

from podbook_runner.parameters.imports import Imports
from podbook_runner.parameters.layout import Expression, Group

# datetime takes six digits of a second; those who send more mean the same moment.
_FRACTION: Final = re.compile(r"(\.\d{6})\d+")


def written(text: str, kind: str, imports: Imports) -> Expression | None:
    """Return the text as the object that JSON Schema's format names, or None."""
    write = _FORMATS.get(kind)
    if write is None:
        return None
    try:
        return write(_FRACTION.sub(r"\1", text), imports)
    except ValueError:
        return None


def _datetime(text: str, imports: Imports) -> Expression:
    moment = datetime.fromisoformat(text)
    day = [str(part) for part in (moment.year, moment.month, moment.day)]
    clock = _clock(moment.hour, moment.minute, moment.second, moment.microsecond)
    return _call("datetime", [*day, *clock], moment.tzinfo, moment.fold, imports)


def _date(text: str, imports: Imports) -> Expression:
    day = date.fromisoformat(text)
    return _call("date", [str(day.year), str(day.month), str(day.day)], None, 0, imports)


def _time(text: str, imports: Imports) -> Expression:
    moment = time.fromisoformat(text)
    clock = _clock(moment.hour, moment.minute, moment.second, moment.microsecond)
    return _call("time", clock, moment.tzinfo, moment.fold, imports)


def _uuid(text: str, imports: Imports) -> Expression:
    return f"{imports.standard('uuid')}.UUID({str(UUID(text))!r})"


_FORMATS: Final[dict[str, Callable[[str, Imports], Expression]]] = {
    "date-time": _datetime,
    "date": _date,
    "time": _time,
    "uuid": _uuid,
}


def _clock(hour: int, minute: int, second: int, microsecond: int) -> list[str]:
    """Hours and minutes always, the rest where it is not zero."""
    parts = [hour, minute, second, microsecond]
    while len(parts) > len(("hour", "minute")) and not parts[-1]:
        parts.pop()
    return [str(part) for part in parts]


def _call(
    kind: str, parts: list[str], zone: tzinfo | None, fold: int, imports: Imports
) -> Expression:
    module = imports.standard("datetime")
    items: list[tuple[str, Expression]] = [("", ", ".join(parts))]
    if zone is not None:
        items.append(("tzinfo=", _zone(zone, module)))
    if fold:
        items.append(("fold=", "1"))
    return Group(f"{module}.{kind}(", ")", items)


def _zone(zone: tzinfo, module: str) -> str:
    if zone == UTC:
        return f"{module}.timezone.utc"
    offset = zone.utcoffset(None) or timedelta(0)
    return f"{module}.timezone({module}.timedelta(seconds={offset.total_seconds():.0f}))"
