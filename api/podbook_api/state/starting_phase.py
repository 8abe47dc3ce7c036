"""Tells a queued execution whose pod exists from one that waits for a slot: nobody writes that."""

import time
from typing import Final

from cachetools import FIFOCache

from podbook_api.state.cluster import Cluster
from podbook_crds.ends.phases import Phase
from podbook_crds.ends.reasons import Reason
from podbook_crds.errors import PodbookError
from podbook_crds.resources.execution import Execution

# Many may poll for one execution: the cluster is asked no more often than this.
_SECONDS: Final = 0.5
_REMEMBERED: Final = 1024
# What the operator says of a pod that is there and does not get on.
_SAID_OF_A_POD: Final = {Reason.IMAGE_UNAVAILABLE}


class Starts:
    """Looks for the pods of queued executions."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._known: FIFOCache[str, tuple[float, bool]] = FIFOCache(_REMEMBERED)

    async def derived(self, execution: Execution) -> Execution:
        """Return the execution, in phase Starting where it is queued and its next pod exists."""
        status = execution.status
        if status.phase is not Phase.QUEUED or not await self._has_pod(execution):
            return execution
        if status.reason is Reason.UNSCHEDULABLE:
            return execution  # Its pod waits for a node, as others wait for a slot.
        reason = status.reason if status.reason in _SAID_OF_A_POD else Reason.POD_CREATED
        update = {"phase": Phase.STARTING, "reason": reason}
        return execution.model_copy(update={"status": status.model_copy(update=update)})

    async def _has_pod(self, execution: Execution) -> bool:
        name = execution.next_pod
        until, known = self._known.get(name, (0.0, False))
        if until > time.monotonic():
            return known
        try:
            found = await self._cluster.get("pods", name) is not None
        except PodbookError:
            return False  # Queued is true as well, and all that is known just now.
        self._known[name] = (time.monotonic() + _SECONDS, found)
        return found
