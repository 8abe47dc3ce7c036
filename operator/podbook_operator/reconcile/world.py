"""Reads and writes one execution and its pods; what comes back goes into the cache.

Every write is refused if what it was decided on has changed; Conflict says so.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from podbook_crds.errors import Conflict, Refused
from podbook_crds.resources.execution import Execution, ExecutionStatus
from podbook_operator.cluster import EXECUTIONS, PODS, Cluster
from podbook_operator.config import ConfigFile
from podbook_operator.pod.state import PodState, read
from podbook_operator.rules.attempts import shortened
from podbook_operator.watch.cache import Cache
from podbook_operator.watch.queue_keys import Key


@dataclass(frozen=True, slots=True)
class World:
    """The cluster as far as it is known, and the ways to look again and to change it."""

    cluster: Cluster
    cache: Cache
    config: ConfigFile
    now: Callable[[], datetime]
    # Lets an execution be seen to again.
    enqueue: Callable[[Key], None]

    async def current(self, key: Key) -> Execution | None:
        """Return the execution. Absent from the cache means final or gone: a read tells which."""
        known = self.cache.execution(key.uid)
        return known if known is not None else await self.refreshed(key)

    async def refreshed(self, key: Key) -> Execution | None:
        """Return the execution as it stands in the cluster, None where it is gone."""
        found = await self.cluster.get(EXECUTIONS, key.namespace, key.name)
        if found is None or found["metadata"]["uid"] != key.uid:
            self.cache.forget_execution(key.uid)
            return None
        execution = Execution.from_resource(found)
        self.cache.put_execution(execution)
        return execution

    async def has_pod(self, execution: Execution) -> bool:
        """Look for the pod of the open attempt; tell whether that is news to the cache."""
        name = execution.pod_of(execution.status.attempts[-1])
        found = await self.cluster.get(PODS, execution.namespace, name)
        return found is not None and self.cache.put_pod(read(found))

    async def write(self, key: Key, execution: Execution, status: ExecutionStatus) -> None:
        """Write the status of an execution that is as it was decided on."""
        if status.phase.is_final and await self._has_moved_on(key, execution):
            raise Conflict(f"{key} changed since version {execution.resource_version}")
        try:
            written = await self._write_status(execution, status)
        except Refused as error:
            written = await self._write_status(execution, shortened(status, str(error)))
        self.cache.put_execution(Execution.from_resource(written))
        self.enqueue(key)

    async def delete(self, pod: PodState, grace_seconds: int | None = None) -> None:
        """Delete the pod, with its own grace where none is given."""
        where = (PODS, pod.namespace, pod.name)
        await self.cluster.delete(*where, uid=pod.uid, grace_seconds=grace_seconds)
        if grace_seconds is None:  # The pod's own, which it has from here.
            grace_seconds = self.config.current.termination_grace_seconds
        self.cache.pod_is_deleted(pod, now=self.now(), grace_seconds=grace_seconds)

    async def _has_moved_on(self, key: Key, execution: Execution) -> bool:
        """Look before an end is written: the intake, which hears of it first, may have been here.

        A read costs less than a write that is refused.
        """
        live = await self.refreshed(key)
        return live is None or live.resource_version != execution.resource_version

    async def _write_status(
        self, execution: Execution, status: ExecutionStatus
    ) -> dict[str, object]:
        return await self.cluster.write_status(
            EXECUTIONS,
            execution.namespace,
            execution.name,
            version=execution.resource_version,
            status=status.to_wire(),
        )
