"""How far another machine's clock is from this one's, by the date of an answer."""

from datetime import datetime
from email.utils import parsedate_to_datetime


def ahead(date: str | None, asked: datetime, answered: datetime) -> float | None:
    """Return by how many seconds it is ahead, None where the answer has no date; both are aware.

    A date is whole seconds, and of some moment while it was asked: half of either is no error.
    """
    try:
        told = parsedate_to_datetime(date or "")
    except (TypeError, ValueError):
        return None
    if told.tzinfo is None:
        return None
    middle = asked + (answered - asked) / 2
    return (told - middle).total_seconds()
