"""Reads in the logs of runs how far their cells are; each on from where it was read last."""

import asyncio
import json
from typing import Any, Final

from cachetools import LRUCache

from podbook_api.artifacts.store import Store
from podbook_api.events import lines
from podbook_api.events.segments import Segments
from podbook_crds.log.events import EventType
from podbook_crds.protocol.intake import Progress

_REMEMBERED: Final = 4096
_PLANNED: Final = b'{"type":"%s",' % EventType.PLANNED.encode()
_CELL: Final = b'{"type":"cell.'
# Where in a plan what cells are to run begins, and how each ended: no text of it holds this.
_STATE: Final = b',"toRun":'
# Pods wrote what is read here, in a process that others wait for.
_STATE_LIMIT: Final = 256 * 1024
_CELL_LIMIT: Final = 1024
_BROKEN: Final = (ValueError, TypeError, LookupError, AttributeError, RecursionError)


class Reached:
    """How far the cells of runs are."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._counts: LRUCache[tuple[str, int], _Count] = LRUCache(_REMEMBERED)

    async def of(self, execution_uid: str, attempt: int) -> Progress | None:
        """Return how far an attempt's cells are by its log, None where it has none."""
        count = self._counts.setdefault((execution_uid, attempt), _Count())
        segments = Segments(self._store, execution_uid, attempt)
        async with count.lock:
            firsts = await segments.firsts()
            known = max((first for first in firsts if first <= count.following), default=0)
            for first in (first for first in firsts if first >= known):
                await count.read(first, await segments.bare(first))
            return count.progress


class _Count:
    """What one log says, as far as it was read."""

    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.following = 1
        self._total: int | None = None
        self._running: int | None = None
        self._is_ok: dict[int, bool] = {}

    @property
    def progress(self) -> Progress | None:
        if self._total is None:
            return None
        completed = sum(self._is_ok.values())
        return Progress(cells_total=self._total, cells_completed=completed, cell=self._running)

    async def read(self, first: int, data: bytes) -> None:
        """Take in a segment that begins with that number; what was read before is passed over."""
        number = first
        async for _, told in lines.pieces(data):
            for line in told:
                if number >= self.following:
                    self._take(line)
                    self.following = number + 1
                number += 1

    def _take(self, line: bytes) -> None:
        try:
            if line.startswith(_PLANNED):
                state = line[line.rfind(_STATE) + 1 :]
                if len(state) <= _STATE_LIMIT:
                    self._plan(json.loads(b"{" + state))
            elif line.startswith(_CELL) and len(line) <= _CELL_LIMIT:
                self._change(json.loads(line))
        except _BROKEN:
            return  # What a pod made up says nothing.

    def _plan(self, state: dict[str, Any]) -> None:
        ends = {int(cell): end[0] == "ok" for cell, end in state["finished"].items()}
        total, running = len(state["toRun"]), state["running"]
        self._total, self._is_ok = total, ends
        self._running = running if isinstance(running, int) else None

    def _change(self, event: dict[str, Any]) -> None:
        cell = int(event["cell"])
        if event["type"] == EventType.CELL_STARTED:
            self._running = cell
        elif event["type"] == EventType.CELL_FINISHED and len(self._is_ok) <= (self._total or 0):
            self._is_ok[cell], self._running = event["status"] == "ok", None
