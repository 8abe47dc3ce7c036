"""Defaults that mean a day or a moment: {"$now": "date", "offset": "-P1D", "timeZone": "…"}.

They are resolved once, when a call is taken, and stand in the execution as what they were then.
"""

import calendar
import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final, cast
from zoneinfo import ZoneInfo

from podbook_crds.errors import InvalidContract
from podbook_crds.resources.notebook import Schema

NOW: Final = "$now"
_KINDS: Final = ("date", "date-time")
_KNOWN: Final = {NOW, "offset", "timeZone"}
# A duration of ISO 8601 with a sign before it.
_DURATION: Final = re.compile(
    r"([+-]?)P(?=.)(?:(\d{1,4})Y)?(?:(\d{1,4})M)?(?:(\d{1,4})W)?(?:(\d{1,5})D)?"
    r"(?:T(?=.)(?:(\d{1,5})H)?(?:(\d{1,5})M)?(?:(\d{1,6})S)?)?"
)


def given(parameters: Mapping[str, Any], schema: Schema | None, now: datetime) -> dict[str, Any]:
    """Return the parameters with such defaults for those that were not given."""
    moments = {
        name: value for name, value in _moments(schema, now).items() if name not in parameters
    }
    return {**parameters, **moments}


def shown(schema: Schema | None, now: datetime) -> Schema | None:
    """Return the schema with such defaults as they are at that moment."""
    moments = _moments(schema, now)
    if schema is None or not moments:
        return schema
    properties: dict[str, Any] = {**cast(Schema, schema["properties"])}
    for name, value in moments.items():
        properties[name] = {**properties[name], "default": value}
    return {**schema, "properties": properties}


def any_in(schema: Schema | None) -> bool:
    """Tell whether there is such a default."""
    return any(True for _ in _declared(schema))


def check(schema: Schema | None, now: datetime) -> None:
    """Raise InvalidContract where such a default cannot be resolved."""
    _moments(schema, now)


def _moments(schema: Schema | None, now: datetime) -> dict[str, str]:
    return {name: _moment(name, default, now) for name, default in _declared(schema)}


def _declared(schema: Schema | None) -> Iterator[tuple[str, dict[str, Any]]]:
    properties = (schema or {}).get("properties")
    for name, below in properties.items() if isinstance(properties, dict) else ():
        default = below.get("default") if isinstance(below, dict) else None
        if isinstance(default, dict) and NOW in default:
            yield name, default


def _moment(name: str, default: dict[str, Any], now: datetime) -> str:
    kind, offset, zone = default[NOW], default.get("offset", "P0D"), default.get("timeZone", "UTC")
    if unknown := sorted(set(default) - _KNOWN):
        raise _wrong(name, f"{unknown[0]!r} means nothing beside {NOW}")
    if kind not in _KINDS:
        raise _wrong(name, f"{NOW} is one of {', '.join(_KINDS)}")
    duration = _DURATION.fullmatch(offset) if isinstance(offset, str) else None
    if duration is None:
        raise _wrong(name, "offset is a duration such as -P1D or PT12H")
    try:
        moment = _moved(now.astimezone(ZoneInfo(zone)), duration)
    except (OSError, KeyError, ValueError, OverflowError, TypeError) as error:
        raise _wrong(name, f"it leads to no moment: {error}") from error
    return moment.date().isoformat() if kind == "date" else moment.isoformat(timespec="seconds")


def _moved(moment: datetime, duration: re.Match[str]) -> datetime:
    sign = -1 if duration[1] == "-" else 1
    years, months, weeks, days, hours, minutes, seconds = (
        sign * int(part or 0) for part in duration.groups()[1:]
    )
    month = moment.year * 12 + moment.month - 1 + years * 12 + months
    year, month = month // 12, month % 12 + 1
    day = min(moment.day, calendar.monthrange(year, month)[1])
    return moment.replace(year=year, month=month, day=day) + timedelta(
        days=7 * weeks + days, hours=hours, minutes=minutes, seconds=seconds
    )


def _wrong(name: str, why: str) -> InvalidContract:
    return InvalidContract(f"the default of {name[:100]!r}: {why}")
