"""How long something took, for people: written in one way by every part."""

from typing import Final

# The lengths of the units by which people and the services before Podbook name a time.
UNIT_SECONDS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}


def spelled(seconds: float) -> str:
    """Return `0.04 s`, `2.1 s`, `3 min 20 s` or `2 h 5 min`; nothing is rounded up to 60 of a unit.

    Hundredths below a second, since a warm run takes less than a tenth; `podbook.calling.durations`
    says the same where nothing of Podbook but the SDK is installed.
    """
    tenths = round(max(0.0, seconds), 1)
    if seconds > 0 and tenths < 1:
        return f"{seconds:.2f} s"
    if tenths < 60:  # noqa: PLR2004
        return f"{tenths:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"
