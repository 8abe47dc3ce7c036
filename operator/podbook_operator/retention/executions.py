"""Deletes executions whose time after their end is over, those of a sweep in one batch."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from pydantic import ValidationError

from podbook_crds import names
from podbook_crds.ends.latest import Latest, keeps_latest
from podbook_crds.ends.phases import Phase
from podbook_crds.errors import Conflict, PodbookError
from podbook_crds.resources.execution import Execution
from podbook_crds.resources.notebook import Defaults, Notebook
from podbook_operator.cluster import EXECUTIONS, Cluster
from podbook_operator.notifications.webhooks.delivery import is_pending
from podbook_operator.retention import revisions
from podbook_operator.watch.cache import Cache, key_of
from podbook_operator.watch.queue_keys import Key

log = logging.getLogger(__name__)

_AT_ONCE: Final = 8


class _Ended(NamedTuple):
    """What decides how long an execution is kept, as it stood at that resourceVersion."""

    key: Key
    version: str
    finished_at: datetime
    # Its own; None is what its notebook says.
    seconds: int | None
    notebook: str | None
    # Of one that succeeded: what it was asked for with.
    parameters: str | None


class Retention:
    """Sweeps regularly; what expires before the next sweep is deleted at its own moment."""

    def __init__(
        self,
        cluster: Cluster,
        cache: Cache,
        *,
        now: Callable[[], datetime],
        sweep_seconds: Callable[[], float],
        on_final: Callable[[Execution], None],
    ) -> None:
        self._cluster = cluster
        self._cache = cache
        self._now = now
        self._sweep_seconds = sweep_seconds
        # Told of every final execution that a sweep comes across.
        self._on_final = on_final
        self._next_sweep = now()
        self._soon: dict[Key, tuple[datetime, _Ended]] = {}
        self._changed = asyncio.Event()

    def note(self, execution: Execution) -> None:
        """An execution is final: it may have to go before the next sweep."""
        ended = _ended(execution)
        if ended is not None and (moment := self._expiry(ended)) < self._next_sweep:
            self._soon[ended.key] = (moment, ended)
            self._changed.set()

    async def run(self) -> None:
        """Delete what expires, until cancelled."""
        while True:
            moment = min([self._next_sweep, *(moment for moment, _ in self._soon.values())])
            wait = (moment - self._now()) / timedelta(seconds=1)
            try:
                await asyncio.wait_for(self._changed.wait(), max(wait, 0))
                self._changed.clear()
            except TimeoutError:
                await self._due()

    async def _due(self) -> None:
        now = self._now()
        try:
            if now >= self._next_sweep:
                self._next_sweep = now + timedelta(seconds=self._sweep_seconds())
                for namespace in self._cluster.namespaces:
                    await self._sweep(namespace)
                    await revisions.sweep(self._cluster, self._cache, namespace, now)
            expired = [ended for moment, ended in self._soon.values() if moment <= now]
            await self._delete(expired)
        except PodbookError as error:
            log.warning("deleting what is expired: %s; the next sweep tries again", error)

    async def _sweep(self, namespace: str | None) -> None:
        async for page in self._cluster.pages(EXECUTIONS, namespace):
            for item in page["items"]:
                execution = _final(item)
                if execution is not None:
                    self._on_final(execution)
                    self.note(execution)

    async def _delete(self, expired: list[_Ended]) -> None:
        for ended in expired:
            del self._soon[ended.key]
        limit = asyncio.Semaphore(_AT_ONCE)

        async def one(ended: _Ended) -> None:
            async with limit:
                await self._delete_one(ended)

        await asyncio.gather(*map(one, expired))
        if expired:
            log.info("deleted %d executions whose time was over", len(expired))

    async def _delete_one(self, ended: _Ended) -> None:
        """Delete it as it was seen: how long it is kept may have been changed meanwhile."""
        key = ended.key
        if self._expiry(ended) > self._now() or await self._is_latest(ended):
            return
        where = (EXECUTIONS, key.namespace, key.name)
        try:
            await self._cluster.delete(*where, uid=key.uid, version=ended.version)
        except Conflict:
            found = await self._cluster.get(*where)
            execution = None if found is None else _final(found)
            if execution is not None and execution.uid == key.uid:
                self.note(execution)

    async def _is_latest(self, ended: _Ended) -> bool:
        """Whether it is a result that its notebook keeps until there is a newer one."""
        key, notebook = ended.key, self._cache.referred(ended.key.namespace, ended.notebook)
        if ended.parameters is None or notebook is None or not keeps_latest(notebook):
            return False
        latest, selector = Latest(), f"{names.PARAMETERS_LABEL}={ended.parameters}"
        latest.notebook(notebook)
        async for page in self._cluster.pages(EXECUTIONS, key.namespace, labelSelector=selector):
            for item in page["items"]:
                latest.execution(item)
        return key.uid in latest.uids()

    def _expiry(self, ended: _Ended) -> datetime:
        seconds = ended.seconds
        if seconds is None:
            seconds = _defaults(self._cache.referred(ended.key.namespace, ended.notebook))
        return ended.finished_at + timedelta(seconds=seconds)


def _ended(execution: Execution) -> _Ended | None:
    """Return what there is to remember; None where whoever is to be told will want to read it.

    None as well where somebody said that it is to be kept.
    """
    finished_at, spec = execution.status.finished_at, execution.spec
    if finished_at is None or spec.keep or is_pending(execution):
        return None
    own = spec.ttl_seconds_after_finished
    version = execution.resource_version
    succeeded = execution.status.phase is Phase.SUCCEEDED
    parameters = execution.labels.get(names.PARAMETERS_LABEL) if succeeded else None
    return _Ended(key_of(execution), version, finished_at, own, spec.notebook.name, parameters)


def _defaults(notebook: Notebook | None) -> int:
    defaults = Defaults() if notebook is None else notebook.spec.defaults
    return defaults.ttl_seconds_after_finished


def _final(item: dict[str, object]) -> Execution | None:
    try:
        execution = Execution.from_resource(item)
    except ValidationError:
        return None
    return execution if execution.status.phase.is_final else None
