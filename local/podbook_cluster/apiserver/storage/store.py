"""Holds all objects in memory, and lets a write be seen once the journal has it on the disk."""

import asyncio
from bisect import bisect_left
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from podbook_cluster.apiserver.storage.journal import Batch, Journal, Row
from podbook_cluster.apiserver.storage.records import Change, ChangeType, Key, Record
from podbook_cluster.apiserver.terms.errors import StorageUnusable, expired
from podbook_cluster.apiserver.terms.resources import Resource

HISTORY_LIMIT: Final = 10_000
"""Changes kept for watches that resume and for lists that continue."""

HISTORY_LIMIT_BYTES: Final = 64 * 2**20
"""The size of those changes, where they are few and large."""

Listener = Callable[[Change], None]


class Store:
    """All objects, their history, and the order of their writes.

    A write changes the state in memory at once, so that the next one is decided on it. Whoever
    answers a client waits for `durable` first; watchers are told after the commit.
    """

    def __init__(self, journal: Journal, *, history_limit: int = HISTORY_LIMIT) -> None:
        self.revision = 1
        self.committed = 1
        self.compacted = 1
        self._journal = journal
        self._history_limit = history_limit
        self._objects: dict[str, dict[Key, Record]] = defaultdict(dict)
        self._sorted: dict[str, list[Key]] = {}
        self._dependents: dict[str, set[tuple[str, Key]]] = defaultdict(set)
        self._uids: dict[str, tuple[str, Key]] = {}
        self._history: deque[Change] = deque()
        self._history_size = 0
        self._pending: list[Change] = []
        self._wake = asyncio.Event()
        self._waiters: deque[tuple[int, asyncio.Future[None]]] = deque()
        self._listeners: list[Listener] = []
        self._failure: StorageUnusable | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="journal")

    # Reading

    def get(self, resource: Resource, key: Key) -> Record | None:
        """Return the newest revision of an object."""
        return self._objects[resource.stored.qualified].get(key)

    def get_at(self, resource: Resource, key: Key, revision: int) -> Record | None:
        """Return an object as it was at a revision of the kept history.

        At `committed` that is what is on the disk.
        """
        undone = self._undone(resource, key[0], revision)
        return undone[key] if key in undone else self.get(resource, key)

    def get_by_uid(self, uid: str) -> Record | None:
        """Return the object with this uid."""
        place = self._uids.get(uid)
        return self._objects[place[0]].get(place[1]) if place else None

    def dependents(self, uid: str) -> list[Record]:
        """Return the objects that name `uid` among their owners."""
        return [self._objects[name][key] for name, key in sorted(self._dependents.get(uid, ()))]

    def scan(self, resource: Resource, namespace: str) -> list[Record]:
        """Return a resource's objects ("" for all namespaces), sorted by namespace and name."""
        objects = self._objects[resource.stored.qualified]
        keys = self._sorted.get(resource.stored.qualified)
        if keys is None:
            keys = self._sorted[resource.stored.qualified] = sorted(objects)
        if not namespace:
            return [objects[key] for key in keys]
        start, end = bisect_left(keys, (namespace, "")), bisect_left(keys, (namespace + "\0", ""))
        return [objects[key] for key in keys[start:end]]

    def scan_at(self, resource: Resource, namespace: str, revision: int) -> list[Record]:
        """Return what `scan` returned at an earlier revision.

        Raises:
            ApiError: 410 where the history does not reach back that far.

        """
        self.check_not_compacted(revision)
        undone = self._undone(resource, namespace, revision)
        now = self.scan(resource, namespace)
        if not undone:
            return now
        then = {record.key: record for record in now} | undone
        return [record for key in sorted(then) if (record := then[key]) is not None]

    def _undone(
        self, resource: Resource, namespace: str, revision: int
    ) -> dict[Key, Record | None]:
        """Return what the objects that changed after `revision` were then."""
        name = resource.stored.qualified
        undone: dict[Key, Record | None] = {}
        for change in reversed(self._history):
            if change.revision <= revision:
                break
            record = change.record
            if record.resource == name and (not namespace or record.namespace == namespace):
                undone[record.key] = change.previous
        return undone

    def changes_since(self, resource: Resource, revision: int) -> Iterator[Change]:
        """Yield the committed changes of a resource after `revision`, oldest first."""
        for change in self._history:
            if (
                revision < change.revision <= self.committed
                and change.record.resource == resource.stored.qualified
            ):
                yield change

    def check_not_compacted(self, revision: int) -> None:
        """Raise an ApiError (410) where changes after `revision` are no longer all known."""
        if revision < self.compacted:
            raise expired(f"too old resource version: {revision} ({self.compacted})")

    # Writing

    def next_revision(self) -> int:
        """Return the number for the next write; every write of any object gets its own."""
        return self.revision + 1

    def write(self, kind: ChangeType, record: Record) -> None:
        """Take over a write whose record carries `next_revision()`."""
        previous = self._objects[record.resource].get(record.key)
        self.revision = record.revision
        change = Change(kind, record, previous)
        self._take(change)
        self._pending.append(change)
        self._wake.set()

    async def durable(self, revision: int) -> None:
        """Return once the write of `revision`, and all before it, are on the disk.

        Raises:
            StorageUnusable: they will never be.

        """
        if revision <= self.committed:
            return
        if self._failure is not None:
            raise self._failure
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiters.append((revision, future))
        await future

    def subscribe(self, listener: Listener) -> None:
        """Call `listener` with every change, in order, once it is on the disk."""
        self._listeners.append(listener)

    def compact(self) -> None:
        """Forget the whole history, as a server does after some minutes."""
        while self._history and self._history[0].revision <= self.committed:
            self.compacted = self._drop_oldest().revision
        self.compacted = max(self.compacted, self.committed)

    def reindex(self, resource: Resource, read: Callable[[Resource, bytes, int], Record]) -> None:
        """Read the objects of a resource anew, whose selectable fields are others now."""
        objects = self._objects[resource.stored.qualified]
        for key, record in objects.items():
            objects[key] = read(resource, record.body, record.revision)

    # Life

    def restore(self, row: Row, record: Record) -> None:
        """Take over one revision of the journal, oldest first."""
        previous = self._objects[record.resource].get(record.key)
        kind: ChangeType = "DELETED" if row.deleted else "MODIFIED" if previous else "ADDED"
        self._take(Change(kind, record, previous))
        self.revision = self.committed = max(self.revision, row.revision)

    def restored(self, compacted: int) -> None:
        """End the restoring: changes up to `compacted` are not part of the history."""
        self.compacted = max(self.compacted, compacted)
        while self._history and self._history[0].revision <= self.compacted:
            self._drop_oldest()

    async def commit_forever(self) -> None:
        """Commit what is pending, all at once, again and again; raises StorageUnusable."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            changes, self._pending = self._pending, []
            batch = Batch(tuple(_row(change) for change in changes), self._forget(), self.compacted)
            try:
                await self._commit(batch)
            except StorageUnusable as error:
                self._fail(error)
                raise
            self._publish(changes)

    async def close(self) -> None:
        """Write what is pending and close the journal."""
        if self._pending and self._failure is None:
            batch = Batch(tuple(_row(change) for change in self._pending), (), self.compacted)
            self._pending = []
            await self._commit(batch)
        self._thread.shutdown()
        self._journal.close()

    async def _commit(self, batch: Batch) -> None:
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._thread, self._journal.commit, (batch,))

    def _fail(self, error: StorageUnusable) -> None:
        self._failure = error
        for _, future in self._waiters:
            if not future.done():
                future.set_exception(error)
        self._waiters.clear()

    def _publish(self, changes: list[Change]) -> None:
        self.committed = changes[-1].revision
        while self._waiters and self._waiters[0][0] <= self.committed:
            _, future = self._waiters.popleft()
            if not future.done():
                future.set_result(None)
        for change in changes:
            for listener in self._listeners:
                listener(change)

    def _take(self, change: Change) -> None:
        record, previous = change.record, change.previous
        place = (record.resource, record.key)
        if previous is not None:
            for owner in previous.owners:
                self._dependents[owner].discard(place)
        if change.type == "DELETED":
            self._objects[record.resource].pop(record.key, None)
            self._uids.pop(record.uid, None)
        else:
            self._objects[record.resource][record.key] = record
            self._uids[record.uid] = place
            for owner in record.owners:
                self._dependents[owner].add(place)
        if previous is None or change.type == "DELETED":
            self._sorted.pop(record.resource, None)
        self._history.append(change)
        self._history_size += len(record.body)

    def _drop_oldest(self) -> Change:
        change = self._history.popleft()
        self._history_size -= len(change.record.body)
        return change

    def _forget(self) -> tuple[int, ...]:
        """Shorten the history; return the revisions that nothing can ask for any more."""
        forgotten: list[int] = []
        while (
            len(self._history) > self._history_limit or self._history_size > HISTORY_LIMIT_BYTES
        ) and self._history[0].revision <= self.committed:
            change = self._drop_oldest()
            self.compacted = change.revision
            if change.previous is not None:
                forgotten.append(change.previous.revision)
            if change.type == "DELETED":
                forgotten.append(change.revision)
        return tuple(forgotten)


def _row(change: Change) -> Row:
    record = change.record
    return Row(
        record.revision,
        record.resource,
        record.namespace,
        record.name,
        change.type == "DELETED",
        record.body,
    )
