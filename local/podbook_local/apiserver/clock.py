"""Time as Kubernetes writes it."""

from datetime import UTC, datetime, timedelta
from typing import Final

_MINUTE: Final = 60
_HOUR: Final = 60 * _MINUTE
_DAY: Final = 24 * _HOUR
_YEAR: Final = 365 * _DAY


def now() -> datetime:
    """Return the time, in UTC."""
    return datetime.now(UTC)


def timestamp(moment: datetime | None = None) -> str:
    """Return an RFC 3339 time in whole seconds, as in `creationTimestamp`."""
    return (moment or now()).strftime("%Y-%m-%dT%H:%M:%SZ")


def after(seconds: float) -> str:
    """Return the timestamp of a moment from now."""
    return timestamp(now() + timedelta(seconds=seconds))


def parse(text: str) -> datetime:
    """Return the moment that a timestamp names."""
    return datetime.fromisoformat(text)


def from_unix(seconds: float) -> datetime:
    """Return the moment of a Unix time."""
    return datetime.fromtimestamp(seconds, UTC)


def spell_duration(seconds: float) -> str:
    """Return a duration in the two largest units that matter, as `kubectl get` shows ages."""
    if seconds < 0:
        return "<invalid>" if seconds < -2 else "0s"
    if seconds < 2 * _MINUTE:
        return f"{int(seconds)}s"
    if seconds < 10 * _MINUTE:
        return _two(seconds, _MINUTE, "m", 1, "s")
    if seconds < 3 * _HOUR:
        return f"{int(seconds // _MINUTE)}m"
    if seconds < 8 * _HOUR:
        return _two(seconds, _HOUR, "h", _MINUTE, "m")
    if seconds < 2 * _DAY:
        return f"{int(seconds // _HOUR)}h"
    if seconds < 8 * _DAY:
        return _two(seconds, _DAY, "d", _HOUR, "h")
    if seconds < 2 * _YEAR:
        return f"{int(seconds // _DAY)}d"
    return _two(seconds, _YEAR, "y", _DAY, "d")


def _two(seconds: float, large: int, large_name: str, small: int, small_name: str) -> str:
    count, rest = divmod(int(seconds), large)
    remainder = rest // small
    return f"{count}{large_name}" + (f"{remainder}{small_name}" if remainder else "")
