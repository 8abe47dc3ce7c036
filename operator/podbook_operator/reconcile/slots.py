"""Who may run a kernel now: limits in all, per namespace and per notebook; in turns.

A slot goes to the namespace that holds the fewest, there to the notebook that holds the fewest, and
of that to its oldest execution: 5 000 that wait for one notebook hold back no other. Where two hold
as many, as with a total of one, whoever's last turn is longer ago is next.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import NamedTuple

from podbook_operator.config import SlotLimits
from podbook_operator.watch.queue_keys import Key


class Group(NamedTuple):
    """What limits are counted by; notebook is empty for inline notebooks."""

    namespace: str
    notebook: str


# When it was made, and the order in which we heard of it: no two are the same.
Place = tuple[str, int]


class Rank(NamedTuple):
    """Who is next: the least of all that wait."""

    held_by_namespace: int
    held_by_notebook: int
    # Counted up with every slot that is given; 0: none since anybody began to wait.
    turn_of_namespace: int
    turn_of_notebook: int
    place: Place


@dataclass(slots=True)
class Slots:
    """The kernels that run or are about to, and the executions that wait for one of their slots."""

    limits: SlotLimits = field(default_factory=SlotLimits)
    _held: dict[Key, Group] = field(default_factory=dict)
    _waiting: dict[Group, dict[Key, Place]] = field(default_factory=dict)
    # The same as heaps; who left is still in there, until its turn would have come.
    _queues: dict[Group, list[tuple[Place, Key]]] = field(default_factory=dict)
    # The notebooks' own maxConcurrent, as last heard.
    _own_limits: dict[Group, int] = field(default_factory=dict)
    _namespaces: Counter[str] = field(default_factory=Counter)
    _groups: Counter[Group] = field(default_factory=Counter)
    _arrivals: int = 0
    # When each was last given a slot, for as long as anybody waits.
    _turns: dict[Group | str, int] = field(default_factory=dict)
    _turn: int = 0

    def holds(self, key: Key) -> bool:
        """Tell whether the execution has a slot."""
        return key in self._held

    def hold(self, key: Key, group: Group) -> None:
        """Count a kernel that runs, whatever the limits say now."""
        self._withdraw(key)
        if key not in self._held:
            self._held[key] = group
            self._namespaces[group.namespace] += 1
            self._groups[group] += 1

    def request(self, key: Key, group: Group, *, created: str, own_limit: int | None) -> None:
        """Wait for a slot; creation times have a resolution of a second, so arrival decides too."""
        if own_limit is None:
            self._own_limits.pop(group, None)
        else:
            self._own_limits[group] = own_limit
        waiting = self._waiting.setdefault(group, {})
        if key not in self._held and key not in waiting:
            self._arrivals += 1
            waiting[key] = (created, self._arrivals)
            heappush(self._queues.setdefault(group, []), (waiting[key], key))

    def release(self, key: Key) -> None:
        """Free the execution's slot, or its place among those who wait."""
        self._withdraw(key)
        group = self._held.pop(key, None)
        if group is not None:
            self._namespaces[group.namespace] -= 1
            self._groups[group] -= 1

    def grant(self) -> list[Key]:
        """Give every free slot to whose turn it is; return who got one."""
        granted = []
        while (found := min(self._candidates(), default=None)) is not None:
            _, key, group = found
            self.hold(key, group)
            self._turn += 1
            self._turns[group] = self._turns[group.namespace] = self._turn
            granted.append(key)
        if not self._waiting:
            self._turns.clear()
        return granted

    @property
    def held(self) -> int:
        """How many slots are taken."""
        return len(self._held)

    @property
    def waiting(self) -> int:
        """How many executions wait for a slot."""
        return sum(map(len, self._waiting.values()))

    def _candidates(self) -> Iterator[tuple[Rank, Key, Group]]:
        """Yield the oldest of each group that has room."""
        if self.limits.total is not None and len(self._held) >= self.limits.total:
            return
        for group, waiting in self._waiting.items():
            if waiting and self._has_room(group):
                queue = self._queues[group]
                while waiting.get(queue[0][1]) != queue[0][0]:
                    heappop(queue)
                place, key = queue[0]
                yield self._rank(group, place), key, group

    def _rank(self, group: Group, place: Place) -> Rank:
        return Rank(
            self._namespaces[group.namespace],
            self._groups[group],
            self._turns.get(group.namespace, 0),
            self._turns.get(group, 0),
            place,
        )

    def _has_room(self, group: Group) -> bool:
        limits = [
            (self.limits.per_namespace, self._namespaces[group.namespace]),
            (self.limits.per_notebook if group.notebook else None, self._groups[group]),
            (self._own_limits.get(group), self._groups[group]),
        ]
        return all(limit is None or taken < limit for limit, taken in limits)

    def _withdraw(self, key: Key) -> None:
        for group in list(self._waiting):
            self._waiting[group].pop(key, None)
            if not self._waiting[group]:
                del self._waiting[group]
                self._queues.pop(group, None)
