"""Kubernetes events on an execution: for what went wrong, at most a few a second.

A run that goes well writes none. The same again on the same execution is one event with a count,
as https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/ has it.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import uuid4

from cachetools import FIFOCache

from podbook_crds import names
from podbook_crds.ends.phases import Phase
from podbook_crds.ends.reasons import EXPLANATIONS, Fault
from podbook_crds.errors import PodbookError, Refused
from podbook_crds.resources.execution import Execution
from podbook_crds.resources.model import micro_time
from podbook_operator.cluster import EVENTS, Cluster

log = logging.getLogger(__name__)

_NOTE_LIMIT: Final = 1024
_WAITING: Final = 200
_REMEMBERED: Final = 1000
_PAUSE_SECONDS: Final = 0.2


@dataclass(slots=True)
class _Posted:
    name: str
    count: int = 1


class Events:
    """Queues events and posts them one after the other; what comes too fast is left out."""

    def __init__(self, cluster: Cluster, *, now: Callable[[], datetime], instance: str) -> None:
        self._cluster = cluster
        self._now = now
        self._instance = instance
        self._waiting: asyncio.Queue[Execution] = asyncio.Queue(_WAITING)
        self._posted: FIFOCache[tuple[str, str], _Posted] = FIFOCache(_REMEMBERED)
        self.left_out = 0

    def note(self, execution: Execution, before: Phase | None) -> None:
        """A state was seen for the first time; only those that somebody has to know of count."""
        reason = execution.status.reason
        if before is None or reason is None or EXPLANATIONS[reason].fault is Fault.NOBODY:
            return
        try:
            self._waiting.put_nowait(execution)
        except asyncio.QueueFull:
            self.left_out += 1

    async def run(self) -> None:
        """Post until cancelled."""
        while True:
            execution = await self._waiting.get()
            try:
                await self._post(execution)
            except PodbookError as error:
                log.info("%s/%s: event not posted: %s", execution.namespace, execution.name, error)
            await asyncio.sleep(_PAUSE_SECONDS)

    async def _post(self, execution: Execution) -> None:
        key = (execution.uid, str(execution.status.reason))
        posted = self._posted.get(key)
        if posted is not None and await self._is_counted(execution, posted):
            return
        body = self._event(execution)
        await self._cluster.create(EVENTS, execution.namespace, body)
        self._posted[key] = _Posted(body["metadata"]["name"])

    async def _is_counted(self, execution: Execution, posted: _Posted) -> bool:
        posted.count += 1
        series = {"count": posted.count, "lastObservedTime": micro_time(self._now())}
        try:
            await self._cluster.amend(EVENTS, execution.namespace, posted.name, {"series": series})
        except Refused:  # The API server keeps events for an hour.
            return False
        return True

    def _event(self, execution: Execution) -> dict[str, Any]:
        status = execution.status
        return {
            "apiVersion": "events.k8s.io/v1",
            "kind": "Event",
            "metadata": {
                "name": f"{execution.name[:200]}.{uuid4().hex[:16]}",
                "namespace": execution.namespace,
            },
            "eventTime": micro_time(self._now()),
            "type": "Warning",
            "reason": str(status.reason),
            "action": "Finish" if status.phase.is_final else "Wait",
            "note": (status.message or str(status.reason))[:_NOTE_LIMIT],
            "regarding": {
                "apiVersion": names.API_VERSION,
                "kind": names.EXECUTION_KIND,
                "namespace": execution.namespace,
                "name": execution.name,
                "uid": execution.uid,
            },
            "reportingController": f"{names.GROUP}/operator",
            "reportingInstance": self._instance,
        }
