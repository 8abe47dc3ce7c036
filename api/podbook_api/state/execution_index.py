"""Holds the namespace's executions: whole while they run, as a line in a list once they ended."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from cachetools import FIFOCache

from podbook_api.state.parameters_in_short import Pieces, pieces
from podbook_api.state.submission_order import Key, Kind, Orders
from podbook_crds import names
from podbook_crds.call_rules.submission import submitted_at
from podbook_crds.ends.phases import Phase
from podbook_crds.resources.execution import Execution
from podbook_crds.resources.warning import of_call

Resource = dict[str, Any]

# Whole final executions that are kept, because what has just ended is what is asked for.
_RECENT: Final = 256


@dataclass(frozen=True, slots=True)
class Line:
    """What a list shows of an execution."""

    name: str
    uid: str
    notebook: str | None  # The name of the Notebook resource; None for an inline notebook.
    notebook_id: str | None
    phase: Phase
    reason: str | None
    message: str
    submitted_at: str
    created_by: str | None
    started_at: str | None
    finished_at: str | None
    surface: str | None
    # How many warnings it has.
    warnings: int
    # The first parameters with their values in short: what tells one run from another in a list.
    parameters: Pieces
    # What two executions of a notebook have in common that were asked for with the same.
    parameters_hash: str | None
    # Of a notebook with a cache: what its answer is found by, and which call made it.
    answer_key: str | None = None
    request: str | None = None

    @property
    def seconds(self) -> float | None:
        """How long its cells took; None where they did not begin, or have not ended."""
        times = (self.started_at, self.finished_at)
        return seconds_between(
            *(None if at is None else datetime.fromisoformat(at) for at in times)
        )

    @property
    def key(self) -> Key:
        """Where it stands in the order of submission."""
        return Key(self.submitted_at, self.name)


class ExecutionIndex:
    """The listener of the executions' watch cache."""

    def __init__(self, *, changed: Callable[[Line], None] = lambda _: None) -> None:
        """Changed is told of each execution that is new, or in another phase."""
        self._changed = changed
        self._lines: dict[str, Line] = {}
        self._whole: dict[str, Resource] = {}
        self._recent: FIFOCache[str, Resource] = FIFOCache(_RECENT)
        self._by_uid: dict[str, str] = {}
        self._by_request: dict[str, str] = {}
        self._orders = Orders()
        self._waiters: dict[str, set[asyncio.Future[None]]] = {}

    def present(self, resource: Resource) -> None:
        """Take in a new or changed execution, and wake who waits for it."""
        line = _line(resource)
        before = self._lines.get(line.name)
        if before is None or _place(before) != _place(line):
            if before is not None:
                self._remove(before)
            self._orders.add(line.key, _kind(line))
        self._lines[line.name] = line
        self._by_uid[line.uid] = line.name
        if line.request is not None:
            self._by_request[line.request] = line.name
        self._keep(line, resource)
        self._wake(line.name)
        if before is None or (before.uid, before.phase) != (line.uid, line.phase):
            self._changed(line)

    def absent(self, name: str) -> None:
        """Forget an execution, and wake who waits for it."""
        line = self._lines.pop(name, None)
        if line is None:
            return
        self._remove(line)
        self._whole.pop(name, None)
        self._recent.pop(name, None)
        self._wake(name)

    def line(self, name: str) -> Line | None:
        """Return what a list shows of it, or None where it is not known here."""
        return self._lines.get(name)

    def requested(self, name: str) -> str | None:
        """Return the name of the execution that a call made which would have called it so."""
        return name if name in self._lines else self._by_request.get(name)

    def whole(self, name: str) -> Execution | None:
        """Return the execution, or None where it is not known here or only its line is kept."""
        resource = self._whole.get(name) or self._recent.get(name)
        return None if resource is None else Execution.from_resource(resource)

    def name_of(self, uid: str) -> str | None:
        """Return the name of the execution with that uid."""
        return self._by_uid.get(uid)

    def uids(self) -> set[str]:
        """Return the uids of all executions."""
        return set(self._by_uid)

    def queued(self) -> int:
        """Return how many wait for a slot."""
        return self.count(Phase.QUEUED)

    def count(self, phase: Phase) -> int:
        """Return how many are in the phase."""
        return self.count_of(Kind(phase=phase))

    def count_of(self, kind: Kind) -> int:
        """Return how many there are of the kind."""
        return self._orders.count(kind)

    def lines(self, kind: Kind, *, before: Key | None) -> Iterator[Line]:
        """Yield the lines of the kind newest first, from just before that key."""
        for key in self._orders.newest_first(kind, before=before):
            yield self._lines[key.name]

    def lines_oldest_first(self, kind: Kind, *, after: Key | None) -> Iterator[Line]:
        """Yield the lines of the kind oldest first, from just after that key."""
        for key in self._orders.oldest_first(kind, after=after):
            yield self._lines[key.name]

    def next_change(self, name: str) -> asyncio.Future[None]:
        """Return what is done as soon as the execution changes or is gone; cancel it when tired."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiters.setdefault(name, set()).add(future)
        future.add_done_callback(lambda done: self._forget(name, done))
        return future

    def _forget(self, name: str, future: asyncio.Future[None]) -> None:
        waiters = self._waiters.get(name, set())
        waiters.discard(future)
        if not waiters:
            self._waiters.pop(name, None)

    def wake(self) -> None:
        """Wake whoever waits for anything."""
        for name in list(self._waiters):
            self._wake(name)

    def _remove(self, line: Line) -> None:
        self._orders.remove(line.key, _kind(line))
        self._by_uid.pop(line.uid, None)
        if line.request is not None and self._by_request.get(line.request) == line.name:
            del self._by_request[line.request]

    def _keep(self, line: Line, resource: Resource) -> None:
        resource["metadata"].pop("managedFields", None)
        if not line.phase.is_final:
            self._whole[line.name] = resource
            return
        self._whole.pop(line.name, None)
        self._recent[line.name] = resource

    def _wake(self, name: str) -> None:
        for future in self._waiters.pop(name, ()):
            if not future.done():
                future.set_result(None)


def _place(line: Line) -> tuple[Any, ...]:
    """What decides where the line stands in which lists, and which execution it is."""
    return (line.uid, line.key, _kind(line))


def _kind(line: Line) -> Kind:
    return Kind(line.notebook_id, line.phase, line.parameters_hash, line.answer_key)


def _line(resource: Resource) -> Line:
    """Read the few fields that a list shows, without checking a whole execution for it."""
    metadata, status = resource["metadata"], resource.get("status") or {}
    annotations, labels = metadata.get("annotations") or {}, metadata.get("labels") or {}
    reference = resource["spec"]["notebook"]
    return Line(
        name=metadata["name"],
        uid=metadata["uid"],
        notebook=reference.get("name"),
        notebook_id=annotations.get(names.NOTEBOOK_ID_ANNOTATION) or reference.get("name"),
        phase=Phase(status.get("phase") or Phase.QUEUED),
        reason=status.get("reason"),
        message=status.get("message") or "",
        submitted_at=submitted_at(annotations, created=metadata["creationTimestamp"]),
        created_by=annotations.get(names.CREATED_BY_ANNOTATION),
        started_at=status.get("startedAt"),
        finished_at=status.get("finishedAt"),
        surface=annotations.get(names.SURFACE_ANNOTATION),
        warnings=len(status.get("warnings") or of_call(annotations)),
        parameters=pieces(resource["spec"], annotations.get(names.SECRETS_ANNOTATION)),
        parameters_hash=labels.get(names.PARAMETERS_LABEL),
        answer_key=labels.get(names.ANSWER_KEY_LABEL),
        request=labels.get(names.REQUEST_LABEL),
    )


def seconds_between(start: datetime | None, end: datetime | None) -> float | None:
    """Return how long it took, to the millisecond."""
    if start is None or end is None:
        return None
    return round(max((end - start).total_seconds(), 0), 3)
