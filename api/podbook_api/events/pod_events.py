"""What the cluster tells of a run's pods: why one waits, and what became of it on its node.

Kubernetes forgets such events within an hour: of a run that the cluster failed they are kept.
"""

import json
import logging
from collections.abc import Iterable
from typing import Any, Final

from podbook_api.artifacts.store import POD, Store, artifact_path
from podbook_api.events.masked_texts import masked_text
from podbook_api.http.problems import Problem
from podbook_api.state.cluster import Cluster
from podbook_crds.errors import PodbookError
from podbook_crds.resources.execution import Execution

_log = logging.getLogger(__name__)

# Of one pod; the same again is one event with a count.
LIMIT: Final = 50
_READ: Final = 200
# Bytes of what is kept of a pod.
_KEPT: Final = 512 * 1024

PodEvent = dict[str, Any]


class PodEvents:
    """Reads the events of pods, and keeps them."""

    def __init__(self, cluster: Cluster, store: Store) -> None:
        self._cluster = cluster
        self._store = store

    async def read(
        self, execution: Execution, number: int | None, secrets: Iterable[str]
    ) -> dict[str, Any]:
        """Return the events of a pod of the run, the newest last; by default of the last pod.

        There are none before a pod was made. Raises Problem where there is no such attempt.
        """
        pods = [each for each in pods_of(execution) if number in (None, each[0])]
        if not pods:
            detail = f"execution {execution.name} has no attempt {number}"
            raise Problem(404, "no-log", "There is no such attempt", detail)
        items: list[PodEvent] = []
        for looked_at in pods[:2]:
            items = await self._known(execution.uid, *looked_at)
            if items:
                break
        else:
            looked_at = pods[0]
        hidden = list(secrets)
        shown = [{**each, "message": masked_text(each["message"], hidden)} for each in items]
        return {"attempt": looked_at[0], "pod": looked_at[1], "items": shown}

    async def keep(self, execution: Execution) -> None:
        """Keep those of the last pod; no run fares worse because that is not possible."""
        number, pod = pods_of(execution)[0]
        try:
            found = told(await self._cluster.events_of_pod(pod, limit=_READ))
            if found:
                data = json.dumps(found).encode()
                await self._store.put(_path(execution.uid, number), data)
        except PodbookError as error:
            _log.info("the events of pod %s are not kept: %s", pod, error)

    async def _known(self, uid: str, number: int, pod: str) -> list[PodEvent]:
        """Return what the cluster knows, or what was kept, where it has forgotten some of it."""
        kept = await self._kept(uid, number)
        now = told(await self._cluster.events_of_pod(pod, limit=_READ))
        return now if len(now) >= len(kept) else kept

    async def _kept(self, uid: str, number: int) -> list[PodEvent]:
        data = await self._store.get(_path(uid, number))
        return [] if data is None or len(data) > _KEPT else json.loads(data)


def told(events: Iterable[dict[str, Any]]) -> list[PodEvent]:
    """Return what there is to know of events as the cluster has them: the newest, in order."""
    found = sorted((_told(event) for event in events), key=lambda each: each["lastAt"] or "")
    return found[-LIMIT:]


def _told(event: dict[str, Any]) -> PodEvent:
    """Of both kinds of writers: with a time and a count, or with a series of them."""
    series = event.get("series") or {}
    created = (event.get("metadata") or {}).get("creationTimestamp")
    first = event.get("firstTimestamp") or event.get("eventTime") or created
    source = (event.get("source") or {}).get("component")
    return {
        "type": str(event.get("type") or "Normal"),
        "reason": masked_text(str(event.get("reason") or "")),
        "message": masked_text(str(event.get("message") or "")),
        "count": max(1, int(series.get("count") or event.get("count") or 1)),
        "firstAt": first,
        "lastAt": series.get("lastObservedTime") or event.get("lastTimestamp") or first,
        "source": str(event.get("reportingComponent") or source or ""),
    }


def pods_of(execution: Execution) -> list[tuple[int, str]]:
    """Return attempts and their pods, the newest first; none is recorded of a pod that waits.

    So of a run that goes on, and whose last attempt is over, the next one comes first.
    """
    status = execution.status
    pods = [(each.number, execution.pod_of(each)) for each in reversed(status.attempts)]
    is_over = not pods or status.attempts[-1].finished_at is not None
    if not pods or (is_over and not status.phase.is_final):
        pods.insert(0, (status.next_attempt, execution.next_pod))
    return pods


def _path(uid: str, number: int) -> str:
    return artifact_path(uid, f"{POD}/{number}/events.json")
