"""Keeps executions in the order of their submission: all of them, and each notebook and phase."""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator
from enum import StrEnum
from typing import Final, NamedTuple

from podbook_crds.ends.phases import Phase


class Order(StrEnum):
    """From which end of the order a list begins."""

    NEWEST = "newest"
    OLDEST = "oldest"


class Key(NamedTuple):
    """Where an execution stands in the order: by its submission; the name breaks ties."""

    submitted_at: str
    name: str


class Kind(NamedTuple):
    """What executions of a list have in common; None is anything."""

    notebook_id: str | None = None
    phase: Phase | None = None
    # Of a notebook's: the hash of what they were asked for with.
    parameters: str | None = None
    # What calls have in common that may be given one answer; a kind of its own.
    answer_key: str | None = None


ANY: Final = Kind()


class Orders:
    """One order for each kind of list, so that a page costs the same however narrow it is."""

    def __init__(self) -> None:
        self._orders: dict[Kind, list[Key]] = {}

    def add(self, key: Key, whole: Kind) -> None:
        """Take in an execution that is in none of the orders; whole is everything of it."""
        for kind in _kinds(whole):
            insort(self._orders.setdefault(kind, []), key)

    def remove(self, key: Key, whole: Kind) -> None:
        """Take out an execution, which was added with the same."""
        for kind in _kinds(whole):
            order = self._orders[kind]
            del order[bisect_left(order, key)]
            if not order:
                del self._orders[kind]

    def count(self, kind: Kind) -> int:
        """Return how many there are of the kind."""
        return len(self._orders.get(kind, ()))

    def newest_first(self, kind: Kind, *, before: Key | None) -> Iterator[Key]:
        """Yield the keys of the kind from just before that one; change nothing meanwhile."""
        order = self._orders.get(kind, [])
        end = len(order) if before is None else bisect_left(order, before)
        for position in range(end - 1, -1, -1):
            yield order[position]

    def oldest_first(self, kind: Kind, *, after: Key | None) -> Iterator[Key]:
        """Yield the keys of the kind from just after that one; change nothing meanwhile."""
        order = self._orders.get(kind, [])
        start = 0 if after is None else bisect_right(order, after)
        for position in range(start, len(order)):
            yield order[position]


def _kinds(whole: Kind) -> set[Kind]:
    notebook_id, phase, parameters, answer_key = whole
    found = {ANY, Kind(notebook_id), Kind(phase=phase), Kind(notebook_id, phase)}
    if parameters is not None:
        found |= {Kind(notebook_id, None, parameters), Kind(notebook_id, phase, parameters)}
    return found if answer_key is None else found | {Kind(answer_key=answer_key)}
