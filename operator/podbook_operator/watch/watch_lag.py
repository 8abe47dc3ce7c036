"""What the watches still owe us: states that we know of and that no watch has delivered.

Every write of ours and every list is a canary at no cost: a watch that is alive delivers the
resourceVersion that came back, or a later one, within seconds.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Any, Final

from podbook_kube.objects import Resource
from podbook_operator.cluster import EXECUTIONS, NOTEBOOKS, PODS
from podbook_operator.watch.cache import number

Stream = tuple[str, str]
Metadata = Mapping[str, Any]

_WATCHED: Final = {PODS, EXECUTIONS, NOTEBOOKS}


@dataclass(slots=True)
class _Owed:
    """The oldest and the newest resourceVersion that are known and were not delivered."""

    oldest: int
    newest: int
    since: float


class Expectations:
    """Tells for how long a watch has been owing a state."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._delivered: dict[Stream, int] = {}
        self._owed: dict[Stream, _Owed] = {}

    def expect(self, resource: Resource, namespace: str, version: str) -> None:
        """A write of ours or a list brought this state."""
        stream, known = (resource.plural, namespace), number(version)
        if resource not in _WATCHED:
            return
        if known <= self._delivered.get(stream, 0):
            return
        owed = self._owed.get(stream)
        if owed is None:
            self._owed[stream] = _Owed(known, known, self._clock())
        else:
            owed.newest = max(owed.newest, known)

    def deliver(self, resource: Resource, namespace: str, version: str) -> None:
        """The watch brought this state, so everything older too."""
        stream, known = (resource.plural, namespace), number(version)
        known = self._delivered[stream] = max(known, self._delivered.get(stream, 0))
        owed = self._owed.get(stream)
        if owed is None or owed.oldest > known:
            return
        if owed.newest <= known:
            del self._owed[stream]
        else:
            self._owed[stream] = _Owed(owed.newest, owed.newest, self._clock())

    def listed(self, resource: Resource, namespace: str | None, items: list[Metadata]) -> None:
        """A complete list of a namespace, or of all (None), is all that the watch can still owe."""
        newest: dict[str, int] = {}
        for item in items:
            where, version = item["namespace"], number(item["resourceVersion"])
            newest[where] = max(version, newest.get(where, 0))
        for plural, where in list(self._owed):
            if plural != resource.plural or namespace not in {None, where}:
                continue
            if newest.get(where, 0) <= self._delivered.get((plural, where), 0):
                del self._owed[plural, where]
        for where, version in newest.items():
            self.expect(resource, where, str(version))

    def overdue(self, seconds: float) -> list[str]:
        """Return the streams that have been owing for longer than that; from any thread."""
        now = self._clock()
        return [
            f"{plural} of {namespace}"
            for (plural, namespace), owed in list(self._owed.items())
            if now - owed.since > seconds
        ]
