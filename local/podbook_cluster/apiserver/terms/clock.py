"""Time as Kubernetes writes it."""

from datetime import UTC, datetime, timedelta
from typing import Final

_MINUTE: Final = 60
_HOUR: Final = 60 * _MINUTE
_DAY: Final = 24 * _HOUR
_YEAR: Final = 365 * _DAY

_CLOCK_SKEW_SECONDS: Final = 2
# Below this many seconds: the large unit, and the small one for the rest (0: no rest is shown).
_SPELLINGS: Final = (
    (2 * _MINUTE, 1, "s", 0, ""),
    (10 * _MINUTE, _MINUTE, "m", 1, "s"),
    (3 * _HOUR, _MINUTE, "m", 0, ""),
    (8 * _HOUR, _HOUR, "h", _MINUTE, "m"),
    (2 * _DAY, _HOUR, "h", 0, ""),
    (8 * _DAY, _DAY, "d", _HOUR, "h"),
    (2 * _YEAR, _DAY, "d", 0, ""),
    (8 * _YEAR, _YEAR, "y", _DAY, "d"),
)


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
    """Return a duration in the units that matter, as `kubectl get` shows ages."""
    if seconds < -_CLOCK_SKEW_SECONDS:
        return "<invalid>"
    whole = max(0, int(seconds))
    for below, large, name, small, small_name in _SPELLINGS:
        if whole < below:
            count, rest = divmod(whole, large)
            remainder = rest // small if small else 0
            return f"{count}{name}" + (f"{remainder}{small_name}" if remainder else "")
    return f"{whole // _YEAR}y"
