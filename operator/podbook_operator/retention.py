"""Deletes executions whose time after their end is over, those of a sweep in one batch."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from pydantic import ValidationError

from podbook_crds.errors import PodbookError
from podbook_crds.execution import Execution
from podbook_crds.notebook import Defaults, Notebook
from podbook_operator.cache import Cache, key_of
from podbook_operator.cluster import EXECUTIONS, Cluster
from podbook_operator.keys import Key
from podbook_operator.webhook_delivery import is_pending

log = logging.getLogger(__name__)

_AT_ONCE: Final = 8


class Retention:
    """Sweeps regularly; what expires before the next sweep is deleted at its own moment."""

    def __init__(
        self,
        cluster: Cluster,
        cache: Cache,
        *,
        namespaces: list[str],
        now: Callable[[], datetime],
        sweep_seconds: Callable[[], float],
        on_final: Callable[[Execution], None],
    ) -> None:
        self._cluster = cluster
        self._cache = cache
        self._namespaces: list[str | None] = [*namespaces] or [None]
        self._now = now
        self._sweep_seconds = sweep_seconds
        # Told of every final execution that a sweep comes across.
        self._on_final = on_final
        self._next_sweep = now()
        self._soon: dict[Key, datetime] = {}
        self._changed = asyncio.Event()

    def note(self, execution: Execution) -> None:
        """An execution is final: it may have to go before the next sweep."""
        moment = self._expiry(execution)
        if moment is not None and moment < self._next_sweep:
            self._soon[key_of(execution)] = moment
            self._changed.set()

    async def run(self) -> None:
        """Delete what expires, until cancelled."""
        while True:
            moment = min([self._next_sweep, *self._soon.values()])
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
                for namespace in self._namespaces:
                    await self._sweep(namespace)
            expired = [key for key, moment in self._soon.items() if moment <= now]
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

    async def _delete(self, expired: list[Key]) -> None:
        for key in expired:
            del self._soon[key]
        limit = asyncio.Semaphore(_AT_ONCE)

        async def one(key: Key) -> None:
            async with limit:
                await self._delete_one(key)

        await asyncio.gather(*map(one, expired))
        if expired:
            log.info("deleted %d executions whose time was over", len(expired))

    async def _delete_one(self, key: Key) -> None:
        """Look once more: how long it is kept may have been changed meanwhile."""
        found = await self._cluster.get(EXECUTIONS, key.namespace, key.name)
        execution = None if found is None else _final(found)
        if execution is None or execution.uid != key.uid:
            return
        moment = self._expiry(execution)
        if moment is not None and moment <= self._now():
            await self._cluster.delete(EXECUTIONS, key.namespace, key.name, uid=key.uid)

    def _expiry(self, execution: Execution) -> datetime | None:
        finished_at = execution.status.finished_at
        # Whoever is to be told will want to read it.
        if finished_at is None or is_pending(execution):
            return None
        seconds = execution.spec.ttl_seconds_after_finished
        if seconds is None:
            name = execution.spec.notebook.name
            seconds = _defaults(self._cache.notebook(execution.namespace, name))
        return finished_at + timedelta(seconds=seconds)


def _defaults(notebook: Notebook | None) -> int:
    defaults = Defaults() if notebook is None else notebook.spec.defaults
    return defaults.ttl_seconds_after_finished


def _final(item: dict[str, object]) -> Execution | None:
    try:
        execution = Execution.from_resource(item)
    except ValidationError:
        return None
    return execution if execution.status.phase.is_final else None
